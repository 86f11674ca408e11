"""Beginning: what has to be so before the owners sign a trust root."""

from codexa_git.audit.record import Actor
from codexa_git.errors import PolicyError, RefusedError, RepositoryError
from codexa_git.gate.trusted import first_enforcing
from codexa_git.policy.rules import OWNER, has_demo_people, holders
from codexa_git.repository.objects import Commit
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.base.unpushed import unpushed
from codexa_git.workflow.decisions.enrolling import an_owner


def require_ready(ground: Ground, person: Actor, *, demo: bool) -> None:
    """Nothing: this person can sign a trust root on the base as it is.

    Raises:
        RefusedError: it enforces already, they are no owner, their clone has what the base has not,
            or a demo's people are in the policy.
    """
    if ground.enforces:
        raise RefusedError(f"{ground.branch} enforces already", hint="git codexa root shows it")
    owners = holders(ground.policy, OWNER)
    if person.email not in [owner.email for owner in owners]:
        raise RefusedError(
            f"{person.email} is no owner in this policy, and an owner signs the root",
            hint=an_owner(ground.policy, person),
        )
    # What a person has just committed is what they mean to sign, and the base has it not yet.
    if (own := unpushed(ground)) is not None:
        raise RefusedError(
            f"{own.told}, and what {own.base} has is what would be signed", hint=own.ways
        )
    if has_demo_people(ground.policy) and not demo:
        raise RefusedError(
            "the policy names people of demo.invalid, whose keys anyone can make",
            hint=(
                "name real people in codexa.toml and .codexa/allowed_signers",
                "or, to try it where nothing is at stake: git codexa enforce --demo",
            ),
        )


def _beside_its_line(ground: Ground, made: Commit) -> str:
    """What puts the base on a line that goes past this commit; where it is the first, a new one."""
    kept, fresh = ground.store.spare_branch("kept"), ground.store.spare_branch("fresh")
    if made.parents:
        back = f"git reset --keep {made.oid[:12]}~1"
        return f"git branch {kept} && {back} && git merge --no-ff {kept}"
    return (
        f"git branch {kept} && git switch --orphan {fresh}"
        " && git commit --allow-empty -m 'begin anew'"
        f" && git merge --no-ff --allow-unrelated-histories -m 'all that was' {kept}"
        f" && git switch {ground.branch} && git reset --keep {fresh}"
    )


def require_found(ground: Ground) -> None:
    """Nothing: whoever looks for the root along this base comes as far as its tip, and finds none.

    Raises:
        RefusedError: a commit before enforces, unsigned, and would be taken for it.
        RepositoryError: one cannot be read, and nobody could ever tell.
    """
    try:
        made = first_enforcing(ground.store, ground.store.first_parent_ids(ground.tip.oid))
    except PolicyError:
        return
    except RepositoryError as error:
        raise RepositoryError(
            f"behind this history nobody would find a trust root: {error.message}",
            hint="git fsck tells what is missing, or cannot be read",
        ) from error
    first, on = made.oid[:12], f"beside its own line it counts for nothing: on {ground.branch},"
    raise RefusedError(
        f"{first} says enforce and is signed by nobody, and whoever verifies would begin there",
        hint=(
            f"git show --first-parent {first}",
            f"{on} {_beside_its_line(ground, made)}",
        ),
    )
