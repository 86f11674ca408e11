"""Words that may have ended a change and cannot be believed, and who may disown them."""

from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType
from codexa_git.gate.able import can_sign
from codexa_git.gate.against import Against, Weight, weighed
from codexa_git.gate.case import Case
from codexa_git.gate.judging import judged
from codexa_git.policy.rules import OWNER, Person, holders, person_of


def doubted_endings(case: Case) -> tuple[Against, ...]:
    """The words that may have ended the change, and that nobody who may has taken back."""
    said = [weighed(case, record) for record in case.state.of(RecordType.ABANDONED)]
    doubted = [word for word in said if word.weight is Weight.DOUBTED]
    return tuple(word for word in doubted if not _is_disowned(case, word.record))


def _is_disowned(case: Case, record: Record) -> bool:
    """True where a withdrawal that counts by today's policy names it; here it lets something be."""
    may = [person.email for person in disowners(case, record)]
    return any(
        word.actor.email in may and judged(case, word).counts
        for word in case.state.of(RecordType.APPROVAL_WITHDRAWN)
        if record.id in word.data["approvals"]
    )


def disowners(case: Case, record: Record) -> tuple[Person, ...]:
    """Who may say that nobody said this: the one it names, where they could sign that now.

    Else each owner who could. Else a key that ran out would leave a doubt that nobody can settle.
    """
    at = max(case.context.at, case.context.not_before)
    named = person_of(case.policy, record.actor.email)
    if named is not None and can_sign(case.policy, named.email, at):
        return (named,)
    owners = holders(case.policy, OWNER)
    return tuple(owner for owner in owners if can_sign(case.policy, owner.email, at))
