"""One person merges what another did in their clone, before either has pushed it."""

import re
import shutil
from pathlib import Path

import pytest
from builders import git
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from scenarios.clone import At, Clone, Shelf, copy
from scenarios.pairs import BRANCH
from searching import examples

pytestmark = pytest.mark.slow

STATE = "approved by hand"
SHOUT = {"shout.sh": "echo HELLO\n"}


def pull(clone: Clone, other: Clone, *words: str) -> None:
    """The other's branch is merged into this one's, from clone to clone."""
    clone.git(
        "pull", "-q", "--no-rebase", "--no-ff", "--no-edit", *words, str(other.folder), BRANCH
    )


def follow(clone: Clone, remote: Path) -> None:
    """The clone has this remote, new or not, and follows its branch of the change."""
    if not remote.exists():
        git(remote.parent, "init", "-q", "--bare", "-b", "main", remote.name)
    clone.git("remote", "add", "origin", str(remote))
    clone.git("push", "-q", "--no-verify", "-u", "origin", "main", BRANCH)


def amend(clone: Clone, files: dict[str, str], *words: str) -> None:
    """The last commit is amended by a person."""
    for path, content in files.items():
        clone.write(path, content)
    clone.git("add", "-A")
    clone.git("commit", "-q", "--amend", *words)


@pytest.mark.parametrize("command", ["advance", "sync"])
def test_what_was_merged_on_an_amended_commit_stays(at: At, command: str) -> None:
    clone, other = at(STATE), at(STATE)
    other.commit(SHOUT, "T-01: shout")
    other.codexa("advance")
    clone.did("concern", "raise", "is it loud?")
    original = clone.tip()
    amend(clone, {"more.txt": "more\n"}, "-m", "my words")
    pull(clone, other, "-X", "theirs")
    told = clone.codexa(command).err
    assert "is as it was made again; on top of it goes:" in told
    assert "T-01: shout\n" in told
    assert clone.read("shout.sh") == "echo HELLO"
    assert clone.read("more.txt") == "more"
    assert original in clone.git("rev-list", "HEAD").split()
    assert {"T-01: shout", "CH-001 execute: T-01 shout"} < set(clone.log())
    assert "made again with the same ids" in clone.did("replay", "CH-001")
    assert clone.is_clean()


def test_what_was_merged_goes_commit_by_commit_on_a_remote_that_moved(
    at: At, tmp_path: Path
) -> None:
    clone, other = at(STATE), at(STATE)
    follow(clone, tmp_path / "origin.git")
    third = Clone(tmp_path / "third")
    copy(clone.folder, third.folder)
    work = other.commit(SHOUT, "T-01: shout")
    who = other.git("log", "-1", "--format=%an %ae %at", work)
    other.codexa("advance")
    third.did("concern", "raise", "is it loud?")
    pull(clone, other)
    told = clone.codexa("sync").err
    assert "no longer fits" not in told
    assert clone.log()[-4:] == [
        "CH-001 execute: CN-1 raised by Demo PM (owner)",
        "T-01: shout",
        "CH-001 execute: T-01 shout",
        "CH-001 execute: run-001 done, T-02 waits for a person",
    ]
    assert clone.git("log", "-1", "--format=%an %ae %at", "--grep=^T-01") == who
    assert clone.tip() == git(tmp_path / "origin.git", "rev-parse", BRANCH)
    assert "made again with the same ids" in clone.did("replay", "CH-001")


