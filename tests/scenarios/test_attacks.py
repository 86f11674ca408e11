"""Ways to a yes that was not earned, each tried once with success and refused since."""

import subprocess
import time
from shlex import quote

import pytest
from scenarios.clone import At, Clone

from codexa_git.audit.canonical import digest
from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.repository.store import Store
from codexa_git.workflow.bodies import left_of
from codexa_git.workflow.draft import AGENTS, Draft
from codexa_git.workflow.ground import stand
from codexa_git.workflow.moment import Moment, named
from codexa_git.workflow.publishing import publish


def test_a_change_that_begins_beside_the_base_is_judged_by_the_base_itself(at: At) -> None:
    clone = at("approved")
    clone.git("switch", "-q", "-c", "side", "main")
    observing = clone.read("codexa.toml").replace('"enforce"', '"observe"')
    side = clone.commit({"codexa.toml": observing + "\n"}, "a policy of one's own")
    clone.git("revert", "--no-edit", "HEAD")
    clone.git("switch", "-q", "main")
    clone.git("merge", "-q", "--no-ff", "--no-edit", "side")
    clone.git("rebase", "-q", "--onto", side, "main^", "change/CH-001")
    with Store.open(clone.folder) as store:
        ground = stand(store, int(time.time()))
        line = [commit.oid for commit in store.first_parents(ground.tip.oid)]
        assert named(ground, "CH-001").held.oid in line
    assert "codexa.toml is guarded" in clone.refused("advance")


def test_a_record_that_was_carried_away_into_the_base_is_missed(at: At) -> None:
    clone = at("closed")
    closed = clone.tip()
    clone.did("concern", "raise", "not so fast")
    said = clone.tip()
    clone.git("switch", "-q", "main")
    clone.git("merge", "-q", "-s", "ours", "--no-edit", "change/CH-001")
    base = clone.tip("main")
    tree = clone.git("rev-parse", f"{closed}^{{tree}}")
    forged = clone.git("commit-tree", tree, "-p", said, "-p", base, "-m", "nothing to see")
    clone.git("update-ref", "refs/heads/change/CH-001", forged)
    clone.git("switch", "-q", "change/CH-001")
    assert "a record that was in its story is gone" in clone.refused("land", "CH-001")
    assert clone.tip("main") == base


def _forge_packet(moment: Moment) -> None:
    draft = Draft(moment.footing, Stage.PACKAGE, AGENTS[AgentRole.PM])
    page = b"<!doctype html><p>Nothing to see: a typo.</p>"
    draft.put(draft.places.packet, page)
    recorded = moment.state.packaged
    assert recorded is not None
    data = recorded.data | {"evidence": {draft.places.packet: digest(page)}}
    draft.record(RecordType.PACKAGED, data)
    publish(moment, draft.build("impact and packet", hand_off=False))


def test_a_packet_of_somebodys_own_is_not_approved(at: At) -> None:
    clone = at("packaged")
    with Store.open(clone.folder) as store:
        _forge_packet(named(stand(store, int(time.time())), "CH-001"))
    told = clone.refused("approve")
    assert "changes/CH-001/packet.html is not what the records and files make of it" in told
    clone.did("rework", "--to", "package", "-m", "the packet is not its own")
    clone.did("advance")
    assert "package" in clone.did("approve")


def test_a_file_that_came_after_the_packet_is_not_approved_with_it(at: At) -> None:
    clone = at("packaged")
    clone.commit({"late.sh": "echo late\n"}, "late")
    clone.until()
    assert "late.sh" not in clone.read("changes/CH-001/packet.html")
    assert ", results\n" in clone.did("approve"), "the results alone"
    clone.until()
    assert "late.sh" in clone.read("changes/CH-001/packet.html")


def _forget_the_story(clone: Clone) -> None:
    """One commit instead of many, and nothing of the others left."""
    clone.git("reset", "-q", "--soft", "main")
    clone.git("commit", "-qm", "all of it")
    for name in clone.git("for-each-ref", "--format=%(refname)", "refs/heads/codexa").split():
        clone.git("update-ref", "-d", name)
    clone.git("reflog", "expire", "--expire=now", "--all")
    clone.git("gc", "-q", "--prune=now")


def test_a_run_that_cannot_be_done_again_is_a_difference(at: At) -> None:
    clone = at("executed")
    _forget_the_story(clone)
    told = clone.until()
    assert told.status == 1
    assert "snapshot differs" in clone.log()[-1]
    assert "T-01 cannot be done again" in clone.did("concern", "list")


def test_a_hint_can_be_typed_whatever_a_path_is_called(at: At) -> None:
    clone = at("executed")
    path = "audit/x'$(touch PWNED)'"
    clone.commit({path: "boo\n"}, "boo")
    assert quote(path) in clone.refused("advance")


def test_the_last_number_taken_leaves_room_for_a_change(at: At) -> None:
    clone = at("enforced")
    clone.git("branch", "change/CH-999999", "main")
    assert "[change/CH-001 " in clone.did("open", "one more")


@pytest.mark.parametrize(
    ("path", "link"),
    [
        ("tests", False),
        ("tests/results", True),
        ("artifacts/work", False),
        ("artifacts/work", True),
        ("changes/CH-001/pages", False),
    ],
)
def test_what_a_person_put_in_the_tools_place_is_not_taken_away(
    at: At,
    path: str,
    link: bool,  # noqa: FBT001
) -> None:
    clone = at("approved")
    place = clone.folder / path
    place.parent.mkdir(parents=True, exist_ok=True)
    if link:
        place.symlink_to("README.md")
    else:
        place.write_text("precious\n")
    clone.git("add", "-A")
    clone.git("commit", "-qm", "in the way")
    entry = clone.git("ls-tree", "HEAD", path)
    told = ""
    for words in (("advance", "--until-blocked"), ("approve",)) * 3:
        told += clone.codexa(*words).err
    assert f"{path}: is " in told
    assert "hint: put a plain file at " in told
    assert clone.git("ls-tree", "HEAD", path) == entry
    assert clone.is_clean()


def test_a_submodule_in_a_remotes_evidence_stops_no_sweep(at: At) -> None:
    clone = at("executed")
    ref = "refs/codexa/evidence/CH-001"
    clone.write("body", "an output\n")
    body = clone.git("hash-object", "-w", "body")
    rows = f"160000 commit {'1' * 40}\ta\n100644 blob {body}\tb\n"
    tree = subprocess.run(
        ["git", "mktree", "--missing"],
        cwd=clone.folder,
        input=rows,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()
    clone.git("update-ref", ref, clone.git("commit-tree", tree, "-m", "x"))
    with Store.open(clone.folder) as store:
        left = left_of(store, [clone.tip(ref)], lambda _: False)
    assert left is None


def test_a_plan_s_record_makes_no_overview_of_a_persons_the_tools(at: At) -> None:
    clone = at("packaged")
    path, mine = "changes/CH-001/pages/PROJECT_OVERVIEW.md", "Two hours of careful words.\n"
    clone.commit({path: mine}, "overview")
    with Store.open(clone.folder) as store:
        moment = named(stand(store, int(time.time())), "CH-001")
        draft = Draft(moment.footing, Stage.PACKAGE, AGENTS[AgentRole.PM])
        papers = {path: digest(mine.encode())}
        draft.record(RecordType.PLANNED, {"seed": 7, "criteria": 2, "tasks": 2, "papers": papers})
        publish(moment, draft.build("forged", hand_off=False))
    clone.did("rework", "--to", "package", "-m", "again")
    clone.until()
    assert clone.raw(path).decode() == mine
