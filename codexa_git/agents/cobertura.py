"""Reading a Cobertura report that code under test has written: hostile until it is values.

What it says is a claim, and stays one. `xml.parsers.expat` reads it as a stream, so nothing is held
but names and numbers. A document type may be named, for many tools name one; it is never fetched,
and one that declares anything itself is refused, so there are no entities in any encoding.
"""

import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import NamedTuple
from xml.parsers import expat

from codexa_git.errors import AgentError

MOST = 32 << 20
_DEEPEST = 64
_MOST_SOURCES = 100
_MOST_FILES = 100_000
_LONGEST = 4096
_MOST_TO_JOIN = 100_000_000
"""So many characters may be looked at to join each name to each source, and 64 a pair besides."""
_NUMBER = re.compile(r"[0-9]{1,20}")

Lines = Mapping[int, bool]
"""The lines of a file that can be run, each by its number: whether it was."""


class Reported(NamedTuple):
    """What one report says: the folders that names start from, and each name's lines."""

    sources: tuple[str, ...]
    files: Mapping[str, Lines]


def read_coverage(xml: bytes) -> Reported:
    """What the report says, as it says it.

    Raises:
        AgentError: it is no Cobertura report, or not one that a tool would write.
    """
    if len(xml) > MOST:
        raise AgentError(f"the coverage report is larger than {MOST} bytes")
    reader = _Reader()
    try:
        reader.parser.Parse(xml, True)  # noqa: FBT003 - positional by definition
    except expat.ExpatError as error:
        raise AgentError(f"the coverage report is not XML: line {error.lineno}") from error
    except (ValueError, LookupError) as error:
        raise AgentError("the coverage report is in an encoding that is not known") from error
    sources = tuple(dict.fromkeys(reader.sources))
    _check(_to_join(sources, reader.files) <= _MOST_TO_JOIN, "names too many files and sources")
    return Reported(sources, reader.files)


def _to_join(sources: Collection[str], names: Collection[str]) -> int:
    pairs = len(sources) * len(names)
    return 64 * pairs + len(sources) * sum(map(len, names)) + len(names) * sum(map(len, sources))


def located(reported: Reported, folder: str, has: Callable[[str], bool]) -> Mapping[str, Lines]:
    """The report's lines by path below `folder`, where the tests ran; `has` says what is there.

    Nothing is looked up on disk: names are joined and compared as texts. A name that leads nowhere,
    out of the folder, or from two sources to two files, counts for nothing.
    """
    found: dict[str, dict[int, bool]] = {}
    for name, lines in reported.files.items():
        path = _place(name, reported.sources, folder, has)
        if path is not None:
            known = found.setdefault(path, {})
            for number, ran in lines.items():
                known[number] = known.get(number, False) or ran
    return found


def either(one: Lines, other: Lines) -> dict[int, bool]:
    """The lines of both, run where one of the two says so."""
    return {n: one.get(n, False) or other.get(n, False) for n in one.keys() | other.keys()}


def both(one: Lines, other: Lines) -> dict[int, bool]:
    """The lines of both, run where each of the two says so."""
    return {n: one.get(n, False) and other.get(n, False) for n in one.keys() | other.keys()}


def _place(
    name: str, sources: Iterable[str], folder: str, has: Callable[[str], bool]
) -> str | None:
    known = {path for source in sources if (path := _below(source, name, folder)) and has(path)}
    if known:
        return known.pop() if len(known) == 1 else None
    path = _below("", name, folder)
    return path if path and has(path) else None


def _below(source: str, name: str, folder: str) -> str | None:
    """The path below `folder` of a name that starts from a source; `None` where it leads out."""
    full = posixpath.normpath(posixpath.join(folder, source, name))
    path = full.removeprefix(f"{folder}/")
    return None if path == full else path


class _Reader:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._document_type
        self.parser.EntityDeclHandler = self._entity
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.sources: list[str] = []
        self.files: dict[str, dict[int, bool]] = {}
        self._open: list[str] = []
        self._lines: dict[int, bool] | None = None

    def _document_type(self, _: str, __: object, ___: object, declares: int) -> None:
        if declares:
            raise AgentError("the coverage report declares entities or elements of its own")

    def _entity(self, *_: object) -> None:
        raise AgentError("the coverage report declares entities or elements of its own")

    def _start(self, name: str, given: dict[str, str]) -> None:
        if not self._open and name != "coverage":
            raise AgentError("the coverage report is not a Cobertura report")
        self._open.append(name)
        if len(self._open) > _DEEPEST:
            raise AgentError(f"the coverage report is nested deeper than {_DEEPEST} elements")
        if name == "source":
            self.sources.append("")
            _check(len(self.sources) <= _MOST_SOURCES, f"has more than {_MOST_SOURCES} sources")
        elif name == "class":
            self._lines = self.files.setdefault(_name(given.get("filename", "")), {})
            _check(len(self.files) <= _MOST_FILES, f"names more than {_MOST_FILES} files")
        elif name == "line":
            self._line(given)

    def _line(self, given: dict[str, str]) -> None:
        if self._lines is None:
            raise AgentError("the coverage report has lines outside of any class")
        number, hits = (_number(given.get(name, "")) for name in ("number", "hits"))
        self._lines[number] = self._lines.get(number, False) or hits > 0

    def _end(self, name: str) -> None:
        self._open.pop()
        if name == "class":
            self._lines = None

    def _text(self, text: str) -> None:
        if self._open[-1] == "source":
            self.sources[-1] = _name(self.sources[-1] + text, empty=True)


def _check(holds: bool, problem: str) -> None:  # noqa: FBT001 - the question itself
    if not holds:
        raise AgentError(f"the coverage report {problem}")


def _name(text: str, *, empty: bool = False) -> str:
    _check(bool(text) or empty, "has a class without a filename")
    _check(len(text) <= _LONGEST and "\0" not in text, "has a name that no file can have")
    return text


def _number(text: str) -> int:
    _check(bool(_NUMBER.fullmatch(text)), f"has {text[:20]!a} where a number belongs")
    return int(text)
