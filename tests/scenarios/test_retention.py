"""What becomes of full outputs: kept, archived, dropped at closing, or swept on their day."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import BRIEF, CHECK, NOON, At, Clone, Shelf, States, make_key, recipes
from scenarios.touching import NOBODY, TOUCHED, Authenticator, required

from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import stand
from codexa_git.workflow.changes.moment import named
from codexa_git.workflow.stages.closing import dropped, evidence
from codexa_git.workflow.together.publishing import publish

pytestmark = pytest.mark.slow

EVIDENCE = "refs/codexa/evidence/CH-001"
DAY = 86_400
LONG = """run = ["sh -c 'echo echo HELLO > shout.sh; seq 1 4000'"]"""


def policy(clone: Clone, **said: str) -> None:
    """The policy's `[retention]` says this, and the base enforces."""
    text = clone.read("codexa.toml")
    for name, value in said.items():
        lines = [line for line in text.split("\n") if line.startswith(f"{name} = ")]
        text = text.replace(lines[-1], f"{name} = {value}")
    clone.write("codexa.toml", text + "\n")
    clone.git("commit", "-q", "--allow-empty", "-am", "what to do with outputs")
    if clone.git("remote"):
        clone.git("push", "-q")
    clone.did("enforce", "--demo", "--yes")


def opens(clone: Clone, title: str = "Shouting", change: str = "CH-001") -> None:
    place = clone.folder.with_name(f"{clone.folder.name} brief.md")
    place.write_text(BRIEF.replace("CH-001", change))
    clone.did("open", title, "--brief", str(place))
    clone.commit({f"changes/{change}/recipes.toml": recipes(first=LONG)}, "say how")


def closes(clone: Clone) -> None:
    """The change at hand is closed."""
    for _ in range(3):
        clone.until()
        clone.did("approve")
    assert "can land" in clone.until().out


def later(monkeypatch: pytest.MonkeyPatch, days: int) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", str(int(NOON) + days * DAY))


def bodies(folder: Path, ref: str = EVIDENCE) -> list[str]:
    """The blobs that an evidence ref holds."""
    rows = git(folder, "ls-tree", "-r", ref).split("\n")
    return [row.split()[2] for row in rows]


def is_there(folder: Path, blob: str) -> bool:
    """True where the object is in this repository after everything unreachable was pruned."""
    git(folder, "gc", "-q", "--prune=now")
    found = subprocess.run(
        ["git", "cat-file", "-e", blob], cwd=folder, capture_output=True, check=False
    )
    return found.returncode == 0


@pytest.fixture
def origin(tmp_path: Path) -> Path:
    folder = tmp_path / "origin.git"
    folder.mkdir()
    git(folder, "init", "-q", "--bare", "-b", "main")
    return folder


def shares(clone: Clone, origin: Path) -> None:
    """What the clone does from here on goes to the remote, too."""
    clone.git("remote", "add", "origin", str(origin))
    clone.git("push", "-q", "-u", "origin", "main")


def landed(clone: Clone, origin: Path, **said: str) -> None:
    """A change has landed here and at the remote, under this policy."""
    shares(clone, origin)
    policy(clone, **said)
    opens(clone)
    closes(clone)
    clone.did("land")
    clone.git("switch", "-q", "main")


def _land_what_goes_after_a_day(clone: Clone) -> None:
    origin = clone.folder / ".git" / "origin.git"
    git(clone.folder, "init", "-q", "--bare", "-b", "main", str(origin))
    landed(clone, origin, logs='"drop"', drop_after="1")


OWN_STATES: States = {"landed, to go after a day": ("adopted", _land_what_goes_after_a_day)}


def landed_for_a_day(at: At, origin: Path) -> Clone:
    """A change has landed here and at the remote, and its outputs go after a day."""
    clone = at("landed, to go after a day")
    shutil.rmtree(origin)
    (clone.folder / ".git" / "origin.git").rename(origin)
    clone.git("remote", "set-url", "origin", str(origin))
    return clone


