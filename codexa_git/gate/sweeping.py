"""What is asked of a sweep: a commit of the base that says which evidence may go, and nothing else.

It is judged from two trees alone, its first parent's and its own, under the policy of the former. A
sweep binds what goes (change, name, digest, kind) and the retention records that its signer looked
at, not the place where it stands: put on another tip, it says the same, and said twice it is none.
"""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from codexa_git.audit.logger import log_path, parse_log, read_records
from codexa_git.audit.record import Record, time_of
from codexa_git.audit.words import RecordType
from codexa_git.change.retention import Evidence, evidence_of, swept
from codexa_git.change.text import counted
from codexa_git.errors import RecordError
from codexa_git.gate.answers import Answer, Ask, no, undecided, yes
from codexa_git.gate.carried import changes_in
from codexa_git.gate.context import Context
from codexa_git.gate.owners import Ruling, counted_owners, owners_answer
from codexa_git.policy.keeping import goes_at
from codexa_git.policy.rules import Policy
from codexa_git.repository.objects import Mode
from codexa_git.repository.store import Store

RECORDED = log_path(None, "retention")
"""The one file that a sweep touches."""


class Sweep:
    """A commit's tree beside its first parent's, the policy of the latter, and the context."""

    def __init__(
        self, store: Store, policy: Policy, base_tree: str, tree: str, context: Context
    ) -> None:
        self.store = store
        self.policy = policy
        self.base_tree = base_tree
        self.tree = tree
        self.context = context

    @property
    def at(self) -> int:
        """The time at which keys and days are judged."""
        return max(self.context.at, self.context.not_before)

    @cached_property
    def record(self) -> Record:
        """The one record that it adds; `RecordError` where it adds none, several, or another."""
        before = self.store.read(self.base_tree, RECORDED) or b""
        after = self.store.read(self.tree, RECORDED) or b""
        if not after.startswith(before):
            raise RecordError(f"{RECORDED} was not only appended to")
        added = parse_log(after, RECORDED, None)[before.count(b"\n") :]
        if len(added) != 1 or added[0].type is not RecordType.RETENTION_SWEPT:
            raise RecordError(f"{RECORDED}: a sweep adds one record of its own, and no other")
        return added[0]

    @cached_property
    def before(self) -> tuple[Record, ...]:
        """The repository's own records that stood there already."""
        return read_records(partial(self.store.read, self.base_tree), None)

    @cached_property
    def evidence(self) -> dict[str, Evidence]:
        """What became of the evidence of each landed change that the record names."""
        named = {item["change"] for item in self.record.data["items"]}
        landed = named.intersection(changes_in(self.store, self.base_tree))
        return {c: landed_evidence(self.store, self.base_tree, c) for c in sorted(landed)}


def judge_sweep(
    store: Store, policy: Policy, base_tree: str, tree: str, context: Context
) -> Ruling:
    """What is answered of a commit of the base that records a sweep."""
    sweep = Sweep(store, policy, base_tree, tree, context)
    asks = tuple(_asked(name, question, sweep) for name, question in QUESTIONS.items())
    signed = next(ask.met for ask in asks if ask.name == "owners-signed")
    owners = (sweep.record.actor.email,) if signed else ()
    return Ruling(RecordType.RETENTION_SWEPT, asks, owners)


def _asked(name: str, question: "Question", sweep: Sweep) -> Ask:
    asks = (question.__doc__ or "").split("\n", 1)[0].rstrip(".")
    try:
        answer = question(sweep)
    except RecordError as error:
        answer = undecided(error.message)
    return Ask(name, None, asks, answer)


def landed_evidence(store: Store, tree: str, change: str) -> Evidence:
    """What the records of a change in this tree of the base say became of its evidence."""
    return evidence_of(read_records(partial(store.read, tree), change))


def only_retention(sweep: Sweep) -> Answer:
    """Nothing but the repository's retention records changes, and they are only appended to."""
    for difference in sweep.store.difference(sweep.base_tree, sweep.tree):
        if difference.path != RECORDED:
            return no(f"{difference.path} changes, too", where=(difference.path,))
        if difference.new is None or difference.new.mode != Mode.FILE:
            return no(f"{RECORDED} is no plain file any more", where=(RECORDED,))
    try:
        record = sweep.record
    except RecordError as error:
        return no(error.message, where=(RECORDED,))
    if record.id in {other.id for other in sweep.before}:
        return no("the record stands there already", where=(RECORDED,))
    return yes(RECORDED)


def signed_here(sweep: Sweep) -> Answer:
    """The record names this root and this base, and what its signer had seen of each change."""
    data = sweep.record.data
    if data["root"] != sweep.context.root:
        return no("signed under another trust root")
    if data["branch"] != sweep.context.branch:
        return no(f"signed for the base {data['branch']}")
    seen = [name for evidence in sweep.evidence.values() for name in evidence.said]
    if data["seen"] != sorted(seen):
        return no("signed before other retention records than there are")
    return yes("as it stands here")


def by_owner(sweep: Sweep) -> Answer:
    """An owner under the policy of before has signed it, with a key in its time."""
    owners = counted_owners(sweep.policy, [sweep.record], sweep.at)
    return owners_answer(sweep.policy, owners, 1)


def policy_lets_go(sweep: Sweep) -> Answer:
    """Every item is one of a landed change, still held, of a kind that policy drops, and due."""
    items: list[dict[str, Any]] = sweep.record.data["items"]
    if not items:
        return no("it names nothing that goes")
    gone = swept(sweep.before)
    for item in items:
        place = item["change"], item["digest"]
        if problem := _held(sweep, item) or ("it was swept before" if place in gone else None):
            return no(f"{item['change']} {item['name']}: {problem}")
    if len({(item["change"], item["digest"]) for item in items}) < len(items):
        return no("it names something twice")
    return yes(counted(len(items), "item"))


def _held(sweep: Sweep, item: dict[str, Any]) -> str | None:
    """Why this item may not go; `None`: it may."""
    evidence = sweep.evidence.get(item["change"])
    if evidence is None:
        return "the change has not landed"
    if {name: item[name] for name in ("name", "digest", "kind")} not in evidence.held:
        return "no retention record holds it"
    goes = goes_at(sweep.policy.retention, item["kind"], evidence.last)
    if goes is None:
        return "policy keeps it"
    return f"policy keeps it until {time_of(goes)}" if goes > sweep.at else None


Question = Callable[[Sweep], Answer]

QUESTIONS: dict[str, Question] = {
    "only-retention": only_retention,
    "as-signed": signed_here,
    "owners-signed": by_owner,
    "policy-lets-go": policy_lets_go,
}
"""What is asked of a sweep, in this order."""