def test_a_merge_that_was_resolved_by_hand_is_as_it_was_resolved(at: At, tmp_path: Path) -> None:
    clone, other = at(STATE), at(STATE)
    follow(clone, tmp_path / "origin.git")
    third = Clone(tmp_path / "third")
    copy(clone.folder, third.folder)
    other.commit({**SHOUT, "greet.sh": "echo hello # theirs\n"}, "T-01: shout")
    other.codexa("advance")
    third.did("concern", "raise", "is it loud?")
    clone.commit({"greet.sh": "echo hello # mine\n"}, "mine")
    with pytest.raises(AssertionError):
        pull(clone, other)
    clone.write("greet.sh", "echo hello # both\n")
    clone.git("add", "greet.sh")
    clone.git("commit", "-q", "--no-edit")
    answer = clone.codexa("sync")
    # What they committed is in conflict with mine, whoever resolved it before.
    assert answer.status == 1
    (pick,) = re.findall(r"git cherry-pick [0-9a-f ]+", answer.err)
    assert clone.read("greet.sh") == "echo hello # mine"
    shown = [clone.git("show", name) for name in pick.split()[2:]]
    assert "# theirs" in shown[0]
    assert "# both" in shown[1]
    assert pick in clone.did("status")
    clone.git("gc", "-q", "--prune=now")
    with pytest.raises(AssertionError):
        clone.git(*pick.split()[1:])
    clone.git("checkout", "-q", "--theirs", "greet.sh")
    clone.git("add", "greet.sh")
    clone.git("-c", "core.editor=true", "cherry-pick", "--continue")
    assert clone.read("greet.sh") == "echo hello # both"
    assert "cherry-pick" not in clone.did("status")
    clone.did("sync")


@pytest.mark.parametrize("words", [("--no-edit",), ("-m", "my words")])
def test_what_was_put_into_a_word_of_ones_own_goes_on_top_of_it(
    at: At, tmp_path: Path, words: tuple[str, ...]
) -> None:
    """Nobody can tell by its author that it was amended, and no reflog may say so."""
    clone = at(STATE)
    follow(clone, tmp_path / "origin.git")
    third = Clone(tmp_path / "third")
    copy(clone.folder, third.folder)
    clone.did("concern", "raise", "is it loud?", "--no-push")
    amend(clone, {"more.txt": "more\n"}, *words)
    clone.git("reflog", "expire", "--expire=all", "--all")
    third.did("clarify", "how loud?")
    clone.did("sync")
    assert clone.read("more.txt") == "more"
    assert clone.log()[-2] == "CH-001 execute: CN-1 raised by Demo PM (owner)"
    assert "made again with the same ids" in clone.did("replay", "CH-001")


def test_what_was_put_into_an_agents_task_goes_on_top_of_it(at: At, tmp_path: Path) -> None:
    clone = at("approved")
    follow(clone, tmp_path / "origin.git")
    third = Clone(tmp_path / "third")
    copy(clone.folder, third.folder)
    clone.did("advance", "--no-push")
    amend(clone, {"README.md": "# Greet\nSee shout.sh\nIt shouts.\n"}, "--no-edit")
    clone.git("reflog", "expire", "--expire=all", "--all")
    third.did("clarify", "how loud?")
    clone.did("sync")
    assert clone.read("README.md").endswith("It shouts.")
    assert "made again with the same ids" in clone.did("replay", "CH-001")


def test_a_merge_of_the_base_in_conflict_is_merged_anew(at: At, tmp_path: Path) -> None:
    clone = at(STATE)
    clone.git("switch", "-q", "main")
    follow(clone, tmp_path / "origin.git")
    clone.git("switch", "-q", BRANCH)
    third = Clone(tmp_path / "third")
    copy(clone.folder, third.folder)
    clone.git("switch", "-q", "main")
    clone.commit({"PROGRESS.md": "# Progress\n\nbase\n"}, "meanwhile")
    clone.git("push", "-q")
    base = clone.tip()
    clone.git("switch", "-q", BRANCH)
    clone.git("merge", "-q", "--no-ff", "--no-edit", "main")
    third.commit({"PROGRESS.md": "# Progress\n\ntheirs\n"}, "theirs")
    third.git("push", "-q", "--no-verify", "origin", BRANCH)
    answer = clone.codexa("sync")
    assert answer.status == 1
    assert f"hint: git merge {base[:12]}\n" in answer.err
    assert "git add it, and git merge --continue\n" in answer.err
    assert f"git merge {base[:12]}" in clone.did("status")
    with pytest.raises(AssertionError):
        clone.git("merge", "-q", base[:12])
    clone.git("checkout", "-q", "--ours", "PROGRESS.md")
    clone.git("add", "PROGRESS.md")
    clone.git("commit", "-q", "--no-edit")
    assert "git merge" not in clone.did("status")


