import pytest

from codexa_git.agents.junit import MOST, TestCase, TestOutcome, read_report, unique
from codexa_git.errors import AgentError

PASSED, FAILED = TestOutcome.PASSED, TestOutcome.FAILED


def suite(cases: str) -> bytes:
    return f"<testsuites><testsuite name='s'>{cases}</testsuite></testsuites>".encode()


def test_cases_are_read_with_outcome_and_first_line_and_sorted() -> None:
    report = suite(
        "<testcase classname='t.b' name='two'><failure message='no\nmore'>long</failure></testcase>"
        "<testcase classname='t.a' name='one'><system-out>said</system-out></testcase>"
        "<testcase classname='t.c' name='three'><skipped>why</skipped></testcase>"
        "<testcase name='four'><skipped/><error>\n  boom\nmore</error></testcase>"
    )

    assert read_report(report) == (
        TestCase("four", TestOutcome.ERROR, "boom"),
        TestCase("t.a::one", PASSED, ""),
        TestCase("t.b::two", FAILED, "no more"),
        TestCase("t.c::three", TestOutcome.SKIPPED, "why"),
    )


def test_a_lone_suite_and_nested_suites_are_read() -> None:
    report = (
        b"<testsuite><testcase name='a'/><testsuite><testcase name='b'/></testsuite></testsuite>"
    )

    assert [case.name for case in read_report(report)] == ["a", "b"]


def test_names_are_cleaned_printable_and_bounded() -> None:
    report = suite(f"<testcase name='at 0x7f {'x' * 400}'/><testcase name='&#10;'/>")

    long, unnamed = read_report(report, lambda text: text.replace("0x7f", "<address>"))

    assert long.name.startswith("at <address> xxx")
    assert len(long.name) == 300
    assert unnamed.name == "unnamed"


def test_the_same_name_twice_is_told_apart_whatever_the_order() -> None:
    cases = ["<testcase name='a'/>", "<testcase name='a'><failure/></testcase>"]
    expected = (TestCase("a", FAILED, ""), TestCase("a #2", PASSED, ""))

    assert read_report(suite("".join(cases))) == expected
    assert read_report(suite("".join(reversed(cases)))) == expected


def test_a_name_that_looks_numbered_is_not_taken_twice() -> None:
    named = unique(TestCase(name, PASSED, "") for name in ("a", "a", "a #2", "a"))

    assert len({case.name for case in named}) == 4


BOMB = "<!DOCTYPE b [<!ENTITY a 'ha'><!ENTITY c '&a;&a;'>]><testsuite name='&c;'/>"


@pytest.mark.parametrize(
    ("report", "sentence"),
    [
        (BOMB.encode(), "declares a document type"),
        (BOMB.encode("utf-16"), "declares a document type"),
        (b"<!DOCTYPE t SYSTEM 'file:///etc/passwd'><testsuite/>", "declares a document type"),
        (b"", "is not XML: line 1"),
        (b"not xml", "is not XML: line 1"),
        (b"<testsuite>\n<testcase>", "is not XML: line 2"),
        (b"<html/>", "is not a JUnit report"),
        (b"<testcase name='a'/>", "is not a JUnit report"),
        (b"<testsuites xmlns='u'><testsuite/></testsuites>", "is not a JUnit report"),
        (b"<testsuites><testcase name='a'/></testsuites>", "where no report has them"),
        (b"<testsuite><error message='collect'/></testsuite>", "where no report has them"),
        (
            b"<testsuite xmlns:x='u'><testcase name='a'><x:failure/></testcase></testsuite>",
            "where no report has them",
        ),
        (b"<a>" * 100, "nested deeper than 64"),
        (b" " * (MOST + 1), "is larger than 16777216 bytes"),
        (b"<?xml version='1.0' encoding='rot13'?><testsuite/>", "not XML|not known"),
        (b"<testsuite>" + b"<testcase/>" * 200_001, "more than 200000 tests"),
    ],
)
def test_a_hostile_or_odd_report_is_one_sentence(report: bytes, sentence: str) -> None:
    with pytest.raises(AgentError, match=sentence):
        read_report(report)
