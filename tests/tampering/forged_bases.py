"""What came to the rich history's base by itself, or in its owners' name, forged one at a time."""

from typing import Any

from gate.realm import BYPASS, CHANGED, INCIDENT, OWNER
from gate.world import DEV, STRANGER
from policy.authenticator import SecurityKey
from tampering.rich import Acts, Forged, Rich, forgery

from codexa_git.audit.canonical import digest
from codexa_git.audit.logger import parse_log
from codexa_git.audit.payload import payload
from codexa_git.audit.record import Actor, Record, format_record, make
from codexa_git.audit.words import ACT_LOG, AHEAD, RecordType
from codexa_git.change.blocks import put
from codexa_git.gate.sweeping import RECORDED as SWEPT
from codexa_git.policy.signers import format_line
from codexa_git.repository.objects import Entry, Mode

CI = {".ci/run": b"#!/bin/sh\n"}
FIX = {"greet.sh": b"echo  hello\n"}
NOTHING = f"sha256:{'0' * 64}"
THIEF = STRANGER._replace(role="owner")
SECOND = DEV._replace(role="owner")


def upon(rich: Rich, mark: str, files: dict[str, bytes | Entry | None]) -> Forged:
    """Files that somebody commits right upon a commit of the base."""
    return rich.after(mark, files)


def read(rich: Rich, mark: str, path: str) -> bytes:
    content = rich.store.read(rich.store.tree_of(rich.history.marks[mark]), path)
    assert content is not None
    return content


def began(rich: Rich, files: dict[str, bytes | Entry | None], *parents: str) -> Forged:
    """A base made anew, whose first enforcing commit has the true root's tree with these files."""
    root = rich.store.commit(rich.history.marks["root"])
    entries = {
        path: Entry("100644", rich.store.write_blob(content))
        if isinstance(content, bytes)
        else content
        for path, content in files.items()
    }
    tree = rich.store.write_tree(root.tree, entries)
    made = rich.store.write_commit(tree, parents, root.author, root.committer, b"x\n")
    return rich.forged(made, None)


@forgery("P6")
def the_true_root_upon_another_history(rich: Rich) -> Forged:
    return began(rich, {})


@forgery("P6")
def the_true_root_upon_an_earlier_commit(rich: Rich) -> Forged:
    root = rich.store.commit(rich.history.marks["root"])
    earlier = rich.store.commit(root.parents[0]).parents[0]
    return began(rich, {}, earlier)


@forgery("P6")
def a_root_whose_policy_was_edited_after_it_was_signed(rich: Rich) -> Forged:
    toml = read(rich, "root", "codexa.toml")
    parent = rich.store.commit(rich.history.marks["root"]).parents[0]
    return began(rich, {"codexa.toml": toml + b"\n# mine\n"}, parent)


@forgery("P6")
def a_root_whose_keys_were_edited_after_it_was_signed(rich: Rich) -> Forged:
    path = ".codexa/allowed_signers"
    parent = rich.store.commit(rich.history.marks["root"]).parents[0]
    key = (rich.history.keys.stranger.with_suffix(".pub")).read_text().rsplit(" ", 1)[0]
    line = f'{OWNER.email} namespaces="codexa" {key}\n'
    return began(rich, {path: read(rich, "root", path) + line.encode()}, parent)


@forgery("P6")
def a_root_that_nobody_signed(rich: Rich) -> Forged:
    parent = rich.store.commit(rich.history.marks["root"]).parents[0]
    return began(rich, {"audit/handoff.jsonl": None}, parent)


def anew(rich: Rich, files: dict[str, bytes | Entry | None], *others: str) -> Forged:
    """The true root, signatures and all, where it was made, with these files and other parents."""
    root = rich.store.commit(rich.history.marks["root"])
    return began(rich, files, *root.parents, *others)


@forgery("P6")
def a_root_that_brings_a_product(rich: Rich) -> Forged:
    return anew(rich, {"greet.sh": b"echo evil\n"})


@forgery("P6")
def a_root_that_brings_what_is_guarded(rich: Rich) -> Forged:
    return anew(rich, {".github/workflows/x.yml": b"on: push\n"})


@forgery("P6")
def a_root_that_takes_a_product_out(rich: Rich) -> Forged:
    return anew(rich, {"check.sh": None})


