"""Which commits come before which, along first parents and in the whole graph."""

from collections.abc import Callable, Iterator, Sequence

from codexa_git.errors import RepositoryError
from codexa_git.repository.ancestry import Ancestry
from codexa_git.repository.commits import parse_commit
from codexa_git.repository.objects import Commit

_SHORT = 64
_LONG = 10_000


class History(Ancestry):
    """The commit graph; first-parent walks read raw commits and start no process."""

    def beyond(self, base: str, tip: str) -> list[Commit]:
        """The commits on the first-parent line of `tip` that `base` lacks, newest first.

        Git's walk goes by the time of commits, which anyone may write: where clocks disagree it
        goes too far, and what `base` holds all the same is cut off again.
        """
        oids = self._beyond(base, tip)
        self.load(oids)
        return [self.commit(oid) for oid in oids]

    def oldest_beyond(self, base: str, tip: str) -> Commit:
        """The last of these; there has to be one."""
        return self.headed(self._beyond(base, tip)[-1])

    def _beyond(self, base: str, tip: str) -> list[str]:
        self.headed(base)
        self.headed(tip)
        out = self.git.run("rev-list", "--first-parent", tip, f"^{base}", "--")
        oids = out.decode("ascii").split()
        if oids and self.is_ancestor(oids[-1], base):
            from bisect import bisect_left  # noqa: PLC0415

            del oids[bisect_left(oids, x=True, key=lambda oid: self.is_ancestor(oid, base)) :]
        return oids

    def brought(self, merge: Commit, base: str) -> list[Commit]:
        """What the other parents of a merge lead to and neither its first nor `base` does.

        Parents come before children. Where clocks disagree git's walk goes too far, as above.
        """
        first, *others = merge.parents
        lacking = (f"^{first}", f"^{base}")
        out = self.git.run("rev-list", "--topo-order", "--reverse", *others, *lacking, "--")
        oids = out.decode("ascii").split()
        self.load(oids)
        found, known = [self.commit(oid) for oid in oids], set(oids)
        ends = (commit.oid for commit in found if known.isdisjoint(commit.parents))
        if any(self._is_held(oid, (first, base)) for oid in ends):
            found = [commit for commit in found if not self._is_held(commit.oid, (first, base))]
        return found

    def _is_held(self, oid: str, tips: Sequence[str]) -> bool:
        return any(self.is_ancestor(oid, tip) for tip in tips)

    def count_beyond(self, base: str, tip: str) -> int:
        """How many commits on the first-parent line of `tip` are not in `base`."""
        return 0 if base == tip else len(self._beyond(base, tip))

    def apart(self, a: str, b: str) -> tuple[int, int]:
        """How many commits lead to `a` alone, and how many to `b` alone, of whatever form."""
        out = self.git.run("rev-list", "--left-right", "--count", f"{a}...{b}", "--")
        ours, theirs = out.split()
        return int(ours), int(theirs)

    def first_parents(self, tip: str, stop: str | None = None) -> list[Commit]:
        """The first-parent commits from `tip`, newest first, to the root or up to `stop`."""
        return list(self.walked(tip, stop))

    def walked(self, tip: str, stop: str | None = None) -> Iterator[Commit]:
        """The same, one after the other; none of them is kept, however long the line is."""
        oid: str | None = tip
        number = 0
        while oid is not None and oid != stop:
            if number >= _SHORT and oid not in self._kept:
                self.forget()
                self._look_ahead(oid)
            number += 1
            commit = self.headed(oid)
            oid = commit.parents[0] if commit.parents else None
            yield commit

    def first_parent_ids(self, tip: str) -> list[str]:
        """The ids of the first-parent line from `tip`, newest first, down to its first commit.

        Every commit is read, and none of them is kept, however long the line is.
        """
        return list(self.first_parent_line(tip))

    def first_parent_line(self, tip: str, stop: str | None = None) -> Iterator[str]:
        """The same, one after the other, down to the first commit or up to `stop`."""
        oid: str | None = tip
        number = 0
        while oid is not None and oid != stop:
            if number >= _SHORT and oid not in self._kept:
                self.forget()
                self._look_ahead(oid)
            number += 1
            parent = self.first_parent(oid)
            yield oid
            oid = parent

    def line_times(self, tip: str) -> dict[str, int | None]:
        """The same ids, each with the time that its commit says; `None` of one that is malformed.

        It is read as all else of a commit is: git has read an odd line otherwise in its time.
        """
        return {oid: self.time_of(oid) for oid in self.first_parent_line(tip)}

    def time_of(self, oid: str) -> int | None:
        """The time that a commit says it was made at; `None` where it is malformed."""
        if oid in self._commits:
            return self._commits[oid].committer.seconds
        content = self._beginning(oid)
        try:
            return parse_commit(oid, content, self.object_format).committer.seconds
        except RepositoryError:
            return None

    def _look_ahead(self, oid: str) -> None:
        """Commits that lie ahead are in memory; which ones git names is a hint and no answer."""
        most = f"--max-count={_LONG}"
        status, out = self.git.answer("rev-list", "--first-parent", most, oid, "--")
        if status == 0:
            self.load_some(out.decode("ascii").split())

    def reached(self, tip: str, beyond: str) -> list[str]:
        """What git names as commits that `tip` leads to and `beyond` does not: a hint, no answer.

        Of very many only the newest.
        """
        most = f"--max-count={_LONG}"
        status, out = self.git.answer("rev-list", most, tip, f"^{beyond}", "--")
        return out.decode("ascii").split() if status == 0 else []

    def touching(
        self, tips: Sequence[str], folder: str, beyond: str | None = None, *, whole: bool = False
    ) -> list[Commit]:
        """Every commit reached from `tips` in which `folder` is another than before, newest first.

        All of history is looked at, side branches too, whatever a merge took from them; or what is
        not reached from the commit `beyond`. They may be many, so each is told in brief.

        Raises:
            TooLargeError: all that is looked at is to be read as a `whole`, and cannot be.
        """
        read = self.commit if whole else self.headed
        for oid in (*tips, *([beyond] if beyond else [])):
            read(oid)
        if beyond is not None and len(tips) == 1:
            line = self._plain_line(tips[0], beyond, read)
            if line is not None:
                return self._differing(line, folder)
        ends = [*tips, *([f"^{beyond}"] if beyond else [])]
        out = self.git.run("rev-list", "--full-history", *ends, "--", folder.rstrip("/"))
        return self._in_brief(out.decode("ascii").split(), read)

    def _in_brief(self, oids: Sequence[str], read: Callable[[str], Commit]) -> list[Commit]:
        self.load(oids)
        return [read(oid).brief for oid in oids]

    def _plain_line(
        self, tip: str, beyond: str, read: Callable[[str], Commit]
    ) -> list[Commit] | None:
        """What `tip` has and `beyond` lacks, newest first, then `beyond`, where that is a line.

        `None`: somebody merged, or they do not stand on each other, or it is long. Git is asked.
        """
        line = [read(tip)]
        while line[-1].oid != beyond:
            parents = line[-1].parents
            if len(line) >= _SHORT or len(parents) != 1 or not self.exists(parents[0]):
                return None
            line.append(read(parents[0]))
        return line

    def _differing(self, line: Sequence[Commit], folder: str) -> list[Commit]:
        """The commits of a line, its last one aside, in which `folder` is another than before."""
        self.load(commit.tree for commit in line)
        held = [self.entry(commit.tree, folder) for commit in line]
        return [line[at] for at, entry in enumerate(held[:-1]) if entry != held[at + 1]]

    def line_touching(self, tip: str, paths: Sequence[str]) -> list[Commit]:
        """The first-parent commits up to `tip` in which one of `paths` changed, newest first.

        They may be many, so each is told in brief.
        """
        self.headed(tip)
        out = self.git.run("rev-list", "--first-parent", tip, "--", *paths)
        return self._in_brief(out.decode("ascii").split(), self.headed)

    def times(self, tip: str, beyond: str) -> dict[str, int]:
        """The time of each first-parent commit up to `tip`, less those `beyond` has, as git says.

        A hint and no answer: what is judged by a time asks `line_times`.
        """
        asked = ("rev-list", "--first-parent", "--timestamp", tip, f"^{beyond}", "--")
        rows = (line.split() for line in self.git.run(*asked).decode("ascii").splitlines())
        return {oid: int(time) for time, oid in rows}

    def between(self, old: str, new: str) -> list[Commit]:
        """The first-parent commits after `old` up to `new`, oldest first.

        `old` must lie on the first-parent line of `new`.
        """
        walked = self.first_parents(new, old)
        if walked and (not walked[-1].parents or walked[-1].parents[0] != old):
            raise RepositoryError(f"{old} is not on the first-parent line of {new}")
        return walked[::-1]
