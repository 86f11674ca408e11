"""Changes that a cherry-pick or a merge by hand put where they do not go on."""

from bisect import bisect_left
from collections.abc import Sequence

from codexa_git.errors import RefusedError
from codexa_git.gate.carried import Besides, merged_besides
from codexa_git.repository.objects import Commit
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground


def two_at_once(ground: Ground, ref: str, tip: Commit, found: Sequence[str]) -> RefusedError:
    """Why a branch that carries several changes moves none, and what takes one out again."""
    here = ref.removeprefix(CHANGE_PREFIX)
    others = [change for change in found if change != here]
    if here not in found:
        return RefusedError(
            f"two changes at once: {', '.join(found)}",
            hint=f"one branch, one change: git switch change/{found[0]}",
        )
    other = others[0]
    if (besides := merged_besides(ground.store, ground.tip, [tip.oid], here)) is not None:
        return _besides(ground, here, tip, besides)
    by = ground.store.touching([tip.oid], f"audit/{other}", beyond=ground.tip.oid)
    names = " ".join(commit.oid[:12] for commit in by)
    return RefusedError(
        f"two changes at once: change/{here} carries {other} too, since {by[-1].oid[:12]}",
        hint=f"git revert {names} takes it out; {other} goes on at change/{other}",
    )


def require_alone(ground: Ground, change: str, tip: Commit) -> None:
    """Nothing: what this commit would bring to the base is of this change alone.

    Raises:
        RefusedError: another change's commits are merged here, which git would take for merged.
    """
    if ground.enforces:
        besides = merged_besides(ground.store, ground.tip, [tip.oid], change)
        if besides is not None:
            raise _besides(ground, change, tip, besides)


def _besides(ground: Ground, change: str, tip: Commit, besides: Besides) -> RefusedError:
    store, commit = ground.store, besides.commit
    line = store.beyond(ground.tip.oid, tip.oid)[::-1]
    by = next(one.oid[:12] for one in line if store.is_ancestor(commit.oid, one.oid))
    out = f"git rebase --onto {by}~1 {by} change/{change} takes the merge out"
    if by == tip.oid[:12]:
        out = f"on change/{change}: git reset --keep {by}~1 takes the merge out"
    if by == commit.oid[:12]:
        out = f"begin it on {ground.branch}, and git cherry-pick its commits there"
    return RefusedError(
        f"change/{change} cannot land: since {by} it holds {commit.oid[:12]} of {besides.change},"
        f" which would look as if it had been merged to {ground.branch}",
        hint=(f"{out}, where it is not pushed", f"else what lands first: {besides.change}"),
    )


class SwallowedError(RefusedError):
    """A change whose commits the base has, and none of whose files it kept."""


def swallowed(ground: Ground, change: str, tip: Commit) -> SwallowedError:
    """Why a change that was merged and did not land stands still, and what takes it on.

    A commit that the base lacks makes the branch one that goes on, and nothing of it has to be made
    anew.
    """
    by = _brought(ground, tip)
    merged = f"was merged into {ground.branch}"
    told = f"{change} {merged}" if by is None else f"{by[:12]} merged {change} into {ground.branch}"
    return SwallowedError(
        f"{told} and kept nothing of it: it has not landed",
        hint=(
            f'git switch change/{change} && git commit --allow-empty -m "{change} goes on"',
            f"nothing of it is lost; then: git codexa advance {change} --until-blocked",
        ),
    )


class UnopenedError(RefusedError):
    """A branch that is named for a change, and holds no record of any."""


def unopened(ground: Ground, change: str, tip: Commit) -> UnopenedError:
    """What such a branch is, and how to be rid of it, or of its name where it holds commits."""
    told = f"nobody opened {change}: change/{change} holds"
    if ground.store.is_ancestor(tip.oid, ground.tip.oid):
        return UnopenedError(
            f"{told} nothing that {ground.branch} has not",
            hint=(
                f"git branch -D change/{change}",
                f"on a remote: git push -d REMOTE change/{change}",
            ),
        )
    return UnopenedError(
        f"{told} no record of it",
        hint=(
            f"git branch -m change/{change} kept gives its commits another name",
            'git codexa open "what should change" begins a change',
        ),
    )


def _brought(ground: Ground, tip: Commit) -> str | None:
    """The commit of the base's first-parent line that brought this one; `None` if none did."""
    line = ground.store.first_parent_ids(ground.tip.oid)[::-1]
    at = bisect_left(line, True, key=lambda oid: ground.store.is_ancestor(tip.oid, oid))  # noqa: FBT003
    return line[at] if at < len(line) else None


def on_the_base(ground: Ground, change: str) -> RefusedError:
    """Why nothing is done where this clone's base carries a change that its remote's does not."""
    from codexa_git.workflow.base.unpushed import unpushed  # noqa: PLC0415

    base = ground.ref.removeprefix("refs/remotes/")
    store, own = ground.store, unpushed(ground)
    here, there = store.ref(ground.local_ref), store.ref(f"{CHANGE_PREFIX}{change}")
    is_on_it = here is not None and there is not None and store.is_ancestor(here, there)
    kept = "" if is_on_it else f"git branch {store.spare_branch('keep')} && "
    hints: tuple[str, ...] = (
        f"{kept}git reset --keep {base} takes it off; it goes on at change/{change}",
        "where it is a landing made by hand: git push",
    )
    if own is not None and own.behind and not is_on_it:
        hints = own.ways
    return RefusedError(f"{ground.branch} here carries {change}, and {base} does not", hint=hints)
