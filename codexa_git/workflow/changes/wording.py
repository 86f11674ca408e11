"""What people are told of a requirement that is not met: the matter in a clause, and what to do.

The rule itself is the first line of the requirement's docstring, and how things stand is its
answer; these two complete the sentences "CH-001 cannot leave spec yet: ..." and
"your move, Demo PM: ...".
"""

import time
from typing import TYPE_CHECKING, NamedTuple

from codexa_git.audit.words import Gate

if TYPE_CHECKING:
    from codexa_git.gate.answers import Ask


class Wording(NamedTuple):
    """Why a gate stays shut, as a clause, and what somebody then does, as an order."""

    because: str
    do: str


APPROVALS: dict[Gate, str] = {
    Gate.PLAN: "plan-approved",
    Gate.RESULTS: "results-approved",
    Gate.PACKAGE: "package-approved",
}
"""The requirement that each gate's approvals meet."""

SAID: dict[str, str] = {
    Gate.PLAN: "the plan",
    Gate.RESULTS: "the results",
    Gate.PACKAGE: "the package",
}
"""What somebody approves, as a sentence names it."""

_MEND = "mend what is refused in any stage"

WORDINGS: dict[str, Wording] = {
    "records-sound": Wording("its records are not sound", "mend its audit files"),
    "not-abandoned": Wording("it was abandoned", "nothing: it was abandoned"),
    "own-files-only": Wording("it touches files that are not its own", _MEND),
    "paths-plain": Wording("it holds a path that cannot be put on record", _MEND),
    "guarded-paths": Wording("it touches a guarded path", _MEND),
    "no-gitlinks": Wording("it brings in a submodule", _MEND),
    "plan-before-product": Wording(
        "its plan is not approved", "let the work wait for an approved plan"
    ),
    "listed-as-recorded": Wording("a file that only the tool writes was changed", _MEND),
    "brief-complete": Wording("its brief is not complete", "complete the brief"),
    "criteria-explicit": Wording(
        "its criteria cannot all be checked", "make every criterion one that can be checked"
    ),
    "clarifications-answered": Wording("a question is open", "answer the question"),
    "plan-covers-criteria": Wording("its plan does not cover its criteria", "make the plan"),
    "plan-seeded": Wording("its plan has no seed, or is not the declared one", "make the plan"),
    "design-recorded": Wording("its design is not written down", "write the design down"),
    "plan-approved": Wording("its plan is not approved", "read brief and plan"),
    "tasks-complete": Wording("not every task is done", "do the tasks"),
    "task-evidence": Wording("a task's evidence is not as recorded", "do the task again"),
    "assertions-pass": Wording("its last run did not complete", "finish the run"),
    "results-for-this-tree": Wording("no results fit this tree", "run the tests"),
    "tests-pass-or-waived": Wording("not every test passes", "make the tests pass"),
    "regression-matches": Wording(
        "doing it again gave something else", "look at what differs, and resolve the concern"
    ),
    "touched-lines-covered": Wording(
        "its tests run too few of the lines that it touched",
        "write tests that run what it touched",
    ),
    "results-approved": Wording("its results are not approved", "look at the results"),
    "impact-written": Wording("its impact is not written down", "write impact and packet"),
    "documents-written": Wording(
        "what its documents are to say is not written down", "write overview and plan"
    ),
    "packet-ready": Wording("its review packet is not made", "make the packet"),
    "package-approved": Wording("its package is not approved", "read the review packet"),
    "retention-recorded": Wording("it is not closed", "close the change"),
    "evidence-archived": Wording("it is not closed", "close the change"),
    "concerns-clear": Wording("a concern is open", "resolve the concern"),
    "docs-current": Wording("it is not closed", "close the change"),
    "evidence-listed": Wording("it is not closed", "close the change"),
    "workspace-closed": Wording("it is not closed", "close the change"),
}
"""Every requirement of the gates; one that policy adds is worded by `wording`."""


_UNDECIDED: dict[str, Wording] = {
    "not-abandoned": Wording(
        "a line says that it was abandoned", "say whether you ended the change"
    ),
}
"""The same of a requirement of which nobody can tell whether it is met."""


_SPENT = Wording(
    "who could approve it signed the work", "have a task done again, which nobody signs"
)


_REWORK = "git codexa rework "
_TAKEN_BACK = Wording(
    "nothing is left of what its tasks did", "do the tasks again, or end the change"
)


def is_taken_back(ask: "Ask") -> bool:
    """True where every task is done, and of none anything is left."""
    return ask.name == "tasks-complete" and (ask.answer.command or "").startswith(_REWORK)


def is_spent(ask: "Ask") -> bool:
    """True for an approval that too few are left to give, for the others signed the work."""
    is_approval = ask.name in APPROVALS.values()
    return is_approval and (ask.answer.command or "").startswith(_REWORK)


def wording(ask: "Ask") -> Wording:
    """The words for a requirement that is not met; policy's own requirements go by their name."""
    if is_spent(ask):
        return _SPENT
    if is_taken_back(ask):
        return _TAKEN_BACK
    undecided = _UNDECIDED.get(ask.name) if ask.answer.met is None else None
    plain = Wording(f"{ask.name} does not pass", f"make {ask.name} pass")
    return undecided or WORDINGS.get(ask.name, plain)


_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def when(at: int, now: int) -> str:
    """A time as people say it, in their own zone: `today 10:42`, `Mon 10:12`, `2026-11-02`."""
    then, today = time.localtime(at), time.localtime(now)
    clock = f"{then.tm_hour:02}:{then.tm_min:02}"
    if then[:3] == today[:3]:
        return f"today {clock}"
    if 0 <= now - at < 6 * 86_400:
        return f"{_DAYS[then.tm_wday]} {clock}"
    return f"{then.tm_year}-{then.tm_mon:02}-{then.tm_mday:02}"


def day(at: int) -> str:
    """A day as people write it, in their own zone: `Mon 2026-11-02`."""
    then = time.localtime(at)
    return f"{_DAYS[then.tm_wday]} {then.tm_year}-{then.tm_mon:02}-{then.tm_mday:02}"


def count(number: int, word: str) -> str:
    """`1 file`, `2 files`."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


_SPANS = (
    (14 * 86_400, 7 * 86_400, "week"),
    (86_400, 86_400, "day"),
    (3_600, 3_600, "hour"),
    (60, 60, "minute"),
)


def lasting(seconds: int) -> str:
    """How long something has lasted, in whole units: `5 hours`, `13 days`, `2 weeks`."""
    for least, unit, word in _SPANS:
        if seconds >= least:
            return count(seconds // unit, word)
    return "just now"
