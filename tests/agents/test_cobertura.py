import sys
from pathlib import Path
from typing import Any

import pytest
from agents.conftest import Boxed
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.agents.cobertura import MOST, Reported, both, either, located, read_coverage
from codexa_git.errors import AgentError

NAMED = '<!DOCTYPE coverage SYSTEM "http://cobertura.sourceforge.net/xml/coverage-04.dtd">'
BOMB = "<!DOCTYPE b [<!ENTITY a 'ha'><!ENTITY c '&a;&a;'>]><coverage version='&c;'/>"
RUN = "/tmp/run/tree"


def report(*classes: str, sources: tuple[str, ...] = (), before: str = "") -> bytes:
    told = "".join(f"<source>{source}</source>" for source in sources)
    inner = "".join(classes)
    text = f"{before}<coverage><sources>{told}</sources><packages>{inner}</packages></coverage>"
    return text.encode()


def lines(name: str, *numbers: tuple[int | str, int | str]) -> str:
    inner = "".join(f'<line number="{n}" hits="{hits}"/>' for n, hits in numbers)
    return f'<class filename="{name}"><lines>{inner}</lines></class>'


def test_lines_are_read_by_file_and_number() -> None:
    found = read_coverage(report(lines("a.py", (1, 0), (2, 7)), sources=("/x", "src")))

    assert found == Reported(("/x", "src"), {"a.py": {1: False, 2: True}})


def test_a_line_that_is_told_twice_was_run_where_one_says_so() -> None:
    method = '<methods><method><lines><line number="3" hits="1"/></lines></method></methods>'
    inner = f'<class filename="A.java">{method}<lines><line number="3" hits="0"/></lines></class>'

    assert read_coverage(report(inner, lines("A.java", (4, 0)))).files == {
        "A.java": {3: True, 4: False}
    }


def test_a_document_type_that_tools_name_is_not_followed() -> None:
    assert read_coverage(report(lines("a", (1, 1)), before=NAMED)).files == {"a": {1: True}}


@pytest.mark.parametrize(
    ("xml", "sentence"),
    [
        (BOMB.encode(), "declares entities or elements of its own"),
        (BOMB.encode("utf-16"), "declares entities or elements of its own"),
        (b"<!DOCTYPE c SYSTEM 'x' []><coverage/>", "declares entities or elements of its own"),
        (b"", "is not XML: line 1"),
        (b"not xml", "is not XML: line 1"),
        (b"<coverage>\n<class>", "has a class without a filename"),
        (b"<coverage>\n<classes>", "is not XML: line 2"),
        (b"<testsuite/>", "is not a Cobertura report"),
        (b"<x:coverage xmlns:x='u'/>", "is not a Cobertura report"),
        (report('<line number="1" hits="1"/>'), "has lines outside of any class"),
        (report(lines("a", ("1.0", 1))), "has '1.0' where a number belongs"),
        (report(lines("a", ("-1", 1))), "has '-1' where a number belongs"),
        (report(lines("a", ("\u0661", 1))), r"has '\\u0661' where a number belongs"),
        (report(lines("a", ("9" * 21, 1))), "where a number belongs"),
        (report(lines("a", (1, "NaN"))), "has 'NaN' where a number belongs"),
        (report(lines("a", (1, ""))), "has '' where a number belongs"),
        (report('<class filename="a"><line number="1"/></class>'), "has '' where a number"),
        (report(lines("a" * 4097)), "has a name that no file can have"),
        (report(sources=("a" * 4097,)), "has a name that no file can have"),
        (report(sources=("a",) * 101), "has more than 100 sources"),
        (b"<coverage>" * 100, "nested deeper than 64"),
        (b" " * (MOST + 1), "is larger than 33554432 bytes"),
        (b"<?xml version='1.0' encoding='rot13'?><coverage/>", "not XML|not known"),
        (
            report(*(lines(str(n)) for n in range(100_001))),
            "names more than 100000 files",
        ),
    ],
)
def test_a_hostile_or_odd_report_is_one_sentence(xml: bytes, sentence: str) -> None:
    with pytest.raises(AgentError, match=sentence):
        read_coverage(xml)


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda t: t.encode("utf-8", "replace")))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        read_coverage(content)
    except AgentError:
        return
    assert b"coverage" in content.replace(b"\0", b"")


