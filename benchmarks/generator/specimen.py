"""The first landing, read as something that can be told again, commit by commit."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.generator.signing import Key
from codexa_git.audit.canonical import canonical, digest
from codexa_git.audit.logger import log_path, parse_log
from codexa_git.audit.record import Record
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.audit.words import RecordType
from codexa_git.change.blocks import take
from codexa_git.change.pages import PAGES
from codexa_git.gate.case import Case
from codexa_git.gate.context import Context
from codexa_git.gate.decisions import TESTER_PRINCIPAL
from codexa_git.gate.subjects import Subject, subject_of
from codexa_git.policy.compiled import load_policy
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store
from codexa_git.repository.trailers import parse_trailers

CHANGE = "CH-001"
PERSON = "pm@demo.invalid"


class Told(NamedTuple):
    """One commit of the story: the files that it brings and, in the order told, its records."""

    commit: Commit
    files: dict[str, bytes]
    records: tuple[Record, ...]


class Bound(NamedTuple):
    """One path that approvals bind: its blob on the base, both digests, and its text diff."""

    path: str
    old: str | None
    exact: str
    patch: bytes


class Specimen(NamedTuple):
    """The landing, in parts, and what the tool has to know of the repository to tell it again.

    `named` are the trees of the story's commits that a file of the story names. `derived` are the
    digests that follow from the specimen's bytes: a retelling that still says one of them is none.
    """

    store: Store
    keys: dict[str, Key]
    base: Commit
    landed: Commit
    story: tuple[Told, ...]
    blocks: dict[str, bytes]
    bound: tuple[Bound, ...]
    packaged: Subject
    tested_tree: str
    named: frozenset[str]
    derived: frozenset[bytes]


def read_specimen(folder: Path, person: Path) -> Specimen:
    """The change that landed last in `folder`, whose approvals the key `person` signed.

    The store that reads it stays open.
    """
    store = Store.open(folder)
    tip = store.ref("refs/heads/main")
    if tip is None:
        raise AssertionError("the specimen has no main")
    landed = store.commit(tip)
    base = store.commit(landed.parents[0])
    story = tuple(_told(store, commit) for commit in store.between(base.oid, landed.parents[1]))
    approved = [r.data["gates"] for told in story for r in told.records if _approves(r)]
    package = next(gates["package"] for gates in approved if "package" in gates)
    names = {
        path["path"] for gates in approved for gate in gates.values() for path in gate["paths"]
    }
    tester = store.common_dir / "codexa" / "tester_ed25519"
    made = Specimen(
        store,
        {PERSON: Key(person.read_bytes()), TESTER_PRINCIPAL: Key(tester.read_bytes())},
        base,
        landed,
        story,
        {page: take(_read(store, landed.tree, page), CHANGE) or b"" for page in PAGES},
        _bound(store, base, landed, names),
        subject_of(package),
        _tested(store, base, landed),
        _named(story),
        frozenset(),
    )
    return made._replace(derived=frozenset(word.encode() for word in _derived(made)))


def own_digests(record: Record) -> Iterator[str]:
    """The digests in a record that are made of it alone."""
    yield from (gate["subject"] for gate in record.data.get("gates", {}).values())
    yield from (record.data[name] for name in ("subject", "seal") if name in record.data)


def _approves(record: Record) -> bool:
    return record.type is RecordType.APPROVAL_GRANTED


def _read(store: Store, tree: str, path: str) -> bytes:
    content = store.read(tree, path)
    if content is None:
        raise AssertionError(f"the specimen has no {path}")
    return content


def _told(store: Store, commit: Commit) -> Told:
    before = store.tree_of(commit.parents[0])
    changed = store.difference(before, commit.tree)
    files = {d.path: _read(store, commit.tree, d.path) for d in changed}
    named = [value.split()[1] for key, value in parse_trailers(commit.message) if "Record" in key]
    known = {record.id: record for record in _records(store, commit.tree)}
    return Told(commit, files, tuple(known[name] for name in named))


def _records(store: Store, tree: str) -> Iterator[Record]:
    for name in LOG_NAMES:
        path = log_path(CHANGE, name)
        yield from parse_log(store.read(tree, path) or b"", path, CHANGE)


def _bound(store: Store, base: Commit, landed: Commit, names: set[str]) -> tuple[Bound, ...]:
    """Every path that an approval names, as it landed: nothing was changed after it was signed."""
    pairs = [d for d in store.difference(base.tree, landed.tree) if d.path in names]
    patches = store.patches(pairs)
    found = []
    for pair in pairs:
        old, new = (None if side is None else side.oid for side in (pair.old, pair.new))
        exact = digest(canonical([old, new]))
        found.append(Bound(pair.path, old, exact, patches[pair.path] or b""))
    return tuple(found)


def _tested(store: Store, base: Commit, landed: Commit) -> str:
    policy = load_policy(store, base.tree, None)
    if policy is None:
        raise AssertionError("the specimen enforces nothing")
    context = Context(None, "main", landed.committer.seconds)
    return Case(store, policy, base.tree, landed.tree, context).tested_tree


def _named(story: tuple[Told, ...]) -> frozenset[str]:
    said = b"\n".join(content for told in story for content in told.files.values())
    trees = {told.commit.tree for told in story}
    return frozenset(tree for tree in trees if tree.encode() in said)


def _derived(specimen: Specimen) -> Iterator[str]:
    for told in specimen.story:
        yield told.commit.tree
        for content in told.files.values():
            yield from (digest(content), specimen.store.blob_id(content))
        for record in told.records:
            yield from (record.id, *own_digests(record))
    for bound in specimen.bound:
        yield from (bound.exact, digest(bound.patch))
    yield from (specimen.tested_tree, specimen.base.tree)
