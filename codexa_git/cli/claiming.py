"""Who sits here is said by git's configuration files, and by nothing that one command was given.

What git hands down (`git -c`, `GIT_CONFIG_KEY_0`) reaches no child of ours: a repository, a hook or
a script could set it, too. Whoever set it meant somebody else, though, and is told before anything
is signed. `GIT_AUTHOR_EMAIL` and its like name who wrote a commit, which is another matter.
"""

import re
from collections.abc import Iterator, Mapping
from shlex import quote, split

from codexa_git.errors import RefusedError
from codexa_git.repository.store import Store

_GIVEN = "GIT_CONFIG_PARAMETERS"
_KEY, _VALUE = "GIT_CONFIG_KEY_", "GIT_CONFIG_VALUE_"
_NAMES = re.compile(r"(user|author|committer)\.(name|email|signingkey)", re.IGNORECASE)


def require_configured(store: Store, environment: Mapping[str, str]) -> None:
    """Nothing: no setting of this command alone names somebody else than git's files do.

    Raises:
        RefusedError: one does.
    """
    for key, value in _handed_down(environment):
        found = _NAMES.fullmatch(key)
        if found is None:
            continue
        known = f"user.{found[2].lower()}"
        if value != (store.config(known) or ""):
            raise RefusedError(
                f"git was told {key.lower()} for this command alone,"
                " and who acts and signs is asked of its configuration files",
                hint=f"git config {known} {quote(value) if value else '...'}, and ask again",
            )


def _handed_down(environment: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Each setting that git, or whoever started it, gave by way of the environment."""
    try:
        given = split(environment.get(_GIVEN, ""))
    except ValueError:
        given = []  # git itself reads nothing of that
    for one in given:
        key, _, value = one.partition("=")
        yield key, value
    for name, key in environment.items():
        if name.startswith(_KEY):
            yield key, environment.get(f"{_VALUE}{name.removeprefix(_KEY)}", "")
