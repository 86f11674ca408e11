import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builders import commit, git

from codexa_git.errors import RefusedError, RepositoryError
from codexa_git.repository import publication
from codexa_git.repository.objects import Entry, Identity, RefUpdate, Stamp
from codexa_git.repository.publication import BlockedError, carry, recover
from codexa_git.repository.store import Store

pytestmark = pytest.mark.slow

MAIN = "refs/heads/main"
STAMP = Stamp(Identity("Demo Dev", "dev@demo.invalid"), 1767225600)


def next_commit(store: Store, old: str, changes: dict[str, str | None]) -> str:
    entries = {
        path: None if text is None else Entry("100644", store.write_blob(text.encode()))
        for path, text in changes.items()
    }
    tree = store.write_tree(store.tree_of(old), entries)
    return store.write_commit(tree, [old], STAMP, STAMP, b"next\n")


def test_a_checked_out_branch_and_its_files_move_together(repository: Path) -> None:
    old = commit(repository, {"a": "1\n", "gone/b": "2\n"}, "files")
    with Store.open(repository) as store:
        new = next_commit(store, old, {"a": "one\n", "gone/b": None, "new/c": "3\n"})
        carry(store, [RefUpdate(MAIN, new, old)], "test")
        assert store.ref(MAIN) == new
    assert git(repository, "status", "--porcelain") == ""
    assert (repository / "a").read_text() == "one\n"
    assert not (repository / "gone").exists()
    assert not (repository / ".git/codexa/journal").exists()


def test_work_on_other_paths_survives_staged_or_not(repository: Path) -> None:
    old = commit(repository, {"a": "1\n", "b": "2\n", "c": "3\n"}, "files")
    (repository / "b").write_text("staged\n")
    git(repository, "add", "b")
    (repository / "c").write_text("edited\n")
    (repository / "untracked").write_text("mine\n")
    with Store.open(repository) as store:
        new = next_commit(store, old, {"a": "one\n"})
        carry(store, [RefUpdate(MAIN, new, old)], "test")
    assert git(repository, "status", "--porcelain") == "M  b\n M c\n?? untracked"
    assert (repository / "a").read_text() == "one\n"


@pytest.mark.parametrize("staged", [True, False])
def test_an_edit_where_the_commit_would_write_stops_everything(
    repository: Path, *, staged: bool
) -> None:
    old = commit(repository, {"a": "1\n", "b": "2\n"}, "files")
    (repository / "a").write_text("mine\n")
    if staged:
        git(repository, "add", "a")
    with Store.open(repository) as store:
        new = next_commit(store, old, {"a": "one\n", "b": "two\n"})
        updates = [RefUpdate(MAIN, new, old), RefUpdate("refs/heads/mark", new, None)]
        with pytest.raises(BlockedError, match=r"'a' in .*not committed") as told:
            carry(store, updates, "test")
        assert (told.value.ref, told.value.paths) == (MAIN, ("a",))
        assert store.refs("refs/heads") == {MAIN: old}
    assert (repository / "a").read_text() == "mine\n"
    assert (repository / "b").read_text() == "2\n"


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [("n", "n"), ("ignored", "ignored"), ("n", "n/deep/file"), ("n/mine", "n")],
)
def test_untracked_and_ignored_files_are_never_written_over(
    repository: Path, mine: str, theirs: str
) -> None:
    old = commit(repository, {".gitignore": "ignored\n"}, "ignore")
    (repository / mine).parent.mkdir(exist_ok=True)
    (repository / mine).write_text("mine\n")
    with Store.open(repository) as store:
        new = next_commit(store, old, {theirs: "theirs\n"})
        with pytest.raises(BlockedError) as told:
            carry(store, [RefUpdate(MAIN, new, old)], "test")
        assert told.value.paths == (mine,)
        assert store.ref(MAIN) == old
    assert (repository / mine).read_text() == "mine\n"


