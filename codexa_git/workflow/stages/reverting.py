"""Taking a landing back: the inverse of a landed change's product, put on the base as it is now.

Records, papers and evidence of the landed change stay: what happened did happen.
"""

from functools import partial
from typing import NamedTuple

from codexa_git.audit.logger import read_records
from codexa_git.audit.record import Actor
from codexa_git.audit.words import RecordType
from codexa_git.change.blocks import put, take
from codexa_git.change.pages import PAGES
from codexa_git.change.paths import Kind
from codexa_git.change.text import clipped, visible
from codexa_git.errors import AgentError, RefusedError
from codexa_git.gate.carried import changes_in
from codexa_git.gate.case import Case
from codexa_git.policy.rules import is_guarded
from codexa_git.repository.objects import Commit, Difference, Entry, Identity, Mode, Stamp
from codexa_git.repository.trailers import format_message
from codexa_git.workflow.base.ground import Ground, not_here, policy_at
from codexa_git.workflow.changes.draft import Built
from codexa_git.workflow.changes.ending import is_abandoned
from codexa_git.workflow.changes.landed import landing_of, taken_out
from codexa_git.workflow.changes.moment import Moment, context_at, named
from codexa_git.workflow.stages.opening import Request


class Undone(NamedTuple):
    """The commit that takes a change's work back, on the base's tip, and what the change was."""

    change: str
    title: str
    commit: Commit


def undone(ground: Ground, person: Actor, change: str) -> Undone:
    """The base's tip without what `change` did to the product, as one commit of this person's.

    Raises:
        RefusedError: it has not landed, touched a guarded path, left nothing to take back, or later
            work stands on the same lines.
    """
    landing, case = _landed(ground, change)
    work = case.of_kind(Kind.PRODUCT)
    guarded = [d.path for d in work if is_guarded(ground.policy, d.path)]
    if guarded:
        raise RefusedError(
            f"{change} touched {visible(guarded[0])}, which is guarded by now: only a policy commit"
            " takes that back",
            hint="git codexa policy sign, from a branch that holds it as it was",
        )
    tree = _merged(ground, landing, case, work)
    title = case.state.title
    stamp = Stamp(Identity(person.name, person.email), ground.at)
    message = format_message(f"Revert {change}: {title}", "", [])
    parents = (ground.tip.oid,)
    oid = ground.store.write_commit(tree, parents, stamp, stamp, message)
    return Undone(change, title, ground.store.commit(oid))


def _landed(ground: Ground, change: str) -> tuple[Commit, Case]:
    """The landing, and the change as it brought it."""
    store = ground.store
    if change not in changes_in(store, ground.tip.tree):
        if (error := taken_out(ground, change)) is not None:
            raise error
        if store.ref(f"refs/heads/change/{change}") is None:
            raise not_here(store, change)
        raise _not_landed(ground, change)
    landing = landing_of(ground, change)
    if landing is None or not landing.parents:
        raise RefusedError(f"the landing of {change} is not in this clone", hint="git fetch")
    held = store.headed(landing.parents[0])
    policy = policy_at(store, held.tree)
    context = context_at(store, ground.branch, held, policy, ground.at)
    return landing, Case(store, policy, held.tree, landing.tree, context)


def _not_landed(ground: Ground, change: str) -> RefusedError:
    """Why nothing of a change that is here is taken back, and how it ends, if it has not ended."""
    if is_abandoned(named(ground, change)):
        return RefusedError(
            f"{change} was abandoned and never came to {ground.branch}: there is nothing to take"
            " back",
            hint=f"git codexa log {change} tells its story",
        )
    return RefusedError(
        f"{change} has not landed on {ground.branch}, so there is nothing to take back",
        hint=f'git codexa abandon {change} -m "..." ends it',
    )


def _merged(ground: Ground, landing: Commit, case: Case, work: tuple[Difference, ...]) -> str:
    """The tree of the base's tip, with the landing's product as it was before."""
    store = ground.store
    before = store.write_tree(case.tree, {d.path: _as_it_was(case, d) for d in work})
    stamp = ground.tip.committer
    inverse = store.write_commit(before, (landing.oid,), stamp, stamp, b"inverse\n")
    found = store.merge(landing.oid, ground.tip.oid, inverse)
    if found.tree is None:
        raise RefusedError(
            f"{ground.branch} has moved on where {case.change} was: {_named(found.conflicts)}",
            hint=(
                f"by hand: git switch -c undo-{case.change} {ground.branch}, and commit",
                'then: git codexa quick "...", or the whole way: git codexa open "..."',
            ),
        )
    if found.tree == ground.tip.tree:
        raise RefusedError(
            f"nothing of {case.change} is left on {ground.branch} to take back",
            hint=_what_became_of(ground, landing, case),
        )
    return found.tree


