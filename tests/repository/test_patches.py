import os
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import commit, git

from codexa_git.errors import RepositoryError
from codexa_git.repository.objects import Difference, Entry
from codexa_git.repository.store import Store

LINES = [f"    line {n}\n" if n % 4 else f"def f{n}():\n" for n in range(40)]
EVIL = "* -diff\n*.py diff=evil\n* diff=evil\n* binary\n* -text\n* eol=crlf\n* whitespace=fix\n"


def lines(**changed: str) -> str:
    return "".join(changed.get(f"l{n}", line) for n, line in enumerate(LINES))


def pair(store: Store, path: str, old: bytes | None, new: bytes | None) -> Difference:
    sides = [None if c is None else Entry("100644", store.write_blob(c)) for c in (old, new)]
    return Difference(path, *sides)


def test_hunks_have_three_lines_of_context_and_no_numbers(bare: Store) -> None:
    changed = pair(bare, "a", lines().encode(), lines(l5="five\n", l30="thirty\n").encode())
    assert bare.patches([changed])["a"] == (
        b"@@\n     line 2\n     line 3\n def f4():\n-    line 5\n+five\n"
        b"     line 6\n     line 7\n def f8():\n"
        b"@@\n     line 27\n def f28():\n     line 29\n-    line 30\n+thirty\n"
        b"     line 31\n def f32():\n     line 33\n"
    )


def test_what_was_compared_before_is_not_compared_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = pair(store, "a", b"1\n", b"2\n"), pair(store, "b", b"1\n", b"3\n")
    before = store.patches([one])
    monkeypatch.setenv("PATH", "")
    assert store.patches([one]) == before
    with pytest.raises(RepositoryError, match="git is not installed"):
        store.patches([one, other])
    monkeypatch.undo()
    assert store.patches([one, other]) == before | {"b": b"@@\n-1\n+3\n"}


