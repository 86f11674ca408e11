"""What git hands a server's hook: the repository, and the quarantine that holds what is pushed."""

import os

TYPE_CHECKING = False  # for `typing` has nothing else to say here
if TYPE_CHECKING:
    from collections.abc import Mapping

HANDED = (
    *("GIT_DIR", "GIT_QUARANTINE_PATH"),
    *("GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"),
)
"""What of git's environment the hook's own git gets to see."""


_OWN_SETTINGS = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}


def handed(environment: "Mapping[str, str]", folder: str) -> dict[str, str]:
    """The environment of a server hook's own git: what is kept of the hook's, and what is fixed.

    `folder` is where the hook began. Only the repository's own configuration counts: over a path,
    and with a HOME of their own, the user's would be the pusher's.
    """
    found = {name: environment[name] for name in HANDED if environment.get(name)}
    lists = "GIT_ALTERNATE_OBJECT_DIRECTORIES"
    kept = {n: value if n == lists else _placed(folder, value) for n, value in found.items()}
    return kept | _OWN_SETTINGS


def _placed(folder: str, value: str) -> str:
    return folder if value == "." else os.path.join(folder, value)  # noqa: PTH118