def merged_with_more(at: At, folder: Path, more: dict[str, str]) -> tuple[Clone, str]:
    """The base merged by hand, with more in the merge than that; in conflict with the remote."""
    clone = at(STATE)
    clone.git("switch", "-q", "main")
    follow(clone, folder / "origin.git")
    third = Clone(folder / "third")
    copy(clone.folder, third.folder)
    clone.commit({"PROGRESS.md": "# Progress\n\nbase\n", "base.txt": "base\n"}, "meanwhile")
    clone.git("push", "-q")
    base = clone.tip()
    clone.git("switch", "-q", BRANCH)
    clone.git("merge", "-q", "--no-ff", "--no-commit", "main")
    clone.commit(more, "Merge branch 'main', and T-01: shout")
    third.git("switch", "-q", BRANCH)
    third.commit({"PROGRESS.md": "# Progress\n\ntheirs\n"}, "theirs")
    third.git("push", "-q", "--no-verify", "origin", BRANCH)
    return clone, base


def merge_anew(clone: Clone, base: str) -> None:
    with pytest.raises(AssertionError):
        clone.git("merge", "-q", base[:12])
    clone.git("checkout", "-q", "--ours", "PROGRESS.md")
    clone.git("add", "PROGRESS.md")
    clone.git("commit", "-q", "--no-edit")


def test_what_was_put_into_a_merge_of_the_base_goes_on_top(at: At, tmp_path: Path) -> None:
    clone, base = merged_with_more(at, tmp_path, {"extra.txt": "an hour's work\n"})
    who = clone.git("log", "-1", "--format=%an %ae %at")
    answer = clone.codexa("sync")
    assert answer.status == 1
    assert f"hint: git merge {base[:12]}\n" in answer.err
    assert "cherry-pick" not in answer.err
    assert clone.read("extra.txt") == "an hour's work"
    assert clone.git("log", "-1", "--format=%an %ae %at", "--", "extra.txt") == who
    merge_anew(clone, base)
    assert "git merge" not in clone.did("status")
    clone.did("sync")
    assert clone.read("extra.txt") == "an hour's work"


def test_what_a_merge_says_of_what_it_brought_is_named_after_it(at: At, tmp_path: Path) -> None:
    clone, base = merged_with_more(at, tmp_path, {"base.txt": "base, and an hour's work\n"})
    answer = clone.codexa("sync")
    assert answer.status == 1
    ways = re.findall(r"(?m)^    (git (?:merge|cherry-pick) .*)", clone.did("status"))
    assert ways[0] == f"git merge {base[:12]}"
    assert ways[1].startswith("git cherry-pick ")
    assert f"hint: {ways[0]}\n" in answer.err
    assert f"hint: {ways[1]}\n" in answer.err
    merge_anew(clone, base)
    clone.git("gc", "-q", "--prune=now")
    assert f"    {ways[1]}\n" in clone.did("status")
    clone.git(*ways[1].split()[1:])
    assert clone.read("base.txt") == "base, and an hour's work"
    assert "cherry-pick" not in clone.did("status")
    clone.did("sync")
    assert not clone.git("for-each-ref", "refs/codexa/apart")


def test_what_another_put_into_a_pushed_commit_of_the_tool_stays(at: At, tmp_path: Path) -> None:
    clone, other = at(STATE), at(STATE)
    amend(other, {"more.txt": "more\n"}, "--no-edit")
    follow(other, tmp_path / "origin.git")
    clone.git("remote", "add", "origin", str(tmp_path / "origin.git"))
    clone.git("fetch", "-q")
    clone.git("branch", "-q", "-u", f"origin/{BRANCH}")
    clone.did("sync")
    assert clone.read("more.txt") == "more"
    assert clone.tip() == other.tip()


# Whatever a person wrote in any clone is on the branch after a joining, or kept apart and named.

_FILES = ("README.md", "greet.sh", "one.txt", "two.txt", "shout.sh")
_CLONES = st.integers(0, 2)
_PLACES = st.sampled_from(["first", "last"])
_STEPS = st.one_of(
    st.tuples(st.just("work"), _CLONES, st.sampled_from(_FILES), _PLACES),
    st.tuples(st.just("task"), _CLONES, st.just("shout.sh"), _PLACES),
    st.tuples(st.just("amend"), _CLONES, st.sampled_from(_FILES), _PLACES),
    st.tuples(st.just("concern"), _CLONES),
    st.tuples(st.just("advance"), _CLONES),
    st.tuples(st.just("merge"), _CLONES, _CLONES, st.sampled_from(["ours", "theirs"])),
    st.tuples(st.just("base"), _CLONES),
)
_TOKEN = re.compile(r"token-[0-9]+")


