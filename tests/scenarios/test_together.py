"""Two people on one change, each in a clone of their own."""

from pathlib import Path

import pytest
from builders import git
from scenarios.clone import At, Clone, Shelf


class Pair:
    """Two clones of one repository, and the remote between them."""

    def __init__(self, first: Clone, folder: Path, shelf: Shelf) -> None:
        self.remote = folder / "remote.git"
        git(folder, "init", "-q", "--bare", "-b", "main", "remote.git")
        first.git("remote", "add", "origin", str(self.remote))
        first.git("push", "-qu", "origin", "--all")
        git(folder, "clone", "-q", str(self.remote), "second")
        self.first = first
        self.second = Clone(folder / "second").set_up("Demo PM", "pm@demo.invalid", shelf.pm)
        self.second.git("config", "codexa.root", first.git("config", "codexa.root"))
        if "change/CH-001" in first.git("branch", "--list", "change/CH-001"):
            self.second.git("switch", "-q", "change/CH-001")

    def is_one(self) -> bool:
        """True where both clones and the remote hold the same commit of the change, and it is sound."""
        tips = {c.tip("change/CH-001") for c in (self.first, self.second)}
        tips.add(git(self.remote, "rev-parse", "change/CH-001"))
        return len(tips) == 1 and self.first.is_sound() and self.second.is_sound()


@pytest.fixture
def pair(at: At, tmp_path: Path, shelf: Shelf) -> "Callable[[str], Pair]":
    """Two clones of a repository in a named state."""
    return lambda state: Pair(at(state), tmp_path, shelf)


def test_an_approval_and_a_concern_at_once_are_both_there(pair) -> None:
    both = pair("planned")
    both.first.did("concern", "raise", "who reads it?")
    answer = both.second.codexa("approve")
    print(answer)
    both.first.did("sync")
    print(both.first.git("log", "--graph", "--oneline"))
    print(both.first.did("status"))
    assert both.is_one()
    both.first.did("replay", "CH-001")