@forgery("P6")
def a_root_that_makes_a_product_run(rich: Rich) -> Forged:
    oid = rich.store.write_blob(read(rich, "root", "greet.sh"))
    return anew(rich, {"greet.sh": Entry(Mode.EXECUTABLE, oid)})


@forgery("P6")
def a_root_whose_records_can_be_run(rich: Rich) -> Forged:
    path = "audit/handoff.jsonl"
    oid = rich.store.write_blob(read(rich, "root", path))
    return anew(rich, {path: Entry(Mode.EXECUTABLE, oid)})


@forgery("P6")
def a_root_that_brings_a_change(rich: Rich) -> Forged:
    path = "audit/CH-001/handoff.jsonl"
    return anew(rich, {path: read(rich, "merge", path)})


@forgery("P6")
def a_root_that_brings_records_of_the_repository(rich: Rich) -> Forged:
    return anew(rich, {ACT_LOG: read(rich, "rotation", ACT_LOG)})


@forgery("P6")
def a_root_beside_which_another_stands(rich: Rich) -> Forged:
    """Nobody's word, but what works day by day takes the first that it finds."""
    path = "audit/handoff.jsonl"
    lines = read(rich, "root", path).splitlines(keepends=True)
    true = parse_log(lines[-1], path, None)[0]
    other = make(
        *(true.type, true.data | {"parent": "a" * 40}),
        change=None,
        stage=None,
        round=0,
        actor=true.actor,
        at=true.seconds,
        signature=true.signature,
    )
    return anew(rich, {path: b"".join([*lines[:-1], format_record(other), lines[-1]])})


@forgery("P6")
def a_root_of_three_parents(rich: Rich) -> Forged:
    root = rich.store.commit(rich.history.marks["root"])
    first = rich.store.commit(root.parents[0]).parents[0]
    return anew(rich, {}, first, rich.store.commit(first).parents[0])


@forgery("P6")
def a_root_that_merges_an_open_change(rich: Rich) -> Forged:
    root = rich.store.commit(rich.history.marks["root"])
    path = "audit/CH-009/handoff.jsonl"
    oid = rich.store.write_blob(b"x\n")
    before = rich.store.commit(root.parents[0])
    tree = rich.store.write_tree(before.tree, {path: Entry(Mode.FILE, oid)})
    stamp = before.committer
    change = rich.store.write_commit(tree, [before.oid], stamp, stamp, b"x\n")
    return anew(rich, {}, change)


@forgery("P6")
def a_root_that_merges_a_product_nobody_signed(rich: Rich) -> Forged:
    """Its tree has none of it, and git would take it for merged."""
    return anew(rich, {}, beside_the_root(rich, {"backdoor.sh": b"echo evil\n"}))


@forgery("P6")
def a_root_that_merges_a_product_below_what_waited(rich: Rich) -> Forged:
    evil = beside_the_root(rich, {"backdoor.sh": b"echo evil\n"})
    root = rich.store.commit(rich.history.marks["root"])
    stamp = root.committer
    return anew(rich, {}, rich.store.write_commit(root.tree, [evil], stamp, stamp, b"x\n"))


@forgery("P6")
def a_root_that_merges_what_was_there(rich: Rich) -> Forged:
    root = rich.store.commit(rich.history.marks["root"])
    return anew(rich, {}, rich.store.commit(root.parents[0]).parents[0])


@forgery("P6")
def a_root_before_it_was_signed(rich: Rich) -> Forged:
    return at_another_time(rich, -1)


@forgery("P6")
def a_root_long_after_it_was_signed(rich: Rich) -> Forged:
    return at_another_time(rich, AHEAD + 1)


def beside_the_root(rich: Rich, files: dict[str, bytes]) -> str:
    """A commit of anybody's upon what the root is upon, with these files."""
    before = rich.store.commit(rich.store.commit(rich.history.marks["root"]).parents[0])
    blobs = {path: rich.store.write_blob(content) for path, content in files.items()}
    entries: dict[str, Entry | None] = {p: Entry(Mode.FILE, oid) for p, oid in blobs.items()}
    tree = rich.store.write_tree(before.tree, entries)
    stamp = before.committer
    return rich.store.write_commit(tree, [before.oid], stamp, stamp, b"x\n")


