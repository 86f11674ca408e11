"""The facts that impact and packet tell: plain values that a caller gathers from records and trees.

Every text in them may come from a stranger. Nothing here is trusted, and no page puts any of it
anywhere but where text goes.
"""

from typing import NamedTuple


class FileFacts(NamedTuple):
    """One file that a task touched; the counts are `None` for a binary file, and its diff empty."""

    path: str
    what: str
    added: int | None
    removed: int | None
    diff: str = ""


class TaskFacts(NamedTuple):
    """One task: the criteria it meets, what it came after, how it was done, what it touched."""

    id: str
    title: str
    criteria: tuple[str, ...]
    after: tuple[str, ...]
    done: str
    files: tuple[FileFacts, ...]


class CriterionFacts(NamedTuple):
    """One acceptance criterion, the ids of its tasks, and the names of its tests."""

    id: str
    text: str
    tasks: tuple[str, ...]
    tests: tuple[str, ...]


class Tested(NamedTuple):
    """One test: `passed`, `failed`, `error`, `skipped` or `waived`, and what it said."""

    name: str
    outcome: str
    message: str = ""


class ResultsFacts(NamedTuple):
    """What the Tester saw, on which tree, by which commands, and what doing it again showed.

    `covered` says how many lines tests ran, or why nobody knows.
    """

    tree: str
    commands: tuple[tuple[str, str], ...]
    tests: tuple[Tested, ...]
    replayed: str
    signed: str
    covered: str = ""

    def named(self, *outcomes: str) -> tuple[Tested, ...]:
        """The tests that ended in one of these ways, in their order."""
        return tuple(test for test in self.tests if test.outcome in outcomes)


class ConcernFacts(NamedTuple):
    """One concern, who raised it, and how it was answered; `None` while it is open."""

    label: str
    text: str
    by: str
    answer: str | None


class WaiverFacts(NamedTuple):
    """Tests that a person let pass unpassed, and why."""

    tests: tuple[str, ...]
    reason: str
    by: str


class BoundFile(NamedTuple):
    """One file that the approval binds: digests before and after, empty where there is no file."""

    path: str
    what: str
    before: str
    after: str


class Event(NamedTuple):
    """One thing that happened, as the records tell it."""

    at: str
    stage: str
    who: str
    what: str


class Asked(NamedTuple):
    """What the reader is asked: by name, in a sentence, with the exact command."""

    to: str
    sentence: str
    command: str


class ImpactFacts(NamedTuple):
    """All that `impact.md` tells."""

    change: str
    title: str
    scope: tuple[str, ...]
    out_of_scope: tuple[str, ...]
    criteria: tuple[CriterionFacts, ...]
    tasks: tuple[TaskFacts, ...]
    results: ResultsFacts | None
    concerns: tuple[ConcernFacts, ...]
    waivers: tuple[WaiverFacts, ...]


class PacketFacts(NamedTuple):
    """All that the review packet tells; `asked` is `None` where nothing waits for anyone."""

    change: str
    title: str
    milestone: str
    stage: str
    context: str
    asked: Asked | None
    criteria: tuple[CriterionFacts, ...]
    tasks: tuple[TaskFacts, ...]
    subject: str
    bound: tuple[BoundFile, ...]
    results: ResultsFacts | None
    concerns: tuple[ConcernFacts, ...]
    waivers: tuple[WaiverFacts, ...]
    timeline: tuple[Event, ...]
