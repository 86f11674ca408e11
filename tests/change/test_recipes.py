import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.change.plan import Task
from codexa_git.change.planner import Recipe
from codexa_git.change.recipes import Declared, parse_recipes
from codexa_git.errors import PaperError

PATH = "changes/CH-001/recipes.toml"
GOOD = """\
# what the demo does
[[task]]
title = "print totals as JSON"
criteria = ["AC-1"]
run = ["python tools/add_json.py"]

[[task]]
title = "keep text the default"
criteria = ["AC-2"]
after = ["T-01"]
patch = "patches/T-02.patch"

[[task]]
title = "read it aloud"
criteria = ["AC-2"]
"""


def test_declared_tasks_are_read_in_order() -> None:
    assert parse_recipes(GOOD.encode(), PATH) == (
        Declared(
            Task("T-01", "print totals as JSON", ("AC-1",), (), 2),
            Recipe("T-01", "command", ("python tools/add_json.py",)),
        ),
        Declared(
            Task("T-02", "keep text the default", ("AC-2",), ("T-01",), 7),
            Recipe("T-02", "patch", (), "changes/CH-001/patches/T-02.patch"),
        ),
        Declared(Task("T-03", "read it aloud", ("AC-2",), (), 13), Recipe("T-03", "person")),
    )


def test_what_is_applied_when_a_task_is_sent_back_stands_beside_its_patch() -> None:
    declared = GOOD.replace(
        'patch = "patches/T-02.patch"',
        'patch = "patches/T-02.patch"\nagain = ["patches/T-02-2.patch", "patches/T-02-3.patch"]',
    )
    recipe = parse_recipes(declared.encode(), PATH)[1].recipe
    folder = "changes/CH-001/patches"
    assert recipe == Recipe(
        "T-02",
        "patch",
        (),
        f"{folder}/T-02.patch",
        (f"{folder}/T-02-2.patch", f"{folder}/T-02-3.patch"),
    )


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ('title = "keep', "title = keep", 8, "not TOML"),
        ("[[task]]\ntitle", "[[task\ntitle", 2, "not TOML"),
        ('"patches/T-02.patch"', '"../x.patch"', 7, "T-02: this is no path of a patch"),
        ('"patches/T-02.patch"', '"/etc/x.patch"', 7, "no path of a patch"),
        ('"patches/T-02.patch"', "7", 7, "no path of a patch"),
        ('after = ["T-01"]', 'again = ["../x.patch"]', 7, "T-02: this is no path of a patch"),
        ('after = ["T-01"]', "again = [7]", 7, "no path of a patch"),
        ('after = ["T-01"]', 'again = "patches/T-02.patch"', 7, "no path of a patch"),
        ('patch = "patches/T-02.patch"', 'again = ["patches/x.patch"]', 7, "goes with a patch"),
        ('run = ["python', 'again = []\nrun = ["python', 2, "goes with a patch"),
        ('patch = "patches/T-02.patch"', 'shell = "rm"', 7, "T-02 says 'shell'"),
        ('after = ["T-01"]', 'run = ["x"]', 7, "commands and a patch"),
        ('after = ["T-01"]', 'after = "T-01"', 7, "'after' is no list of ids"),
        ('after = ["T-01"]', 'after = ["T-02"]', 7, "comes after itself"),
        ('after = ["T-01"]', 'after = ["T-09"]', 7, "does not have"),
        ('criteria = ["AC-1"]', "criteria = [1]", 2, "'criteria' is no list"),
        ('criteria = ["AC-1"]', "", 2, "for no criterion"),
        ('criteria = ["AC-1"]', 'criteria = ["AC-1"]\nafter = ["T-02"]', 2, "wait for each other"),
        ('run = ["python tools/add_json.py"]', "run = []", 2, "no list of commands"),
        ('run = ["python tools/add_json.py"]', 'run = ["a\\nb"]', 2, "no list of commands"),
        ('title = "read it aloud"', "title = 7", 13, "cannot be empty"),
        ('title = "read it aloud"', 'title = "a\\nb"', 13, "one line"),
        ("# what", "seed = 7\n# what", 1, "nothing else"),
    ],
)
def test_a_malformed_declaration_is_refused_with_its_line(
    old: str, new: str, line: int, words: str
) -> None:
    assert old in GOOD
    with pytest.raises(PaperError) as caught:
        parse_recipes(GOOD.replace(old, new, 1).encode(), PATH)
    assert words in caught.value.message
    assert caught.value.line == line


@given(st.binary(max_size=200) | st.text(alphabet='[]task="\n{},.1', max_size=60).map(str.encode))
def test_any_bytes_are_a_declaration_or_a_refusal(content: bytes) -> None:
    for start in (b"", b"[[task]]\n"):
        with pytest.raises(PaperError):
            parse_recipes(start + content, PATH)


def test_a_task_that_is_no_table_is_refused() -> None:
    with pytest.raises(PaperError, match="T-01 is no table"):
        parse_recipes(b"task = [7]", PATH)


def test_deep_or_huge_values_are_refused() -> None:
    for content in (b"x = " + b"[" * 30000, b"x = " + b"9" * 9000):
        with pytest.raises(PaperError):
            parse_recipes(content, PATH)
