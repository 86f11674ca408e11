"""Sessions in the documents: what people type, and what they are told, held against the truth."""

import re
from typing import NamedTuple

_IDS = re.compile(
    r"(?<=sha256:)[0-9a-f]{64}|(?<=subject )[0-9a-f]{12}|(?<= )[0-9a-f]{7}(?=\])"
    r"|(?<=your )[0-9a-f]{7}|(?<=cherry-pick )[0-9a-f]{12}"
)
_CLOCK = re.compile(r"\btoday [0-9]{2}:[0-9]{2}\b")
_KEY = re.compile(r"SHA256:[0-9A-Za-z+/]{43}")


class Typed(NamedTuple):
    """One command of a session, and what the page says that came of it."""

    command: str
    said: str


def session(block: str) -> list[Typed]:
    """Every command of a `console` block, in order; a line may go on after a backslash."""
    found: list[Typed] = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        match = re.match(r"((?:.*\\\n)*.*)\n", part)
        assert match
        found.append(Typed(match[1], part[match.end() :]))
    return found


def masked(said: str) -> str:
    """What was said, but for what no two runs share: ids, keys, and the time of day."""
    text = _CLOCK.sub("today 10:42", _KEY.sub("SHA256:…", said))
    return _IDS.sub("…", text).rstrip("\n")
