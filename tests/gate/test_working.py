"""Work that is signed: by whom it counts, over what, and who may then approve it."""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import product

import pytest
from gate.avowed import DONE, fitted, signed_task
from gate.test_counting import counting
from gate.world import DEV as DEMO_DEV
from gate.world import PM, STRANGER, TESTER, World, replaced, unmet
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from searching import examples

from codexa_git.audit.record import Actor, Record
from codexa_git.audit.words import AgentRole, Gate, RecordType, Stage
from codexa_git.gate.answers import Basis
from codexa_git.gate.case import Case
from codexa_git.gate.decisions import approvals, can_meet, needs, standing
from codexa_git.gate.working import OWN_WORK, signed_tasks, why_unsigned, work_of
from codexa_git.policy.keys import ed25519_from_seed
from codexa_git.policy.rules import Carry, PathRule, Person, Policy, gate_rule
from codexa_git.policy.signers import AllowedSigners, Signer
from codexa_git.policy.wire import unbase64
from codexa_git.workflow.changes.draft import AGENTS

DEV, THIRD = DEMO_DEV._replace(role="pm"), STRANGER
PEOPLE = (PM, DEV, THIRD)
NOBODY = Actor("Demo Nobody", "nobody@demo.invalid", "pm")
"""Somebody with a key, whom the policy does not know."""


@pytest.fixture(scope="module")
def policy(world: World) -> Policy:
    """Three people who may approve, none of them alone what they did."""
    private, _ = ed25519_from_seed(bytes([9]) * 32)
    place = world.keys.folder / NOBODY.email
    place.write_bytes(private)
    place.chmod(0o600)
    more = tuple(Person(who.email, who.name, ("pm",)) for who in (DEV, THIRD))
    people = (*(p for p in world.policy.people if p.email == PM.email), *more)
    return world.policy._replace(people=people, signers=enrolled(world), separate=True)


def enrolled(world: World) -> AllowedSigners:
    kind, key = world.keys.public[THIRD.email].split()[:2]
    third = Signer(THIRD.email, kind, unbase64(key))
    return AllowedSigners((*world.policy.signers.signers, third))


Sign = Callable[[World, Record, Actor], Record | None]


def unsigned(world: World, true: Record, signer: Actor) -> None:
    del world, true, signer


def with_signature(world: World, true: Record, signer: Actor, other: Record) -> Record:
    """The record, with the signature that stands under another."""
    return signed_task(world, true, signer)._replace(signature=other.signature)


def of_another_task(world: World, true: Record, signer: Actor) -> Record:
    name = "T-02" if true.data["task_id"] == "T-01" else "T-01"
    other = world.state.done[name]
    return with_signature(world, true, signer, signed_task(world, other, signer))


def of_other_files(world: World, true: Record, signer: Actor) -> Record:
    """What was signed says less than what the record says."""
    other = signed_task(world, true, signer, said={"stands": []})
    return with_signature(world, true, signer, other)


def of_another_round(world: World, true: Record, signer: Actor) -> Record:
    return signed_task(world, true, signer, said={"round": 7}, round=7)


FORGED: dict[str, Sign] = {
    "by nobody": unsigned,
    "by a key that nobody enrolled": lambda w, r, who: signed_task(w, r, who, key=NOBODY.email),
    "by somebody without a role": lambda w, r, _: signed_task(w, r, NOBODY),
    "in the name of somebody without a role": lambda w, r, who: signed_task(
        w, r, NOBODY, key=who.email
    ),
    "by another's key": lambda w, r, who: signed_task(
        w, r, who, key=(DEV if who == PM else PM).email
    ),
    "by the Tester's key": lambda w, r, who: signed_task(w, r, who, key=TESTER.email),
    "by the Tester": lambda w, r, _: signed_task(w, r, TESTER),
    "by an agent": lambda w, r, _: signed_task(
        w, r, AGENTS[AgentRole.IMPLEMENTER], key=NOBODY.email
    ),
    "in a role that they do not hold": lambda w, r, who: signed_task(
        w, r, who._replace(role="payments")
    ),
    "by another's name": lambda w, r, who: signed_task(w, r, who._replace(name="Demo Boss")),
    "for commits": lambda w, r, who: signed_task(w, r, who, namespace="git"),
    "of another change": lambda w, r, who: signed_task(w, r, who, change="CH-009"),
    "of another task": of_another_task,
    "of another root": lambda w, r, who: signed_task(
        w, r, who, said={"root": f"sha256:{'0' * 64}"}
    ),
    "of no root": lambda w, r, who: signed_task(w, r, who, said={"root": None}),
    "of another base": lambda w, r, who: signed_task(w, r, who, said={"branch": "other"}),
    "of another round": of_another_round,
    "with a line of another round": lambda w, r, who: signed_task(w, r, who, round=r.round + 1),
    "with a line of another stage": lambda w, r, who: signed_task(w, r, who, stage=Stage.VALIDATE),
    "of another time": lambda w, r, who: signed_task(w, r, who, at=r.seconds + 1),
    "of another actor": lambda w, r, who: with_signature(
        w, r, who, signed_task(w, r, who, actor=DEV)
    ),
    "of other files": of_other_files,
    "after what is not there": lambda w, r, who: signed_task(
        w, r, who, said={"seen": [f"sha256:{'0' * 64}"]}
    ),
    "of work that another did by hand": lambda w, r, who: signed_task(
        w, r, who, said={"by": "person"}, actor=Actor("Demo Else", "else@demo.invalid", "x")
    ),
}
"""Every way in which a task is not signed by whom it seems to be."""


