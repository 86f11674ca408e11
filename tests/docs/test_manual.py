"""The manual page: what git shows for `git codexa --help`."""

import os
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

from codexa_git.cli.commands import COMMANDS
from docs.writers.manual import _escaped, manual

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "man" / "git-codexa.1"


def shown(*command: str, **environment: str) -> str:
    done = subprocess.run(
        command,
        env=os.environ | {"MANWIDTH": "80", "MANPAGER": "cat", "TERM": "dumb"} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
def test_git_shows_it_for_help(tmp_path: Path) -> None:
    """As in an environment of Python's: `man` looks beside the folders of PATH."""
    place, programs = tmp_path / "share" / "man" / "man1", tmp_path / "bin"
    place.mkdir(parents=True)
    shutil.copy(PAGE, place)
    programs.mkdir()
    (programs / "git-codexa").write_text("#!/bin/sh\nexit 70\n")
    (programs / "git-codexa").chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    told = shown("git", "codexa", "--help", PATH=path, LC_ALL="C.UTF-8")
    assert told.startswith("GIT-CODEXA(1)")
    for command in COMMANDS.values():
        assert command.does in " ".join(told.split())


@pytest.mark.skipif(shutil.which("groff") is None, reason="groff is not installed")
def test_troff_finds_nothing_to_warn_of() -> None:
    assert shown("groff", "-man", "-Tutf8", "-ww", "-z", str(PAGE)) == ""


def test_the_wheel_puts_it_where_man_looks() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    shared = project["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
    assert shared == {"docs/man/git-codexa.1": "share/man/man1/git-codexa.1"}
    assert PAGE.is_file()


def test_every_command_has_its_section() -> None:
    text = manual()
    for name in COMMANDS:
        assert f".B {name}\n" in text
        assert f".SS git codexa {name}" in text


@pytest.mark.parametrize(
    ("text", "troff"),
    [
        (".so /etc/passwd", r"\&.so /etc/passwd"),
        ("a\n.br", "a\n\\&.br"),
        ("'quoted'", r"\(aqquoted\(aq"),
        (r"\fB--all\n", r"\efB\-\-all\en"),
    ],
)
def test_a_text_is_no_request_of_troffs(text: str, troff: str) -> None:
    assert _escaped(text) == troff
