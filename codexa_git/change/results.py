"""The Tester's results, `tests/results/CH-###.json`: one form to write, the same form to read.

The file is indented JSON with sorted names; bytes that are not exactly what `format_results` would
write are refused, so that what was signed and what is read cannot part ways.
"""

import json
from json.encoder import encode_basestring
from typing import Any, NamedTuple

from codexa_git.audit.canonical import canonical, digest
from codexa_git.audit.recent import recent
from codexa_git.audit.schema import CHANGE
from codexa_git.audit.shapes import (
    DIGEST,
    INTEGER,
    LINE,
    OBJECT_ID,
    WHOLE,
    listing,
    one_of,
    optional,
    structure,
)
from codexa_git.change.coverage import SHAPE as COVERAGE
from codexa_git.change.coverage import Coverage, read_coverage
from codexa_git.errors import RecordError

FORMAT = 1
_MOST_KEPT = 4 * 1024 * 1024
OUTCOMES = ("passed", "failed", "error", "skipped")
SAME, DIFFERENT, NOT_APPLICABLE = "same", "different", "not-applicable"
_COMPARED = one_of(SAME, DIFFERENT, NOT_APPLICABLE)
_STATUS = one_of("exited", "timed-out", "flooded", "signalled", "not-started")

SHAPE = structure(
    format=WHOLE,
    change=CHANGE,
    round=WHOLE,
    tree=OBJECT_ID,
    commands=listing(structure(run=LINE, exit=optional(INTEGER), status=_STATUS, output=DIGEST)),
    outcomes=listing(structure(test=LINE, outcome=one_of(*OUTCOMES), message=LINE)),
    requirements=listing(structure(name=LINE, run=LINE, outcome=one_of("passed", "failed"))),
    snapshot=structure(tasks=_COMPARED, tests=_COMPARED, differs=listing(LINE)),
    records=listing(DIGEST),
    coverage=COVERAGE,
    coverage_problem=optional(LINE),
)


class Command(NamedTuple):
    """One test command: as policy has it, how it ended, the digest of its masked output."""

    run: str
    exit: int | None
    status: str
    output: str


class Outcome(NamedTuple):
    """One test and how it ended; `message` is one line, empty where it passed."""

    test: str
    outcome: str
    message: str


class CustomOutcome(NamedTuple):
    """One requirement of policy's own, run by the Tester."""

    name: str
    run: str
    outcome: str


class Snapshot(NamedTuple):
    """What doing it again showed: `same`, `different` (then where), `not-applicable`."""

    tasks: str
    tests: str
    differs: tuple[str, ...]

    @property
    def matches(self) -> bool:
        """True where nothing differed."""
        return DIFFERENT not in (self.tasks, self.tests)


class Results(NamedTuple):
    """What the Tester saw on one tested tree, and which records it checked.

    `coverage` is `None` where policy asks for none, or where `coverage_problem` says why there is
    none.
    """

    change: str
    round: int
    tree: str
    commands: tuple[Command, ...]
    outcomes: tuple[Outcome, ...]
    requirements: tuple[CustomOutcome, ...]
    snapshot: Snapshot
    records: tuple[str, ...]
    coverage: Coverage | None = None
    coverage_problem: str | None = None

    @property
    def failed(self) -> tuple[str, ...]:
        """The tests that failed, sorted."""
        return tuple(o.test for o in self.outcomes if o.outcome in ("failed", "error"))

    @property
    def passed(self) -> tuple[str, ...]:
        """The tests that passed, sorted."""
        return tuple(o.test for o in self.outcomes if o.outcome == "passed")

    @property
    def skipped(self) -> tuple[str, ...]:
        """The tests that were skipped, sorted."""
        return tuple(o.test for o in self.outcomes if o.outcome == "skipped")

    @property
    def pairs(self) -> str:
        """The digest over the sorted (test, outcome) pairs, which a person's approval binds."""
        return digest(canonical(sorted((o.test, o.outcome) for o in self.outcomes)))


def format_results(results: Results) -> bytes:
    """The file's bytes."""
    value = {
        "format": FORMAT,
        "change": results.change,
        "round": results.round,
        "tree": results.tree,
        "commands": [c._asdict() for c in results.commands],
        "outcomes": [o._asdict() for o in results.outcomes],
        "requirements": [r._asdict() for r in results.requirements],
        "snapshot": results.snapshot._asdict() | {"differs": list(results.snapshot.differs)},
        "records": list(results.records),
        "coverage": None if results.coverage is None else results.coverage.data(),
        "coverage_problem": results.coverage_problem,
    }
    return indented(value)


def indented(value: dict[str, Any]) -> bytes:
    """Readable JSON in one fixed form: sorted names, two spaces, a final newline."""
    return f"{_indented(value, chr(10))}\n".encode()


def _indented(value: object, margin: str) -> str:
    """One value; `margin` is a line end and the indentation of the line that the value begins in.

    Byte for byte what `json.dumps` gives with an indent of two and sorted names, in half the time.
    """
    if type(value) is str:
        return encode_basestring(value)
    inner = f"{margin}  "
    if isinstance(value, dict) and value:
        pairs = [f"{_name(name)}: {_indented(value[name], inner)}" for name in sorted(value)]
        return f"{{{inner}{f',{inner}'.join(pairs)}{margin}}}"
    if isinstance(value, (list, tuple)) and value:
        items = [_indented(item, inner) for item in value]
        return f"[{inner}{f',{inner}'.join(items)}{margin}]"
    return json.dumps(value, ensure_ascii=False)


def _name(name: object) -> str:
    if not isinstance(name, str):
        raise TypeError(name)
    return encode_basestring(name)


def read_indented(content: bytes, path: str) -> dict[str, Any]:
    """The object that `indented` wrote as these bytes.

    Raises:
        RecordError: they are anything else.
    """
    try:
        value = json.loads(content)
        same = isinstance(value, dict) and indented(value) == content
    except (ValueError, RecursionError) as error:
        raise RecordError(f"{path}: not JSON") from error
    if not same:
        raise RecordError(f"{path}: not in the form that the tool writes")
    checked: dict[str, Any] = value
    return checked


@recent(_MOST_KEPT)
def parse_results(content: bytes, path: str) -> Results:
    """The results that these bytes are.

    Raises:
        RecordError: they are not of the specified form.
    """
    value = read_indented(content, path)
    SHAPE.check(value, path)
    if value["format"] != FORMAT:
        raise RecordError(f"{path}: results of format {value['format']}")
    results = Results(
        value["change"],
        value["round"],
        value["tree"],
        tuple(Command(**item) for item in value["commands"]),
        tuple(Outcome(**item) for item in value["outcomes"]),
        tuple(CustomOutcome(**item) for item in value["requirements"]),
        Snapshot(**(value["snapshot"] | {"differs": tuple(value["snapshot"]["differs"])})),
        tuple(value["records"]),
        read_coverage(value["coverage"]),
        value["coverage_problem"],
    )
    tests = [o.test for o in results.outcomes]
    if tests != sorted(set(tests)):
        raise RecordError(f"{path}: tests out of order, or one named twice")
    _check_coverage(results, path)
    return results


def _check_coverage(results: Results, path: str) -> None:
    coverage = results.coverage
    if coverage is None:
        return
    if results.coverage_problem is not None or not coverage.is_possible:
        raise RecordError(f"{path}: a coverage that cannot be")