@pytest.mark.parametrize(("logs", "kept"), [("archive", True), ("drop", False)])
def test_outputs_are_kept_or_gone_as_their_records_say(at: At, logs: str, kept: bool) -> None:  # noqa: FBT001
    clone = at("adopted")
    policy(clone, logs=f'"{logs}"')
    opens(clone)
    for _ in range(3):
        clone.until()
        clone.did("approve")
    assert clone.git("for-each-ref", EVIDENCE) != "", "outputs are there until the change closes"
    assert "can land" in clone.until().out
    retained = clone.read("audit/CH-001/retention.jsonl")
    assert ("retention.archived" in retained, "retention.dropped" in retained) == (kept, not kept)
    assert (clone.git("for-each-ref", EVIDENCE) != "") == kept
    clone.did("land")


def test_what_closing_drops_is_gone_from_the_remote_as_well(at: At, origin: Path) -> None:
    clone = at("adopted")
    shares(clone, origin)
    policy(clone, logs='"drop"')
    opens(clone)
    for _ in range(3):
        clone.until()
        clone.did("approve")
    blobs = bodies(origin)
    assert blobs
    assert "can land" in clone.until().out
    assert git(origin, "for-each-ref", EVIDENCE) == ""
    assert not any(is_there(folder, blob) for folder in (origin, clone.folder) for blob in blobs)
    assert '"type":"retention.dropped"' in clone.git(
        "show", "origin/change/CH-001:audit/CH-001/retention.jsonl"
    )
    clone.did("land")


def test_files_that_policy_archives_lie_at_the_evidence_ref_and_in_the_tree(at: At) -> None:
    clone = at("adopted")
    policy(clone, runs='"archive"', results='"archive"', packet='"archive"')
    opens(clone)
    closes(clone)
    for path in (
        "artifacts/work/CH-001/run-001/log.jsonl",
        "artifacts/work/CH-001/run-001/run.json",
        "tests/results/CH-001.json",
        "changes/CH-001/packet.html",
    ):
        assert clone.read(path, EVIDENCE) == clone.read(path)
    clone.did("land")
    clone.did("replay", "CH-001")


def test_what_is_dropped_at_closing_leaves_what_is_archived(at: At, origin: Path) -> None:
    clone = at("adopted")
    shares(clone, origin)
    policy(clone, runs='"archive"', logs='"drop"')
    opens(clone)
    closes(clone)
    names = "artifacts/work/CH-001/run-001/run.json"
    for folder in (clone.folder, origin):
        found = git(folder, "ls-tree", "-r", "--name-only", EVIDENCE).split("\n")
        assert names in found
        assert not [name for name in found if name.startswith(("run-", "tests-"))]
        assert git(folder, "rev-list", "--count", EVIDENCE) == "1"
    clone.did("land")
    clone.git("switch", "-q", "main")
    assert clone.did("retention", "sweep") == "nothing is due\n"
    assert names in git(origin, "ls-tree", "-r", "--name-only", EVIDENCE)