def signing(world: World, **tasks: Record | None) -> tuple[Record, ...]:
    """The records of the change with these tasks in the place of its own."""
    records = world.records()
    for name, record in tasks.items():
        true = world.state.done[name.replace("_", "-")]
        records = replaced(records, true, record or true)
    return tuple(r for r in records if r.type is not RecordType.APPROVAL_GRANTED)


def both(world: World, sign: Sign, signer: Actor) -> tuple[Record, ...]:
    """The records with both tasks signed so, and without any approval."""
    return signing(world, **{n.replace("-", "_"): sign(world, world.state.done[n], signer)
                             for n in ("T-01", "T-02")})  # fmt: skip


def truly(world: World, true: Record, signer: Actor) -> Record:
    return signed_task(world, true, signer)


def told(world: World, policy: Policy, records: Sequence[Record], tree: str | None = None) -> Case:
    return world.case(tree or world.tree, policy).as_of(tuple(records))


def approval(world: World, who: Actor) -> Record:
    """This person's approval of results and package, of everything that is there."""
    case = world.case(world.tree)
    gates = {
        str(gate): {
            "round": case.state.round(gate.stage),
            "subject": case.subject(gate).digest,
            **case.subject(gate).data(),
        }
        for gate in (Gate.RESULTS, Gate.PACKAGE)
    }
    packaged = case.state.packaged
    assert packaged is not None
    data = {"gates": gates, "comment": "", "seen": [packaged.id]}
    number = case.state.round(Stage.PACKAGE)
    kind, stage = RecordType.APPROVAL_GRANTED, Stage.PACKAGE
    return world.decision(kind, data, actor=who, stage=stage, round=number)


def lacking(case: Case, gate: Gate) -> int:
    """How many approvals the gate still waits for."""
    return sum(need.missing for need in needs(case, gate, gate_rule(case.policy, gate)))


def test_work_that_is_signed_asks_for_one_other_person(world: World, policy: Policy) -> None:
    case = told(world, policy, [*both(world, truly, DEV), approval(world, PM)])
    assert work_of(case).signed
    assert work_of(case).signers == {DEV.email}
    assert [lacking(case, gate) for gate in (Gate.RESULTS, Gate.PACKAGE)] == [0, 0]
    assert lacking(told(world, policy, both(world, truly, DEV)), Gate.PLAN) == 2


def test_its_signer_approves_none_of_it(world: World, policy: Policy) -> None:
    case = told(world, policy, [*both(world, truly, PM), approval(world, PM)])
    assert [d.problem for d in approvals(case, Gate.PACKAGE)] == [OWN_WORK]
    assert standing(case, Gate.PACKAGE) == ()
    (need,) = needs(case, Gate.PACKAGE, gate_rule(policy, Gate.PACKAGE))
    assert (need.wanted, need.approvers) == (1, ())
    assert can_meet(case, need) == (DEV.name, THIRD.name)


