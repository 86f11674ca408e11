import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from scenarios.clone import ROOT, At, Clone

from codexa_git.cli import main as boundary
from codexa_git.cli.commands import COMMANDS, codexa
from codexa_git.errors import CodexaError, Exit, RefusedError

HEAVY = {"pydantic", "jinja2", "rich", "cryptography", "git", "markdown_it", "junitparser"}


def every_command() -> list[tuple[str, click.Command]]:
    context = click.Context(codexa, info_name="git codexa")
    found = []
    for name in codexa.list_commands(context):
        command = codexa.get_command(context, name)
        assert command is not None
        found.append((name, command))
        if isinstance(command, click.Group):
            found += [(f"{name} {inner}", below) for inner, below in command.commands.items()]
    return found


def as_process(clone: Clone, *words: str, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "codexa_git", *words],
        cwd=clone.folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)} | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding=environment.get("PYTHONIOENCODING", "utf-8"),
        check=False,
    )


class TestHelp:
    def test_the_list_says_of_each_command_what_its_own_help_begins_with(self) -> None:
        for name, command in every_command():
            if name in COMMANDS:
                assert (command.help or "").split("\n\n")[0] == COMMANDS[name].does

    def test_every_command_has_an_example_that_calls_it(self) -> None:
        for name, command in every_command():
            if not isinstance(command, click.Group):
                assert (command.epilog or "").startswith(f"Example: git codexa {name}"), name

    def test_every_option_says_what_it_does_in_a_sentence(self) -> None:
        for name, command in every_command():
            for option in command.params:
                if isinstance(option, click.Option):
                    text = option.help or ""
                    assert text[:1].isupper(), (name, option.name)
                    assert text.endswith("."), (name, option.name)

    def test_help_fits_and_tells_the_exit_statuses(self, at: At) -> None:
        told = at("empty").did("--help")
        assert all(len(line) <= 80 for line in told.splitlines())
        for status in Exit:
            assert f" {int(status)} " in told.replace("\n", " ")

    @pytest.mark.parametrize("name", COMMANDS)
    def test_help_of_a_command_needs_no_repository(
        self, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.chdir(tmp_path)
        assert boundary.main([name, "--help"]) == Exit.YES


class TestExitStatus:
    def test_yes_no_usage_and_no_answer(self, at: At, tmp_path: Path) -> None:
        clone = at("planned")
        clone.did("status")
        clone.refused("advance", status=Exit.NO)
        clone.refused("advance", "CH-1", status=Exit.USAGE)
        clone.refused("nothing", status=Exit.USAGE)
        clone.refused("approve", "--loudly", status=Exit.USAGE)
        Clone(tmp_path).refused("status", status=Exit.NO_ANSWER)
        at("plain").refused("status", status=Exit.NO_ANSWER)

    @pytest.mark.parametrize("name", sorted(set(COMMANDS) - {"completion", "init", "replay"}))
    def test_no_command_but_init_answers_outside_a_repository(
        self, name: str, tmp_path: Path
    ) -> None:
        words = {
            "open": ("open", "title"),
            "clarify": ("clarify", "text"),
            "concern": ("concern", "list"),
            "backlog": ("backlog", "list"),
            "people": ("people", "list"),
            "policy": ("policy", "show"),
            "hooks": ("hooks", "status"),
            "server": ("server", "status"),
            "quick": ("quick", "title"),
            "revert": ("revert", "CH-001"),
            "waive": ("waive", "--test", "x", "-m", "y"),
            **{word: (word, "-m", "why") for word in ("withdraw", "rework", "abandon")},
        }.get(name, (name,))
        Clone(tmp_path).refused(*words, status=Exit.NO_ANSWER)

    def test_a_usage_error_names_the_help(self, at: At) -> None:
        told = at("empty").refused("status", "--nope", status=2)
        assert re.fullmatch(
            r"error: no such option:? '?--nope'?\nhint: git codexa status -h\n", told
        )

    @pytest.mark.parametrize(
        ("error", "status"),
        [
            (RefusedError("no"), 1),
            (click.UsageError("what?"), 2),
            (CodexaError("cannot tell"), 3),
            (ZeroDivisionError(), 70),
            (KeyboardInterrupt(), 130),
            (click.Abort(), 130),
        ],
    )
    def test_every_way_to_end_has_its_status(
        self,
        error: BaseException,
        status: int,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        def ends(*_: object, **__: object) -> None:
            raise error

        monkeypatch.setattr(codexa, "invoke", ends)
        assert boundary.main(["status"]) == status
        told = capsys.readouterr().err
        assert "error: " in told
        assert ("Traceback" in told) == (status == 70)

    def test_a_reader_that_goes_away_is_not_told_of(self, at: At) -> None:
        clone = at("landed")
        with clone.start("log", "CH-001", "--json") as process:
            assert process.stdout is not None
            process.stdout.close()
            assert process.stderr is not None
            assert process.stderr.read() == b""
            assert process.wait(30) == Exit.YES

    def test_ctrl_c_is_one_sentence(self, at: At) -> None:
        clone = at("adopted")
        place = clone.folder.parent / "slow"
        place.mkdir()
        slow = place / "git"
        slow.write_text(f"#!/bin/sh\n: > '{place}/started'\nexec sleep 30\n")
        slow.chmod(0o755)
        with clone.start("status", PATH=f"{place}:{os.environ['PATH']}") as process:
            while not (place / "started").exists():
                time.sleep(0.01)
            os.killpg(process.pid, signal.SIGINT)
            _, err = process.communicate(timeout=30)
        assert (process.returncode, err) == (Exit.INTERRUPTED, b"error: interrupted\n")


def loaded_by(clone: Clone, words: tuple[str, ...], status: int = Exit.YES) -> set[str]:
    """The modules that a command has imported once it ends with this status."""
    script = (
        "import sys, json\n"
        "from codexa_git.cli.main import main\n"
        f"assert main({list(words)!r}) == {int(status)}\n"
        "print(json.dumps(sorted(sys.modules)), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=clone.folder,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=True,
    )
    return set(json.loads(done.stderr.splitlines()[-1]))


class TestStart:
    @pytest.mark.parametrize("words", [("status", "--json"), ("--help",), ("--version",)])
    def test_what_only_reads_imports_nothing_heavy(self, at: At, words: tuple[str, ...]) -> None:
        clone = at("validated")
        clone.did("status")
        loaded = loaded_by(clone, words)
        assert not HEAVY & loaded
        assert not {"codexa_git.gate.case", "codexa_git.workflow.changes.moment"} & loaded
        assert ("codexa_git.repository.store" in loaded) == (words[0] == "status")

    def test_a_paper_that_nobody_changed_is_not_read_as_markdown_again(self, at: At) -> None:
        clone = at("planned")
        design = "changes/CH-001/design.md"
        quoted = clone.read(design) + "\n> which is not read plainly\n"
        clone.commit({design: quoted}, "say more")
        shutil.rmtree(clone.folder / ".git" / "codexa" / "papers", ignore_errors=True)
        first, again = (loaded_by(clone, ("advance",), Exit.NO) for _ in range(2))
        assert "markdown_it" in first
        assert "codexa_git.gate.case" in again
        assert not HEAVY & again


class TestScreens:
    def test_a_pipe_gets_no_colour_and_utf_8(self, at: At) -> None:
        done = as_process(at("planned"), "status", PYTHONIOENCODING="utf-8")
        assert done.returncode == 0
        assert "frame ✓   spec ●" in done.stdout
        assert "\x1b" not in done.stdout

    def test_an_encoding_without_the_marks_gets_ascii(self, at: At) -> None:
        clone = at("planned")
        done = as_process(clone, "status", PYTHONIOENCODING="ascii")
        assert "frame +   spec *   execute .   validate .   package .   cleanup ." in done.stdout
        assert "  + plan seeded" in done.stdout
        assert "  x plan approved" in done.stdout
        assert done.stdout.isascii()

    def test_a_title_that_the_encoding_lacks_ends_no_command(self, at: At) -> None:
        clone = at("enforced")
        clone.did("open", "größer 大")
        done = as_process(clone, "status", PYTHONIOENCODING="latin-1")
        assert done.returncode == 0
        assert "CH-001  größer \\u5927 " in done.stdout
        listed = as_process(clone, "status", "--json", PYTHONIOENCODING="ascii")
        assert json.loads(listed.stdout)["changes"][0]["title"] == "größer 大"
