"""A repository that is about to be opened: git is asked where it lies while others are still busy.

Little is imported here, so that a hook can ask before it imports what will judge.
"""

import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

from codexa_git.repository.command import Finished, Git

_QUESTIONS = (
    *("--is-bare-repository", "--show-object-format", "--is-shallow-repository"),
    *("--path-format=absolute", "--git-dir", "--git-common-dir", "--show-toplevel"),
)


class Opening(NamedTuple):
    """What git was asked in the folder `start`; each of the two gives its answer."""

    start: str | os.PathLike[str]
    git: Git
    places: Callable[[], Finished]
    settings: Callable[[], Finished] | None


def opening(
    start: str | os.PathLike[str], environment: Mapping[str, str], *, settings: bool
) -> Opening:
    """The repository that holds the folder `start`, asked for; with `settings`, for these as well.

    `environment` is what a hook keeps of what git handed it (an index, a quarantine).
    """
    git = Git(start, environment=tuple(environment.items()))
    places = git.begin("rev-parse", *_QUESTIONS)
    return Opening(start, git, places, git.begin(*SETTINGS) if settings else None)


SETTINGS = ("config", "-z", "--list")
"""What tells of all settings at once."""
