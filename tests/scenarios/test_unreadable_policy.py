"""A policy on the base that nobody can read: its hints lead out of it, with the hooks in."""

from pathlib import Path

import pytest
from builders import git
from scenarios.clone import At, Clone

FILES = "codexa.toml .codexa/allowed_signers"
MENDING = [
    "hint: till it is mended on the base itself nobody can sign: git log -1 -- " + FILES,
    "hint: there: git revert that commit; and where the base has a remote: git push --no-verify",
    "hint: where it enforces, its owners then name both commits: git codexa incident",
]


def spoilt(clone: Clone, folder: Path) -> Clone:
    """The same clone, whose remote's base has a policy with a word that is none."""
    git(folder, "init", "-q", "--bare", "-b", "main", "remote.git")
    clone.git("remote", "add", "origin", str(folder / "remote.git"))
    clone.git("push", "-qu", "origin", "main")
    clone.did("hooks", "install")
    policy = clone.read("codexa.toml").replace("\ncount = 1", "\ncounnt = 1", 1)
    clone.commit({"codexa.toml": policy}, "a word too many letters long")
    clone.git("push", "-q", "--no-verify")
    return clone


@pytest.mark.parametrize("state", ["adopted", "enforced"])
def test_what_the_hints_say_mends_it(state: str, at: At, tmp_path: Path) -> None:
    clone = spoilt(at(state), tmp_path)
    clone.git("switch", "-q", "-c", "policy/mend")
    for words in (("status",), ("policy", "sign"), ("enforce", "--yes")):
        first, *hints = clone.refused(*words, status=3).splitlines()
        assert first.startswith("error: the policy cannot be read: codexa.toml:")
        assert hints == MENDING
    clone.git("switch", "-q", "main")
    bad = clone.git("log", "-1", "--format=%H", "--", "codexa.toml", ".codexa/allowed_signers")
    clone.git("revert", "--no-edit", bad)
    clone.git("push", "-q", "--no-verify")
    clone.did("status")
    if state == "adopted":
        return
    clone.did("incident", bad, "HEAD", "-m", "a word too many")
    clone.did("backlog", "add", "sing")
    assert "the owners' incident at " in clone.codexa("verify").out
