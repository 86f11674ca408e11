"""What people do with git all day, on a change and beside it, with the hooks in."""

import pytest
from builders import git
from hooks.conftest import At, Hooked

from codexa_git.repository.trailers import parse_trailers

CHANGE = ("Codexa-Change", "CH-001")


def stamped(clone: Hooked, rev: str = "HEAD") -> bool:
    return CHANGE in parse_trailers(clone.git("log", "-1", "--format=%B", rev).encode())


@pytest.fixture
def clone(hooked: At) -> Hooked:
    """A change whose plan is approved, and two commits of a person's on it."""
    return hooked("two lines")


def test_commits_of_everything_of_one_path_and_from_a_subfolder(clone: Hooked) -> None:
    clone.write("a.txt", "a\n")
    clone.write("sub/b.txt", "b\n")
    clone.git("add", "-A")
    clone.commits("-m", "only b", "--", "sub/b.txt")
    assert clone.git("show", "--format=", "--name-only") == "sub/b.txt"
    clone.write("sub/b.txt", "c\n")
    answer = clone.tries_in(clone.folder / "sub", "commit", "-qam", "the rest")
    assert answer.status == 0, answer.err
    assert stamped(clone)
    clone.write("audit/CH-001/handoff.jsonl", "{}\n")
    clone.write("a.txt", "b\n")
    told = clone.is_refused("commit", "-qm", "forged", "--", "audit/CH-001/handoff.jsonl", "a.txt")
    assert "audit/CH-001/handoff.jsonl" in told
    clone.commits("-m", "beside what is forged and stays out", "--", "a.txt")


def test_amend_fixup_and_autosquash(clone: Hooked) -> None:
    clone.write("README.md", "# Greet\n3\n")
    assert clone.commits("-a", "--amend", "--no-edit").count("Codexa-Change") == 1
    clone.write("a.txt", "a\n")
    clone.git("add", "a.txt")
    clone.commits("--fixup", "HEAD")
    answer = clone.tries("rebase", "-q", "-i", "--autosquash", "HEAD~3", GIT_SEQUENCE_EDITOR=":")
    assert answer.status == 0, answer.err
    assert clone.log("main..")[-2:] == ["line 1", "line 2"]
    assert stamped(clone)


def test_squashing_what_is_not_pushed_the_tools_commits_too(clone: Hooked) -> None:
    clone.git("reset", "-q", "--soft", "HEAD~3")
    assert clone.commits("-m", "all in one").endswith("Codexa-Stage: execute\n")
    assert clone.codexa("status", "CH-001").status == 0
    answer = clone.tries(
        "rebase",
        "-q",
        "-i",
        "HEAD~1",
        GIT_SEQUENCE_EDITOR="sed -i s/pick/reword/",
        GIT_EDITOR="sed -i 1s/all/two/",
    )
    assert answer.status == 0, answer.err
    assert clone.git("log", "-1", "--format=%s") == "two in one"
    assert clone.git("log", "-1", "--format=%B").count("Codexa-Change") == 1


def test_cherry_pick_revert_am_and_stash(clone: Hooked) -> None:
    picked = clone.tip()
    clone.git("revert", "--no-edit", "HEAD")
    clone.git("cherry-pick", picked)
    clone.git("format-patch", "-q", "-1", "-o", str(clone.folder / ".git/out"), picked)
    clone.git("reset", "-q", "--hard", f"{picked}~1")
    patch = next((clone.folder / ".git/out").iterdir())
    clone.git("am", "-q", str(patch))
    clone.write("README.md", "stashed\n")
    clone.git("stash")
    clone.git("stash", "pop")
    clone.commits("-am", "from the stash")
    assert clone.is_sound()


def test_a_conflict_in_a_cherry_pick_is_resolved_and_committed(clone: Hooked) -> None:
    first = clone.tip("HEAD~1")
    assert clone.tries("cherry-pick", first).status != 0
    clone.write("README.md", "# Greet\nboth\n")
    clone.git("add", "README.md")
    clone.commits("--no-edit")
    assert clone.git("log", "-1", "--format=%B").count("Codexa-Stage") == 1


def test_the_base_is_merged_in_by_hand(clone: Hooked) -> None:
    clone.git("switch", "-q", "main")
    clone.commit({"PROGRESS.md": "# Progress\n", "docs/STATUS_REPORT.md": "x\n"}, "free paths")
    clone.commit({"codexa.toml": clone.read("codexa.toml") + "# more\n"}, "policy")
    clone.git("switch", "-q", "change/CH-001")
    answer = clone.tries("merge", "-q", "--no-edit", "main")
    assert answer.status == 0, answer.err
    assert stamped(clone)
    clone.write("README.md", "# Greet\nafter\n")
    clone.commits("-am", "and on")
    clone.write("codexa.toml", "mode = 1\n")
    assert "codexa.toml is guarded" in clone.is_refused("commit", "-qam", "own policy")


def test_a_merge_with_something_in_it_that_is_refused_is_stopped(clone: Hooked) -> None:
    clone.git("switch", "-qc", "side", "HEAD~1")
    clone.write(".github/x.yml", "x\n")
    clone.git("add", "-A")
    clone.git("commit", "-q", "--no-verify", "-m", "round the hook")
    clone.git("switch", "-q", "change/CH-001")
    told = clone.is_refused("merge", "--no-edit", "side")
    assert ".github/x.yml is guarded" in told
    clone.git("merge", "--abort")
    told = clone.is_refused("merge", "--edit", "side", GIT_EDITOR="false")
    assert ".github/x.yml is guarded" in told


