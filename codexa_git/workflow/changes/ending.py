"""Whether a change was ended without landing, as the gates judge it.

Anyone can write into a branch a record that says so. Only a signed word that counts ends a change;
beside one that does not, it is open, in every list as at every gate.
"""

from codexa_git.audit.logger import log_path
from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType
from codexa_git.change.state import State
from codexa_git.errors import CodexaError
from codexa_git.gate.context import Context
from codexa_git.gate.guarding import abandonment
from codexa_git.gate.heard import unheard
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.changes.moment import Moment, moment_at


def forged(ground: Ground, records: tuple[Record, ...]) -> frozenset[str]:
    """The ids of those of these records that are not to be told as their actors' words."""
    context = Context(ground.root, ground.branch, ground.at, 0, ground.tip.oid)
    return unheard(ground.store, ground.policy, context, records)


def is_abandoned(moment: Moment) -> bool:
    """True where somebody who may has ended the change."""
    return abandonment(moment.case) is not None


def has_ended(ground: Ground, change: str, tip: str) -> bool:
    """True where somebody who may has ended the change at this tip of its branch.

    Of one whose records tell of no ending, none is read.
    """
    said = ground.store.read(ground.store.tree_of(tip), log_path(change, "commands")) or b""
    if RecordType.ABANDONED.encode() not in said:
        return False
    try:
        return is_abandoned(moment_at(ground, "", ground.store.commit(tip)))
    except CodexaError:
        return False


def ended_by(ground: Ground, tip: str, state: State) -> Record | None:
    """The word that ended the change at this tip of its branch; `None` where none counts.

    Nothing is judged where the records tell of none; where nothing can be judged, none counts.
    """
    if state.abandoned is None:
        return None
    try:
        return abandonment(moment_at(ground, "", ground.store.commit(tip)).case)
    except CodexaError:
        return None
