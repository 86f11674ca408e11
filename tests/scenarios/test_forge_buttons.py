"""What a forge's buttons make, made by git as a forge makes it, and judged."""

from pathlib import Path

import pytest
from builders import git
from scenarios.clone import At, Clone, Shelf
from scenarios.several import work_on

pytestmark = pytest.mark.slow

FIVE = ("CH-001", "CH-002", "CH-003", "CH-004", "CH-005")


def _open_five(clone: Clone) -> None:
    work_on(clone, FIVE, "--milestone", "MS-01")


class Forge:
    """A bare repository, and buttons that people press on its pages."""

    def __init__(self, folder: Path, clone: Clone) -> None:
        self.bare = folder / "forge.git"
        git(folder, "init", "-q", "--bare", str(self.bare))
        clone.git("remote", "add", "origin", str(self.bare))
        clone.git("push", "-q", "-u", "origin", "--all")
        self.root = clone.git("config", "codexa.root")
        self.work = Clone(folder / "forge")
        git(folder, "clone", "-q", f"file://{self.bare}", str(self.work.folder))
        self.work.git("config", "user.name", "Forge")
        self.work.git("config", "user.email", "forge@demo.invalid")

    def at(self, ref: str) -> Clone:
        """The forge's own clone, up to date, HEAD detached there."""
        self.work.git("fetch", "-q", "--prune", "origin")
        self.work.git("checkout", "-q", "--force", "--detach", ref)
        return self.work

    def merged(self, change: str) -> Clone:
        """The test merge of a request; one in conflict fails the test."""
        work = self.at("origin/main")
        work.git("merge", "-q", "--no-ff", "-m", f"Merge {change}", f"origin/change/{change}")
        return work

    def check(self, change: str) -> tuple[int, str]:
        """What a job says of a request."""
        answer = self.merged(change).codexa("check", "--base", "main", "--root", self.root)
        return answer.status, answer.out + answer.err

    def merge(self, change: str) -> None:
        self.merged(change).git("push", "-q", "origin", "HEAD:refs/heads/main")

    def squash(self, change: str) -> None:
        work = self.at("origin/main")
        work.git("merge", "-q", "--squash", f"origin/change/{change}")
        work.git("commit", "-q", "-m", f"{change} (#1)")
        work.git("push", "-q", "origin", "HEAD:refs/heads/main")

    def rebase(self, change: str) -> int:
        """The change's commits come to the base one by one; how many."""
        work = self.at(f"origin/change/{change}")
        work.git("rebase", "-q", "--no-ff", "origin/main")
        work.git("push", "-q", "origin", "HEAD:refs/heads/main")
        return int(work.git("rev-list", "--count", "origin/main@{1}..HEAD"))

    def update_branch(self, change: str, *, by_rebase: bool = False) -> None:
        work = self.at(f"origin/change/{change}")
        if by_rebase:
            work.git("rebase", "-q", "origin/main")
        else:
            work.git("merge", "-q", "--no-ff", "-m", "Merge branch 'main'", "origin/main")
        work.git("push", "-q", "--force", "origin", f"HEAD:refs/heads/change/{change}")

    def suggestion(self, change: str, path: str, content: str) -> None:
        work = self.at(f"origin/change/{change}")
        work.commit({path: content}, f"Update {path}")
        work.git("push", "-q", "origin", f"HEAD:refs/heads/change/{change}")

    def revert(self, *words: str) -> Clone:
        work = self.at("origin/main")
        work.git("revert", "--no-edit", *words, "HEAD")
        return work


@pytest.fixture(scope="module")
def fives(shelf: Shelf) -> Shelf:
    return Shelf(shelf.folder, {"five": ("enforced", _open_five)})


@pytest.fixture
def five(fives: Shelf, tmp_path: Path) -> tuple[Clone, Forge]:
    """A clone with five changes under way, and the forge that it pushes to."""
    clone = fives.take("five", tmp_path / "clone")
    return clone, Forge(tmp_path, clone)


def closed(clone: Clone, change: str) -> None:
    """The change is closed on the base as the forge has it, and nobody was asked for anything."""
    clone.git("fetch", "-q", "origin")
    clone.git("switch", "-q", f"change/{change}")
    assert "can land" in clone.until().out


def pulled(clone: Clone) -> None:
    clone.git("switch", "-q", "main")
    clone.git("pull", "-q", "--ff-only")


def test_five_changes_land_by_merge_squash_and_land_while_the_base_moves(
    five: tuple[Clone, Forge],
) -> None:
    clone, forge = five
    for number, change in enumerate(FIVE):
        status, told = forge.check(change)
        assert status == 1, "it is not closed yet"
        assert "workspace closed" in told
        closed(clone, change)
        assert forge.check(change)[0] == 0
        if number == 4:
            clone.did("land")
        else:
            (forge.squash if number % 2 else forge.merge)(change)
        for other in FIVE[number + 1 :]:
            forge.merged(other)  # where it is in conflict, git fails
    pulled(clone)
    assert "no findings" in clone.did("verify", "--story")
    assert "5 landings" in clone.did("verify")
    assert clone.read("PROGRESS.md").count("codexa:begin CH-") == 5
    assert clone.did("status").startswith("no change is open on main\n")
    assert "5 landed" in clone.did("milestone", "MS-01")
    clone.did("report")
    clone.did("replay", "CH-001")
    assert "CH-002 landed as one commit" in clone.refused("replay", "CH-002")


