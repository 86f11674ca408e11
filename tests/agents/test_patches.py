import stat
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from searching import examples

from codexa_git.agents import patches
from codexa_git.agents.bench import workbench
from codexa_git.errors import AgentError

BEFORE = "".join(f"line {number}\n" for number in range(1, 11))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a.txt").write_text(BEFORE)
    (tmp_path / "b.sh").write_text("echo b")
    return tmp_path


def snapshot(tree: Path) -> dict[str, tuple[bytes, bool]]:
    return {
        str(path.relative_to(tree)): (path.read_bytes(), bool(path.stat().st_mode & 0o100))
        for path in sorted(tree.rglob("*"))
        if path.is_file()
    }


CHANGE = """\
diff --git a/src/a.txt b/src/a.txt
index 1111111..2222222 100644
--- a/src/a.txt
+++ b/src/a.txt
@@ -1,3 +1,4 @@
 line 1
-line 2
+line two
+line two and a half
 line 3
@@ -9,2 +10,1 @@ context
 line 9
-line 10
"""


def test_hunks_are_applied_where_they_say(tree: Path) -> None:
    assert patches.apply(CHANGE.encode(), tree) == ("src/a.txt",)

    text = BEFORE.replace("line 2\n", "line two\nline two and a half\n").replace("line 10\n", "")
    assert (tree / "src" / "a.txt").read_text() == text


def test_files_are_made_removed_and_given_modes(tree: Path) -> None:
    patch = """\
diff --git a/new/x.sh b/new/x.sh
new file mode 100755
index 0000000..1111111
--- /dev/null
+++ b/new/x.sh
@@ -0,0 +1 @@
+echo x
\\ No newline at end of file
diff --git a/empty b/empty
new file mode 100644
index 0000000..e69de29
diff --git a/b.sh b/b.sh
old mode 100644
new mode 100755
diff --git a/src/a.txt b/src/a.txt
deleted file mode 100644
index 1111111..0000000
--- a/src/a.txt
+++ /dev/null
@@ -1,10 +0,0 @@
"""
    patch += "".join(f"-{line}\n" for line in BEFORE.splitlines())

    patches.apply(patch.encode(), tree)

    assert snapshot(tree) == {
        "b.sh": (b"echo b", True),
        "empty": (b"", False),
        "new/x.sh": (b"echo x", True),
    }
    assert stat.S_IMODE((tree / "new" / "x.sh").stat().st_mode) == 0o755


def test_a_missing_last_newline_is_part_of_the_context(tree: Path) -> None:
    patch = b"--- a/b.sh\n+++ b/b.sh\n@@ -1 +1 @@\n-echo b\n+echo c\n"

    with pytest.raises(AgentError, match=r"does not fit b\.sh at line 1"):
        patches.apply(patch, tree)

    mended = patch.replace(b"-echo b\n", b"-echo b\n\\ No newline at end of file\n")
    patches.apply(mended, tree)
    assert (tree / "b.sh").read_text() == "echo c\n"


def one(old: str, new: str, body: str) -> str:
    return f"--- {old}\n+++ {new}\n{body}"


HUNK = "@@ -1,2 +1,2 @@\n line 1\n-line 2\n+line two\n"


