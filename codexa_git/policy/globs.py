"""Globs, as policy writes paths: exact, case-sensitive, and with no surprises.

A pattern is matched against a whole path, segment by segment:

- `*` is any run of characters within one segment, perhaps none; dots are not special;
- `?` is exactly one character within one segment;
- `**` stands alone as a segment and is any number of whole segments, perhaps none, so
  `docs/**` is everything under `docs` and whatever stands in the folder's own place (a link, a
  submodule), `**/x` is `x` anywhere, and `**` is every path;
- every other character is itself.

What shells disagree on is refused instead of guessed: brackets, braces, backslashes, a leading `!`
or `/`, a trailing `/`, empty segments, `.` and `..`. No regular expressions: a match takes at most
the product of the two lengths at each of the two levels, whatever the pattern.
"""

from collections.abc import Callable, Sequence
from functools import lru_cache

from codexa_git.values import NamedTuple, TypeVar

_T = TypeVar("_T")
_REFUSED = "[]{}\\"
_LONGEST = 500


def glob_mistake(pattern: str) -> str | None:
    """What is wrong with `pattern`, as a sentence; `None` for a pattern that may be used."""
    if not pattern or len(pattern) > _LONGEST:
        return f"a path pattern has 1 to {_LONGEST} characters"
    if not pattern.isprintable():
        return f"the path pattern {pattern!a} holds characters that do not print"
    if pattern.startswith(("/", "!")) or any(mark in _REFUSED for mark in pattern):
        return f"the path pattern '{pattern}' may not use brackets, braces, \\, a leading ! or /"
    for segment in pattern.split("/"):
        if segment in ("", ".", ".."):
            return f"the path pattern '{pattern}' has an empty, '.' or '..' segment"
        if "**" in segment and segment != "**":
            return f"in the path pattern '{pattern}', ** has to stand alone between slashes"
    return None


class Globs(NamedTuple):
    """Patterns sorted by how they are asked: most paths are turned away by looking in three sets.

    `paths` are patterns without wildcards, `folders` the `x` of `x/**`, `names` the `x` of `**/x`,
    and `others` the segments of all the rest.
    """

    paths: frozenset[str]
    folders: frozenset[str]
    names: frozenset[str]
    others: tuple[tuple[str, ...], ...]


def matches(pattern: str, path: str) -> bool:
    """True where `pattern` is a pattern for `path`."""
    return matches_any((pattern,), path)


def matches_any(patterns: tuple[str, ...], path: str) -> bool:
    """True where one of `patterns` is a pattern for `path`."""
    globs = compiled(patterns)
    if path in globs.paths:
        return True
    segments = path.split("/")
    return (
        segments[0] in globs.folders
        or segments[-1] in globs.names
        or any(_fits(other, segments) for other in globs.others)
    )


def _fits(pattern: tuple[str, ...], segments: list[str]) -> bool:
    """True where the segments fit; by number alone where none of the pattern stands for several."""
    if len(pattern) != len(segments) and "**" not in pattern:
        return False
    return _aligned(pattern, segments, _is_any_segments, _segment_fits)


@lru_cache(maxsize=256)
def compiled(patterns: tuple[str, ...]) -> Globs:
    """`patterns`, taken apart once."""
    paths, folders, names = set(), set(), set()
    others: list[tuple[str, ...]] = []
    for segments in map(_segments, patterns):
        match segments:
            case _ if not _is_wild(*segments):
                paths.add("/".join(segments))
            case (folder, "**") if not _is_wild(folder):
                folders.add(folder)
            case ("**", name) if not _is_wild(name):
                names.add(name)
            case _:
                others.append(segments)
    return Globs(frozenset(paths), frozenset(folders), frozenset(names), tuple(others))


def _segments(pattern: str) -> tuple[str, ...]:
    """The segments of `pattern`; runs of `**` are one, which means the same."""
    segments: list[str] = []
    for segment in pattern.split("/"):
        if segment != "**" or segments[-1:] != ["**"]:
            segments.append(segment)
    return tuple(segments)


def _is_wild(*segments: str) -> bool:
    return any("*" in segment or "?" in segment for segment in segments)


def _is_any_segments(segment: str) -> bool:
    return segment == "**"


def _is_any_characters(character: str) -> bool:
    return character == "*"


def _segment_fits(pattern: str, segment: str) -> bool:
    if not _is_wild(pattern):
        return pattern == segment
    return _aligned(pattern, segment, _is_any_characters, _character_fits)


def _character_fits(pattern: str, character: str) -> bool:
    return pattern in ("?", character)


def _aligned(
    pattern: Sequence[_T],
    items: Sequence[_T],
    is_star: Callable[[_T], bool],
    fits: Callable[[_T, _T], bool],
) -> bool:
    """True where `items` fit `pattern`, in which a star stands for any number of items.

    Only the last star passed is ever tried again (what an earlier one could take, it can), so this
    ends after `len(pattern) * len(items)` steps.
    """
    at = 0
    item = 0
    star: int | None = None
    retry = 0
    while item < len(items):
        if at < len(pattern) and is_star(pattern[at]):
            star, retry = at, item
            at += 1
        elif at < len(pattern) and fits(pattern[at], items[item]):
            at += 1
            item += 1
        elif star is None:
            return False
        else:
            retry += 1
            at, item = star + 1, retry
    return all(is_star(rest) for rest in pattern[at:])
