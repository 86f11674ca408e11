"""How the name of a ref reads to people: other letters may read as the same name.

The rest of the world's writing is left in peace: wide letters, such as those of Chinese and
Japanese, read as none of ours, and a name that has nothing in common with another is not it.
"""

_ALIKE = (
    ("\u0131\u0251\u0261", "iag"),
    (
        (
            "\u0430\u0432\u0435\u0456\u0458\u043a\u043c\u043d\u043e\u043f\u0440\u0441\u0442"
            "\u0443\u0445\u0455\u04bb\u04cf\u0501\u051b\u051d"
        ),
        "abeijkmhonpctyxshldqw",
    ),
    (
        "\u03b1\u03b2\u03b5\u03b6\u03b7\u03b9\u03ba\u03bc\u03bd\u03bf\u03c1\u03c4\u03c5\u03c7",
        "abezhikmnoptyx",
    ),
    ("\u03b3\u03b7\u03bc\u03bd\u03c5", "ynuvu"),
    ("\u0570\u0578\u057d\u0585", "hnuo"),
    (
        "\u2c81\u2c89\u2c8f\u2c93\u2c95\u2c99\u2c9b\u2c9f\u2ca3\u2ca5\u2ca7\u2ca9\u2cad",
        "aehikmnopctyx",
    ),
    (
        (
            "\u13a0\u13a1\u13a2\u13a5\u13a9\u13aa\u13ab\u13ac\u13b3\u13b7\u13bb\u13bd\u13c0"
            "\u13c1\u13c2\u13c3\u13d4\u13d2\u13d9\u13da\u13de\u13df\u13e2\u13e6\u13e7\u13f4"
        ),
        "drtiyajewmhygnhzwrvslcpkdb",
    ),
    (
        (
            "\ua4d0\ua4d1\ua4d3\ua4d4\ua4d6\ua4d7\ua4d9\ua4da\ua4dc\ua4dd\ua4df\ua4e0\ua4e1"
            "\ua4e2\ua4e3\ua4e6\ua4e7\ua4ea\ua4eb\ua4ec\ua4ee\ua4f0\ua4f2\ua4f3\ua4f4"
        ),
        "bpdtgkjczfmnlsrvhwxyaeiou",
    ),
)
"""Letters, folded, that look like one of ours: Latin, Cyrillic, Greek (in capitals, then in small
letters, which look like others), Armenian, Coptic, Cherokee, Lisu.
"""

_LETTERS = frozenset(pair for foreign, ours in _ALIKE for pair in zip(foreign, ours, strict=True))

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
    alike = sum(_looks_like(one, other) for one, other in pairs)
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


def _looks_like(foreign: str, true: str) -> bool:
    """True for a pair of the table, and for what Unicode itself names as some form of our letter.

    Of those there are hundreds: small capitals, hooks and strokes, letters in circles and squares.
    """
    if (foreign, true) in _LETTERS:
        return True
    from unicodedata import name  # noqa: PLC0415

    words = name(foreign, "").split()
    is_ours = "LATIN" in words or words[:2] == ["REGIONAL", "INDICATOR"]
    return is_ours and true.upper() in words


def foreign_in(name: str) -> str:
    """What in the name is none of our letters, each by its number, for whoever cannot see it."""
    found = dict.fromkeys(f"U+{ord(c):04X}" for c in name if not c.isascii())
    return ", ".join(found)
