"""What was committed on the base here and never pushed: it is told, and nothing goes past it."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import git
from scenarios import light
from scenarios.clone import At, Clone, Shelf
from scenarios.pairs import Pair
from scenarios.several import ENOUGH

AHEAD = "main here has 1 commit that origin/main has not"
APART = "main here and origin/main have gone apart, 1 commit only here, 1 only there"


def shared(clone: Clone, folder: Path) -> Clone:
    """The same clone, whose base a remote has."""
    git(folder, "init", "-q", "--bare", "-b", "main", "remote.git")
    clone.git("remote", "add", "origin", str(folder / "remote.git"))
    clone.git("push", "-qu", "origin", "main")
    return clone


@pytest.fixture
def adopted(at: At, tmp_path: Path) -> Clone:
    return shared(at("adopted"), tmp_path)


def say_policy(clone: Clone) -> str:
    """The commit of another policy on the base, which stays in this clone."""
    policy = clone.read("codexa.toml").replace("timeout = 600", "timeout = 300")
    return clone.commit({"codexa.toml": policy}, "half the time")


def test_no_root_is_made_beside_what_was_not_pushed(adopted: Clone) -> None:
    own = say_policy(adopted)
    told = adopted.refused("enforce", "--demo", "--yes")
    assert told.splitlines() == [
        f"error: {AHEAD}, and what origin/main has is what would be signed",
        "hint: git push origin main",
    ]
    adopted.git("push", "-q", "origin", "main")
    adopted.did("enforce", "--demo", "--yes")
    assert "timeout = 300" in adopted.read("codexa.toml", "origin/main")
    assert adopted.tip("origin/main~1") == own
    assert adopted.tip("main") == adopted.tip("origin/main")


def test_once_both_have_gone_on_they_are_brought_together_first(adopted: Clone) -> None:
    say_policy(adopted)
    adopted.did("backlog", "add", "sing")
    assert adopted.refused("enforce", "--demo", "--yes").splitlines() == [
        f"error: {APART}, and what origin/main has is what would be signed",
        "hint: on main: git rebase origin/main",
        "hint: then: git push origin main",
    ]
    adopted.git("rebase", "-q", "origin/main")
    adopted.git("push", "-q", "origin", "main")
    adopted.did("enforce", "--demo", "--yes")
    assert "timeout = 300" in adopted.read("codexa.toml", "origin/main")


@pytest.mark.parametrize("words", [("open", "Shouting", *ENOUGH), ("backlog", "add", "sing")])
def test_who_goes_on_is_told_of_policy_that_judges_nothing(
    adopted: Clone, words: tuple[str, ...]
) -> None:
    warning = f"warning: {AHEAD}; the policy here judges nothing until it is pushed\n"
    adopted.commit({"README.md": "# Words\n"}, "other words")
    assert "judges nothing" not in adopted.codexa(*words).err
    adopted.git("switch", "-q", "main")
    adopted.git("reset", "-q", "--hard", "origin/main")
    say_policy(adopted)
    again = [f"{word} again" if word in ("Shouting", "sing") else word for word in words]
    assert warning in adopted.codexa(*again).err


def test_status_and_doctor_say_it(adopted: Clone) -> None:
    assert "only here" not in adopted.did("status")
    say_policy(adopted)
    assert f"\n{AHEAD}:\n    git push origin main\n" in adopted.did("status")
    told = adopted.codexa("doctor")
    assert told.status == 1
    assert f"✗ base         {AHEAD}\n" in told.out
    adopted.did("backlog", "add", "sing")
    assert APART in adopted.did("status").replace("\n  ", " ")


def test_where_it_enforces_what_the_base_would_refuse_goes_to_a_branch(
    at: At, tmp_path: Path
) -> None:
    clone = shared(at("enforced"), tmp_path)
    clone.commit({"changes/backlog.toml": ""}, "an empty backlog")
    assert f"{AHEAD}:\n    git push origin main\n" in clone.did("status")
    clone.git("reset", "-q", "--hard", "origin/main")
    say_policy(clone)
    assert (
        f"{AHEAD}:\n"
        "    on main: git branch policy/keep && git reset --keep origin/main\n"
        "    then, to bring it: git codexa policy sign policy/keep -m ...; to leave it, nothing\n"
    ) in clone.did("status")
    clone.git("branch", "policy/keep")
    clone.git("reset", "-q", "--keep", "origin/main")
    assert "that origin/main has not" not in clone.did("status")
    clone.did("policy", "sign", "policy/keep", "-m", "half the time")
    assert "timeout = 300" in clone.read("codexa.toml", "origin/main")


def test_work_on_the_base_that_a_change_carries_is_no_matter(
    at: At, tmp_path: Path, shelf: Shelf
) -> None:
    clone = Pair(at("opened"), tmp_path, shelf).first
    clone.git("switch", "-q", "main")
    clone.commit({"shout.sh": "echo HELLO\n"}, "shout")
    assert AHEAD in clone.did("status", "--all")
    clone.git("switch", "-q", "change/CH-001")
    clone.git("merge", "-q", "--no-edit", "main")
    assert AHEAD not in clone.did("status", "--all")


@pytest.mark.parametrize(
    ("make", "then"),
    [
        (
            lambda at: at("enforced"),
            'git codexa open "what should change"; once its plan is approved: git merge',
        ),
        (light.enforced, 'git codexa quick "what it does", or git codexa open '),
    ],
)
def test_work_that_the_base_would_refuse_becomes_a_change_light_where_policy_has_any(
    make: Callable[[At], Clone], then: str, at: At, tmp_path: Path
) -> None:
    clone = shared(make(at), tmp_path)
    clone.commit({"greet.sh": "echo hi\n"}, "greet otherwise")
    told = clone.did("status")
    assert f"then, to bring it: git switch keep; {then}" in told
    assert ("quick" in told) == (make is light.enforced)


def typed(clone: Clone, told: str) -> None:
    """What a hint says to do on main was typed, word for word."""
    (line,) = (line for line in told.splitlines() if "on main: git branch " in line)
    clone.git("switch", "-q", "main")
    words = line.partition("on main: ")[2]
    subprocess.run(["sh", "-c", words], cwd=clone.folder, check=True, capture_output=True)


@pytest.mark.parametrize("taken", [[], ["Keep"], ["keep/it", "keep-2"]])
def test_a_hint_that_is_typed_again_keeps_what_is_new_as_well(
    taken: list[str], at: At, tmp_path: Path
) -> None:
    clone = shared(at("enforced"), tmp_path)
    for name in taken:
        clone.git("branch", name)
    for number in range(3):
        work = clone.commit({f"work{number}.txt": "mine\n"}, f"work {number}")
        told = clone.did("status")
        typed(clone, told)
        assert clone.tip("main") == clone.tip("origin/main")
        (kept,) = clone.git("branch", "--format=%(refname:short)", "--contains", work).split("\n")
        assert f"then, to bring it: git switch {kept}; git codexa open" in told


def test_no_folder_of_branches_is_called_like_a_branch(at: At, tmp_path: Path) -> None:
    clone = shared(at("enforced"), tmp_path)
    clone.git("branch", "policy")
    own = say_policy(clone)
    told = clone.did("status")
    typed(clone, told)
    assert clone.tip("policy-keep") == own
    assert "git codexa policy sign policy-keep -m" in told
    clone.did("policy", "sign", "policy-keep", "-m", "half the time")


def test_where_the_branch_cannot_be_made_nothing_is_taken_off(at: At, tmp_path: Path) -> None:
    clone = shared(at("enforced"), tmp_path)
    own = clone.commit({"work.txt": "mine\n"}, "work")
    told = clone.did("status")
    clone.git("branch", "keep", "main~1")
    with pytest.raises(subprocess.CalledProcessError):
        typed(clone, told)
    assert clone.tip("main") == own


def overtaken(clone: Clone, folder: Path, start: str) -> None:
    """A remote has the base as it was at `start`, and somebody's commit of a free path on it."""
    clone.git("switch", "-q", "main")
    git(folder, "init", "-q", "--bare", "-b", "main", "remote.git")
    clone.git("remote", "add", "origin", str(folder / "remote.git"))
    clone.git("push", "-q", "origin", f"{start}:refs/heads/main")
    git(folder, "clone", "-q", str(folder / "remote.git"), "other")
    other = Clone(folder / "other")
    other.commit({"docs/STATUS_REPORT.md": "free\n"}, "free")
    other.git("push", "-q", "origin", "main")
    clone.git("fetch", "-q")
    clone.git("branch", "-q", "-u", "origin/main", "main")