def test_two_signers_approve_none_of_it(world: World, policy: Policy) -> None:
    done = world.state.done
    tasks = {"T_01": signed_task(world, done["T-01"], PM), "T_02": truly(world, done["T-02"], DEV)}
    approved = [*signing(world, **tasks), approval(world, PM), approval(world, DEV)]
    case = told(world, policy, approved)
    assert work_of(case).signers == {PM.email, DEV.email}
    assert lacking(case, Gate.PACKAGE) == 1
    assert lacking(told(world, policy, [*approved, approval(world, THIRD)]), Gate.PACKAGE) == 0


@pytest.mark.parametrize("name", FORGED)
def test_a_signature_that_is_not_of_this_signs_nothing(
    world: World, policy: Policy, name: str
) -> None:
    done = world.state.done
    other = FORGED[name](world, done["T-02"], DEV)
    records = signing(world, T_01=truly(world, done["T-01"], DEV), T_02=other)
    case = told(world, policy, [*records, approval(world, PM)])
    assert not work_of(case).signed
    assert work_of(case).signers == frozenset()
    assert [lacking(case, gate) for gate in (Gate.RESULTS, Gate.PACKAGE)] == [1, 1]
    assert why_unsigned(case) is not None


@pytest.mark.parametrize("name", set(FORGED) - {"by nobody"})
def test_why_it_signs_nothing_is_said(world: World, policy: Policy, name: str) -> None:
    case = told(world, policy, both(world, FORGED[name], DEV))
    assert all(decision.problem for decision in signed_tasks(case))
    assert len(signed_tasks(case)) == 2
    assert "which does not count" in (why_unsigned(case) or "")


@pytest.mark.parametrize("window", [{"valid_before": 1}, {"valid_after": 7_000_000_000}])
def test_a_key_out_of_its_time_signs_nothing(
    world: World, policy: Policy, window: dict[str, int]
) -> None:
    keys = tuple(
        key._replace(**window) if key.principal == DEV.email else key  # type: ignore[arg-type]
        for key in policy.signers.signers
    )
    late = policy._replace(signers=AllowedSigners(keys))
    case = told(world, late, [*both(world, truly, DEV), approval(world, PM)])
    assert lacking(case, Gate.PACKAGE) == 1


def test_who_left_the_policy_signs_nothing(world: World, policy: Policy) -> None:
    people = tuple(p for p in policy.people if p.email != DEV.email)
    case = told(world, policy._replace(people=people), both(world, truly, DEV))
    assert not work_of(case).signed


@pytest.mark.parametrize("flag", ["require_touch", "require_pin"])
def test_a_signature_without_the_flag_that_policy_asks_for_signs_nothing(
    world: World, policy: Policy, flag: str
) -> None:
    asks = policy._replace(**{flag: True})  # type: ignore[arg-type]
    assert not work_of(told(world, asks, both(world, truly, DEV))).signed


@pytest.mark.parametrize(
    "edit",
    {
        "a byte": {"totals.py": b"# mine\n"},
        "a file more": {"more.py": b""},
        "a file gone": {"WORDS.txt": None},
    }.items(),
    ids=lambda edit: edit[0],
)
def test_work_that_is_other_than_what_was_signed_is_not_signed(
    world: World, policy: Policy, edit: tuple[str, dict[str, bytes | None]]
) -> None:
    tree = world.edited(edit[1])
    case = told(world, policy, both(world, truly, DEV), tree)
    assert work_of(case).unsigned == next(iter(edit[1]))
    assert "is not as anybody signed it" in (why_unsigned(case) or "")


def test_a_file_that_is_executable_since_is_not_signed(world: World, policy: Policy) -> None:
    tree = world.edited({"totals.py": world.read("totals.py")}, mode="100755")
    assert work_of(told(world, policy, both(world, truly, DEV), tree)).unsigned == "totals.py"


def test_signed_work_that_was_taken_out_again_leaves_the_rest_unsigned(
    world: World, policy: Policy
) -> None:
    """Whoever signed both files did not sign the one without the other."""
    before = world.store.read(world.base, "totals.py")
    tree = world.edited({"totals.py": before})
    case = told(world, policy, both(world, truly, DEV), tree)
    assert "totals.py" not in {d.path for d in case.scope(Gate.RESULTS)}
    assert work_of(case).unsigned == "totals.py"


