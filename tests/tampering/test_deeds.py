"""What owners did not do, put on the base: `verify` names the rule, at that commit and no other."""

from typing import Any

import pytest
from gate.realm import BYPASS, INCIDENT, OWNER, SECOND, Files, Realm
from gate.world import STRANGER, World
from tampering.line import Line
from tampering.test_acts import CI, granting
from tampering.test_sweeps import Base

from codexa_git.audit.words import ACT_LOG
from codexa_git.gate.lineage import Lineage
from codexa_git.gate.sweeping import RECORDED as SWEPT
from codexa_git.policy.rules import Person
from codexa_git.policy.signers import parse_signers
from codexa_git.repository.objects import Commit, Identity, Stamp
from codexa_git.verify.base import breaches
from codexa_git.verify.findings import Report
from codexa_git.verify.grounds import Step
from codexa_git.verify.pushed import Push, judge_push
from codexa_git.verify.verifying import Wish, verify
from codexa_git.verify.walk import Walk

FIX = {"totals.py": b"2\n"}


def rule(number: str) -> pytest.MarkDecorator:
    return pytest.mark.rule(number)


class Upon:
    """The realm's base, and commits that come upon it one after the other."""

    def __init__(self, realm: Realm) -> None:
        self.realm = realm
        self.tip = realm.tip
        self.line: list[Commit] = []

    def comes(self, tree: str, at: int | None = None) -> str:
        """The id of a commit with this tree, which comes to the base."""
        seconds = self.realm.context.at if at is None else at
        stamp = Stamp(Identity(OWNER.name, OWNER.email), seconds)
        store = self.realm.store
        oid = store.write_commit(tree, (self.tip.oid,), stamp, stamp, b"x\n")
        self.tip = store.commit(oid)
        self.line.append(self.tip)
        return oid

    def edited(self, files: Files) -> str:
        return self.comes(self.realm.edited(files, self.tip.tree))

    def act(self, files: Files, *actors: Any, **other: Any) -> str:  # noqa: ANN401
        return self.comes(self.realm.act(files, *actors, base=self.tip.tree, **other))

    def incident(self, *commits: str, files: Files | None = None, **other: Any) -> str:  # noqa: ANN401
        return self.act(files or {}, kind=INCIDENT, commits=list(commits), **other)

    @property
    def found(self) -> list[tuple[str, str]]:
        """The rules broken, each with its commit."""
        realm = self.realm
        walk = Walk(realm.store, realm.root, "main")
        oids = [commit.oid for commit in self.line]
        judged = walk.judge(realm.tip.oid, oids, lambda _, __: None)
        return [(f.breach.rule, f.commit) for f in judged.findings]

    def report(self, **wish: Any) -> Report:  # noqa: ANN401
        asked = Wish(**({"root": self.realm.root} | wish))
        return verify(self.realm.store, "main", self.tip.oid, asked, lambda _, __: None)


@pytest.fixture
def upon(realm: Realm) -> Upon:
    return Upon(realm)


def test_what_the_owners_signed_breaks_nothing(realm: Realm, upon: Upon) -> None:
    upon.act(CI)
    upon.act(FIX, kind=BYPASS)
    upon.act(granting(realm, STRANGER.name, STRANGER.email, STRANGER.email))
    upon.act({".ci/run": b"x\n"}, STRANGER._replace(role="owner"))
    assert upon.found == []


@rule("P8")
def test_people_of_the_demo_come_to_a_base_without_them(realm: Realm) -> None:
    real = tuple(
        Person(f"person{number}@example.org", f"Person {number}", person.roles)
        for number, person in enumerate(realm.policy.people)
    )
    policy = realm.policy._replace(people=real, signers=parse_signers(b""))
    upon = Upon(realm)
    upon.act(CI)
    lineage = Lineage(realm.store, realm.root, "main", realm.tip, policy)
    deed = lineage.deed(realm.tip, upon.tip)
    step = Step(realm.store, realm.root, "main", policy, realm.tip, upon.tip)
    assert {breach.rule for breach in breaches(step, (), deed)} == {"P8", "P13", "P14"}