def at_another_time(rich: Rich, later: int) -> Forged:
    """The true root, made so many seconds after it was signed."""
    root = rich.store.commit(rich.history.marks["root"])
    stamp = root.committer._replace(seconds=root.committer.seconds + later)
    made = rich.store.write_commit(root.tree, root.parents, root.author, stamp, b"x\n")
    return rich.forged(made, None)


@forgery("L13")
def a_product_that_came_by_itself(rich: Rich) -> Forged:
    return upon(rich, "free", {"greet.sh": b"echo evil\n"})


@forgery("L13")
def a_product_that_came_with_what_is_free(rich: Rich) -> Forged:
    return upon(rich, "root", {"docs/STATUS_REPORT.md": b"x\n", "greet.sh": b"echo evil\n"})


@forgery("L13")
def a_product_that_went_by_itself(rich: Rich) -> Forged:
    return upon(rich, "revert", {"shout.sh": None})


@forgery("L13")
def a_submodule_that_came_by_itself(rich: Rich) -> Forged:
    link = Entry(Mode.GITLINK, rich.history.marks["root"])
    return upon(rich, "root", {"vendor": link})


@forgery("L13")
def a_link_in_the_place_of_a_free_path(rich: Rich) -> Forged:
    oid = rich.store.write_blob(b"../../.ssh/id_ed25519")
    return upon(rich, "free", {"docs/STATUS_REPORT.md": Entry(Mode.SYMLINK, oid)})


@forgery("L13")
def a_submodule_in_the_place_of_a_free_path(rich: Rich) -> Forged:
    link = Entry(Mode.GITLINK, rich.history.marks["root"])
    return upon(rich, "free", {"docs/STATUS_REPORT.md": link})


@forgery("L13")
def a_link_in_the_place_of_the_progress(rich: Rich) -> Forged:
    link = Entry(Mode.SYMLINK, rich.store.write_blob(b"README.md"))
    return upon(rich, "free", {"PROGRESS.md": link})


@forgery("L13")
def progress_that_can_be_run(rich: Rich) -> Forged:
    page = rich.store.write_blob(read(rich, "free", "PROGRESS.md"))
    return upon(rich, "free", {"PROGRESS.md": Entry(Mode.EXECUTABLE, page)})


@forgery("L6")
def progress_that_nobody_can_read_any_more(rich: Rich) -> Forged:
    return upon(rich, "free", {"PROGRESS.md": damaged(rich)})


@forgery("L6")
def a_block_told_otherwise_where_a_page_was_damaged_first(rich: Rich) -> Forged:
    """Once it could be done in two steps, each of which seemed to alter no block."""
    first = upon(rich, "free", {"PROGRESS.md": damaged(rich)}).bad
    page = read(rich, "free", "PROGRESS.md").replace(b"2 of 2", b"9 of 9")
    entry = Entry(Mode.FILE, rich.store.write_blob(page))
    tree = rich.store.write_tree(rich.store.tree_of(first), {"PROGRESS.md": entry})
    stamp = rich.store.commit(first).committer
    second = rich.store.write_commit(tree, [first], stamp, stamp, b"x\n")
    return Forged(second, second, first, more=True)


def damaged(rich: Rich) -> bytes:
    """`PROGRESS.md` with one marker that is none."""
    return read(rich, "free", "PROGRESS.md") + b"<!-- codexa:begin -->\n"


def with_totals(rich: Rich) -> bytes:
    """`PROGRESS.md` as a digest leaves it: words of people, and the totals, beside every block."""
    page = read(rich, "free", "PROGRESS.md") + b"\nWords of people.\n"
    return put(page, "totals", b"| all | well |\n")


@forgery("L6")
def a_landed_changes_progress_told_otherwise(rich: Rich) -> Forged:
    page = read(rich, "free", "PROGRESS.md").replace(b"2 of 2", b"9 of 9")
    assert page != read(rich, "free", "PROGRESS.md")
    return upon(rich, "free", {"PROGRESS.md": page})


@forgery("L6")
def a_block_of_a_change_that_never_landed(rich: Rich) -> Forged:
    block = b"<!-- codexa:begin CH-009 -->\nall is well\n<!-- codexa:end CH-009 -->\n"
    return upon(rich, "free", {"PROGRESS.md": read(rich, "free", "PROGRESS.md") + block})


@forgery("L13")
def a_record_of_a_landed_change_that_was_edited(rich: Rich) -> Forged:
    path = "audit/CH-001/commands.jsonl"
    return upon(rich, "free", {path: read(rich, "free", path).replace(b"Demo PM", b"Demo XX")})


