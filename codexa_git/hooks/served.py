"""What a server serves, and one ref that a push would move."""

from codexa_git.repository.store import Store
from codexa_git.values import NamedTuple


class Update(NamedTuple):
    """One ref: the new object (`None`: it goes) and what it is now (`None`: it is new)."""

    ref: str
    new: str | None
    old: str | None


class Served(NamedTuple):
    """The repository, its base and pinned root, the server's time, and all that is pushed at once.

    `base` is the ref that the branch is, or leads to. `tip` is where it is, and `coming` where this
    push would bring it, once that was judged: git takes each ref by itself, so that may not happen.
    """

    store: Store
    branch: str
    base: str
    root: str
    at: int
    tip: str | None
    updates: tuple[Update, ...]
    coming: str | None = None