@rule("P9")
def test_product_that_comes_in_with_policy(upon: Upon) -> None:
    bad = upon.act(CI | FIX)
    assert upon.found == [("P9", bad)]


@rule("P11")
@pytest.mark.parametrize("content", [b"", b"nonsense\n"])
def test_records_that_are_rewritten(upon: Upon, content: bytes) -> None:
    upon.act(CI)
    bad = upon.edited({ACT_LOG: content})
    assert ("P11", bad) in upon.found
    assert {commit for _, commit in upon.found} == {bad}


@rule("P12")
def test_content_that_nobody_signed(realm: Realm, upon: Upon) -> None:
    bad = upon.comes(realm.edited({".ci/run": b"x\n"}, realm.act(CI)))
    assert upon.found == [("P12", bad)]


@rule("P13")
def test_a_strangers_signature(upon: Upon) -> None:
    bad = upon.act(CI, STRANGER._replace(role="owner"))
    assert upon.found == [("P13", bad)]


@rule("P14")
def test_owners_who_lock_themselves_out(realm: Realm, upon: Upon) -> None:
    text = realm.policy_text("[owner]\ncount = 1", "[owner]\ncount = 3")
    bad = upon.act({"codexa.toml": text})
    assert ("P14", bad) in upon.found
    assert {commit for _, commit in upon.found} == {bad}


@rule("P15")
def test_evidence_that_comes_in_by_a_bypass(upon: Upon) -> None:
    bad = upon.act(FIX | {"tests/results/conftest.py": b"x\n"}, kind=BYPASS)
    assert upon.found == [("P15", bad)]


@rule("P16")
def test_an_incident_that_names_what_never_came(realm: Realm, upon: Upon) -> None:
    first = upon.incident("a" * 40)
    second = upon.incident(realm.tip.oid)
    assert upon.found == [("P16", first), ("P16", second)]


def stolen(realm: Realm) -> dict[str, bytes]:
    """The policy files with a stranger for an owner."""
    return granting(realm, STRANGER.name, STRANGER.email, STRANGER.email)


@rule("P16")
def test_who_came_in_unsigned_has_no_say_in_any_act(realm: Realm, upon: Upon) -> None:
    thief = STRANGER._replace(role="owner")
    bad = upon.edited(stolen(realm))
    free = upon.edited({"PROGRESS.md": b"# Progress\n"})
    acts = [upon.act(CI, thief), upon.incident(free), upon.act(FIX, thief, kind=BYPASS)]
    named = upon.comes(realm.act({}, thief, base=upon.tip.tree, kind=INCIDENT, commits=[bad, free]))
    told = upon.found
    assert ("P9", bad) in told
    assert ("P13", named) in told
    assert {commit for _, commit in told} == {bad, acts[0], acts[2], named}


def test_an_incident_of_the_owners_before_ends_it(realm: Realm, upon: Upon) -> None:
    thief = STRANGER._replace(role="owner")
    bad = upon.edited(stolen(realm))
    back = {path: realm.read(path) for path in stolen(realm)}
    upon.incident(bad, files=back)
    upon.act(CI, SECOND)
    late = upon.act({".ci/run": b"x\n"}, thief)
    assert {commit for _, commit in upon.found} == {bad, late}
    assert ("P13", late) in upon.found


@rule("P16")
def test_an_incident_takes_no_policy_over_that_nobody_signed(realm: Realm, upon: Upon) -> None:
    bad = upon.edited(stolen(realm))
    adopting = upon.incident(bad)
    late = upon.act({".ci/run": b"x\n"}, STRANGER._replace(role="owner"))
    assert ("P16", adopting) in upon.found
    assert ("P13", late) in upon.found
    walk = Walk(realm.store, realm.root, "main")
    *_, before, last = [upon.line[0].parents[0], *(commit.oid for commit in upon.line)][:3]
    judged = walk.judge(before, [last], lambda _, __: None)
    assert "P16" in [f.breach.rule for f in judged.findings], "wherever judging starts"


