"""Opening a change: its number, its brief, its first record."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from codexa_git.audit.canonical import digest
from codexa_git.audit.ids import change_id, change_number, is_change_id
from codexa_git.audit.record import Actor
from codexa_git.audit.words import RecordType, Stage
from codexa_git.change.backlog import Item
from codexa_git.change.brief import completed_brief, format_brief, parse_brief
from codexa_git.change.state import State
from codexa_git.change.text import clean_title, counted
from codexa_git.errors import CodexaError, RefusedError
from codexa_git.gate.carried import changes_in
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground
from codexa_git.workflow.changes.afar import afar
from codexa_git.workflow.changes.begun import is_begun_here
from codexa_git.workflow.changes.draft import Built, Draft
from codexa_git.workflow.changes.landed import is_taken_out
from codexa_git.workflow.changes.moment import Footing, Moment, moment_at
from codexa_git.workflow.changes.stocking import open_states, open_tips


class Request(NamedTuple):
    """What a person asks for.

    `brief` replaces the template's text where they bring their own, from the file `brief_path`.
    """

    title: str
    context: str = ""
    scope: tuple[str, ...] = ()
    out_of_scope: tuple[str, ...] = ()
    criteria: tuple[str, ...] = ()
    milestone: str | None = None
    requirements: tuple[str, ...] = ()
    brief: bytes | None = None
    brief_path: str = "the brief"
    item: str | None = None

    def of(self, item: Item) -> "Request":
        """The same, with what the backlog says of this item."""
        return self._replace(
            title=item.title,
            milestone=item.milestone,
            requirements=item.requirements,
            item=item.id,
        )


def next_number(ground: Ground) -> int:
    """The number after the highest that any branch here, the base or a remote's branch has used."""
    store = ground.store
    names = list(changes_in(store, ground.tip.tree))
    for ref in (*store.refs("refs/heads"), *store.refs("refs/remotes")):
        names += [part for part in ref.split("/") if is_change_id(part)]
    used = {change_number(name) for name in names}
    after = max(used, default=0) + 1
    if is_change_id(change_id(after)):
        return after
    # Somebody took the last number there is; the first that is free does as well.
    return next(number for number in range(1, after) if number not in used)


def brief_of(request: Request, change: str) -> bytes:
    """The brief that opens the change: the person's own, or the PM agent's template filled in.

    Raises:
        PaperError: the person's own brief is malformed.
        UsageError: the title or a given text cannot stand in a brief.
    """
    if request.brief is None:
        return format_brief(
            change,
            request.title,
            context=request.context,
            scope=request.scope,
            out_of_scope=request.out_of_scope,
            criteria=request.criteria,
            backlog=backlog_facts(request.item, request.milestone, request.requirements),
        )
    brief = _TITLE.sub(rf"\1# {change} ".encode(), request.brief, count=1)
    # What is wrong with it is said of the file that the person has at hand, whose lines these are.
    parse_brief(brief, request.brief_path)
    return brief


_TITLE = re.compile(rb"\A((?:[ \t]*\r?\n)*)#[ \t]+(?:CH-[0-9]+(?=\s))?[ \t]*")
"""The start of a brief: its number is not known to whoever wrote it, and is put in or put right."""


def backlog_facts(
    item: str | None, milestone: str | None, requirements: Sequence[str]
) -> tuple[str, ...]:
    """What a change was opened for, a list item each, as its brief says it."""
    facts = (
        ("Item", item),
        ("Milestone", milestone),
        ("Requirements", ", ".join(requirements)),
    )
    return tuple(f"{name}: {value}" for name, value in facts if value)


def standing_in_cleanup(ground: Ground, person: Actor) -> State | None:
    """A change of this person that has still to be closed and landed, if there is one.

    Whose it is and where it stands, anybody could have written; what the gates say, nobody could.
    """
    for state in open_states(ground):
        mine = state.stage is Stage.CLEANUP and state.opened.actor.email == person.email
        if not mine or is_taken_out(ground, state.change):
            continue
        if _is_through(ground, open_tips(ground.store)[state.change]):
            return state
    return None


