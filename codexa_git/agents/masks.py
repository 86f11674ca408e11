"""What an output says, without what is different each time: folders, durations, addresses.

All of it takes any bytes. A line is cut at four kilobytes, so that no pattern meets a long one.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from codexa_git.errors import AgentError

MOST = 8192
_LINE = 4096
_TIMESTAMP = rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?"
_UNIT = rb"(?:ns|us|\xc2\xb5s|ms|s|secs?|seconds?|mins?|minutes?)"
_DURATION = rb"(?<![\w.])(?:\d{1,9}m ?)?\d{1,9}(?:\.\d{1,9})? ?" + _UNIT + rb"(?![\w])"
_CLOCK = rb"\(\d{1,4}:\d\d:\d\d(?:\.\d{1,9})?\)"
_TIME = re.compile(b"|".join((_TIMESTAMP, _DURATION, _CLOCK)))
_ADDRESS = re.compile(rb"0x[0-9a-fA-F]{6,16}(?![0-9a-fA-F])")
_ESCAPE = re.compile(
    "\x1b(?:"
    r"\[[0-?]{0,64}[ -/]{0,16}[@-~]"  # colours, cursor
    "|[\\]PX^_][^\x07\x1b\n]{0,4096}(?:\x07|\x1b\\\\)?"  # titles, links, device strings
    "|[ -/]{0,16}[0-~])?"
)
_BREAK = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]"
)


def mask(
    output: bytes,
    run_folder: Path,
    patterns: Sequence[str] = (),
    *,
    places: Mapping[str, Path] | None = None,
) -> bytes:
    """`output` with `<run>`, `<time>`, `<address>`, and `<masked>` for what `patterns` find.

    `places` names further folders, as in `{"home": …}` for `<home>`; a longer path goes first.
    """
    text = _without_places(output, {"run": run_folder, **(places or {})})
    extra = [_compiled(pattern) for pattern in patterns]
    return b"\n".join(_masked_line(line, extra) for line in text.split(b"\n"))


def _without_places(output: bytes, places: Mapping[str, Path]) -> bytes:
    names: dict[bytes, bytes] = {}
    for name, place in places.items():
        for path in (place, place.resolve()):
            if path != path.parent:  # the root itself would mask every path
                names[bytes(path)] = f"<{name}>".encode()
    for written in sorted(names, key=lambda path: (-len(path), path)):
        output = output.replace(written, names[written])
    return output


def _compiled(pattern: str) -> re.Pattern[bytes]:
    try:
        return re.compile(pattern.encode())
    except (re.error, ValueError) as error:
        raise AgentError(f"the mask {pattern!r} is not a regular expression: {error}") from error


def _masked_line(line: bytes, extra: Sequence[re.Pattern[bytes]]) -> bytes:
    if len(line) > _LINE:
        line = line[:_LINE] + b" [cut]"
    line = _ADDRESS.sub(b"<address>", _TIME.sub(b"<time>", line))
    for pattern in extra:
        line = pattern.sub(b"<masked>", line)
    return line


def short(output: bytes, most: int = MOST) -> bytes:
    """At most `most` bytes: all of it, or head and tail in whole lines with a count between.

    Where a line is longer than there is room, it is cut, but never inside a UTF-8 character.
    """
    if len(output) <= most:
        return output
    room = (most - 64) // 2
    head, tail = _head(output[:room]), _tail(output[-room:])
    left_out = len(output) - len(head) - len(tail)
    return head + b"[%d bytes left out]\n" % left_out + tail


def _head(part: bytes) -> bytes:
    lines, newline, _ = part.rpartition(b"\n")
    return lines + newline or part.decode(errors="ignore").encode() + b"\n"


def _tail(part: bytes) -> bytes:
    lines = part.partition(b"\n")[2]
    return lines or part.decode(errors="ignore").encode()


def log_text(output: bytes) -> str:
    """`output` as text that is safe to show: no control but newline and tab, no escape sequence.

    Bytes that are not UTF-8 become U+FFFD; marks that turn the direction of writing are dropped.
    """
    text = _BREAK.sub("\n", output.decode("utf-8", "replace"))
    return _UNSEEN.sub("", _ESCAPE.sub("", text))


def one_line(text: str, most: int) -> str:
    """The first line of `text` that says something, printable, at most `most` characters."""
    lines = (line.strip() for line in log_text(text.encode("utf-8", "replace")).split("\n"))
    first = next((line for line in lines if line), "").replace("\t", " ")
    return first if len(first) <= most else first[: most - 1] + "…"
