"""Values are what `typing.NamedTuple` makes, whatever is asked of them."""

import copy
import pickle
import subprocess
import sys
import typing
from pathlib import Path

import pytest

from codexa_git import values


class Theirs(typing.NamedTuple):
    """As `typing` makes it."""

    name: str
    size: int = 3
    rest: tuple[str, ...] = ()

    @property
    def loud(self) -> str:
        return self.name.upper()


class Ours(values.NamedTuple):
    """As it is made here."""

    name: str
    size: int = 3
    rest: tuple[str, ...] = ()

    @property
    def loud(self) -> str:
        return self.name.upper()


class Empty(values.NamedTuple):
    """Nothing at all."""


class Narrower(Ours):
    """A kind of `Ours`."""

    __slots__ = ()


MADE: list[tuple[tuple[object, ...], dict[str, object]]] = [
    (("a",), {}),
    (("a", 4), {}),
    (("a", 4, ("b",)), {}),
    ((), {"name": "a", "rest": ("b",)}),
    (("a",), {"size": 1}),
]
WRONG: list[tuple[tuple[object, ...], dict[str, object]]] = [
    ((), {}),
    (("a", 1, (), 2), {}),
    (("a",), {"name": "b"}),
    (("a",), {"other": 1}),
]


def make(kind: typing.Any, args: tuple[object, ...], named: dict[str, object]) -> typing.Any:  # noqa: ANN401
    return kind(*args, **named)


@pytest.mark.parametrize(("args", "named"), MADE)
def test_a_value_is_the_same_tuple(args: tuple[object, ...], named: dict[str, object]) -> None:
    ours, theirs = make(Ours, args, named), make(Theirs, args, named)
    assert ours == theirs == tuple(theirs)
    assert hash(ours) == hash(theirs)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert (ours.name, ours.size, ours.rest, ours.loud) == (*theirs, theirs.loud)
    assert ours._asdict() == theirs._asdict()
    assert ours._replace(name="z") == theirs._replace(name="z")
    assert type(ours._replace(size=9)) is Ours
    assert Ours._make(ours) == ours
    for same in (copy.copy(ours), copy.deepcopy(ours), pickle.loads(pickle.dumps(ours))):
        assert same == ours
        assert type(same) is Ours


@pytest.mark.parametrize(("args", "named"), WRONG)
def test_what_is_missing_or_too_much_is_an_error(
    args: tuple[object, ...], named: dict[str, object]
) -> None:
    for kind in (Ours, Theirs):
        with pytest.raises(TypeError):
            make(kind, args, named)


def fresh() -> typing.Any:  # noqa: ANN401
    """A kind of which no value was made yet."""

    class Fresh(values.NamedTuple):
        name: str
        size: int = 3
        rest: tuple[str, ...] = ()

    return Fresh


@pytest.mark.parametrize(("args", "named"), MADE)
def test_the_first_values_of_a_kind_are_made_as_the_later_ones(
    args: tuple[object, ...], named: dict[str, object]
) -> None:
    kind = fresh()
    found = [make(kind, args, named) for _ in range(8)]
    assert {tuple(one) for one in found} == {tuple(make(Theirs, args, named))}
    assert {type(one) for one in found} == {kind}


@pytest.mark.parametrize(("args", "named"), WRONG)
@pytest.mark.parametrize("before", [0, 2, 8])
def test_what_is_wrong_is_told_in_the_same_words_however_many_were_made(
    args: tuple[object, ...], named: dict[str, object], before: int
) -> None:
    told = []
    for made in (0, before):
        kind = fresh()
        for _ in range(made):
            kind("a")
        with pytest.raises(TypeError) as caught:
            make(kind, args, named)
        told.append(str(caught.value))
    assert told[0] == told[1]


def test_what_a_kind_tells_of_itself_is_the_same() -> None:
    for name in ("_fields", "_field_defaults", "__match_args__", "__slots__", "__annotations__"):
        assert getattr(Ours, name) == getattr(Theirs, name)
    assert typing.get_type_hints(Ours) == typing.get_type_hints(Theirs)
    assert Ours.__mro__[-2:] == (tuple, object)
    assert not hasattr(Ours("a"), "__dict__")


def test_nothing_can_be_put_in_its_place() -> None:
    value = Ours("a")
    with pytest.raises(AttributeError):
        value.name = "b"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        value.other = "b"  # type: ignore[attr-defined]
    with pytest.raises(ValueError, match="other"):
        value._replace(other=1)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        Ours._make(("a",))


def test_a_value_is_matched_by_its_places() -> None:
    match Ours("a", 4):
        case Ours(name, size=4):
            assert name == "a"
        case _:
            pytest.fail("that is one")


def test_a_kind_may_have_no_field_and_a_kind_of_it_is_made_as_it_is() -> None:
    assert Empty() == ()
    assert repr(Empty()) == "Empty()"
    narrower = Narrower("a", 1)
    assert type(narrower) is Narrower
    assert narrower == Ours("a", 1)
    assert type(narrower._replace(size=2)) is Narrower
    assert type(Ours("b")) is Ours


@pytest.mark.skipif(sys.version_info >= (3, 14), reason="they are typing's own there")
def test_a_kind_that_is_not_one_is_refused() -> None:
    kinds: typing.Any = type(values.NamedTuple)
    with pytest.raises(TypeError, match="default"):
        kinds("Odd", (values.NamedTuple,), _space({"a": int, "b": int}, a=1))
    with pytest.raises(TypeError, match="nothing besides"):
        kinds("Odd", (values.NamedTuple, dict), _space({"a": int}))


def _space(named: dict[str, type], **defaults: int) -> typing.Any:  # noqa: ANN401
    return {"__annotations__": named, "__module__": __name__, **defaults}


def test_nothing_else_is_imported_for_them() -> None:
    code = "import sys; sys.path.append(sys.argv[1]); import codexa_git.values;"
    code += "print('typing' in sys.modules)"
    root = str(Path(__file__).parents[1])
    command = [sys.executable, "-I", "-S", "-c", code, root]
    assert subprocess.check_output(command).split() == [b"False"]
