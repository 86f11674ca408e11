"""`land --wait`: changes that land while others do, and landings that lose the race."""

import signal
import time
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import NOON, Clone, Shelf
from scenarios.several import work_on

from codexa_git.errors import RepositoryError
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import stand, user
from codexa_git.workflow.changes.moment import named
from codexa_git.workflow.moves.landing import land

pytestmark = pytest.mark.slow

BOTH = ("CH-001", "CH-002")


def _open_both(clone: Clone) -> None:
    work_on(clone, BOTH)


@pytest.fixture(scope="module")
def boths(shelf: Shelf) -> Shelf:
    return Shelf(shelf.folder, {"both": ("enforced", _open_both)})


@pytest.fixture
def one(boths: Shelf, tmp_path: Path) -> Clone:
    """A clone with two changes that could be closed, and no remote."""
    return boths.take("both", tmp_path / "one")


@pytest.fixture
def two(boths: Shelf, one: Clone, tmp_path: Path) -> tuple[Clone, Clone]:
    """Two clones of a bare server, each on a change of its own that could be closed."""
    git(tmp_path, "init", "-q", "--bare", "server.git")
    clones = (one, boths.take("both", tmp_path / "two"))
    for clone, change in zip(clones, BOTH, strict=True):
        clone.git("remote", "add", "origin", str(tmp_path / "server.git"))
        clone.git("push", "-q", "-u", "origin", "main", f"change/{change}")
        clone.git("switch", "-q", f"change/{change}")
    return clones


def both_landed(clone: Clone) -> None:
    """The server's base has both, and nothing in it is wrong."""
    clone.git("fetch", "-q", "origin")
    assert sorted(clone.log("-2", "origin/main")) == [f"Merge {c}: Work {c}" for c in BOTH]
    assert "no findings" in clone.did("verify", "--story")
    assert clone.is_sound()


def test_two_clones_race_and_both_land(two: tuple[Clone, Clone]) -> None:
    racing = [clone.start("land", "--wait") for clone in two]
    ended = [child.communicate(timeout=120) for child in racing]
    assert [child.returncode for child in racing] == [0, 0], ended
    for clone in two:
        both_landed(clone)
        assert clone.is_clean()
    for clone, change in zip(two, BOTH, strict=True):
        clone.did("replay", change)


def test_who_comes_second_brings_the_first_in_tests_closes_and_lands(
    two: tuple[Clone, Clone],
) -> None:
    first, second = two
    first.did("land", "--wait")
    told = second.did("land", "--wait")
    for done in ("main brought in", "CH-002 validate: 1 test passes", "CH-002 cleanup: closed"):
        assert done in told
    assert "tag landed/CH-002" in told
    both_landed(second)


def test_a_change_that_somebody_else_landed_meanwhile_is_landed(
    two: tuple[Clone, Clone],
) -> None:
    first, second = two
    first.git("switch", "-q", "change/CH-002")
    first.did("land", "--wait")
    landing = first.tip("main")[:12]
    told = second.did("land", "--wait")
    assert told == f"CH-002 has landed on main as {landing}, by Demo PM: nothing is left to land\n"
    assert f"  landed  as {landing}, by Demo PM" in second.refused("land")


def test_but_what_somebody_has_beside_that_landing_is_not_said_to_have_landed(
    two: tuple[Clone, Clone],
) -> None:
    first, second = two
    first.git("switch", "-q", "change/CH-002")
    first.did("land", "--wait")
    second.commit({"more.txt": "more\n"}, "more of it")
    second.refused("land", "--wait")


def test_a_landing_that_loses_the_race_says_so_and_goes_on(two: tuple[Clone, Clone]) -> None:
    first, second = two
    hook = second.folder / ".git/hooks/pre-push"
    base = f"git -C '{first.folder}' push -q origin HEAD:refs/heads/main"
    hook.write_text(
        "#!/bin/sh\n"
        "unset $(git rev-parse --local-env-vars)\n"
        f"grep -q refs/heads/main || exit 0\ntest ! -e '{hook}.ran' || exit 0\n"
        f": >'{hook}.ran'\n{base}\n"
    )
    hook.chmod(0o755)
    first.git("switch", "-q", "main")
    first.commit({"docs/STATUS_REPORT.md": "x\n"}, "the base moves")
    told = second.did("land", "--wait")
    assert "main moved first; try 2 of 10" in told
    assert told.count("CH-002 cleanup: closed") == 2
    second.git("fetch", "-q")
    assert second.log("-2", "origin/main") == ["the base moves", "Merge CH-002: Work CH-002"]


