"""Where a change stands: what `status` shows of it, as plain values that depend on no reader.

`measuring` makes them. They follow from the change's tip, the base's tip, the policy, the root, the
refs named here and which keys are in their time, so that they may be kept (`remembering`):
therefore only texts, numbers and tuples are in them.
"""

from typing import NamedTuple

from codexa_git.change.coverage import Coverage
from codexa_git.change.governance import Due
from codexa_git.change.text import among
from codexa_git.gate.answers import NOT_ASKED


class Asked(NamedTuple):
    """One requirement and its answer; `met` is `None` where it could not be decided."""

    name: str
    stage: str | None
    met: bool | None
    basis: str
    rule: str
    now: str
    who: tuple[str, ...]
    command: str | None
    every: bool = False

    @property
    def asked(self) -> bool:
        """False where policy does not ask this, so that nobody has to read of it."""
        return not (self.met and self.now == NOT_ASKED)


class Move(NamedTuple):
    """Whose move it is, what they do, and the command that does it.

    `person` is true where only people can make the move; an agent's is made by whoever runs the
    command. `who` is empty where nobody in particular is asked, and `every` is true where it takes
    all of them.
    """

    who: tuple[str, ...]
    person: bool
    do: str
    command: str | None
    every: bool = False

    @property
    def whose(self) -> str:
        """Who makes the move, in a sentence."""
        return among(self.who, every=self.every)


class Approved(NamedTuple):
    """One approval of a gate's present round: whose, when, over what, and whether it counts."""

    gate: str
    name: str
    email: str
    at: str
    files: int
    counts: bool
    problem: str | None
    changed: tuple[str, ...]


class Work(NamedTuple):
    """How much was done: tasks, and the product's files and lines; `paths` hold just those."""

    tasks_done: int
    tasks: int
    files: int
    added: int
    removed: int
    paths: tuple[str, ...]


class Standing(NamedTuple):
    """One open change.

    `state` is `open`, `closed`, `abandoned`, or `undone` (it landed, and a commit on the base took
    it out again), `swallowed` (the base merged its commits and kept nothing), `unopened` (a branch
    has its name, and no record of it) or `unreadable`, which `problem` then explains.
    `stage` is the one that has the move, `handed` the one that its handoffs led to. `unpushed`
    counts commits that its upstream lacks (`None`: it follows nothing); `waiting` is the commit
    that waits for room in a checkout. `concerns` counts those that closing waits for, `due` are
    those of them that have a day. `retention` says in Cleanup what became of the evidence.
    `coverage` is what results of just this tree say of lines that tests ran; where it is missing,
    `coverage_problem` says why if it was asked for. `stalled` is the open concern that the change
    stands still. `policy_moved` is true where the base has another policy by now than the one that
    judges this change until it syncs. `policy_problem` says in Cleanup why nothing lands under the
    base's policy as it is. `incoming` counts commits that its upstream has and this clone lacks, as
    far as was fetched; `apart` are commits of people that have to be put by hand. `by_hand` are
    commits of people that do tasks and that no `advance` has taken up yet. `amended` is the oldest
    commit of the tool that somebody amended, and that no remote has.
    """

    change: str
    title: str
    milestone: str | None
    requirements: tuple[str, ...]
    branch: str
    tip: str
    state: str
    stage: str
    handed: str
    round: int
    passed: tuple[str, ...]
    asks: tuple[Asked, ...]
    move: Move
    since: str
    approvals: tuple[Approved, ...]
    work: Work
    concerns: int
    base: str
    behind: int
    unpushed: int | None
    waiting: str | None
    problem: str | None = None
    due: tuple[Due, ...] = ()
    retention: str | None = None
    coverage: Coverage | None = None
    coverage_problem: str | None = None
    stalled: str | None = None
    policy_moved: bool = False
    policy_problem: str | None = None
    incoming: int = 0
    apart: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    amended: str | None = None


class Refs(NamedTuple):
    """What the refs say beside the change's tip."""

    base: str
    behind: int
    unpushed: int | None
    waiting: str | None
    policy_moved: bool = False
    incoming: int = 0
    apart: tuple[str, ...] = ()
    amended: str | None = None
