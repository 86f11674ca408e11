"""Branches of changes after what git allows was done to them."""

from builders import git
from scenarios.clone import At, Clone


def test_a_branch_reset_to_before_its_opening_is_told_with_the_way_back(at: At) -> None:
    clone = at("planned")
    tip = clone.tip()
    clone.git("reset", "-q", "--hard", "main")
    told = clone.refused("advance", "CH-001")
    assert "change/CH-001 holds nothing of CH-001 any more" in told
    assert "hint: git reflog show change/CH-001" in told
    assert "origin" not in told
    git(clone.folder.parent, "init", "-q", "--bare", "server.git")
    clone.git("remote", "add", "origin", str(clone.folder.parent / "server.git"))
    clone.git("push", "-q", "origin", f"{tip}:refs/heads/change/CH-001")
    told = clone.refused("advance", "CH-001")
    assert "hint: git merge origin/change/CH-001 brings back" in told
    clone.git("merge", "-q", "origin/change/CH-001")
    assert Clone(clone.folder).did("status", "CH-001").startswith("CH-001")
