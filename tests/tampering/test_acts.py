"""Acts that the owners did not do: each is refused, and the right question says so."""

from typing import Any

import pytest
from gate.realm import BYPASS, CHANGED, INCIDENT, OTHER_ROOT, OWNER, SECOND, Realm, unmet
from gate.world import BEGAN, STRANGER, again

from codexa_git.audit.record import format_record, make
from codexa_git.audit.words import ACT_LOG, RecordType
from codexa_git.gate.context import Context
from codexa_git.gate.decisions import TESTER_PRINCIPAL
from codexa_git.gate.governing import last_act
from codexa_git.gate.owners import judge_root
from codexa_git.policy.rules import Person
from codexa_git.policy.signers import format_line, parse_signers
from codexa_git.repository.objects import Entry

CI = {".github/workflows/ci.yml": b"on: push\n"}
HANDS: dict[str, dict[str, Any]] = {
    "a key that nobody enrolled": {"key": STRANGER.email},
    "another owner's key": {"key": SECOND.email},
    "the Tester's key": {"key": TESTER_PRINCIPAL},
    "another namespace": {"namespace": "git"},
}
ACTORS = {
    "a stranger": STRANGER._replace(role="owner"),
    "an owner as a pm": OWNER._replace(role="pm"),
    "the Tester": OWNER._replace(email=TESTER_PRINCIPAL),
    "an address that looks alike": OWNER._replace(email="pm@demo.\u0456nvalid"),
    "the address in another case": OWNER._replace(email="PM@demo.invalid"),
}


def test_a_policy_edit_without_a_record_is_none(realm: Realm) -> None:
    assert {"records-appended", "owners-signed"} <= unmet(realm.judge(realm.edited(CI)))


@pytest.mark.parametrize("name", HANDS)
def test_the_wrong_key_signs_nothing(realm: Realm, name: str) -> None:
    assert unmet(realm.judge(realm.act(CI, **HANDS[name]))) == {"owners-signed"}


@pytest.mark.parametrize("name", ACTORS)
def test_whoever_is_no_owner_signs_nothing(realm: Realm, name: str) -> None:
    tree = realm.act(CI, ACTORS[name], key=OWNER.email)
    assert unmet(realm.judge(tree)) == {"owners-signed"}


@pytest.mark.parametrize("kind", [CHANGED, BYPASS, INCIDENT])
def test_a_signature_with_one_bit_turned_is_none(realm: Realm, kind: RecordType) -> None:
    files = {"totals.py": b"2\n"} if kind is BYPASS else CI
    data: dict[str, Any] = {"commits": [realm.tip.oid]} if kind is INCIDENT else {}
    tree = realm.edited(files)
    true = realm.record(tree, kind=kind, **data)
    forged = again(true, data=true.data | {"reason": "another"})
    assert realm.judge(realm.with_records(tree, [true]), kind).yes
    assert unmet(realm.judge(realm.with_records(tree, [forged]), kind)) == {"owners-signed"}


def test_one_owner_counts_once_however_often_they_sign(realm: Realm) -> None:
    two = realm.policy._replace(owner_count=2)
    tree = realm.edited(CI)
    records = [realm.record(tree), realm.record(tree, at=realm.context.at + 1)]
    assert unmet(realm.judge(realm.with_records(tree, records), policy=two)) == {"owners-signed"}
    assert unmet(realm.judge(realm.with_records(tree, records))) == {"owners-signed"}


def test_the_same_record_twice_is_none(realm: Realm) -> None:
    tree = realm.edited(CI)
    record = realm.record(tree)
    assert "records-appended" in unmet(realm.judge(realm.with_records(tree, [record, record])))


def test_two_keys_of_one_owner_are_one_owner(realm: Realm) -> None:
    two = realm.policy._replace(
        owner_count=2,
        signers=parse_signers(
            realm.policy.signers.text()
            + f"{format_line(OWNER.email, realm.keys.public[STRANGER.email])}\n".encode()
        ),
    )
    tree = realm.edited(CI)
    again_ = realm.record(tree, key=STRANGER.email, at=realm.context.at + 1)
    records = [realm.record(tree), again_]
    assert unmet(realm.judge(realm.with_records(tree, records), policy=two)) == {"owners-signed"}


def test_a_forged_signature_beside_a_true_one_spoils_the_act(realm: Realm) -> None:
    tree = realm.edited(CI)
    forged = realm.record(tree, SECOND, key=STRANGER.email)
    made = realm.with_records(tree, [realm.record(tree), forged])
    assert unmet(realm.judge(made)) == {"owners-signed"}


