"""The QA report of a change: what the tests came to, what passed unpassed, and who looked at it.

While a change is validated and packaged, its live copy (`changes/CH-###/pages/QA_REPORT.md`) tells
what records and results say as they stand. Closing puts the report into `QA_REPORT.md`, and there
it tells of no decision but those that count.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from codexa_git.audit.canonical import digest
from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, RecordType
from codexa_git.change.coverage import coverage_told
from codexa_git.change.results import Results, parse_results
from codexa_git.change.state import Concern, State
from codexa_git.change.text import code_span, counted, escaped, one_line, visible
from codexa_git.change.tracing import Approvals
from codexa_git.errors import RecordError

_MOST_SKIPPED = 50


class Doubt(NamedTuple):
    """A concern, and how it was answered; `None` while it is open."""

    concern: Concern
    answer: str | None


class SignOff(NamedTuple):
    """What was judged: the approvals that count, and the criteria that no test was written for."""

    approvals: Approvals
    untested: tuple[str, ...]


class Account(NamedTuple):
    """All that a QA report tells. `sign_off` is `None` in a live copy, where nothing is judged."""

    state: State
    results: Results
    earlier: tuple[Record, ...]
    waivers: tuple[Record, ...]
    doubts: tuple[Doubt, ...]
    sign_off: SignOff | None


def live_report(
    state: State, content: bytes | None, path: str, unheard: Collection[str] = ()
) -> bytes | None:
    """The live copy, from records and the results file; those whose ids are `unheard` are left out.

    `None` where no record names the results that lie at `path`, or nobody can read them: there is
    nothing to tell.
    """
    recorded = state.of(RecordType.RESULTS_RECORDED)
    names = [record.data["gates"]["results"]["subject"] for record in recorded]
    if content is None or digest(content) not in names:
        return None
    try:
        results = parse_results(content, path)
    except RecordError:
        return None
    doubts = tuple(Doubt(concern, _as_recorded(concern, unheard)) for concern in state.concerns)
    earlier, waivers = (
        tuple(record for record in records if record.id not in unheard)
        for records in (recorded[:-1], state.waivers)
    )
    return quality_report(Account(state, results, earlier, waivers, doubts, None))


def _as_recorded(concern: Concern, unheard: Collection[str]) -> str | None:
    heard = [record for record in concern.answers if record.id not in unheard]
    return answered(concern, heard[-1]) if heard else None


def answered(concern: Concern, record: Record | None) -> str:
    """How a concern that is not open was answered: by a person's words, or by what came after."""
    if record is not None and record.type is RecordType.CONCERN_RESOLVED:
        return f"{record.actor}: {record.data['reason']}"
    return "the change has moved since" if concern.stalled else "what it was about passes now"


def quality_report(account: Account) -> bytes:
    """The report's bytes, the same for the same account."""
    results = account.results
    parts = [
        f"## {account.state.change}: {escaped(account.state.title)}",
        _figures(account),
        "### Commands",
        _listed(_commands(results), "Policy names no test command."),
        "### Tests that failed",
        _listed(_failed(account), "None."),
        "### Tests that were skipped",
        _listed(_skipped(results), "None."),
        "### Waivers" if account.sign_off else "### Waivers on record",
        _listed(map(_waiver, account.waivers), "None."),
        "### Concerns",
        _listed(map(_doubt, account.doubts), "None."),
        "### QA notes",
        _listed(_notes(account), "None."),
        *_end(account.sign_off),
    ]
    return ("\n\n".join(parts) + "\n").encode()


def _figures(account: Account) -> str:
    results, snapshot = account.results, account.results.snapshot
    counts = (len(results.passed), len(results.failed), len(results.skipped))
    rows = [
        ("round", str(results.round)),
        ("tested tree", f"`{results.tree}`"),
        ("tests", "{} passed, {} failed, {} skipped".format(*counts)),
        (
            "lines covered by tests",
            _text(coverage_told(results.coverage, results.coverage_problem)),
        ),
        ("done again with the same seed", f"tasks {snapshot.tasks}, tests {snapshot.tests}"),
    ]
    rows += [("differs", _text(place)) for place in snapshot.differs]
    return "\n".join(
        ["| results | |", "| --- | --- |", *(f"| {name} | {told} |" for name, told in rows)]
    )