def refused(upon: Upon, rule: str) -> None:
    """The last commit breaks this rule, wherever judging starts, and at a server; no other does."""
    old, bad = upon.line[-1].parents[0], upon.tip.oid
    assert (rule, bad) in upon.found
    assert {commit for _, commit in upon.found} == {bad}
    realm = upon.realm
    pushed = judge_push(realm.store, Push(realm.root, "main", old, bad))
    assert rule in [f.breach.rule for f in pushed.findings]


def without(realm: Realm, email: str) -> dict[str, bytes]:
    """The policy files with this owner and their key taken out."""
    toml, _, person = realm.read("codexa.toml").decode().rpartition("\n[[people]]")
    assert email in person
    lines = realm.read(".codexa/allowed_signers").splitlines(keepends=True)
    return {
        "codexa.toml": toml.encode(),
        ".codexa/allowed_signers": b"".join(x for x in lines if email.encode() not in x),
    }


@rule("P16")
def test_an_owner_who_was_taken_out_names_what_took_her_out(realm: Realm, upon: Upon) -> None:
    out = upon.act(without(realm, SECOND.email))
    back = {path: realm.read(path) for path in without(realm, SECOND.email)}
    upon.comes(realm.act(back, SECOND, base=upon.tip.tree, kind=INCIDENT, commits=[out]))
    refused(upon, "P13")
    refused(upon, "P16")


def test_an_owner_who_was_taken_out_names_nothing_at_all(realm: Realm, upon: Upon) -> None:
    out = upon.act(without(realm, SECOND.email))
    upon.comes(realm.act({}, SECOND, base=upon.tip.tree, kind=INCIDENT, commits=[out]))
    refused(upon, "P13")


def test_an_owner_who_was_taken_out_names_an_old_break_of_policy_again(
    realm: Realm, upon: Upon
) -> None:
    bad = upon.edited(stolen(realm))
    back = {path: realm.read(path) for path in stolen(realm)}
    settled = upon.incident(bad, files=back)
    upon.act(without(realm, SECOND.email))
    assert set(upon.found) == {("P9", bad)}
    upon.comes(realm.act(back, SECOND, base=upon.tip.tree, kind=INCIDENT, commits=[bad, settled]))
    assert {("P13", upon.tip.oid), ("P16", upon.tip.oid)} < set(upon.found)


@rule("P16")
def test_one_owner_alone_where_two_have_to_sign(realm: Realm, upon: Upon) -> None:
    text = realm.policy_text("[owner]\ncount = 1", "[owner]\ncount = 2")
    two = upon.act({"codexa.toml": text})
    back = {"codexa.toml": realm.read("codexa.toml")}
    upon.comes(realm.act(back, SECOND, base=upon.tip.tree, kind=INCIDENT, commits=[two]))
    refused(upon, "P13")


@rule("P16")
def test_an_incident_takes_back_what_the_owners_signed(realm: Realm, upon: Upon) -> None:
    """By who may sign policy, but in the guise of a mending: the next reader is told no lie."""
    added = upon.act(stolen(realm))
    upon.incident(added, files={path: realm.read(path) for path in stolen(realm)})
    refused(upon, "P16")


@rule("P16")
@pytest.mark.parametrize("path", ["codexa.toml", ".codexa/allowed_signers", ".ci/run"])
def test_an_incident_brings_other_policy(realm: Realm, upon: Upon, path: str) -> None:
    bad = upon.edited(FIX)
    before = realm.store.read(realm.base, path) or b""
    upon.incident(bad, files={path: before + b"\n# mine\n"})
    assert upon.found == [("L13", bad), ("P16", upon.tip.oid)]