@pytest.mark.parametrize(
    ("patch", "sentence"),
    [
        ("", "changes no file"),
        ("some prose\n", "line 1 of the patch is no line"),
        (one("a/src/a.txt", "b/src/a.txt", ""), "line 3 of the patch should begin a hunk"),
        ("--- a/src/a.txt\n" + HUNK, "should name the new file"),
        (one("a/src/a.txt", "b/src/a.txt", "@@ nonsense @@\n"), "is no head of a hunk"),
        (one("a/src/a.txt", "b/src/a.txt", HUNK.replace("1,2 +", "2,2 +")), "at line 2"),
        (one("a/src/a.txt", "b/src/a.txt", HUNK.replace("+1,2", "+4,2")), "counts lines of"),
        (one("a/src/a.txt", "b/src/a.txt", HUNK.replace(" line 1", " line1")), "does not fit"),
        (one("a/src/a.txt", "b/src/a.txt", HUNK.replace("-1,2", "-1,3")), "is no line of the hunk"),
        (one("a/src/a.txt", "b/src/a.txt", HUNK + HUNK), "does not fit"),
        (one("a/src/a.txt", "b/src/a.txt", HUNK) * 2, "changes a file twice"),
        (one("a/src/a.txt", "b/src/b.txt", HUNK), "names do not agree"),
        (one("src/a.txt", "src/a.txt", HUNK), "without a/ or b/"),
        (one("a/none", "b/none", HUNK), "changes none, which is not there"),
        (one("/dev/null", "b/b.sh", "@@ -0,0 +1 @@\n+x\n"), "which is there already"),
        (one("/dev/null", "/dev/null", "@@ -0,0 +1 @@\n+x\n"), "names do not agree"),
        (one("a/src/a.txt", "/dev/null", "@@ -1 +0,0 @@\n-line 1\n"), "not all that is in it"),
        (one("/dev/null", "b/../x", "@@ -0,0 +1 @@\n+x\n"), "no path inside the tree"),
        (one("/dev/null", "b//etc/x", "@@ -0,0 +1 @@\n+x\n"), "no path inside the tree"),
        (one("/dev/null", "b/s/.GIT/hooks/x", "@@ -0,0 +1 @@\n+x\n"), "no path inside the tree"),
        (one("/dev/null", "b/out/x", "@@ -0,0 +1 @@\n+x\n"), "through a link"),
        (one("a/link", "b/link", HUNK), "through a link"),
        ("diff --git a/l b/l\nnew file mode 120000\n", "mode that no plain file has"),
        ("diff --git a/l b/l\nnew file mode 160000\n", "mode that no plain file has"),
        ("diff --git a/b.sh b/c.sh\nsimilarity index 100%\nrename from b.sh\n", "is no line"),
        ("diff --git a/b b/b\nindex 1..2\nGIT binary patch\nliteral 1\n", "is no line"),
        ('diff --git "a/\\303" "b/\\303"\nnew file mode 100644\n', "renames a file, or quotes"),
        ("diff --git a/b.sh b/b.sh\nold mode 100755\nnew mode 100644\n", "does not fit the mode"),
        ("diff --git a/b.sh b/src/a.txt\nnew file mode 100644\n", "renames a file, or quotes"),
        (
            one("a/b.sh", "b/b.sh", "@@ -1,0 +2 @@\n+x\n"),
            "ends b.sh before its last line",
        ),
    ],
)
def test_a_patch_that_does_not_fit_changes_nothing(
    tree: Path, tmp_path_factory: pytest.TempPathFactory, patch: str, sentence: str
) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (outside / "a.txt").write_text(BEFORE)
    (tree / "out").symlink_to(outside)
    (tree / "link").symlink_to(outside / "a.txt")
    before = snapshot(tree)

    with pytest.raises(AgentError, match=sentence):
        patches.apply(patch.encode(), tree)

    assert snapshot(tree) == before
    assert [path.name for path in outside.iterdir()] == ["a.txt"]


def test_one_file_that_does_not_fit_holds_back_all(tree: Path) -> None:
    before = snapshot(tree)
    patch = CHANGE + one("a/none", "b/none", HUNK)

    with pytest.raises(AgentError, match="which is not there"):
        patches.apply(patch.encode(), tree)

    assert snapshot(tree) == before


def test_a_write_that_fails_takes_back_those_before_it(tree: Path) -> None:
    before = snapshot(tree)
    (tree / "dir").mkdir()
    made = "@@ -0,0 +1 @@\n+x\n"
    patch = CHANGE + one("/dev/null", "b/y", made) + one("/dev/null", "b/y/z", made)

    with pytest.raises(AgentError, match="y/z cannot be read"):
        patches.apply(patch.encode(), tree)

    assert snapshot(tree) == before


def test_a_patch_is_bounded() -> None:
    with pytest.raises(AgentError, match="the patch is larger than"):
        patches.parse(b"x" * (patches.MOST + 1))


TEXT = st.lists(st.sampled_from([b"a\n", b"b\n", b"\n", b"c\r\n", b"-- x\n", b"d"]), max_size=12)


@settings(max_examples=examples(40))
@given(TEXT, TEXT)
def test_what_git_writes_is_applied_as_git_means_it(old: list[bytes], new: list[bytes]) -> None:
    before, after = b"".join(old), b"".join(new)
    with workbench() as bench:
        for side, content in (("a", before), ("b", after)):
            (bench.home / side).mkdir()
            (bench.home / side / "file").write_bytes(content)
        command = ["git", "diff", "--no-index", "--no-prefix", "--no-ext-diff", "a/file", "b/file"]
        diff = subprocess.run(command, cwd=bench.home, capture_output=True, check=False).stdout
        (bench.tree / "file").write_bytes(before)

        if before != after:
            patches.apply(diff, bench.tree)

        assert (bench.tree / "file").read_bytes() == after