def _what_became_of(ground: Ground, landing: Commit, case: Case) -> str:
    """The change that took it back, as its title says; else all that came after it."""
    title, store = _title(case.change, case.state.title), ground.store
    for change in reversed(changes_in(store, ground.tip.tree)):
        records = read_records(partial(store.read, ground.tip.tree), change)
        opened = next((r for r in records if r.type is RecordType.OPENED), None)
        if opened is not None and opened.data["title"] == title:
            return f"{change} took it back: git codexa log {change}"
    return f"what came after it: git log --first-parent {landing.oid[:12]}..{ground.base}"


def _named(paths: tuple[str, ...]) -> str:
    more = "" if len(paths) == 1 else f" and {len(paths) - 1} more"
    return f"{visible(paths[0])}{more}"


def _as_it_was(case: Case, difference: Difference) -> Entry | None:
    """What the path held before the landing; of a shared page, around the block that stays."""
    page = difference.path
    block = take(case.read(page) or b"", case.change, path=page) if page in PAGES else None
    if block is None or difference.new is None:
        return difference.old
    content = put(case.base_page(page), case.change, block, path=page)
    return Entry(difference.new.mode, case.store.write_blob(content))


def title_of(work: Undone) -> str:
    """What the change that takes it back is called."""
    return _title(work.change, work.title)


def _title(change: str, title: str) -> str:
    return clipped(f"revert {change}: {title}")


def whole_request(work: Undone, paths: tuple[str, ...]) -> Request:
    """The brief of a change that takes it back the whole way, because it is no light one."""
    return Request(
        title_of(work),
        context=f"{work.change} landed, and what it did is to be taken back.",
        scope=tuple(visible(path) for path in paths),
        out_of_scope=(f"The records, papers and evidence of {work.change}, which stay.",),
        criteria=(f"what {work.change} did to these files is taken back, and every test passes",),
    )


def instructed(moment: Moment, person: Actor, work: Undone) -> Built | None:
    """The person's commit that says how: the inverse as a declared patch, for the plan to hold.

    `None` where no patch of text can say it (a binary file, a link): then a person does it.
    """
    contents = instructions(moment, work)
    if contents is None:
        return None
    store = moment.store
    oids = store.write_blobs(list(contents.values()))
    entries = {path: Entry(Mode.FILE, oid) for path, oid in zip(contents, oids, strict=True)}
    tree = store.write_tree(moment.tip.tree, entries)
    stamp = Stamp(Identity(person.name, person.email), moment.ground.at)
    message = format_message(f"how to take {work.change} back", "", [])
    return Built(
        store.commit(store.write_commit(tree, (moment.tip.oid,), stamp, stamp, message)), None
    )


def instructions(moment: Moment, work: Undone) -> dict[str, bytes] | None:
    """The papers that say how, by path; `None` where no patch of text can."""
    patch = _patch(moment, work)
    if patch is None:
        return None
    patches = f"{moment.places.papers}patches/T-01.patch"
    return {moment.places.recipes: _recipe(work), patches: patch}


def is_instructed(moment: Moment) -> bool:
    """True where the change says already how its task is done."""
    return moment.store.entry(moment.tip.tree, moment.places.recipes) is not None


def _patch(moment: Moment, work: Undone) -> bytes | None:
    from codexa_git.agents.patches import parse  # noqa: PLC0415

    store = moment.store
    text = store.patch_text(store.tree_of(work.commit.parents[0]), work.commit.tree)
    patch = text.encode()
    try:
        files = parse(patch)
    except AgentError:
        return None
    # Bytes that are no UTF-8 come out as another character, and then the patch would not fit.
    return None if "\ufffd" in text or not files else patch


def _recipe(work: Undone) -> bytes:
    return (
        "[[task]]\n"
        f'title = "take back what {work.change} did"\n'
        'criteria = ["AC-1"]\n'
        'patch = "patches/T-01.patch"\n'
    ).encode()
