"""Git's objects as plain frozen values.

A path is `str` as git stores it, decoded with `surrogateescape`; an object id is lower-case hex.
"""

from enum import StrEnum

from codexa_git.values import NamedTuple

LARGEST = 64 * 1024 * 1024
"""So many bytes of an object are read into memory, and no more: git packs a huge one to nothing."""


LARGEST_COMMIT = 1024 * 1024
"""The same for a commit: of these very many are in memory at once."""

SHORTER = "git commit --amend makes the last one again, with a shorter message"
"""The way on with a commit that is too large, as long as nothing stands on it."""

_BRIEF = 1000


class Mode(StrEnum):
    """The five modes that a tree entry may have, as `git ls-tree` prints them."""

    FILE = "100644"
    EXECUTABLE = "100755"
    SYMLINK = "120000"
    GITLINK = "160000"
    TREE = "040000"


class Entry(NamedTuple):
    """What a tree holds at one path."""

    mode: str
    oid: str


class Difference(NamedTuple):
    """One path that differs between two trees; `None` where a side does not have it."""

    path: str
    old: Entry | None
    new: Entry | None


class Identity(NamedTuple):
    """A name and an e-mail address, as git writes them."""

    name: str
    email: str

    def __str__(self) -> str:
        return f"{self.name} <{self.email}>"


class Stamp(NamedTuple):
    """Who, and when: seconds since the epoch and the zone as git writes it (`+0000`)."""

    who: Identity
    seconds: int
    zone: str = "+0000"


class Commit(NamedTuple):
    """One commit, its message as bytes."""

    oid: str
    tree: str
    parents: tuple[str, ...]
    author: Stamp
    committer: Stamp
    message: bytes

    @property
    def subject(self) -> str:
        """The first line of the message."""
        return self.message.split(b"\n", 1)[0].decode("utf-8", "replace")

    @property
    def brief(self) -> "Commit":
        """The commit with no more of its message than how that begins, to keep among many."""
        if len(self.message) <= _BRIEF:
            return self
        return self._replace(message=self.message[:_BRIEF])


class RefUpdate(NamedTuple):
    """One ref that a transaction moves: `None` as `new` deletes, `None` as `old` creates."""

    name: str
    new: str | None
    old: str | None