def test_what_was_compared_ahead_is_kept_until_another_diff_is_made(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other, third = (pair(store, name, b"1\n", name.encode()) for name in "abc")
    monkeypatch.setattr("codexa_git.repository.patches._MOST_KEPT", 1)
    ahead = store.patches([one, other])
    monkeypatch.setenv("PATH", "")
    assert store.patches([one]) | store.patches([other]) == ahead
    monkeypatch.undo()
    monkeypatch.setattr("codexa_git.repository.patches._MOST_KEPT", 1)
    store.patches([other, third])
    monkeypatch.setenv("PATH", "")
    assert store.patches([other]) == {"b": ahead["b"]}
    with pytest.raises(RepositoryError, match="git is not installed"):
        store.patches([one])


def test_for_people_each_hunk_says_where_it_stands(bare: Store) -> None:
    changed = pair(bare, "a", lines().encode(), lines(l5="five\n", l30="thirty\nmore\n").encode())
    plain = bare.patches([changed])["a"] or b""
    numbered = bare.patches([changed], numbered=True)["a"] or b""
    heads = [line for line in numbered.split(b"\n") if line.startswith(b"@@")]
    assert heads == [b"@@ -3,7 +3,7 @@", b"@@ -28,7 +28,8 @@"]
    for head in heads:
        numbered = numbered.replace(head, b"@@")
    assert numbered == plain


def test_a_change_keeps_its_patch_when_lines_far_away_move(store: Store) -> None:
    one = pair(store, "a", lines().encode(), lines(l20="x\n").encode())
    moved = pair(
        store, "a", lines(l1="new\nnew\n").encode(), lines(l1="new\nnew\n", l20="x\n").encode()
    )
    near = pair(store, "a", lines(l18="x\n").encode(), lines(l18="x\n", l20="x\n").encode())
    kept, still, fallen = (store.patches([p])["a"] for p in (one, moved, near))
    assert kept == still
    assert kept != fallen


def test_every_kind_of_side_has_its_answer(store: Store) -> None:
    text, link = (
        Entry("100644", store.write_blob(b"x\n")),
        Entry("120000", store.write_blob(b"x")),
    )
    binary = Entry("100644", store.write_blob(b"x\0"))
    run, sub = Entry("100755", text.oid), Entry("160000", "ab" * 20)
    bare_end = Entry("100644", store.write_blob(b"x"))
    empty = Entry("100644", store.write_blob(b""))
    wanted: list[tuple[Entry | None, Entry | None, bytes | None]] = [
        (None, text, b"@@\n+x\n"),
        (text, None, b"@@\n-x\n"),
        (text, run, b""),
        (None, empty, b""),
        (text, bare_end, b"@@\n-x\n+x\n\\ No newline at end of file\n"),
        (text, binary, None),
        (binary, None, None),
        (text, link, None),
        (None, link, None),
        (sub, None, None),
    ]
    pairs = [Difference(str(n), old, new) for n, (old, new, _) in enumerate(wanted)]
    assert list(store.patches(pairs).values()) == [answer for *_, answer in wanted]
    assert store.patches([]) == {}


def test_content_cannot_pass_for_the_frame_of_a_diff(store: Store) -> None:
    frame = "diff --git a/f0000001 b/f0000001\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n"
    pairs = [
        pair(store, "a\nb", frame.encode(), b"-- a/x\n++ b/x\n@@ -9 +9 @@\n"),
        pair(store, "b b/f0000000", b"one\r\n\r", b"two\r\n\x0b\x85"),
    ]
    first, second = store.patches(pairs).values()
    assert first is not None
    assert first.split(b"\n") == [
        *(b"@@", b"-diff --git a/f0000001 b/f0000001", b"---- a/x", b"-+++ b/x"),
        *(b"-@@ -1 +1 @@", b"+-- a/x", b"+++ b/x", b"+@@ -9 +9 @@", b""),
    ]
    assert second == (
        b"@@\n-one\r\n-\r\n\\ No newline at end of file\n"
        b"+two\r\n+\x0b\x85\n\\ No newline at end of file\n"
    )


def in_the_work_tree(folder: Path) -> None:
    (folder / ".gitattributes").write_text(EVIL)
    git(folder, "add", ".gitattributes")


def in_info(folder: Path) -> None:
    (folder / ".git/info").mkdir(exist_ok=True)
    (folder / ".git/info/attributes").write_text(EVIL)


def in_the_history(folder: Path) -> None:
    commit(folder, {".gitattributes": EVIL}, "attributes")
    git(folder, "config", "attr.tree", "HEAD")


def of_the_user(folder: Path) -> None:
    place = Path(os.environ["XDG_CONFIG_HOME"]) / "git/attributes"
    place.parent.mkdir(parents=True)
    place.write_text(EVIL)
    git(folder, "config", "core.attributesFile", str(place))


def in_the_environment(_: Path) -> None:
    os.environ.update(GIT_EXTERNAL_DIFF="false", GIT_DIFF_OPTS="--unified=0")


@pytest.mark.usefixtures("sealed")
@pytest.mark.parametrize(
    "attack",
    [in_the_work_tree, in_info, in_the_history, of_the_user, in_the_environment],
)
def test_no_attribute_driver_or_setting_changes_a_patch(
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    attack: Callable[[Path], None],
) -> None:
    for name in ("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS"):
        monkeypatch.setenv(name, "")
    with Store.open(repository) as store:
        changed = [
            pair(store, "a.py", lines().encode(), lines(l5="five\n\n", l20="é\n").encode()),
            pair(store, "b", lines(l7="\n").encode(), lines(l8="\n\n", l7="\n").encode()),
        ]
        trees = [
            store.write_tree(None, {change.path: side for change, side in sides})
            for sides in (
                [(change, change.old) for change in changed],
                [(change, change.new) for change in changed],
            )
        ]
        before = store.patches(changed), store.patch_text(*trees)
    for key, value in {
        "diff.evil.textconv": "rev",
        "diff.evil.command": "false",
        "diff.evil.binary": "true",
        "diff.evil.xfuncname": "^.*$",
        "diff.external": "false",
        "diff.context": "0",
        "diff.interHunkContext": "9",
        "diff.algorithm": "patience",
        "diff.noprefix": "true",
        "diff.mnemonicPrefix": "true",
        "diff.suppressBlankEmpty": "true",
        "diff.indentHeuristic": "true",
        "diff.orderFile": str(repository / "README.md"),
        "diff.renames": "copies",
        "color.ui": "always",
        "core.quotePath": "false",
    }.items():
        git(repository, "config", key, value)
    (repository / "user").write_text((repository / ".git/config").read_text())
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(repository / "user"))
    attack(repository)
    with Store.open(repository) as store:
        assert (store.patches(changed), store.patch_text(*trees)) == before


