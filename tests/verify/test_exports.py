"""Exported records, judged by themselves: complete by their seal, open, or broken."""

import io
import json
import os
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from scenarios.clone import At, Clone

LOG = "audit/CH-001/handoff.jsonl"
CONCERNS = "audit/CH-001/concerns.jsonl"


def judged(clone: Clone, place: str | Path, status: int = 0) -> Any:  # noqa: ANN401
    answer = clone.codexa("verify", "--records", str(place), "--json")
    assert answer.status == status, answer
    told = json.loads(answer.out)
    return [(f["rule"], f["path"], f["line"]) for f in told["findings"]]


def as_tree(clone: Clone, folder: Path) -> str:
    del folder
    return clone.git("rev-parse", "main^{tree}")


def as_folder(clone: Clone, folder: Path) -> str:
    place = as_archive(clone, folder)
    with tarfile.open(place) as archive:
        archive.extractall(folder / "out", filter="data")
    return str(folder / "out")


def as_the_folder_of_one_change(clone: Clone, folder: Path) -> str:
    return f"{as_folder(clone, folder)}/audit/CH-001"


def as_archive(clone: Clone, folder: Path) -> str:
    clone.git("archive", "-o", str(folder / "all.tar"), "main")
    return str(folder / "all.tar")


def as_archive_of_records(clone: Clone, folder: Path) -> str:
    place = str(folder / "records.tar.gz")
    clone.git("archive", "--prefix=export/", "-o", place, "main", "audit")
    return place


def as_zip(clone: Clone, folder: Path) -> str:
    place = str(folder / "project-main.zip")
    clone.git("archive", "--prefix=project-main/", "-o", place, "main")
    return place