def test_a_tracked_file_may_give_way_to_a_folder_and_back(repository: Path) -> None:
    old = commit(repository, {"n": "1\n"}, "file")
    with Store.open(repository) as store:
        new = next_commit(store, old, {"n/deep": "2\n"})
        carry(store, [RefUpdate(MAIN, new, old)], "test")
        assert (repository / "n/deep").read_text() == "2\n"
        carry(store, [RefUpdate(MAIN, old, new)], "back")
    assert (repository / "n").read_text() == "1\n"
    assert git(repository, "status", "--porcelain") == ""


def test_every_linked_worktree_follows_its_own_branch(repository: Path, tmp_path: Path) -> None:
    old = commit(repository, {"a": "1\n"}, "file")
    git(repository, "worktree", "add", "-q", "-b", "side", str(tmp_path / "side"))
    with Store.open(tmp_path / "side") as store:
        new = next_commit(store, old, {"a": "2\n"})
        carry(store, [RefUpdate("refs/heads/side", new, old), RefUpdate(MAIN, new, old)], "test")
    assert [(f / "a").read_text() for f in (repository, tmp_path / "side")] == ["2\n", "2\n"]
    assert git(repository, "status", "--porcelain") == git(tmp_path / "side", "status", "-s") == ""


@pytest.mark.parametrize("late", [MAIN, "refs/heads/x"])
def test_a_ref_that_moved_leaves_files_as_they_are_and_no_journal(
    repository: Path, late: str
) -> None:
    first = git(repository, "rev-parse", "HEAD")
    second = commit(repository, {"a": "1\n"}, "meanwhile")
    with Store.open(repository) as store:
        new = next_commit(store, second, {"a": "2\n"})
        known = {MAIN: second, "refs/heads/x": None, late: first}
        with pytest.raises(RepositoryError, match=f"^{late} moved meanwhile"):
            carry(store, [RefUpdate(name, new, old) for name, old in known.items()], "test")
        assert store.refs("refs/heads") == {MAIN: second}
        assert not publication._journal(store).exists()
    assert git(repository, "status", "--porcelain") == ""


def test_refs_that_nobody_stands_on_move_by_themselves(repository: Path) -> None:
    old = git(repository, "rev-parse", "HEAD")
    with Store.open(repository) as store:
        new = next_commit(store, old, {"a": "1\n"})
        updates = [RefUpdate(f"refs/heads/{name}", new, None) for name in ("x", "y")]
        carry(store, updates[:1], "one")
        carry(store, [*updates[1:], RefUpdate(MAIN, old, old)], "more")
        assert store.refs("refs/heads") == {MAIN: old} | {u.name: new for u in updates}
        assert not publication._journal(store).exists()
    assert not (repository / "a").exists()


def test_a_link_that_was_made_before_the_kill_stays(repository: Path) -> None:
    old = commit(repository, {"a": "1\n", "b": "1\n"}, "files")
    with Store.open(repository) as store:
        link = Entry("120000", store.write_blob(b"b"))
        tree = store.write_tree(store.tree_of(old), {"a": link, "c": link})
        new = store.write_commit(tree, [old], STAMP, STAMP, b"links\n")
        _stop_after_the_refs(store, RefUpdate(MAIN, new, old))
        (repository / "a").unlink()
        (repository / "a").symlink_to("b")
        assert recover(store) == (repository,)
    assert git(repository, "status", "--porcelain") == ""
    assert (repository / "c").readlink() == Path("b")


