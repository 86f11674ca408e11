"""Whether a change's branch is pushed, as far as this clone has seen of its remote."""

from codexa_git.audit.record import Actor
from codexa_git.repository.remotes import upstream
from codexa_git.workflow.changes.moment import Moment


def is_pushed(moment: Moment) -> bool:
    """True where the branch follows one of a remote that has all of it, for all we know."""
    there = tracked(moment)
    return bool(there) and moment.store.is_ancestor(moment.tip.oid, there or "")


def was_pushed(moment: Moment) -> bool:
    """True where a remote was seen to have some of it."""
    return bool(tracked(moment))


def is_unpushed(moment: Moment) -> bool:
    """True where it follows one that lacks something of it."""
    return tracked(moment) is not None and not is_pushed(moment)


def tracked(moment: Moment) -> str | None:
    """What the branch that this one follows was last seen at, empty where it never was."""
    follows = upstream(moment.store, moment.ref)
    return None if follows is None else moment.store.ref(follows.tracking_ref) or ""


def is_left_unpushed(moment: Moment, person: Actor) -> bool:
    """True where the last commit is this person's own word, and still here alone."""
    who, message = moment.tip.committer.who, moment.tip.message
    is_theirs = who.email == person.email and b"\nCodexa-Record: " in message
    return is_theirs and moment.store.ref(moment.ref) == moment.tip.oid and is_unpushed(moment)
