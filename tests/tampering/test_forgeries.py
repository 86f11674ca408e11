"""Every forgery upon one rich, valid history: found at its commit, and refused by a server.

The history, and the ways to forge it, are in `history` and `rich`; the forgeries themselves, each
written once, in `forged_approvals`, `forged_landings`, `forged_bases` and `forged_stories`.
"""

import os
import subprocess
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import Clone
from tampering import (
    forged_approvals,
    forged_bases,
    forged_landings,
    forged_stories,
    forged_work,
)
from tampering.rich import FORGERIES, MAIN, Rich

from codexa_git.hooks.receiving import before_receive
from codexa_git.hooks.served import Update
from codexa_git.repository.store import Store
from codexa_git.verify.findings import Finding

MODULES = (forged_approvals, forged_work, forged_landings, forged_bases, forged_stories)
STORIES = (*forged_landings.STORIES, *forged_stories.STORIES)
ON_THE_BASE = [name for name in FORGERIES if name not in STORIES]
FIRST = {FORGERIES[name].rules[0]: name for name in reversed(ON_THE_BASE)}
PUSHED = [name for name in ON_THE_BASE if name in FIRST.values()]
"""One forgery of each rule, which is really pushed."""
MARKS = ("merge", "rotation", "squash", "revocation", "light", "revert", "bypass", "sweep")


def at(found: tuple[Finding, ...], commit: str) -> set[str]:
    return {one.breach.rule for one in found if one.commit == commit}


def test_the_history_is_without_fault(rich: Rich) -> None:
    answer = rich.history.clone.codexa("verify", "--story")
    assert "11 commits, 4 landings" in answer.out
    assert "1 finding at 1 commit" in answer.out
    (accept,) = [word for word in answer.out.split() if word.startswith("sha256:")][1:]
    assert rich.history.clone.codexa("verify", "--story", "--accept", accept).status == 0
    assert rich.found(rich.history.line[-1], story=True) == ()


@pytest.mark.parametrize("change", ["CH-001", "CH-003", "CH-004"])
def test_its_changes_are_made_again_with_the_same_ids(rich: Rich, change: str) -> None:
    assert "made again with the same ids" in rich.history.clone.did("replay", change)


def test_a_server_takes_it_commit_by_commit(rich: Rich) -> None:
    marks = rich.history.marks
    for mark in (*MARKS, "incident", "free"):
        commit = rich.store.commit(marks[mark])
        git(rich.bare, "update-ref", MAIN, commit.parents[0])
        with Store.open(rich.bare) as store:
            update = Update(MAIN, commit.oid, commit.parents[0])
            assert before_receive(store, rich.history.at, (update,)) == (), mark


def test_the_hand_that_forges_forges_nothing_by_itself(rich: Rich) -> None:
    world = rich.landing()
    again = forged_approvals.granted(world)
    for forged in (
        world.put(world.remade(world.records())),
        forged_approvals.instead(rich, again),
        forged_work.true(rich),
        world.put(forged_approvals.tested(world, forged_approvals.same)),
        forged_bases.act(rich, "rotation", forged_bases.CI),
        forged_bases.swept(rich),
        rich.after("free", {"docs/STATUS_REPORT.md": b"# More weeks\n"}),
        rich.after("free", {"PROGRESS.md": forged_bases.with_totals(rich)}),
        rich.after("free", {"PROGRESS.md": b"# Progress, from here on\n"}),
    ):
        assert rich.found(forged.tip) == ()
        assert rich.received(forged) == ()


def test_there_are_two_hundred_of_them() -> None:
    assert len(FORGERIES) >= 195
    assert {known.forge.__module__ for known in FORGERIES.values()} == {
        module.__name__ for module in MODULES
    }


@pytest.mark.parametrize("name", FORGERIES)
def test_verify_names_its_rule_at_its_commit(rich: Rich, name: str) -> None:
    known = FORGERIES[name]
    forged = known.forge(rich)
    found = rich.found(forged.tip, story=forged.story)
    assert set(known.rules) <= at(found, forged.bad), found
    assert forged.more or {one.commit for one in found} == {forged.bad}


# Each is judged once before, and measured: to do it again doubles what this takes.
@pytest.mark.no_cover
@pytest.mark.parametrize("name", ON_THE_BASE)
def test_a_server_refuses_it_by_the_same_rule(rich: Rich, name: str) -> None:
    known = FORGERIES[name]
    forged = known.forge(rich)
    found = rich.pushed(forged)
    assert set(known.rules) <= at(found, forged.bad)
    (told,) = rich.received(forged)
    assert dict(told.details)["rule"].partition(" ")[0] in {one.breach.rule for one in found}


class Served:
    """A real server, and a base of its that is put where a forgery is to come."""

    def __init__(self, rich: Rich, folder: Path) -> None:
        self.rich = rich
        self.bare = folder / "server.git"
        git(folder, "clone", "-q", "--bare", str(rich.history.folder), str(self.bare))
        self.keeps(rich.history.marks["root"])
        Clone(folder).did("server", "install", str(self.bare), "--root", rich.root)

    def keeps(self, tip: str | None) -> None:
        """Its base stands there, as if what led to it had been pushed."""
        git(self.bare, "update-ref", *((MAIN, tip) if tip else ("-d", MAIN)))

    def pushed(self, tip: str, **environment: str) -> "subprocess.CompletedProcess[str]":
        """What a push of this tip to its base came to."""
        words = ("git", "push", "-q", str(self.bare), f"{tip}:{MAIN}")
        return subprocess.run(
            words,
            cwd=self.rich.bare,
            env=os.environ | environment,
            capture_output=True,
            check=False,
            text=True,
        )


@pytest.fixture(scope="module")
def served(rich: Rich, tmp_path_factory: pytest.TempPathFactory) -> Served:
    return Served(rich, tmp_path_factory.mktemp("served"))


@pytest.mark.parametrize("name", PUSHED)
def test_a_real_push_of_it_is_refused(rich: Rich, served: Served, name: str) -> None:
    forged = FORGERIES[name].forge(rich)
    served.keeps(forged.old)
    answer = served.pushed(forged.tip)
    assert answer.returncode != 0
    told = [
        line
        for line in answer.stderr.splitlines()
        if " of codexa-git's docs/specification.md" in line
    ]
    rules = {one.breach.rule for one in rich.pushed(forged)}
    assert told[0].split()[2] in rules, answer.stderr
    assert "Traceback" not in answer.stderr
    refs = git(served.bare, "for-each-ref", "--format=%(objectname)", MAIN)
    assert refs == (forged.old or "")


def test_a_real_push_of_what_is_true_is_taken(rich: Rich, served: Served) -> None:
    for mark in MARKS:
        commit = rich.store.commit(rich.history.marks[mark])
        served.keeps(commit.parents[0])
        assert served.pushed(commit.oid).returncode == 0
