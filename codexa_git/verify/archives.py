"""Archives that somebody hands on, tar and zip: read strictly, in memory, and never written out.

What two programs could read two things out of is refused: a name that stands twice, a size that is
not what comes out. So is what is larger than anybody would export, before it is unpacked.
"""

import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from stat import S_IFMT, S_ISREG
from typing import NamedTuple

from codexa_git.errors import RepositoryError, UsageError
from codexa_git.repository.objects import LARGEST

_MOST_MEMBERS = 200_000
_SPOILT = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error),
    *(OSError, EOFError, ValueError, NotImplementedError),
)
"""How a reader of archives says that one is malformed, or of a kind that it does not read."""

_ZIP = b"PK"
_PACKED = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""What forges and git use. Of the others, Python unpacks all that a few bytes hold at once."""

_END, _END_64 = b"PK\x05\x06", b"PK\x06\x07"
_END_SIZE, _END_64_SIZE, _LONGEST_COMMENT = 22, 20, 1 << 16
_LARGEST_LIST = 16 * 1024 * 1024
_ENCRYPTED = 1


class Archive(NamedTuple):
    """The plain files of an archive: their names, and how one of them is read."""

    names: frozenset[str]
    read: Callable[[str], bytes]


@contextmanager
def opened_archive(path: Path, place: str) -> Iterator[Archive]:
    """The archive at a path, which whoever asks calls `place`.

    Raises:
        UsageError: it is no archive of a kind that is read.
        RepositoryError: it is cut short, holds a file twice or a huge one, or never ends.
    """
    with path.open("rb") as file:
        is_zip = file.read(len(_ZIP)) == _ZIP
    if is_zip:
        with _zip(path, place) as opened:
            yield _of_zip(opened, place)
        return
    with _tar(path) as archive:
        yield _of_tar(archive, place)


def _tar(path: Path) -> tarfile.TarFile:
    """The archive, plain or compressed by gzip."""
    for mode in ("r:", "r:gz"):
        try:
            return tarfile.open(path, mode)
        except _SPOILT:
            continue
    raise _no_archive(path)


def _of_tar(archive: tarfile.TarFile, place: str) -> Archive:
    found: dict[str, tarfile.TarInfo] = {}
    try:
        for number, member in enumerate(archive):
            name = PurePosixPath(member.name).as_posix()
            _require_few(number, member.size if member.isreg() else 0, place)
            _require_new(name, found, place)
            if member.isreg():
                found[name] = member
    except _SPOILT as error:
        raise _cut(place) from error

    def read(name: str) -> bytes:
        try:
            opened = archive.extractfile(found[name])
            content = b"" if opened is None else opened.read()
        except _SPOILT as error:
            raise _cut(place) from error
        return _whole(content, found[name].size, place)

    return Archive(frozenset(found), read)


def _zip(path: Path, place: str) -> zipfile.ZipFile:
    _require_short_list(path, place)
    try:
        return zipfile.ZipFile(path)
    except _SPOILT as error:
        raise _no_archive(path) from error


def _require_short_list(path: Path, place: str) -> None:
    """Nothing: what lists the files is no larger than Python can hold, which reads it at once."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - _END_SIZE - _END_64_SIZE - _LONGEST_COMMENT))
        tail = file.read()
    at = len(tail) - _END_SIZE
    if at < 0 or tail[at : at + 4] != _END or tail[-2:] != b"\0\0":
        at = tail.rfind(_END)
    if at < 0:
        raise _no_archive(path)
    listed = int.from_bytes(tail[at + 12 : at + 16], "little")
    is_64 = tail[max(0, at - _END_64_SIZE) : at].startswith(_END_64)
    if is_64 or listed > _LARGEST_LIST:
        raise _too_much(place)


def _of_zip(archive: zipfile.ZipFile, place: str) -> Archive:
    found: dict[str, zipfile.ZipInfo] = {}
    named: dict[str, None] = {}
    for number, member in enumerate(archive.infolist()):
        name = PurePosixPath(member.filename).as_posix()
        _require_few(number, member.file_size, place)
        _require_new(name, named, place)
        named[name] = None
        if member.flag_bits & _ENCRYPTED or member.compress_type not in _PACKED:
            raise RepositoryError(f"{place} holds {name!a} encrypted, or packed in a rare way")
        if _is_plain(member):
            found[name] = member

    def read(name: str) -> bytes:
        try:
            with archive.open(found[name]) as opened:
                content = opened.read(LARGEST + 1)
        except _SPOILT as error:
            raise _cut(place) from error
        return _whole(content, found[name].file_size, place)

    return Archive(frozenset(found), read)


def _is_plain(member: zipfile.ZipInfo) -> bool:
    """True for a file, as far as the archive tells: where it was not made by Unix it does not."""
    kind = S_IFMT(member.external_attr >> 16)
    return not member.is_dir() and (kind == 0 or S_ISREG(kind))


def _require_few(number: int, size: int, place: str) -> None:
    if number >= _MOST_MEMBERS or size > LARGEST:
        raise _too_much(place)


def _require_new(name: str, found: Mapping[str, object], place: str) -> None:
    if name in found:
        raise RepositoryError(f"{place} holds {name!a} twice, so nobody can say which is it")


def _whole(content: bytes, size: int, place: str) -> bytes:
    if len(content) != size:
        raise _cut(place)
    return content


def _too_much(place: str) -> RepositoryError:
    return RepositoryError(f"{place} holds more than anybody would export")


def _no_archive(path: Path) -> UsageError:
    return UsageError(f"{path.name} is no folder, and no tar or zip archive that can be read")


def _cut(place: str) -> RepositoryError:
    return RepositoryError(f"{place} cannot be read to its end")