def _write(clone: Clone, path: str, place: str, number: int) -> None:
    """One more line in a file, which is there once in the world."""
    target = clone.folder / path
    text = target.read_text() if target.exists() else "#\n"
    added = f"# token-{number}\n"
    target.write_text(added + text if place == "first" else text + added)
    clone.git("add", path)


def _merge(clone: Clone, other: Clone, side: str) -> None:
    """What the other has is merged by hand; where git knows no way, one side's files win."""
    clone.git("fetch", "-q", str(other.folder), BRANCH)
    words = ("merge", "-q", "--no-ff", "--no-edit", "-X", side, "FETCH_HEAD")
    try:
        clone.git(*words)
    except AssertionError:
        clone.git("merge", "--abort")


def _step(clones: list[Clone], number: int, step: tuple[object, ...]) -> None:
    what, who, *rest = step
    clone = clones[int(str(who))]
    if what in ("work", "task", "amend"):
        path, place = map(str, rest)
        _write(clone, path, place, number)
        words = ("-m", f"{'T-01 ' if what == 'task' else ''}number {number}")
        clone.git("commit", "-q", *(("--amend", "--no-edit") if what == "amend" else words))
    elif what == "concern":
        clone.codexa("concern", "raise", f"concern {number}", "--no-push")
    elif what == "advance":
        clone.codexa("advance", "--no-push")
    elif what == "base":
        clone.codexa("sync", "--no-push")
    else:
        other, side = rest
        _merge(clone, clones[int(str(other))], str(side))


def _tokens(clone: Clone, tree: str) -> set[str]:
    """What people wrote, in the files of a tree that they write."""
    text = clone.git("grep", "-h", "-e", "token-", tree, "--", *_FILES) if tree else ""
    return set(_TOKEN.findall(text))


def _held(clone: Clone, tree: str) -> set[str]:
    try:
        return _tokens(clone, tree)
    except AssertionError:
        return set()  # git grep found none


def _named_apart(clone: Clone) -> set[str]:
    """What the commits say that the person is told to put by hand."""
    names = re.findall(r"    git (?:cherry-pick|merge) ([0-9a-f ]+)", clone.did("status"))
    shown = [clone.git("show", "-m", name) for group in names for name in group.split()]
    return set(_TOKEN.findall("\n".join(re.findall(r"(?m)^\+.*", "\n".join(shown)))))


@settings(
    max_examples=examples(40),
    suppress_health_check=[*HealthCheck],
)
@given(st.lists(_STEPS, min_size=2, max_size=9), _CLONES)
def test_whatever_people_wrote_is_on_the_branch_or_kept_and_named(
    shelf: Shelf, tmp_path: Path, steps: list[tuple[object, ...]], pusher: int
) -> None:
    place = tmp_path / "world"
    shutil.rmtree(place, ignore_errors=True)
    clones = [shelf.take(STATE, place / name) for name in ("a", "b", "c")]
    for clone in clones:
        follow(clone, place / "origin.git")
    for number, step in enumerate(steps):
        _step(clones, number, step)
    mover, mine = clones[pusher], clones[(pusher + 1) % 3]
    mover.git("push", "-q", "--no-verify", "--force", "origin", BRANCH)
    mine.git("fetch", "-q", "origin")
    before, theirs = mine.tip(BRANCH), mine.tip(f"origin/{BRANCH}")
    met = mine.git("merge-base", before, theirs)
    ours, there, once = (_held(mine, tree) for tree in (before, theirs, met))
    answer = mine.codexa("sync", "--no-push")
    note(f"{answer}\n{mine.git('log', '--graph', '--oneline', '--all', '--not', 'main')}")
    assert "Traceback" not in answer.err
    after = mine.tip(BRANCH)
    kept = _held(mine, after) | _named_apart(mine)
    assert ours - kept <= once - there, "what was here"
    if not mine.git("rev-list", "-1", theirs, f"^{after}"):
        assert there - kept <= once - ours, "what was there"
    assert mine.is_clean()