def test_a_change_without_work_is_not_signed(world: World, policy: Policy) -> None:
    none: dict[str, list[str]] = {"stands": []}
    tasks = {
        name.replace("-", "_"): signed_task(world, record, DEV, said=none)
        for name, record in world.state.done.items()
    }
    work = {d.path: d.old for d in world.case(world.tree).scope(Gate.RESULTS)}
    case = told(world, policy, signing(world, **tasks), world.edited({**work}))
    assert case.scope(Gate.RESULTS) == ()
    assert not work_of(case).signed


def test_a_task_that_was_done_again_is_signed_again(world: World, policy: Policy) -> None:
    """T-01 was done, failed its test, and was done again: the first signature is void."""
    first, again = (r for r in world.state.of(DONE) if r.data["task_id"] == "T-01")
    assert (first.round, again.round) == (1, 2)
    records = replaced(list(both(world, truly, DEV)), truly(world, again, DEV), again)
    old = signed_task(world, first, DEV)
    records = replaced(records, first, old)
    case = told(world, policy, records)
    assert old not in [decision.record for decision in signed_tasks(case)]
    assert not work_of(case).signed
    copied = signed_task(world, again, DEV)._replace(signature=old.signature)
    assert not work_of(told(world, policy, replaced(records, again, copied))).signed


def test_a_rework_voids_what_was_signed(world: World, policy: Policy) -> None:
    data = {"from": "cleanup", "to": "execute", "reason": "no", "tasks": ["T-02"]}
    back = world.record(RecordType.REWORK, data | {"automatic": False}, stage=Stage.CLEANUP)
    records = [r for r in both(world, truly, DEV) if r.type is not RecordType.CLOSED]
    at = max(n for n, r in enumerate(records) if r.log == "handoff") + 1
    case = told(world, policy, [*records[:at], back, *records[at:]])
    assert [d.record.data["task_id"] for d in signed_tasks(case)] == ["T-01"]
    assert not work_of(case).signed


def test_a_path_asks_as_many_as_its_rule_says_of_signed_work(world: World, policy: Policy) -> None:
    rule = PathRule(("totals.py",), "payments", 1, Carry.PATCH)
    people = tuple(
        p._replace(roles=("pm", "payments")) if p.email != THIRD.email else p for p in policy.people
    )
    paths = policy._replace(paths=(rule,), people=people)
    payments = PM._replace(role="payments")
    signed = both(world, truly, THIRD)
    assert lacking(told(world, paths, [*signed, approval(world, payments)]), Gate.PACKAGE) == 0
    own = both(world, truly, PM)
    case = told(world, paths, [*own, approval(world, payments), approval(world, THIRD)])
    assert [n.missing for n in needs(case, Gate.PACKAGE, gate_rule(paths, Gate.PACKAGE))] == [0, 1]


def test_without_separate_nobody_asks_who_signed(world: World, policy: Policy) -> None:
    free = policy._replace(separate=False)
    case = told(world, free, [*both(world, truly, PM), approval(world, PM)])
    assert [d.counts for d in approvals(case, Gate.PACKAGE)] == [True]
    assert lacking(case, Gate.PACKAGE) == 0


