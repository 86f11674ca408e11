"""One whole change, made by the workflow itself, closed and ready to land; and ways to forge it.

Built once a session. Nothing that a test does moves a ref: forged trees are written beside it, and
the store is content-addressed, so tests share it.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from builders import commit, git
from gate.handwritten import Handwritten
from policy.authenticator import signed_here

from codexa_git.audit.logger import log_path, parse_log
from codexa_git.audit.payload import NAMESPACE, payload
from codexa_git.audit.record import Actor, Record, format_record, make
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.change.folding import fold
from codexa_git.change.note import status_note
from codexa_git.change.pages import PAGES, QA_REPORT
from codexa_git.change.state import State, seal
from codexa_git.errors import PaperError, RecordError
from codexa_git.gate.case import Case
from codexa_git.gate.context import Context
from codexa_git.gate.decisions import TESTER_PRINCIPAL
from codexa_git.gate.heard import live_report_of, unheard
from codexa_git.gate.pages import page_with_block
from codexa_git.gate.verdict import Verdict, evaluate
from codexa_git.policy.keys import ed25519_from_seed
from codexa_git.policy.parsing import parse_policy
from codexa_git.policy.rules import Policy, Tests
from codexa_git.repository.objects import Entry
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import Ground, stand
from codexa_git.workflow.changes.draft import AGENTS, Built
from codexa_git.workflow.changes.moment import Moment, named
from codexa_git.workflow.decisions.approving import approve
from codexa_git.workflow.decisions.deciding import answer, ask, raise_concern, resolve
from codexa_git.workflow.moves.advancing import Advanced, Ended, How, advance, until_blocked
from codexa_git.workflow.owners.adopting import Adoption, adopt, place_of_adoption
from codexa_git.workflow.owners.enforcing import enforce
from codexa_git.workflow.stages.closing import evidence
from codexa_git.workflow.stages.opening import Request, open_change
from codexa_git.workflow.together.publishing import publish, start

BEGAN = 1_767_225_600
CHANGE = "CH-001"
BRANCH = f"change/{CHANGE}"
PM = Actor("Demo PM", "pm@demo.invalid", "pm")
DEV = Actor("Demo Dev", "dev@demo.invalid", "dev")
STRANGER = Actor("Demo Stranger", "stranger@demo.invalid", "pm")
TESTER = AGENTS[AgentRole.TESTER]
SEEDS = {PM.email: 1, DEV.email: 2, STRANGER.email: 3, TESTER_PRINCIPAL: 4}

CHECK = """\
import sys
from pathlib import Path

from totals import total, words

LINE = '<line number="{}" hits="{}"/>'
LINES = "".join(LINE.format(n, int(n != 16)) for n in (4, 5, 8, 9, 15, 16))
CLASS = f'<class filename="totals.py"><lines>{LINES}</lines></class>'
Path("coverage.xml").write_text(f"<coverage>{CLASS}</coverage>")
sys.exit(0 if total([1, 2]) == 3 and words() == "sum" else 1)
"""
TOTALS = """\
# Totals.


def total(numbers):
    return sum(numbers)


# Keep these lines apart.


def version():
    return 1
"""
BRIEF = b"""\
# CH-001 Say it in words

## Context

People ask what a total is.

## Scope

- A function that says it.

## Out of scope

- Other languages.

## Acceptance criteria

- AC-1: `words` returns the text `sum`
- AC-2: the file `WORDS.txt` holds one line

## Clarifications

None.
"""
RECIPES = """\
[[task]]
title = "say it in words"
criteria = ["AC-1"]
patch = "patches/T-01.patch"
again = ["patches/T-01-again.patch"]

[[task]]
title = "write it down"
criteria = ["AC-2"]
after = ["T-01"]
run = ["python3 tools/write.py"]
"""
PATCH = """\
diff --git a/totals.py b/totals.py
--- a/totals.py
+++ b/totals.py
@@ -5 +5,5 @@
     return sum(numbers)
+
+
+def words():
+    return "mus"
"""
AGAIN = """\
diff --git a/totals.py b/totals.py
--- a/totals.py
+++ b/totals.py
@@ -8,2 +8,2 @@
 def words():