HERE = {"src/a.py", "a.py", "lib/a.py", "lib/b.py"}
PLACES = {
    "from its source": (("/tmp/run/tree/src",), "a.py", "src/a.py"),
    "from a source as a path": (("./src/",), "a.py", "src/a.py"),
    "from no source": ((), "src/a.py", "src/a.py"),
    "from an empty source": (("",), "lib/b.py", "lib/b.py"),
    "in full": (("/elsewhere",), "/tmp/run/tree/lib/b.py", "lib/b.py"),
    "from a source that has it, of two": (("src", "lib"), "b.py", "lib/b.py"),
    "from the folder, where no source has it": (("src",), "lib/b.py", "lib/b.py"),
    "by a way round": (("src",), "../lib/./b.py", "lib/b.py"),
    "in two sources": (("src", "lib"), "a.py", None),
    "out of the folder": (("src",), "../../../../etc/passwd", None),
    "beside the folder": (("/tmp/run/tree2",), "a.py", "a.py"),
    "beside it in full": ((), "/tmp/run/tree2/a.py", None),
    "the folder itself": ((), ".", None),
    "nowhere": (("src",), "gone.py", None),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_name_leads_to_one_file_below_the_folder_or_nowhere(name: str) -> None:
    sources, file, expected = PLACES[name]
    found = located(Reported(sources, {file: {1: True}}), RUN, HERE.__contains__)

    assert found == ({} if expected is None else {expected: {1: True}})


def test_two_names_of_one_file_are_one() -> None:
    told = Reported(("src",), {"a.py": {1: False, 2: False}, "./a.py": {1: True}})

    assert located(told, RUN, HERE.__contains__) == {"src/a.py": {1: True, 2: False}}


def many(count: int, end: str = "") -> str:
    return "".join(f'<class filename="{n}{end}"/>' for n in range(count))


@pytest.mark.parametrize(
    ("sources", "names"),
    [
        (100, many(100_000)),
        (99, many(8_000, "x" * 3_900)),
        (17, many(90_000)),
    ],
)
def test_more_than_can_be_looked_for_is_one_sentence(sources: int, names: str) -> None:
    told = tuple(f"/{n}" for n in range(sources))
    with pytest.raises(AgentError, match="names too many files and sources"):
        read_coverage(report(names, sources=told))


def test_what_large_projects_report_is_read() -> None:
    told = tuple(f"/run/tree/module-{n}/src/main/java" for n in range(50))
    assert len(read_coverage(report(many(12_000, ".java"), sources=told)).files) == 12_000
    same = ("/run/tree",) * 100
    assert read_coverage(report(many(100_000), sources=same)).sources == ("/run/tree",)


def test_no_line_is_looked_at_again_for_each_name_of_its_file() -> None:
    looked: list[int] = []

    class Counted(dict[int, bool]):
        def items(self) -> Any:  # noqa: ANN401
            looked.append(len(self))
            return super().items()

    names = {f"{'./' * n}a": Counted({n: True}) for n in range(50)}
    found = located(Reported((), names), RUN, lambda _: True)
    assert found == {"a": dict.fromkeys(range(50), True)}
    assert looked == [1] * 50


def test_lines_are_joined_both_ways() -> None:
    one, other = {1: True, 2: True, 3: False}, {2: False, 3: False, 4: True}

    assert either(one, other) == {1: True, 2: True, 3: False, 4: True}
    assert both(one, other) == {1: False, 2: False, 3: False, 4: False}
    assert both(one, one) == one


def test_what_coverage_py_writes_is_read(boxed: Boxed) -> None:
    pytest.importorskip("coverage")
    for path, content in {
        "src/half.py": "def one():\n    return 1\n\n\ndef two():\n    return 2\n",
        "test_half.py": "import sys\n\nsys.path.insert(0, 'src')\nimport half\n\nhalf.one()\n",
    }.items():
        place: Path = boxed.tree / path
        place.parent.mkdir(exist_ok=True)
        place.write_text(content)
    python = f"{sys.executable} -m coverage"
    made = boxed.shell(f"{python} run --source=src test_half.py && {python} xml -q -o c.xml")
    assert made.exit_code == 0, made

    found = read_coverage((boxed.tree / "c.xml").read_bytes())

    assert located(found, str(boxed.tree), {"src/half.py"}.__contains__) == {
        "src/half.py": {1: True, 2: True, 5: True, 6: False}
    }
