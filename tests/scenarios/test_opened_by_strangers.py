"""Changes that a stranger opened in a person's name, with no key: nobody goes on with one."""

import os
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import BRIEF, At, Clone, recipes
from scenarios.light import landed, quick, worked

from codexa_git.audit.record import Actor
from codexa_git.audit.words import Stage
from codexa_git.repository.objects import RefUpdate
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import Ground, stand
from codexa_git.workflow.changes.draft import Draft, hand_on
from codexa_git.workflow.changes.moment import Footing, moment_at
from codexa_git.workflow.stages.lightening import light_request, work_at
from codexa_git.workflow.stages.opening import brief_of, opened, opening_of
from codexa_git.workflow.together.publishing import start

PM = Actor("Demo PM", "pm@demo.invalid", "owner")
TRAP = "refs/heads/change/CH-002"
ALIKE = (
    "warning: CH-002 bears this title as well, and nothing shows that it was opened here:"
    " it is left alone"
)


def stranger_of(clone: Clone, folder: Path) -> Clone:
    """A clone of somebody who has no key and says that they are the PM; both share a remote."""
    clone.git("switch", "-q", "main")
    git(folder, "init", "-q", "--bare", "-b", "main", "remote.git")
    clone.git("remote", "add", "origin", str(folder / "remote.git"))
    clone.git("push", "-qu", "origin", "main")
    git(folder, "clone", "-q", str(folder / "remote.git"), "stranger")
    stranger = Clone(folder / "stranger")
    stranger.git("config", "user.name", PM.name)
    stranger.git("config", "user.email", PM.email)
    stranger.git("config", "codexa.root", clone.git("config", "codexa.root"))
    return stranger


def ground_of(store: Store) -> Ground:
    return stand(store, int(os.environ["SOURCE_DATE_EPOCH"]), dict(os.environ))


def open_as_pm(stranger: Clone, title: str, reverts: str | None, tree: str | None = None) -> None:
    """The light change CH-002 over the work at hand, on the remote; its mark may tell a lie."""
    with Store.open(stranger.folder) as store:
        ground = ground_of(store)
        work = work_at(ground, store.commit(stranger.tip()))._replace(reverts=reverts)
        content = brief_of(request := light_request(title, work), "CH-002")
        footing = Footing(ground, "CH-002", work.tip, work.held, work.policy)
        mark: dict[str, object] = {"tree": tree or work.tip.tree, "reverts": reverts}
        start(store, TRAP, opened(footing, PM, content, opening_of(request, content), mark))
    stranger.git("push", "-q", "origin", "change/CH-002")


def with_a_trap(at: At, folder: Path, *, tracked: bool) -> Clone:
    clone = quick(at)
    landed(clone)
    stranger = stranger_of(clone, folder)
    stranger.git("switch", "-q", "-c", "x")
    stranger.commit({"greet.sh": 'echo hello\n[ -z "$1" ] || eval "$1"\n'}, "Revert CH-001")
    open_as_pm(stranger, "revert CH-001: fix the title", "CH-001")
    clone.git("fetch", "-q")
    if tracked:
        clone.git("branch", "-q", "--track", "change/CH-002", "origin/change/CH-002")
    return clone


@pytest.mark.parametrize("tracked", [False, True], ids=["on the remote", "branched from it"])
@pytest.mark.slow
def test_a_light_revert_is_the_persons_own(at: At, tmp_path: Path, *, tracked: bool) -> None:
    clone = with_a_trap(at, tmp_path, tracked=tracked)
    answer = clone.codexa("revert", "CH-001")
    assert answer.status == 0
    assert ALIKE in answer.err
    assert "by one signature: git codexa approve CH-003\n" in answer.out
    tip = clone.tip("change/CH-003")
    assert "goes on with CH-003, which was opened here for just this" in clone.did(
        "revert", "CH-001"
    )
    assert clone.tip("change/CH-003") == tip
    landed(clone, "CH-003")
    assert clone.read("README.md", "main") == "# Greet"
    assert "eval" not in clone.read("greet.sh", "main")


@pytest.mark.slow
def test_a_revert_that_others_wrote_into_is_not_gone_on_with(at: At) -> None:
    clone = quick(at)
    landed(clone)
    clone.did("revert", "CH-001")
    clone.commit({"greet.sh": "echo hello # or so\n"}, "more than was taken back")
    clone.git("switch", "-q", "main")
    assert "[change/CH-003 " in clone.did("revert", "CH-001")