def test_a_sweep_leaves_what_is_archived(
    at: At, origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("adopted")
    landed(clone, origin, runs='"archive"', logs='"drop"', drop_after="1")
    later(monkeypatch, 1)
    blobs = [b for b in bodies(origin) if not clone.git("log", "--find-object", b, "--format=%h")]
    assert len(blobs) == 2, "what lies at the ref alone"
    clone.did("retention", "sweep")
    for folder in (clone.folder, origin):
        assert not any(is_there(folder, blob) for blob in blobs)
        assert "run.json" in git(folder, "ls-tree", "-r", "--name-only", EVIDENCE)
    assert clone.did("retention", "sweep") == "nothing is due\n"


def test_what_a_gate_reads_from_the_tree_is_never_dropped(at: At) -> None:
    clone = at("adopted")
    text = clone.read("codexa.toml")
    clone.commit({"codexa.toml": text.replace('runs = "keep"', 'runs = "drop"')}, "drop runs")
    assert "runs" in clone.refused("status", status=3)


def test_an_output_is_held_until_its_day_and_then_swept_here_and_there(
    at: At, origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("adopted")
    landed(clone, origin, logs='"drop"', drop_after="30")
    blobs = bodies(origin)
    assert bodies(clone.folder) == blobs
    listed = clone.did("retention")
    assert listed == clone.did("retention", "list")
    assert listed == "CH-001  2 outputs  here, origin  landed, until 2026-01-31\n"
    assert clone.did("retention", "sweep") == "nothing is due\n"
    later(monkeypatch, 29)
    tip = clone.tip("main")
    assert clone.did("retention", "sweep") == "nothing is due\n"
    assert clone.tip("main") == tip, "nothing to do is no commit"
    later(monkeypatch, 30)
    assert "may go since 2026-01-31" in clone.did("retention")
    assert clone.did("retention", "sweep", "--dry-run") == "CH-001  2 outputs would go\n"
    assert bodies(origin) == blobs
    said = clone.did("retention", "sweep")
    assert "codexa: 2 outputs of 1 change dropped, as policy says" in said
    assert "gone from this clone: CH-001" in said
    assert "gone from origin: CH-001" in said
    assert git(origin, "rev-parse", "main") == clone.tip("main") != tip
    assert not any(is_there(folder, blob) for folder in (origin, clone.folder) for blob in blobs)
    assert clone.git("diff", "--name-only", tip, "main") == "audit/retention.jsonl"
    assert "not held here" in clone.did("retention")
    assert "2 outputs dropped on 2026-01-31 by Demo PM (owner)" in clone.did("retention")
    assert clone.did("retention", "sweep") == "nothing is due\n"
    assert clone.is_sound()


def test_the_record_of_a_sweep_names_what_went_and_is_signed(
    at: At, origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = landed_for_a_day(at, origin)
    later(monkeypatch, 1)
    clone.did("retention", "sweep")
    record = json.loads(clone.read("audit/retention.jsonl"))
    assert (record["type"], record["change"]) == ("retention.swept", None)
    assert record["actor"]["role"] == "owner"
    own = [json.loads(line) for line in clone.read("audit/CH-001/retention.jsonl").split("\n")]
    archived = [i for r in own if r["type"] == "retention.archived" for i in r["data"]["items"]]
    assert record["data"]["items"] == [{"change": "CH-001", **item} for item in archived]
    assert record["data"]["seen"] == sorted(r["id"] for r in own)
    assert f"Codexa-Record: retention.swept {record['id']}" in clone.git("log", "-1", "--format=%B")


def test_who_is_no_owner_sweeps_nothing(
    at: At, origin: Path, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = landed_for_a_day(at, origin)
    later(monkeypatch, 1)
    clone.set_up("Demo Dev", "dev@demo.invalid", shelf.dev)
    assert "no owner in this policy" in clone.refused("retention", "sweep")
    assert bodies(origin)


def test_a_remote_that_refuses_is_said_and_tried_again(
    at: At, origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = landed_for_a_day(at, origin)
    hook = origin / "hooks" / "update"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text('#!/bin/sh\ncase "$1" in refs/codexa/*) exit 1;; esac\n')
    hook.chmod(0o755)
    later(monkeypatch, 1)
    answer = clone.codexa("retention", "sweep")
    assert answer.status == 3
    assert "the outputs of CH-001 stay at origin: [remote rejected] (hook declined)" in answer.err
    assert "the next sweep tries again" in answer.err
    assert bodies(origin)
    hook.unlink()
    tip = clone.tip("main")
    assert clone.did("retention", "sweep") == "gone from origin: CH-001\n"
    assert clone.tip("main") == tip
    assert git(origin, "for-each-ref", EVIDENCE) == ""


def test_a_remote_that_is_gone_is_said_and_the_record_stands(
    at: At, origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = landed_for_a_day(at, origin)
    later(monkeypatch, 1)
    clone.git("remote", "add", "backup", str(tmp_path / "nowhere"))
    assert "backup was not asked" in clone.codexa("retention").err
    answer = clone.codexa("retention", "sweep")
    assert answer.status == 3
    assert "backup cannot be asked" in answer.err
    assert "gone from origin: CH-001" in answer.out


def test_another_clone_lets_go_of_what_was_swept_elsewhere(
    at: At, origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = landed_for_a_day(at, origin)
    git(tmp_path, "clone", "-q", str(origin), "other")
    other = Clone(tmp_path / "other").set_up(
        "Demo Dev", "dev@demo.invalid", make_key(tmp_path, "d", 2)
    )
    other.git("fetch", "-q", "origin", f"{EVIDENCE}:{EVIDENCE}")
    later(monkeypatch, 1)
    clone.did("retention", "sweep")
    other.git("pull", "-q")
    assert "gone from this clone: CH-001" in other.did("retention", "sweep")
    assert other.git("for-each-ref", EVIDENCE) == ""


def test_a_later_change_closes_and_lands_over_a_sweep(
    at: At, origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = landed_for_a_day(at, origin)
    opens(clone, "Again", "CH-002")
    clone.until()
    clone.git("switch", "-q", "main")
    later(monkeypatch, 1)
    clone.did("retention", "sweep")
    clone.git("switch", "-q", "change/CH-002")
    assert "CH-002" in clone.did("status", "CH-002")
    clone.did("approve")
    clone.until()


def test_an_abandoned_change_lets_go_on_its_own_branch(
    at: At, origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("adopted")
    shares(clone, origin)
    policy(clone, logs='"drop"', drop_after="7")
    opens(clone)
    clone.until()
    clone.did("approve")
    clone.until()
    clone.git("push", "-q", "-u", "origin", "change/CH-001", f"{EVIDENCE}:{EVIDENCE}")
    clone.did("abandon", "-m", "not wanted")
    clone.git("switch", "-q", "main")
    blobs = bodies(origin)
    assert "abandoned, until 2026-01-08" in clone.did("retention")
    assert clone.did("retention", "sweep") == "nothing is due\n"
    later(monkeypatch, 7)
    tip = clone.tip("main")
    said = clone.did("retention", "sweep")
    assert "CH-001" in said
    assert "dropped, abandoned" in said
    assert clone.tip("main") == tip
    assert '"reason":"abandoned"' in clone.read(
        "audit/CH-001/retention.jsonl", "origin/change/CH-001"
    )
    assert not any(is_there(folder, blob) for folder in (origin, clone.folder) for blob in blobs)
    assert clone.did("retention", "sweep") == "nothing is due\n"
    clone.did("replay", "CH-001")


def test_what_is_kept_is_listed_as_kept_and_never_due(
    at: At, origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("adopted")
    landed(clone, origin, logs='"keep"', drop_after="1")
    later(monkeypatch, 400)
    assert clone.did("retention") == "CH-001  2 outputs  here, origin  landed, kept\n"
    assert clone.did("retention", "sweep") == "nothing is due\n"
    facts = json.loads(clone.did("retention", "list", "--json"))["changes"][0]
    assert (facts["until"], facts["due"], facts["at"]) == (None, False, ["here", "origin"])


def test_two_clones_of_one_change_join_their_outputs(
    at: At, origin: Path, tmp_path: Path, shelf: Shelf
) -> None:
    clone = at("adopted")
    shares(clone, origin)
    policy(clone)
    opens(clone)
    clone.until()
    clone.did("approve")
    clone.git("push", "-q", "-u", "origin", "change/CH-001")
    clone.did("advance")
    before = bodies(origin)
    git(tmp_path, "clone", "-q", str(origin), "other")
    other = Clone(tmp_path / "other").set_up("Demo PM", "pm@demo.invalid", shelf.pm)
    other.git("switch", "-q", "change/CH-001")
    key = clone.folder / ".git" / "codexa" / "tester_ed25519"
    other.git("config", "codexa.root", clone.git("config", "codexa.root"))
    answer = other.process("advance", CODEXA_TESTER_KEY=str(key))
    assert "1 test passes" in answer.out
    assert "not pushed" not in answer.err
    assert other.tip() == git(origin, "rev-parse", "change/CH-001")
    assert set(before) < set(bodies(origin))


def test_outputs_of_an_earlier_round_go_with_the_rest(
    at: At, origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("adopted")
    shares(clone, origin)
    policy(clone, logs='"drop"', drop_after="1")
    opens(clone)
    clone.until()
    clone.did("approve")
    clone.until()
    clone.commit({"check.sh": f"{CHECK}echo louder\n"}, "tests that say more")
    closes_again(clone)
    names = clone.git("ls-tree", "-r", "--name-only", EVIDENCE).split("\n")
    assert {"tests-001/1.log", "tests-002/1.log"} <= set(names)
    clone.did("land")
    clone.git("switch", "-q", "main")
    blobs = bodies(origin)
    later(monkeypatch, 1)
    clone.did("retention", "sweep")
    for folder in (clone.folder, origin):
        assert git(folder, "for-each-ref", EVIDENCE) == ""
        assert not any(is_there(folder, blob) for blob in blobs)


def closes_again(clone: Clone) -> None:
    """The change at hand, which has to be tested again, is closed."""
    for _ in range(2):
        clone.until()
        clone.did("approve")
    assert "can land" in clone.until().out


def forges_a_drop(clone: Clone) -> None:
    """A commit as anyone could make it who pushes to the branch: nobody signs such a record."""
    with Store.open(clone.folder) as store:
        moment = named(stand(store, int(NOON)), "CH-001")
        items = [item for item in evidence(moment.case) if item["kind"] == "output"]
        assert items
        publish(moment, dropped(moment, items, "policy"))


def test_an_unsigned_record_on_an_open_branch_takes_nothing_away(at: At, origin: Path) -> None:
    clone = at("adopted")
    shares(clone, origin)
    policy(clone, logs='"drop"')
    opens(clone)
    clone.until()
    clone.did("approve")
    clone.until()
    before = bodies(clone.folder)
    forges_a_drop(clone)
    clone.codexa("retention", "sweep")
    clone.until()
    assert set(before) <= set(bodies(clone.folder))
    assert set(before) <= set(bodies(origin))


def test_a_record_that_drops_what_policy_keeps_comes_to_nothing(
    at: At, origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("adopted")
    shares(clone, origin)
    policy(clone, logs='"keep"')
    opens(clone)
    closes(clone)
    before = bodies(clone.folder)
    forges_a_drop(clone)
    assert "which policy keeps" in clone.refused("land")
    clone.git("push", "-q", "origin", "change/CH-001")
    later(monkeypatch, 400)
    clone.codexa("retention", "sweep")
    assert bodies(clone.folder) == bodies(origin) == before
    clone.until()
    assert '"type":"retention.kept"' in clone.read("audit/CH-001/retention.jsonl").split("\n")[-1]
    clone.did("land")
    clone.git("switch", "-q", "main")
    clone.codexa("retention", "sweep")
    assert bodies(clone.folder) == bodies(origin) == before


def test_what_is_dropped_of_an_abandoned_change_that_policy_keeps_stays(
    at: At, origin: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("adopted")
    shares(clone, origin)
    policy(clone, logs='"archive"')
    opens(clone)
    clone.until()
    clone.did("approve")
    clone.until()
    clone.git("push", "-q", "-u", "origin", "change/CH-001", f"{EVIDENCE}:{EVIDENCE}")
    before = bodies(clone.folder)
    forges_a_drop(clone)
    clone.did("abandon", "-m", "not wanted")
    clone.git("switch", "-q", "main")
    later(monkeypatch, 400)
    clone.codexa("retention", "sweep")
    assert bodies(clone.folder) == bodies(origin) == before


def test_a_sweep_that_its_owner_did_not_touch_the_key_for_takes_nothing_away(
    at: At, origin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("adopted")
    landed(clone, origin, logs='"drop"', drop_after="1")
    clone.git("switch", "-q", "main")
    key = Authenticator(tmp_path / "authenticator", "sk-ed25519")
    required(clone, "require_touch", key)
    key.signs_for(clone)
    later(monkeypatch, 1)
    key.says(NOBODY)
    before = clone.git("for-each-ref"), bodies(origin)
    told = clone.refused("retention", "sweep")
    assert "your signature would not count: signed without a touch of the key" in told
    assert (clone.git("for-each-ref"), bodies(origin)) == before
    key.says(TOUCHED)
    assert "dropped" in clone.did("retention", "sweep")
