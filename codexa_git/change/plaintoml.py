"""TOML of the plainest form, read without the standard library's parser.

That parser takes longer to import than everything else that a server asks of a policy. What is said
here is TOML again in a form that needs nothing: bare keys, one a line; text without escapes, whole
numbers from 0, true and false; lists of such text; tables, and lists of tables, each begun once.
Whatever else stands there is the parser's to read or to refuse. The tests hold the two together.
"""

from codexa_git.values import Any

_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")
_DEEPEST = 4
_LONGEST_NUMBER = 15
_GIVES_UP = ValueError("that is for the parser to answer")


def plain_toml(text: str) -> dict[str, Any] | None:
    """What the text says; `None`: ask the parser."""
    try:
        return _read(iter(text.split("\n")))
    except ValueError:
        return None


def _read(lines: Any) -> dict[str, Any]:  # noqa: ANN401 (an iterator, which lists take from as well)
    top: dict[str, Any] = {}
    table, lists = top, set[tuple[str, ...]]()
    for line in lines:
        said = _printable(line)
        if not said or said[0] == "#":
            continue
        if said.startswith("["):
            table = _begun(top, said, lists)
            continue
        key, _, value = (part.strip(" ") for part in said.partition("="))
        if not _is_bare(key) or key in table:
            raise _GIVES_UP
        table[key] = _list(lines) if value == "[" else _value(value)
    return top


def _printable(line: str) -> str:
    """The line without the spaces around it; a character that does not print is for the parser."""
    if not line.isprintable():
        raise _GIVES_UP
    return line.strip(" ")


def _is_bare(key: str) -> bool:
    return key != "" and _BARE.issuperset(key)


def _begun(top: dict[str, Any], header: str, lists: set[tuple[str, ...]]) -> dict[str, Any]:
    """The table that this line begins."""
    is_one_of_many = header.startswith("[[")
    marks = 2 if is_one_of_many else 1
    if not header.endswith("]" * marks):
        raise _GIVES_UP
    names = tuple(header[marks:-marks].split("."))
    if len(names) > _DEEPEST or not all(map(_is_bare, names)):
        raise _GIVES_UP
    place, made = top, dict[str, Any]()
    for name in names[:-1]:
        place = place.setdefault(name, {})
        if type(place) is not dict:
            raise _GIVES_UP
    if names[-1] not in place:
        place[names[-1]] = [made] if is_one_of_many else made
        lists.update([names] if is_one_of_many else [])
    elif is_one_of_many and names in lists:
        place[names[-1]].append(made)
    else:
        raise _GIVES_UP
    return made


def _value(said: str) -> Any:  # noqa: ANN401 (what TOML has)
    if said.startswith('"'):
        return _text(said)
    if said in ("true", "false"):
        return said == "true"
    if said.startswith("[") and said.endswith("]"):
        return _texts(said[1:-1])
    is_number = said.isascii() and said.isdigit() and len(said) <= _LONGEST_NUMBER
    if not is_number or (said[0] == "0" and said != "0"):
        raise _GIVES_UP
    return int(said)


def _text(said: str) -> str:
    inside = said[1:-1]
    if len(said) < 2 or said[0] != '"' or said[-1] != '"' or '"' in inside or "\\" in inside:
        raise _GIVES_UP
    return inside


def _texts(said: str) -> list[str]:
    """Texts with a comma between each two, and perhaps one after the last.

    A comma within a text leaves two pieces neither of which is one.
    """
    *pieces, last = (piece.strip(" ") for piece in said.split(","))
    if last:
        pieces.append(last)
    return [_text(piece) for piece in pieces]


def _list(lines: Any) -> list[str]:  # noqa: ANN401 (the same iterator)
    """The texts on the lines that follow, up to the one that ends the list."""
    found: list[str] = []
    is_open = True
    for line in lines:
        said = _printable(line)
        if said == "]":
            return found
        if not is_open or not said:
            raise _GIVES_UP
        found += _texts(said)
        is_open = said.endswith(",")
    raise _GIVES_UP
