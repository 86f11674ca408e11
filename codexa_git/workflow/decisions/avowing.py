"""Signing work: whoever did a task by hand, or lets the Implementer do it, may sign that it is so.

With `separate` they then approve none of it, and nobody else has to be asked twice (ADR 0042).
"""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from codexa_git.audit.payload import payload
from codexa_git.audit.record import Actor, Record
from codexa_git.audit.words import Gate, RecordType
from codexa_git.errors import UsageError
from codexa_git.gate.case import Case
from codexa_git.gate.decisions import asks_whose
from codexa_git.gate.judging import judged
from codexa_git.gate.working import signed_tasks
from codexa_git.policy.rules import GateRule, PathRule, approvers_asked, holders, path_rules
from codexa_git.repository.objects import Entry
from codexa_git.repository.store import Store
from codexa_git.workflow.base.settings import SIGN_SETTING
from codexa_git.workflow.changes.draft import Draft
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.decisions.deciding import Sign, speaking
from codexa_git.workflow.decisions.overtaken import own_key
from codexa_git.workflow.decisions.signing import person_signs
from codexa_git.workflow.decisions.vouching import require_counting

Data = dict[str, Any]
Avow = Callable[[Draft, Data, Actor], Record]
"""Puts the record of a task that is done into the draft, signed or not, with its actor."""


class Unsigned(NamedTuple):
    """Why somebody does not sign a task that they wanted to; `hints` where it waits for them."""

    why: str
    hints: tuple[str, ...] = ()


Notice = Callable[[str, Unsigned], None]
"""Hears of a task that somebody wanted to sign and does not."""


class Avowal(NamedTuple):
    """Who stands for the work that is done now, in one of their roles, and what signs for them.

    What was found done by hand they sign only where they ask for it: a setting speaks of no work;
    and what nobody committed in this clone only where it is `mine` by its task's name.
    """

    person: Actor
    sign: Sign
    notice: Notice
    by_hand: bool = False
    mine: frozenset[str] = frozenset()


_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0", "")


def signs_work(store: Store) -> bool:
    """Whether git's configuration says that work is signed here; it is not where nobody said so.

    Raises:
        UsageError: it says neither yes nor no.
    """
    said = store.config(SIGN_SETTING) or ""
    if said.lower() in (*_YES, *_NO):
        return said.lower() in _YES
    raise UsageError(
        f"{SIGN_SETTING} is {said!r}, and neither true nor false",
        hint=f"git config {SIGN_SETTING} true",
    )


def avowal_of(
    moment: Moment,
    person: Actor,
    home: Path,
    notice: Notice,
    *,
    by_hand: bool,
    mine: frozenset[str] = frozenset(),
) -> Avowal:
    """This person, who stands for the work that is done from here on, and perhaps was before.

    Raises:
        RefusedError: they have no role, so that their signature would not count.
        SignatureError: they have no key, or none that policy knows as theirs.
    """
    who = speaking(moment, person)
    own_key(moment, who, home)
    return Avowal(who, person_signs(moment.store, moment.policy, who, home), notice, by_hand, mine)


def unsigned(draft: Draft, data: Data, actor: Actor) -> Record:
    """The record of a task that nobody signs."""
    return draft.record(RecordType.TASK_COMPLETED, data, actor=actor)


def too_dear(case: Case, person: Actor, touched: Iterable[str]) -> str | None:
    """What it costs that this person signs a task, if too few could approve the work then.

    `touched` are its paths. Where something that was done before is not signed, it costs nothing:
    then two approve, whoever signed.
    """
    signed = [decision.record for decision in signed_tasks(case) if decision.counts]
    if not case.policy.separate or len(signed) < len(case.state.done):
        return None
    signers = {person.email, *(record.signer.email for record in signed)}
    rules: list[GateRule | PathRule] = []
    rules += [rule for rule in case.policy.gates if asks_whose(case, rule.gate)]
    for path in (*touched, *(difference.path for difference in case.scope(Gate.PACKAGE))):
        rules += path_rules(case.policy, path)
    for rule in rules:
        able = [p for p in holders(case.policy, rule.role) if p.email not in signers]
        if len(able) < approvers_asked(case.policy, rule, signed=True):
            return f"too few were left to approve the work as {rule.role}, unless it is for two"
    return None


def avowing(avowal: Avowal | None) -> Avow:
    """What records a task for which this person stands; for `None`, nobody does."""
    if avowal is None:
        return unsigned
    return lambda draft, data, actor: _avowed(avowal, draft, data, actor)


def _avowed(avowal: Avowal, draft: Draft, data: Data, actor: Actor) -> Record:
    """The signed record of a task.

    Raises:
        RefusedError: the signature would not count, and nothing is recorded.
    """
    footing, before = draft.footing, _seen(draft)
    held, tip = footing.held.tree, footing.tip.tree
    case = Case(draft.store, footing.policy, held, tip, footing.context(draft.at))
    full = data | {
        "root": footing.context(draft.at).root,
        "branch": footing.ground.branch,
        "gates": {},
        "seen": before,
        "round": draft.round,
        "signer": avowal.person._asdict(),
        "stands": stands(case, data, avowal.person),
    }
    kind, at = RecordType.TASK_COMPLETED, draft.at
    signature = avowal.sign(payload(kind, full, change=draft.change, actor=actor, at=at))
    record = draft.record(kind, full, actor=actor, signature=signature)
    require_counting(judged(case, record))
    return record


def _seen(draft: Draft) -> list[str]:
    """What was on record before this draft: what it makes itself follows from its own data."""
    made = {record.id for record in draft.made}
    return sorted(record.id for record in draft.logger.records if record.id not in made)


def as_touched(path: str, entry: Entry | None) -> dict[str, str | None]:
    """A path as records keep what a task left there."""
    if entry is None:
        return {"path": path, "mode": None, "blob": None}
    return {"path": path, "mode": str(entry.mode), "blob": entry.oid}


def stands(case: Case, data: Data, person: Actor) -> list[dict[str, Any]]:
    """What the task leaves behind: what it touched now, or what this person signed of it before.

    A task that is done again touches only what it makes otherwise; all of theirs is signed again.
    What another left, or nobody signed, is not theirs by their doing the task once more.
    """
    files: dict[str, dict[str, Any]] = {}
    for record in case.state.of(RecordType.TASK_COMPLETED):
        is_own = record.signature is not None and record.signer.email == person.email
        if is_own and record.data["task_id"] == data["task_id"] and judged(case, record).counts:
            files |= {file["path"]: file for file in record.data["stands"]}
    entries = {path: case.store.entry(case.tree, path) for path in files}
    kept = {path: file for path, file in files.items() if file == as_touched(path, entries[path])}
    kept |= {file["path"]: file for file in data["files_touched"]}
    return [kept[path] for path in sorted(kept)]


def as_before(signed: Record) -> Avow:
    """What records the same task again, with its signature where that is still of just this.

    A signature is taken verbatim or not at all: of other work, or after other records, it would
    count for nothing.
    """

    def again(draft: Draft, data: Data, actor: Actor) -> Record:
        own = {name: value for name, value in signed.data.items() if name in data}
        known = {record.id for record in draft.logger.records}
        fits = (own, signed.actor, signed.seconds) == (data, actor, draft.at)
        if signed.signature is None or not fits or not known.issuperset(signed.data["seen"]):
            return unsigned(draft, data, actor)
        kind = RecordType.TASK_COMPLETED
        return draft.record(kind, signed.data, actor=actor, signature=signed.signature)

    return again
