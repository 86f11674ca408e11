"""How an error reads: its sentence, what there is to know of the case, and what to do next."""

import sys

from codexa_git.change.text import visible
from codexa_git.cli.screen import shown, wrapped


def told(
    message: str, details: tuple[tuple[str, str], ...] = (), hints: tuple[str, ...] = ()
) -> str:
    """The lines for standard error. What strangers wrote can neither act nor pass for a line."""
    first, *more = visible(message).split("\n")
    lines = [f"error: {first}", *(f"  {line}" for line in more)]
    lines += [_within(f"  {word:<4}  {shown(text)}", "        ") for word, text in details]
    lines += [_within(f"hint: {shown(hint)}", "      ") for hint in hints]
    return "\n".join(lines)


def _within(line: str, rest: str) -> str:
    """The line as it is; for a person who looks, in lines within the width."""
    if not sys.stderr.isatty():
        return line
    start = len(line) - len(line.lstrip())
    return wrapped(line[start:], line[:start], rest)