def test_what_was_closed_on_an_older_base_is_closed_again_and_asks_nobody(
    five: tuple[Clone, Forge],
) -> None:
    clone, forge = five
    closed(clone, "CH-001")
    closed(clone, "CH-002")
    forge.merge("CH-001")
    clone.git("fetch", "-q", "origin")
    answer = clone.codexa("check", "CH-002")
    assert answer.status == 1
    assert "main moved by 1 commit since CH-002 was closed" in answer.out
    closed(clone, "CH-002")
    assert forge.check("CH-002")[0] == 0


@pytest.mark.parametrize("by_rebase", [False, True])
def test_update_branch_keeps_what_was_signed_and_asks_for_tests_again(
    five: tuple[Clone, Forge], *, by_rebase: bool
) -> None:
    clone, forge = five
    closed(clone, "CH-001")
    forge.merge("CH-001")
    forge.update_branch("CH-002", by_rebase=by_rebase)
    status, told = forge.check("CH-002")
    assert status == 1
    for kept in ("plan approved", "package approved"):
        assert f"✓ {kept}" in told
    assert "✗ results for this tree" in told
    clone.git("switch", "-q", "change/CH-002")
    clone.git("fetch", "-q", "origin")
    clone.git("reset", "-q", "--hard", "origin/change/CH-002")
    closed(clone, "CH-002")
    assert forge.check("CH-002")[0] == 0
    forge.squash("CH-002")
    pulled(clone)
    assert "no findings" in clone.did("verify")


def test_a_suggestion_that_is_applied_falls_back_to_those_who_signed(
    five: tuple[Clone, Forge],
) -> None:
    clone, forge = five
    closed(clone, "CH-001")
    forge.suggestion("CH-001", "work-CH-001.txt", "better\n")
    status, told = forge.check("CH-001")
    assert status == 1
    assert "✗ package approved" in told
    assert "✗ results for this tree" in told
    assert "A5   work-CH-001.txt: work-CH-001.txt is not as Demo PM" in told
    clone.git("switch", "-q", "change/CH-001")
    clone.git("pull", "-q", "--ff-only")
    for _ in range(2):
        assert "git codexa approve CH-001" in clone.until().err
        clone.did("approve")
    closed(clone, "CH-001")
    assert forge.check("CH-001")[0] == 0


def test_what_only_the_tool_writes_is_folded_and_what_people_read_is_not(
    five: tuple[Clone, Forge],
) -> None:
    clone, _ = five
    closed(clone, "CH-001")
    paths = clone.git("diff", "--name-only", "main", "HEAD").split("\n")
    told = clone.git("check-attr", "linguist-generated", "--", *paths).split("\n")
    folded = {line.partition(": ")[0] for line in told if line.endswith(": set")}
    assert {path for path in paths if path.startswith(("audit/", "artifacts/work/"))} <= folded
    own = "changes/CH-001"
    assert {f"{own}/packet.html", f"{own}/status.md", "tests/results/CH-001.json"} <= folded
    read = {f"{own}/brief.md", f"{own}/tasks.md", f"{own}/impact.md", "work-CH-001.txt"}
    assert not folded & read


def test_the_rebase_button_makes_no_landing_and_every_commit_is_found(
    five: tuple[Clone, Forge],
) -> None:
    clone, forge = five
    closed(clone, "CH-001")
    assert forge.check("CH-001")[0] == 0, "which button will be pressed no check can know"
    forge.rebase("CH-001")
    pulled(clone)
    answer = clone.codexa("verify")
    assert answer.status == 1
    assert "work-CH-001.txt" in answer.out
    for verb in ("status", "report", "board"):
        clone.did(verb)
    told = clone.refused("replay", "CH-001")
    assert "CH-001 came to main commit by commit, which is no landing" in told


def test_the_revert_button_is_refused_for_what_landed_stays_on_record(
    five: tuple[Clone, Forge],
) -> None:
    clone, forge = five
    closed(clone, "CH-001")
    forge.merge("CH-001")
    reverted = forge.revert("-m", "1")
    told = reverted.refused("check", "--base", "main", "--root", forge.root)
    assert "would take the records of CH-001 away" in told
    assert "git codexa revert CH-001" in told
    reverted.git("push", "-q", "origin", "HEAD:refs/heads/main")
    pulled(clone)
    assert "audit/CH-001" in clone.codexa("verify").out
    by = clone.tip("origin/main")[:12]
    clone.git("switch", "-q", "main")
    told = clone.did("status")
    assert f"CH-001 landed on main, and {by} took it and its records out again" in told
    assert f"git switch --no-track -C change/CH-001 origin/main && git revert {by}" in told
    clone.git("branch", "-q", "-D", "change/CH-001")
    clone.did("status")
    closed(clone, "CH-002")
    assert forge.check("CH-002")[0] == 0


def test_a_button_that_merged_too_early_is_told_where_both_sides_meet(at: At) -> None:
    clone = at("approved")
    clone.git("switch", "-q", "main")
    clone.git("merge", "-q", "--squash", "change/CH-001")
    clone.git("commit", "-q", "-m", "too early (#1)")
    clone.git("switch", "-q", "change/CH-001")
    clone.did("concern", "raise", "who merged it?")
    told = clone.refused("sync", "CH-001")
    assert "main holds records of CH-001 that no landing brought" in told
    assert "git codexa verify" in told
    found = clone.codexa("verify")
    assert (found.status, clone.tip("main")[:12] in found.out) == (1, True)