def granting(realm: Realm, name: str, email: str, key: str) -> dict[str, bytes]:
    """The policy files with one more owner."""
    toml = realm.read("codexa.toml").decode()
    person = f'\n[[people]]\nemail = "{email}"\nname = "{name}"\nroles = ["owner"]\n'
    signers = realm.read(".codexa/allowed_signers")
    line = format_line(email, realm.keys.public[key])
    return {
        "codexa.toml": (toml + person).encode(),
        ".codexa/allowed_signers": signers + f"{line}\n".encode(),
    }


def test_nobody_makes_themselves_an_owner(realm: Realm) -> None:
    files = granting(realm, STRANGER.name, STRANGER.email, STRANGER.email)
    stranger = STRANGER._replace(role="owner")
    assert unmet(realm.judge(realm.act(files, stranger))) == {"owners-signed"}
    assert realm.judge(realm.act(files, OWNER)).yes


def test_a_key_that_an_act_adds_does_not_count_for_it(realm: Realm) -> None:
    signers = realm.read(".codexa/allowed_signers")
    line = format_line(OWNER.email, realm.keys.public[STRANGER.email])
    files = {".codexa/allowed_signers": signers + f"{line}\n".encode()}
    tree = realm.act(files, OWNER, key=STRANGER.email)
    assert unmet(realm.judge(tree)) == {"owners-signed"}


def windows(realm: Realm, **window: str) -> Any:  # noqa: ANN401
    line = format_line(OWNER.email, realm.keys.public[OWNER.email], **window)
    other = format_line(SECOND.email, realm.keys.public[SECOND.email])
    return realm.policy._replace(signers=parse_signers(f"{line}\n{other}\n".encode()))


@pytest.mark.parametrize(
    ("window", "counts"),
    [
        ({"valid_before": "20260101000500Z"}, False),
        ({"valid_after": "20260101001500Z"}, False),
        ({"valid_after": "20260101000500Z", "valid_before": "20260101001500Z"}, True),
    ],
)
def test_a_key_counts_in_its_time_at_the_commit(
    realm: Realm, window: dict[str, str], *, counts: bool
) -> None:
    ruling = realm.judge(realm.act(CI), policy=windows(realm, **window))
    assert ruling.yes is counts
    assert unmet(ruling) == (set() if counts else {"owners-signed"})


def test_a_commit_cannot_go_back_to_when_a_key_was_valid(realm: Realm) -> None:
    ended = windows(realm, valid_before="20260101000500Z")
    early = Context(realm.root, "main", BEGAN, not_before=realm.context.at)
    ruling = realm.judge(realm.act(CI, at=BEGAN), policy=ended, context=early)
    assert unmet(ruling) == {"owners-signed"}


def test_an_owner_who_was_taken_out_signs_nothing(realm: Realm) -> None:
    people = tuple(person for person in realm.policy.people if person.email != SECOND.email)
    without = realm.policy._replace(people=people)
    assert unmet(realm.judge(realm.act(CI, SECOND), policy=without)) == {"owners-signed"}


PLACES: dict[str, dict[str, Any]] = {
    "another repository": {"root": OTHER_ROOT},
    "a base that only observes": {"root": None},
    "another base": {"branch": "release"},
    "another state of the policy": {"after": OTHER_ROOT},
    "other content": {"changes": []},
    "a record that says it saw others": {"seen": [OTHER_ROOT]},
}


@pytest.mark.parametrize("name", PLACES)
def test_what_was_signed_for_somewhere_else_is_none(realm: Realm, name: str) -> None:
    assert unmet(realm.judge(realm.act(CI, **PLACES[name]))) == {"as-signed"}


def test_a_signed_act_cannot_be_done_again_after_it_was_undone(realm: Realm) -> None:
    first = realm.act(CI)
    undone = realm.act({".github/workflows/ci.yml": None}, base=first)
    assert realm.judge(undone, base=first).yes
    lines = realm.read(ACT_LOG, first)
    replayed = realm.edited(CI | {ACT_LOG: realm.read(ACT_LOG, undone) + lines}, undone)
    assert "records-appended" in unmet(realm.judge(replayed, base=undone))
    known = realm.record(realm.edited(CI))
    assert known.data["after"] == last_act(realm.store, realm.base)
    later = realm.with_records(realm.edited(CI, undone), [again(known, round=1)], undone)
    found = unmet(realm.judge(later, base=undone))
    assert found == {"records-appended", "as-signed", "owners-signed"}


def test_signatures_for_two_contents_do_not_add_up(realm: Realm) -> None:
    two = realm.policy._replace(owner_count=2)
    tree = realm.edited(CI)
    other = realm.record(realm.edited({".ci/run": b"x\n"}), SECOND)
    made = realm.with_records(tree, [realm.record(tree), other])
    assert unmet(realm.judge(made, policy=two)) == {"as-signed"}


