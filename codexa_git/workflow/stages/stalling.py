"""Standing still: a change that nothing has moved for long gets a concern that says why.

Only `advance` raises it, and only where the change stops at something that is no decision of a
person: what waits for an approval is told by status and digest, what a machine's concern tells
already is on record, and whoever just committed something is at work. One stop has one such
concern, and whatever moves the change answers it in the same commit.
"""

from typing import NamedTuple

from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.change.state import MOVES
from codexa_git.change.text import clipped, counted, one_line, visible
from codexa_git.errors import RefusedError
from codexa_git.gate.answers import Ask
from codexa_git.gate.closing import is_open
from codexa_git.repository.objects import Commit
from codexa_git.workflow.changes.draft import AGENTS, Built, Draft
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.changes.wording import APPROVALS, wording

DAY = 86_400
PATIENCE = 2 * DAY
"""After so long a change that nothing moves stands still."""

_LONGEST = 300


class Stop(NamedTuple):
    """What a change stops at, and for how many whole days nothing has moved it."""

    ask: Ask
    days: int

    @property
    def fact(self) -> str:
        """That it stands still, and for how long."""
        return f"nothing has moved for {counted(self.days, 'day')}"

    @property
    def text(self) -> str:
        """The same in a line, with what it stops at."""
        why = f"{wording(self.ask).because} ({self.ask.answer.now})"
        return clipped(one_line(visible(f"{self.fact}: {why}")), _LONGEST)


_STIRS = (
    *MOVES,
    RecordType.TASK_FAILED,
    RecordType.SYNCED,
    RecordType.CLOSED,
    RecordType.APPROVAL_GRANTED,
    RecordType.CLARIFICATION_ANSWERED,
    RecordType.WAIVER_GRANTED,
    RecordType.CONCERN_RESOLVED,
)
"""What shows that somebody is at work: whatever moves a change, and whatever people decide."""


def stirred_at(moment: Moment) -> int:
    """When somebody was at work on the change last; a commit of theirs counts, too."""
    last = max(record.seconds for record in moment.state.of(*_STIRS))
    for commit in moment.store.first_parents(moment.tip.oid, moment.held.oid):
        if commit.committer.seconds <= last:
            break
        if _is_a_persons(moment, commit):
            return commit.committer.seconds
    return last


def _is_a_persons(moment: Moment, commit: Commit) -> bool:
    """True where the commit adds no record, as all of the tool's own do."""
    store, audit = moment.store, moment.places.audit.rstrip("/")
    before = store.tree_of(commit.parents[0]) if commit.parents else store.empty_tree
    return store.entry(before, audit) == store.entry(commit.tree, audit)


def idle(moment: Moment) -> int:
    """For how many seconds nobody has been at work on the change."""
    now = max([moment.ground.at, *(record.seconds for record in moment.state.records)])
    return now - stirred_at(moment)


def stop_of(moment: Moment) -> Stop | None:
    """Why the change stands still; `None` where it does not, or where that is known already."""
    quiet = idle(moment)
    if quiet <= PATIENCE or moment.state.stall is not None:
        return None
    if any(not c.by_person and is_open(moment.case, c) for c in moment.state.concerns):
        return None
    found = _in_the_way(moment)
    return None if found is None else Stop(found, quiet // DAY)


def _in_the_way(moment: Moment) -> Ask | None:
    """The first thing that holds the change up and is no approval; `None` where there is none."""
    verdict = moment.verdict()
    if not verdict.passes(None):
        return None
    excused = () if moment.ground.enforces else APPROVALS.values()
    for stage in Stage:
        if stage.number > moment.state.stage.number:
            break
        unmet = [a for a in verdict.of(stage) if not a.met and a.name not in excused]
        waiting = [a for a in unmet if a.name not in APPROVALS.values()]
        if unmet:
            return waiting[0] if waiting and stage is not Stage.CLEANUP else None
    return None


def stalled(moment: Moment) -> Built:
    """The commit with the concern that the change stands still.

    Raises:
        RefusedError: it does not, or that is on record already.
    """
    stop = stop_of(moment)
    if stop is None:
        raise RefusedError(
            f"{moment.change} does not stand still", hint=f"git codexa status {moment.change}"
        )
    draft = Draft(moment.footing, moment.state.stage, AGENTS[AgentRole.PM])
    data = {"text": stop.text, "after": moment.state.last_move.id}
    draft.record(RecordType.CONCERN_STALLED, data)
    label = draft.state.concerns[-1].label
    return draft.build(f"{label}, {stop.fact}", hand_off=False)
