"""A moment: one change at one commit, as a verb finds it."""

from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from codexa_git.audit.ids import parse_change_id
from codexa_git.audit.words import Stage
from codexa_git.change.paths import Places
from codexa_git.change.state import State
from codexa_git.change.text import visible
from codexa_git.errors import CodexaError, RefusedError, RepositoryError, UsageError
from codexa_git.gate.carried import change_between, changes_in, new_changes
from codexa_git.gate.case import Case
from codexa_git.gate.context import Context
from codexa_git.gate.guarding import abandonment, of_a_time_to_come, told_ahead
from codexa_git.gate.root import recorded_root
from codexa_git.gate.verdict import Verdict, judge
from codexa_git.policy.rules import Mode, Policy
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import (
    CHANGE_PREFIX,
    Ground,
    not_here,
    open_branches,
    policy_at,
)
from codexa_git.workflow.changes.afar import afar
from codexa_git.workflow.changes.astray import on_the_base, swallowed, two_at_once, unopened
from codexa_git.workflow.changes.landed import landing_of, taken_out


class Footing(NamedTuple):
    """What a draft stands on: the tip, the base commit that it holds, and that base's policy."""

    ground: Ground
    change: str
    tip: Commit
    held: Commit
    policy: Policy

    def context(self, at: int) -> Context:
        """What gates are told beside the two trees; the root is what the held base records."""
        return context_at(self.ground.store, self.ground.branch, self.held, self.policy, at)


def context_at(store: Store, branch: str, held: Commit, policy: Policy, at: int) -> Context:
    """The context of a change that holds this commit of the base."""
    root = recorded_root(store, held.tree) if policy.mode is Mode.ENFORCE else None
    return Context(root, branch, at, held.committer.seconds, held.oid)


class Moment(NamedTuple):
    """A change at `tip`, which branch `ref` holds, beside the commit of the base that it `held`.

    The policy is the held base's: what a verb makes follows from history alone.
    """

    ground: Ground
    ref: str
    tip: Commit
    held: Commit
    case: Case

    @property
    def store(self) -> Store:
        """The repository."""
        return self.ground.store

    @property
    def policy(self) -> Policy:
        """The policy that judges this change now."""
        return self.case.policy

    @property
    def change(self) -> str:
        """The change's id."""
        return self.case.change

    @property
    def places(self) -> Places:
        """Where its files lie."""
        return self.case.places

    @property
    def state(self) -> State:
        """What its records add up to."""
        return self.case.state

    @property
    def footing(self) -> Footing:
        """What a draft that goes on from here stands on."""
        return Footing(self.ground, self.change, self.tip, self.held, self.policy)

    def verdict(self, through: Stage = Stage.CLEANUP) -> Verdict:
        """What the gates answer."""
        return judge(self.case, through)


def moment_at(ground: Ground, ref: str, tip: Commit, held: Commit | None = None) -> Moment:
    """The change that `tip` carries.

    Raises:
        RefusedError: it carries none, or two.
    """
    store = ground.store
    held = held or held_base(ground, tip)
    policy = policy_at(store, held.tree)
    context = context_at(store, ground.branch, held, policy, ground.at)
    return Moment(ground, ref, tip, held, Case(store, policy, held.tree, tip.tree, context))


def held_base(ground: Ground, tip: Commit) -> Commit:
    """The commit of the base that `tip` holds: the newest on the base's first-parent line.

    What came to the base by another way (a side branch that was merged) was judged by nobody on its
    own, and so cannot judge. A tip that the base holds already is its own base.

    Raises:
        RepositoryError: they share no history.
    """
    store = ground.store
    nearest = store.merge_base(ground.tip.oid, tip.oid)
    if nearest is None:
        raise RepositoryError(f"this branch shares no history with {ground.branch}")
    if nearest in (tip.oid, ground.tip.oid):
        return store.headed(nearest)
    oldest = store.oldest_beyond(tip.oid, ground.tip.oid)
    if not oldest.parents:
        raise RepositoryError(f"this branch does not begin on {ground.branch} itself")
    return store.headed(oldest.parents[0])


def at_hand(ground: Ground, change: str | None) -> Moment:
    """The change that was named, or the one that HEAD carries.

    Raises:
        UsageError: the name is not a change id, or no change is at hand.
        RefusedError: the branch carries another change, or it has landed, or HEAD is detached.
    """
    if change is not None:
        return named(ground, parse_change_id(change))
    ref, oid = ground.store.head()
    if ref is None:
        # Imported where HEAD is detached alone: most commands that read never need it.
        from codexa_git.repository.publication import require_quiet  # noqa: PLC0415

        require_quiet(ground.store, None)
        raise RefusedError(
            "HEAD is detached: a change moves on a branch", hint=_branch_at(ground, oid)
        )
    if oid is None:
        raise RepositoryError("this branch has no commit yet", hint="git codexa init")
    commit = ground.store.commit(oid)
    if not carried(ground, commit):
        refuse_landed(ground, ref)
        _refuse_taken_out(ground, ref, commit)
        raise UsageError("no change is at hand here", hint=_which(ground))
    _require_one(ground, ref, commit)
    return moment_at(ground, ref, commit)