def _is_through(ground: Ground, tip: str) -> bool:
    """True where every gate before cleanup says yes of the change at this tip of its branch."""
    try:
        verdict = moment_at(ground, "", ground.store.commit(tip)).verdict(Stage.PACKAGE)
    except CodexaError:
        return False
    return verdict.yes


def in_cleanup(ground: Ground, state: State) -> RefusedError:
    """Why the next change is not opened yet, and what comes first."""
    step = "land" if state.closed is not None else "advance"
    there = next((one for one in afar(ground) if one.change == state.change), None)
    return RefusedError(
        f"{state.change} stands in cleanup: it is closed and landed before the next one begins",
        hint=(
            *([] if there is None else [there.command]),
            f"git codexa {step} {state.change}",
            f'or, to end it without: git codexa abandon {state.change} -m "why"',
        ),
    )


def open_change(ground: Ground, person: Actor, request: Request, number: int) -> Built:
    """The commit that opens the change of this number on the base's tip."""
    change = change_id(number)
    content = brief_of(request, change)
    footing = Footing(ground, change, ground.tip, ground.tip, ground.policy)
    return opened(footing, person, content, opening_of(request, content))


def opened_just_so(ground: Ground, person: Actor, request: Request) -> str | None:
    """The change that this person opened by this very request, where nothing has happened since.

    Whoever asks again was killed before the end, or forgot: a second one like it helps nobody.
    """
    for state in open_states(ground):
        ref = f"{CHANGE_PREFIX}{state.change}"
        tip = ground.store.ref(ref)
        mine = state.opened.actor.email == person.email and state.title == request.title.strip()
        if tip is None or not mine or state.light is not None:
            continue
        brief = brief_of(request, state.change)
        is_first = ground.store.commit(tip).parents == (ground.tip.oid,)
        same = is_first and state.opened.data == opening_of(request, brief)
        if same and is_begun_here(ground, state.change):
            return state.change
    return None


def opening_of(request: Request, brief: bytes) -> dict[str, object]:
    """What the opening record says."""
    return {
        "title": clean_title(request.title),
        "item": request.item,
        "milestone": request.milestone,
        "requirements": list(request.requirements),
        "brief": digest(brief),
    }


def opened(
    footing: Footing,
    person: Actor,
    brief: bytes,
    data: dict[str, object],
    light: dict[str, object] | None = None,
) -> Built:
    """The commit that opens a change with this brief and this record; a light one is marked so."""
    draft = Draft(footing, Stage.FRAME, person)
    draft.put(draft.places.brief, brief)
    draft.record(RecordType.OPENED, data)
    if light is not None:
        draft.record(RecordType.LIGHTENED, light)
    count = len(parse_brief(brief, draft.places.brief).criteria)
    wanted = counted(count, "criterion", "criteria") if count else "criteria to be written"
    return draft.build(f"{data['title']}, {wanted}")


def refresh(moment: Moment, person: Actor) -> Built | None:
    """The commit that fills in what the brief lacks; `None` where nothing is missing.

    What people wrote stays as it is, byte for byte. It adds no record, like a commit of theirs.

    Raises:
        RefusedError: the plan is made already, so that the brief is no longer to be filled in.
        PaperError: the brief is malformed.
    """
    places, state = moment.places, moment.state
    data = state.opened.data
    facts = backlog_facts(data["item"], data["milestone"], data["requirements"])
    before = moment.case.read(places.brief)
    content = completed_brief(before, moment.change, state.title, facts, places.brief)
    if content == before:
        return None
    if state.stage.number > Stage.SPEC.number:
        raise RefusedError(
            f"{moment.change} is in {state.stage}: its brief is agreed on, whatever it lacks",
            hint=f'git codexa rework {moment.change} --to frame -m "why"',
        )
    draft = Draft(moment.footing, state.stage, person)
    draft.put(places.brief, content)
    return draft.build("the brief has every section", hand_off=False)
