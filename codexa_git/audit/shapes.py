"""Shapes: what a field of a stored record may hold, checked strictly, nothing coerced.

Small on purpose: records are read in hooks and on servers at every push, where importing a
validation library would cost ten times the check (ADR 0007). Each shape also describes itself as
JSON Schema, from which the reference is generated.
"""

import re
from collections.abc import Callable
from datetime import date

from codexa_git.audit.canonical import LARGEST, is_digest
from codexa_git.audit.printable import is_line, is_text
from codexa_git.errors import RecordError
from codexa_git.values import Any, NamedTuple

_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_OID = r"[0-9a-f]{40}|[0-9a-f]{64}"


class Shape(NamedTuple):
    """A question about a value (`fits`), what is asked in words, and its JSON Schema."""

    fits: Callable[[Any], bool]
    wants: str
    schema: dict[str, Any]

    def check(self, value: object, where: str) -> None:
        """Do nothing where `value` fits; raise `RecordError` naming `where` if not."""
        if not self.fits(value):
            raise RecordError(f"{where} is not {self.wants}")


def is_date(text: str) -> bool:
    """True for a day of the calendar, written as `2026-11-30`."""
    try:
        return bool(re.fullmatch(_DATE, text)) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


TEXT = Shape(
    is_text,
    "plain text",
    {"type": "string", "pattern": "^[^\\x00-\\x08\\x0b-\\x1f]*$"},
)
LINE = Shape(is_line, "one line of text", {"type": "string", "pattern": "^[^\\x00-\\x1f]*$"})
FLAG = Shape(lambda v: isinstance(v, bool), "true or false", {"type": "boolean"})
WHOLE = Shape(
    lambda v: isinstance(v, int) and not isinstance(v, bool) and 0 <= v <= LARGEST,
    "a whole number",
    {"type": "integer", "minimum": 0},
)
INTEGER = Shape(
    lambda v: isinstance(v, int) and not isinstance(v, bool),
    "a whole number, perhaps negative",
    {"type": "integer"},
)
DIGEST = Shape(is_digest, "a sha256 digest", {"type": "string", "pattern": "^sha256:[0-9a-f]{64}$"})
DATE = Shape(
    lambda v: isinstance(v, str) and is_date(v),
    "a date such as 2026-11-30",
    {"type": "string", "format": "date"},
)
OBJECT_ID = Shape(
    lambda v: isinstance(v, str) and bool(re.fullmatch(_OID, v)),
    "a git object id",
    {"type": "string", "pattern": "^([0-9a-f]{40}|[0-9a-f]{64})$"},
)
MODE = Shape(
    lambda v: v in ("100644", "100755", "120000", "160000"),
    "a git file mode",
    {"enum": ["100644", "100755", "120000", "160000"]},
)


def optional(shape: Shape) -> Shape:
    """`shape`, or null."""
    return Shape(
        lambda v: v is None or shape.fits(v),
        f"{shape.wants} or null",
        {"anyOf": [shape.schema, {"type": "null"}]},
    )


def one_of(*words: str) -> Shape:
    """One of these words."""
    return Shape(lambda v: v in words, f"one of {', '.join(words)}", {"enum": list(words)})


def matching(question: Callable[[str], bool], wants: str) -> Shape:
    """Text that a predicate holds for."""
    return Shape(
        lambda v: isinstance(v, str) and question(v),
        wants,
        {"type": "string", "description": wants},
    )


def listing(shape: Shape) -> Shape:
    """A list, each item of `shape`."""
    fits = shape.fits
    return Shape(
        lambda v: isinstance(v, list) and all(map(fits, v)),
        f"a list, each item {shape.wants}",
        {"type": "array", "items": shape.schema},
    )


def mapping(name: Shape, shape: Shape) -> Shape:
    """An object, each name of the shape `name` and each value of `shape`."""
    fits_name, fits = name.fits, shape.fits
    return Shape(
        lambda v: isinstance(v, dict) and all(map(fits_name, v)) and all(map(fits, v.values())),
        f"an object, each name {name.wants} and each value {shape.wants}",
        {"type": "object", "propertyNames": name.schema, "additionalProperties": shape.schema},
    )


def structure(**fields: Shape) -> Shape:
    """An object with exactly these names."""
    names, questions = fields.keys(), [(name, shape.fits) for name, shape in fields.items()]

    def fits(value: object) -> bool:
        if not isinstance(value, dict) or value.keys() != names:
            return False
        for name, question in questions:  # noqa: SIM110 (half of the time of a generator)
            if not question(value[name]):
                return False
        return True

    return Shape(
        fits,
        f"an object of exactly {', '.join(sorted(fields))}",
        {
            "type": "object",
            "properties": {name: shape.schema for name, shape in sorted(fields.items())},
            "required": sorted(fields),
            "additionalProperties": False,
        },
    )
