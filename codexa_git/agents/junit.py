"""Reading a JUnit report that code under test has written: hostile until it is values.

`xml.parsers.expat` walks it first and refuses what no report needs (a document type, so no entity
bombs in any encoding; depth; size), for ElementTree under junitparser would follow all of it.
"""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, NamedTuple
from xml.parsers import expat

from codexa_git.agents.masks import one_line
from codexa_git.errors import AgentError

MOST = 16 << 20
_LONGEST = 300
_DEEPEST = 64
_MOST_CASES = 200_000
_BAD = ("failure", "error")


class TestOutcome(StrEnum):
    """What became of one test."""

    __test__ = False

    PASSED = "passed"
    FAILED = "failed"
    ERROR = "error"
    SKIPPED = "skipped"


class TestCase(NamedTuple):
    """One test: a name that is unique in its report, what became of it, and one line on why."""

    name: str
    outcome: TestOutcome
    message: str


TestCase.__test__ = False  # type: ignore[attr-defined] # not for pytest to collect


def _as_it_is(text: str) -> str:
    return text


def read_report(xml: bytes, clean: Callable[[str], str] = _as_it_is) -> tuple[TestCase, ...]:
    """The tests of a report, sorted by name; `clean` masks names and messages before that."""
    import junitparser  # noqa: PLC0415

    seen = _inspect(xml)
    try:
        report: Any = junitparser.JUnitXml.fromstring(xml)
    except Exception as error:
        raise AgentError("the test report is not a JUnit report") from error
    suites = [report] if isinstance(report, junitparser.TestSuite) else list(report)
    cases = [case for suite in suites for case in suite]  # nested suites come with it
    bad = sum(result._elem.tag in _BAD for case in cases for result in case.result)  # noqa: SLF001
    if (len(cases), bad) != (seen.cases, seen.bad):
        raise AgentError("the test report has tests or failures where no report has them")
    return unique(_case(case, clean) for case in cases)


def unique(cases: Iterable[TestCase]) -> tuple[TestCase, ...]:
    """The cases sorted; of those with one name all but the first get a number, as in `name #2`.

    Which is first follows from outcome and message, so it does not depend on the order of running.
    """
    taken: set[str] = set()
    found = []
    ordered = sorted(cases)
    for case in ordered:
        name, number = case.name, 1
        while name in taken:
            number += 1
            name = f"{case.name} #{number}"
        taken.add(name)
        found.append(case._replace(name=name))
    return tuple(sorted(found))


def _inspect(xml: bytes) -> "_Inspector":
    """What is in it, of XML without a document type, not too large, deep or long."""
    if len(xml) > MOST:
        raise AgentError(f"the test report is larger than {MOST} bytes")
    inspector = _Inspector()
    try:
        inspector.parser.Parse(xml, True)  # noqa: FBT003 - positional by definition
    except expat.ExpatError as error:
        raise AgentError(f"the test report is not XML: line {error.lineno}") from error
    except (ValueError, LookupError) as error:
        raise AgentError("the test report is in an encoding that is not known") from error
    return inspector


class _Inspector:
    def __init__(self) -> None:
        self.parser = expat.ParserCreate()
        self.parser.StartDoctypeDeclHandler = self._document_type
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self._depth = 0
        self.cases = 0
        self.bad = 0

    def _document_type(self, *_: object) -> None:
        raise AgentError("the test report declares a document type, which no report needs")

    def _start(self, name: str, _: object) -> None:
        self._depth += 1
        bare = name.rpartition(":")[2]
        self.cases += bare == "testcase"
        self.bad += bare in _BAD
        if self._depth > _DEEPEST:
            raise AgentError(f"the test report is nested deeper than {_DEEPEST} elements")
        if self.cases > _MOST_CASES:
            raise AgentError(f"the test report names more than {_MOST_CASES} tests")

    def _end(self, _: str) -> None:
        self._depth -= 1


def _case(case: Any, clean: Callable[[str], str]) -> TestCase:  # noqa: ANN401
    place, name = (str(text or "").strip() for text in (case.classname, case.name))
    full = "::".join(part for part in (place, name) if part) or "unnamed"
    outcome, said = _judged(case)
    return TestCase(
        one_line(clean(full), _LONGEST) or "unnamed", outcome, one_line(clean(said), _LONGEST)
    )


def _judged(case: Any) -> tuple[TestOutcome, str]:  # noqa: ANN401
    """The worst that the case says of itself: an error before a failure before being skipped."""
    for outcome, tag in (
        (TestOutcome.ERROR, "error"),
        (TestOutcome.FAILED, "failure"),
        (TestOutcome.SKIPPED, "skipped"),
    ):
        for result in case.result:
            if result._elem.tag == tag:  # noqa: SLF001 - the library's classes hide the tag
                return outcome, str(result.message or result.text or "")
    return TestOutcome.PASSED, ""