@forgery("L13")
def a_landed_change_whose_records_are_gone(rich: Rich) -> Forged:
    path = "audit/CH-001/concerns.jsonl"
    return upon(rich, "free", {path: None})


@forgery("L13")
def a_landing_that_somebody_took_back_by_hand(rich: Rich) -> Forged:
    place = rich.place("merge")
    made = place.made(place.parent.tree, place.commit.oid, at=place.context.at + 60)
    return rich.forged(made, place.commit.oid)


@forgery("P9")
def a_policy_that_went_back_to_an_earlier_one(rich: Rich) -> Forged:
    path = ".codexa/allowed_signers"
    return upon(rich, "free", {path: read(rich, "rotation", path)})


@forgery("P9")
def an_owner_who_made_himself_one(rich: Rich) -> Forged:
    toml = read(rich, "free", "codexa.toml")
    person = f'\n[[people]]\nemail = "{STRANGER.email}"\nname = "x"\nroles = ["owner"]\n'
    return upon(rich, "free", {"codexa.toml": toml + person.encode()})


@forgery("P9")
def attributes_that_came_by_themselves(rich: Rich) -> Forged:
    return upon(rich, "free", {"docs/.gitattributes": b"* -diff\n"})


@forgery("P9")
def submodules_that_came_to_be_overlooked(rich: Rich) -> Forged:
    return upon(rich, "free", {".gitmodules": b'[submodule "x"]\n\tignore = all\n'})


@forgery("P2")
def a_policy_that_is_gone(rich: Rich) -> Forged:
    return upon(rich, "free", {"codexa.toml": None})


@forgery("P2")
def a_policy_in_a_link(rich: Rich) -> Forged:
    oid = rich.store.write_blob(b"README.md")
    return upon(rich, "free", {"codexa.toml": Entry(Mode.SYMLINK, oid)})


@forgery("P3")
def a_policy_of_another_rule_set(rich: Rich) -> Forged:
    toml = read(rich, "free", "codexa.toml").replace(b"rules = 1", b"rules = 2")
    return upon(rich, "free", {"codexa.toml": toml})


@forgery("P4")
def a_policy_in_which_an_agent_approves(rich: Rich) -> Forged:
    toml = read(rich, "free", "codexa.toml").replace(b'roles = ["pm"]', b'roles = ["tester"]')
    return upon(rich, "free", {"codexa.toml": toml})


@forgery("P5")
def a_key_of_everybody(rich: Rich) -> Forged:
    path = ".codexa/allowed_signers"
    line = read(rich, "free", path).splitlines(keepends=True)[0]
    return upon(rich, "free", {path: line.replace(line.split()[0], b"*@demo.invalid")})


@forgery("P5")
def a_key_whose_time_is_of_no_zone(rich: Rich) -> Forged:
    path = ".codexa/allowed_signers"
    text = read(rich, "rotation", path)
    assert b'Z"' in text
    return upon(rich, "rotation", {path: text.replace(b'Z"', b'"')})


def act(rich: Rich, mark: str, files: Any, *actors: Any, **other: Any) -> Forged:  # noqa: ANN401
    """An act in the place of a true one."""
    acts = rich.acts(mark)
    return acts.put(acts.act(files, *actors, **other))


@forgery("P9")
def a_product_that_came_with_a_policy(rich: Rich) -> Forged:
    return act(rich, "rotation", CI | FIX)


@forgery("P12")
def a_policy_commit_of_what_was_not_signed(rich: Rich) -> Forged:
    acts = rich.acts("rotation")
    return acts.put(acts.edited({".ci/run": b"x\n"}, acts.act(CI)))


@forgery("P13")
def a_policy_commit_by_a_stranger(rich: Rich) -> Forged:
    return act(rich, "rotation", CI, THIEF)


@forgery("P13")
def a_policy_commit_by_who_is_no_owner(rich: Rich) -> Forged:
    return act(rich, "rotation", CI, SECOND)


@forgery("P13")
def a_policy_commit_by_a_strangers_key(rich: Rich) -> Forged:
    return act(rich, "rotation", CI, key=STRANGER.email)


@forgery("P13")
def a_policy_commit_by_the_testers_key(rich: Rich) -> Forged:
    return act(rich, "rotation", CI, key="tester@agents.invalid")


