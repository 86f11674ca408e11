"""`bypass` and `incident`: what owners do on the base beside the gates."""

from shlex import quote

import click

from codexa_git.audit.words import RecordType
from codexa_git.cli.acts import branch_named, carried_out
from codexa_git.cli.desk import Desk, sat_down
from codexa_git.cli.words import spoken
from codexa_git.errors import UsageError
from codexa_git.workflow.owners.acting import require_possible
from codexa_git.workflow.owners.awaiting import waiting
from codexa_git.workflow.owners.proposing import (
    Proposal,
    free_name,
    new_proposal,
    proposed,
)

_DRY = click.option("--dry-run", is_flag=True, help="Show what would be signed, and sign nothing.")


@click.command("bypass", epilog="Example: git codexa bypass hotfix/totals -m 'totals were wrong'")
@click.argument("branch", required=False)
@click.option("-m", "--message", "reason", help="Why; kept for ever.")
@_DRY
def bypass_(branch: str | None, reason: str | None, *, dry_run: bool) -> int:
    """Bring a hotfix to the base without a change, signed by the owners.

    It is one commit, and shown as bypassed for ever.
    """
    with sat_down(writes=not dry_run) as desk:
        kind = RecordType.BYPASS_GRANTED
        name = branch_named(desk, kind, branch)
        why = None if reason is None else spoken(reason, "a reason")
        proposal = proposed(desk.ground, kind, name, reason=why)
        if why is None and not proposal.signed:
            raise UsageError("a bypass says why", hint="git codexa bypass -m '...'")
        return carried_out(desk, proposal, dry_run=dry_run)


@click.command("incident", epilog="Example: git codexa incident HEAD~1 -m 'pushed past the gates'")
@click.argument("commits", nargs=-1, metavar="COMMIT...")
@click.option("-m", "--message", "reason", help="What happened; kept for ever.")
@click.option("--sign", "branch", metavar="BRANCH", help="Sign the incident that waits there.")
@click.option("--force", is_flag=True, help="Name what verify finds nothing against, too.")
@_DRY
def incident_(
    commits: tuple[str, ...],
    reason: str | None,
    branch: str | None,
    *,
    force: bool,
    dry_run: bool,
) -> int:
    """Name commits of the base that should not be there, signed by the owners.

    It is judged by the policy that was signed last. On a branch it may put back what they spoilt of
    guarded paths, and nothing else. They stay findings of whoever does not accept the incident.
    """
    with sat_down(writes=not dry_run) as desk:
        kind = RecordType.INCIDENT_DECLARED
        why = None if reason is None else spoken(reason, "a reason")
        named = tuple(_commit(desk, name) for name in commits)
        if branch is not None:
            proposal = proposed(desk.ground, kind, branch, reason=why, commits=named)
        elif why is None or not named:
            from codexa_git.workflow.base.tracing import naming

            told = "an incident names commits and says what happened"
            raise UsageError(told, hint=(*_waiting(desk), *naming(desk.ground, commits=named)))
        else:
            name = free_name(desk.ground, kind, why)
            proposal = new_proposal(desk.ground, kind, name, {}, why, named)
        if desk.ground.enforces and not force:
            from codexa_git.workflow.owners.blaming import require_blame, require_unnamed

            require_possible(desk.ground, proposal)
            require_unnamed(desk.ground, proposal, _forced(proposal, branch))
            require_blame(desk.ground, proposal.commits, _forced(proposal, branch))
        return carried_out(desk, proposal, dry_run=dry_run)


def _waiting(desk: Desk) -> tuple[str, ...]:
    """How those are signed that wait on a branch already."""
    found = [one for one in waiting(desk.ground) if one.kind is RecordType.INCIDENT_DECLARED]
    return tuple(f"git codexa incident --sign {quote(one.branch)} signs it" for one in found)


def _forced(proposal: Proposal, branch: str | None) -> str:
    """The command that names the same commits, whatever is found against them."""
    if branch is not None:
        return f"git codexa incident --sign {quote(branch)} --force"
    names = " ".join(oid[:12] for oid in proposal.commits)
    return f"git codexa incident {names} -m {quote(proposal.reason)} --force"


def _commit(desk: Desk, name: str) -> str:
    """The id of the commit that was named."""
    words = ("rev-parse", "--verify", "-q", "--end-of-options", f"{name}^{{commit}}")
    status, out = desk.store.git.answer(*words)
    if status != 0:
        raise UsageError(f"{name[:80]!a} is no commit here", hint="git log --first-parent")
    return out.decode("ascii").strip()
