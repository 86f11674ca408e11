"""Putting the server's hook in: what it is told, what it keeps, and what it will not do."""

import os
import shlex
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import Shelf
from server.conftest import Serve, Served, bare_of, pushed

from codexa_git.hooks.noting import put_in

NOWHERE = f"sha256:{'0' * 64}"


def hook(at: Served) -> Path:
    return at.bare / "hooks" / "pre-receive"


def test_what_was_told_is_shown(served: Serve) -> None:
    at = served("enforced")
    told = at.clone.did("server", "status", str(at.bare))
    assert "pre-receive  installed\n" in told
    assert "ref moves    reference-transaction installed\n" in told
    assert at.clone.git("config", "codexa.root") in told
    assert git(at.bare, "config", "receive.fsckObjects") == "true"


def test_who_signed_the_root_is_shown_and_an_unnamed_one_is_to_be_compared(served: Serve) -> None:
    at = served("enforced")
    git(at.bare, "config", "--unset", "codexa.root")
    told = at.clone.did("server", "install", str(at.bare))
    assert "signed by pm@demo.invalid SHA256:" in told
    assert "hint: that is what the base says of itself" in told


def test_a_setting_that_was_loosened_is_told(served: Serve) -> None:
    at = served("enforced")
    git(at.bare, "config", "receive.fsckObjects", "false")
    answer = at.clone.codexa("server", "status", str(at.bare))
    assert answer.status == 1
    assert "not set      receive.fsckobjects" in answer.out.lower()
    assert answer.out.endswith(f"git codexa server install {at.bare} puts it in\n")
    at.clone.did("server", "install", str(at.bare))
    at.clone.did("server", "status", str(at.bare))


def test_a_foreign_hook_runs_first_and_comes_back(served: Serve) -> None:
    at = served("enforced")
    at.clone.did("server", "uninstall", str(at.bare))
    hook(at).write_text("#!/bin/sh\ncat > seen\necho 'not today' >&2\nexit 1\n")
    hook(at).chmod(0o755)
    told = at.clone.did("server", "install", str(at.bare))
    assert "pre-receive.codexa-kept, which stood there before, runs first" in told
    at.clone.commit({"docs/STATUS_REPORT.md": "x\n"}, "free")
    answer = at.tries("main")
    assert "remote: not today" in answer.err
    assert "refs/heads/main" in (at.bare / "seen").read_text()
    kept = hook(at).with_name("pre-receive.codexa-kept")
    kept.write_text("#!/bin/sh\ncat > seen\n")
    at.takes("main")
    at.clone.commit({"greet.sh": "evil\n"}, "evil")
    assert "L13" in at.refuses("main")
    at.clone.did("server", "uninstall", str(at.bare))
    assert hook(at).read_text() == "#!/bin/sh\ncat > seen\n"
    assert "no hook of codexa-git" in at.clone.did("server", "uninstall", str(at.bare))


def test_a_foreign_hook_at_each_move_of_a_ref_is_told_first_and_comes_back(served: Serve) -> None:
    at = served("closed")
    place = at.bare / "hooks/reference-transaction"
    at.clone.did("server", "uninstall", str(at.bare))
    theirs = """#!/bin/sh
echo "$1" >>states
cat >>moved
[ "$1" != prepared ] || [ ! -e closed ]
"""
    place.write_text(theirs)
    place.chmod(0o755)
    told = at.clone.did("server", "install", str(at.bare))
    assert "reference-transaction.codexa-kept, which stood there before, runs first" in told
    told = at.clone.did("server", "status", str(at.bare))
    assert "installed, after reference-transaction.codexa-kept" in told
    tip = at.clone.git("commit-tree", "change/CH-001^{tree}", "-p", "main", "-p", "change/CH-001")
    at.takes(f"{tip}:refs/heads/main")
    assert (at.bare / "states").read_text().split() == ["prepared", "committed"]
    assert (at.bare / "moved").read_text().count(f" {tip} refs/heads/main\n") == 2
    (at.bare / "closed").touch()
    assert at.tries("main:refs/heads/feature").status != 0
    told = at.clone.did("server", "uninstall", str(at.bare))
    assert told == "pre-receive and reference-transaction are out\n"
    assert place.read_text() == theirs


def test_the_second_hook_lies_beside_its_place_and_goes_with_it(served: Serve) -> None:
    at = served("enforced")
    place = at.bare / "hooks/reference-transaction"
    text = place.with_name("reference-transaction.codexa-noted")
    assert place.is_symlink()
    assert not place.exists()
    before = text.read_text()
    at.clone.did("server", "uninstall", str(at.bare))
    assert not os.path.lexists(place)
    assert not text.exists()
    place.write_text(before)  # as a version before put it in
    place.chmod(0o755)
    at.clone.did("server", "install", str(at.bare))
    assert place.is_symlink()
    assert text.read_text() == before