@rule("P17")
def test_policy_that_is_changed_anew_while_nobody_has_named_what_spoilt_it(
    realm: Realm, upon: Upon
) -> None:
    """Else one whom it takes out could name that, and so bring the policy before it back."""
    bad = upon.edited(CI | {"codexa.toml": realm.read("codexa.toml") + b"\n# mine\n"})
    wrong = upon.act(without(realm, SECOND.email))
    assert ("P17", wrong) in upon.found
    upon.act({".ci/run": b"x\n"})
    upon.act({"codexa.toml": realm.read("codexa.toml")})
    assert {commit for _, commit in upon.found} == {bad, wrong}


def test_what_is_guarded_is_put_back_by_an_incident(realm: Realm, upon: Upon) -> None:
    policy = {"codexa.toml": realm.read("codexa.toml")}
    bad = upon.edited(CI | {"codexa.toml": policy["codexa.toml"] + b"\n# mine\n"})
    upon.incident(bad, files=policy | dict.fromkeys(CI))
    assert {commit for _, commit in upon.found} == {bad}


def test_an_incident_is_judged_by_the_policy_signed_last(realm: Realm, upon: Upon) -> None:
    """Wherever judging starts: before the earliest that changed policy unsigned, it is the same."""
    bad = upon.edited(FIX)
    upon.act(stolen(realm))
    thief = STRANGER._replace(role="owner")
    upon.incident(bad)
    upon.comes(realm.act({}, thief, base=upon.tip.tree, kind=INCIDENT, commits=[bad]))
    assert upon.found == [("L13", bad)]
    back = {path: realm.read(path) for path in stolen(realm)}
    upon.act(back)
    wrong = upon.comes(realm.act({}, thief, base=upon.tip.tree, kind=INCIDENT, commits=[bad]))
    assert upon.found == [("L13", bad), ("P13", wrong)]
    walk = Walk(realm.store, realm.root, "main")
    judged = walk.judge(upon.tip.parents[0], [wrong], lambda _, __: None)
    assert [f.breach.rule for f in judged.findings] == ["P13"]


def test_what_an_accepted_incident_names_is_settled(upon: Upon) -> None:
    bad = upon.edited(FIX)
    upon.incident(bad)
    other = upon.edited({"README.md": b"evil\n"})
    report = upon.report()
    assert [f.commit for f in report.findings] == [bad, other]
    (incident,) = report.incidents
    assert (incident.names, report.accepted) == ((bad,), ())
    taken = upon.report(accept=incident.ids)
    assert [f.commit for f in taken.findings] == [other]
    assert [f.commit for f in taken.accepted] == [bad]


def test_an_incident_that_nobody_knows_settles_nothing(upon: Upon) -> None:
    upon.edited(FIX)
    report = upon.report(accept=(f"sha256:{'0' * 64}",))
    assert report.answer == "no"
    assert "no incident sha256:000" in report.notes[0]


@pytest.fixture
def base(world: World) -> Base:
    made = Base(world)
    assert made.items
    return made


def swept(base: Base, line: Line, tree: str) -> set[str]:
    """The rules that a commit breaks which brings this tree upon the landed change."""
    landed = line.landing(base.world.tree)
    commit = line.commit(tree, landed.oid, at=base.at)
    lineage = Lineage(line.store, base.world.root, "main", landed, base.policy)
    step = Step(line.store, base.world.root, "main", base.policy, landed, commit)
    return {breach.rule for breach in breaches(step, (), lineage.deed(landed, commit))}


@rule("P18")
def test_a_sweep_of_more_than_policy_lets_go(base: Base, line: Line) -> None:
    true = base.tree(base.record())
    assert swept(base, line, true) == set()
    with_product = base.world.edited({"totals.py": b"evil\n"}, true)
    assert swept(base, line, with_product) == {"P18"}
    kept = base.record(data={"items": [base.items[0] | {"digest": f"sha256:{'0' * 64}"}]})
    assert swept(base, line, base.tree(kept)) == {"P18"}
    assert swept(base, line, base.world.edited({SWEPT: b"nonsense\n"})) >= {"P18"}
