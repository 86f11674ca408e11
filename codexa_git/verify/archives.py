"""Archives that somebody hands on, tar and zip: read strictly, in memory, and never written out.

What two programs could read two things out of is refused: a name that stands twice, a size that is
not what comes out. So is what is larger than anybody would export, before it is unpacked.
"""

import gzip
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from stat import S_IFMT, S_ISREG
from typing import BinaryIO, NamedTuple, cast

from codexa_git.errors import RepositoryError, UsageError
from codexa_git.repository.objects import LARGEST

_MOST_MEMBERS = 200_000
_SPOILT = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error),
    *(OSError, EOFError, ValueError, NotImplementedError),
)
"""How a reader of archives says that one is malformed, or of a kind that it does not read."""

_TOO_MUCH = (RecursionError, MemoryError)

_HEADER = 64 * 1024
_MOST_HEADERS = 128 * 1024 * 1024
_MOST_BYTES = 4 * 1024 * 1024 * 1024
"""So much may stand before one file of a tar and before all of them, and in a tar altogether.

A header may claim any length, and others may follow it: git and tar write one or two short ones.
"""

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
    with _tar(path, place) as (archive, meter):
        yield _of_tar(archive, meter, place)


class _Meter:
    """The bytes of a tar, of which no more is read than `room`, and nothing far behind."""

    def __init__(self, file: BinaryIO, place: str) -> None:
        self._file, self._place = file, place
        self._headers = 0
        self.room = _HEADER

    def read(self, size: int = -1) -> bytes:
        """So many bytes.

        Raises:
            RepositoryError: that is more than there is room for.
        """
        if size < 0 or size > self.room:
            raise _too_much(self._place)
        self.room -= size
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        """The place from which is read next.

        Raises:
            RepositoryError: nobody would export an archive that is so long.
        """
        if offset > _MOST_BYTES:
            raise _too_much(self._place)
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """The place from which is read next."""
        return self._file.tell()

    def next_header(self) -> None:
        """There is room for the headers of one more file."""
        self._headers += _HEADER - self.room
        if self._headers > _MOST_HEADERS:
            raise _too_much(self._place)
        self.room = _HEADER


@contextmanager
def _tar(path: Path, place: str) -> Iterator[tuple[tarfile.TarFile, _Meter]]:
    """The archive, plain or compressed by gzip."""
    for opener in (Path.open, gzip.open):
        with cast("BinaryIO", opener(path, "rb")) as file:
            meter = _Meter(file, place)
            try:
                archive = tarfile.TarFile(fileobj=cast("BinaryIO", meter))
            except _SPOILT:
                continue
            except _TOO_MUCH as error:
                raise _too_much(place) from error
            with archive:
                yield archive, meter
            return
    raise _no_archive(path)


def _of_tar(archive: tarfile.TarFile, meter: _Meter, place: str) -> Archive:
    found: dict[str, tarfile.TarInfo] = {}
    try:
        for number, member in enumerate(archive):
            meter.next_header()
            name = PurePosixPath(member.name).as_posix()
            _require_few(number, member.size if member.isreg() else 0, place)
            _require_new(name, found, place)
            if member.isreg():
                found[name] = member
    except _SPOILT as error:
        raise _cut(place) from error
    except _TOO_MUCH as error:
        raise _too_much(place) from error

    def read(name: str) -> bytes:
        meter.room = 2 * LARGEST
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
