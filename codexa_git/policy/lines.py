"""Where in a TOML text a key stands, so that a mistake can be shown at its line.

Good enough to point a person at the place, and never used to decide anything: the values come from
`tomllib`, which forgets lines.
"""

import re

Location = tuple[str | int, ...]

_BARE = r"""(?:[A-Za-z0-9_-]+|"[^"\\]*"|'[^']*')"""
_DOTTED = rf"{_BARE}(?:[ \t]*\.[ \t]*{_BARE})*"
_HEADER = re.compile(rf"[ \t]*(\[\[?)[ \t]*({_DOTTED})[ \t]*\]")
_KEY = re.compile(rf"[ \t]*({_DOTTED})[ \t]*=")
_PART = re.compile(_BARE)


def line_of(text: str, location: Location) -> int | None:
    """The line of the key at `location`, or of the table it would stand in; `None` if of neither.

    A location is a path through the values: `("people", 1, "email")` is the e-mail of the second
    `[[people]]`.
    """
    places = _places(text)
    for length in range(len(location), 0, -1):
        if (line := places.get(location[:length])) is not None:
            return line
    return None


def _places(text: str) -> dict[Location, int]:
    places: dict[Location, int] = {}
    counts: dict[Location, int] = {}
    table: Location = ()
    for number, line in enumerate(text.split("\n"), 1):
        if header := _HEADER.match(line):
            table = _entered(_parts(header[2]), counts, is_list=header[1] == "[[")
            _note(places, table, number)
        elif key := _KEY.match(line):
            _note(places, table + _parts(key[1]), number)
    return places


def _note(places: dict[Location, int], location: Location, number: int) -> None:
    for length in range(1, len(location) + 1):
        places.setdefault(location[:length], number)


def _entered(names: Location, counts: dict[Location, int], *, is_list: bool) -> Location:
    table: Location = ()
    for position, name in enumerate(names, 1):
        table += (name,)
        if is_list and position == len(names):
            counts[table] = counts.get(table, 0) + 1
        if table in counts:
            table += (counts[table] - 1,)
    return table


def _parts(dotted: str) -> Location:
    return tuple(part.strip("\"'") for part in _PART.findall(dotted))
