"""What can be made again, kept in a file of this clone: gone or odd, it counts as never kept.

A file opens with a digest over what it is about and what it holds, so that one that is cut short,
or about something else is not believed. The digest has no secret: whoever may write into `.git` may
write such a file, as they may replace the hooks and the program beside it (docs/threat-model.md).
"""

import marshal
import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from codexa_git import __version__

_DIGEST = 32


def recall(file: Path, about: str) -> Any | None:  # noqa: ANN401 (marshal has no types)
    """What was kept in `file` about just this; `None` where nothing whole was."""
    try:
        content = file.read_bytes()
        if content[:_DIGEST] != _digest(about, content[_DIGEST:]):
            return None
        return marshal.loads(content[_DIGEST:])  # noqa: S302 (only what the digest covers)
    except (OSError, ValueError, TypeError, EOFError):
        return None


def keep(file: Path, about: str, value: Any) -> None:  # noqa: ANN401 (the same)
    """The file holds `value`, whole, or is as before: a cache that cannot be written is slower."""
    content = marshal.dumps(plain(value))
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft.write_bytes(_digest(about, content) + content)
        draft.replace(file)
    except OSError:
        with suppress(OSError):
            draft.unlink()


class Cached(NamedTuple):
    """A folder of such files, one a name, for what this version of the program found out."""

    folder: Path

    def recall(self, name: str, about: str) -> Any | None:  # noqa: ANN401 (the same)
        """What was kept under this name about just this."""
        return recall(self._file(name), f"{__version__} {about}")

    def keep(self, name: str, about: str, value: Any) -> None:  # noqa: ANN401 (the same)
        """The value is kept, in place of what was kept under this name before."""
        keep(self._file(name), f"{__version__} {about}", value)

    def _file(self, name: str) -> Path:
        return self.folder / sha256(name.encode("utf-8", "surrogateescape")).hexdigest()[:32]


def plain(value: Any) -> Any:  # noqa: ANN401 (the same)
    """`value` with nothing in it but what marshal keeps: exact tuples, texts, bytes, numbers."""
    if isinstance(value, tuple):
        return tuple(plain(item) for item in value)
    return str(value) if isinstance(value, str) else value


def _digest(about: str, content: bytes) -> bytes:
    return sha256(about.encode("utf-8", "surrogateescape") + content).digest()
