"""What values are written with: `typing`'s names, without what `typing` costs.

A server's hook makes some fifty kinds of values before it can ask anything. `typing` takes longer
to import than git to answer, and its `NamedTuple` writes and compiles a constructor for each kind,
used or not. To a type checker these are `typing`'s own; at run time a kind is the same tuple, whose
constructor is made when the first value is. From Python 3.14 on, where a class does not know its
annotations while it is being made, they are `typing`'s at run time, too.

So it is with `enum`'s kinds of words: a class whose members are made once and found by what they
say, without the hundred steps that each member takes there. And `re` is imported when the first
pattern is asked, for most text is told at once to hold none.
"""

import sys
from collections.abc import Iterable, Iterator

TYPE_CHECKING = False

if TYPE_CHECKING:
    import re as re
    from enum import IntEnum as IntEnum
    from enum import StrEnum as StrEnum
else:

    class _Later:
        """A module that is imported when something in it is first asked for."""

        def __init__(self, name: str) -> None:
            self._name = name

        def __getattr__(self, word: str) -> object:
            found = getattr(__import__(self._name), word)
            setattr(self, word, found)
            return found

    re = _Later("re")

    class _Words(type):
        """Makes a closed set of words, or of numbers, of the class that names them."""

        def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, object]) -> type:
            kind = next((base for base in (str, int) if issubclass(bases[0], base)), object)
            named = {
                word: value
                for word, value in space.items()
                if type(value) is kind and not word.startswith("_")
            }
            made = super().__new__(
                cls, name, bases, {word: it for word, it in space.items() if word not in named}
            )
            made._known = known = {}
            made._member_map_ = {}
            for word, value in named.items():
                if value not in known:
                    known[value] = one = kind.__new__(made, value)
                    one._name_, one._value_ = word, value
                made._member_map_[word] = known[value]
                type.__setattr__(made, word, known[value])
            return made

        def __call__(cls, value: object) -> object:
            try:
                return cls._known[value]
            except (KeyError, TypeError):
                raise ValueError(f"{value!r} is not a valid {cls.__qualname__}") from None

        def __iter__(cls) -> Iterator[object]:
            return iter(cls._known.values())

        def __reversed__(cls) -> Iterator[object]:
            return reversed(cls._known.values())

        def __len__(cls) -> int:
            return len(cls._known)

        def __bool__(cls) -> bool:
            return True

        def __contains__(cls, value: object) -> bool:
            return value in cls._known

        def __getitem__(cls, name: str) -> object:
            return cls._member_map_[name]

        @property
        def __members__(cls) -> dict[str, object]:
            return dict(cls._member_map_)

        def __setattr__(cls, name: str, value: object) -> None:
            if name in getattr(cls, "_member_map_", ()):
                raise AttributeError(f"{name} of {cls.__qualname__} is what it is")
            super().__setattr__(name, value)

    class _Word:
        """One of them: known by its name, and the only one that says this."""

        @property
        def name(self) -> str:
            return self._name_

        @property
        def value(self) -> object:
            return self._value_

        def __repr__(self) -> str:
            return f"<{type(self).__qualname__}.{self._name_}: {self._value_!r}>"

        def __reduce_ex__(self, protocol: object) -> tuple[object, ...]:
            return type(self), (self._value_,)

        def __copy__(self) -> "_Word":
            return self

        def __deepcopy__(self, memo: object) -> "_Word":
            return self

    class StrEnum(_Word, str, metaclass=_Words):
        """Words."""

        __slots__ = ()

    class IntEnum(_Word, int, metaclass=_Words):
        """Numbers."""

        __str__ = int.__repr__


if TYPE_CHECKING or sys.version_info >= (3, 14):
    from typing import Any as Any
    from typing import NamedTuple as NamedTuple
    from typing import NoReturn as NoReturn
    from typing import Protocol as Protocol
    from typing import Self as Self
    from typing import TypeAlias as TypeAlias
    from typing import TypeVar as TypeVar
else:
    from _collections import _tuplegetter

    Any = NoReturn = Protocol = Self = TypeAlias = object

    def TypeVar(name: str) -> type:  # noqa: N802 (`typing`'s)
        return object

    class _Value(tuple):
        """A tuple whose places have names."""

        __slots__ = ()
        _fields = ()
        _field_defaults = {}  # noqa: RUF012 (as `namedtuple` has it)

        @classmethod
        def _make(cls, values: Iterable[object]) -> "_Value":
            made = tuple.__new__(cls, values)
            if len(made) != len(cls._fields):
                raise TypeError(f"{cls.__name__} has {len(cls._fields)} values, not {len(made)}")
            return made

        def _replace(self, /, **new: object) -> "_Value":
            made = self._make(map(new.pop, self._fields, self))
            if new:
                raise ValueError(f"{type(self).__name__} has no {', '.join(new)}")
            return made

        __replace__ = _replace

        def _asdict(self) -> dict[str, object]:
            return dict(zip(self._fields, self, strict=True))

        def __repr__(self) -> str:
            named = zip(self._fields, self, strict=True)
            return f"{type(self).__name__}({', '.join(f'{n}={v!r}' for n, v in named)})"

        def __getnewargs__(self) -> tuple[object, ...]:
            return tuple(self)

    class _Kinds(type):
        """Makes a kind of value of the class that names its fields."""

        def __new__(cls, name: str, bases: tuple[type, ...], space: dict[str, object]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, space)
            if bases != (NamedTuple,):
                raise TypeError(f"{name} is a NamedTuple and nothing besides")
            fields = tuple(space.get("__annotations__", ()))
            defaults = {field: space[field] for field in fields if field in space}
            if tuple(defaults) != fields[len(fields) - len(defaults) :]:
                raise TypeError(f"in {name} a field without a default follows one that has one")
            space |= {field: _tuplegetter(place, "") for place, field in enumerate(fields)}
            space |= {"_fields": fields, "__match_args__": fields, "_field_defaults": defaults}
            space |= {"__slots__": (), "__new__": _first}
            return type(name, (_Value,), space)

    def _first(cls: type, /, *args: object, **named: object) -> "_Value":
        """The first value of a kind: from now on the kind has a constructor of its own."""
        kind = next(one for one in cls.__mro__ if vars(one).get("__new__") is not None)
        takes = ", ".join(kind._fields)
        text = f"lambda _cls, {takes}: _new(_cls, ({takes}{',' if takes else ''}))"
        made = eval(text, {"_new": tuple.__new__, "__name__": kind.__module__})  # noqa: S307 (names)
        made.__defaults__ = tuple(kind._field_defaults.values())
        made.__name__ = "__new__"
        made.__qualname__ = f"{kind.__qualname__}.__new__"
        kind.__new__ = staticmethod(made)
        return made(cls, *args, **named)

    NamedTuple = _Kinds("NamedTuple", (), {})
