"""Slash commands: the one line of a comment that asks for something, told from its prose.

A comment may say anything around it. What counts is one line that a reader sees as plain text in a
paragraph of its own level and that begins with `/` and a word: nothing in a quote, a list, a table,
a heading, code, or a hidden HTML comment. Where a comment is not clear, nothing is done.
"""

import re
from collections.abc import Iterator
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, assert_never

from codexa_git.audit.ids import parse_change_id
from codexa_git.change.text import refused_in_papers
from codexa_git.errors import UsageError

if TYPE_CHECKING:
    from markdown_it.token import Token

LONGEST = 65_536
_COMMAND = re.compile(r"/([A-Za-z][A-Za-z-]*)(?=[ \t]|$)")
_ANYWHERE = re.compile(r"^[ \t>*+\-0-9.)]*`{0,3}/[A-Za-z][A-Za-z-]*(?=[ \t`]|$)", re.MULTILINE)
_LABEL = re.compile(r"Q-[1-9][0-9]{0,5}")
_LIKE_CHANGE = re.compile(r"[Cc][Hh]-[0-9]+")


class Word(StrEnum):
    """The slash commands. The words are stored, and never change meaning."""

    STATUS = "status"
    CLARIFY = "clarify"
    APPROVE = "approve"
    WAIVE = "waive"
    CONCERN = "concern"
    ADVANCE = "advance"
    HELP = "help"


USAGE: dict[Word, tuple[str, str]] = {
    Word.STATUS: ("/status [CH-###]", "where a change stands, and whose move it is"),
    Word.CLARIFY: (
        "/clarify [CH-###] [--answer Q-#] text",
        "asks a question, or answers one",
    ),
    Word.APPROVE: ("/approve CH-###", "approves what waits; without a key at hand, asks for it"),
    Word.WAIVE: ("/waive CH-### test -- reason", "lets a failing test pass unpassed"),
    Word.CONCERN: ("/concern [CH-###] text", "raises a concern, which blocks closing"),
    Word.ADVANCE: ("/advance [CH-###]", "the next step of the stage"),
    Word.HELP: ("/help", "this list"),
}
"""How each command is written, and what it does."""


class Slash(NamedTuple):
    """One command as it was asked: `change` is `None` for the one at hand.

    `line` is the line as it was written, `text` a question, an answer, a concern or a reason;
    `label` names the question that is answered, `test` the test that is waived.
    """

    word: Word
    line: str
    change: str | None = None
    text: str = ""
    label: str | None = None
    test: str = ""


class Said(NamedTuple):
    """A command with who said it and where: `local`, or a `comment` on a pull request.

    Nothing proves who wrote a comment, so what a comment says is only ever asked for.
    """

    slash: Slash
    source: str
    asker: str
    pull_request: int | None = None

    @property
    def data(self) -> dict[str, Any]:
        """What the record of it holds."""
        return {
            "command": str(self.slash.word),
            "text": self.slash.line,
            "from": self.source,
            "asker": self.asker,
            "pull_request": self.pull_request,
        }


def parse_comment(comment: bytes) -> Slash:
    """The one command that a comment holds.

    Raises:
        UsageError: it holds none, or several, or one that is not written as commands are; or it
            is too long, no text, or holds characters that hide or turn what is read.
    """
    text = _decoded(comment)
    lines = tuple(_command_lines(text))
    if len(lines) == 1:
        return parse_line(lines[0])
    if lines:
        raise UsageError(
            f"this holds {len(lines)} commands, and one is done at a time, so none was",
            hint="one comment, one command",
        )
    if _ANYWHERE.search(text):
        raise UsageError(
            "the command stands in a quote, a list, a heading or code, so nothing was done",
            hint="write it at the start of a line of its own, in plain text",
        )
    raise UsageError("this holds no command", hint=_HINT)


_HINT = "commands: " + ", ".join(f"/{word}" for word in Word)


def _decoded(comment: bytes) -> str:
    if len(comment) > LONGEST:
        raise UsageError(
            f"a comment of more than {LONGEST} bytes is not read",
            hint="say it in a comment of its own",
        )
    try:
        text = comment.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UsageError("this is not text in UTF-8", hint="write it as plain text") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if odd := refused_in_papers(text):
        raise UsageError(
            f"line {odd[0]} holds {odd[1]}, which hides or turns what is read",
            hint="write it as plain text",
        )
    return text


