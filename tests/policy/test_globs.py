import fnmatch
import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.policy.globs import glob_mistake, matches, matches_any

YES = [
    ("a", "a"),
    ("docs/**", "docs/a"),
    ("docs/**", "docs/a/b/c"),
    ("docs/**", "docs"),
    ("**", "anything/at/all"),
    ("**", "x"),
    ("**/x", "x"),
    ("**/x", "a/b/x"),
    ("a/**/b", "a/b"),
    ("a/**/b", "a/x/y/b"),
    ("a/**/b/**/c", "a/b/b/x/b/c"),
    ("*.md", ".md"),
    ("*.md", "a.md"),
    ("*", ".hidden"),
    ("a*b*c", "abbcbc"),
    ("a?c", "abc"),
    ("?", "é"),
    ("?", "\udcff"),
    ("*/x", "a/x"),
    ("**/**/x", "x"),
    ("a b/*", "a b/c"),
    ("x*", "x\ny"),
    ("a+(b)|c.$", "a+(b)|c.$"),
]
NO = [
    ("a", "A"),
    ("a", "a/b"),
    ("a", "b/a"),
    ("docs/**", "docsx/a"),
    ("docs/**", "x/docs/a"),
    ("docs/*", "docs/a/b"),
    ("docs/*", "docs"),
    ("*.md", "a/b.md"),
    ("*.md", "a.mdx"),
    ("a?c", "ac"),
    ("a?c", "a/c"),
    ("?", ""),
    ("a/**/b", "ab"),
    ("a/**/b", "a/x/bb"),
    ("**/x", "ax"),
    ("a.c", "abc"),
    ("*", "a/b"),
    ("a", "a\n"),
]


@pytest.mark.parametrize(("pattern", "path"), YES)
def test_these_are_patterns_for_these_paths(pattern: str, path: str) -> None:
    assert glob_mistake(pattern) is None
    assert matches(pattern, path)
    assert matches_any(("nothing", pattern), path)


@pytest.mark.parametrize(("pattern", "path"), NO)
def test_these_are_not(pattern: str, path: str) -> None:
    assert not matches(pattern, path)
    assert not matches_any((pattern,), path)


@pytest.mark.parametrize(
    "pattern",
    [
        *("", "/a", "a/", "a//b", "./a", "a/./b", "../a", "a/..", "!a", "[ab]", "{a,b}", "a\\b"),
        *("a**", "**a/b", "a/***", "a\nb", "a\tb", "\udcff", "x" * 501),
    ],
)
def test_what_shells_disagree_on_is_refused(pattern: str) -> None:
    assert glob_mistake(pattern)


def as_expression(pattern: str) -> str:
    """The same meaning, said as a regular expression over a path with a slash at its end."""
    segments = pattern.split("/")
    parts = ["(?:[^/]+/)*" if s == "**" else segment_expression(s) + "/" for s in segments]
    return "".join(parts)


def segment_expression(segment: str) -> str:
    marks = {"*": "[^/]*", "?": "[^/]"}
    return "".join(marks.get(mark, re.escape(mark)) for mark in segment)


SEGMENT = st.text("ab*?", min_size=1, max_size=5).filter(lambda s: "**" not in s) | st.just("**")
PATTERN = st.lists(SEGMENT, min_size=1, max_size=5).map("/".join)
PATH = st.lists(st.text("ab", min_size=1, max_size=4), min_size=1, max_size=5).map("/".join)


@given(PATTERN, PATH)
def test_it_means_what_the_regular_expression_means(pattern: str, path: str) -> None:
    expected = re.fullmatch(as_expression(pattern), path + "/") is not None
    assert matches(pattern, path) is expected


@given(st.lists(PATTERN, max_size=6).map(tuple), PATH)
def test_many_patterns_together_mean_what_each_means_alone(
    patterns: tuple[str, ...], path: str
) -> None:
    alone = any(re.fullmatch(as_expression(pattern), path + "/") for pattern in patterns)
    assert matches_any(patterns, path) is alone


@given(st.text("ab*?", max_size=6).filter(lambda s: "**" not in s and s), st.text("ab", min_size=1))
def test_within_a_segment_it_means_what_fnmatch_means(pattern: str, name: str) -> None:
    assert matches(pattern, name) is fnmatch.fnmatchcase(name, pattern)


def test_no_pattern_takes_for_ever() -> None:
    """Steps are counted, not seconds: an exponential match would never end."""
    steps = 0

    def count(*_: object) -> None:
        nonlocal steps
        steps += 1

    sys.setprofile(count)
    try:
        found = matches("a*" * 100 + "b", "a" * 400)
        found |= matches("**/a/" * 40 + "b", "/".join("a" * 300))
    finally:
        sys.setprofile(None)
    assert not found
    assert steps < 500_000