def require_open(moment: Moment) -> None:
    """Nothing: the change can still be worked on.

    Raises:
        RefusedError: somebody abandoned it, or a record of it is of a time to come.
    """
    late = of_a_time_to_come(moment.case)
    if late is not None:
        path = moment.places.log(late.log)
        raise RefusedError(
            f"{told_ahead(moment.case, late)}, and what follows would have to be later still",
            hint=(
                "if it is this machine's clock that is wrong, set it",
                f"else drop the commit that brought it: git log -p -- {path}",
            ),
        )
    record = abandonment(moment.case)
    if record is not None:
        raise RefusedError(
            f"{moment.change} was abandoned by {record.actor.name}: {record.data['reason']}",
            hint='its record stays; git codexa open "..." starts anew',
        )


def refuse_landed(ground: Ground, ref: str) -> None:
    """The branch of a change that landed is empty beside the base, and stays until it is removed.

    Raises:
        RefusedError: that is where HEAD stands.
    """
    change = ref.removeprefix(CHANGE_PREFIX)
    if ref != change and change in changes_in(ground.store, ground.tip.tree):
        raise _landed(ground, change)


def _require_one(ground: Ground, ref: str, commit: Commit) -> None:
    found = new_changes(ground.store, held_base(ground, commit).tree, commit.tree)
    if len(found) > 1:
        raise two_at_once(ground, ref, commit, found)
    if found and ref == ground.local_ref:
        raise on_the_base(ground, found[0])


def _refuse_taken_out(ground: Ground, ref: str, commit: Commit) -> None:
    change = ref.removeprefix(CHANGE_PREFIX)
    if ref != change and change in changes_in(ground.store, commit.tree):
        raise _over(ground, change, commit)


def _over(ground: Ground, change: str, tip: Commit) -> RefusedError:
    """Why this branch, whose commits the base has, is no change that goes on."""
    if change in changes_in(ground.store, ground.tip.tree):
        return _landed(ground, change)
    return taken_out(ground, change) or swallowed(ground, change, tip)


def _landed(ground: Ground, change: str) -> RefusedError:
    landing = landing_of(ground, change)
    by = () if landing is None else (("landed", told_landing(landing)),)
    return RefusedError(
        f"{change} has landed on {ground.branch}, and nothing more can be done to it",
        details=by,
        hint=(
            f"git switch {ground.branch}; its branch can go: git branch -d change/{change}",
            'what it left open is a new change: git codexa open "..."',
        ),
    )


def told_landing(landing: Commit) -> str:
    """Which commit a landing is, and by whom, in a few words."""
    return f"as {landing.oid[:12]}, by {visible(landing.committer.who.name)}"


def carried(ground: Ground, commit: Commit) -> bool:
    """True where this commit carries a change that the base it holds does not."""
    held = held_base(ground, commit)
    before = set(changes_in(ground.store, held.tree))
    return bool(set(changes_in(ground.store, commit.tree)) - before)


def _which(ground: Ground) -> str:
    found = list(islice(_going_on(ground), 3))
    if not found:
        there = afar(ground)
        return there[0].command if there else 'git codexa open "what should change"'
    return f"name one ({', '.join(found)}), or git switch change/{found[0]}"


def _going_on(ground: Ground) -> Iterator[str]:
    """The open changes that nobody has ended, as far as they can be read."""
    for name, tip in open_branches(ground).items():
        try:
            moment = moment_at(ground, f"{CHANGE_PREFIX}{name}", ground.store.commit(tip))
            if moment.change == name and abandonment(moment.case) is None:
                yield name
        except CodexaError:
            continue


def _branch_at(ground: Ground, oid: str | None) -> str:
    """How HEAD comes to a branch: that of the change whose tip it is at, or of one that is open."""
    found = open_branches(ground)
    here = next((name for name, tip in found.items() if tip == oid), None)
    return f"git switch change/{here}" if here is not None else _which(ground)


def named(ground: Ground, change: str) -> Moment:
    """The open change of this id, on its own branch."""
    ref = f"{CHANGE_PREFIX}{change}"
    oid = ground.store.ref(ref)
    if oid is None:
        if change in changes_in(ground.store, ground.tip.tree):
            raise RefusedError(
                f"{change} has landed on {ground.branch}",
                hint=f"git log --first-parent --grep={change} {ground.branch}",
            )
        raise taken_out(ground, change) or not_here(ground.store, change)
    commit = ground.store.commit(oid)
    held = held_base(ground, commit)
    if change in changes_in(ground.store, held.tree):
        raise _over(ground, change, commit)
    if not new_changes(ground.store, held.tree, commit.tree):
        raise taken_out(ground, change) or unopened(ground, change, commit)
    _require_one(ground, ref, commit)
    found = change_between(ground.store, held.tree, commit.tree)
    if found != change:
        raise RefusedError(
            f"the branch change/{change} carries {found}",
            hint=f"git branch -m change/{change} change/{found}",
        )
    return moment_at(ground, ref, commit, held)
