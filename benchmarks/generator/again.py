"""The specimen told again: another number, other words, times, records, signatures and digests."""

import json
from collections.abc import Mapping
from typing import Any

from benchmarks.generator.importing import Made
from benchmarks.generator.specimen import CHANGE, Specimen, Told, own_digests
from benchmarks.generator.start import LANDING, NOTES
from benchmarks.generator.trees import Trees
from benchmarks.generator.words import Words
from codexa_git.audit.canonical import canonical, digest
from codexa_git.audit.payload import payload
from codexa_git.audit.record import Record, format_record, make, seconds_of
from codexa_git.audit.schema import KINDS
from codexa_git.audit.words import RecordType
from codexa_git.change.blocks import put
from codexa_git.change.pages import PAGES, QA_REPORT
from codexa_git.change.paths import Places
from codexa_git.change.state import seal
from codexa_git.gate.subjects import Subject, subject_of
from codexa_git.repository.objects import Commit

_THERE = Places(CHANGE)
_TOLD_LAST = (_THERE.page(QA_REPORT), _THERE.status, *PAGES)
"""What follows from the records of its own commit."""


class Again:
    """One retelling, on the base that `trees` and `pages` say; `files` is what it brings."""

    def __init__(
        self, specimen: Specimen, number: int, trees: Trees, pages: Mapping[str, bytes]
    ) -> None:
        self._specimen = specimen
        self._store = specimen.store
        self._later = (number - 1) * LANDING
        self._trees = trees
        self._pages = pages
        self.change = f"CH-{number:03d}"
        self.files: dict[str, bytes] = {}
        self._oids: dict[str, str] = {}
        self._records: list[Record] = []
        self._words = Words(number, self.change, specimen.derived)
        self._words.learn(specimen.base.tree, trees.tree)
        for bound in specimen.bound:
            if bound.old is not None:
                self._words.learn(bound.old, self._store.blob_id(self._base(bound.path)))

    def story(self, drafts: int) -> list[Made]:
        """The commits of the change; a person makes so many drafts more than the specimen has."""
        commits: list[Made] = []
        for told in self._specimen.story:
            if list(told.files) == [NOTES]:
                commits += [self._draft(told, number) for number in range(1, drafts + 1)]
            commits.append(self._commit(told))
        return commits

    def landing(self) -> tuple[Made, str]:
        """The merge that lands the change, and the tree that it has."""
        return self._made(self._specimen.landed, {}), self._trees.take(self._oids)

    def _base(self, path: str) -> bytes:
        """A product file as the base has it: as the landing before left it."""
        content = self._store.read(self._specimen.base.tree, path)
        return self._words.said(content or b"")

    def _draft(self, told: Told, number: int) -> Made:
        words = b"draft %02d\n" % number
        made = self._made(told.commit, {NOTES: self._words.said(told.files[NOTES]) + words})
        return made._replace(message=made.message.replace(b"draft 00\n", words))

    def _commit(self, told: Told) -> Made:
        """Files that only name what came before, then results, records, and what tells of them."""
        own: dict[str, bytes] = {}
        first = set(told.files).difference(_TOLD_LAST, map(_THERE.log, ("handoff", "commands")))
        first.difference_update(map(_THERE.log, ("concerns", "retention")))
        for path in sorted(first, key=_rank):
            self._bring(own, path, told.files[path])
        for record in told.records:
            self._tell(own, record)
        for path in _TOLD_LAST:
            if path in told.files:
                self._bring(own, path, told.files[path])
        if told.commit.tree in self._specimen.named:
            self._words.learn(told.commit.tree, self._trees.with_files(self._oids))
        return self._made(told.commit, own)

    def _bring(self, own: dict[str, bytes], path: str, old: bytes) -> None:
        """A file of the commit, and what its bytes are known by from now on."""
        if path == _THERE.results:
            product = {p: oid for p, oid in self._oids.items() if p.startswith("src/")}
            self._words.learn(self._specimen.tested_tree, self._trees.with_files(product))
        if path == _THERE.packet:
            self._bind()
            self._words.learn(self._specimen.packaged.digest, self._packaged().digest)
        if path in PAGES:
            block = self._words.said(self._specimen.blocks[path])
            new = put(self._pages[path], self.change, block, path=path)
        else:
            new = self._words.said(old)
        self._keep(own, self._words.text(path), new)
        self._words.learn(digest(old), digest(new))
        self._words.learn(self._store.blob_id(old), self._store.blob_id(new))

    def _keep(self, own: dict[str, bytes], path: str, content: bytes) -> None:
        own[path] = self.files[path] = content
        self._oids[path] = self._store.blob_id(content)

    def _tell(self, own: dict[str, bytes], record: Record) -> None:
        """The record in this change's file, with its own id and, where it is signed, signature."""
        told = self._told(record)
        path = Places(self.change).log(record.log)
        self._keep(own, path, self.files.get(path, b"") + format_record(told))
        self._records.append(told)
        self._words.learn(record.id, told.id)

    def _told(self, record: Record) -> Record:
        data, at = self._data(record), seconds_of(record.at) + self._later
        signature = None
        if KINDS[record.type].signed:
            signed = payload(record.type, data, change=self.change, actor=record.actor, at=at)
            signature = self._specimen.keys[record.actor.email].sign(signed)
        return make(
            record.type,
            data,
            change=self.change,
            stage=record.stage,
            round=record.round,
            actor=record.actor,
            at=at,
            signature=signature,
        )

    def _data(self, record: Record) -> dict[str, Any]:
        """What the record says, of this change; the digests that are its own are made anew."""
        if record.type is RecordType.APPROVAL_GRANTED:
            self._bind()
        own = frozenset(word.encode() for word in own_digests(record))
        data: dict[str, Any] = json.loads(self._words.said(canonical(record.data), own))
        if "seen" in data:
            data["seen"] = sorted(data["seen"])
        for name, gate in data.get("gates", {}).items():
            if "paths" in gate:
                gate["subject"] = subject_of(gate).digest
                self._words.learn(record.data["gates"][name]["subject"], gate["subject"])
        if record.type is RecordType.PACKAGED:
            data["subject"] = self._packaged().as_read
        if record.type is RecordType.CLOSED:
            data["seal"] = seal(tuple(self._records))
        return data

    def _packaged(self) -> Subject:
        """What the package's approval binds: the packet tells of it before it is given."""
        return subject_of(json.loads(self._words.said(canonical(self._specimen.packaged.data()))))

    def _bind(self) -> None:
        """Every path of an approval that is there by now is known by its two digests."""
        for bound in self._specimen.bound:
            path = self._words.text(bound.path)
            if path in self._oids:
                old = None if bound.old is None else self._words.text(bound.old)
                exact = digest(canonical([old, self._oids[path]]))
                self._words.learn(bound.exact, exact)
                self._words.learn(digest(bound.patch), digest(self._words.said(bound.patch)))

    def _made(self, commit: Commit, files: Mapping[str, bytes]) -> Made:
        author, committer = (
            stamp._replace(seconds=stamp.seconds + self._later)
            for stamp in (commit.author, commit.committer)
        )
        return Made(author, committer, self._words.said(commit.message), files)


def _rank(path: str) -> tuple[int, str]:
    """The product comes first and results last, for each names what comes before it."""
    last = (_THERE.packet, _THERE.results)
    return (0 if path.startswith("src/") else 1 + (path in last), path)
