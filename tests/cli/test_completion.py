"""What shells complete: asked of the program itself, and of each shell that is installed."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import click
import pytest
from cli.test_main import HEAVY, every_command
from scenarios.clone import ROOT, At, Clone

from codexa_git.cli.commands import COMMANDS
from codexa_git.cli.completing import FIRST, candidates, takes_change
from codexa_git.cli.completion import SHELLS, script

GIT_COMPLETION = Path("/usr/share/bash-completion/completions/git")


def offered(*words: str) -> list[str]:
    return [candidate.word or candidate.kind for candidate in candidates(words)]


@pytest.fixture
def here(at: At, monkeypatch: pytest.MonkeyPatch) -> Clone:
    """A repository in which CH-001 has landed, CH-002 is open, and two names are no ids."""
    clone = at("landed")
    for name in ("heads/change/CH-002", "heads/change/CH-010", "heads/change/$(reboot)"):
        clone.git("update-ref", f"refs/{name}", "HEAD")
    clone.git("update-ref", "refs/tags/landed/CH-x", "HEAD")
    monkeypatch.chdir(clone.folder)
    return clone


@pytest.fixture
def path(tmp_path: Path) -> str:
    """A PATH on which `codexa-git` is this checkout's."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "codexa-git"
    program.write_text(
        f"#!/bin/sh\nPYTHONPATH='{ROOT}' exec '{sys.executable}' -m codexa_git \"$@\"\n"
    )
    program.chmod(0o755)
    return f"{folder}:{os.environ['PATH']}"


class TestCandidates:
    def test_the_first_word_is_a_command(self) -> None:
        assert offered() == offered("") == list(COMMANDS)
        assert offered("sta") == ["status"]
        assert candidates(["sta"])[0].about == COMMANDS["status"].does
        assert "--version" in offered("--")

    @pytest.mark.usefixtures("here")
    @pytest.mark.parametrize(
        ("words", "found"),
        [
            (("status", ""), ["CH-002", "CH-010"]),
            (("status", "CH-01"), ["CH-010"]),
            (("log", ""), ["CH-001", "CH-002", "CH-010"]),
            (("log", "--json", ""), ["CH-001", "CH-002", "CH-010"]),
            (("concern", "raise", ""), ["CH-002", "CH-010"]),
            (("rework", "--to", "spec", "CH-"), ["CH-002", "CH-010"]),
            (("rework", "--to=spec", "CH-"), ["CH-002", "CH-010"]),
            (("status", "CH-002", ""), []),
            (("rework", "--to", "e"), ["execute"]),
            (("rework", "--to=e"), ["--to=execute"]),
            (("rework", "--to", "=", "e"), ["execute"]),
            (("rework", "--to", "="), ["frame", "spec", "execute", "validate", "package"]),
            (("concern", ""), ["list", "raise", "resolve"]),
            (("completion", ""), list(SHELLS)),
            (("open", "--brief", "x"), ["file"]),
            (("open", ""), []),
            (("milestone", ""), []),
            (("status", "--j"), ["--json"]),
            (("concern", "list", "--j"), ["--json"]),
            (("nothing", ""), []),
            (("nothing", "-"), []),
        ],
    )
    def test_each_place_has_its_own(self, words: tuple[str, ...], found: list[str]) -> None:
        assert sorted(offered(*words)) == sorted(found)

    def test_commands_told_of_beforehand_are_as_they_would_be_found(self) -> None:
        known = dict(every_command())
        assert FIRST.keys() <= COMMANDS.keys()
        assert all(takes_change(known[name]) or name == "clarify" for name in FIRST)
        takes = {name for name, command in known.items() if takes_change(command)}
        assert set(FIRST) <= takes

    def test_no_completed_text_is_a_strangers(self, here: Clone) -> None:
        here.git("update-ref", "refs/heads/change/CH-1\N{RIGHT-TO-LEFT OVERRIDE}", "HEAD")
        for name in FIRST:
            assert all(word[3:].isdecimal() for word in offered(name, ""))

    def test_outside_a_repository_nothing_is_offered_and_nothing_is_shown(
        self, tmp_path: Path
    ) -> None:
        answer = Clone(tmp_path).process("status", "", _CODEXA_COMPLETE="1")
        assert (answer.status, answer.out) == (3, "")

    def test_ids_are_answered_without_importing_a_command(self, here: Clone) -> None:
        script_ = (
            "import sys, json\n"
            "before = set(sys.modules)  # what measures coverage has imported by now\n"
            "from codexa_git.cli.main import main\n"
            "assert main(['status', 'CH-']) == 0\n"
            "print(json.dumps(sorted(set(sys.modules) - before)), file=sys.stderr)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script_],
            cwd=here.folder,
            env=os.environ | {"PYTHONPATH": str(ROOT), "_CODEXA_COMPLETE": "1"},
            capture_output=True,
            check=True,
        )
        loaded = set(json.loads(done.stderr.splitlines()[-1]))
        assert done.stdout == b"word\tCH-002\t\nword\tCH-010\t\n"
        assert not HEAVY & loaded
        assert not {"codexa_git.cli.status", "codexa_git.workflow", "tomllib"} & loaded

    def test_asking_does_nothing(self, here: Clone) -> None:
        before = here.git("for-each-ref")
        here.process("open", "a new change", _CODEXA_COMPLETE="1")
        assert here.git("for-each-ref") == before