@forgery("P13")
def a_policy_commit_in_another_namespace(rich: Rich) -> Forged:
    return act(rich, "rotation", CI, namespace="git")


@forgery("P13")
def a_policy_commit_by_a_key_that_was_taken_out(rich: Rich) -> Forged:
    return act(rich, "bypass", CI, key="old")


@forgery("P13")
def a_policy_commit_by_a_key_that_it_enrols(rich: Rich) -> Forged:
    acts, path = rich.acts("rotation"), ".codexa/allowed_signers"
    line = f'{OWNER.email} namespaces="codexa" {acts.keys.public[STRANGER.email]}\n'
    files = {path: acts.read(path) + line.encode()}
    return acts.put(acts.act(files, key=STRANGER.email))


@forgery("P12")
def a_policy_commit_for_another_repository(rich: Rich) -> Forged:
    return act(rich, "rotation", CI, root=NOTHING)


@forgery("P12")
def a_policy_commit_for_another_base(rich: Rich) -> Forged:
    return act(rich, "rotation", CI, branch="release")


@forgery("P12")
def a_policy_commit_upon_another_state_of_the_policy(rich: Rich) -> Forged:
    return act(rich, "rotation", CI, after=NOTHING)


def told(rich: Rich, mark: str) -> tuple[Record, ...]:
    """The owners' records, as a commit of the base has them."""
    return parse_log(read(rich, mark, ACT_LOG), ACT_LOG, None)


@forgery("P11")
def a_policy_brought_back_by_its_old_signature(rich: Rich) -> Forged:
    """The rotation, once more, after the old key was taken out: the key would be back."""
    acts, path = rich.acts("light"), ".codexa/allowed_signers"
    record = next(r for r in told(rich, "rotation") if r.type is CHANGED)
    back = {path: read(rich, "rotation", path)}
    tree = acts.edited(back | {ACT_LOG: acts.read(ACT_LOG) + format_record(record)})
    return acts.put(tree)


@forgery("P11")
def an_act_that_was_taken_out_of_the_records(rich: Rich) -> Forged:
    lines = read(rich, "free", ACT_LOG).splitlines(keepends=True)
    return upon(rich, "free", {ACT_LOG: b"".join(lines[:-1])})


@forgery("P11")
def acts_that_changed_places_in_the_records(rich: Rich) -> Forged:
    lines = read(rich, "free", ACT_LOG).splitlines(keepends=True)
    assert len(lines) > 2
    return upon(rich, "free", {ACT_LOG: b"".join(reversed(lines))})


@forgery("P11")
def two_acts_at_once(rich: Rich) -> Forged:
    acts = rich.acts("rotation")
    tree = acts.edited(CI | FIX)
    both = [acts.record(tree), acts.record(tree, kind=BYPASS)]
    return acts.put(acts.with_records(tree, both))


@forgery("P14")
def a_policy_that_no_longer_enforces(rich: Rich) -> Forged:
    acts = rich.acts("rotation")
    return acts.put(acts.act({"codexa.toml": acts.policy_text('"enforce"', '"observe"')}))


@forgery("P14")
def a_policy_that_asks_for_more_owners_than_there_are(rich: Rich) -> Forged:
    acts = rich.acts("rotation")
    text = acts.policy_text("[owner]\ncount = 1", "[owner]\ncount = 2")
    return acts.put(acts.act({"codexa.toml": text}))


@forgery("P14")
def a_policy_whose_last_owner_is_gone(rich: Rich) -> Forged:
    acts = rich.acts("rotation")
    return acts.put(acts.act({"codexa.toml": acts.policy_text('"owner", ', "")}))


@forgery("P14")
def a_policy_that_asks_for_a_touch_that_no_owners_key_can_give(rich: Rich) -> Forged:
    acts = rich.acts("rotation")
    text = acts.policy_text("require_touch = false", "require_touch = true")
    return acts.put(acts.act({"codexa.toml": text}))


