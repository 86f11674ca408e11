"""Canonical JSON (RFC 8785), of which records, subjects and signed payloads are made.

The values are those whose canonical form is beyond doubt: no floating point, whole numbers within
2**53, ASCII names, text without lone surrogates. For these the standard library's encoder gives the
very bytes of RFC 8785, which the tests hold against the `rfc8785` package.
"""

import json
from collections.abc import Iterable, Mapping, Sequence

from codexa_git.errors import RecordError
from codexa_git.repository.hashing import hashed
from codexa_git.values import NoReturn, TypeAlias

Json: TypeAlias = "bool | int | str | Sequence[Json] | Mapping[str, Json] | None"

LARGEST = 2**53 - 1
DEEPEST = 100
"""So many lists and objects may lie in each other: no interpreter's own bound decides."""

_TOO_DEEP = "JSON that is nested too deeply"
_PLAIN = frozenset((str, bool))
_ENCODER = json.JSONEncoder(
    # A value that holds itself does not get past `_check`, and none that was read does so.
    check_circular=False,
    ensure_ascii=False,
    allow_nan=False,
    separators=(",", ":"),
    sort_keys=True,
)


def canonical(value: Json) -> bytes:
    """The one sequence of bytes that stands for `value`.

    Raises:
        RecordError: it holds something that records do not: a float, a huge number, a name that is
            not ASCII, a lone surrogate.
    """
    _check(value)
    return _encoded(value)


def _encoded(value: Json) -> bytes:
    try:
        return _ENCODER.encode(value).encode("utf-8")
    except UnicodeEncodeError as error:
        raise RecordError("text with a lone surrogate cannot be put on record") from error


def digest(content: bytes) -> str:
    """`sha256:` and the hex SHA-256 of `content`."""
    return "sha256:" + hashed("sha256", content).hexdigest()


def is_digest(text: object) -> bool:
    """True for `sha256:` and 64 lower-case hex digits."""
    if not isinstance(text, str) or len(text) != 71 or not text.startswith("sha256:"):
        return False
    return not text[7:].strip("0123456789abcdef")


def parsed(line: bytes) -> Json:
    """The value that these bytes are the canonical form of.

    Raises:
        RecordError: they are not JSON, or not canonical (so: duplicate names, white space, other
            escapes, another order, NaN), or nested deeper than `DEEPEST`.
    """
    try:
        value: Json = _DECODER.decode(line.decode("utf-8"))
        if line.count(b"[") + line.count(b"{") > DEEPEST and _is_deep(value):
            raise RecordError(_TOO_DEEP)
        # What was read so holds no number that `canonical` refuses, and ASCII has ASCII names.
        same = (_encoded(value) if line.isascii() else canonical(value)) == line
    except ValueError as error:
        raise RecordError("not JSON") from error
    except RecursionError as error:
        raise RecordError(_TOO_DEEP) from error
    if not same:
        raise RecordError("JSON that is not in canonical form")
    return value


def _is_deep(value: Json) -> bool:
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for outer in level for inner in _within(outer)]
    return any(isinstance(inner, (dict, list)) for inner in level)


def _within(value: Json) -> Iterable[Json]:
    if isinstance(value, dict):
        return value.values()
    return value if isinstance(value, list) else ()


def _whole(text: str) -> int:
    value = int(text)
    _check(value)
    return value


def _no_float(text: str) -> NoReturn:
    del text
    raise RecordError("a float cannot be put on record")


_DECODER = json.JSONDecoder(parse_float=_no_float, parse_int=_whole, parse_constant=_no_float)


def _check(value: Json) -> None:
    if value is None or type(value) in _PLAIN or isinstance(value, str):
        return
    if isinstance(value, int):
        if abs(value) > LARGEST:
            raise RecordError("a number beyond 2**53 cannot be put on record")
    elif isinstance(value, dict):
        for name in value:
            if not name.isascii():
                raise RecordError(
                    f"a name that is not ASCII text cannot be put on record: {name!a}"
                )
        _check_each(value.values())
    elif isinstance(value, (list, tuple)):
        _check_each(value)
    else:
        raise RecordError(f"a {type(value).__name__} cannot be put on record")


def _check_each(values: Iterable[Json]) -> None:
    for value in values:
        if type(value) is not str:
            _check(value)
