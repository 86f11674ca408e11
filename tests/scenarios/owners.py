"""Two owners, each in a clone of their own, and the bare repository between them."""

from collections.abc import Mapping
from pathlib import Path

from builders import git
from scenarios.clone import At, Clone, Shelf, make_key

TESTED = 'run = ["sh check.sh"]'
ONE, TWO = "[owner]\ncount = 1", "[owner]\ncount = 2"


class Owners:
    """Demo PM in one clone, Demo Dev in another; both own the policy, and `count` of them sign."""

    def __init__(self, at: At, folder: Path, shelf: Shelf, *, count: int = 2) -> None:
        self.folder = folder
        self.shelf = shelf
        self.first = at("adopted")
        key = f"{shelf.dev}.pub"
        words = (
            "people",
            "add",
            "Demo Dev",
            "dev@demo.invalid",
            "--role",
            "owner",
            "--role",
            "dev",
        )
        self.first.did(*words, "--key", key)
        if count == 2:
            text = self.first.read("codexa.toml")
            assert ONE in text
            self.first.commit({"codexa.toml": text.replace(ONE, TWO) + "\n"}, "two owners sign")
        git(folder, "clone", "-q", "--bare", str(self.first.folder), "bare.git")
        self.bare = folder / "bare.git"
        self.first.git("remote", "add", "origin", str(self.bare))
        self.first.git("fetch", "-q")
        self.first.git("branch", "-q", "-u", "origin/main", "main")
        git(folder, "clone", "-q", str(self.bare), "second")
        self.second = Clone(folder / "second")
        self.second.set_up("Demo Dev", "dev@demo.invalid", shelf.dev)

    def enforced(self) -> "Owners":
        """Both signed the root, and both clones hold and pin it."""
        self.first.did("enforce", "--demo", "--yes")
        self.second.git("fetch", "-q")
        self.second.did("enforce", "--demo", "--yes")
        self.first.git("pull", "-q")
        self.first.did("root", "--pin", self.second.git("config", "codexa.root"))
        return self

    def proposal(self, files: Mapping[str, str | bytes | None], name: str = "ci") -> str:
        """A branch on which the first owner committed this."""
        branch = f"policy/{name}"
        self.first.git("switch", "-q", "-c", branch, "main")
        self.first.commit(files, name)
        return branch

    def key(self, name: str, number: int) -> Path:
        """One more person's key."""
        return make_key(self.folder, name, number)


def on_remote(owners: Owners, path: str, branch: str = "main") -> str:
    """A file as the bare repository has it."""
    return git(owners.bare, "show", f"{branch}:{path}")
