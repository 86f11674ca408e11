"""Hooks put in and taken out, beside those of others."""

import sys
from pathlib import Path

import pytest
from builders import git
from hooks.conftest import At, Hooked

from codexa_git.hooks.installing import KEPT, Found, draft_place, places
from codexa_git.hooks.running import Hook
from codexa_git.repository.store import Store

HUSKY = '#!/usr/bin/env sh\n. "$(dirname "$0")/h"\n'
H = """\
#!/usr/bin/env sh
n=$(basename "$0")
s=$(dirname "$(dirname "$0")")/$n
[ ! -f "$s" ] && exit 0
sh -e "$s" "$@"
exit $?
"""


def put(place: Path, text: str) -> Path:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    place.chmod(0o755)
    return place


def taken_out(clone: Hooked) -> Hooked:
    clone.did("hooks", "uninstall")
    return clone


@pytest.fixture
def clone(hooked: At) -> Hooked:
    """A change whose plan waits for approval, without hooks."""
    return taken_out(hooked("planned"))


def too_early(clone: Hooked) -> None:
    clone.write("README.md", "early\n")
    assert "CH-001 cannot change README.md yet" in clone.is_refused("commit", "-qam", "ticket 2")
    clone.git("checkout", "-q", "--", ".")


def test_in_and_out_again_leaves_nothing(clone: Hooked) -> None:
    folder = clone.folder / ".git/hooks"
    before = sorted(folder.iterdir())
    assert "commit-msg        installed\n" in clone.did("hooks", "install")
    assert clone.did("hooks", "install") == clone.did("hooks", "status")
    assert len(sorted(folder.iterdir())) == len(before) + len(Hook)
    told = clone.did("hooks", "uninstall")
    assert told.splitlines() == [f"{hook} is out" for hook in Hook]
    assert sorted(folder.iterdir()) == before
    assert clone.did("hooks", "uninstall") == "no hook of codexa-git was there\n"


@pytest.mark.parametrize("verb", ["install", "uninstall"])
def test_what_a_killed_installation_left_half_written_goes(clone: Hooked, verb: str) -> None:
    folder = clone.folder / ".git/hooks"
    if verb == "uninstall":
        clone.did("hooks", "install")
    before = sorted(folder.iterdir())
    draft = draft_place(folder / Hook.PRE_PUSH)
    assert not draft.exists()
    put(draft, "#!/bin/sh\n# half of")
    clone.did("hooks", verb)
    assert not draft.exists()
    clone.did("hooks", "install" if verb == "uninstall" else "uninstall")
    assert sorted(folder.iterdir()) == before


def test_status_says_what_is_missing_and_how_to_put_it_in(clone: Hooked) -> None:
    answer = clone.codexa("hooks", "status")
    assert answer.status == 1
    assert answer.out.splitlines()[-2:] == [
        "  pre-rebase        not installed",
        "git codexa hooks install puts them in",
    ]
    put(clone.folder / ".git/hooks/pre-push", "#!/bin/sh\n")
    assert "  pre-push          somebody else's\n" in clone.codexa("hooks", "status").out


def test_a_shim_of_another_place_is_told_and_renewed(clone: Hooked) -> None:
    clone.did("hooks", "install")
    shim = clone.folder / ".git/hooks/commit-msg"
    put(shim, shim.read_text().replace("codexa_python='", "codexa_python='/old"))
    assert (
        "commit-msg        installed by another version or place"
        in clone.codexa("hooks", "status").out
    )
    clone.did("hooks", "install")
    with Store.open(clone.folder) as store:
        assert {place.found for place in places(store, "refs/heads/main")} == {Found.OURS}
    assert not shim.with_name(f"commit-msg{KEPT}").exists()


def test_a_hook_that_stood_there_runs_first_with_the_same_words_and_its_no_stands(
    clone: Hooked,
) -> None:
    theirs = put(
        clone.folder / ".git/hooks/commit-msg",
        '#!/bin/sh\necho "$0 $*" >>.git/ran\n'
        'grep -q ticket "$1" || { echo no ticket >&2; exit 7; }\n',
    )
    text = theirs.read_text()
    assert "after commit-msg.codexa-kept" in clone.did("hooks", "install")
    assert "no ticket" in clone.tries("commit", "--allow-empty", "-qm", "x").err
    clone.commits("--allow-empty", "-m", "ticket 1")
    assert set((clone.folder / ".git/ran").read_text().splitlines()) == {
        ".git/hooks/commit-msg .git/COMMIT_EDITMSG"
    }
    clone.write("README.md", "early\n")
    assert "its plan is not approved" in clone.is_refused("commit", "-qam", "ticket 2")
    assert "commit-msg is out, and what stood there before is back" in clone.did(
        "hooks", "uninstall"
    )
    assert theirs.read_text() == text
    assert not theirs.with_name(f"commit-msg{KEPT}").exists()
    assert clone.tries("commit", "--allow-empty", "-qm", "x").status != 0


def test_a_hook_in_another_language_runs_first_as_well(clone: Hooked) -> None:
    put(
        clone.folder / ".git/hooks/commit-msg",
        "#!/usr/bin/env python3\nimport sys\nsys.exit('ticket' not in open(sys.argv[1]).read())\n",
    )
    clone.did("hooks", "install")
    assert clone.tries("commit", "--allow-empty", "-qm", "x").status == 1
    clone.commits("--allow-empty", "-m", "ticket 1")


