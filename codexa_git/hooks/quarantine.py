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


def handed(environment: "Mapping[str, str]", folder: str) -> dict[str, str]:
    """The part of a server hook's environment that is kept; `folder` is where the hook began."""
    found = {name: environment[name] for name in HANDED if environment.get(name)}
    lists = "GIT_ALTERNATE_OBJECT_DIRECTORIES"
    return {n: value if n == lists else _placed(folder, value) for n, value in found.items()}


def _placed(folder: str, value: str) -> str:
    return folder if value == "." else os.path.join(folder, value)  # noqa: PTH118
