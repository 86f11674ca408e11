"""Which commits come before which, along first parents and in the whole graph."""

from collections.abc import Sequence

from codexa_git.errors import RepositoryError
from codexa_git.repository.comparing import Comparing
from codexa_git.repository.objects import Commit

_SHORT = 64
_LONG = 10_000


class History(Comparing):
    """The commit graph; first-parent walks read raw commits and start no process."""

    def merge_base(self, a: str, b: str) -> str | None:
        """The best common ancestor of two commits; `None` where they share no history."""
        self.commit(a)
        self.commit(b)
        finished = self.git.run("merge-base", a, b, ok=(0, 1))
        return finished.decode("ascii").strip() or None

    def is_ancestor(self, a: str, b: str) -> bool:
        """True if commit `a` is `b` or can be reached from it."""
        self.commit(a)
        self.commit(b)
        status, _ = self.git.answer("merge-base", "--is-ancestor", a, b)
        if status not in (0, 1):
            raise RepositoryError(f"git cannot tell whether {a} comes before {b}")
        return status == 0

    def first_parents(self, tip: str, stop: str | None = None) -> list[Commit]:
        """The first-parent commits from `tip`, newest first, to the root or up to `stop`."""
        walked: list[Commit] = []
        oid: str | None = tip
        while oid is not None and oid != stop:
            if len(walked) >= _SHORT and oid not in self._kept:
                self._look_ahead(oid)
            commit = self.commit(oid)
            walked.append(commit)
            oid = commit.parents[0] if commit.parents else None
        return walked

    def _look_ahead(self, oid: str) -> None:
        """Commits that lie ahead are in memory; which ones git names is a hint and no answer."""
        most = f"--max-count={_LONG}"
        status, out = self.git.answer("rev-list", "--first-parent", most, oid, "--")
        if status == 0:
            self.load(out.decode("ascii").split())

    def beyond(self, tips: Sequence[str], base: str) -> list[Commit]:
        """Every commit that can be reached from one of `tips` and not from `base`."""
        for oid in (*tips, base):
            self.commit(oid)
        out = self.git.run("rev-list", *tips, f"^{base}", "--")
        oids = out.decode("ascii").split()
        self.load(oids)
        return [self.commit(oid) for oid in oids]

    def between(self, old: str, new: str) -> list[Commit]:
        """The first-parent commits after `old` up to `new`, oldest first.

        `old` must lie on the first-parent line of `new`.
        """
        walked = self.first_parents(new, old)
        if walked and (not walked[-1].parents or walked[-1].parents[0] != old):
            raise RepositoryError(f"{old} is not on the first-parent line of {new}")
        return walked[::-1]
