"""Signed decisions: whether one counts, and which approvals of a gate stand.

An unsigned record never speaks for a person, and one that is signed speaks only here: for this
root, this base, this change, this round, by a principal whose role may say it.
"""

from collections.abc import Sequence
from functools import partial

from codexa_git.audit.record import Record
from codexa_git.audit.words import AgentRole, Gate, RecordType, Stage
from codexa_git.gate.case import Case
from codexa_git.gate.signed import check_signature, problem_of
from codexa_git.gate.subjects import fallen, subject_of
from codexa_git.policy.rules import (
    Carry,
    GateRule,
    PathRule,
    Policy,
    approvers_asked,
    carry_of,
    gate_rule,
    holders,
    path_rules,
    person_of,
)
from codexa_git.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from codexa_git.policy.signatures import Judgement

TESTER_PRINCIPAL = "tester@agents.invalid"


class Decision(NamedTuple):
    """A signed record with what is wrong with it (`None`: it counts) and the signer's roles.

    `fallen` lists the paths that an approval no longer stands for.
    """

    record: Record
    problem: str | None
    roles: tuple[str, ...] = ()
    fallen: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        """True where nothing is wrong with it."""
        return self.problem is None


def judged(case: Case, record: Record) -> Decision:
    """Whether this signed record speaks for its actor, under this policy, about this change.

    Asked in this order: root, base, light, round, what was seen, who it is, whether such a one may
    say it, the signature, touch and PIN.
    """
    # Kept with its record, so that no other has its identity while the answer is known.
    return case.once(("judged", id(record)), lambda: (record, _judged(case, record)))[1]


def _judged(case: Case, record: Record) -> Decision:
    roles = roles_of(case, record.actor.email)
    if problem := _wrong_place(case, record) or _wrong_hand(case.policy, record, roles):
        return Decision(record, problem)
    judgement = signature_of(case, record)
    return Decision(record, problem_of(case.policy, record, judgement), roles)


def _wrong_place(case: Case, record: Record) -> str | None:
    data = record.data
    if data["root"] != case.context.root:
        return "signed under another trust root"
    if data["branch"] != case.context.branch:
        return f"signed for the base {data['branch']}"
    if case.state.light is not None and case.state.light.id not in data["seen"]:
        return "signed before the change was marked light"
    if (signed := other_round(record)) is not None:
        return f"its line says round {record.round}, and round {signed} was signed"
    if case.record_ids.issuperset(data["seen"]):
        return None
    return "names records that this change does not hold"


def other_round(record: Record) -> int | None:
    """The signed round of the record's own stage, where its line says another; `None`: it agrees.

    Stage and round of the line are not under the signature. A gate of another stage tells nothing.
    """
    for name, bound in record.data["gates"].items():
        if Gate(name).stage is record.stage and bound["round"] != record.round:
            return int(bound["round"])
    return None


def wrong_name(policy: Policy, record: Record) -> str | None:
    """Why this is not the name that policy knows the signer's address by; `None`: it is.

    Pages tell of people by name, and an address's key would sign any.
    """
    person = person_of(policy, record.actor.email)
    if person is None or person.name == record.actor.name:
        return None
    return f"{record.actor.email} is {person.name} in the policy, and signed as another"


def _wrong_hand(policy: Policy, record: Record, roles: tuple[str, ...]) -> str | None:
    """Whoever signs does so by their own name; the Tester's key signs results and nothing else."""
    if not roles:
        return f"{record.actor.email} has no role in the policy"
    if record.actor.role not in roles:
        return f"{record.actor.email} does not hold the role {record.actor.role}"
    if problem := wrong_name(policy, record):
        return problem
    is_tester = record.actor.email == TESTER_PRINCIPAL
    if record.type is RecordType.RESULTS_RECORDED:
        return None if is_tester else "results are for a tester to sign"
    return "the Tester's key signs results, and no person's word" if is_tester else None


def roles_of(case: Case, email: str) -> tuple[str, ...]:
    """The roles that this principal may speak in."""
    if email == TESTER_PRINCIPAL:
        return (AgentRole.TESTER,)
    person = person_of(case.policy, email)
    return () if person is None else person.roles


def signature_of(case: Case, record: Record) -> "Judgement":
    """Whether the signature is its actor's, by a key that was theirs when this is judged."""
    return check_signature(case.policy, record, max(case.context.at, case.context.not_before))


def approvals(case: Case, gate: Gate) -> tuple[Decision, ...]:
    """Every approval of this gate's present round, each with what is wrong with it.

    Those that were withdrawn are gone, by a signed word that counts and by no other. A case never
    changes, so each gate's are judged once.
    """
    return case.once(("approvals", gate), lambda: _approvals(case, gate))