@forgery("P14")
def a_policy_that_asks_for_a_pin_of_two_where_one_has_a_security_key(rich: Rich) -> Forged:
    acts = rich.acts("rotation")
    signers = acts.read(".codexa/allowed_signers")
    line = format_line(OWNER.email, SecurityKey("sk-ed25519").public)
    text = acts.policy_text("require_pin = false", "require_pin = true").decode()
    text = text.replace("[owner]\ncount = 1", "[owner]\ncount = 2")
    assert 'roles = ["pm"]' in text
    text = text.replace('roles = ["pm"]', 'roles = ["owner", "pm"]')
    files = {
        "codexa.toml": text.encode(),
        ".codexa/allowed_signers": signers + f"{line}\n".encode(),
    }
    return acts.put(acts.act(files))


@forgery("P9", "P11")
def a_second_root(rich: Rich) -> Forged:
    acts, path = rich.acts("rotation"), "audit/handoff.jsonl"
    data: dict[str, Any] = {"root": None, "branch": "main", "gates": {}, "seen": []}
    data |= {"parent": None, "policy": NOTHING, "signers": NOTHING}
    kind, at = RecordType.ROOT_MADE, acts.context.at
    record = make(
        kind, data, change=None, stage=None, round=0, actor=OWNER, at=at, signature="none"
    )
    return acts.put(acts.act(CI | {path: acts.read(path) + format_record(record)}))


@forgery("P15")
def a_bypass_that_brings_policy(rich: Rich) -> Forged:
    return act(rich, "bypass", FIX | CI, kind=BYPASS)


@forgery("P15")
def a_bypass_that_brings_evidence(rich: Rich) -> Forged:
    return act(rich, "bypass", FIX | {"tests/results/conftest.py": b"x\n"}, kind=BYPASS)


@forgery("P15")
def a_bypass_that_brings_evidence_in_another_case(rich: Rich) -> Forged:
    return act(rich, "bypass", FIX | {"Audit/CH-001/x": b"x\n"}, kind=BYPASS)


@forgery("P15")
def a_bypass_that_tells_of_a_change_otherwise(rich: Rich) -> Forged:
    page = read(rich, "revert", "TRACEABILITY.md").replace(b"Demo Dev", b"Demo Pal")
    return act(rich, "bypass", {"TRACEABILITY.md": page}, kind=BYPASS)


@forgery("P15")
def a_bypass_that_brings_a_submodule(rich: Rich) -> Forged:
    link = Entry(Mode.GITLINK, rich.history.marks["root"])
    return act(rich, "bypass", {"vendor": link}, kind=BYPASS)


@forgery("P13")
def a_bypass_by_a_key_that_was_taken_out(rich: Rich) -> Forged:
    return act(rich, "bypass", FIX, kind=BYPASS, key="old")


@forgery("P12")
def a_bypass_of_other_bytes_than_were_signed(rich: Rich) -> Forged:
    acts = rich.acts("bypass")
    return acts.put(acts.edited({"greet.sh": b"echo evil\n"}, acts.act(FIX, kind=BYPASS)))


@forgery("P16")
def an_incident_that_names_what_never_came(rich: Rich) -> Forged:
    return act(rich, "incident", {}, kind=INCIDENT, commits=["a" * 40])


@forgery("P16")
def an_incident_that_names_the_root(rich: Rich) -> Forged:
    return act(rich, "incident", {}, kind=INCIDENT, commits=[rich.history.marks["root"]])


@forgery("P16")
def an_incident_that_names_a_commit_twice(rich: Rich) -> Forged:
    spoilt = rich.history.marks["spoilt"]
    return act(rich, "incident", {}, kind=INCIDENT, commits=[spoilt, spoilt])


@forgery("P9")
def an_incident_that_brings_a_product(rich: Rich) -> Forged:
    commits = [rich.history.marks["spoilt"]]
    return act(rich, "incident", {"greet.sh": b"echo evil\n"}, kind=INCIDENT, commits=commits)


@forgery("P13")
def an_incident_by_who_is_no_owner(rich: Rich) -> Forged:
    commits = [rich.history.marks["spoilt"]]
    return act(rich, "incident", {}, SECOND, kind=INCIDENT, commits=commits)


@forgery("P13", "P16")
def an_incident_by_a_key_that_was_taken_out(rich: Rich) -> Forged:
    """It names the very commit that took the key out, and puts it back."""
    path, gone = ".codexa/allowed_signers", rich.history.marks["revocation"]
    back = {path: read(rich, "rotation", path)}
    return act(rich, "incident", back, kind=INCIDENT, commits=[gone], key="old")


