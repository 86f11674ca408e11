"""What two trees do not tell, and who judges has to be told."""

from codexa_git.values import NamedTuple


class Context(NamedTuple):
    """What the trees do not tell: the trust root, the base's name, and the time to judge keys at.

    `root` is `None` while observing. `at` is the committer time of a landing, or now; it is never
    before `not_before`, the committer time of the first parent. `base` is the commit whose tree the
    base's is, which leads to every policy before; `None` where nobody knows it.
    """

    root: str | None
    branch: str
    at: int
    not_before: int = 0
    base: str | None = None