def test_signatures_for_two_reasons_do_not_add_up(realm: Realm) -> None:
    two = realm.policy._replace(owner_count=2)
    tree = realm.edited(CI)
    other = realm.record(tree, SECOND, reason="another")
    made = realm.with_records(tree, [realm.record(tree), other])
    assert unmet(realm.judge(made, policy=two)) == {"as-signed"}


def edited_policy(old: str, new: str) -> Any:  # noqa: ANN401
    return lambda realm: {"codexa.toml": realm.policy_text(old, new)}


POLICIES: dict[str, Any] = {
    "is gone": lambda _: {"codexa.toml": None},
    "cannot be read": lambda _: {"codexa.toml": b"nonsense ["},
    "is a link": lambda realm: {
        "codexa.toml": Entry("120000", realm.store.write_blob(b"README.md"))
    },
    "has no keys": lambda _: {".codexa/allowed_signers": None},
    "has another rule set": edited_policy("rules = 1", "rules = 2"),
    "has rules that are no number": edited_policy("rules = 1", "rules = true"),
    "no longer enforces": edited_policy('mode = "enforce"', 'mode = "observe"'),
    "is that of another base": edited_policy('branch = "main"', 'branch = "release"'),
    "has no owner": edited_policy('"owner"', '"pm2"'),
    "counts owners that there are not": edited_policy("[owner]\ncount = 1", "[owner]\ncount = 3"),
    "asks for a role that nobody holds": edited_policy('role = "pm"', 'role = "qa"'),
}


@pytest.mark.parametrize("name", POLICIES)
def test_no_signature_brings_a_policy_that(realm: Realm, name: str) -> None:
    files = POLICIES[name](realm)
    assert unmet(realm.judge(realm.act(files, OWNER, SECOND))) == {"policy-holds"}


def test_a_count_is_not_met_by_owners_whose_keys_have_ended(realm: Realm) -> None:
    signers = (
        realm.read(".codexa/allowed_signers")
        .decode()
        .replace(
            f'{SECOND.email} namespaces="codexa"',
            f'{SECOND.email} namespaces="codexa",valid-before="20260101000500Z"',
        )
    )
    text = realm.policy_text("[owner]\ncount = 1", "[owner]\ncount = 2")
    files = {"codexa.toml": text, ".codexa/allowed_signers": signers.encode()}
    assert unmet(realm.judge(realm.act(files))) == {"policy-holds"}


def test_people_whose_keys_anyone_can_make_come_in_by_no_act(realm: Realm) -> None:
    real = tuple(Person(f"{n}@example.org", n, p.roles) for n, p in enumerate_people(realm))
    before = realm.policy._replace(people=real, signers=parse_signers(b""))
    (ask,) = [a for a in realm.judge(realm.act(CI), policy=before).asks if a.name == "policy-holds"]
    assert ask.answer.met is False
    assert "demo.invalid" in ask.answer.now


def enumerate_people(realm: Realm) -> list[tuple[str, Person]]:
    return [(f"person{n}", person) for n, person in enumerate(realm.policy.people)]


@pytest.mark.parametrize("path", ["totals.py", "audit/README.md", "changes/CH-001/brief.md"])
def test_policy_never_brings_anything_else(realm: Realm, path: str) -> None:
    assert unmet(realm.judge(realm.act(CI | {path: b"x\n"}))) == {"guarded-only"}


def test_an_act_that_changes_nothing_is_none(realm: Realm) -> None:
    assert unmet(realm.judge(realm.act({}))) == {"guarded-only"}
    assert unmet(realm.judge(realm.act({}, kind=BYPASS), BYPASS)) == {"product-only"}


def gitlink(realm: Realm) -> Entry:
    return Entry("160000", realm.tip.oid)


@pytest.mark.parametrize(
    "path",
    [
        *("codexa.toml", ".github/workflows/x.yml", "a/.gitattributes", ".GitHub/x"),
        *("audit/handoff.jsonl", "audit/CH-001/handoff.jsonl", "tests/results/conftest.py"),
        *("changes/CH-001/brief.md", "artifacts/work/CH-001/run-001/run.json"),
    ],
)
def test_a_bypass_never_brings_policy_or_evidence(realm: Realm, path: str) -> None:
    tree = realm.act({"totals.py": b"2\n", path: b"x\n"}, kind=BYPASS)
    assert "product-only" in unmet(realm.judge(tree, BYPASS))


def test_a_bypass_brings_no_submodule(realm: Realm) -> None:
    tree = realm.act({"sub": gitlink(realm)}, kind=BYPASS)
    assert unmet(realm.judge(tree, BYPASS)) == {"product-only"}


