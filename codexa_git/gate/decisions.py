"""Decisions of people: which approvals of a gate stand, and whether they are enough."""

from collections.abc import Sequence
from functools import partial

from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, Stage
from codexa_git.gate.against import TESTER_PRINCIPAL as TESTER_PRINCIPAL  # noqa: PLC0414
from codexa_git.gate.against import granted, taken_back
from codexa_git.gate.case import Case
from codexa_git.gate.judging import judged
from codexa_git.gate.signed import Decision
from codexa_git.gate.subjects import fallen, subject_of
from codexa_git.gate.working import OWN_WORK, work_of
from codexa_git.policy.rules import (
    Carry,
    GateRule,
    PathRule,
    approvers_asked,
    carry_of,
    gate_rule,
    holders,
    path_rules,
)
from codexa_git.values import NamedTuple


def approvals(case: Case, gate: Gate) -> tuple[Decision, ...]:
    """Every approval of this gate's present round, each with what is wrong with it.

    Those that were withdrawn are gone, by a signed word that counts; one of which it is doubted
    that it was withdrawn does not count. A case never changes, so each gate's are judged once.
    """
    return case.once(("approvals", gate), lambda: _approvals(case, gate))


def _approvals(case: Case, gate: Gate) -> tuple[Decision, ...]:
    current = case.state.round(gate.stage)
    return tuple(
        _approval(case, gate, record)
        for record in granted(case)
        if record.data["gates"].get(gate, {}).get("round") == current
    )


def _approval(case: Case, gate: Gate, record: Record) -> Decision:
    decision = judged(case, record)
    if not decision.counts:
        return decision
    if (word := taken_back(case).doubted.get(record.id)) is not None:
        return decision._replace(problem=word.of_an_approval)
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
    if record.actor.email in barred(case, gate):
        return decision._replace(problem=OWN_WORK)
    return decision


def barred(case: Case, gate: Gate) -> frozenset[str]:
    """The addresses of those whose approval would not count here, for they signed the work."""
    return work_of(case).signers if asks_whose(case, gate) else frozenset()


def asks_whose(case: Case, gate: Gate) -> bool:
    """True where it matters who signed the work; of a plan nobody says whose it is."""
    return case.policy.separate and gate is not Gate.PLAN


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
    """So many distinct approvers in one role, and who counts so far; `paths` says for what.

    `barred` are the addresses of those who signed the work, and are not asked.
    """

    role: str
    wanted: int
    approvers: tuple[str, ...]
    paths: tuple[str, ...] = ()
    barred: frozenset[str] = frozenset()

    @property
    def missing(self) -> int:
        """How many are still needed."""
        return max(0, self.wanted - len(self.approvers))


def needs(case: Case, gate: Gate, rule: GateRule) -> tuple[Need, ...]:
    """What the gate needs of approvers: its own rule, then each path rule its subject touches.

    With `separate` each needs two at least, unless all the work is signed: else anyone may be its
    author. A plan, which nobody signs as theirs, always needs two.
    """
    counting = [decision for decision in approvals(case, gate) if decision.counts]
    asked: dict[GateRule | PathRule, tuple[str, ...]] = {rule: ()}
    if gate is Gate.PACKAGE:
        asked |= _asked_of(case, gate)
    signed = asks_whose(case, gate) and work_of(case).signed
    wanted = partial(approvers_asked, case.policy, signed=signed)
    own = barred(case, gate)
    return tuple(
        Need(r.role, wanted(r), _approvers(counting, r.role), paths, own)
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
    """The names of the people who hold the role, may approve this, and have not yet."""
    able = [p for p in holders(case.policy, need.role) if p.email not in need.barred]
    return tuple(p.name for p in able if p.name not in need.approvers)


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
