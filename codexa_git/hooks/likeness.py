"""How the name of a ref reads to people: other letters may read as the same name.

Any letter that is not ours may have been made to look like one that is: there are too many kinds of
writing to list. So a name of as many letters, all of which are foreign or the same, reads as ours.
The rest of the world's writing is left in peace where that can be said for sure: wide letters, such
as those of Chinese and Japanese, and a name wholly in one alphabet of which we know each letter.
"""

_ALIKE = (
    (
        (
            "\u0430\u0432\u0435\u0456\u0458\u043a\u043c\u043d\u043e\u043f\u0440\u0441\u0442"
            "\u0443\u0445\u0455"
        ),
        "abeijkmhonpctyxs",
    ),
    (
        "\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7",
        "abezhikmnoptyx",
    ),
    ("\u03b3\u03b7\u03bc\u03bd\u03c5", "ynuvu"),
    ("\u05d5\u05d7\u05df\u05e1", "inio"),
    ("\u0627\u0647", "io"),
    (
        (
            "\u5342\u4e43\u531a\u4e47\u5343\u5344\u4e28\u5de5\u722a\u51e0\u5369\u5c3a\u4e02"
            "\u51f5\u5c71\u4e42\u4e2b\u4e59\u53e3\u4e01\u3125\u3116\u3112\u3129\u311a"
        ),
        "abcefhiimnprsuwxyzotiotuy",
    ),
)
"""Letters, folded, that look like one of ours, of writing in which most do not: Cyrillic, Greek (in
capitals, then in small letters, which look like others), Hebrew, Arabic, Chinese.
"""

_LETTERS = frozenset(pair for foreign, ours in _ALIKE for pair in zip(foreign, ours, strict=True))

_ALPHABETS = (
    frozenset(map(chr, range(0x3B1, 0x3CA))),
    frozenset(map(chr, (*range(0x430, 0x460), 0x491))),
    frozenset(map(chr, range(0x5D0, 0x5EB))),
    frozenset(map(chr, (*range(0x621, 0x64B), 0x67E, 0x686, 0x698, 0x6A9, 0x6AF, 0x6CC))),
)
"""What is written today in Greek, Cyrillic, Hebrew and Arabic letters, of which we know each."""

_ONE = str.maketrans("l10", "iio")
_TWO = (("rn", "m"), ("vv", "w"), ("ci", "d"))
"""Letters and digits of ours that look like each other, or two of them like one."""

_MARKS = str.maketrans("\u2044\u2215\u29f8\u2571\u2010\u2013\u2212", "////---")

_BLANK = "\u115f\u1160\u2800\ufffc\U00013441\U00013442\U0001d159 "
"""Letters and signs that print nothing, whatever kind they are said to be."""

_UNSEEN = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Lm", "Me", "Mn", "Sk", "Zl", "Zp", "Zs"))
"""What stands above, below or beside a letter, or nowhere: marks, modifiers, formats, blanks."""


def reading(name: str) -> str:
    """The name as people may take it: in one case, without marks and what prints nothing."""
    if name.isascii():
        return name.lower()
    from unicodedata import category, normalize  # noqa: PLC0415

    folded = normalize("NFKD", normalize("NFKD", name).casefold())
    seen = "".join(c for c in folded if category(c) not in _UNSEEN and c not in _BLANK)
    return normalize("NFC", seen).translate(_MARKS)


def reads_as(read: str, true: str) -> bool:
    """True where one reading may be taken for the other."""
    return read == true or _alike(_shape(read), _shape(true))


def begins_like(read: str, true: str) -> bool:
    """True where one reading may be taken for one that begins with the other."""
    shape = _shape(true)
    return _alike(_shape(read)[: len(shape)], shape)


def reads_as_change(read: str) -> bool:
    """True where a reading may be taken for the name of a change's branch."""
    fixed = len("change/ch-")
    number = _shape(read)[fixed:]
    numbered = bool(number) and all(
        c.isdecimal() or c in "io" or _stands_for(c, "o") for c in number
    )
    return numbered and begins_like(read, "change/ch-")


def _shape(read: str) -> str:
    """The reading, with those of our own letters told apart no more that look like each other."""
    shape = read.translate(_ONE)
    for two, one in _TWO:
        shape = shape.replace(two, one)
    return shape


def _alike(shape: str, true: str) -> bool:
    """True where they are as long as each other, and what differs may be drawn alike.

    One letter of ours that they share is enough; else the greater part has to be drawn alike.
    """
    if shape == true or len(shape) != len(true) or (shape + true).isascii():
        return shape == true
    places = list(zip(shape, true, strict=True))
    pairs = [(one, other) for one, other in places if one != other]
    ours = sum(one == other and one.isascii() and one.isalnum() for one, other in places)
    if not all(_may_be(one, other, mostly=2 * ours > len(places)) for one, other in pairs):
        return False
    if ours == 0 and any(_is_in_word(one) and not other.isalnum() for one, other in pairs):
        return False  # one word goes on where the other has its slash
    letters = {one for one, _ in pairs}
    known = any(letters <= alphabet for alphabet in _ALPHABETS)
    drawn = sum(_looks_like(*pair) or (not known and _stands_for(*pair)) for pair in pairs)
    return ours > 0 or 2 * drawn > len(pairs)


def _may_be(one: str, other: str, *, mostly: bool) -> bool:
    """True for what may be drawn like a letter; in a name that is mostly ours, for all foreign."""
    if mostly and other.isascii() and not one.isascii():
        return True
    return _looks_like(one, other) or _stands_for(one, other)


def _stands_for(foreign: str, true: str) -> bool:
    if foreign.isascii() or not true.isascii():
        return False
    from unicodedata import east_asian_width  # noqa: PLC0415

    return east_asian_width(foreign) not in "WF"


def _looks_like(one: str, other: str) -> bool:
    return (one, other) in _LETTERS or (other, one) in _LETTERS


def _is_in_word(char: str) -> bool:
    from unicodedata import category  # noqa: PLC0415

    return category(char)[0] in "LMN"


def foreign_in(name: str) -> str:
    """What in the name is none of our letters, each by its number, for whoever cannot see it."""
    found = dict.fromkeys(f"U+{ord(c):04X}" for c in name if not c.isascii())
    return ", ".join(found)
