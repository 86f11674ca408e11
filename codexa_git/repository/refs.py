"""Refs: read by full name, moved in one compare-and-set transaction."""

from collections.abc import Callable, Iterable, Sequence
from itertools import count

from codexa_git.errors import RepositoryError
from codexa_git.repository import filed, raw
from codexa_git.repository.command import Finished, Git, complaint, said
from codexa_git.repository.merging import Merging
from codexa_git.repository.objects import RefUpdate
from codexa_git.repository.opening import ends_of

_FORMAT = "%(refname)%00%(objectname)%00%(objecttype)%00%(symref)"
_AT_ONCE = 500
_FORBIDDEN = frozenset(" ~^:?*[\\\x7f" + "".join(map(chr, range(32))))
_NO_ROOM = r"'(refs/[^']+)' exists; cannot create '(refs/[^']+)'"
_MOST_LINKS = 5
_MOVED = ("but expected", "already exists", "unable to resolve", "is missing but", "reference is")


class Refs(Merging):
    """Refs of one repository; a name is always full (`refs/heads/main`)."""

    def __init__(self, git: Git, objects: str, object_format: str) -> None:
        super().__init__(git, objects, object_format)
        self._remote: dict[str, str] | None = None
        self._begun: dict[tuple[str, ...], Callable[[], Finished]] = {}

    def _finished(self, *args: str) -> Finished:
        """What git says to this; what was asked beforehand is not asked again, and answers once."""
        begun = self._begun.pop(args, None)
        return self.git.finish(*args) if begun is None else begun()

    def forget(self, *, made: bool = False) -> None:
        """Nothing that was read is in memory any more, as `Reading.forget` says."""
        self._remote = None
        super().forget(made=made)

    def remote_refs(self) -> dict[str, str]:
        """What `refs` answers of `refs/remotes`, listed once until what was read is forgotten."""
        if self._remote is None:
            self._remote = self.refs("refs/remotes")
        return self._remote

    def head(self) -> tuple[str | None, str | None]:
        """The branch HEAD stands on (`None`: detached) and its commit (`None`: unborn)."""
        status, out = self.git.answer("symbolic-ref", "-q", "HEAD")
        if status == 0:
            name = out.decode("utf-8", "surrogateescape").removesuffix("\n")
            return name, self.ref(name)
        status, out = self.git.answer("rev-parse", "--verify", "-q", "HEAD^{commit}")
        return None, out.decode("ascii").strip() if status == 0 else None

    def ref(self, name: str) -> str | None:
        """The commit that a ref leads to; `None` where there is no such ref."""
        return self.tips([name]).get(name)

    def tips(self, names: Sequence[str]) -> dict[str, str]:
        """The commit that each of these refs leads to; a missing ref is left out."""
        return self._commits_of(self._rows(names))

    def refs(self, prefix: str) -> dict[str, str]:
        """Every ref that is `prefix` or lies in it, and its commit (tags peeled)."""
        return self._commits_of(self._listed(prefix.rstrip("/")))

    def spare_branch(self, name: str) -> str:
        """What a new branch can be called: this name, or the first like it that nothing bars."""
        taken = {ref.removeprefix("refs/heads/").casefold() for ref in self.refs("refs/heads")}
        barred = taken | {one[:at] for one in taken for at, sign in enumerate(one) if sign == "/"}
        start = name.replace("/", "-") if name.rpartition("/")[0] in taken else name
        tries = (start if number == 1 else f"{start}-{number}" for number in count(1))
        return next(tried for tried in tries if tried not in barred)

    def leads_to(self, name: str) -> str:
        """The ref that moves when `name` does: itself, or what it is another name for."""
        require_ref_name(name)
        for _ in range(_MOST_LINKS):
            status, out = self.git.answer("symbolic-ref", "-q", name)
            if status != 0:
                return name
            name = out.decode("utf-8", "surrogateescape").removesuffix("\n")
        raise RepositoryError(f"{name} leads round in a circle")

    def ends(self, names: Sequence[str], *below: str) -> dict[str, tuple[str, str | None]]:
        """Of each of these refs: the one that moves when it does, and what that names now.

        So it tells of every ref in the folders `below`, too. One process tells of all refs that
        are there; what they name is not looked at.
        """
        told: dict[str, tuple[str, str | None]] = {}
        for start in range(0, len(names), _AT_ONCE):
            some = names[start : start + _AT_ONCE]
            for name in some:
                require_ref_name(name)
            question = ends_of(*some, *below)
            out = said(question[0], self._finished(*question))
            for line in out.decode("utf-8", "surrogateescape").split("\n")[:-1]:
                name, oid, to = line.split("\0")
                told[name] = (to or name, oid)
        asked = {
            name: told[name] if name in told else (self.leads_to(name), None) for name in names
        }
        return asked | {
            name: end
            for name, end in told.items()
            if name.startswith(tuple(f"{b}/" for b in below))
        }

    def peeled(self, oid: str) -> str | None:
        """The commit that an object is or, as a tag, leads to; `None` where there is none."""
        return self._peeled(oid)

    def replaces(self) -> bool:
        """True where `refs/replace/` holds anything: git shows other objects then."""
        return bool(self._listed("refs/replace"))

    def _commits_of(self, rows: Iterable[tuple[str, str, str, str]]) -> dict[str, str]:
        found = {}
        for name, oid, kind, _ in rows:
            commit = oid if kind == "commit" else self._peeled(oid)
            if commit is not None:
                found[name] = commit
        return found

    def named(self, names: Sequence[str]) -> dict[str, str]:
        """The object that each of these refs names, tags not peeled; a missing ref is left out."""
        return {name: oid for name, oid, _, _ in self._rows(names)}

    def move(self, updates: Sequence[RefUpdate], reason: str) -> None:
        """All the refs move, or none: each must still be where its update says it was."""
        if not updates:
            return
        for update in updates:
            require_ref_name(update.name)
        self._refuse_symbolic([update.name for update in updates])
        orders = "".join(map(self._order, updates))
        script = f"start\0{orders}prepare\0commit\0"
        args = ("update-ref", "--no-deref", "-m", _one_line(reason), "--stdin", "-z")
        finished = self.git.finish(*args, input=script.encode("utf-8", "surrogateescape"))
        if finished.status == 0:
            return
        import re  # noqa: PLC0415

        told = complaint(finished)
        if any(sign in told for sign in _MOVED):
            name = next((u.name for u in updates if f"'{u.name}'" in told), updates[0].name)
            raise RepositoryError(f"{name} moved meanwhile", hint="nothing was written: ask again")
        if room := re.search(_NO_ROOM, told):
            raise RepositoryError(
                f"{room[1]} leaves no room for {room[2]} beside it",
                hint=f"rename it: git branch -m {room[1].removeprefix('refs/heads/')} another-name",
            )
        locked = ".lock'" in told and "File exists" in told
        raise RepositoryError(
            f"the refs did not move: {told}",
            hint="if no git runs there, remove that lock and ask again" if locked else None,
        )

    def _order(self, update: RefUpdate) -> str:
        name, new, old = update
        for oid in (new, old):
            if oid is not None and not raw.is_id(oid, self.object_format):
                raise RepositoryError(f"{oid[:80]!r} is not a full object id of this repository")
        nothing = "0" * raw.ID_LENGTHS[self.object_format]
        if new == old:
            return f"verify {name}\0{old or nothing}\0"
        if new is None:
            return f"delete {name}\0{old}\0"
        return f"update {name}\0{new}\0{old or nothing}\0"

    def _refuse_symbolic(self, names: Sequence[str]) -> None:
        for name, _, _, symbolic in self._rows(names):
            if symbolic:
                raise RepositoryError(f"{name} is a symbolic ref and is not moved")

    def _rows(self, names: Sequence[str]) -> list[tuple[str, str, str, str]]:
        """What `_listed` tells of these very refs, read from their files where that can be."""
        if not names:
            return []
        for name in names:
            require_ref_name(name)
        folder = self.objects.removesuffix("/objects")
        length = raw.ID_LENGTHS[self.object_format]
        found = filed.read(folder, dict.fromkeys(names), length)
        if found is not None:
            self.load(found.values())
            kinds = [self.kind(oid) or "" for oid in found.values()]
            if all(kinds):
                return [(*at, kind, "") for at, kind in zip(found.items(), kinds, strict=True)]
        return [row for row in self._listed(*names) if row[0] in names]

    def _listed(self, *patterns: str) -> list[tuple[str, str, str, str]]:
        for pattern in patterns:
            require_ref_name(pattern if "/" in pattern else f"{pattern}/all")
        out = self.git.run("for-each-ref", f"--format={_FORMAT}", "--", *patterns)
        lines = out.decode("utf-8", "surrogateescape").split("\n")[:-1]
        return [(name, oid, kind, to) for name, oid, kind, to in (ln.split("\0") for ln in lines)]

    def _peeled(self, oid: str) -> str | None:
        while (kind := self.kind(oid)) == "tag":
            first = self._content(oid, "tag").split(b"\n", 1)[0]
            oid = first.removeprefix(b"object ").decode("ascii", "replace")
        return oid if kind == "commit" else None


def is_ref_name(name: str) -> bool:
    """True for a full ref name that git accepts and that lies under `refs/`."""
    parts = name.split("/")
    bad_part = any(not part or part[0] == "." or part.endswith(".lock") for part in parts)
    bad_run = ".." in name or "@{" in name or name.endswith(".")
    return (
        parts[0] == "refs"
        and len(parts) > 1
        and not (bad_part or bad_run or _FORBIDDEN.intersection(name))
    )


def require_ref_name(name: str) -> None:
    """Return if `name` is a full ref name, else refuse it."""
    if not is_ref_name(name):
        raise RepositoryError(f"{name!r} is not the full name of a ref")


def _one_line(text: str) -> str:
    return " ".join(text.split())