@pytest.fixture
def puzzled(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """A machine that can tell nothing of signatures over payloads that hold these words."""
    from codexa_git.policy import signatures  # noqa: PLC0415

    holds = signatures._holds

    def begin(words: bytes) -> None:
        def answer(signature: signatures.SshSignature, payload: bytes) -> bool | None:
            return None if words in payload else holds(signature, payload)

        monkeypatch.setattr(signatures, "_holds", answer)
        monkeypatch.setattr("codexa_git.gate.signed.ask_ssh_keygen", lambda *_: None)

    return begin


def test_what_cannot_be_judged_neither_signs_nor_lets_its_signer_approve(
    world: World, policy: Policy, puzzled: Callable[[bytes], None]
) -> None:
    """Where one machine cannot tell and another can, the first says no more often."""
    records = [*both(world, truly, DEV), approval(world, PM), approval(world, DEV)]
    puzzled(b'"type":"task.completed"')
    case = told(world, policy, records)
    assert work_of(case).unsigned == ""
    assert work_of(case).signers == {DEV.email}
    assert lacking(case, Gate.PACKAGE) == 1


def test_what_cannot_be_judged_may_be_what_makes_it_other_work(
    world: World, policy: Policy, puzzled: Callable[[bytes], None]
) -> None:
    """One signed all of it; another, perhaps, a file as it is no more."""
    done = world.state.done
    whole = [f for r in done.values() for f in signed_task(world, r, DEV).data["stands"]]
    other = [file | {"mode": "100755"} for file in whole]
    tasks = {
        "T_01": signed_task(world, done["T-01"], DEV, said={"stands": whole}),
        "T_02": signed_task(world, done["T-02"], THIRD, said={"stands": other}),
    }
    records = [*signing(world, **tasks), approval(world, PM)]
    assert not work_of(told(world, policy, records)).signed
    puzzled(b'"task_id":"T-02"')
    case = told(world, policy, records)
    assert not work_of(case).signed
    assert work_of(case).signers == {DEV.email, THIRD.email}
    assert lacking(case, Gate.PACKAGE) == 1


def test_a_whole_landing_of_signed_work_needs_two_people_once(world: World, policy: Policy) -> None:
    """The plan is approved by two, and results and package by the one who did not sign."""
    done = world.state.done
    new = {r.id: signed_task(world, r, DEV) for r in done.values()}
    tree = fitted(world, new, policy=policy)
    assert unmet(world.judge(tree, policy=policy)) == {"plan-before-product", "plan-approved"}
    own = {r.id: signed_task(world, r, PM) for r in done.values()}
    found = world.judge(fitted(world, own, policy=policy), policy=policy)
    plan = {"plan-before-product", "plan-approved"}
    assert unmet(found) == {*plan, "results-approved", "package-approved"}
    told_of = [ask.answer.now for ask in found.unmet if ask.name == "package-approved"]
    assert told_of == [f"0 of 1 approvals by a pm; {PM.name}: {OWN_WORK}"]
    assert Basis.CLAIMED not in {ask.answer.basis for ask in found.asks if ask.met}


WAYS: dict[str, Sign] = FORGED | {"truly": truly}
WHO = st.sampled_from(PEOPLE)
SUBSETS = [[who for who, is_in in zip(PEOPLE, bits, strict=True) if is_in]
           for bits in product((False, True), repeat=3)]  # fmt: skip


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[*HealthCheck])
@given(data=st.data(), count=st.integers(1, 3))
def test_two_different_people_stand_behind_every_yes(
    world: World, policy: Policy, data: st.DataObject, count: int
) -> None:
    """Whatever is signed, copied or forged: as many others approved, or two at least did."""
    likely = st.sampled_from(["truly", "truly", *WAYS])
    ways = {name: data.draw(likely) for name in ("T-01", "T-02")}
    hands = {name: data.draw(WHO) for name in ways}
    tasks = {
        name.replace("-", "_"): _once(world, way, name, hands[name]) for name, way in ways.items()
    }
    approvers, hasty = data.draw(st.sampled_from(SUBSETS)), data.draw(st.sampled_from(SUBSETS))
    given_ = {who.email: _approved_once(world, who) for who in approvers}
    back = [_withdrawn_once(world, who) for who in hasty if who in approvers]
    records = [*signing(world, **tasks), *given_.values(), *back]
    case = told(world, counting(policy, count), records)
    left = {who.email for who in approvers if who not in hasty}
    signers = {hand.email for hand in hands.values()}
    is_whole = set(ways.values()) == {"truly"}
    people = left | signers if is_whole else left
    expected = len(left - signers) >= count if is_whole else len(left) >= max(2, count)
    is_yes = lacking(case, Gate.PACKAGE) == 0
    assert is_yes == expected
    assert not is_yes or len(people) >= 2


_KEPT: dict[tuple[object, ...], Record | None] = {}


def _kept(key: tuple[object, ...], make: Callable[[], Record | None]) -> Record | None:
    if key not in _KEPT:
        _KEPT[key] = make()
    return _KEPT[key]


def _once(world: World, way: str, name: str, who: Actor) -> Record | None:
    sign = partial(WAYS[way], world, world.state.done[name], who)
    return _kept((id(world), way, name, who), sign)


def _approved_once(world: World, who: Actor) -> Record:
    found = _kept((id(world), who), lambda: approval(world, who))
    assert found is not None
    return found


def _withdrawn_once(world: World, who: Actor) -> Record:
    def make() -> Record:
        data = {"approvals": [_approved_once(world, who).id], "reason": "hasty"}
        return world.decision(RecordType.APPROVAL_WITHDRAWN, data, actor=who)

    found = _kept((id(world), who, "withdrawn"), make)
    assert found is not None
    return found