def _approvals(case: Case, gate: Gate) -> tuple[Decision, ...]:
    withdrawals = case.state.of(RecordType.APPROVAL_WITHDRAWN)
    gone = {
        name
        for record in withdrawals
        if judged(case, record).counts
        for name in record.data["approvals"]
    }
    current = case.state.round(gate.stage)
    return tuple(
        _approval(case, gate, record)
        for record in case.state.of(RecordType.APPROVAL_GRANTED)
        if record.id not in gone and record.data["gates"].get(gate, {}).get("round") == current
    )


def _approval(case: Case, gate: Gate, record: Record) -> Decision:
    decision = judged(case, record)
    if not decision.counts:
        return decision
    data = record.data["gates"][gate]
    recorded = subject_of(data)
    if recorded.digest != data["subject"]:
        return decision._replace(problem="its list of paths is not what was signed")
    paths = fallen(case.store, recorded.paths, case.scope(gate), partial(carries, case))
    if paths:
        return decision._replace(problem=_changed(paths), fallen=paths)
    if gate is Gate.PACKAGE and not _saw_packet(case, record):
        return decision._replace(problem="the packet was made again since")
    if gate is Gate.RESULTS and not _same_outcomes(case, recorded.outcomes, recorded.named):
        return decision._replace(problem="the results are others than those approved")
    return decision


def _same_outcomes(case: Case, outcomes: str | None, named: Sequence[str]) -> bool:
    results = case.results
    return results is not None and outcomes == results.pairs and tuple(named) == case.results_named


def _saw_packet(case: Case, record: Record) -> bool:
    """The packet lies outside the subject, so whoever approves is held to the one they had."""
    return case.state.packaged is None or case.state.packaged.id in record.data["seen"]


def carries(case: Case, path: str) -> bool:
    """True where an approval of `path` stands as long as its text diff does."""
    return carry_of(case.policy, path) is Carry.PATCH


def _changed(paths: tuple[str, ...]) -> str:
    more = "" if len(paths) == 1 else f" and {len(paths) - 1} more"
    return f"stale: {paths[0]}{more} changed since"


class Need(NamedTuple):
    """So many distinct approvers in one role, and who counts so far; `paths` says for what."""

    role: str
    wanted: int
    approvers: tuple[str, ...]
    paths: tuple[str, ...] = ()

    @property
    def missing(self) -> int:
        """How many are still needed."""
        return max(0, self.wanted - len(self.approvers))


def needs(case: Case, gate: Gate, rule: GateRule) -> tuple[Need, ...]:
    """What the gate needs of approvers: its own rule, then each path rule its subject touches.

    With `separate` each needs two at least: nobody signs work, so anyone may be its author.
    """
    counting = [decision for decision in approvals(case, gate) if decision.counts]
    asked: dict[GateRule | PathRule, tuple[str, ...]] = {rule: ()}
    if gate is Gate.PACKAGE:
        asked |= _asked_of(case, gate)
    return tuple(
        Need(r.role, approvers_asked(case.policy, r), _approvers(counting, r.role), paths)
        for r, paths in asked.items()
    )


def _asked_of(case: Case, gate: Gate) -> dict[GateRule | PathRule, tuple[str, ...]]:
    asked: dict[PathRule, list[str]] = {}
    for difference in case.scope(gate):
        for rule in path_rules(case.policy, difference.path):
            asked.setdefault(rule, []).append(difference.path)
    return {rule: tuple(paths) for rule, paths in asked.items()}


def _approvers(standing: Sequence[Decision], role: str) -> tuple[str, ...]:
    names = {d.record.actor.email: d.record.actor.name for d in standing if role in d.roles}
    return tuple(names.values())


def standing(case: Case, gate: Gate) -> tuple[Record, ...]:
    """The approvals of this gate that count towards what it asks for, by its rule or by a path's.

    Whoever counts and holds none of the roles asked for has said something, and decided nothing.
    """
    asked = {gate_rule(case.policy, gate).role}
    if gate is Gate.PACKAGE:
        asked |= {rule.role for rule in _asked_of(case, gate)}
    return tuple(
        decision.record
        for decision in approvals(case, gate)
        if decision.counts and not asked.isdisjoint(decision.roles)
    )


def can_meet(case: Case, need: Need) -> tuple[str, ...]:
    """The names of the people who hold the role and have not approved yet."""
    return tuple(p.name for p in holders(case.policy, need.role) if p.name not in need.approvers)


def tester_signed(case: Case) -> Decision | None:
    """The results in force, judged; `None` where no results are recorded in this round."""
    record = case.state.results
    if record is None:
        return None
    decision = judged(case, record)
    placed = record.data["gates"]["results"]
    if decision.counts and placed["round"] != case.state.round(Stage.VALIDATE):
        return decision._replace(problem=f"results of round {placed['round']}")
    if decision.counts and placed["subject"] != case.results_digest:
        return decision._replace(problem=f"{case.places.results} is not what was signed")
    return decision