@pytest.mark.slow
def test_no_recipe_of_a_strangers_stands_in_for_the_inverse(at: At, tmp_path: Path) -> None:
    clone = at("landed")
    stranger = stranger_of(clone, tmp_path)
    brief, witness = tmp_path / "brief.md", tmp_path / "ran"
    brief.write_text(BRIEF.replace("CH-001 Shouting", "CH-002 x"))
    stranger.did("open", "revert CH-001: Shouting", "--brief", str(brief))
    how = recipes(f"run = [\"sh -c 'touch {witness}'\"]", "")
    stranger.commit({"changes/CH-002/recipes.toml": how}, "how to take CH-001 back")
    stranger.git("push", "-q", "origin", "change/CH-002")
    clone.git("fetch", "-q")
    answer = clone.codexa("revert", "CH-001")
    assert ALIKE in answer.err
    assert answer.out.splitlines()[-1] == "next: git codexa advance CH-003"
    again = clone.did("revert", "CH-001").splitlines()
    assert "goes on with CH-003, which was opened here for just this" in again
    clone.did("advance", "CH-003")
    clone.did("approve", "CH-003")
    clone.did("advance", "CH-003")
    assert not witness.exists()
    assert not clone.git("ls-tree", "HEAD", "shout.sh")


def test_other_recipes_than_its_own_are_no_revert_that_was_begun(at: At) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    clone.did("revert", "CH-001")
    clone.commit({"changes/CH-002/recipes.toml": recipes("", "")}, "otherwise")
    clone.git("switch", "-q", "main")
    assert "[change/CH-003 " in clone.did("revert", "CH-001")


def test_a_change_over_the_commits_at_hand_is_the_persons_own(at: At, tmp_path: Path) -> None:
    clone = worked(at)
    tree = clone.git("rev-parse", "HEAD^{tree}")
    stranger = stranger_of(clone, tmp_path)
    stranger.git("switch", "-q", "-c", "x")
    stranger.commit({"greet.sh": "echo hello # or so\n"}, "work")
    open_as_pm(stranger, "fix the title", None, tree)
    clone.git("fetch", "-q")
    clone.git("switch", "-q", "typo")
    assert "[change/CH-003 " in clone.did("quick", "fix the title")
    assert "or so" not in clone.read("greet.sh")


def test_on_a_strangers_change_nothing_goes_on_by_its_title(at: At, tmp_path: Path) -> None:
    clone = worked(at)
    stranger = stranger_of(clone, tmp_path)
    stranger.git("switch", "-q", "-c", "x")
    stranger.commit({"greet.sh": "echo hello # or so\n"}, "work")
    open_as_pm(stranger, "fix the title", None)
    clone.git("fetch", "-q")
    clone.git("switch", "-q", "change/CH-002")
    assert "these commits are CH-002's already" in clone.refused("quick", "fix the title")


def test_a_strangers_opening_is_not_the_one_that_was_asked_for(at: At, tmp_path: Path) -> None:
    clone = at("enforced")
    stranger = stranger_of(clone, tmp_path)
    stranger.did("open", "sing")
    stranger.git("push", "-q", "origin", "change/CH-001")
    clone.git("fetch", "-q")
    clone.git("branch", "-q", "--track", "change/CH-001", "origin/change/CH-001")
    assert "[change/CH-002 " in clone.did("open", "sing")
    assert "CH-002 is open already" in clone.did("open", "sing")


def hand_on_by_hand(stranger: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every handoff up to cleanup is in the records of the change, and nothing else is."""
    with monkeypatch.context() as patch, Store.open(stranger.folder) as store:
        patch.setattr(Draft, "_gate_says_yes", lambda *_: True)
        ground, before = ground_of(store), store.ref(TRAP)
        assert before is not None
        now = moment_at(ground, TRAP, store.commit(before))
        for stage in (Stage.FRAME, Stage.SPEC, Stage.EXECUTE, Stage.VALIDATE, Stage.PACKAGE):
            now = moment_at(ground, TRAP, hand_on(now, stage, ()).commit)
        assert now.state.stage is Stage.CLEANUP
        store.move([RefUpdate(TRAP, now.tip.oid, before)], "by hand")


def test_a_change_in_cleanup_by_its_records_alone_holds_nobody_up(
    at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("landed")
    stranger = stranger_of(clone, tmp_path)
    stranger.did("open", "a trap", "--no-switch")
    hand_on_by_hand(stranger, monkeypatch)
    stranger.git("push", "-q", "origin", "change/CH-002")
    clone.git("fetch", "-q")
    assert "[change/CH-003 " in clone.did("open", "the next")
    assert "[change/CH-004 " in clone.did("revert", "CH-001")
