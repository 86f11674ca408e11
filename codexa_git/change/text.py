"""Text that strangers wrote: what may be a title, how text goes into Markdown, how it is shown.

A title travels far: into commit subjects, pages, terminals and mail. So it is one line without
control characters and without marks that turn the direction of reading, and wherever it goes into
Markdown it is escaped, so that it can forge no heading, list item, comment or page marker.
"""

import re
from collections.abc import Iterable

from codexa_git.errors import UsageError

LONGEST_TITLE = 72

_TURNS = "\u202a-\u202e\u2066-\u2069"
_CONTROLS = "\x00-\x1f\x7f-\x9f\u2028\u2029"
_UNSEEN = "\u00ad\u061c\u200b\u200e\u200f\u2060-\u2064\ufeff"
_UNSEEN += "\ufff9-\ufffb\ufffe\uffff\U000e0000-\U000e007f"
_ODD = f"[{_CONTROLS}{_TURNS}{_UNSEEN}\ud800-\udfff]"
_ODD_IN_LINES = f"(?![\t\n])[{_CONTROLS}{_TURNS}{_UNSEEN}\ud800-\udfff]"
_REFUSED_IN_PAPERS = f"(?![\t\n])[{_CONTROLS}{_TURNS}]"
_SPECIAL = r"""(?x)[\\`*\[\]|~]                 # code, emphasis, links, cells, escapes
    | (?<![0-9A-Za-z])_ | _(?![0-9A-Za-z])       # emphasis again, where it can be one
    | ^\#+$ | ^[-+=>#] | ^[0-9]{1,9}(?=[.)](?:\s|$))     # the start of another kind of block
    | (?<!\#)\#+$                                # the end of a heading
    """
_MAY_ACT = frozenset("\\`*[]|~_#&<")
_MAY_ACT_FIRST = ("-", "+", "=", ">", *"0123456789")
"""What any sign that is escaped holds: most text holds none, and is soon seen to."""
_ENTITY = r"&(?=#?[0-9A-Za-z]+;)"


def one_line(text: str) -> str:
    """`text` with every stretch of white space as one space, and none at the ends."""
    return " ".join(text.split())


def oddity(text: str) -> str | None:
    """The first character that has no place in a line of text, as an escape; `None` if all fit."""
    match = re.search(_ODD, text)
    return _shown(match) if match else None


def clean_title(text: str) -> str:
    """The title that `text` is: one line of 1 to 72 characters, spaces at its ends left out.

    Raises:
        UsageError: it is empty or too long, or holds a line break, a control character, or a
            character that hides or turns what is read.
    """
    if odd := oddity(text):
        raise UsageError(
            f"a title is one line of plain text, and this one holds {odd}",
            hint="write it without line breaks and invisible characters",
        )
    title = one_line(text)
    if not title:
        raise UsageError("a title cannot be empty", hint="say in a few words what changes")
    if len(title) > LONGEST_TITLE:
        raise UsageError(
            f"a title has at most {LONGEST_TITLE} characters, and this one has {len(title)}",
            hint="the brief has room for the rest",
        )
    return title


def counted(number: int, word: str, words: str | None = None) -> str:
    """`1 task`, `2 tasks`; `words` is the plural where it is not the word with an s."""
    return f"{number} {word if number == 1 else words or word + 's'}"


def clipped(text: str, longest: int = LONGEST_TITLE) -> str:
    """`text`; where it is longer than `longest` characters, cut at a space and ending in `...`."""
    if len(text) <= longest:
        return text
    head = text[: longest - 2]
    return (head.rsplit(" ", 1)[0] if " " in head else head[:-1]) + "..."


def escaped(text: str) -> str:
    """One line of plain text as the Markdown that reads as this text, and as nothing else."""
    if _MAY_ACT.isdisjoint(text) and not text.startswith(_MAY_ACT_FIRST):
        return text
    safe = re.sub(_ENTITY, "&amp;", re.sub(_SPECIAL, _backslashed, text))
    return safe.replace("<", "&lt;")


def code_span(text: str) -> str:
    """One line of any text as a Markdown code span, with escapes for what would act or hide."""
    shown = re.sub(_ODD, _shown, text)
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", shown)), default=0))
    is_edged = shown[:1] == shown[-1:] == " " and bool(shown.strip(" "))
    if not shown or "`" in (shown[0], shown[-1]) or is_edged:
        shown = f" {shown} "
    return f"{fence}{shown}{fence}"


def visible(text: str) -> str:
    """`text` with escapes for characters that would act or hide, line breaks and tabs aside."""
    return re.sub(_ODD_IN_LINES, _shown, text)


def refused_in_papers(text: str) -> tuple[int, str] | None:
    """The line and the escape of the first character that no paper may hold; `None` if all may."""
    match = re.search(_REFUSED_IN_PAPERS, text)
    return (text.count("\n", 0, match.start()) + 1, _shown(match)) if match else None


def _backslashed(match: "re.Match[str]") -> str:
    found = match[0]
    if found[0].isdigit():
        return f"{found}\\"
    return "".join(f"\\{sign}" for sign in found)


def _shown(match: "re.Match[str]") -> str:
    number = ord(match[0])
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"


def among(names: Iterable[str], *, every: bool) -> str:
    """Some people in a sentence: `a or b`, and `a and b` where it takes all of them."""
    return (" and " if every else " or ").join(names)
