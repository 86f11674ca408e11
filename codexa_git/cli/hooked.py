"""What a native hook starts: an answer at once where there is one, else the whole command.

The interpreter was started without its site packages, and until the second line of `run` imports
nothing that is not built into it.
"""

import posix
import sys

from codexa_git.hooks.quick import decides


def run() -> None:
    """Answer for the hook that the arguments name, and end the process with the answer's status."""
    hook, *arguments = sys.argv[1:]
    if decides(hook, arguments):
        posix._exit(0)  # noqa: SLF001 (its name; nothing has to be taken apart)
    import site

    site.main()
    from codexa_git.cli.main import run as whole

    sys.argv = ["git-codexa", "hooks", "run", hook, "--", *arguments]
    whole()
