"""What a server's `pre-receive` starts: one answer for all that is pushed, in the pusher's words.

The interpreter was started isolated and without its site packages.
"""

import os
import sys
import time

from codexa_git.cli.outlets import open_up
from codexa_git.errors import CodexaError, Exit

TYPE_CHECKING = False  # for `typing` has nothing else to say here
if TYPE_CHECKING:
    from importlib.machinery import ModuleSpec


def run() -> None:
    """Answer for the push that git hands this hook, and end the process with the answer's status.

    The server's clock counts, and no variable that a pusher could bring.
    """
    sys.meta_path.append(_Packages())
    open_up()
    status = received(dict(os.environ), os.getcwd(), int(time.time()))  # noqa: PTH109 (no pathlib here)
    sys.stderr.flush()
    os._exit(status)


class _Packages:
    """Other people's packages, found from when the first of them is asked for."""

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> "ModuleSpec | None":
        """The module `name`, which nobody found before; `None` where it is nowhere."""
        del target
        is_none = path is not None or name in sys.stdlib_module_names  # of another system, say
        if is_none or self not in sys.meta_path:
            return None
        sys.meta_path.remove(self)
        import site
        from _frozen_importlib_external import PathFinder  # what `importlib.machinery` hands on

        site.main()
        return PathFinder.find_spec(name)


def received(environment: dict[str, str], folder: str, at: int) -> int:
    """The status of the hook: 0 where everything that is pushed is taken."""
    from codexa_git.hooks.foreseeing import foreseen
    from codexa_git.hooks.quarantine import handed
    from codexa_git.repository.opening import served

    try:
        pushed = sys.stdin.buffer.read()
        oid = pushed.partition(b" ")[0].decode("utf-8", "replace")
        asked = served(folder, handed(environment, folder), oid, foreseen(folder, pushed))
        from codexa_git.hooks.receiving import before_receive, updates_of
        from codexa_git.hooks.surroundings import require_own_refs
        from codexa_git.repository.store import Store

        require_own_refs(environment)
        updates = updates_of(pushed)
        with Store.opened(asked) as store:
            told = before_receive(store, at, updates)
    except CodexaError as error:
        told = (error,)
    except Exception as error:  # noqa: BLE001 (the boundary: where nothing was decided, nothing is taken)
        _say(f"error: nothing was decided: {type(error).__name__}: {error}")
        _say("hint: whoever keeps the server runs it by hand: git codexa server receive")
        return Exit.BUG
    for refusal in told:
        _tell(refusal)
    return _worst(told)


def _worst(told: tuple[CodexaError, ...]) -> int:
    """Yes where nothing was told; a no before what could not be answered."""
    if not told:
        return Exit.YES
    return Exit.NO if any(error.exit is Exit.NO for error in told) else Exit.NO_ANSWER


def _tell(error: CodexaError) -> None:
    from codexa_git.cli.refusals import told

    _say(told(error.message, error.details, error.hints))


def _say(text: str) -> None:
    sys.stderr.write(text.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")
