"""Sweeps of the base that let go of more than policy does, or of what nobody signed away."""

from typing import Any

import pytest
from gate.world import CHANGE, DEV, PM, STRANGER, World, again

from codexa_git.audit.logger import parse_log
from codexa_git.audit.record import Actor, Record, format_record, make
from codexa_git.audit.words import RecordType
from codexa_git.change.retention import evidence_of
from codexa_git.errors import RecordError
from codexa_git.gate.context import Context
from codexa_git.gate.decisions import TESTER_PRINCIPAL
from codexa_git.gate.owners import Ruling
from codexa_git.gate.sweeping import QUESTIONS, RECORDED, judge_sweep
from codexa_git.policy.rules import Keeping, Policy, Retention
from codexa_git.repository.objects import Entry, Mode

DAY = 86_400
OWNER = PM._replace(role="owner")
DROP = Retention(logs=Keeping.DROP, drop_after=30)


class Base:
    """The world's change as if it had landed, and sweeps that somebody puts on top of it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.policy = world.policy._replace(retention=DROP)
        self.evidence = evidence_of(world.state.records)
        self.at = self.evidence.last + 30 * DAY
        self.items = [{"change": CHANGE, **item} for item in self.evidence.outputs]

    def record(self, *, actor: Actor = OWNER, key: str | None = None, **other: Any) -> Record:  # noqa: ANN401
        data = {"items": self.items, "reason": "policy"} | other.pop("data", {})
        return self.world.decision(
            RecordType.RETENTION_SWEPT,
            data,
            actor=actor,
            key=key,
            change=None,
            stage=None,
            round=0,
            seen=other.pop("seen", sorted(self.evidence.said)),
            at=other.pop("at", self.at),
            **other,
        )

    def tree(self, *records: Record, before: bytes = b"") -> str:
        content = before + b"".join(map(format_record, records))
        return self.world.edited({RECORDED: content})

    def judge(self, tree: str, **other: Any) -> Ruling:  # noqa: ANN401
        policy: Policy = other.get("policy", self.policy)
        at: int = other.get("at", self.at)
        context = Context(self.world.root, other.get("branch", "main"), at)
        base = other.get("base", self.world.tree)
        return judge_sweep(self.world.store, policy, base, tree, context)

    def unmet(self, tree: str, **other: Any) -> set[str]:  # noqa: ANN401
        return {ask.name for ask in self.judge(tree, **other).unmet}

    def why(self, tree: str, **other: Any) -> str:  # noqa: ANN401
        return "; ".join(ask.answer.now for ask in self.judge(tree, **other).unmet)


@pytest.fixture
def base(world: World) -> Base:
    made = Base(world)
    assert made.items, "the change left outputs"
    return made


def test_a_sweep_as_it_should_be_is_one(base: Base) -> None:
    ruling = base.judge(base.tree(base.record()))
    asks = ruling.asks
    assert ruling.yes
    assert ruling.owners == (PM.email,)
    assert [ask.name for ask in asks] == list(QUESTIONS)
    assert all(ask.met for ask in asks)
    assert all(ask.asks for ask in asks)


def test_nothing_else_comes_with_a_sweep(base: Base) -> None:
    tree = base.world.edited({"totals.py": b"import os\n"}, base.tree(base.record()))
    assert base.unmet(tree) == {"only-retention"}
    assert "totals.py changes, too" in base.why(tree)


def test_records_that_stood_there_stay(base: Base) -> None:
    old = base.record(at=base.at - DAY, data={"reason": "an earlier one"})
    before = base.tree(old)
    assert "only-retention" in base.unmet(base.tree(base.record()), base=before)
    gone = base.world.edited({RECORDED: None}, before)
    assert "only-retention" in base.unmet(gone, base=before)


@pytest.mark.parametrize("mode", [Mode.EXECUTABLE, Mode.SYMLINK])
def test_the_records_lie_in_a_plain_file(base: Base, mode: str) -> None:
    entry = base.world.store.entry(base.tree(base.record()), RECORDED)
    assert entry is not None
    assert "only-retention" in base.unmet(base.world.edited({RECORDED: Entry(mode, entry.oid)}))


def test_one_sweep_is_one_record(base: Base) -> None:
    first, second = base.record(), base.record(at=base.at + 1)
    assert "only-retention" in base.unmet(base.tree(first, second))
    assert "only-retention" in base.unmet(base.tree())


def test_a_record_of_another_type_is_no_sweep(base: Base) -> None:
    data = {"items": list(base.evidence.outputs), "reason": "policy"}
    other = make(
        RecordType.RETENTION_DROPPED,
        data,
        change=None,
        stage=None,
        round=0,
        actor=OWNER,
        at=base.at,
    )
    assert "only-retention" in base.unmet(base.tree(other))


@pytest.mark.parametrize(
    "content", [b"nonsense\n", b"{}\n", b'{"format":2}\n'], ids=["noise", "empty", "future"]
)
def test_what_cannot_be_read_is_no_sweep(base: Base, content: bytes) -> None:
    assert base.unmet(base.world.edited({RECORDED: content})) == set(QUESTIONS)


UNSIGNED = {
    "a stranger": (STRANGER._replace(role="owner"), None),
    "a dev who says owner": (DEV._replace(role="owner"), None),
    "an owner as pm": (PM, None),
    "with another's key": (OWNER, DEV.email),
    "with a key nobody enrolled": (OWNER, STRANGER.email),
    "with the tester's key": (OWNER, TESTER_PRINCIPAL),
}


@pytest.mark.parametrize("who", UNSIGNED)
def test_only_an_owner_with_their_own_key_signs_a_sweep(base: Base, who: str) -> None:
    actor, key = UNSIGNED[who]
    assert base.unmet(base.tree(base.record(actor=actor, key=key))) == {"owners-signed"}


def test_what_was_signed_is_what_stands_there(base: Base) -> None:
    signed = base.record(data={"items": base.items[:1]})
    more = again(signed, data=signed.data | {"items": base.items, "reason": "else"})
    assert "owners-signed" in base.unmet(base.tree(more))


def test_a_signature_of_another_namespace_signs_no_sweep(base: Base) -> None:
    assert base.unmet(base.tree(base.record(namespace="git"))) == {"owners-signed"}


def test_policy_may_ask_for_a_touch(base: Base) -> None:
    touchy = base.policy._replace(require_touch=True)
    assert "owners-signed" in base.unmet(base.tree(base.record()), policy=touchy)
    pinned = base.policy._replace(require_pin=True)
    assert "owners-signed" in base.unmet(base.tree(base.record()), policy=pinned)


def test_a_sweep_of_another_base_or_root_is_none_here(base: Base) -> None:
    assert "as-signed" in base.unmet(base.tree(base.record()), branch="trunk")
    other = base.record(data={"root": None})
    assert "as-signed" in base.unmet(base.tree(other))


@pytest.mark.parametrize("seen", [[], ["sha256:" + "0" * 64]])
def test_its_signer_has_seen_the_retention_records(base: Base, seen: list[str]) -> None:
    assert base.unmet(base.tree(base.record(seen=seen))) == {"as-signed"}


def one(base: Base, **changed: str) -> str:
    """The tree of a sweep whose first item says something else."""
    items = [base.items[0] | changed, *base.items[1:]]
    return base.tree(base.record(data={"items": items}))


@pytest.mark.parametrize(
    "changed",
    [
        {"digest": "sha256:" + "0" * 64},
        {"name": "another"},
        {"kind": "log"},
        {"change": "CH-002"},
        {"change": "CH-009"},
    ],
)
def test_what_no_landed_change_holds_is_not_swept(base: Base, changed: dict[str, str]) -> None:
    assert "policy-lets-go" in base.unmet(one(base, **changed))


def test_what_a_gate_reads_is_never_swept(base: Base) -> None:
    kept = [i for i in base.evidence.held if i["kind"] != "output"]
    assert {i["kind"] for i in kept} >= {"run", "log", "results", "packet"}
    drop = Keeping.DROP
    everything = Retention(drop, drop, drop, drop, 0)
    for item in kept:
        tree = base.tree(base.record(data={"items": [{"change": CHANGE, **item}]}))
        assert "policy-lets-go" in base.unmet(
            tree, policy=base.policy._replace(retention=everything)
        )


@pytest.mark.parametrize("keeping", [Keeping.KEEP, Keeping.ARCHIVE])
def test_what_policy_keeps_is_not_swept(base: Base, keeping: Keeping) -> None:
    policy = base.policy._replace(retention=DROP._replace(logs=keeping))
    assert "policy keeps it" in base.why(base.tree(base.record()), policy=policy)


def test_nothing_goes_a_second_too_early(base: Base) -> None:
    tree = base.tree(base.record())
    assert base.unmet(tree, at=base.at - 1) == {"policy-lets-go"}
    assert "policy keeps it until" in base.why(tree, at=base.at - 1)


def test_the_time_that_a_record_claims_does_not_make_it_due(base: Base) -> None:
    early = base.tree(base.record(at=base.at + 400 * DAY))
    assert base.unmet(early, at=base.at - 1) == {"policy-lets-go"}


def test_nothing_is_swept_twice(base: Base) -> None:
    first = base.record()
    before = base.tree(first)
    second = base.record(at=base.at + 1)
    after = base.tree(first, second)
    assert base.unmet(after, base=before, at=base.at + 1) == {"policy-lets-go"}
    assert "swept before" in base.why(after, base=before, at=base.at + 1)
    twice = base.tree(base.record(data={"items": [*base.items, base.items[0]]}))
    assert base.unmet(twice) == {"policy-lets-go"}


def test_a_sweep_of_nothing_is_none(base: Base) -> None:
    tree = base.tree(base.record(data={"items": []}, seen=[]))
    assert base.unmet(tree) == {"policy-lets-go"}


def test_a_change_that_drops_for_itself_leaves_nothing_to_sweep(base: Base) -> None:
    world = base.world
    dropped = world.record(
        RecordType.RETENTION_DROPPED, {"items": list(base.evidence.outputs), "reason": "policy"}
    )
    landed = world.with_records([*world.records(), dropped])
    tree = world.edited({RECORDED: format_record(base.record())}, landed)
    assert {"as-signed", "policy-lets-go"} == base.unmet(tree, base=landed)


def test_records_that_cannot_be_read_let_nothing_go(base: Base) -> None:
    broken = base.world.edited({f"audit/{CHANGE}/retention.jsonl": b"nonsense\n"})
    tree = base.world.edited({RECORDED: format_record(base.record())}, broken)
    asks = {ask.name: ask.answer.met for ask in base.judge(tree, base=broken).asks}
    assert asks["policy-lets-go"] is None


def test_a_sweep_within_a_change_is_refused(base: Base) -> None:
    verdict = base.world.judge(base.tree(base.record()))
    assert "own-files-only" in {ask.name for ask in verdict.unmet}


def test_a_swept_record_in_a_changes_own_file_says_nothing(base: Base) -> None:
    record = base.record()
    path = f"audit/{CHANGE}/retention.jsonl"
    with pytest.raises(RecordError, match="a record of None"):
        parse_log(base.world.read(path) + format_record(record), path, CHANGE)
