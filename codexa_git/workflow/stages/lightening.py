"""The light path: a change opened over commits that are there already, where policy allows it.

It misses no stage and no record. The smallest brief and plan stand in for longer ones, and one
signature covers plan and package together (ADR 0028).
"""

from shlex import quote
from typing import NamedTuple

from codexa_git.audit.ids import change_id
from codexa_git.audit.record import Actor
from codexa_git.change.paths import Kind, kind_of
from codexa_git.change.text import counted, visible
from codexa_git.errors import RefusedError
from codexa_git.gate.light import beyond
from codexa_git.policy.rules import Policy
from codexa_git.repository.objects import Commit, Difference
from codexa_git.repository.worktrees import uncommitted
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground, policy_at
from codexa_git.workflow.changes.draft import Built
from codexa_git.workflow.changes.moment import Footing, Moment, carried, held_base, moment_at
from codexa_git.workflow.stages.opening import Request, brief_of, opened, opening_of

MOST_NAMED = 20
"""How many files a brief's scope names one by one."""

_MOST_ADDED = 6
"""How many files a hint commits by name."""


class Work(NamedTuple):
    """Commits that no change carries yet: their tip, the base that it holds, and what differs.

    `ref` is the branch that they lie on, where they lie on one; `reverts` the change whose work
    they take back.
    """

    tip: Commit
    held: Commit
    policy: Policy
    commits: int
    paths: tuple[Difference, ...]
    ref: str | None = None
    reverts: str | None = None


def work_at_hand(ground: Ground) -> Work:
    """The commits that HEAD has beyond the base.

    Raises:
        RefusedError: there are none, or a change carries them already.
    """
    ref, oid = ground.store.head()
    if oid is None:
        raise RefusedError("this branch has no commit yet", hint="git commit")
    tip = ground.store.commit(oid)
    if carried(ground, tip):
        change = moment_at(ground, ref or "HEAD", tip).change
        raise RefusedError(
            f"these commits are {change}'s already, which goes its own way",
            hint=f"git codexa status {change}",
        )
    found = work_at(ground, tip)
    if not found.paths:
        raise RefusedError(
            f"there is no work at hand: nothing here differs from {_base(ground)}",
            hint=_not_committed(ground, ref)
            or "git switch -c fix, commit what is to change, and ask again",
        )
    return found._replace(ref=ref)


def _not_committed(ground: Ground, ref: str | None) -> str | None:
    """What is only edited here, and the commands that commit it; `None` where nothing is."""
    store = ground.store
    edited = () if store.work_tree is None else uncommitted(store, store.work_tree)
    if not edited:
        return None
    more = f" and {len(edited) - 1} more" if len(edited) > 1 else ""
    has = "have" if more else "has"
    told = (
        f"{visible(edited[0])}{more} {has} uncommitted changes, and only what is committed is read"
    )
    begins = "git switch -c fix && " if ref in (None, ground.local_ref) else ""
    adds = " ".join(("git add --", *map(quote, edited)))
    if len(edited) > _MOST_ADDED:
        adds = "git add what belongs to it"
    return f"{told}: {begins}{adds} && git commit, and ask again"


def _base(ground: Ground) -> str:
    return ground.ref.split("/", 2)[-1]


def work_at(ground: Ground, tip: Commit) -> Work:
    """What `tip` has beyond the base."""
    held = held_base(ground, tip)
    return Work(
        tip,
        held,
        policy_at(ground.store, held.tree),
        len(ground.store.beyond(held.oid, tip.oid)),
        ground.store.difference(held.tree, tip.tree),
    )


def why_not_light(ground: Ground, work: Work) -> str | None:
    """Why policy does not let this work go the light way, in a clause; `None` where it does."""
    for difference in work.paths:
        if kind_of(difference.path, _NOBODY) is not Kind.PRODUCT:
            return f"{visible(difference.path)} lies where only changes and the tool write"
    return beyond(ground.store, work.policy, work.paths)


_NOBODY = change_id(999_999)
"""A change that owns no file: what belongs to any change is not its."""


def require_light(ground: Ground, work: Work) -> None:
    """Nothing: policy lets this work go the light way.

    Raises:
        RefusedError: it does not; the hints say what is left.
    """
    why = why_not_light(ground, work)
    if why is None:
        return
    rule = "policy says what is light: [light] in codexa.toml"
    if not work.policy.light.paths:
        rule = "owners add [light] to codexa.toml: paths, and how many lines"
    whole = 'the whole way: git codexa open "..."; its plan approved, git cherry-pick these commits'
    raise RefusedError(f"this is no light change: {why}", hint=(rule, whole))


def light_request(title: str, work: Work, criteria: tuple[str, ...] = ()) -> Request:
    """The smallest brief that every gate takes: what was done, where, and that the tests pass."""
    paths = [visible(difference.path) for difference in work.paths]
    more = len(paths) - MOST_NAMED
    scope = [*paths[:MOST_NAMED], *([f"and {counted(more, 'file')} more"] if more > 0 else [])]
    takes_back = f" It takes back what {work.reverts} did." if work.reverts else ""
    return Request(
        title,
        context=f"A light change: the work was there when it was opened.{takes_back}",
        scope=tuple(scope),
        out_of_scope=("Every other file.",),
        criteria=criteria or (f"every test passes with this done: {title.strip()}",),
    )


def open_light(ground: Ground, person: Actor, request: Request, work: Work, number: int) -> Built:
    """The commit that opens the light change of this number on top of the work.

    Raises:
        RefusedError: something of the work is refused in any stage.
    """
    change = change_id(number)
    content = brief_of(request, change)
    footing = Footing(ground, change, work.tip, work.held, work.policy)
    mark: dict[str, object] = {"tree": work.tip.tree, "reverts": work.reverts}
    built = opened(footing, person, content, opening_of(request, content), mark)
    _require_clean(moment_at(ground, f"{CHANGE_PREFIX}{change}", built.commit, work.held))
    return built


def _require_clean(moment: Moment) -> None:
    """Nothing: no gate refuses in any stage what the change begins with."""
    for ask in moment.verdict().of(None):
        if not ask.met:
            raise RefusedError(
                f"no change can begin with this work: {ask.answer.now}",
                details=(("rule", f"{ask.name}: {ask.asks[:1].lower()}{ask.asks[1:]}"),),
                hint=ask.answer.command or "git codexa status",
            )