def test_a_refusal_that_is_no_race_is_told_at_once(two: tuple[Clone, Clone]) -> None:
    clone, _ = two
    server = Path(clone.git("remote", "get-url", "origin"))
    hook = server / "hooks/pre-receive"
    hook.write_text("#!/bin/sh\ngrep -q refs/heads/main || exit 0\necho not today >&2\nexit 1\n")
    hook.chmod(0o755)
    told = clone.refused("land", "--wait", status=3)
    assert "origin refused the landing: [remote rejected] (pre-receive hook declined)" in told


def test_it_gives_up_in_the_end(two: tuple[Clone, Clone], monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = two
    monkeypatch.setattr("codexa_git.workflow.moves.racing.MOST_TRIES", 2)
    hook = second.folder / ".git/hooks/pre-push"
    hook.write_text(
        "#!/bin/sh\n"
        "unset $(git rev-parse --local-env-vars)\n"
        "grep -q refs/heads/main || exit 0\n"
        f"cd '{first.folder}' && GIT_COMMITTER_DATE={NOON} git commit -q --allow-empty -m more && "
        "git push -q origin HEAD:refs/heads/main\n"
    )
    hook.chmod(0o755)
    first.git("switch", "-q", "main")
    told = second.refused("land", "--wait")
    assert "main moved first 2 times, and CH-002 has not landed" in told
    assert "git codexa land CH-002 --wait" in told
    assert second.git("tag") == ""
    hook.unlink()
    second.did("land", "--wait")


def test_a_person_who_is_needed_is_named(two: tuple[Clone, Clone]) -> None:
    clone, _ = two
    clone.commit({"work-CH-001.txt": "other\n"}, "other work")
    told = clone.refused("land", "--wait")
    assert "CH-001 cannot land: its results are not approved" in told
    assert "hint: git codexa approve CH-001" in told


def test_uncommitted_work_in_the_way_is_left_alone(two: tuple[Clone, Clone]) -> None:
    clone, _ = two
    clone.write("changes/CH-001/status.md", "mine\n")
    told = clone.refused("land", "--wait")
    assert "changes/CH-001/status.md has uncommitted changes" in told
    assert (clone.folder / "changes/CH-001/status.md").read_text() == "mine\n"
    clone.git("checkout", "-q", ".")
    clone.did("land", "--wait")


@pytest.mark.usefixtures("unmeasured")
def test_ctrl_c_ends_it_in_130_and_what_was_made_is_kept(two: tuple[Clone, Clone]) -> None:
    first, second = two
    first.did("land", "--wait")
    for wait in (0.5, 0.9, 1.3):
        child = second.start("land", "--wait")
        time.sleep(wait)
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=30)
        had_landed = b"CH-002 has landed on main" in said  # by the one before, just in time
        assert had_landed or child.returncode in (0, 130, -signal.SIGINT), said
        second.git("fsck", "--strict", "--no-dangling")
        # Git may have been at its index just then; the next command would say what to take away.
        (second.folder / ".git/index.lock").unlink(missing_ok=True)
        if had_landed or child.returncode == 0:
            break
    else:
        last = second.codexa("land", "--wait")
        assert last.status == 0 or "CH-002 has landed on main" in last.err, last
    both_landed(second)


def test_without_a_remote_it_lands_on_the_local_base(one: Clone) -> None:
    one.git("switch", "-q", "change/CH-001")
    one.did("land", "--wait")
    told = one.did("land", "CH-002", "--wait", "--json")
    assert '"change": "CH-002"' in told
    assert one.log("-2", "main") == [f"Merge {c}: Work {c}" for c in BOTH]


def test_a_local_base_that_moved_is_not_passed_over(one: Clone) -> None:
    one.git("switch", "-q", "change/CH-001")
    assert "can land" in one.until().out
    with Store.open(one.folder) as store:
        ground = stand(store, 1767268800)
        moment = named(ground, "CH-001")
        one.git("switch", "-q", "main")
        one.commit({"docs/STATUS_REPORT.md": "x\n"}, "the base moves")
        with pytest.raises(RepositoryError, match="main moved meanwhile"):
            land(moment, user(store, ground.policy))
    assert one.git("tag") == ""


def test_a_clone_of_the_changes_branch_alone_lands_on_the_remotes_base(
    two: tuple[Clone, Clone],
) -> None:
    clone, _ = two
    clone.git("branch", "-q", "-D", "main")
    clone.did("land", "--wait")
    clone.git("fetch", "-q")
    assert clone.log("-1", "origin/main") == ["Merge CH-001: Work CH-001"]