def _commands(results: Results) -> list[str]:
    tests = [
        f"{code_span(c.run)}: {c.status if c.exit is None else f'exit status {c.exit}'}"
        for c in results.commands
    ]
    own = [f"{_text(r.name)}, {code_span(r.run)}: {r.outcome}" for r in results.requirements]
    return tests + own


def _failed(account: Account) -> list[str]:
    """Each failed test, what it said, and what lets it pass all the same."""
    let_off = {test for record in account.waivers for test in record.data["tests"]}
    return [
        f"{code_span(o.test)} {o.outcome}: {_text(o.message) or 'it said nothing'}"
        + (" (waived, see below)" if o.test in let_off else "")
        for o in account.results.outcomes
        if o.outcome in ("failed", "error")
    ]


def _skipped(results: Results) -> list[str]:
    skipped = [o for o in results.outcomes if o.outcome == "skipped"]
    told = [
        f"{code_span(o.test)}: {_text(o.message) or 'no reason given'}"
        for o in skipped[:_MOST_SKIPPED]
    ]
    more = len(skipped) - len(told)
    return [*told, f"and {more} more, in the results file"] if more else told


def _waiver(record: Record) -> str:
    tests = ", ".join(map(code_span, record.data["tests"]))
    return f"{tests}: {_text(str(record.actor))}, {record.at}: {_text(record.data['reason'])}"


def _doubt(doubt: Doubt) -> str:
    record = doubt.concern.record
    whose = "a person's" if doubt.concern.by_person else "a machine's"
    answer = "**open**" if doubt.answer is None else _text(doubt.answer)
    return f"{doubt.concern.label}, {whose}: {_text(record.data['text'])} ({answer})"


def _notes(account: Account) -> list[str]:
    """What follows from the facts, and a reader might miss."""
    notes = [_earlier(record, account.results) for record in account.earlier]
    if account.earlier:
        notes.append(_grown(account.earlier[-1], account.results))
    if skipped := len(account.results.skipped):
        notes.append(f"{counted(skipped, 'test was', 'tests were')} skipped, and show nothing.")
    if account.sign_off is not None:
        notes += [f"No test was found for {name}." for name in account.sign_off.untested]
    return notes


def _earlier(record: Record, results: Results) -> str:
    """What failed in an earlier round, and whether it passes now."""
    failed = record.data["failed"]
    round_ = f"Round {record.data['gates']['results']['round']}"
    if not failed:
        return f"{round_}: all {record.data['passed']} passed."
    still = [test for test in failed if test not in results.passed]
    now = f"not passing now: {', '.join(map(code_span, still))}" if still else "all pass now"
    return f"{round_} failed: {', '.join(map(code_span, failed))}; {now}."


def _grown(before: Record, results: Results) -> str:
    data = before.data
    more = len(results.outcomes) - data["passed"] - len(data["failed"]) - data["skipped"]
    if not more:
        return "As many tests as in the results before."
    side = "more" if more > 0 else "fewer"
    return f"{counted(abs(more), 'test')} {side} than in the results before."


def _end(sign_off: SignOff | None) -> tuple[str, ...]:
    if sign_off is None:
        note = "Told from records and results as they stand. What of it counts, the gates say."
        return ("### Sign-off", note)
    given = [
        f"{gate}: {_text(str(record.actor))}, {record.at}"
        for gate in (Gate.RESULTS, Gate.PACKAGE)
        for record in sign_off.approvals[gate]
    ]
    return ("### Sign-off", _listed(given, "Nobody has signed it off."))


def _listed(items: Iterable[str], nothing: str) -> str:
    return "\n".join(f"- {item}" for item in items) or nothing


def _text(text: str) -> str:
    """One line of a stranger's text, as Markdown that reads as this text and nothing else."""
    return escaped(visible(one_line(text)))