def followed(clone: Clone) -> list[str]:
    """The ways that `status` tells of were gone, word for word; they are what is returned."""
    told = clone.codexa("status")
    lines = [ln.strip().removeprefix("hint: ") for ln in f"{told.out}\n{told.err}".splitlines()]
    ways = [line for line in lines if line.startswith(("on main: ", "then: "))]
    for way in ways:
        for words in way.partition(": ")[2].split(" && "):
            _, name, *rest = words.split()
            if name == "codexa":
                clone.did(*rest)
            else:
                clone.git(name, *rest)
    return ways


def made_by_hand(clone: Clone) -> None:
    clone.git("switch", "-q", "main")
    clone.git("merge", "-q", "--no-ff", "-m", "Merge CH-001: Shouting", "change/CH-001")


def made_and_its_branch_gone(clone: Clone) -> None:
    clone.did("land")
    clone.git("switch", "-q", "main")
    clone.git("branch", "-q", "-D", "change/CH-001")


def squashed(clone: Clone) -> None:
    clone.git("switch", "-q", "main")
    clone.git("merge", "-q", "--squash", "change/CH-001")
    clone.git("commit", "-q", "-m", "CH-001: Shouting")
    clone.git("branch", "-q", "-D", "change/CH-001")


@pytest.mark.parametrize("lands", [made_by_hand, made_and_its_branch_gone, squashed])
def test_a_landing_that_the_base_overtook_is_landed_again(
    lands: Callable[[Clone], None], at: At, tmp_path: Path
) -> None:
    clone = at("closed")
    start = clone.tip("main")
    lands(clone)
    clone.commit({"changes/backlog.toml": ""}, "an empty backlog")
    overtaken(clone, tmp_path, start)
    ways = followed(clone)
    assert not [way for way in ways if "rebase" in way]
    assert clone.tip("main") == clone.tip("origin/main")
    assert clone.read("shout.sh", "origin/main") == "echo HELLO"
    assert clone.git("ls-tree", "origin/main", "changes/backlog.toml")
    clone.did("verify")
    assert "that origin/main has not" not in clone.did("status")