@forgery("P16")
def an_incident_that_takes_back_what_the_owners_signed(rich: Rich) -> Forged:
    path, gone = ".codexa/allowed_signers", rich.history.marks["revocation"]
    back = {path: read(rich, "rotation", path)}
    return act(rich, "incident", back, kind=INCIDENT, commits=[gone])


@forgery("P16")
def an_incident_that_brings_what_is_new(rich: Rich) -> Forged:
    commits = [rich.history.marks["spoilt"]]
    return act(rich, "incident", CI, kind=INCIDENT, commits=commits)


@forgery("P13", "P16")
def an_incident_by_an_owner_who_made_himself_one(rich: Rich) -> Forged:
    """He comes in unsigned, and then names that commit himself, as if that settled it."""
    first = an_owner_who_made_himself_one(rich)
    acts = rich.acts("incident")
    came = rich.store.commit(first.bad)
    tree = acts.act({}, THIEF, base=came.tree, kind=INCIDENT, commits=[came.oid])
    named = acts.place.made(tree, came.oid, at=came.committer.seconds)
    return Forged(named, named, first.old, more=True)


@forgery("P17")
def a_landing_upon_a_policy_that_nobody_signed(rich: Rich) -> Forged:
    place = rich.place("merge")
    text = rich.store.read(place.parent.tree, "codexa.toml") or b""
    oid = rich.store.write_blob(text + b"\n# mine\n")
    entry = {"codexa.toml": Entry(Mode.FILE, oid)}
    came = place.made(rich.store.write_tree(place.parent.tree, entry), place.parent.oid)
    landed = place.put(rich.store.write_tree(place.commit.tree, entry), upon=came)
    return Forged(landed.bad, landed.tip, place.parent.oid, more=True)


def swept(rich: Rich, **data: Any) -> Forged:  # noqa: ANN401
    """A sweep in the place of the true one; `data` and who signs may be others."""
    acts = rich.acts("sweep")
    (true,) = parse_log(read(rich, "sweep", SWEPT), SWEPT, None)
    who, key = data.pop("actor", OWNER), data.pop("key", None)
    at = data.pop("when", acts.context.at)
    full = {name: item for name, item in true.data.items() if name not in ("after", "changes")}
    record = sweep_record(acts, full | data, who, key, at)
    return acts.put(acts.edited({SWEPT: format_record(record)}), at=at)


def sweep_record(acts: Acts, data: dict[str, Any], who: Actor, key: str | None, at: int) -> Record:
    """The signed record of a sweep."""
    kind = RecordType.RETENTION_SWEPT
    content = payload(kind, data, change=None, actor=who, at=at)
    signature = acts.keys.sign(key or who.email, content)
    return make(kind, data, change=None, stage=None, round=0, actor=who, at=at, signature=signature)


@forgery("P13")
def a_sweep_by_who_is_no_owner(rich: Rich) -> Forged:
    return swept(rich, actor=SECOND)


@forgery("P13")
def a_sweep_by_a_key_that_was_taken_out(rich: Rich) -> Forged:
    return swept(rich, key="old")


@forgery("P12")
def a_sweep_for_another_base(rich: Rich) -> Forged:
    return swept(rich, branch="release")


@forgery("P12")
def a_sweep_whose_signer_saw_other_records(rich: Rich) -> Forged:
    return swept(rich, seen=[NOTHING])


@forgery("P18")
def a_sweep_of_nothing(rich: Rich) -> Forged:
    return swept(rich, items=[])


@forgery("P18")
def a_sweep_of_what_nobody_holds(rich: Rich) -> Forged:
    item = {"change": "CH-001", "name": "x", "digest": digest(b""), "kind": "output"}
    return swept(rich, items=[item])


@forgery("P18")
def a_sweep_before_its_day(rich: Rich) -> Forged:
    """The record claims a later time than the commit that brings it."""
    acts = rich.acts("sweep")
    return acts.place.put(acts.true, at=acts.context.not_before)


@forgery("P18")
def a_sweep_that_takes_a_product_along(rich: Rich) -> Forged:
    acts = rich.acts("sweep")
    return acts.put(acts.edited(FIX | {"greet.sh": b"x\n"}, acts.true))


@forgery("P18")
def a_sweep_that_was_done_before(rich: Rich) -> Forged:
    content = read(rich, "sweep", SWEPT)
    return upon(rich, "sweep", {SWEPT: content + content})
