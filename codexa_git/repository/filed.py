"""Refs read from the files in which git keeps them, where that is beyond doubt.

A git process that names one ref takes a hundred times as long as the file it reads, and a command
asks after some twenty. Nothing is remembered: every question reads anew, the refs' own files first
and then `packed-refs`, as git does, which packs a ref before it takes its file away. Whatever else
may be the case (reftable, a symbolic or a broken ref, a link, a file system that takes one name for
another) has no answer here, and git is asked.
"""

import os

from codexa_git.values import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST = 4096
_CHUNK = 1 << 20
_SHARED = ("refs/heads/", "refs/tags/", "refs/remotes/", "refs/codexa/")
"""What all worktrees share; other refs may be one worktree's own."""

_HEX = frozenset(b"0123456789abcdef")
_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


def read(folder: str, names: "Iterable[str]", length: int) -> dict[str, str] | None:
    """The object that each of these refs names, but for those that are not there.

    `folder` is what all worktrees share, and an id has so many digits. `None`: git has to be asked.
    """
    lines = _own_files(folder, names) if _is_plain(folder) else None
    if lines is None:
        return None
    without = [name for name, line in lines.items() if not line]
    # Only now: whoever packs a ref takes its file away, and what was packed before lacks it.
    packed = _packed(folder) if without else b""
    if packed is None:
        return None
    lines |= {name: _among(packed, name, length) for name in without}
    found = {name: line for name, line in lines.items() if line != b""}
    if not all(line and _is_id(line, length) for line in found.values()):
        return None
    return {name: line[:length].decode("ascii") for name, line in found.items() if line}


def _own_files(folder: str, names: "Iterable[str]") -> dict[str, bytes | None] | None:
    """What each ref's own file holds, nothing where it has none; `None` where one is in doubt."""
    lines: dict[str, bytes | None] = {}
    for name in names:
        is_shared = name.startswith(_SHARED) and name.isascii()
        lines[name] = _content(f"{folder}/{name}") if is_shared else None
        if lines[name] is None:
            return None
    return lines


def head(folder: str) -> str | None:
    """The full name of the branch that HEAD of a worktree's own folder stands on, if on any.

    `None`: it stands on none, or git has to be asked.
    """
    content = _content(f"{folder}/HEAD")
    if not content or not content.startswith(b"ref: refs/heads/") or not content.endswith(b"\n"):
        return None
    name = content[5:-1]
    return name.decode("ascii") if name.isascii() else None


def _is_plain(folder: str) -> bool:
    """True where refs are files, and no two names of files are one to the system."""
    return (
        os.path.isdir(f"{folder}/refs/heads")  # noqa: PTH112 (no pathlib here)
        and not os.path.lexists(f"{folder}/reftable")
        and not os.path.lexists(f"{folder}/hEAD")
    )


def _content(place: str) -> bytes | None:
    """What a file holds; nothing where there is none; `None` where it cannot be read as one."""
    try:
        handle = os.open(place, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except _ABSENT:
        return b""
    except OSError:
        return None
    try:
        return os.read(handle, _LONGEST) or None
    except IsADirectoryError:
        return b""
    except OSError:
        return None
    finally:
        os.close(handle)


def _packed(folder: str) -> bytes | None:
    """All packed refs, a line each and a line end before the first."""
    parts = [b"\n"]
    try:
        with open(f"{folder}/packed-refs", "rb", buffering=0) as file:  # noqa: PTH123
            while part := file.read(_CHUNK):
                parts.append(part)
    except FileNotFoundError:
        return b"\n"
    except OSError:
        return None
    packed = b"".join(parts)
    return packed if packed.endswith(b"\n") else None


def _among(packed: bytes, name: str, length: int) -> bytes | None:
    """The packed line of a ref, up to the name; nothing where there is none."""
    end = packed.find(f" {name}\n".encode("ascii"))
    if end < 0:
        return b""
    begin = packed.rfind(b"\n", 0, end) + 1
    return packed[begin:end] + b"\n" if end - begin == length else None


def _is_id(line: bytes, length: int) -> bool:
    oid = line[:-1]
    is_whole = len(line) == length + 1 and line.endswith(b"\n")
    return is_whole and _HEX.issuperset(oid) and oid.strip(b"0") != b""
