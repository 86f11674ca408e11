"""The user's environment, configuration, tools and folder, which change nothing or are named."""

import os
import re
import shlex
import shutil
from pathlib import Path

import pytest
from scenarios.clone import At, Clone, Shelf, make_key
from scenarios.several import ENOUGH


def programs(folder: Path, *names: str) -> str:
    """A PATH that holds these programs and no others."""
    folder.mkdir()
    for name in names:
        found = shutil.which(name)
        assert found is not None
        (folder / name).symlink_to(found)
    return str(folder)


def script(folder: Path, name: str, content: str) -> None:
    """A program of one's own."""
    (folder / name).write_text(f"#!/bin/sh\n{content}\n")
    (folder / name).chmod(0o755)


def test_without_git_it_says_which_is_needed(
    at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("planned")
    monkeypatch.setenv("PATH", programs(tmp_path / "bin", "sh"))
    answer = clone.codexa("advance")
    assert answer.status == 3
    assert answer.err.startswith("error: git is not installed\n")


@pytest.mark.parametrize("words", [("init", "--yes"), ("advance",), ("approve",), ("open", "x")])
def test_an_old_git_is_named_before_anything_is_written(
    words: tuple[str, ...], at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("planned")
    before = clone.tip()
    git = shutil.which("git")
    path = programs(tmp_path / "bin", "sh", "ssh-keygen")
    version = 'case "$1" in version) echo git version 2.37.9;; *) exec'
    script(tmp_path / "bin", "git", f'{version} {git} "$@";; esac')
    monkeypatch.setenv("PATH", path)
    answer = clone.codexa(*words)
    monkeypatch.undo()
    assert answer.status == 3
    assert answer.err.startswith("error: git 2.37.9 is too old: 2.38 or later is needed\n")
    assert Clone(clone.folder).git("-c", "core.abbrev=40", "rev-parse", "HEAD") == before


def test_a_git_too_old_to_answer_is_named_too(
    at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("planned")
    path = programs(tmp_path / "bin", "sh")
    script(
        tmp_path / "bin",
        "git",
        'case "$1" in version) echo git version 2.11.0;; *) echo unknown >&2; exit 129;; esac',
    )
    monkeypatch.setenv("PATH", path)
    answer = clone.codexa("status")
    assert answer.status == 3
    assert answer.err.startswith("error: git 2.11.0 is too old")


def test_without_ssh_keygen_nothing_is_signed_and_nothing_lost(
    at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("planned")
    path = programs(tmp_path / "bin", "git", "sh")
    with monkeypatch.context() as patched:
        patched.setenv("PATH", path)
        answer = clone.codexa("approve")
    assert answer.status == 3
    assert answer.err.startswith("error: ssh-keygen is not installed\n")
    assert clone.log()[-1] == "CH-001 spec: 2 tasks for 2 criteria, seed 7"
    clone.did("approve")


def test_without_a_key_it_says_how_to_get_one(at: At) -> None:
    clone = at("planned")
    clone.git("config", "--unset", "user.signingkey")
    told = clone.refused("approve", status=3)
    assert "you have no SSH key to sign with" in told
    assert "hint: make one: ssh-keygen -t ed25519 -f ~/.ssh/id_ed25519\n" in told
    enrol = "git codexa people add 'Demo PM' pm@demo.invalid --key ~/.ssh/id_ed25519.pub"
    assert f"hint: then Demo PM can enrol it: {enrol}\n" in told


def test_a_hint_for_an_owner_names_no_file_of_somebody_elses(at: At, shelf: Shelf) -> None:
    clone = at("planned")
    person = ("Demo Dev", "dev@demo.invalid")
    old = f"{make_key(shelf.folder, 'gone', 8)}.pub"
    clone.did("people", "add", *person, "--role", "pm", "--key", old)
    clone.set_up(*person, shelf.dev)
    clone.git("config", "--unset", "user.signingkey")
    home = Path(os.environ["HOME"], ".ssh")
    home.mkdir(exist_ok=True)
    line = Path(f"{shelf.dev}.pub").read_text()
    (home / "id_ed25519.pub").write_text(line)
    clone.did("sync")
    told = clone.refused("approve", status=3)
    key = " ".join(line.split()[:2])
    assert (
        f"Demo PM can enrol it: git codexa people add 'Demo Dev' {person[1]} --key '{key}'" in told
    )


def test_with_a_new_key_the_command_that_enrols_it_works(at: At, shelf: Shelf) -> None:
    clone = at("adopted")
    clone.did("enforce", "--demo", "--yes")
    person = ("Demo Dev", "dev@demo.invalid")
    old = f"{make_key(shelf.folder, 'old', 7)}.pub"
    clone.did("people", "add", *person, "--role", "pm", "--key", old)
    clone.did("open", "x", *ENOUGH)
    clone.did("advance")
    clone.set_up(*person, shelf.dev)
    told = clone.refused("approve", status=3)
    assert "none of your keys is enrolled for dev@demo.invalid" in told
    command = re.search(r"Demo PM can enrol it: git codexa (.*)", told)
    assert command
    clone.set_up("Demo PM", "pm@demo.invalid", shelf.pm)
    clone.did(*shlex.split(command[1]))
    clone.did("sync")
    clone.set_up(*person, shelf.dev)
    clone.did("approve")


def test_a_key_that_is_not_enrolled_does_not_sign(at: At, tmp_path: Path) -> None:
    clone = at("planned")
    clone.git("config", "user.signingkey", str(tmp_path.parent / "none"))
    clone.git("config", "user.email", "dev@demo.invalid")
    told = clone.refused("approve")
    assert "dev@demo.invalid has no role in this repository's policy" in told
    assert "hint: ask Demo PM\n" in told
    enrol = "git codexa people add 'Demo PM' dev@demo.invalid --role pm --key id_ed25519.pub"
    sends = "send ~/.ssh/id_ed25519.pub to Demo PM, who enrols it where it lies then"
    assert f"hint: for a role of your own, {sends}: {enrol}\n" in told


def test_without_the_testers_key_nothing_is_run_for_nothing(at: At) -> None:
    clone = at("executed")
    (clone.folder / ".git/codexa/tester_ed25519").unlink()
    (clone.folder / ".git/codexa/tester_ed25519.pub").unlink()
    told = clone.refused("advance", status=3)
    assert "this clone has no Tester's key, so it cannot sign results" in told


HOSTILE = {
    "alias.commit": "!false",
    "diff.external": "false",
    "core.hooksPath": "/nowhere",
    "core.pager": "false",
    "core.quotePath": "true",
    "core.autocrlf": "true",
    "core.fsmonitor": "false",
    "commit.gpgsign": "true",
    "tag.gpgsign": "true",
    "color.ui": "always",
    "diff.noprefix": "true",
    "diff.renames": "copies",
    "status.short": "true",
    "log.showSignature": "true",
    "merge.ff": "only",
    "merge.conflictStyle": "zdiff3",
    "gc.auto": "1",
    "i18n.commitEncoding": "ISO-8859-1",
    "transfer.fsckObjects": "true",
    "user.useConfigOnly": "true",
}


def test_the_users_surroundings_change_no_commit(
    at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = at("planned")
    odd = Clone(Path(shutil.copytree(plain.folder, tmp_path / "odd", symlinks=True)))
    tips = []
    for clone in (plain, odd):
        with monkeypatch.context() as patched:
            if clone is odd:
                _make_hostile(clone, patched, tmp_path)
            folder = clone.folder / "sub"
            folder.mkdir()
            here = Clone(folder)
            for words in (("approve",), ("advance",), ("advance",), ("approve",), ("advance",)):
                here.did(*words)
            here.did("approve")
            here.did("advance")
            here.did("land")
        assert clone.git("-c", "color.ui=never", "status", "--porcelain") == ""
        tips.append(clone.git("rev-parse", "main"))
    assert tips[0] == tips[1]


def _make_hostile(clone: Clone, patched: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name, value in HOSTILE.items():
        clone.git("config", name, value)
    other = tmp_path / "other"
    other.mkdir()
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE"):
        patched.setenv(name, str(other / name))
    patched.setenv("GIT_DIFF_OPTS", "--unified=0")
    patched.setenv("GIT_EXTERNAL_DIFF", "false")
    patched.setenv("GIT_NAMESPACE", "elsewhere")
    patched.setenv("GIT_CEILING_DIRECTORIES", str(clone.folder))
    patched.setenv("LC_ALL", "tr_TR.UTF-8")
    patched.setenv("LANGUAGE", "de")
    patched.setenv("TZ", "Pacific/Kiritimati")
    patched.setenv("PYTHONHASHSEED", "1")
    patched.setenv("VIRTUAL_ENV", str(other))


def test_a_malformed_policy_on_the_base_is_no_answer_and_names_its_line(at: At) -> None:
    clone = at("planned")
    clone.git("switch", "-q", "main")
    clone.commit({"codexa.toml": clone.read("codexa.toml") + "\nnonsense = [\n"}, "oops")
    clone.git("switch", "-q", "change/CH-001")
    for words in (("advance",), ("approve",), ("land",), ("open", "x")):
        told = clone.refused(*words, status=3)
        assert told.startswith("error: the policy cannot be read: codexa.toml:")
        assert "hint: till it is mended on the base itself nobody can sign: " in told


@pytest.mark.parametrize("content", ["{}\n", "no json\n", '{"format":1}', "\xff\n"])
def test_a_malformed_record_is_no_answer_and_names_its_line(content: str, at: At) -> None:
    clone = at("planned")
    path = "audit/CH-001/handoff.jsonl"
    lines = clone.git("show", f"HEAD:{path}")
    clone.commit({path: f"{lines}\n{content}".encode("latin-1")}, "forge")
    for words in (("advance",), ("approve",), ("land",)):
        told = clone.refused(*words, status=3)
        assert told.startswith(f"error: {path}:")


def test_a_branch_that_shares_nothing_with_the_base_says_so(at: At) -> None:
    clone = at("planned")
    clone.git("switch", "-q", "--orphan", "lonely")
    assert "this branch has no commit yet" in clone.refused("advance", status=3)
    clone.commit({"a": "b\n"}, "alone")
    assert "shares no history with main" in clone.refused("advance", status=3)


def test_a_detached_head_carries_no_change_unless_one_is_named(at: At) -> None:
    clone = at("planned")
    clone.git("checkout", "-q", "--detach")
    assert "HEAD is detached" in clone.refused("advance")
    clone.did("approve", "CH-001")