IN_THE_WAY: dict[str, bytes | Entry] = {
    "PROGRESS.md": Entry("100755", "0" * 40),
    "QA_REPORT.md/notes.py": b"x\n",
    "Progress.md": b"x\n",
    "design": b"x\n",
    "TRACEABILITY.md": b"# Ours\n<!-- codexa:begin -->\n",
}


@pytest.mark.parametrize("path", IN_THE_WAY)
def test_a_bypass_leaves_every_shared_page_such_that_changes_can_close(
    realm: Realm, path: str
) -> None:
    content = IN_THE_WAY[path]
    if isinstance(content, Entry):
        content = Entry(content.mode, realm.store.write_blob(b"# Progress\n"))
    tree = realm.act({"totals.py": b"2\n", path: content}, kind=BYPASS)
    assert unmet(realm.judge(tree, BYPASS)) == {"product-only"}


@pytest.mark.parametrize("kind", [CHANGED, INCIDENT])
def test_a_bypass_is_no_other_act(realm: Realm, kind: RecordType) -> None:
    assert not realm.judge(realm.act({"totals.py": b"2\n"}, kind=BYPASS), kind).yes


@pytest.mark.parametrize("commits", [[], ["a" * 40, "a" * 40]])
def test_an_incident_names_each_commit_once(realm: Realm, commits: list[str]) -> None:
    tree = realm.act({}, kind=INCIDENT, commits=commits)
    assert unmet(realm.judge(tree, INCIDENT)) == {"commits-named"}


def test_an_incident_brings_no_product(realm: Realm) -> None:
    tree = realm.act({"totals.py": b"2\n"}, kind=INCIDENT, commits=["a" * 40])
    assert unmet(realm.judge(tree, INCIDENT)) == {"restored-only"}


def test_two_owners_naming_different_commits_name_none(realm: Realm) -> None:
    tree = realm.edited({})
    records = [
        realm.record(tree, who, kind=INCIDENT, commits=[letter * 40])
        for who, letter in ((OWNER, "a"), (SECOND, "b"))
    ]
    ruling = realm.judge(realm.with_records(tree, records), INCIDENT)
    assert unmet(ruling) == {"as-signed"}


def test_records_are_never_rewritten(realm: Realm) -> None:
    first = realm.act(CI)
    tree = realm.edited({".ci/run": b"x\n"}, first)
    line = format_record(realm.record(tree, base=first))
    for content in (line, line + realm.read(ACT_LOG, first), None):
        forged = realm.edited({ACT_LOG: content}, tree)
        assert "records-appended" in unmet(realm.judge(forged, base=first))


def test_the_file_of_records_is_a_plain_file(realm: Realm) -> None:
    tree = realm.act(CI)
    entry = realm.store.entry(tree, ACT_LOG)
    assert entry is not None
    forged = realm.edited({ACT_LOG: Entry("100755", entry.oid)}, tree)
    assert "records-appended" in unmet(realm.judge(forged))


def test_two_acts_in_one_commit_are_none(realm: Realm) -> None:
    tree = realm.edited(CI | {"totals.py": b"2\n"})
    records = [realm.record(tree), realm.record(tree, kind=BYPASS)]
    made = realm.with_records(tree, records)
    for kind in (CHANGED, BYPASS):
        assert "records-appended" in unmet(realm.judge(made, kind))


def test_a_second_root_is_no_act(realm: Realm) -> None:
    data: dict[str, Any] = {"root": None, "branch": "main", "gates": {}, "seen": []}
    data |= {"parent": None, "policy": OTHER_ROOT, "signers": OTHER_ROOT}
    record = make(
        RecordType.ROOT_MADE,
        data,
        change=None,
        stage=None,
        round=0,
        actor=OWNER,
        at=realm.context.at,
        signature="none",
    )
    path = "audit/handoff.jsonl"
    files = CI | {path: realm.read(path) + format_record(record)}
    assert {"guarded-only", "records-appended"} <= unmet(realm.judge(realm.act(files)))
    assert not judge_root(realm.store, realm.edited({path: files[path]}), realm.context.at).yes


def test_touch_and_pin_are_asked_of_owners_too(realm: Realm) -> None:
    touched = realm.policy._replace(require_touch=True)
    for policy in (touched, realm.policy._replace(require_pin=True)):
        assert unmet(realm.judge(realm.act(CI), policy=policy)) == {"owners-signed"}


def test_a_root_whose_policy_was_edited_after_signing_is_none(realm: Realm) -> None:
    tree = realm.edited({"codexa.toml": realm.read("codexa.toml") + b"\n"})
    ruling = judge_root(realm.store, tree, realm.context.at)
    assert [ask.name for ask in ruling.unmet] == ["root-recorded"]
