"""What people say against a change, signed: withdraw, and abandon."""

from codexa_git.audit.record import Actor
from codexa_git.audit.words import RecordType
from codexa_git.errors import RefusedError
from codexa_git.gate.against import Against, granted
from codexa_git.gate.disowning import disowners, doubted_endings
from codexa_git.workflow.changes.draft import Built, Draft
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.changes.pushed import was_pushed
from codexa_git.workflow.decisions.deciding import Sign, decide, roles_of, settled, speaking
from codexa_git.workflow.decisions.enrolling import with_roles


def withdraw(moment: Moment, person: Actor, sign: Sign, reason: str) -> Built:
    """The commit that says of each line which they may disown that nobody ended the change so.

    Where there is none, it takes back every approval this person gave, as the gates count them;
    never both, so that nobody loses an approval by clearing up what a stranger wrote.
    """
    named = disowned_by(moment, person) or given_by(moment, person)
    if not named:
        raise RefusedError(
            f"{person.name} has approved nothing in {moment.change} that could be withdrawn",
            hint=f"git codexa status {moment.change}",
        )
    draft = Draft(moment.footing, moment.state.stage, speaking(moment, person))
    data = {"approvals": named, "reason": reason}
    decide(draft, moment, RecordType.APPROVAL_WITHDRAWN, data, sign)
    return settled(draft)


def given_by(moment: Moment, person: Actor) -> list[str]:
    """The ids of the approvals that this person gave and has not taken back."""
    return [r.id for r in granted(moment.case) if r.actor.email == person.email]


def disowned_by(moment: Moment, person: Actor) -> list[str]:
    """The ids of the doubted endings of which this person may say that they are nobody's word."""
    return [word.record.id for word in doubted_endings(moment.case) if _may(moment, word, person)]


def _may(moment: Moment, word: Against, person: Actor) -> bool:
    return person.email in [one.email for one in disowners(moment.case, word.record)]


def withdrawal_told(moment: Moment, person: Actor) -> tuple[str, ...]:
    """What a withdrawal of theirs comes to, in sentences, where a line that is doubted waits."""
    told: list[str] = []
    for word in doubted_endings(moment.case):
        actor, at = word.record.actor, word.record.at
        line = f"the line of {at} that says that {actor} abandoned {moment.change}"
        names = " or ".join(one.name for one in disowners(moment.case, word.record)) or "an owner"
        if _may(moment, word, person):
            told.append(f"this disowns {line}")
        else:
            told.append(f"{line} still waits for {names}")
    if disowned_by(moment, person) and given_by(moment, person):
        again = f'git codexa withdraw {moment.change} -m "why"'
        told.append(f"your approvals stand; to take them back as well, say it again: {again}")
    return tuple(told)


def abandon(moment: Moment, person: Actor, sign: Sign, reason: str) -> Built:
    """The commit that ends the change without landing; its record stays.

    Raises:
        RefusedError: the person has no role, so that nobody could prove that it was they.
    """
    if not roles_of(moment, person):
        raise _no_end(moment, person)
    draft = Draft(moment.footing, moment.state.stage, speaking(moment, person))
    decide(draft, moment, RecordType.ABANDONED, {"reason": reason}, sign)
    return settled(draft)


def _no_end(moment: Moment, person: Actor) -> RefusedError:
    change, base = moment.change, moment.ground.branch
    alone = f"nobody else has it yet: git switch {base} && git branch -D change/{change}"
    return RefusedError(
        f"{change} is ended by somebody with a role in the policy, and {person.email} has none",
        hint=(
            *(() if was_pushed(moment) else (alone,)),
            f'ask {with_roles(moment.policy)} to type: git codexa abandon {change} -m "why"',
        ),
    )
