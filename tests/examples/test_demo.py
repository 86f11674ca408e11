"""The demo lands the same commit on any machine, and the documents show what it prints."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from demo.comparing import Outcome, differences
from demo.main import judge, take
from demo.room import ROOT, DemoError, Room, furnish
from demo.screen import Screen
from demo.session import README, WHOLE, entries, excerpt, shown_in
from demo.story import Edit, Step
from demo.wheels import fetch

LANDING = "03659cb3ed3fa89cd5b4bbdc9e4994877edb61e5"
"""The landing's id. Whoever means to change what is committed: `make docs`, and this line."""

SAME = Outcome("1" * 40, ("0" * 40, "1" * 40), {"refs/heads/main": "1" * 40}, {"audit/a": "x\ny"})
SESSION = (
    "== Act\n$ git codexa advance  # why\none\ntwo\n$ git add .\n$ git codexa advance\nthree\n"
)


@pytest.fixture
def commands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The command on PATH, as this interpreter runs it where it is not installed beside it."""
    folder = tmp_path / "commands"
    folder.mkdir()
    for name in ("codexa-git", "git-codexa"):
        command = folder / name
        run = f"PYTHONPATH={shlex.quote(str(ROOT))} exec {shlex.quote(sys.executable)}"
        command.write_text(f'#!/bin/sh\n{run} -m codexa_git "$@"\n')
        command.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return folder


@pytest.mark.slow
@pytest.mark.usefixtures("commands")
def test_two_runs_are_the_same_and_land_the_commit_that_they_always_land(tmp_path: Path) -> None:
    into = tmp_path / "demo"
    demo = [sys.executable, str(ROOT / "examples" / "demo.py"), f"--into={into}"]
    done = subprocess.run(demo, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert no_findings(into / "first" / "totals")
    assert ends_with_what_is_worth_opening(done.stdout, into / "first" / "totals")
    assert f"landed as {LANDING}\n" in done.stdout, "is it meant? then: make docs"
    assert (into / "session.txt").read_text() == WHOLE.read_text(), "then: make docs"


def ends_with_what_is_worth_opening(told: str, repository: Path) -> bool:
    """True where the last command that is told makes a page on which nothing is asked any more."""
    last = shlex.split(told.splitlines()[-1].removeprefix("$ "), comments=True)
    done = subprocess.run(last, cwd=repository, check=True, capture_output=True, text=True)
    page = (repository / done.stdout.strip()).read_text()
    return "Nothing waits for you" in page and "git codexa approve" not in page


def no_findings(repository: Path) -> bool:
    """True where `verify` finds nothing in what the demo made, its story included."""
    asked = ["git", "codexa", "verify", "--story"]
    done = subprocess.run(asked, cwd=repository, check=False, capture_output=True, text=True)
    return (done.returncode, done.stdout.splitlines()[-1:]) == (0, ["no findings"])


def test_what_readme_shows_is_what_the_commands_print_on_one_screen() -> None:
    shown = shown_in(README.read_text())
    assert excerpt(WHOLE.read_text(), shown) == shown
    lines = shown.splitlines()
    assert len(lines) <= 48
    assert [line for line in lines if len(line) > 80] == []


def test_an_excerpt_takes_what_commands_print_in_their_order() -> None:
    chosen = "$ git codexa advance\nold\n"
    assert excerpt(SESSION, chosen) == "$ git codexa advance\nthree\n"
    both = "$ git codexa advance  # why\n$ git codexa advance\n"
    assert [entry.said for entry in entries(excerpt(SESSION, both))] == ["one\ntwo", "three"]


@pytest.mark.parametrize("chosen", ["$ git push\n", "$ git add .\n$ git codexa advance  # why\n"])
def test_an_excerpt_of_what_is_not_run_in_that_order_is_refused(chosen: str) -> None:
    with pytest.raises(DemoError, match="does not run"):
        excerpt(SESSION, chosen)


def test_a_readme_without_an_excerpt_is_refused() -> None:
    with pytest.raises(DemoError, match="no excerpt"):
        shown_in("# codexa-git\n")


@pytest.mark.parametrize(
    ("other", "found"),
    [
        (SAME, []),
        (SAME._replace(audit={"audit/a": "x\nz"}), ["audit/a differs from line 2 on"]),
        (SAME._replace(audit={"audit/a": "x"}), ["audit/a differs from line 2 on"]),
        (
            SAME._replace(audit=SAME.audit | {"audit/b": "x"}),
            ["audit/b differs from line 1 on"],
        ),
        (
            SAME._replace(commits=("0" * 40, "2" * 40)),
            [f"commit 2 is {'1' * 40} in one and {'2' * 40} in the other"],
        ),
        (
            SAME._replace(commits=("0" * 40,)),
            [f"commit 2 is {'1' * 40} in one and None in the other"],
        ),
        (
            SAME._replace(refs={}),
            [f"refs/heads/main is {'1' * 40} in one and absent in the other"],
        ),
    ],
)
def test_every_difference_between_two_runs_is_named(other: Outcome, found: list[str]) -> None:
    assert list(differences(SAME, other)) == found


@pytest.fixture
def room(tmp_path: Path, commands: Path) -> Room:
    assert commands.is_dir()
    return Room(tmp_path / "room", tmp_path / "wheels")


@pytest.mark.parametrize(
    ("other", "status", "words"),
    [
        (SAME, 0, "the same ids"),
        (SAME._replace(audit={}), 1, "audit/a differs from line 1 on"),
    ],
)
def test_a_difference_makes_the_demo_fail(
    other: Outcome, status: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room = Room(tmp_path / "room", tmp_path / "wheels")
    assert judge(Screen(()), room, SAME, other, 1.0) == status
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    "step",
    [Step(0, "git init -q", ends=1), Step(0, "git --version", says="svn"), Step(0, "git x")],
)
def test_a_step_that_ends_otherwise_than_the_story_stops_it(room: Room, step: Step) -> None:
    furnish(room)
    with pytest.raises(DemoError, match="the story needs"):
        take(Screen(()), room, step, loud=False)


def test_an_edit_is_shown_as_what_a_person_would_type(room: Room) -> None:
    furnish(room)
    screen = Screen(())
    edit = Edit("a.txt", "a word", lambda folder: (folder / "a.txt").touch())
    take(screen, room, edit, loud=True)
    take(screen, room, Step(0, "git init -q", "begin"), loud=True)
    take(screen, room, Step(0, "ls a.txt"), loud=True)
    assert (
        screen.session == "$ $EDITOR a.txt  # a word\n$ git init -q  # begin\n$ ls a.txt\na.txt\n"
    )


def test_what_the_demo_points_to_can_be_typed_where_git_does_not_find_it_yet(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(room)
    screen = Screen(())
    judge(screen, room, SAME, SAME, 1.0)
    monkeypatch.setenv("PATH", os.defpath)
    typed = [line[2:] for line in screen.session.splitlines() if line.startswith("$ ")]
    plain = "\n".join(line for line in typed if "git log" not in line)
    script = plain.replace("log CH-001", "-h").replace("packet CH-001", "-h")
    assert "\nexport PATH=" in script
    done = subprocess.run(["sh", "-ec", script], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stdout[:6]) == (0, "Usage:"), done


def tree(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def test_a_room_is_furnished_anew_and_the_same(room: Room) -> None:
    furnish(room)
    before = tree(room.folder)
    (room.repository / "left.txt").write_text("from the run before")
    furnish(room)
    assert tree(room.folder) == before


def test_the_keys_of_a_room_are_real(room: Room) -> None:
    furnish(room)
    key = room.home / ".ssh" / "id_ed25519"
    derived = room.run(["ssh-keygen", "-y", "-f", str(key)]).output.split()
    assert derived[:2] == key.with_name("id_ed25519.pub").read_text().split()[:2]


def test_a_folder_that_no_demo_made_is_left_alone(room: Room) -> None:
    room.folder.mkdir()
    (room.folder / "mine.txt").write_text("mine")
    with pytest.raises(DemoError, match="no demo made it"):
        furnish(room)
    assert tree(room.folder) == {"mine.txt": b"mine"}


def test_a_room_without_the_command_says_what_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(DemoError, match="make demo installs it"):
        furnish(Room(tmp_path / "room", tmp_path))


def test_nothing_of_the_user_reaches_a_rooms_commands(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET", "x")
    monkeypatch.setenv("GIT_DIR", "x")
    furnish(room)
    said = room.run(["env"], minute=2).output
    assert "SECRET" not in said
    assert "GIT_DIR" not in said
    assert "SOURCE_DATE_EPOCH=1795428120\n" in said


def test_what_a_command_says_is_heard_line_by_line(room: Room) -> None:
    furnish(room)
    heard: list[str] = []
    said = room.run(["sh", "-c", "echo one; echo two >&2; exit 3"], heard=heard.append)
    assert said == (3, "one\ntwo\n")
    assert heard == ["one", "two"]


def test_wheels_that_cannot_be_had_leave_no_stamp(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    monkeypatch.delenv("PIP_CONFIG_FILE", raising=False)
    with pytest.raises(DemoError, match="cannot be downloaded"):
        fetch(tmp_path / "wheels")
    assert tree(tmp_path / "wheels") == {}
