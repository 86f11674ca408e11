"""How the name of a ref reads to people: other letters may read as the same name.

The rest of the world's writing is left in peace: wide letters, such as those of Chinese and
Japanese, read as none of ours, and a name that has nothing in common with another is not it.
"""

_CYRILLIC = "\u0430\u0435\u0456\u0458\u043a\u043c\u043e\u043f\u0440\u0441\u0442\u0443\u0445\u0455"
_OTHERS = (
    "\u04bb\u04cf\u0501\u051b\u051d\u03b1\u03b9\u03ba\u03bd\u03bf\u03c1\u03c5\u0131\u0251\u0261"
)
_ARMENIAN = "\u0570\u0578\u057d\u0585"
_LETTERS = str.maketrans(_CYRILLIC + _OTHERS + _ARMENIAN, "aeijkmonpctyxshldqwaikvopuiaghnuo")
"""Letters of other alphabets, small ones, that look like one of ours."""

_MARKS = str.maketrans("\u2044\u2215\u29f8\u2571\u2010\u2013\u2212", "////---")

_BLANK = "\u115f\u1160\u2800 "
"""Letters and signs that print nothing, whatever kind they are said to be."""

_UNSEEN = frozenset(("Cc", "Cf", "Cn", "Co", "Cs", "Me", "Mn", "Zl", "Zp", "Zs"))


def reading(name: str) -> str:
    """The name as people may take it: in one case, without marks and what prints nothing."""
    if name.isascii():
        return name.lower()
    from unicodedata import category, normalize  # noqa: PLC0415

    folded = normalize("NFKD", normalize("NFKD", name).casefold())
    seen = "".join(c for c in folded if category(c) not in _UNSEEN and c not in _BLANK)
    return normalize("NFC", seen).translate(_MARKS)


def reads_as(read: str, true: str) -> bool:
    """True where one reading may be taken for the other.

    They are as long as each other, and what differs is foreign. One letter of ours that they share
    is enough; a name in another alphabet has to look the same for the greater part.
    """
    if read == true:
        return True
    if read.isascii() or len(read) != len(true):
        return False
    pairs = [(one, other) for one, other in zip(read, true, strict=True) if one != other]
    if not all(_stands_for(one, other) for one, other in pairs):
        return False
    ours = sum(char.isascii() and char.isalnum() for char in read)
    alike = sum(_LETTERS.get(ord(one)) == ord(other) for one, other in pairs)
    return ours > 0 or 2 * alike > len(pairs)


def reads_as_change(read: str) -> bool:
    """True where a reading may be taken for the name of a change's branch."""
    fixed = len("change/ch-")
    number = read[fixed:]
    numbered = bool(number) and all(c.isdecimal() or _stands_for(c, "0") for c in number)
    return numbered and reads_as(read[:fixed], "change/ch-")


def _stands_for(foreign: str, true: str) -> bool:
    if foreign.isascii() or not true.isascii():
        return False
    from unicodedata import east_asian_width  # noqa: PLC0415

    return east_asian_width(foreign) not in "WF"


def foreign_in(name: str) -> str:
    """What in the name is none of our letters, each by its number, for whoever cannot see it."""
    found = dict.fromkeys(f"U+{ord(c):04X}" for c in name if not c.isascii())
    return ", ".join(found)
