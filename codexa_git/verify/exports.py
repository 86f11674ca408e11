"""The records of an exported change, judged by themselves: a tree, a folder or an archive.

A closed change proves itself complete by its seal. One that is open is undecided, since what came
later is not there to be missed. Whose the signatures are takes the base's policy, and is not asked.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from codexa_git.audit.canonical import digest
from codexa_git.audit.ids import change_number, is_change_id
from codexa_git.audit.logger import Read, read_records
from codexa_git.audit.words import RecordType
from codexa_git.change.folding import fold
from codexa_git.change.paths import Places
from codexa_git.change.state import State
from codexa_git.errors import RepositoryError, UsageError
from codexa_git.gate.carried import changes_in
from codexa_git.repository.objects import LARGEST
from codexa_git.repository.store import Store
from codexa_git.verify.archives import Archive, opened_archive
from codexa_git.verify.findings import Answer, Breach, Finding, answer_to
from codexa_git.verify.lines import unsound


class Exported(NamedTuple):
    """What the records of one change came to: how many they are, and what is wrong with them."""

    change: str
    records: int
    findings: tuple[Finding, ...]

    @property
    def answer(self) -> Answer:
        """Yes where they are complete by their seal, undecided while the change is open."""
        return answer_to(finding.breach for finding in self.findings)


class _Export(NamedTuple):
    """Which changes an export holds, and how a file of it is read, by its path in the project."""

    changes: tuple[str, ...]
    read: Read


def judge_export(here: Path, place: str) -> tuple[Exported, ...]:
    """Every change in the folder or archive `place`, or in the tree of that name, judged.

    Raises:
        UsageError: there is no such place, or it holds no change's records.
        RepositoryError: it cannot be read.
    """
    path = here / place
    if path.is_dir():
        export = _folder(path)
        return _judged(export, place)
    if path.is_file():
        with opened_archive(path, place) as archive:
            return _judged(_archive(archive, place), place)
    with Store.open(here) as store:
        tree = _tree(store, place)
        return _judged(_Export(changes_in(store, tree), lambda p: store.read(tree, p)), tree)


def _judged(export: _Export, place: str) -> tuple[Exported, ...]:
    if not export.changes:
        raise UsageError(f"{place} holds no change's records: nothing like audit/CH-001/ is in it")
    return tuple(_one(change, export.read, place) for change in export.changes)


def _one(change: str, read: Read, place: str) -> Exported:
    broken = unsound(read, change)
    if broken:
        return Exported(change, 0, tuple(Finding(place, change, breach) for breach in broken))
    state = fold(change, read_records(read, change))
    found = [*_unsealed(state), *_other_files(state, read)]
    findings = tuple(Finding(place, change, breach) for breach in found)
    return Exported(change, len(state.records), findings)


def _unsealed(state: State) -> Iterator[Breach]:
    """L5: the closing record stands last, and its seal covers every other record."""
    if state.closed is not None:
        return
    path = Places(state.change).log("handoff")
    last = state.of(RecordType.CLOSED)[-1:]
    others = len(state.records) - 1
    if not last:
        yield Breach("L5", "the change is open: nothing seals its records", path, undecided=True)
    elif last[0].data["records"] < others:
        told = "records came after closing, and nothing seals them"
        yield Breach("L5", told, path, undecided=True)
    else:
        yield Breach("L5", "the seal is not over these records", path)


def _other_files(state: State, read: Read) -> Iterator[Breach]:
    """L9: a file that a record names by digest is that file, where the export holds it at all."""
    named = dict(state.evidence)
    if state.results is not None:
        placed = state.results.data["gates"]["results"]
        named[Places(state.change).results] = placed["subject"]
    for path, expected in sorted(named.items()):
        content = read(path)
        if content is not None and digest(content) != expected:
            yield Breach("L9", "is not what the records say", path)


def _tree(store: Store, name: str) -> str:
    question = ("--verify", "-q", "--end-of-options", f"{name}^{{tree}}")
    status, out = store.git.answer("rev-parse", *question)
    if status != 0:
        raise UsageError(f"{name[:200]!a} is no folder, no archive, and no tree of this repository")
    return out.decode("ascii").strip()


def _sorted(names: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(set(filter(is_change_id, names)), key=change_number))


def _folder(place: Path) -> _Export:
    """A folder that holds `audit/`; or that folder of one change's records itself."""
    top = place.resolve()
    if is_change_id(top.name) and top.parent.name == "audit":
        top, names = top.parent.parent, [top.name]
    else:
        audit = top / "audit"
        names = [found.name for found in audit.iterdir()] if audit.is_dir() else []
    return _Export(_sorted(names), lambda path: _file(top / path))


def _file(path: Path) -> bytes | None:
    """The content of a plain file; a link leads nowhere, and too much is not read."""
    if path.is_symlink() or not path.is_file():
        return None
    if path.stat().st_size > LARGEST:
        raise RepositoryError(f"{path.name} is larger than 64 MiB, and is not read")
    return path.read_bytes()


def _archive(archive: Archive, place: str) -> _Export:
    """An archive, whatever folder its paths begin with; nothing of it is written anywhere."""
    paths = [PurePosixPath(name) for name in archive.names]
    tops = {
        path.parents[2].as_posix(): None
        for path in paths
        if path.name == "handoff.jsonl" and path.parent.parent.name == "audit"
    }
    if len(tops) > 1:
        raise UsageError(f"{place} holds more than one audit folder", hint="export one project")
    top = PurePosixPath(next(iter(tops), "."))
    names = [path.parent.name for path in paths if path.parent.parent == top / "audit"]

    def read(path: str) -> bytes | None:
        name = (top / path).as_posix()
        return archive.read(name) if name in archive.names else None

    return _Export(_sorted(names), read)
