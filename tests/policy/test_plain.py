"""The plain reader says yes only where the model does, and to the same values."""

import copy
import datetime as dt
import tomllib
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from policy.fresh import said
from policy.papers import FULL, SMALL
from pydantic import BaseModel, ValidationError

from codexa_git.audit.words import AgentRole
from codexa_git.policy import rules
from codexa_git.policy.model import PolicyPaper
from codexa_git.policy.plain import plainly

Values = dict[str, Any]
Place = tuple[Any, ...]

WORDS = [str(word) for kind in (rules.Mode, rules.When, rules.Carry) for word in kind]
WORDS += [str(word) for kind in (rules.Keeping, rules.Event, AgentRole) for word in kind]
ODD: list[Any] = [
    *(True, False, 0, 1, -1, 2, 20, 100, 101, 600, 86_400, 86_401, 36_500, 36_501, 10**30),
    *(1.0, 0.0, float("inf"), float("nan")),
    *("", " ", "a", "pm", "PM", "tester", "role-1", "-a", "a" * 41, "a" * 40, "é", "ß", "\u0663"),
    *("a@b.c", "A@b.c", "x@agents.invalid", "x@Agents.Invalid", "*@b.c", "a b", "a\nb", "a\n"),
    *("'", "''", "'' a", '"a b"', "a\\", "a\\ b", "a'b'", "# a", "\u00a0", "\u202e", "x\u2028y"),
    *("**", "a/**", "a/**b", "/a", "!a", "a/", "a//b", "[a]", "a/./b", "../a", ".git/x", "a\\b"),
    *("PATH", "PATHS", "ENV", "ENVY", "GIT_X", "GIT", "PYTHONX", "NODE_", "1A", "A" * 101, "_"),
    *("HEAD", "head", "a.lock", "a.lock/b", "a..b", "a./b", "a/.b", "a//b", "+a", "a+", "a."),
    *("change/x", "changes", "codexa/x", "main\n", "MS-01", "MS-1", "MS-99999", "ms-01"),
    *("(", "x*", "x+", "x" * 301, "(?i)x", "\\d"),
    *(dt.date(2026, 11, 23), dt.datetime(2026, 11, 23, tzinfo=dt.UTC), dt.time(1)),
    *([], [[]], ["a"], ["a", "a"], [1], {}, {"a": 1}, {"paths": ["a"]}, [{}]),
    *WORDS,
]
KEYS = ["stage", "validate", "extra", "", "model_config", "a.b", "MS-03", "MS-3", "governance", "x"]
KEYS += sorted({key for form in (PolicyPaper,) for key in form.model_fields})


def places(value: object, at: Place = ()) -> list[Place]:
    """Every place in a policy's values, the whole aside."""
    inner: Iterable[tuple[Any, object]] = ()
    if isinstance(value, dict):
        inner = value.items()
    elif isinstance(value, list):
        inner = enumerate(value)
    return [place for key, one in inner for place in ((*at, key), *places(one, (*at, key)))]


def bent(values: Values, place: Place, how: str, odd: object, key: str) -> Values:
    changed = copy.deepcopy(values)
    holder: Any = changed
    for part in place[:-1]:
        holder = holder[part]
    if how == "gone":
        del holder[place[-1]]
    elif how == "besides" and isinstance(holder, dict):
        holder[key] = odd
    elif how == "twice" and isinstance(holder, list):
        holder.append(copy.deepcopy(holder[place[-1]]))
    elif how == "other":
        holder[place[-1]] = odd
    return changed


def shown(value: object) -> object:
    """Values with their types and in their order: true is not 1 here."""
    match value:
        case BaseModel():
            return {name: shown(getattr(value, name)) for name in sorted(type(value).model_fields)}
        case SimpleNamespace():
            return {name: shown(one) for name, one in sorted(vars(value).items())}
        case dict():
            return [(key, shown(one)) for key, one in value.items()]
        case list():
            return [shown(one) for one in value]
        case _:
            return (type(value).__name__, value)


def modelled(values: Values) -> PolicyPaper | None:
    try:
        return PolicyPaper.model_validate(values)
    except ValidationError:
        return None


def agree(values: Values) -> None:
    ours, theirs = plainly(copy.deepcopy(values)), modelled(values)
    assert (ours is None) == (theirs is None)
    assert shown(ours) == shown(theirs)


FULL_VALUES, SMALL_VALUES = tomllib.loads(FULL), tomllib.loads(SMALL)


@pytest.mark.parametrize("values", [FULL_VALUES, SMALL_VALUES])
def test_what_policies_ordinarily_say_is_read_without_the_model(values: Values) -> None:
    assert plainly(values) is not None
    agree(values)


@pytest.mark.parametrize("place", places(FULL_VALUES), ids=repr)
def test_at_every_place_both_take_and_refuse_the_same(place: Place) -> None:
    agree(bent(FULL_VALUES, place, "gone", None, ""))
    agree(bent(FULL_VALUES, place, "twice", None, ""))
    for odd in ODD:
        agree(bent(FULL_VALUES, place, "other", odd, ""))
    for key in KEYS:
        agree(bent(FULL_VALUES, place, "besides", {}, key))


SCALARS = st.one_of(
    st.text(max_size=12).filter(
        lambda text: not any("\ud800" <= mark <= "\udfff" for mark in text)
    ),
    st.text("ab/*.-_ '\"\\\\@ZAGIT", max_size=12),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.sampled_from(ODD),
)
ANY = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner),
    max_leaves=6,
)
BENDS = st.tuples(
    st.sampled_from(places(FULL_VALUES)),
    st.sampled_from(["gone", "besides", "twice", "other"]),
    ANY,
    st.sampled_from(KEYS),
)


@given(BENDS)
@example((("rules",), "other", True, ""))
@example((("milestone", "MS-01", "start"), "other", dt.datetime(2026, 1, 1), ""))  # noqa: DTZ001
def test_whatever_else_stands_there_both_answer_the_same(
    bend: tuple[Place, str, object, str],
) -> None:
    agree(bent(FULL_VALUES, *bend))


@given(ANY)
def test_values_that_are_no_policy_are_left_to_the_model(value: object) -> None:
    agree(value if isinstance(value, dict) else {"rules": value})


PROGRAM = """
import sys
from pathlib import Path
from codexa_git.policy.parsing import parse_policy

try:
    print(parse_policy(Path(sys.argv[1]).read_bytes(), b"").branch)
except Exception as error:
    print(error.message)
print("pydantic" in sys.modules, "shlex" in sys.modules)
"""


def test_only_a_mistake_imports_the_model(tmp_path: Path) -> None:
    paper = tmp_path / "codexa.toml"
    paper.write_text(FULL.replace("mypy --strict 'a b'", "mypy --strict"), encoding="utf-8")
    assert said(PROGRAM, str(paper)).split("\n")[:2] == ["trunk", "False False"]
    paper.write_text(FULL.replace("tries = 5", "tries = 0"), encoding="utf-8")
    assert said(PROGRAM, str(paper)).split("\n")[0].endswith("greater than or equal to 1")
