"""Commit messages: a subject, a body, and a last paragraph of trailers, read strictly.

Git's own trailer parser depends on its reader's configuration and on text after `---`, so what a
message says is decided here.
"""

import re
from collections.abc import Sequence

from codexa_git.errors import RepositoryError

_KEY = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_LINE = re.compile(r"([A-Za-z][A-Za-z0-9-]*): (\S(?:.*\S)?)")
_OURS = "codexa-"


def format_message(subject: str, body: str, trailers: Sequence[tuple[str, str]]) -> bytes:
    """The bytes of a message whose trailers are exactly these, whatever subject and body hold."""
    title = _printable(" ".join(subject.split())).strip()
    if not title:
        raise RepositoryError("a commit message needs a subject")
    paragraphs = [title]
    if text := _body(body, last=not trailers):
        paragraphs.append(text)
    if trailers:
        paragraphs.append("\n".join(_trailer(key, value) for key, value in trailers))
    return ("\n\n".join(paragraphs) + "\n").encode()


def parse_trailers(message: bytes) -> tuple[tuple[str, str], ...]:
    """The trailers of a message, in order: all lines of its last paragraph, or none.

    The first paragraph is the subject and never a trailer; keys keep their case.
    """
    try:
        text = message.decode("utf-8")
    except UnicodeDecodeError:
        return ()
    before, separator, last = text.rstrip("\n").rpartition("\n\n")
    matches = [_LINE.fullmatch(line) for line in last.split("\n")]
    if not separator or not before.strip() or not last.replace("\n", "").isprintable():
        return ()
    if not all(matches):
        return ()
    return tuple((match[1], match[2]) for match in matches if match)


def _trailer(key: str, value: str) -> str:
    line = f"{key}: {value}"
    if not _KEY.fullmatch(key) or not _LINE.fullmatch(line) or not line.isprintable():
        raise RepositoryError(f"a trailer cannot hold {line[:80]!r}")
    return line


def _body(body: str, *, last: bool) -> str:
    """The body with every line that could be taken for a trailer set in by a space."""
    lines = [_printable(line.rstrip()) for line in body.replace("\r\n", "\n").split("\n")]
    text = "\n".join(f" {line}" if _claims(line) else line for line in lines).strip("\n")
    before, separator, end = text.rpartition("\n\n")
    if last and all(map(_LINE.fullmatch, end.split("\n"))):
        end = "\n".join(f" {line}" for line in end.split("\n"))
    return f"{before}{separator}{end}" if text else ""


def _claims(line: str) -> bool:
    # `git log --grep` looks at whole messages, so a body must not speak for the tool anywhere.
    return line.lower().startswith(_OURS)


def _printable(line: str) -> str:
    """The line without control characters, which move a reader's cursor."""
    return "".join(char for char in line if char.isprintable() or char == "\t")