def test_two_clones_of_one_change_meet(clone: Hooked) -> None:
    other = Hooked(clone.folder.with_name("other"))
    git(clone.folder.parent, "clone", "-q", str(clone.folder), str(other.folder))
    other.set_up("Demo PM", "pm@demo.invalid", clone.folder)
    other.did("hooks", "install")
    other.write("theirs.txt", "x\n")
    other.git("add", "-A")
    other.commits("-m", "theirs")
    clone.did("concern", "raise", "CH-001", "is it loud?")
    clone.git("fetch", "-q", str(other.folder), "change/CH-001")
    answer = clone.tries("merge", "-q", "--no-edit", "FETCH_HEAD")
    assert answer.status == 0, answer.err
    assert "is it loud?" in clone.did("concern", "list", "CH-001")


def test_a_linked_worktree_is_asked_as_well(clone: Hooked) -> None:
    linked = Hooked(clone.folder.with_name("linked"))
    clone.git("switch", "-q", "main")
    clone.git("worktree", "add", "-q", str(linked.folder), "change/CH-001")
    linked.write("README.md", "# Greet\nlinked\n")
    linked.commits("-am", "linked")
    assert stamped(linked)
    linked.write("codexa.toml", "x\n")
    assert "codexa.toml is guarded" in linked.is_refused("commit", "-qam", "policy")
    linked.git("checkout", "-q", "--", ".")
    (linked.folder / "sub").mkdir()
    linked.write("README.md", "# Greet\nsub\n")
    answer = linked.tries_in(linked.folder / "sub", "commit", "-qam", "sub")
    assert answer.status == 0, answer.err
    assert stamped(linked)


def test_a_repository_named_from_outside(clone: Hooked) -> None:
    clone.write("README.md", "# Greet\noutside\n")
    where = (f"--git-dir={clone.folder / '.git'}", f"--work-tree={clone.folder}")
    answer = clone.tries_in(clone.folder.parent, *where, "commit", "-qam", "outside")
    assert answer.status == 0, answer.err
    assert stamped(clone)
    clone.write("codexa.toml", "x\n")
    told = clone.tries_in(clone.folder.parent, *where, "commit", "-qam", "policy")
    assert "codexa.toml is guarded" in told.err


SURROUNDINGS = {
    "a plain locale": {"LC_ALL": "C", "LANG": ""},
    "a foreign one": {"LC_ALL": "de_DE", "LANGUAGE": "de"},
    "one that does not exist": {"LC_ALL": "xx_XX.ISO-8859-1"},
    "a program with no PATH to us": {"PATH": "/usr/bin:/bin"},
    "no terminal, no home": {"TERM": "", "HOME": "/nowhere"},
    "Python's own variables": {
        "PYTHONPATH": "/nowhere",
        "PYTHONHOME": "/nowhere",
        "PYTHONSTARTUP": "/x",
        "PYTHONWARNINGS": "error",
    },
    "a coloured git": {"GIT_PAGER": "false", "GIT_DIFF_OPTS": "-u9", "GIT_EXTERNAL_DIFF": "false"},
    "literal and case-blind paths": {"GIT_ICASE_PATHSPECS": "1"},
}


@pytest.mark.parametrize("name", SURROUNDINGS)
def test_odd_surroundings_change_no_answer(clone: Hooked, name: str) -> None:
    odd = SURROUNDINGS[name]
    clone.write("README.md", "# Grüße\n")
    clone.commits("-am", "quick: grüße", **odd)
    assert stamped(clone)
    (clone.folder / ".git/codexa-hooks").unlink()
    clone.write("README.md", "# Grüße und mehr\n")
    clone.commits("-am", "whole: grüße", **odd)
    assert stamped(clone)
    clone.write("codexa.toml", "# ü\n")
    assert "codexa.toml is guarded" in clone.is_refused("commit", "-qam", "policy", **odd)


def test_nothing_that_lies_here_is_run_in_our_place(clone: Hooked) -> None:
    for name in (
        "site.py",
        "marshal.py",
        "codexa_git/__init__.py",
        "typing.py",
        "sitecustomize.py",
    ):
        clone.write(name, "raise SystemExit(0)\n")
    for name in ("git-codexa", "codexa-git", "git", "python3"):
        clone.write(name, "#!/bin/sh\nexit 0\n")
        (clone.folder / name).chmod(0o755)
    clone.write("codexa.toml", "x\n")
    told = clone.is_refused("commit", "-qam", "planted")
    assert "codexa.toml is guarded" in told
    (clone.folder / ".git/codexa-hooks").write_bytes(b"\0" * 40)
    told = clone.is_refused("commit", "-qam", "planted")
    assert "codexa.toml is guarded" in told


def test_git_gc_and_its_packed_refs_change_nothing(clone: Hooked) -> None:
    clone.git("gc", "-q", "--prune=now")
    clone.write("README.md", "# Greet\npacked\n")
    clone.commits("-am", "packed")
    assert stamped(clone)
    clone.counts_pythons()
    clone.git("gc", "-q", "--prune=now")
    assert clone.python_started == 0


def test_the_tools_own_commits_do_not_ask_themselves(clone: Hooked) -> None:
    clone.counts_pythons()
    clone.did("concern", "raise", "CH-001", "is it loud?")
    assert clone.python_started == 0
