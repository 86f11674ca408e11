"""Every command that a document tells people to type is one, with those options."""

import re
import shlex
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path

import click
import pytest

from codexa_git.cli.commands import codexa

ROOT = Path(__file__).parents[2]
FENCED = re.compile(r"^```(?:sh)?\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"`((?:codexa-git|git codexa) [^`]+)`")
CALL = re.compile(r"(?:\$ )?(?:codexa-git|git codexa) (.+)")


def documents() -> list[Path]:
    """What people write here; the reference is written from the commands themselves."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "examples").rglob("*.md")]
    return [path for path in found if "reference" not in path.parts]


def calls(text: str) -> Iterator[list[str]]:
    """Every call of ours that stands in a text, as its words."""
    for block in FENCED.findall(text):
        lines = block.replace("\\\n", " ").splitlines()
        yield from (words(match[1]) for line in lines if (match := CALL.fullmatch(line)))
    for span in SPAN.findall(FENCED.sub("", text)):
        match = CALL.fullmatch(" ".join(span.split()))
        assert match
        yield words(match[1])


def words(line: str) -> list[str]:
    """A command line's words, up to a pipe."""
    return list(takewhile(lambda word: word != "|", shlex.split(line, comments=True)))


def problem(call: list[str]) -> str | None:
    """Why this is nothing that one could type; a command's bare name may be spoken of."""
    command: click.Command = codexa
    context = click.Context(codexa, info_name="codexa-git")
    rest = list(call)
    while isinstance(command, click.Group) and rest and not rest[0].startswith("-"):
        found = command.get_command(context, rest[0])
        if found is None:
            return f"{' '.join(call)}: there is no {rest[0]}"
        command, context = found, click.Context(found, parent=context, info_name=rest.pop(0))
    if not rest:
        return None
    try:
        with command.make_context(call[0], rest, parent=context.parent):
            return None
    except click.ClickException as error:
        return f"{' '.join(call)}: {error.format_message()}"
    except click.exceptions.Exit as end:
        return None if end.exit_code == 0 else f"{' '.join(call)}: {end.exit_code}"


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_every_command_that_is_told_of_can_be_typed(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT / "examples" / "totals")  # a path in a document is seen from there
    told = list(calls(path.read_text(encoding="utf-8")))
    assert [wrong for call in told if (wrong := problem(call))] == []


def test_every_example_of_a_command_can_be_typed() -> None:
    text = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("Example")]
    examples = list(calls("\n".join(lines)))
    assert len(examples) > 10
    assert [wrong for call in examples if (wrong := problem(call))] == []


def test_the_documents_do_tell_of_commands() -> None:
    told = [call for path in documents() for call in calls(path.read_text(encoding="utf-8"))]
    assert len(told) > 50


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("`codexa-git approve`", None),
        ("`git codexa approve --dry-run CH-001`", None),
        ("```\ncodexa-git log CH-001 | head # the story\n```", None),
        ("```sh\ncodexa-git open 'a b' \\\n    --scope x\n```", None),
        ("`codexa-git vary`", "there is no vary"),
        ("`codexa-git approve --quickly`", "No such option"),
        ("`codexa-git rework --to spec`", "Missing option"),
        ("`codexa-git rework --to home -m why`", "'home' is not one of"),
        ("`codexa-git concern settle CN-1`", "there is no settle"),
        ("`codexa-git land CH-001 CH-002`", "unexpected extra argument"),
    ],
)
def test_a_command_that_nobody_could_type_is_told(text: str, wrong: str | None) -> None:
    (call,) = calls(text)
    found = problem(call)
    assert found is None if wrong is None else found is not None and wrong in found
