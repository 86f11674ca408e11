import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builders import git

from codexa_git.errors import RepositoryError
from codexa_git.repository import command
from codexa_git.repository.command import Finished, Git, complaint, require_version, version


def test_what_a_callers_git_hands_on_does_not_reach_the_child(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    elsewhere = tmp_path / "elsewhere"
    git(tmp_path, "init", "-q", str(elsewhere))
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_OBJECT_DIRECTORY", "GIT_INDEX_FILE"):
        monkeypatch.setenv(name, str(elsewhere / ".git"))
    monkeypatch.setenv("GIT_EXTERNAL_DIFF", "false")
    assert Git(repository).line("rev-parse", "--show-toplevel") == str(repository)
    assert not {"GIT_DIR", "GIT_EXTERNAL_DIFF", "GIT_AUTHOR_NAME"} & command.inherited().keys()


def test_the_users_own_configuration_and_ways_to_remotes_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "SSH_AUTH_SOCK", "https_proxy"):
        monkeypatch.setenv(name, "x")
    kept = command.inherited()
    assert {"GIT_SSH_COMMAND", "GIT_SSL_CAINFO", "SSH_AUTH_SOCK", "https_proxy"} <= kept.keys()
    assert {"GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM", "HOME", "PATH"} <= kept.keys()


def test_a_replaced_object_is_read_as_it_is(repository: Path) -> None:
    true = git(repository, "rev-parse", "HEAD:README.md")
    forged = git(repository, "hash-object", "-w", "--stdin", input=b"forged\n")
    git(repository, "replace", true, forged)
    assert git(repository, "cat-file", "-p", true) == "forged"
    assert Git(repository).line("cat-file", "-p", true) == "# Demo"


def test_settings_and_environment_of_a_call_reach_the_child(
    repository: Path, tmp_path: Path
) -> None:
    asked = Git(repository, settings=(("demo.key", "a value"),))
    assert asked.line("config", "demo.key") == "a value"
    index = {"GIT_INDEX_FILE": str(tmp_path / "index")}
    assert asked.run("ls-files", environment=index) == b""
    assert asked.beside(index).run("ls-files") == b""
    assert asked.run("ls-files") == b"README.md\n"


def test_input_comes_from_the_call_and_never_from_the_terminal(repository: Path) -> None:
    asked = Git(repository)
    empty = asked.line("hash-object", "--stdin")
    assert empty == "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    assert asked.run("hash-object", "--stdin", input=b"x\n").strip() != empty.encode()


def test_a_failure_is_one_sentence_in_gits_words(repository: Path) -> None:
    asked = Git(repository)
    with pytest.raises(RepositoryError) as caught:
        asked.run("rev-parse", "--verify", "no such\nthing")
    assert caught.value.message == "git rev-parse: Needed a single revision"
    assert asked.answer("rev-parse", "--verify", "-q", "nothing") == (1, b"")
    assert asked.run("rev-parse", "--verify", "-q", "nothing", ok=(1,)) == b""


@pytest.mark.parametrize(
    ("err", "sentence"),
    [
        (b"warning: a\nfatal: b\n\n", "b"),
        (b"error: c\nhint: d\n", "c"),
        (b"fatal: dubious\nTo add an exception, call:\n\n\tgit config x\n", "dubious"),
        (b"plain\n", "plain"),
        (b"fatal: \x1b[2Jgone\xff\n", "?[2Jgone\ufffd"),
        (b"", "ended with status 9 and said nothing"),
        (b"fatal: " + b"x" * 999, "x" * 400),
    ],
)
def test_a_complaint_is_safe_to_print(err: bytes, sentence: str) -> None:
    assert complaint(Finished(9, b"", err)) == sentence


def test_without_git_the_error_says_how_to_get_it(
    repository: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    for ask in (Git(repository).run, Git(repository).start):
        with pytest.raises(RepositoryError, match="git is not installed") as caught:
            ask("version")
        assert caught.value.hints


def test_a_folder_that_is_gone_is_not_taken_for_a_missing_git(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="git cannot start in"):
        Git(tmp_path / "gone").run("version")


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("git version 2.38.1", (2, 38, 1)),
        ("git version 2.46.0.windows.1", (2, 46, 0)),
        ("git version 2.39.5 (Apple Git-154)", (2, 39, 5)),
        ("git version 2.50.rc1", (2, 50, 0)),
    ],
)
def test_every_build_of_git_tells_its_version(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, numbers: tuple[int, int, int]
) -> None:
    _pretend(tmp_path, monkeypatch, said)
    assert version(Git(tmp_path)) == numbers
    require_version(Git(tmp_path))


def test_an_old_git_is_refused_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _pretend(tmp_path, monkeypatch, "git version 2.37.9")
    with pytest.raises(RepositoryError, match=r"^git 2\.37\.9 is too old: 2\.38 or later"):
        require_version(Git(tmp_path))


def test_an_interrupt_leaves_no_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake = tmp_path / "git"
    fake.write_text(f"#!/bin/sh\necho $$ > {tmp_path}/pid\nexec sleep 60\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    code = "import sys; from pathlib import Path; from codexa_git.repository.command import Git;"
    code += "Git(Path(sys.argv[1])).run('version')"
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path)], cwd=root, stderr=subprocess.DEVNULL
    ) as asking:
        pid = _wait_for(tmp_path / "pid")
        # Python itself may still be inside the start of the child, where nothing can be killed yet;
        # a terminal's Ctrl-C reaches the child by itself.
        time.sleep(0.3)
        asking.send_signal(signal.SIGINT)
        assert asking.wait(10) != 0
    assert _is_gone(int(pid)), "the child was killed"


def _is_gone(pid: int) -> bool:
    """True once the process is dead; one that nobody has reaped yet is dead too."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            os.kill(pid, 0)
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except (ProcessLookupError, FileNotFoundError):
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


def _wait_for(place: Path) -> str:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        if place.exists() and (pid := place.read_text().strip()):
            return pid
        time.sleep(0.01)
    raise AssertionError(place)


def _pretend(folder: Path, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    fake = folder / "git"
    fake.write_text(f"#!/bin/sh\necho '{said}'\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