KINDS = [
    *(as_tree, as_folder, as_the_folder_of_one_change),
    *(as_archive, as_archive_of_records, as_zip),
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_change_proves_itself_complete(
    at: At, tmp_path: Path, kind: Callable[[Clone, Path], str]
) -> None:
    clone = at("landed")
    place = kind(clone, tmp_path)
    assert judged(clone, place) == []
    assert "CH-001  complete: its seal covers" in clone.did("verify", "--records", place)


def test_no_repository_is_needed(at: At, tmp_path: Path) -> None:
    place = as_archive(at("landed"), tmp_path)
    (tmp_path / "elsewhere").mkdir()
    assert judged(Clone(tmp_path / "elsewhere"), place) == []


@pytest.mark.parametrize("state", ["opened", "planned", "packaged"])
def test_an_open_change_is_undecided(at: At, state: str) -> None:
    assert judged(at(state), "HEAD", status=3) == [("L5", LOG, None)]


def exported(clone: Clone, folder: Path, path: str, edit: Callable[[bytes], bytes | None]) -> str:
    place = Path(as_folder(clone, folder))
    made = edit((place / path).read_bytes())
    (place / path).unlink()
    if made is not None:
        (place / path).write_bytes(made)
    return str(place)


def rows(edit: Callable[[list[bytes]], list[bytes]]) -> Callable[[bytes], bytes]:
    return lambda content: b"".join(edit(content.splitlines(keepends=True)))


FORGED: dict[str, tuple[str, Callable[[bytes], bytes | None], str]] = {
    "a record is dropped": (LOG, rows(lambda ls: [*ls[:-2], ls[-1]]), "L5"),
    "a record is edited": (LOG, lambda c: c.replace(b"Shouting", b"Whispering", 1), "R3"),
    "a record stands there twice": (LOG, rows(lambda ls: [*ls, ls[-1]]), "R6"),
    "a line is cut short": (LOG, lambda c: c[:-5], "R1"),
    "a line is no JSON": (LOG, lambda c: b"{}x\n" + c, "R1"),
    "a file of records is gone": ("audit/CH-001/retention.jsonl", lambda _: None, "L5"),
    "a signature is gone": (
        "audit/CH-001/commands.jsonl",
        lambda c: b"".join(unsigned(ln) for ln in c.splitlines(keepends=True)),
        "R8",
    ),
    "evidence is another": ("tests/results/CH-001.json", lambda c: c + b" ", "L9"),
    "the packet is another": ("changes/CH-001/packet.html", lambda c: c + b" ", "L9"),
}


def unsigned(line: bytes) -> bytes:
    value = json.loads(line)
    value.pop("signature", None)
    return (
        json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
        + b"\n"
    )


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_export_is_broken(at: At, tmp_path: Path, name: str) -> None:
    path, edit, rule = FORGED[name]
    clone = at("landed")
    found = judged(clone, exported(clone, tmp_path, path, edit), status=1)
    assert rule in {number for number, _, _ in found}


def test_the_last_record_taken_away_leaves_it_undecided_and_never_complete(
    at: At, tmp_path: Path
) -> None:
    clone = at("landed")
    place = exported(clone, tmp_path, LOG, rows(lambda ls: ls[:-1]))
    assert judged(clone, place, status=3) == [("L5", LOG, None)]


def test_a_record_after_closing_leaves_it_undecided(at: At) -> None:
    clone = at("closed")
    clone.did("concern", "raise", "wait")
    assert judged(clone, "HEAD", status=3) == [("L5", LOG, None)]


def test_evidence_that_is_not_there_is_no_finding(at: At, tmp_path: Path) -> None:
    clone = at("landed")
    place = exported(clone, tmp_path, "changes/CH-001/packet.html", lambda _: None)
    assert judged(clone, place) == []


def test_a_format_that_nobody_knows_is_undecided(at: At, tmp_path: Path) -> None:
    clone = at("landed")
    place = exported(clone, tmp_path, LOG, lambda c: c.replace(b'"format":1', b'"format":2', 1))
    assert judged(clone, place, status=3) == [("R2", LOG, 1)]


def packed(place: Path, *members: tuple[str, bytes]) -> str:
    with tarfile.open(place, "w") as archive:
        for name, content in members:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return str(place)


def test_an_archive_that_holds_a_file_twice_is_undecided(at: At, tmp_path: Path) -> None:
    clone = at("landed")
    content = clone.git("show", f"main:{LOG}").encode() + b"\n"
    place = packed(tmp_path / "twice.tar", (LOG, content), (f"./{LOG}", b""))
    assert "twice" in clone.refused("verify", "--records", place, status=3)


@pytest.mark.parametrize("packs", [as_archive, as_archive_of_records, as_zip])
def test_an_archive_that_is_cut_short_is_never_complete(
    at: At, tmp_path: Path, packs: Callable[[Clone, Path], str]
) -> None:
    clone = at("landed")
    whole = Path(packs(clone, tmp_path))
    content, cut = whole.read_bytes(), tmp_path / "cut"
    needed = content.rindex(b"retention.jsonl") if whole.suffix == ".tar" else len(content) - 64
    for size in range(0, needed, needed // 12):
        cut.write_bytes(content[:size])
        answer = clone.codexa("verify", "--records", str(cut))
        assert answer.status in (1, 2, 3), (size, answer)


def test_links_in_a_folder_lead_nowhere(at: At, tmp_path: Path) -> None:
    clone = at("landed")
    folder = Path(as_folder(clone, tmp_path))
    (folder / LOG).rename(tmp_path / "secret")
    (folder / LOG).symlink_to(tmp_path / "secret")
    assert judged(clone, folder, status=1)[0][0] == "S3"


def test_a_pipe_for_a_file_is_not_waited_for(at: At, tmp_path: Path) -> None:
    clone = at("landed")
    folder = Path(as_folder(clone, tmp_path))
    (folder / CONCERNS).unlink(missing_ok=True)
    os.mkfifo(folder / CONCERNS)
    assert judged(clone, folder) == []


@pytest.mark.parametrize("place", ["nowhere", "--all", "README.md", "main:README.md"])
def test_what_is_no_export_is_refused(at: At, place: str) -> None:
    clone = at("landed")
    told = clone.refused("verify", f"--records={place}", status=2)
    assert "is no folder" in told or "holds no change's records" in told


def test_a_folder_without_records_is_refused(at: At, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    told = at("landed").refused("verify", "--records", str(tmp_path / "empty"), status=2)
    assert "holds no change's records" in told


Member = tuple[str | zipfile.ZipInfo, bytes]


def zipped(place: Path, *members: Member, method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(place, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return place


@pytest.fixture
def records(at: At) -> tuple[Clone, bytes]:
    """A clone, and the log of handoffs that its base holds."""
    clone = at("landed")
    return clone, clone.raw(LOG, "main")


def test_a_zip_that_holds_a_file_twice_is_undecided(
    records: tuple[Clone, bytes], tmp_path: Path
) -> None:
    clone, content = records
    place = zipped(tmp_path / "twice.zip", (LOG, content), (f"./{LOG}", b""))
    assert "twice" in clone.refused("verify", "--records", str(place), status=3)


def declared(place: Path, size: int) -> None:
    """What the zip says the size of its last file is, in both of the places that say it."""
    content = bytearray(place.read_bytes())
    local, listed = content.rindex(b"PK\x03\x04"), content.rindex(b"PK\x01\x02")
    for at in (local + 22, listed + 24):
        content[at : at + 4] = size.to_bytes(4, "little")
    place.write_bytes(content)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
@pytest.mark.parametrize("more", [-1, 1, 1 << 20])
def test_a_zip_whose_sizes_do_not_fit_is_undecided(
    records: tuple[Clone, bytes], tmp_path: Path, method: int, more: int
) -> None:
    clone, content = records
    place = zipped(tmp_path / "sizes.zip", (LOG, content), method=method)
    declared(place, len(content) + more)
    assert "to its end" in clone.refused("verify", "--records", str(place), status=3)


def test_a_zip_of_what_nobody_would_export_is_not_unpacked(
    records: tuple[Clone, bytes], tmp_path: Path
) -> None:
    clone, content = records
    bomb = zipped(tmp_path / "bomb.zip", (LOG, content), ("zeros", bytes(65 * 1024 * 1024)))
    assert bomb.stat().st_size < 1 << 20
    told = clone.refused("verify", "--records", str(bomb), status=3)
    assert "more than anybody would export" in told


def test_a_zip_that_hides_how_large_a_file_is_is_not_unpacked(
    records: tuple[Clone, bytes], tmp_path: Path
) -> None:
    clone, _ = records
    place = zipped(tmp_path / "hidden.zip", (LOG, bytes(65 * 1024 * 1024)))
    declared(place, 100)
    assert "to its end" in clone.refused("verify", "--records", str(place), status=3)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_packed_in_a_rare_way_is_undecided(
    records: tuple[Clone, bytes], tmp_path: Path, method: int
) -> None:
    clone, content = records
    place = zipped(tmp_path / "rare.zip", (LOG, content), method=method)
    assert "in a rare way" in clone.refused("verify", "--records", str(place), status=3)


def test_a_zip_that_lists_more_than_can_be_held_is_not_read(
    records: tuple[Clone, bytes], tmp_path: Path
) -> None:
    clone, content = records
    place = zipped(tmp_path / "list.zip", (LOG, content))
    raw = bytearray(place.read_bytes())
    raw[-10:-6] = (1 << 30).to_bytes(4, "little")
    place.write_bytes(raw)
    told = clone.refused("verify", "--records", str(place), status=3)
    assert "more than anybody would export" in told


def test_a_link_in_a_zip_is_no_file(records: tuple[Clone, bytes], tmp_path: Path) -> None:
    clone, _ = records
    link = zipfile.ZipInfo(LOG)
    link.create_system, link.external_attr = 3, 0o120777 << 16
    place = zipped(tmp_path / "link.zip", (link, b"/etc/passwd"))
    told = clone.refused("verify", "--records", str(place), status=2)
    assert "holds no change's records" in told


def test_what_only_begins_as_a_zip_is_refused(records: tuple[Clone, bytes], tmp_path: Path) -> None:
    (tmp_path / "no.zip").write_bytes(b"PK\x03\x04 and no more")
    told = records[0].refused("verify", "--records", str(tmp_path / "no.zip"), status=2)
    assert "no tar or zip archive" in told