def test_one_that_pushes_large_files_reads_the_same_input_as_we(
    clone: Hooked, tmp_path: Path
) -> None:
    put(clone.folder / ".git/hooks/pre-push", '#!/bin/sh\necho "$@" >.git/args\ncat >.git/input\n')
    clone.did("hooks", "install")
    git(tmp_path, "init", "-q", "--bare", "remote.git")
    remote = str(tmp_path / "remote.git")
    clone.git("push", "-q", remote, "main", "change/CH-001")
    assert (clone.folder / ".git/args").read_text() == f"{remote} {remote}\n"
    lines = (clone.folder / ".git/input").read_text().splitlines()
    assert sorted(line.split()[0] for line in lines) == [
        "refs/heads/change/CH-001",
        "refs/heads/main",
    ]


def test_husky_goes_on_finding_its_own_hooks(clone: Hooked) -> None:
    clone.git("config", "core.hooksPath", ".husky/_")
    put(clone.folder / ".husky/_/h", H)
    put(clone.folder / ".husky/_/.gitignore", "*\n")
    put(clone.folder / ".husky/_/commit-msg", HUSKY)
    put(clone.folder / ".husky/commit-msg", 'grep -q ticket "$1"\n')
    answer = clone.codexa("hooks", "install")
    assert answer.out.startswith("hooks in .husky/_\n")
    assert "husky writes this folder anew" in answer.err
    assert clone.tries("commit", "--allow-empty", "-qm", "x").status != 0
    clone.commits("--allow-empty", "-m", "ticket 1")
    too_early(clone)
    clone.did("hooks", "uninstall")
    assert (clone.folder / ".husky/_/commit-msg").read_text() == HUSKY


def test_tracked_hooks_are_not_changed_behind_anyone(clone: Hooked) -> None:
    clone.git("config", "core.hooksPath", "tools/hooks")
    put(clone.folder / "tools/hooks/commit-msg", "#!/bin/sh\n")
    clone.git("add", "-A")
    told = clone.refused("hooks", "install")
    assert "core.hooksPath is tools/hooks, whose files are tracked" in told
    assert 'git codexa hooks run commit-msg "$1"' in told
    assert clone.git("status", "--porcelain") == "A  tools/hooks/commit-msg"


def test_hooks_that_others_share_are_not_touched(clone: Hooked, tmp_path: Path) -> None:
    clone.git("config", "core.hooksPath", str(tmp_path / "shared"))
    assert "leads out of this repository" in clone.refused("hooks", "install")
    assert not (tmp_path / "shared").exists()


def test_hooks_in_a_folder_of_this_repositorys_own_are_put_there(clone: Hooked) -> None:
    clone.git("config", "core.hooksPath", ".git/mine")
    assert clone.did("hooks", "install").startswith("hooks in .git/mine\n")
    too_early(clone)


def test_a_second_hook_of_somebody_elses_is_not_guessed_about(clone: Hooked) -> None:
    put(clone.folder / ".git/hooks/commit-msg", "#!/bin/sh\n")
    clone.did("hooks", "install")
    put(clone.folder / ".git/hooks/commit-msg", "#!/bin/sh\nexit 0\n")
    assert "is somebody else's, and commit-msg.codexa-kept" in clone.refused("hooks", "install")


GONE = {
    "codexa_python=": "codexa_python='/nowhere/python'",
    "codexa_package=": "codexa_package='/x'",
}


@pytest.mark.parametrize("part", GONE)
def test_an_interpreter_that_moved_lets_nothing_through_where_policy_enforces(
    clone: Hooked, part: str
) -> None:
    clone.did("hooks", "install")
    for hook in Hook:
        shim = clone.folder / ".git/hooks" / hook
        lines = [GONE[part] if ln.startswith(part) else ln for ln in shim.read_text().splitlines()]
        shim.write_text("\n".join(lines) + "\n")
    clone.write("changes/CH-001/design.md", "# D\n")
    told = clone.is_refused("commit", "-qam", "x")
    assert told.startswith("error: codexa-git is no longer where this hook was told: ")
    assert "hint: install it again, then: git codexa hooks install\n" in told
    clone.git("reset", "-q", "--hard")
    clone.git("switch", "-q", "main")
    clone.commits("--allow-empty", "-m", "no change is at hand, and nothing is asked")


def test_an_interpreter_that_moved_is_only_told_while_observing(hooked: At) -> None:
    clone = hooked("adopted")
    clone.did("open", "Shouting")
    shim = clone.folder / ".git/hooks/commit-msg"
    shim.write_text(shim.read_text().replace("codexa_python='", "codexa_python='/no"))
    answer = clone.tries("commit", "--allow-empty", "-qm", "x")
    assert answer.status == 0
    assert answer.err.startswith("warning: codexa-git is no longer where this hook was told")


def test_a_repository_in_a_folder_with_any_name(hooked: At, tmp_path: Path) -> None:
    clone = hooked("planned")
    odd = tmp_path / 'it\'s $(odd) "ü"'
    clone.folder.rename(odd)
    too_early(Hooked(odd))


def test_a_program_that_a_branch_may_change_is_put_in_only_by_name(
    clone: Hooked, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = clone.folder / ".venv" / "bin" / "python"
    inside.parent.mkdir(parents=True)
    inside.symlink_to(sys.executable)
    monkeypatch.setattr(sys, "executable", str(inside))
    told = clone.refused("hooks", "install")
    assert "this program lies in .venv/ of this work tree" in told
    assert "--from-work-tree" in told
    clone.did("hooks", "install", "--from-work-tree")