-    return "mus"
+    return "sum"
"""
PRODUCT = {
    "totals.py": TOTALS,
    "check.py": CHECK,
    "README.md": "# Demo\n",
    "run.sh": "#!/bin/sh\n",
    "tools/write.py": "open('WORDS.txt', 'w').write('sum\\n')\n",
    "PROGRESS.md": "# Progress\n\nWords of people.\n",
    "docs/PROJECT_OVERVIEW.md": "# Overview\n\nOne.\n\nTwo.\n",
}
OVERVIEW = f"changes/{CHANGE}/pages/PROJECT_OVERVIEW.md"


class Keyring:
    """Private keys made from seeds; who is not enrolled has one too."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.public: dict[str, str] = {}
        for email, number in SEEDS.items():
            private, self.public[email] = ed25519_from_seed(bytes([number]) * 32)
            place = folder / email
            place.write_bytes(private)
            place.chmod(0o600)

    @classmethod
    def of(cls, folder: Path, public: dict[str, str]) -> "Keyring":
        """The keys that lie in this folder already."""
        ring = cls.__new__(cls)
        ring.folder, ring.public = folder, public
        return ring

    def sign(self, email: str, content: bytes, namespace: str = NAMESPACE) -> str:
        return signed_here(self.folder / email, content, namespace)

    def by(self, email: str) -> Callable[[bytes], str]:
        return lambda content: self.sign(email, content)


class World:
    """The closed change, the base that it stands on, and the ways to forge it."""

    change = CHANGE

    def __init__(self, folder: Path, keys: Keyring, store: Store, moment: Moment) -> None:
        self.folder = folder
        self.keys = keys
        self.store = store
        self.moment = moment
        self.policy: Policy = moment.policy
        self.base = moment.held.tree
        self.tree = moment.tip.tree
        self.context = Context(
            moment.ground.root, "main", moment.ground.at, moment.held.committer.seconds
        )

    @property
    def state(self) -> State:
        return self.moment.state

    @property
    def root(self) -> str:
        assert self.context.root is not None
        return self.context.root

    def judge(self, tree: str, **other: Any) -> Verdict:  # noqa: ANN401
        """The verdict on this tree; `base`, `policy` and `context` may be others."""
        return evaluate(
            other.get("policy", self.policy),
            other.get("base", self.base),
            tree,
            other.get("context", self.context),
            store=self.store,
        )

    def case(self, tree: str, policy: Policy | None = None) -> Case:
        return Case(self.store, policy or self.policy, self.base, tree, self.context)

    def read(self, path: str, tree: str | None = None) -> bytes:
        content = self.store.read(tree or self.tree, path)
        assert content is not None, path
        return content

    def edited(
        self,
        files: Mapping[str, bytes | Entry | None],
        tree: str | None = None,
        mode: str = "100644",
    ) -> str:
        """The tree with these files: bytes as a plain file, `None` removes."""
        entries = {
            path: Entry(mode, self.store.write_blob(content))
            if isinstance(content, bytes)
            else content
            for path, content in files.items()
        }
        return self.store.write_tree(tree or self.tree, entries)

    def records(self, tree: str | None = None) -> list[Record]:
        """Every record, file by file."""
        return [
            record
            for name in LOG_NAMES
            for record in parse_log(self._log(name, tree), log_path(self.change, name), self.change)
        ]

    def _log(self, name: str, tree: str | None) -> bytes:
        return self.store.read(tree or self.tree, log_path(self.change, name)) or b""

    def with_records(self, records: list[Record], tree: str | None = None) -> str:
        """The tree with exactly these records in its files, and nothing else made to fit them."""
        files: dict[str, bytes | Entry | None] = {}
        for name in LOG_NAMES:
            lines = [format_record(record) for record in records if record.log == name]
            files[log_path(self.change, name)] = b"".join(lines) or None
        return self.edited(files, tree)

    def remade(
        self, records: list[Record], tree: str | None = None, policy: Policy | None = None
    ) -> str:
        """The tree with these records and all that anyone can make without a key made to fit.

        That is: the status note, the QA report, the pages' blocks, the retention records, the seal.
        """
        open_ones = [r for r in records if r.type is not RecordType.CLOSED]
        made = self.with_records(open_ones, tree)
        open_ones += self._retained(made)
        made = self.with_records(open_ones, made)
        state = fold(self.change, tuple(_ordered(open_ones)))
        closed = self.record(
            RecordType.CLOSED,
            {"seal": seal(state.records), "records": len(open_ones), "base_tree": self.base},
        )
        everything = [*open_ones, closed]
        made = self.with_records(everything, made)
        told = fold(self.change, tuple(_ordered(everything)))
        note = status_note(
            told, unheard(self.store, policy or self.policy, self.context, told.records)
        )
        made = self.edited({f"changes/{self.change}/status.md": note}, made)
        return self._with_pages(made, policy)

    def _with_pages(self, tree: str, policy: Policy | None) -> str:
        report = live_report_of(self.case(tree))
        if report is not None:
            tree = self.edited({f"changes/{self.change}/pages/{QA_REPORT}": report}, tree)
        made: dict[str, bytes | Entry | None] = {}
        for page in PAGES:
            with suppress(RecordError, PaperError):
                made[page] = page_with_block(self.case(tree, policy), page)
        return self.edited(made, tree)

    def _retained(self, tree: str) -> list[Record]:
        """One retention record for whatever evidence has none yet."""
        case = self.case(tree)
        known = {
            item["digest"]
            for record in case.state.records
            if record.log == "retention"
            for item in record.data["items"]
        }
        try:
            items = [item for item in evidence(case) if item["digest"] not in known]
        except RecordError:
            return []
        return [self.record(RecordType.RETENTION_KEPT, {"items": items})] if items else []

    def record(self, kind: RecordType, data: dict[str, Any], **other: Any) -> Record:  # noqa: ANN401
        """A record as anyone could write it."""
        stage = other.get("stage", Stage.CLEANUP)
        return make(
            kind,
            data,
            change=other.get("change", self.change),
            stage=stage,
            round=other.get("round", 1),
            actor=other.get("actor", AGENTS[AgentRole.IMPLEMENTER]),
            at=other.get("at", self.context.at),
            signature=other.get("signature"),
        )

    def decision(
        self,
        kind: RecordType,
        data: dict[str, Any],
        *,
        actor: Actor = PM,
        key: str | None = None,
        namespace: str = NAMESPACE,
        **other: Any,  # noqa: ANN401
    ) -> Record:
        """A signed record: `key` names whose key signs, the actor's own if not said."""
        at = other.get("at", self.context.at)
        full = {
            "root": self.root,
            "branch": "main",
            "gates": {},
            "seen": list(other.pop("seen", ())),
        } | data
        content = payload(kind, full, change=other.get("change", self.change), actor=actor, at=at)
        signature = self.keys.sign(key or actor.email, content, namespace)
        return self.record(kind, full, actor=actor, signature=signature, **other)


