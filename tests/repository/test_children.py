"""Git started where this process stands answers as it does through `subprocess`."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from codexa_git.errors import RepositoryError
from codexa_git.repository.children import is_here
from codexa_git.repository.command import Git

ELSEWHERE = "/"


def pretend(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    fake = folder / "git"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.chdir(folder)


@pytest.mark.parametrize(
    "script",
    [
        "echo out",
        "echo out; echo err >&2; exit 3",
        "cat; echo $?",
        "exec head -c 300000 /dev/zero",
        "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero; echo err >&2",
        "exec >&-; sleep 0.1; echo err >&2",
        'kill -9 "$$"',
        'kill -PIPE "$$"; echo alive',
        "env | grep -v -e ^_= -e ^PWD= | sort",
        'printf "%s." "$@"',
    ],
)
def test_the_answer_is_the_same_here_and_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    pretend(tmp_path, monkeypatch, script)
    here, elsewhere = Git(tmp_path), Git(ELSEWHERE)
    assert is_here(here.folder)
    assert not is_here(elsewhere.folder)
    asked = ("rev-parse", "a b", "é\udcff")
    answer = elsewhere.finish(*asked)
    assert here.finish(*asked) == answer
    assert here.begin(*asked)() == answer
    assert elsewhere.begin(*asked)() == answer


def test_without_git_both_say_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    for ask in (Git(tmp_path).run, Git(tmp_path).begin, Git(tmp_path).start, Git("/").run):
        with pytest.raises(RepositoryError, match="git is not installed"):
            ask("version")


def test_no_pipe_is_left_open(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(tmp_path, monkeypatch, "echo out")
    before = len(list(Path("/proc/self/fd").iterdir()))
    Git(tmp_path).run("version")
    child = Git(tmp_path).start("version")
    assert child.stdout is not None
    assert child.stdin is not None
    assert child.stdout.read() == b"out\n"
    child.stdin.close()
    child.stdout.close()
    assert child.wait() == 0
    monkeypatch.setenv("PATH", "/nowhere")
    for ask in (Git(tmp_path).run, Git(tmp_path).start):
        with pytest.raises(RepositoryError):
            ask("version")
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("stream", [0, 1, 2])
def test_where_a_stream_is_closed_nothing_stands_in_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stream: int
) -> None:
    pretend(tmp_path, monkeypatch, "echo out; echo err >&2")
    code = "import os, sys; sys.path.append(sys.argv[1]); os.close(int(sys.argv[2]));"
    code += "from codexa_git.repository.command import Git; said = Git(sys.argv[3]).finish('x');"
    code += "os._exit(0 if said == (0, b'out\\n', b'err\\n') else 9)"
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", code, root, str(stream), str(tmp_path)]
    assert subprocess.run(command, cwd=tmp_path, check=False).returncode == 0


def test_an_interrupt_ends_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(tmp_path, monkeypatch, f"echo $$ > {tmp_path}/draft; mv draft pid; exec sleep 60")
    code = "import sys; sys.path.append(sys.argv[1]);"
    code += "from codexa_git.repository.command import Git; Git(sys.argv[2]).run('version')"
    command = [sys.executable, "-c", code, str(Path(__file__).parents[2]), str(tmp_path)]
    with subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.DEVNULL) as asking:
        deadline = time.monotonic() + 30
        while not (tmp_path / "pid").exists() and time.monotonic() < deadline:
            time.sleep(0.02)
        asking.send_signal(signal.SIGINT)
        assert asking.wait(30) != 0
    pid = int((tmp_path / "pid").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
