"""Resuming: a command that was killed on the way goes on with the change that it opened.

Only what this clone itself opened is gone on with: anybody may push a change that names another
person in its opening, and whoever goes on with one makes its text their own.
"""

from collections.abc import Iterator, Mapping

from codexa_git.audit.ids import is_change_id
from codexa_git.audit.record import Actor
from codexa_git.audit.words import RecordType
from codexa_git.change.paths import Kind, kind_of
from codexa_git.change.state import State
from codexa_git.change.text import clean_title
from codexa_git.errors import CodexaError
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground
from codexa_git.workflow.changes.begun import is_begun_here
from codexa_git.workflow.changes.moment import Moment, named
from codexa_git.workflow.changes.stocking import open_states
from codexa_git.workflow.stages.lightening import Work
from codexa_git.workflow.stages.reverting import Undone, instructions, is_instructed, title_of


def begun_at_hand(ground: Ground, person: Actor, title: str) -> str | None:
    """The light change that was begun over the commits at hand, under this title; it may go on.

    HEAD stands where it did before, or on the change already.
    """
    ref, oid = ground.store.head()
    if oid is None:
        return None
    mark: dict[str, object] = {"reverts": None}
    on = "" if ref is None else ref.removeprefix(CHANGE_PREFIX)
    if is_change_id(on):
        return on if on in _begun(ground, person, title, mark) else None
    mark["tree"] = ground.store.tree_of(oid)
    return next(_begun(ground, person, title, mark), None)


def begun_back(
    ground: Ground, person: Actor, back: Undone, work: Work, *, light: bool
) -> str | None:
    """The change, light or not, that was begun to take this one back, and does just that."""
    mark: Mapping[str, object] | None = {"reverts": back.change} if light else None
    found = _begun(ground, person, title_of(back), mark)
    return next((change for change in found if _takes_back(ground, change, back, work)), None)


def alike(ground: Ground, title: str) -> tuple[str, ...]:
    """The open changes of this title that were not opened here, whoever they say did open them."""
    found = (state.change for state in open_states(ground) if state.title == clean_title(title))
    return tuple(change for change in found if not is_begun_here(ground, change))


def _begun(
    ground: Ground, person: Actor, title: str, mark: Mapping[str, object] | None
) -> Iterator[str]:
    """The changes that this person opened here under this title, where nobody has signed yet.

    `mark` is what is asked of a light change; `None` asks for one that is not light.
    """
    for state in open_states(ground):
        if state.title != clean_title(title) or state.opened.actor.email != person.email:
            continue
        if state.of(RecordType.APPROVAL_GRANTED) or not _is_marked(state, mark):
            continue
        if is_begun_here(ground, state.change):
            yield state.change


def _is_marked(state: State, mark: Mapping[str, object] | None) -> bool:
    if state.light is None or mark is None:
        return state.light is None and mark is None
    return all(state.light.data.get(name) == value for name, value in mark.items())


def _takes_back(ground: Ground, change: str, back: Undone, work: Work) -> bool:
    """True where the change makes of the product, or says that it will, what `back` makes of it."""
    try:
        moment = named(ground, change)
    except CodexaError:
        return False
    made = moment.case.of_kind(Kind.PRODUCT)
    wanted = tuple(d for d in work.paths if kind_of(d.path, change) is Kind.PRODUCT)
    if moment.state.light is not None:
        return made == wanted
    return made in ((), wanted) and _says_how(moment, back)


def _says_how(moment: Moment, back: Undone) -> bool:
    """True where the change says nothing yet of how its tasks are done, or this and no more."""
    if not is_instructed(moment):
        return True
    how = instructions(moment, back)
    return how is not None and all(moment.case.read(path) == how[path] for path in how)
