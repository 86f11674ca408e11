"""The facts that impact and packet tell: plain values that a caller gathers from records and trees.

Every text in them may come from a stranger. Nothing here is trusted, and no page puts any of it
anywhere but where text goes.
"""

from typing import NamedTuple


class FileFacts(NamedTuple):
    """One file that differs; the counts are `None` where there is no text, and its diff empty.

    `later` is true where it is not as the last task that touched it left it.
    """

    path: str
    what: str
    added: int | None
    removed: int | None
    diff: str = ""
    later: bool = False


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

    `covered` says how many lines tests ran, or why nobody knows; `problem` why the results do not
    count, and nothing where they do.
    """

    tree: str
    commands: tuple[tuple[str, str], ...]
    tests: tuple[Tested, ...]
    replayed: str
    signed: str
    covered: str = ""
    problem: str = ""

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
    """Tests that a person let pass unpassed, and why; `problem` says why that does not count."""

    tests: tuple[str, ...]
    reason: str
    by: str
    problem: str = ""


class QuestionFacts(NamedTuple):
    """One question about the change, and its answer; `None` while it is open."""

    label: str
    text: str
    by: str
    answer: str | None
    answered_by: str


class BoundFile(NamedTuple):
    """One file that an approval binds: its blobs before and after, empty where there is no file.

    `digest` is the exact digest over both, which the signature covers.
    """

    path: str
    what: str
    before: str
    after: str
    digest: str


class Binding(NamedTuple):
    """What an approval of one gate would bind: the subject, its files, the tests that it names."""

    about: str
    round: int
    subject: str
    files: tuple[BoundFile, ...]
    named: tuple[str, ...]


class Since(NamedTuple):
    """Somebody's last approval of one gate, and what is other now.

    `standing` says in words how it stands; `kept` counts the files that are as they were, `files`
    are the others. Their diffs are those from then to now, where the blobs of then are at hand.
    """

    about: str
    who: str
    at: str
    round: int
    stands: bool
    standing: str
    kept: int
    files: tuple[FileFacts, ...]


class Event(NamedTuple):
    """One thing that happened, as the records tell it, and what somebody said about it."""

    at: str
    stage: str
    who: str
    what: str
    said: str = ""


class Asked(NamedTuple):
    """What is asked, and of whom: by name, in a sentence, with the exact command.

    `otherwise` are the commands for a reader who disagrees.
    """

    to: str
    sentence: str
    command: str
    otherwise: tuple[str, ...] = ()


class ImpactFacts(NamedTuple):
    """All that `impact.md` tells."""

    change: str
    title: str
    scope: tuple[str, ...]
    out_of_scope: tuple[str, ...]
    criteria: tuple[CriterionFacts, ...]
    tasks: tuple[TaskFacts, ...]
    others: tuple[FileFacts, ...]
    results: ResultsFacts | None
    concerns: tuple[ConcernFacts, ...]
    waivers: tuple[WaiverFacts, ...]


class PacketFacts(NamedTuple):
    """All that the review packet tells; `asked` is `None` where nothing waits for anyone.

    `standing` says which state of the change this is, `base` names the branch that it is compared
    with. `others` are product files that no task touched, `papers` the change's own papers.
    `unread` tells of papers that cannot be read.
    """

    change: str
    title: str
    milestone: str
    stage: str
    standing: str
    base: str
    context: str
    asked: Asked | None
    criteria: tuple[CriterionFacts, ...]
    tasks: tuple[TaskFacts, ...]
    others: tuple[FileFacts, ...]
    papers: tuple[FileFacts, ...]
    bindings: tuple[Binding, ...]
    since: tuple[Since, ...]
    results: ResultsFacts | None
    concerns: tuple[ConcernFacts, ...]
    waivers: tuple[WaiverFacts, ...]
    questions: tuple[QuestionFacts, ...]
    timeline: tuple[Event, ...]
    unread: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[FileFacts, ...]:
        """Every file that differs, once."""
        told = [file for task in self.tasks for file in task.files]
        return tuple({f.path: f for f in (*told, *self.others, *self.papers)}.values())