def _ordered(records: list[Record]) -> list[Record]:
    return sorted(records, key=lambda record: LOG_NAMES.index(record.log))


def replaced(records: list[Record], old: Record, *new: Record) -> list[Record]:
    """The records with `new` where `old` stood."""
    at = next(n for n, record in enumerate(records) if record.id == old.id)
    return [*records[:at], *new, *records[at + 1 :]]


def again(record: Record, **changes: Any) -> Record:  # noqa: ANN401
    """The record with other fields and the id that then fits; its signature as it was."""
    fields = record._replace(**changes)
    return make(
        fields.type,
        fields.data,
        change=fields.change,
        stage=fields.stage,
        round=fields.round,
        actor=fields.actor,
        at=fields.seconds,
        signature=fields.signature,
    )


def unmet(verdict: Verdict) -> set[str]:
    """The names of what is not met."""
    return {ask.name for ask in verdict.unmet}


def claimed(verdict: Verdict) -> set[str]:
    """The names of what is only claimed."""
    return {ask.name for ask in verdict.asks if ask.answer.basis == "claimed"}


class Builder:
    """Carries the change through its stages, a minute a step."""

    def __init__(self, folder: Path, keys: Keyring, policy: Callable[[str], str] = str) -> None:
        self.folder = folder
        self.keys = keys
        self.minute = 0
        folder.mkdir()
        git(folder, "init", "-q")
        commit(folder, PRODUCT, "begin")
        self.store = Handwritten.open(folder)
        self._adopt(policy)

    @classmethod
    def at(cls, folder: Path, keys: Keyring, store: Store, minute: int) -> "Builder":
        """Goes on with a change that is there."""
        builder = cls.__new__(cls)
        builder.folder, builder.keys, builder.store, builder.minute = folder, keys, store, minute
        return builder

    def _adopt(self, policy: Callable[[str], str]) -> None:
        adoption = Adoption(
            PM,
            self.keys.public[PM.email],
            self.keys.public[TESTER_PRINCIPAL],
            Tests(run=("python3 check.py",), coverage="coverage.xml", touched=80),
        )
        adopt(self.store, place_of_adoption(self.store), PM, adoption, self._at())
        git(self.folder, "reset", "-q", "--hard")
        toml = (self.folder / "codexa.toml").read_text()
        dev = f'{toml}\n[[people]]\nemail = "{DEV.email}"\nname = "{DEV.name}"\nroles = ["dev"]\n'
        signers = (self.folder / ".codexa/allowed_signers").read_text()
        line = f'{DEV.email} namespaces="codexa" {self.keys.public[DEV.email]}\n'
        files = {"codexa.toml": policy(dev), ".codexa/allowed_signers": signers + line}
        parse_policy(files["codexa.toml"].encode(), files[".codexa/allowed_signers"].encode())
        commit(self.folder, files, "policy")
        enforce(self.ground(), PM, self.keys.by(PM.email), looked_at=lambda _: None, demo=True)
        git(self.folder, "reset", "-q", "--hard")

    def _at(self) -> int:
        self.minute += 1
        return BEGAN + 60 * self.minute

    def ground(self) -> Ground:
        return stand(self.store, self._at())

    def moment(self) -> Moment:
        return named(self.ground(), CHANGE)

    @property
    def how(self) -> How:
        return How(PM, self.keys.by(TESTER_PRINCIPAL), lambda: None, lambda _: None)

    def open(self) -> None:
        built = open_change(self.ground(), PM, Request("Say it in words", brief=BRIEF), 1)
        start(self.store, f"refs/heads/{BRANCH}", built)
        git(self.folder, "switch", "-q", BRANCH)
        folder = f"changes/{CHANGE}"
        papers = {
            f"{folder}/recipes.toml": RECIPES,
            f"{folder}/patches/T-01.patch": PATCH,
            f"{folder}/patches/T-01-again.patch": AGAIN,
            OVERVIEW: "- it says totals in words\n",
        }
        commit(self.folder, papers, "recipes")

    def do(self, make_built: Callable[[Moment], Built]) -> None:
        moment = self.moment()
        published = publish(moment, make_built(moment))
        assert not published.waits

    def advance(self) -> Advanced:
        return advance(self.moment(), self.how)

    def until_blocked(self) -> Advanced:
        return until_blocked(self.moment(), self.how, lambda _: None)

    def approve(self, comment: str = "") -> None:
        self.do(lambda m: approve(m, PM, self.keys.by(PM.email), comment=comment))

    def whole(self) -> Moment:
        """The change is closed: one question, one failed round, one concern on the way."""
        self.open()
        self.do(lambda m: ask(m, DEV, "In which words?"))
        self.do(lambda m: answer(m, PM, self.keys.by(PM.email), "Q-1", "Plain ones."))
        self.until_blocked()
        self.approve("go on")
        self.until_blocked()
        self.do(lambda m: raise_concern(m, DEV, "is `mus` a word?"))
        self.do(lambda m: resolve(m, PM, self.keys.by(PM.email), "CN-2", "not any more"))
        self.approve()
        self.until_blocked()
        self.approve()
        last = self.until_blocked()
        assert last.ended is Ended.BLOCKED
        moment = self.moment()
        assert not last.why, last.why
        return moment


def build(folder: Path, policy: Callable[[str], str] = str) -> World:
    """The closed change in a fresh repository below `folder`."""
    keys_folder = folder / "keys"
    keys_folder.mkdir()
    keys = Keyring(keys_folder)
    builder = Builder(folder / "repository", keys, policy)
    return World(builder.folder, keys, builder.store, builder.whole())
