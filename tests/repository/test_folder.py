import os
import socket
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builders import git
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from searching import examples

from codexa_git.errors import RefusedError, RepositoryError
from codexa_git.repository.folder import read_back, stays_inside, write_out
from codexa_git.repository.objects import Entry
from codexa_git.repository.store import Store

NAMES = st.sampled_from(
    ["a", "b", "é", "a b", "-x", "new\nline", ".gitattributes", "gitfoo", "..."]
)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map("/".join)
SIDES = st.tuples(st.sampled_from(["100644", "100755"]), st.binary(max_size=20)) | st.tuples(
    st.just("120000"), st.sampled_from([b"a", b"none/x", b".", b"a b/c"])
)
FILES = st.dictionaries(PATHS, SIDES, max_size=8).filter(
    lambda files: not any(p != q and q.startswith(f"{p}/") for p in files for q in files)
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "folder"
    place.mkdir()
    return place


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def made(store: Store, files: dict[str, tuple[str, bytes]]) -> str:
    return store.write_tree(
        None, {path: Entry(mode, store.write_blob(body)) for path, (mode, body) in files.items()}
    )


@settings(max_examples=examples(60), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FILES)
def test_an_untouched_folder_reads_back_to_exactly_its_tree(
    bare: Store, files: dict[str, tuple[str, bytes]]
) -> None:
    tree = made(bare, files)
    with TemporaryDirectory() as name:
        write_out(bare, tree, Path(name))
        back = read_back(bare, Path(name))
    assert back == bare.entries(tree)
    assert list(back) == list(bare.entries(tree))
    assert bare.write_tree(None, back) == tree


@pytest.mark.usefixtures("open_umask")
def test_modes_do_not_depend_on_the_umask(store: Store, folder: Path) -> None:
    tree = made(store, {"d/run": ("100755", b"x"), "d/file": ("100644", b"x")})
    write_out(store, tree, folder)
    modes = [(folder / path).stat().st_mode & 0o777 for path in ("d", "d/run", "d/file")]
    assert modes == [0o755, 0o755, 0o644]


def test_files_are_written_as_they_are_whatever_attributes_say(
    repository: Path, store: Store, folder: Path
) -> None:
    git(repository, "config", "core.autocrlf", "true")
    git(repository, "config", "filter.evil.smudge", "false")
    rules = b"* text eol=crlf filter=evil ident export-subst\nhidden export-ignore\n"
    bodies = {".gitattributes": rules, "a": b"$Id$ $Format:%H$\nx\r\n", "hidden": b"1\n"}
    write_out(store, made(store, {p: ("100644", b) for p, b in bodies.items()}), folder)
    assert {place.name: place.read_bytes() for place in folder.iterdir()} == bodies


def test_what_was_made_changed_and_removed_is_read_back(store: Store, folder: Path) -> None:
    tree = made(
        store, {"keep": ("100644", b"1"), "gone": ("100644", b"2"), "run": ("100644", b"3")}
    )
    write_out(store, tree, folder)
    (folder / "gone").unlink()
    (folder / "run").chmod(0o700)
    (folder / "new/deep").mkdir(parents=True)
    (folder / "new/deep/file").write_bytes(b"\0\xff")
    (folder / "new/empty").mkdir()
    (folder / "link").symlink_to("new/deep")
    back = read_back(store, folder)
    assert {path: (entry.mode, store.blob(entry.oid)) for path, entry in back.items()} == {
        "keep": ("100644", b"1"),
        "link": ("120000", b"new/deep"),
        "new/deep/file": ("100644", b"\0\xff"),
        "run": ("100755", b"3"),
    }
    with Store.open(store.git_dir) as again:
        assert again.blob(back["new/deep/file"].oid) == b"\0\xff"


def test_large_folders_are_stored_in_parts(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codexa_git.repository.folder._BATCH", 25)
    for n in range(9):
        (folder / f"{n}").write_text(f"{n}" * 10)
    back = read_back(store, folder)
    with Store.open(store.git_dir) as again:
        assert [again.blob(back[f"{n}"].oid) for n in range(9)] == [
            b"%d" % n * 10 for n in range(9)
        ]


def test_a_gitlink_stands_as_long_as_its_folder_is_empty(store: Store, folder: Path) -> None:
    tree = store.write_tree(
        made(store, {"a": ("100644", b"1")}), {"sub/mod": Entry("160000", "ab" * 20)}
    )
    write_out(store, tree, folder)
    assert read_back(store, folder, base=tree) == store.entries(tree)
    assert read_back(store, folder).keys() == {"a"}
    (folder / "sub/mod/file").write_text("x")
    assert read_back(store, folder, base=tree).keys() == {"a", "sub/mod/file"}


def test_what_is_ignored_is_not_even_judged(store: Store, folder: Path) -> None:
    (folder / "cache/.git").mkdir(parents=True)
    (folder / "cache2").mkdir()
    (folder / "cache2/file").write_text("x")
    git(folder, "init", "-q")
    os.mkfifo(folder / "pipe")
    found = read_back(store, folder, ignore=("cache/", ".git", "pipe"))
    assert found.keys() == {"cache2/file"}


@pytest.mark.parametrize(
    ("path", "target", "inside"),
    [
        ("a", "b", True),
        ("a", "b/c/../d", False),
        ("a", "../a", False),
        ("a", "..", False),
        ("d/a", "..", True),
        ("d/a", "../b", True),
        ("d/a", "../../b", False),
        ("d/e/a", "../../b", True),
        ("d/e/a", "..//../../x", False),
        ("a", "/etc/passwd", False),
        ("a", "", False),
        ("a", "./../x", False),
        ("a", ".", True),
        ("a", "x" * 4096, False),
    ],
)
def test_a_link_stays_inside_or_is_refused_both_ways(
    store: Store, folder: Path, path: str, target: str, *, inside: bool
) -> None:
    assert stays_inside(path, target.encode()) is inside
    tree = made(store, {path: ("120000", target.encode())})
    if inside:
        write_out(store, tree, folder)
        assert read_back(store, folder) == store.entries(tree)
        return
    with pytest.raises(RepositoryError, match="leads out of the folder"):
        write_out(store, tree, folder)
    assert list(folder.iterdir()) == []
    if 0 < len(target) < 4096:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).symlink_to(target)
        with pytest.raises(RefusedError, match="leads out of the folder"):
            read_back(store, folder)


def test_links_that_stay_inside_one_by_one_do_not_lead_out_together(
    store: Store, folder: Path
) -> None:
    tree = made(store, {"d/e/up": ("120000", b"../.."), "out": ("120000", b"d/e/up/..")})
    with pytest.raises(RepositoryError, match="'out' leads out"):
        write_out(store, tree, folder)


@pytest.mark.parametrize("name", ["git~1", "GIT~1", ".git ", ".git.", ".git::$INDEX", ".g\u200cit"])
def test_a_name_that_another_system_takes_for_git_is_refused_both_ways(
    store: Store, folder: Path, name: str
) -> None:
    tree = made(store, {f"d/{name}": ("100644", b"x")})
    with pytest.raises(RepositoryError, match="a name that git keeps for itself"):
        write_out(store, tree, folder)
    (folder / name).mkdir()
    with pytest.raises(RefusedError, match="a name that git keeps for itself"):
        read_back(store, folder)


@pytest.mark.parametrize("name", [".git", ".GIT", ".Git"])
def test_a_repository_that_appeared_is_refused(store: Store, folder: Path, name: str) -> None:
    (folder / "d" / name).mkdir(parents=True)
    with pytest.raises(RefusedError, match=f"^'d/{name}' "):
        read_back(store, folder)


def test_a_name_that_is_not_utf_8_is_refused_both_ways(store: Store, folder: Path) -> None:
    name = os.fsdecode(b"a\xff")
    with pytest.raises(RepositoryError, match="is not UTF-8"):
        write_out(store, made(store, {name: ("100644", b"x")}), folder)
    (folder / name).write_text("x")
    with pytest.raises(RefusedError, match="is not UTF-8"):
        read_back(store, folder)


def test_only_files_folders_and_links_are_read(store: Store, folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    with pytest.raises(RefusedError, match=r"^'pipe' is neither"):
        read_back(store, folder)
    (folder / "pipe").unlink()
    with socket.socket(socket.AF_UNIX) as server:
        before = Path.cwd()
        os.chdir(folder)
        server.bind("socket")
        os.chdir(before)
        with pytest.raises(RefusedError, match=r"^'socket' is neither"):
            read_back(store, folder)
    (folder / "socket").unlink()
    (folder / "setuid").write_text("x")
    (folder / "setuid").chmod(0o4755)
    with pytest.raises(RefusedError, match=r"^'setuid' is not a plain file"):
        read_back(store, folder)


def test_a_folder_has_bounds_and_the_path_at_which_they_are_reached(
    store: Store, folder: Path
) -> None:
    for name in ("a", "b", "c"):
        (folder / name).write_bytes(b"x" * 10)
    assert len(read_back(store, folder, most_files=3, most_bytes=30)) == 3
    with pytest.raises(RefusedError, match=r"^'c': the folder holds more than 2 files"):
        read_back(store, folder, most_files=2)
    with pytest.raises(RefusedError, match=r"^'c': the folder holds more than 29 bytes"):
        read_back(store, folder, most_bytes=29)
    with pytest.raises(RefusedError, match=r"^'a' is larger than 9 bytes"):
        read_back(store, folder, most_bytes=9)
    deep = folder
    for _ in range(210):
        deep = deep / "d"
        deep.mkdir()
    (deep / "file").write_text("x")
    with pytest.raises(RefusedError, match="more than 200 folders deep"):
        read_back(store, folder)


def test_a_folder_with_something_in_it_is_not_written_to(store: Store, folder: Path) -> None:
    (folder / "mine").write_text("x")
    with pytest.raises(RepositoryError, match="is not empty"):
        write_out(store, store.empty_tree, folder)


def test_paths_that_fall_together_are_told(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only a filesystem that folds case would do this by itself.
    monkeypatch.setattr("codexa_git.repository.folder._local", str.lower)
    for one, other in (("A", "a"), ("D/x", "d/y")):
        tree = made(store, {one: ("100644", b"1"), other: ("100644", b"2")})
        with pytest.raises(RepositoryError, match="falls together with another path"):
            write_out(store, tree, folder / one[0])