def test_a_readable_diff_may_be_of_some_paths(store: Store) -> None:
    one, two = (Entry("100644", oid) for oid in store.write_blobs([b"1\n", b"2\n"]))
    old = store.write_tree(None, {"a": one, "b/c": one, "*": one})
    new = store.write_tree(old, {"a": two, "b/c": two, "*": None})
    assert store.patch_text(old, new).count("diff --git") == 3
    assert store.patch_text(old, new, ["b"]).startswith("diff --git a/b/c b/b/c\n")
    assert store.patch_text(old, new, ["*"]).count("diff --git") == 1
    assert store.patch_text(old, new, []) == store.patch_text(old, old) == ""


def test_a_diff_leaves_nothing_in_the_repository(repository: Path, store: Store) -> None:
    changed = pair(store, "a", b"1\n", b"2\n")
    before = sorted(repository.rglob("*"))
    store.patches([changed])
    assert sorted(repository.rglob("*")) == before


def test_a_missing_side_is_said(store: Store) -> None:
    gone = Difference("a", None, Entry("100644", "ab" * 20))
    with pytest.raises(RepositoryError, match="not in this clone"):
        store.patches([gone])


def test_objects_in_a_quarantine_and_behind_alternates_are_compared(
    repository: Path, tmp_path: Path
) -> None:
    borrowed = tmp_path / "bor:rowed"
    git(tmp_path, "clone", "-q", "--shared", str(repository), str(borrowed))
    old = git(repository, "rev-parse", "HEAD:README.md")
    quarantine = tmp_path / "quar:antine"
    quarantine.mkdir()
    environment = {
        "GIT_OBJECT_DIRECTORY": str(quarantine),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": f'"{borrowed}/.git/objects"',
    }
    with Store.open(borrowed, environment) as store:
        new = store.write_blob(b"# Demo two\n")
        changed = Difference("README.md", Entry("100644", old), Entry("100644", new))
        assert store.patches([changed])["README.md"] == b"@@\n-# Demo\n+# Demo two\n"
    with Store.open(borrowed) as store:
        assert not store.exists(new)


def test_added_lines_have_the_numbers_of_the_new_side(bare: Store) -> None:
    new = lines(l1="one\nand more\n", l20="", l30="thirty\n", l39="last")
    changed = pair(bare, "a", lines().encode(), new.encode())
    text = new.split("\n")
    found = bare.added([changed])["a"]
    assert sorted(found) == [2, 3, 31, 40]
    assert [text[n - 1] for n in sorted(found)] == ["one", "and more", "thirty", "last"]


def test_all_lines_of_a_new_file_are_added_and_none_of_what_is_no_text(bare: Store) -> None:
    pairs = [
        pair(bare, "new", None, b"@@ -1 +9 @@\n+++ b\n\n"),
        pair(bare, "gone", b"a\n", None),
        pair(bare, "binary", b"a\n", b"a\0\n"),
        pair(bare, "same", b"a\n", b"a\n"),
    ]
    found = bare.added(pairs)
    assert {path: sorted(numbers) for path, numbers in found.items()} == {
        "new": [1, 2, 3],
        "gone": [],
        "binary": [],
        "same": [],
    }
    assert bare.added([]) == {}
