"""Reaching a file below a folder without following a link, neither on the way nor at the end."""

import contextlib
import errno
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from codexa_git.errors import AgentError

_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP)


class Found(NamedTuple):
    """A regular file: its bytes, and whether its owner may execute it."""

    content: bytes
    executable: bool


def parts_of(path: str) -> tuple[str, ...]:
    """The steps of a relative path that goes down only, and into no `.git`."""
    parts = tuple(path.split("/"))
    if any(part in ("", ".", "..") or part.lower() == ".git" or "\0" in part for part in parts):
        raise AgentError(f"{path!r} is no path inside the tree")
    return parts


@contextlib.contextmanager
def folder(root: Path, parts: tuple[str, ...], *, make: bool = False) -> Iterator[int]:
    """A descriptor of the folder `parts` below `root`, made where it is missing and `make` says."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    here = os.open(root, flags)
    try:
        for part in parts:
            if make:
                with contextlib.suppress(FileExistsError):
                    os.mkdir(part, 0o755, dir_fd=here)
            below = os.open(part, flags, dir_fd=here)
            os.close(here)
            here = below
        yield here
    finally:
        os.close(here)


def read(root: Path, parts: tuple[str, ...], most: int) -> Found | None:
    """At most the first `most` bytes of a regular file; `None` where nothing is there."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    name = "/".join(parts)
    try:
        with folder(root, parts[:-1]) as above:
            descriptor = os.open(parts[-1], flags, dir_fd=above)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise AgentError(f"{name} cannot be read, or only through a link") from error
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode):
        os.close(descriptor)
        raise AgentError(f"{name} is not a regular file")
    with open(descriptor, "rb") as file:  # noqa: PTH123 - it is open already
        return Found(file.read(most), bool(status.st_mode & 0o100))


def is_there(root: Path, parts: tuple[str, ...]) -> bool:
    """True where anything has that name, be it a link that leads nowhere."""
    try:
        with folder(root, parts[:-1]) as above:
            os.lstat(parts[-1], dir_fd=above)
    except FileNotFoundError:
        return False
    except OSError as error:
        raise AgentError(f"{'/'.join(parts)} cannot be reached, or only through a link") from error
    return True


def write(root: Path, parts: tuple[str, ...], found: Found) -> None:
    """The file holds just that, whatever had its name before; its folders are made."""
    mode = 0o755 if found.executable else 0o644
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    take_away(root, parts)
    try:
        with folder(root, parts[:-1], make=True) as above:
            descriptor = os.open(parts[-1], flags, mode, dir_fd=above)
            with open(descriptor, "wb") as file:  # noqa: PTH123 - it is open already
                os.fchmod(descriptor, mode)
                file.write(found.content)
    except OSError as error:
        raise AgentError(f"{'/'.join(parts)} cannot be written: {error.strerror}") from error


def take_away(root: Path, parts: tuple[str, ...]) -> None:
    """No file has that name; a folder, and what lies behind a link, is let be."""
    try:
        with folder(root, parts[:-1]) as above:
            os.unlink(parts[-1], dir_fd=above)
    except OSError as error:
        if error.errno not in _ABSENT:
            raise AgentError(f"{'/'.join(parts)} cannot be removed") from error
