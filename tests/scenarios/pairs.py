"""Two people at two clones of one repository, and the remote between them."""

import shutil
from collections.abc import Callable
from pathlib import Path

from builders import git
from scenarios.clone import Clone, Shelf

BRANCH = "change/CH-001"


class Pair:
    """Two clones, both standing on the change where there is one; the second is a developer's."""

    def __init__(self, first: Clone, folder: Path, shelf: Shelf) -> None:
        self.remote = folder / "remote.git"
        git(folder, "init", "-q", "--bare", "-b", "main", "remote.git")
        first.git("remote", "add", "origin", str(self.remote))
        first.git("push", "-qu", "origin", "main")
        self.first = first
        self.second = Clone(folder / "second")
        if first.git("branch", "--list", BRANCH):
            first.git("push", "-qu", "origin", BRANCH)
        git(folder, "clone", "-q", str(self.remote), "second")
        self.second.set_up("Demo Dev", "dev@demo.invalid", shelf.dev)
        self.second.git("config", "codexa.root", first.git("config", "codexa.root"))
        if first.git("branch", "--list", BRANCH):
            self.second.git("switch", "-q", BRANCH)

    def of_one_person(self, shelf: Shelf) -> "Pair":
        """The same, where one person has both clones, each with the enrolled Tester's key."""
        shutil.copytree(
            self.first.folder / ".git" / "codexa",
            self.second.folder / ".git" / "codexa",
            dirs_exist_ok=True,
        )
        self.second.set_up("Demo PM", "pm@demo.invalid", shelf.pm)
        return self

    @property
    def pushed(self) -> str:
        """The commit that the remote has of the change."""
        return git(self.remote, "rev-parse", "--verify", BRANCH)

    def meet(self) -> list[str]:
        """The subjects of the change, oldest first, once both clones have all of it.

        Nothing is left undone in either, and what is there can be made again.
        """
        for clone in (self.first, self.second):
            clone.codexa("sync", "CH-001")
            assert clone.tip(BRANCH) == self.pushed
            assert clone.is_clean()
            assert clone.is_sound()
        self.second.did("replay", "CH-001")
        return self.first.log(f"main..{BRANCH}")


Pairs = Callable[[str], Pair]
"""What the fixture `pair` is: two clones of a repository in a named state."""
