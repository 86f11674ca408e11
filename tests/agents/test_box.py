import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from agents.conftest import LIMITS, Boxed

from codexa_git.agents import warden
from codexa_git.agents.box import Outcome, Status
from codexa_git.errors import AgentError

linux = pytest.mark.skipif(sys.platform != "linux", reason="daemons are hunted through /proc")

DAEMON = """
import os, signal, sys, time
if os.fork():
    while not os.path.exists("pid"):
        time.sleep(0.01)
    sys.exit(0)
os.setsid()
if os.fork():
    os._exit(0)
for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
    signal.signal(number, signal.SIG_IGN)
if "quiet" in sys.argv:
    os.closerange(0, 100)
with open("part", "w") as file:
    file.write(str(os.getpid()))
os.rename("part", "pid")
time.sleep(60)
"""
# it ends by itself after a few seconds, so that a box that fails here does not take the machine
BOMB = """
import os, time
end = time.time() + 4
while time.time() < end:
    try:
        if os.fork() == 0:
            os.setsid()
    except OSError:
        time.sleep(0.001)
"""


def lives(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


def living_in(folder: Path) -> list[int]:
    """The processes whose working folder is `folder`."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "cwd").readlink() == folder:
                found.append(int(entry.name))
    return found


def test_a_command_says_both_streams_in_order_and_its_status(boxed: Boxed) -> None:
    outcome = boxed.shell("echo one; echo two >&2; echo three; exit 3")

    said = b"one\ntwo\nthree\n"
    assert outcome == Outcome(Status.EXITED, 3, None, said, "exited with 3")
    assert not outcome.ok
    assert boxed.run("true").ok


def test_a_command_starts_in_its_folder_with_nothing_of_ours(
    boxed: Boxed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DIR", "/somewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")

    said = boxed.shell(
        "pwd; umask; wc -c; env | cut -d= -f1 | sort | tr '\\n' ' '; echo; ls /proc/self/fd"
    )

    place, umask, read, rest = said.output.decode().split("\n", 3)
    assert (place, umask, read.strip()) == (str(boxed.tree), "0022", "0")
    names, *descriptors = rest.split("\n")
    assert set(names.split()) - {"_", "SHLVL", "OLDPWD"} == set(boxed.environment)
    assert descriptors[:4] == ["0", "1", "2", "3"]  # the last is the folder that ls reads
    assert descriptors[4:] == [""]


def test_signals_that_python_ignores_are_not_ignored_in_the_box(boxed: Boxed) -> None:
    ignored = int(boxed.run("grep", "SigIgn", "/proc/self/status").output.split()[1], 16)

    assert not ignored & 1 << signal.SIGPIPE - 1
    assert not ignored & 1 << signal.SIGXFSZ - 1


def test_a_program_that_is_not_there_is_not_started(boxed: Boxed) -> None:
    outcome = boxed.run("no-such-program")

    assert outcome == (Status.NOT_STARTED, None, None, b"", "could not be started (ENOENT)")


def test_a_file_that_may_not_be_executed_is_not_started(boxed: Boxed) -> None:
    (boxed.tree / "plain").write_text("")

    assert boxed.run("./plain").reason == "could not be started (EACCES)"


def test_a_box_without_a_folder_is_an_error(boxed: Boxed) -> None:
    boxed.tree.rmdir()

    with pytest.raises(AgentError, match="a box cannot be opened"):
        boxed.run("true")


@pytest.mark.parametrize("command", [(), ("echo", "a\0b")])
def test_words_that_are_no_command_are_an_error(boxed: Boxed, command: tuple[str, ...]) -> None:
    with pytest.raises(AgentError, match="a command needs a program"):
        boxed.run(*command)


def test_a_crash_is_told_by_its_signal(boxed: Boxed) -> None:
    outcome = boxed.shell("echo before; kill -SEGV $$")

    assert outcome == (Status.SIGNALLED, None, 11, b"before\n", "was ended by SIGSEGV")


@pytest.mark.parametrize(
    "script",
    ["sleep 60", "kill -STOP $$", "exec >/dev/null 2>&1; sleep 60", "trap '' TERM INT; sleep 60"],
    ids=["sleeps", "stops itself", "closes its output", "ignores SIGTERM"],
)
def test_a_command_that_hangs_is_ended_in_time(boxed: Boxed, script: str) -> None:
    outcome = boxed.shell(script, limits=LIMITS._replace(seconds=0.4))

    assert outcome[:3] == (Status.TIMED_OUT, None, None)
    assert outcome.reason == "did not end within 0.4 seconds"
    assert living_in(boxed.tree) == []


@linux
@pytest.mark.parametrize("mood", ["loud", "quiet"])
def test_a_daemon_that_ignores_signals_does_not_outlive_its_command(
    boxed: Boxed, mood: str
) -> None:
    """Loud: it also holds our pipe open, which must not make us wait."""
    outcome = boxed.run(sys.executable, "-c", DAEMON, mood)

    assert outcome.ok
    assert not lives(int((boxed.tree / "pid").read_text()))


@linux
def test_a_fork_bomb_with_a_session_each_is_outrun(boxed: Boxed) -> None:
    outcome = boxed.run(sys.executable, "-S", "-c", BOMB, limits=LIMITS._replace(processes=40))

    assert outcome.status is Status.FLOODED
    assert outcome.reason == "had more than 40 processes at once"
    assert living_in(boxed.tree) == []


@linux
def test_a_command_that_kills_its_warden_gains_nothing(boxed: Boxed) -> None:
    script = "setsid sleep 60 & kill -KILL $PPID; exec setsid sleep 60"

    outcome = boxed.shell(script)

    assert outcome[:3] == (Status.SIGNALLED, None, int(signal.SIGKILL))
    assert outcome.reason == "ended the process that watches over it"
    assert living_in(boxed.tree) == []


@linux
def test_a_command_that_stops_its_warden_is_ended_in_time(boxed: Boxed) -> None:
    outcome = boxed.shell("kill -STOP $PPID; sleep 60", limits=LIMITS._replace(seconds=0.4))

    assert outcome.status is Status.TIMED_OUT
    assert living_in(boxed.tree) == []


@linux
def test_a_child_of_ours_that_is_none_of_the_boxs_lives_on(boxed: Boxed) -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as mine:
        boxed.shell("kill -KILL $PPID; sleep 60")
        alive = mine.poll() is None
        mine.kill()

    assert alive


def test_endless_output_is_ended_and_the_same_each_time(boxed: Boxed) -> None:
    first, second = (boxed.run("yes", limits=LIMITS._replace(output_bytes=1000)) for _ in range(2))

    assert first == second
    assert first.status is Status.FLOODED
    assert first.reason == "printed more than 16000 bytes"
    assert first.output == b"y\n" * 250 + b"\n[15000 bytes left out]\n" + b"y\n" * 250


def test_long_output_keeps_its_head_and_its_tail(boxed: Boxed) -> None:
    outcome = boxed.shell("seq 1 1000", limits=LIMITS._replace(output_bytes=100))

    assert outcome.status is Status.FLOODED
    outcome = boxed.shell("seq 1 300", limits=LIMITS._replace(output_bytes=100))
    assert outcome.ok
    assert outcome.output.startswith(b"1\n2\n3\n")
    assert outcome.output.endswith(b"\n299\n300\n")
    assert b"\n[992 bytes left out]\n" in outcome.output


def test_output_that_just_fits_is_whole(boxed: Boxed) -> None:
    assert (
        boxed.run("printf", "%s", "x" * 100, limits=LIMITS._replace(output_bytes=100)).output
        == b"x" * 100
    )


def test_a_file_grows_no_larger_than_allowed_and_no_core_is_left(boxed: Boxed) -> None:
    outcome = boxed.run("dd", "if=/dev/zero", "of=big", "bs=64k", "count=64")

    assert (outcome.status, outcome.signal) == (Status.SIGNALLED, int(signal.SIGXFSZ))
    assert (boxed.tree / "big").stat().st_size <= 1 << 20
    assert [path.name for path in boxed.tree.iterdir()] == ["big"]


def test_memory_is_bounded_where_asked(boxed: Boxed) -> None:
    program = "print(len(bytearray(1 << 30)))"

    outcome = boxed.run(
        sys.executable, "-S", "-c", program, limits=LIMITS._replace(memory_bytes=256 << 20)
    )

    assert outcome.exit_code == 1
    assert b"MemoryError" in outcome.output


def test_ctrl_c_ends_the_box_and_goes_on_up(boxed: Boxed) -> None:
    marker = boxed.tree / "started"

    def interrupt() -> None:
        while not marker.exists():
            time.sleep(0.01)
        os.kill(os.getpid(), signal.SIGINT)

    thread = threading.Thread(target=interrupt)
    thread.start()
    with pytest.raises(KeyboardInterrupt):
        boxed.shell("setsid sleep 60 & touch started; sleep 60")
    thread.join()

    assert living_in(boxed.tree) == []


@linux
def test_a_box_dies_with_the_process_that_opened_it(boxed: Boxed) -> None:
    program = """
import sys
from pathlib import Path
from codexa_git.agents import box
folder = Path(sys.argv[1])
command = ["sh", "-c", "setsid sleep 60 & touch started; sleep 60"]
box.run(command, folder=folder, home=folder, environment={"PATH": "/usr/bin:/bin"},
        limits=box.Limits())
"""
    opener = subprocess.Popen([sys.executable, "-c", program, str(boxed.tree)])
    while not (boxed.tree / "started").exists():
        time.sleep(0.01)
    opener.kill()
    opener.wait()

    deadline = time.monotonic() + 10
    while living_in(boxed.tree) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert living_in(boxed.tree) == []


@linux
def test_a_warden_reaches_the_system_with_or_without_the_short_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked_whether_dumpable = (3, 0, 0, 0, 0)
    assert warden._control()(*asked_whether_dumpable) == 1
    monkeypatch.delattr("_ctypes.call_function")
    assert warden._control()(*asked_whether_dumpable) == 1
