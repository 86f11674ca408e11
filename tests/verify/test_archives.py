"""Tar archives that make whoever reads them hold more than they are: refused, and never held."""

import gzip
import io
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from scenarios.clone import At

from codexa_git.errors import RepositoryError
from codexa_git.verify.archives import opened_archive

SIZE = 100 * 1024 * 1024
MOST = 4 * 1024 * 1024
NAME = "a/" * 60 + "\u00e4" * 120
BLOCK = 512


def header(kind: bytes, size: int) -> bytes:
    member = tarfile.TarInfo("x")
    member.type, member.size = kind, size
    return member.tobuf(tarfile.GNU_FORMAT)


def pax(fields: dict[str, str]) -> bytes:
    text = b""
    for name, value in fields.items():
        line = f" {name}={value}\n"
        text += f"{len(line) + 2}{line}".encode()
    return header(tarfile.XHDTYPE, len(text)) + text.ljust(BLOCK, b"\0")


def long_header(kind: bytes) -> bytes:
    return header(kind, SIZE) + bytes(SIZE)


def many_headers() -> bytes:
    return (header(tarfile.GNUTYPE_LONGNAME, 2) + b"x".ljust(BLOCK, b"\0")) * 3000


def endless_holes() -> bytes:
    """Of a file with holes, where they are is told in blocks, each of which says: one more."""
    first = bytearray(tarfile.TarInfo("x").tobuf(tarfile.GNU_FORMAT))
    first[156:157], first[482], first[148:156] = tarfile.GNUTYPE_SPARSE, 1, b" " * 8
    first[148:156] = b"%06o\0 " % sum(first)
    more = bytearray(b"0" * 11 + b"\0") * (2 * 21)
    return bytes(first) + bytes(more + b"\1").ljust(BLOCK, b"\0") * (SIZE // BLOCK)


def endless_numbers() -> bytes:
    """The same in a newer form: numbers of which no end comes."""
    told = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0"}
    return pax(told) + header(tarfile.REGTYPE, SIZE) + b"99999999\n" + b"1\n" * (SIZE // 2)


HOSTILE: dict[str, Callable[[], bytes]] = {
    "a long pax header": lambda: long_header(tarfile.XHDTYPE),
    "a long pax header of all files": lambda: long_header(tarfile.XGLTYPE),
    "a long name": lambda: long_header(tarfile.GNUTYPE_LONGNAME),
    "a long link": lambda: long_header(tarfile.GNUTYPE_LONGLINK),
    "many headers": many_headers,
    "endless holes": endless_holes,
    "endless numbers": endless_numbers,
    "a file as long as a disk": lambda: header(b"Z", 1 << 40),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_headers_get_no_more_memory_than_one_can_need(tmp_path: Path, name: str) -> None:
    place = tmp_path / "hostile.tgz"
    place.write_bytes(gzip.compress(HOSTILE[name](), 1))
    tracemalloc.start()
    try:
        with pytest.raises(RepositoryError, match="more than anybody would export"):
            opened_archive(place, "it").__enter__()
        assert tracemalloc.get_traced_memory()[1] < MOST
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("name", ["a long name", "many headers"])
def test_whoever_verifies_such_records_is_told_that_nothing_was_decided(
    at: At, tmp_path: Path, name: str
) -> None:
    place = tmp_path / "hostile.tar"
    place.write_bytes(HOSTILE[name]())
    told = at("landed").refused("verify", "--records", str(place), status=3)
    assert "hostile.tar holds more than anybody would export" in told


@pytest.mark.parametrize("before", [b"", header(tarfile.REGTYPE, 0)])
def test_headers_upon_headers_are_undecided_however_deep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: bytes
) -> None:
    monkeypatch.setattr("codexa_git.verify.archives._HEADER", 1 << 30)
    place = tmp_path / "deep.tar"
    place.write_bytes(before + many_headers())
    with pytest.raises(RepositoryError, match="more than anybody would export"):
        opened_archive(place, "it").__enter__()


def test_the_headers_of_all_files_get_no_more_than_could_be_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "many.tar"
    with tarfile.open(place, "w") as archive:
        for number in range(100):
            archive.addfile(tarfile.TarInfo(f"{number}"))
    with opened_archive(place, "it") as found:
        assert len(found.names) == 100
    monkeypatch.setattr("codexa_git.verify.archives._MOST_HEADERS", 50 * BLOCK)
    with pytest.raises(RepositoryError, match="more than anybody would export"):
        opened_archive(place, "it").__enter__()


@pytest.mark.parametrize("form", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_long_names_and_large_files_are_read(tmp_path: Path, form: int, mode: str) -> None:
    contents = {f"{NAME}{number}": bytes([number]) * 3_000_000 for number in range(5)}
    place = tmp_path / "names"
    with tarfile.open(str(place), mode, format=form) as archive:  # type: ignore[call-overload]
        for name, content in contents.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    with opened_archive(place, "it") as found:
        assert {name: found.read(name) for name in found.names} == contents