def shell(name: str, program: str, folder: Path, path: str) -> str:
    if shutil.which(name) is None:
        pytest.skip(f"{name} is not installed")
    options = {"bash": ["--norc", "--noprofile"], "zsh": ["-f"], "fish": ["--no-config"]}[name]
    done = subprocess.run(
        [name, *options, "-c", program],
        cwd=folder,
        env=os.environ | {"PATH": path, "TERM": "dumb"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout


def bash(folder: Path, path: str, words: list[str], call: str = "_codexa_git") -> list[str]:
    quoted = " ".join(f"'{word}'" for word in words)
    program = (
        f"{script('bash')}\nCOMP_WORDS=({quoted}); COMP_CWORD={len(words) - 1}\n"
        f"{call} 2>/dev/null; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )
    return shell("bash", program, folder, path).splitlines()


class TestBash:
    @pytest.mark.parametrize(
        ("words", "found"),
        [
            (["codexa-git", "stat"], ["status"]),
            (["git-codexa", "status", ""], ["CH-002", "CH-010"]),
            (["git", "codexa", "stat"], ["status"]),
            (["git", "-C", ".", "codexa", "log", "CH-001"], ["CH-001"]),
            (["codexa-git", "rework", "--to", "=", "ex"], ["execute"]),
        ],
    )
    def test_words_are_completed(
        self, here: Clone, path: str, words: list[str], found: list[str]
    ) -> None:
        assert bash(here.folder, path, words) == found

    def test_the_function_that_git_calls_adds_the_space_that_git_does_not(
        self, here: Clone, path: str
    ) -> None:
        words = ["git", "codexa", "stat"]
        assert bash(here.folder, path, words, "_git_codexa") == ["status "]

    def test_git_itself_completes_our_command(self, here: Clone, path: str) -> None:
        if not GIT_COMPLETION.is_file():
            pytest.skip("git's completion is not installed")
        program = (
            f". {GIT_COMPLETION}\n{script('bash')}\n"
            "COMP_WORDS=(git codexa status CH-0); COMP_CWORD=3\n"
            'COMP_LINE="git codexa status CH-0"; COMP_POINT=22\n'
            "__git_wrap__git_main 2>/dev/null; printf '%s\\n' \"${COMPREPLY[@]}\""
        )
        assert shell("bash", program, here.folder, path).split() == ["CH-002", "CH-010"]

    def test_names_of_files_are_left_to_the_shell(self, here: Clone, path: str) -> None:
        assert bash(here.folder, path, ["codexa-git", "open", "--brief", "R"]) == [""]


class TestFish:
    @pytest.mark.parametrize(
        ("line", "found"),
        [
            ("codexa-git stat", [f"status\t{COMMANDS['status'].does}"]),
            ("git-codexa status ", ["CH-002", "CH-010"]),
            ("git codexa log CH-001", ["CH-001"]),
            ("git -C . codexa log CH-001", ["CH-001"]),
            ("codexa-git rework --to=ex", ["--to=execute"]),
            ("codexa-git open --brief gree", ["greet.sh"]),
        ],
    )
    def test_lines_are_completed(self, here: Clone, path: str, line: str, found: list[str]) -> None:
        asked = f"{script('fish')}\ncomplete --do-complete '{line}'"
        assert shell("fish", asked, here.folder, path).splitlines() == found


ZSH = """\
zmodload zsh/zpty
zpty shell 'zsh -f -i'
zpty -w shell 'autoload -Uz compinit && compinit -u -D; source completion.zsh; LISTMAX=0'
zpty -w shell 'probe() { zle complete-word; print -r -- "$BUFFER" > found; }'
zpty -w shell 'zle -N probe; bindkey "^T" probe'
zpty -n -w shell $'LINE\\C-t'
for (( n = 0; n < 600; n++ )) { zpty -r -t shell seen; [[ -s found ]] && break; sleep 0.1 }
zpty -d shell
cat found
"""


class TestZsh:
    @pytest.mark.parametrize(
        ("line", "found"),
        [
            ("codexa-git stat", "status"),
            ("codexa-git status CH-01", "CH-010"),
            ("git codexa log CH-001", "CH-001"),
        ],
    )
    def test_lines_are_completed(self, here: Clone, path: str, line: str, found: str) -> None:
        here.write("completion.zsh", script("zsh"))
        told = shell("zsh", ZSH.replace("LINE", line), here.folder, path)
        assert told.split()[-1] == found


def test_each_script_is_printed_whole(at: At) -> None:
    clone = at("empty")
    for name in SHELLS:
        assert clone.did("completion", name) == script(name)
    assert "is not one of" in clone.refused("completion", "tcsh", status=2)


def test_bash_reads_its_script_without_complaint(tmp_path: Path) -> None:
    place = tmp_path / "completion.bash"
    place.write_text(script("bash"))
    subprocess.run(["bash", "-n", str(place)], check=True)


def test_a_group_is_not_taken_for_a_command() -> None:
    groups = [name for name, command in every_command() if isinstance(command, click.Group)]
    assert groups
    assert not set(groups) & FIRST.keys()