def _command_lines(text: str) -> Iterator[str]:
    """The lines that a reader sees as commands.

    Raises:
        UsageError: a paragraph shows other such lines than it is written in, as where code or a
            tag goes over a line end.
    """
    for paragraph in _paragraphs(text):
        written = [line.strip(" \t") for line in paragraph.content.split("\n")]
        commands = [line for line in written if _COMMAND.match(line)]
        if len(commands) != sum(1 for line in _shown(paragraph) if _COMMAND.match(line)):
            raise UsageError(
                "the command stands in code or in a tag, so nothing was done",
                hint="write it at the start of a line of its own, in plain text",
            )
        yield from commands


def _paragraphs(text: str) -> Iterator["Token"]:
    """What paragraphs hold that lie in nothing else."""
    from markdown_it import MarkdownIt  # noqa: PLC0415

    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    for before, token in pairwise(tokens):
        if token.type == "inline" and before.type == "paragraph_open" and before.level == 0:
            yield token


def _shown(paragraph: "Token") -> list[str]:
    """The paragraph's lines as shown; one that begins with anything but plain text begins odd."""
    lines = [""]
    for child in paragraph.children or ():
        if child.type in ("softbreak", "hardbreak"):
            lines.append("")
        elif child.type == "text":
            lines[-1] += child.content
        elif child.type == "code_inline":
            lines[-1] += f"`{child.content}`"
        else:
            lines[-1] += "\0"
    return [_before_markup(line) for line in lines]


def _before_markup(line: str) -> str:
    """The line up to its first markup: `/status **now**` is a command, `**/status**` is none."""
    head, mark, _ = line.strip(" \t").partition("\0")
    return f"{head} " if mark and head.endswith(tuple(" \t")) else line.strip(" \t")


def parse_line(line: str) -> Slash:
    """The command that this line is.

    Raises:
        UsageError: no command is called so, or it is not written as it should be.
    """
    match = _COMMAND.match(line)
    if match is None or match[1] not in tuple(Word):
        said = line.split(" ", maxsplit=1)[0][:40]
        raise UsageError(f"there is no command {said!a}", hint=_HINT)
    word = Word(match[1])
    rest = line[match.end() :].strip(" \t")
    match word:
        case Word.HELP:
            return _bare(Slash(word, line), rest)
        case Word.STATUS | Word.ADVANCE:
            change, rest = _change(rest)
            return _bare(Slash(word, line, change), rest)
        case Word.APPROVE:
            return _bare(Slash(word, line, _needed(word, rest)), _change(rest)[1])
        case Word.CONCERN:
            change, rest = _change(rest)
            return Slash(word, line, change, _said(word, rest))
        case Word.CLARIFY:
            return _clarify(line, rest)
        case Word.WAIVE:
            return _waive(line, rest)
        case _:
            assert_never(word)


def _change(rest: str) -> tuple[str | None, str]:
    """The change that is named first, if one is, and what follows."""
    first, _, more = rest.partition(" ")
    if not _LIKE_CHANGE.fullmatch(first):
        return None, rest
    return parse_change_id(first), more.strip(" \t")


def _needed(word: Word, rest: str) -> str:
    change, _ = _change(rest)
    if change is None:
        raise _unlike(word, "it has to name the change")
    return change


def _bare(slash: Slash, rest: str) -> Slash:
    if rest:
        raise _unlike(slash.word, f"{rest[:40]!a} has no place in it")
    return slash


def _said(word: Word, text: str) -> str:
    if not text:
        raise _unlike(word, "it has to say something")
    return text


def _unlike(word: Word, why: str) -> UsageError:
    return UsageError(f"this is not how /{word} is written: {why}", hint=USAGE[word][0])


def _clarify(line: str, rest: str) -> Slash:
    change, rest = _change(rest)
    label = None
    if rest == "--answer" or rest.startswith("--answer "):
        label, _, rest = rest.removeprefix("--answer").strip(" \t").partition(" ")
        if not _LABEL.fullmatch(label):
            raise _unlike(Word.CLARIFY, "--answer names a question, such as Q-1")
        if change is None:
            raise _unlike(Word.CLARIFY, "an answer has to name the change")
    return Slash(Word.CLARIFY, line, change, _said(Word.CLARIFY, rest.strip(" \t")), label)


def _waive(line: str, rest: str) -> Slash:
    change = _needed(Word.WAIVE, rest)
    test, dashes, reason = _change(rest)[1].partition(" -- ")
    if not dashes or not test.strip() or not reason.strip():
        raise _unlike(Word.WAIVE, "it names the change, one failing test, and after -- the reason")
    return Slash(Word.WAIVE, line, change, reason.strip(), None, test.strip())
