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

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

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


def matches(pattern: str, path: str) -> bool:
    """True where `pattern` is a pattern for `path`."""
    return _aligned(compiled(pattern), path.split("/"), _is_any_segments, _segment_fits)


def matches_any(patterns: Iterable[str], path: str) -> bool:
    """True where one of `patterns` is a pattern for `path`."""
    segments = path.split("/")
    return any(
        _aligned(compiled(pattern), segments, _is_any_segments, _segment_fits)
        for pattern in patterns
    )


@lru_cache(maxsize=1024)
def compiled(pattern: str) -> tuple[str, ...]:
    """The segments of `pattern`; runs of `**` are one, which means the same."""
    segments: list[str] = []
    for segment in pattern.split("/"):
        if segment != "**" or segments[-1:] != ["**"]:
            segments.append(segment)
    return tuple(segments)


def _is_any_segments(segment: str) -> bool:
    return segment == "**"


def _is_any_characters(character: str) -> bool:
    return character == "*"


def _segment_fits(pattern: str, segment: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
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
