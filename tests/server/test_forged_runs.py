"""Runs that a stranger writes down: anyone may, and they keep nobody from going on."""

from collections.abc import Callable
from typing import Any

import pytest
from scenarios.clone import NOON
from server.conftest import Serve

from codexa_git.audit.canonical import digest
from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import stand
from codexa_git.workflow.changes.draft import AGENTS, Draft
from codexa_git.workflow.changes.moment import named
from codexa_git.workflow.together.publishing import publish

BEGUN: dict[str, Any] = {"provider": "scripted", "seed": 7, "unapproved": False}


def whole(draft: Draft, *runs: str) -> None:
    for run in runs:
        draft.record(RecordType.RUN_STARTED, BEGUN | {"run": run, "tasks": []})
        draft.record(RecordType.RUN_FINISHED, {"run": run, "outcome": "completed", "evidence": {}})


def cut_short(draft: Draft) -> None:
    """It looks like one of just the tasks that wait, and has not its papers."""
    draft.record(RecordType.RUN_STARTED, BEGUN | {"run": "run-001", "tasks": ["T-01", "T-02"]})


def without_papers(draft: Draft) -> None:
    cut_short(draft)
    data = {"task_id": "T-01", "run": "run-001", "evidence": {}, "reason": "no"}
    draft.record(RecordType.TASK_FAILED, data)
    ended = {"run": "run-001", "outcome": "stopped", "evidence": {}}
    draft.record(RecordType.RUN_FINISHED, ended)


RUNS: dict[str, Callable[[Draft], None]] = {
    "the second, where no first was": lambda draft: whole(draft, "run-002"),
    "the next two, the last one first": lambda draft: whole(draft, "run-004", "run-003"),
    "the last that there can be": lambda draft: whole(draft, "run-99999"),
    "one that never ended": cut_short,
    "one whose first task failed nobody knows how": without_papers,
}


@pytest.mark.parametrize("name", RUNS)
def test_runs_of_a_strangers_own_keep_nobody_from_going_on(served: Serve, name: str) -> None:
    at = served("approved", **{"refs/heads/change/CH-001": "change/CH-001"})
    clone = at.clone
    with Store.open(clone.folder) as store:
        moment = named(stand(store, int(NOON)), "CH-001")
        draft = Draft(moment.footing, Stage.EXECUTE, AGENTS[AgentRole.IMPLEMENTER])
        RUNS[name](draft)
        publish(moment, draft.build("tidy", hand_off=False))
    clone.git("commit", "-q", "--amend", "--reset-author", "-m", "tidy")
    at.takes("change/CH-001")
    clone.git("fetch", "-q", "origin")
    for verb in ("advance", "advance", "approve", "advance", "approve", "advance"):
        clone.did(verb)
    clone.did("land", "CH-001")
    at.takes("main", "change/CH-001")


def test_what_tells_of_no_run_is_refused_under_whatever_digest(served: Serve) -> None:
    """Nobody could take it out again, and whoever closes the change has to read it."""
    at = served("approved", **{"refs/heads/change/CH-001": "change/CH-001"})
    clone, garbage = at.clone, b"no run\n"
    with Store.open(clone.folder) as store:
        moment = named(stand(store, int(NOON)), "CH-001")
        draft = Draft(moment.footing, Stage.EXECUTE, AGENTS[AgentRole.IMPLEMENTER])
        cut_short(draft)
        evidence = {draft.places.run("run-001", "run.json"): digest(garbage)}
        ended = {"run": "run-001", "outcome": "stopped", "evidence": evidence}
        draft.record(RecordType.RUN_FINISHED, ended)
        draft.put(moment.places.run("run-001", "run.json"), garbage)
        publish(moment, draft.build("tidy", hand_off=False))
    clone.git("commit", "-q", "--amend", "--reset-author", "-m", "tidy")
    assert "run.json is not what the records say" in at.refuses("change/CH-001")
