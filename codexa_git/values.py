"""What values are written with: `typing`'s names, without what `typing` costs.

A server's hook makes some fifty kinds of values before it can ask anything. `typing` takes longer
to import than git to answer, and its `NamedTuple` writes and compiles a constructor for each kind,
used or not. To a type checker these are `typing`'s own; at run time a kind is the same tuple, whose
constructor is made once there are more than a few values, for most kinds never are. From Python
3.14 on, where a class does not know its annotations while it is being made, they are `typing`'s at
run time, too.
"""

import sys
from collections.abc import Iterable

TYPE_CHECKING = False

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

    _FEW = 4  # values of a kind, for which a constructor takes longer to make than they do without
    _made: dict[type, int] = {}

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
        """One of a kind's first values; after those the kind has a constructor of its own."""
        kind = next(one for one in cls.__mro__ if vars(one).get("__new__") is not None)
        _made[kind] = _made.get(kind, 0) + 1
        if _made[kind] <= _FEW and (placed := _placed(kind, args, named)) is not None:
            return tuple.__new__(cls, placed)
        takes = ", ".join(kind._fields)
        text = f"lambda _cls, {takes}: _new(_cls, ({takes}{',' if takes else ''}))"
        made = eval(text, {"_new": tuple.__new__, "__name__": kind.__module__})  # noqa: S307 (names)
        made.__defaults__ = tuple(kind._field_defaults.values())
        made.__name__ = "__new__"
        made.__qualname__ = f"{kind.__qualname__}.__new__"
        kind.__new__ = staticmethod(made)
        return made(cls, *args, **named)

    def _placed(
        kind: type, args: tuple[object, ...], named: dict[str, object]
    ) -> tuple[object, ...] | None:
        """The values in their places; `None`: it is for a constructor to say what is amiss."""
        rest, told = kind._fields[len(args) :], kind._field_defaults | named
        if len(args) > len(kind._fields) or not named.keys() <= set(rest) <= told.keys():
            return None
        return (*args, *(told[field] for field in rest))

    NamedTuple = _Kinds("NamedTuple", (), {})
