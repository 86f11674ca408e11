"""Reading TOML that anyone may have written, in a time that its size bounds."""

import re
import tomllib
from typing import Any

MOST_DOTS = 50
"""So many dots may stand on one line outside of strings; `tomllib` takes their square in time."""

_TOKEN = re.compile(
    r'#[^\n]*|"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)|\'\'\'(?:[^\']|\'(?!\'\'))*+(?:\'\'\'|\Z)'
    r"|\"(?:[^\"\\\n]|\\.)*+\"?|'[^'\n]*+'?",
    re.DOTALL,
)


def parse_toml(text: str) -> dict[str, Any]:
    """What the text says.

    Raises:
        tomllib.TOMLDecodeError: it is no TOML.
        ValueError: it holds a number too long to be read, or a key too deep.
        RecursionError: it is nested too deep.
    """
    bare = _TOKEN.sub("s", text)
    if any(line.count(".") > MOST_DOTS for line in bare.split("\n")):
        raise ValueError("a key too deep to be read")
    return tomllib.loads(text)
