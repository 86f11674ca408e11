"""Reading TOML that anyone may have written, in a time that its size bounds."""

from codexa_git.change.plaintoml import plain_toml
from codexa_git.values import Any

MOST_DOTS = 50
"""So many dots may stand on one line outside of strings; `tomllib` takes their square in time."""

_NO_KEYS = (
    r'#[^\n]*|"""(?:[^"\\]|\\.|"(?!""))*+(?:"""|\Z)|\'\'\'(?:[^\']|\'(?!\'\'))*+(?:\'\'\'|\Z)'
    r"|\"(?:[^\"\\\n]|\\.)*+\"?|'[^'\n]*+'?"
)


def parse_toml(text: str) -> dict[str, Any]:
    """What the text says.

    Raises:
        tomllib.TOMLDecodeError: it is no TOML.
        ValueError: it holds a number too long to be read, or a key too deep.
        RecursionError: it is nested too deep.
    """
    if (plain := plain_toml(text)) is not None:
        return plain
    import re  # noqa: PLC0415
    import tomllib  # noqa: PLC0415

    bare = re.sub(_NO_KEYS, "s", text, flags=re.DOTALL)
    if any(line.count(".") > MOST_DOTS for line in bare.split("\n")):
        raise ValueError("a key too deep to be read")
    return tomllib.loads(text)