def test_a_root_that_the_base_overtook_is_made_again(at: At, tmp_path: Path) -> None:
    clone = at("enforced")
    overtaken(clone, tmp_path, "main~1")
    clone.git("config", "--unset", "codexa.root")
    lines = clone.did("status").splitlines()
    assert "    then: git codexa enforce" in lines
    typed(clone, "\n".join(lines))
    clone.did("enforce", "--demo", "--yes")
    clone.did("verify")


def test_a_merge_by_hand_that_the_base_overtook_keeps_what_it_says(at: At, tmp_path: Path) -> None:
    clone = at("adopted")
    start = clone.tip("main")
    clone.git("switch", "-q", "-c", "side")
    clone.commit({"a.txt": "a\n"}, "a")
    clone.git("switch", "-q", "main")
    clone.git("merge", "-q", "--no-ff", "--no-commit", "side")
    clone.commit({"extra.txt": "extra\n"}, "Merge side")
    overtaken(clone, tmp_path, start)
    assert "git cherry-pick -m 1 " in followed(clone)[1]
    assert clone.tip("main") == clone.tip("origin/main")
    assert clone.read("a.txt", "origin/main") == "a"
    assert clone.read("extra.txt", "origin/main") == "extra"


def test_what_git_pull_merged_is_rebased_as_ever(at: At, tmp_path: Path) -> None:
    clone = at("adopted")
    clone.commit({"a.txt": "a\n"}, "a")
    overtaken(clone, tmp_path, "main~1")
    clone.git("merge", "-q", "--no-edit", "origin/main")
    other = Clone(tmp_path / "other")
    other.commit({"docs/STATUS_REPORT.md": "freer\n"}, "free again")
    other.git("push", "-q", "origin", "main")
    clone.git("fetch", "-q")
    assert followed(clone)[0] == "on main: git rebase origin/main"
    assert clone.tip("main") == clone.tip("origin/main")
    assert clone.read("a.txt", "origin/main") == "a"