def test_where_there_are_no_links_git_finds_the_second_hook_always(
    served: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = served("enforced")
    place = at.bare / "hooks/reference-transaction"

    def refuses(*_: object) -> None:
        raise OSError("no links here")

    monkeypatch.setattr(Path, "symlink_to", refuses)
    put_in(place, at.bare, "#!/bin/sh\n")
    assert not place.is_symlink()
    assert place.read_text() == "#!/bin/sh\n"
    assert not place.with_name("reference-transaction.codexa-noted").exists()


@pytest.mark.parametrize("name", ["pre-receive", "reference-transaction"])
def test_each_hook_has_to_be_there_as_it_was_put_in(served: Serve, name: str) -> None:
    at = served("enforced")
    place = at.bare / "hooks" / name
    text = at.bare / "hooks" / f"{name}{'.codexa-noted' if place.is_symlink() else ''}"
    text.write_text(text.read_text() + "# more\n")
    answer = at.clone.codexa("server", "status", str(at.bare))
    assert answer.status == 1
    assert "installed by another version or place" in answer.out
    at.clone.did("server", "install", str(at.bare))
    assert at.clone.codexa("server", "status", str(at.bare)).status == 0
    place.unlink()
    assert at.clone.codexa("server", "status", str(at.bare)).status == 1
    place.write_text("#!/bin/sh\n")
    place.with_name(f"{name}.codexa-kept").write_text("#!/bin/sh\n")
    told = at.clone.refused("server", "install", str(at.bare))
    assert f"{name} is somebody else's, and {name}.codexa-kept beside it is kept already" in told


def test_another_root_is_refused(served: Serve) -> None:
    at = served("enforced")
    told = at.clone.refused("server", "install", str(at.bare), "--root", NOWHERE)
    assert "was told to trust" in told
    git(at.bare, "config", "--unset", "codexa.root")
    told = at.clone.refused("server", "install", str(at.bare), "--root", NOWHERE)
    assert "main does not begin at the trust root" in told


def test_a_base_with_findings_is_not_served(served: Serve) -> None:
    at = served("enforced")
    at.clone.did("server", "uninstall", str(at.bare))
    at.clone.commit({"greet.sh": "echo evil\n"}, "evil")
    at.takes("main")
    told = at.clone.refused("server", "install", str(at.bare))
    assert "takes changes that land" in told
    bad = at.clone.tip()[:12]
    assert f"hint: git codexa incident {bad} -m ...\n" in told
    at.clone.did("incident", "HEAD", "-m", "nobody looked")
    at.takes("main")


def test_what_the_owners_have_named_is_served_by_the_command_that_the_refusal_ends_in(
    served: Serve,
) -> None:
    at = served("enforced")
    at.clone.did("server", "uninstall", str(at.bare))
    root = at.clone.git("config", "codexa.root")
    git(at.bare, "config", "--unset", "codexa.root")
    for number in range(2):
        at.clone.commit({"greet.sh": f"echo evil {number}\n"}, "evil")
        at.clone.did("incident", "HEAD", "-m", f"nobody looked {number}")
    at.takes("main")
    words = ["server", "install", str(at.bare), "--root", root]
    for _ in range(2):
        told = at.clone.refused(*words)
        assert "the owners have named it; to take that as settled: git codexa server" in told
        words = shlex.split(told.rpartition(": git codexa ")[2])
    at.clone.did(*words)
    assert words.count("--accept") == 2


def test_a_server_whose_head_names_no_branch_says_which_could_be_served(served: Serve) -> None:
    at = served("enforced")
    at.clone.did("server", "uninstall", str(at.bare))
    git(at.bare, "config", "--unset", "codexa.branch")
    git(at.bare, "update-ref", "--no-deref", "HEAD", "refs/heads/main")
    git(at.bare, "branch", "change/CH-009", "main")
    told = at.clone.refused("server", "install", str(at.bare), status=2)
    (hint,) = [line for line in told.splitlines() if line.startswith("hint: ")]
    at.clone.did(*shlex.split(hint.removeprefix("hint: git codexa ")))


def test_what_only_observes_is_not_served(shelf: Shelf, tmp_path: Path) -> None:
    clone = shelf.take("adopted", tmp_path / "clone")
    bare = bare_of(clone, {"refs/heads/main": "main"}, tmp_path / "server.git")
    assert "no trust root" in clone.refused("server", "install", str(bare), status=3)


def test_a_server_may_wait_for_its_base(shelf: Shelf, tmp_path: Path) -> None:
    clone = shelf.take("enforced", tmp_path / "clone")
    bare = bare_of(clone, {}, tmp_path / "server.git")
    git(bare, "symbolic-ref", "HEAD", "refs/heads/main")
    assert "has to be named" in clone.refused("server", "install", str(bare), status=2)
    clone.did("server", "install", str(bare), "--root", clone.git("config", "codexa.root"))
    at = Served(clone, bare)
    clone.git("remote", "add", "origin", str(bare))
    assert "no commit of it makes the trust root" in at.refuses("main~1:refs/heads/main")
    at.takes("main")


def test_a_clone_is_no_server(shelf: Shelf, tmp_path: Path) -> None:
    clone = shelf.take("enforced", tmp_path / "clone")
    assert "is bare" in clone.refused("server", "install", ".", status=2)
    told = clone.refused("server", "install", ".", "--root", "main", status=2)
    assert "is not a trust root" in told


def test_a_hooks_folder_that_others_share_is_left_alone(served: Serve, tmp_path: Path) -> None:
    at = served("enforced")
    git(at.bare, "config", "core.hooksPath", str(tmp_path / "shared"))
    told = at.clone.refused("server", "install", str(at.bare), status=3)
    assert "git codexa server receive" in told


@pytest.mark.parametrize("gone", ["codexa_python=", "codexa_package="])
def test_a_server_without_its_interpreter_takes_nothing(served: Serve, gone: str) -> None:
    at = served("enforced")
    text = hook(at).read_text()
    hook(at).write_text(text.replace(gone, f"{gone}/nowhere", 1))
    at.clone.commit({"docs/STATUS_REPORT.md": "x\n"}, "free")
    assert "nothing is taken" in at.refuses("main")


@pytest.mark.parametrize("setting", ["codexa.root", "codexa.branch"])
def test_a_server_that_was_told_nothing_takes_nothing(served: Serve, setting: str) -> None:
    at = served("enforced")
    git(at.bare, "config", "--unset", setting)
    assert "was not told which root to trust" in at.refuses("main:refs/heads/feature")
    assert at.clone.codexa("server", "status", str(at.bare)).status == 1


def test_a_forges_own_folder_of_hooks_may_call_it(served: Serve) -> None:
    at = served("enforced")
    at.clone.did("server", "uninstall", str(at.bare))
    source = hook(at).parent
    text = f"""#!/bin/sh
exec {at_python()} -m codexa_git server receive
"""
    (source / "pre-receive").write_text(text)
    (source / "pre-receive").chmod(0o755)
    at.clone.commit({"greet.sh": "evil\n"}, "evil")
    answer = pushed(at.clone.folder, "main", PYTHONPATH=str(root()))
    assert "remote: error: main takes changes that land" in answer.err


def at_python() -> str:
    import sys  # noqa: PLC0415

    return sys.executable


def root() -> Path:
    return Path(__file__).parents[2]


@pytest.mark.rule("L16")
def test_a_base_that_was_led_years_ahead_is_not_served_before_its_owners_have_named_it(
    served: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = served("enforced")
    at.clone.did("server", "uninstall", str(at.bare))
    with monkeypatch.context() as far:
        far.setenv("GIT_COMMITTER_DATE", "@4102444800 +0000")
        at.clone.git("commit", "-q", "--allow-empty", "--no-verify", "-m", "typo")
    at.takes("main")
    told = at.clone.refused("server", "install", str(at.bare))
    assert "rule  L16 of codexa-git's docs/specification.md" in told
    assert "is of 2100-01-01T00:00:00Z" in told
    at.clone.did("incident", "HEAD", "-m", "it is of 2100")
    at.takes("main")
    told = at.clone.refused("server", "install", str(at.bare))
    at.clone.did(*shlex.split(told.rpartition(": git codexa ")[2]))


def test_a_linked_work_tree_whose_pushes_ask_no_hook_is_refused_and_told(
    served: Serve, tmp_path: Path
) -> None:
    at = served("enforced")
    git(at.bare, "worktree", "add", "-q", "--detach", str(tmp_path / "linked"), "main")
    at.clone.commit({"greet.sh": "evil\n"}, "evil")
    beside = str(at.bare / "worktrees" / "linked")
    at.clone.git("push", "-q", beside, "HEAD:refs/heads/change/CH-900")
    assert git(at.bare, "rev-parse", "change/CH-900") == at.clone.git("rev-parse", "HEAD")
    git(at.bare, "update-ref", "-d", "refs/heads/change/CH-900")
    answer = at.clone.codexa("server", "status", str(at.bare))
    assert answer.status == 1
    assert "not asked    at worktrees/linked: git worktree list" in answer.out
    told = at.clone.refused("server", "install", str(at.bare))
    assert "a push to the linked work tree linked of this repository would ask no hook" in told
    git(at.bare, "worktree", "remove", str(tmp_path / "linked"))
    at.clone.did("server", "install", str(at.bare))