def test_an_unborn_branch_gets_its_first_files(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    with Store.open(tmp_path) as store:
        blob = store.write_blob(b"1\n")
        tree = store.write_tree(None, {"a": Entry("100644", blob)})
        new = store.write_commit(tree, [], STAMP, STAMP, b"first\n")
        carry(store, [RefUpdate(MAIN, new, None)], "test")
    assert (tmp_path / "a").read_text() == "1\n"
    assert git(tmp_path, "status", "--porcelain") == ""


def test_a_merge_under_way_is_not_pulled_from_under_a_person(repository: Path) -> None:
    old = commit(repository, {"a": "1\n"}, "file")
    git(repository, "checkout", "-q", "-b", "side", "HEAD~1")
    commit(repository, {"b": "1\n"}, "other")
    git(repository, "checkout", "-q", "main")
    git(repository, "merge", "-q", "--no-commit", "--no-ff", "side")
    with Store.open(repository) as store:
        new = next_commit(store, old, {"c": "1\n"})
        with pytest.raises(RefusedError, match="a merge is under way"):
            carry(store, [RefUpdate(MAIN, new, old)], "test")


def test_a_checked_out_branch_is_not_deleted(repository: Path) -> None:
    old = git(repository, "rev-parse", "HEAD")
    with Store.open(repository) as store, pytest.raises(RefusedError, match="checked out"):
        carry(store, [RefUpdate(MAIN, None, old)], "test")


def test_a_second_writer_waits_its_turn_and_then_says_so(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(publication, "_PATIENCE", 0.05)
    old = git(repository, "rev-parse", "HEAD")
    with (
        Store.open(repository) as store,
        publication._turn(store),
        pytest.raises(RepositoryError, match="another codexa-git is writing"),
    ):
        carry(store, [RefUpdate("refs/heads/x", old, None)], "test")


@pytest.mark.parametrize("text", ['{"format": 2, "updates": [], "steps": []}', "", "[]", "{}"])
def test_a_journal_that_is_not_ours_is_no_answer(repository: Path, text: str) -> None:
    (repository / ".git/codexa").mkdir()
    (repository / ".git/codexa/journal").write_text(text)
    with Store.open(repository) as store, pytest.raises(RepositoryError, match="journal"):
        recover(store)


def test_a_left_over_index_lock_is_named(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publication, "_LOCK_PATIENCE", 0.05)
    old = git(repository, "rev-parse", "HEAD")
    with Store.open(repository) as store:
        new = next_commit(store, old, {"a": "1\n"})
        _stop_after_the_refs(store, RefUpdate(MAIN, new, old))
        (repository / ".git/index.lock").touch()
        with pytest.raises(RepositoryError, match=r"index\.lock") as caught:
            recover(store)
        assert caught.value.hints[0].startswith("if no git runs there: rm ")
        (repository / ".git/index.lock").unlink()
        assert recover(store) == (repository,)
    assert git(repository, "status", "--porcelain") == ""


def test_half_written_files_are_finished_and_edits_kept(repository: Path) -> None:
    old = commit(repository, {"a": "1\n", "b": "2\n", "c": "3\n", "mine": "4\n"}, "files")
    with Store.open(repository) as store:
        new = next_commit(
            store, old, {"a": "longer than before\n", "b": None, "c": "three\n", "d": "5\n"}
        )
        _stop_after_the_refs(store, RefUpdate(MAIN, new, old))
        (repository / "a").write_text("longer th")
        (repository / "b").unlink()
        (repository / "c").write_text("three\n")
        (repository / "d").write_text("")
        (repository / "mine").write_text("edited\n")
        assert recover(store) == (repository,)
        assert recover(store) == ()
    assert git(repository, "status", "--porcelain") == " M mine"
    assert (repository / "a").read_text() == "longer than before\n"


def test_an_edit_made_after_the_kill_is_not_lost(repository: Path) -> None:
    old = commit(repository, {"a": "1\n"}, "files")
    with Store.open(repository) as store:
        new = next_commit(store, old, {"a": "2\n"})
        _stop_after_the_refs(store, RefUpdate(MAIN, new, old))
        (repository / "a").write_text("mine\n")
        with pytest.raises(RepositoryError, match="cannot follow"):
            recover(store)
        assert (repository / "a").read_text() == "mine\n"
        git(repository, "checkout", "-q", old, "--", "a")
        assert recover(store) == (repository,)
    assert git(repository, "status", "--porcelain") == ""


def test_a_journal_whose_refs_never_moved_is_dropped(repository: Path) -> None:
    old = git(repository, "rev-parse", "HEAD")
    with Store.open(repository) as store:
        new = next_commit(store, old, {"a": "1\n"})
        _stop_after_the_refs(store, RefUpdate(MAIN, new, old))
        git(repository, "update-ref", MAIN, old)
        assert recover(store) == ()
        assert not publication._journal(store).exists()
    assert git(repository, "status", "--porcelain") == ""


@pytest.mark.parametrize("moved", [0, 1, 2, 3])
def test_refs_that_git_was_killed_between_are_all_moved_or_none(
    repository: Path, moved: int
) -> None:
    old = git(repository, "rev-parse", "HEAD")
    git(repository, "tag", "-a", "-m", "x", "note")
    tag = git(repository, "rev-parse", "note")
    with Store.open(repository) as store:
        new = next_commit(store, old, {"a": "1\n"})
        updates = (
            RefUpdate(MAIN, new, old),
            RefUpdate("refs/tags/new", tag, None),
            RefUpdate("refs/tags/note", None, tag),
        )
        steps = tuple(publication._steps(store, updates))
        (store.common_dir / "codexa").mkdir()
        publication._write_journal(store, publication._Journal(updates, steps))
        store.move(updates[:moved], "test")
        assert recover(store) == ((repository,) if moved else ())
        wanted = {MAIN: new, "refs/tags/new": tag} if moved else {MAIN: old, "refs/tags/note": tag}
        assert store.named([update.name for update in updates]) == wanted
    assert git(repository, "status", "--porcelain") == ""


def _stop_after_the_refs(store: Store, update: RefUpdate) -> None:
    """What a command leaves that is killed when the refs have moved and no file has."""
    (store.common_dir / "codexa").mkdir(exist_ok=True)
    steps = tuple(publication._steps(store, [update]))
    publication._write_journal(store, publication._Journal((update,), steps))
    store.move([update], "test")


PUBLISH = """
import sys
from pathlib import Path
from codexa_git.repository.objects import RefUpdate
from codexa_git.repository.publication import carry
from codexa_git.repository.store import Store
folder, there, back = sys.argv[1:]
with Store.open(Path(folder)) as store:
    print("ready", flush=True)
    while True:
        carry(store, [RefUpdate("refs/heads/main", back, there)], "swing")
        there, back = back, there
"""


def test_killed_at_any_moment_the_repository_is_as_before_or_as_after(repository: Path) -> None:
    dice = random.Random(20)
    some = {f"d{n % 7}/f{n}": f"{n}\n" * 50 for n in range(120)}
    one = commit(repository, {"mine": "1\n", "staged": "1\n"}, "one")
    with Store.open(repository) as store:
        one = next_commit(store, one, dict(some))
        changed = {path: text + "more\n" * 99 for path, text in some.items()}
        other = next_commit(store, one, {**changed, "d1/f1": None, "d2/f2": None, "new/x": "x\n"})
    git(repository, "reset", "-q", "--hard", one)
    (repository / "mine").write_text("kept\n")
    (repository / "staged").write_text("kept\n")
    git(repository, "add", "staged")
    for _ in range(20):
        now = git(repository, "rev-parse", MAIN)
        _publish_and_kill(repository, now, other if now == one else one, dice.uniform(0, 0.1))
        _settle(repository)
        assert git(repository, "rev-parse", MAIN) in (one, other)
        assert git(repository, "status", "--porcelain") == " M mine\nM  staged"
    assert (repository / "mine").read_text() == (repository / "staged").read_text() == "kept\n"
    git(repository, "fsck", "--strict")


def _publish_and_kill(folder: Path, now: str, then: str, after: float) -> None:
    args = [sys.executable, "-c", PUBLISH, str(folder), now, then]
    with subprocess.Popen(
        args,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        start_new_session=True,
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        time.sleep(after)
        assert child.poll() is None
        os.killpg(child.pid, signal.SIGKILL)


def _settle(folder: Path) -> None:
    """Do what the messages say: a lock whose git was killed is removed by hand."""
    for lock in [*folder.glob(".git/*.lock"), *folder.glob(".git/refs/**/*.lock")]:
        lock.unlink()
    with Store.open(folder) as store:
        recover(store)
