"""`policy`: what governs the base, what is proposed for it, and the owners' signatures."""

from itertools import groupby

import click

from codexa_git.audit.words import RecordType
from codexa_git.cli.acts import branch_named, carried_out, describe, facts, is_root
from codexa_git.cli.desk import Desk, sat_down
from codexa_git.cli.screen import padded, shown
from codexa_git.cli.telling import as_json, say, warn
from codexa_git.cli.words import spoken
from codexa_git.errors import Exit, UsageError
from codexa_git.gate.bypassed import bypass_token, open_bypasses
from codexa_git.policy.rules import OWNER, holders
from codexa_git.workflow.owners.acts import acts_done, incidents
from codexa_git.workflow.owners.awaiting import over, takes_away, waiting
from codexa_git.workflow.owners.proposing import NAMES, Proposal, proposed


@click.group("policy")
def policy_() -> None:
    """Show what governs the base, and sign what is to change in it.

    A change of policy is a branch with ordinary commits to guarded paths. When as many owners have
    signed it as the policy asks for, it is one commit of the base.
    """


@policy_.command("show", epilog="Example: git codexa policy show")
@click.argument("branch", required=False)
@click.option("--json", "json_", is_flag=True, help="The same for a script.")
def show_(branch: str | None, *, json_: bool) -> int:
    """Show who owns the policy, and what waits for the owners.

    A branch that is named is shown by itself.
    """
    with sat_down(writes=False) as desk:
        found = waiting(desk.ground) if branch is None else (_named(desk, branch),)
        if json_:
            as_json(_facts(desk, found))
            return Exit.YES
        if branch is None:
            _say_policy(desk)
        for proposal in found:
            if branch is None:
                say()
            describe(desk, proposal)
        if branch is None:
            _say_over(desk)
    return Exit.YES


def _say_over(desk: Desk) -> None:
    """The branches that wait for nobody any more, and what takes them away."""
    for each in over(desk.ground):
        say()
        say(f"{shown(each)}  waits for nothing: {desk.ground.branch} has all of it")
        for command in takes_away(desk.ground, each, merged=False):
            say(f"    {command}")


def _named(desk: Desk, branch: str) -> Proposal:
    kinds = {name: kind for kind, name in NAMES.items()}
    kind = kinds.get(branch.partition("/")[0], RecordType.POLICY_CHANGED)
    return proposed(desk.ground, kind, branch)


def _say_policy(desk: Desk) -> None:
    ground, policy = desk.ground, desk.ground.policy
    say(f"base    {ground.branch}, {'enforces' if ground.enforces else 'observes'}")
    names = ", ".join(shown(owner.name) for owner in holders(policy, OWNER))
    sign = "signs" if policy.owner_count == 1 else "sign"
    say(f"owners  {names}; {policy.owner_count} of them {sign}")
    pinned = "pinned here" if ground.pinned else "not pinned here"
    say(f"root    {ground.root}, {pinned}" if ground.root else "root    none yet")
    for record in incidents(desk.ground):
        names = ", ".join(oid[:12] for oid in record.data["commits"])
        say(f"incident {record.at[:10]} names {names}: {shown(record.data['reason'])}")
        say(f"    {_ACCEPTED} {record.id}")
    _warn_misspelt(desk)
    _warn_unsigned(desk)


def _warn_misspelt(desk: Desk) -> None:
    """A word that stands for nothing judges as ever, and does nothing: a policy commit mends it."""
    from codexa_git.policy.spelling import meant, misspelt

    for odd in misspelt(desk.ground.policy):
        warn(f"codexa.toml: {odd.says}", meant(odd.command))


_ACCEPTED = "who takes that as settled: git codexa verify --accept"


def _warn_unsigned(desk: Desk) -> None:
    """Nothing is said where the owners signed all of the base's policy, or it only observes."""
    from codexa_git.workflow.base.tracing import policy_problem

    error = policy_problem(desk.ground)
    if error is not None:
        warn(error.message, *error.hints)


def _facts(desk: Desk, found: tuple[Proposal, ...]) -> dict[str, object]:
    from codexa_git.workflow.base.tracing import policy_problem

    ground, policy, problem = desk.ground, desk.ground.policy, policy_problem(desk.ground)
    return {
        "format": 1,
        "branch": ground.branch,
        "mode": str(policy.mode),
        "owners": [owner.email for owner in holders(policy, OWNER)],
        "count": policy.owner_count,
        "root": ground.root,
        "pinned": ground.pinned,
        "incidents": [
            {"id": one.id, "commits": list(one.data["commits"]), "reason": one.data["reason"]}
            for one in incidents(ground)
        ],
        "problem": None if problem is None else problem.message,
        "proposals": [facts(desk, proposal) for proposal in found],
    }


@policy_.command("log", epilog="Example: git codexa policy log")
@click.option("--json", "json_", is_flag=True, help="The same for a script.")
def log_(*, json_: bool) -> int:
    """Show what the owners signed, newest first: policy, bypasses, incidents."""
    with sat_down(writes=False) as desk:
        acts = acts_done(desk.ground)[::-1]
        left = {r.id: bypass_token(r) for r in open_bypasses(desk.store, desk.ground.tip.tree)}
    if json_:
        as_json([record._asdict() | {"actor": record.actor._asdict()} for record in acts])
        return Exit.YES
    for _, records in groupby(acts, key=lambda record: (record.type, record.data)):
        record, *others = tuple(records)[::-1]
        kind = padded(NAMES[record.type], 8)
        reason = shown(record.data["reason"])
        names = ", ".join(shown(one.actor.name) for one in (record, *others))
        say(f"{record.at[:10]}  {kind}  {reason}  (signed by {names})")
        for commit in record.data.get("commits", ()):
            say(f"    names {commit[:12]}")
        if record.type is RecordType.INCIDENT_DECLARED:
            say(f"    {_ACCEPTED} {record.id}")
        if record.id in left:
            say(f'    open until a change lands whose brief has the words "{left[record.id]}"')
    if not acts:
        say("the owners have signed nothing since the root")
    return Exit.YES


@policy_.command(
    "sign", epilog="Example: git codexa policy sign policy/tests -m 'test on 3.13 too'"
)
@click.argument("branch", required=False)
@click.option("-m", "--message", "reason", help="Why; else the first commit's subject.")
@click.option("--dry-run", is_flag=True, help="Show what would be signed, and sign nothing.")
def sign_(branch: str | None, reason: str | None, *, dry_run: bool) -> int:
    """Sign what a branch changes in guarded paths.

    With the last signature that is missing, it comes to the base as one commit.
    """
    with sat_down(writes=not dry_run) as desk:
        kind = RecordType.POLICY_CHANGED
        why = None if reason is None else spoken(reason, "a reason")
        _warn_unsigned(desk)
        proposal = proposed(desk.ground, kind, branch_named(desk, kind, branch), reason=why)
        if is_root(desk.ground, proposal):
            raise UsageError(
                f"{proposal.branch} holds a trust root, which is signed otherwise",
                hint="git codexa enforce",
            )
        return carried_out(desk, proposal, dry_run=dry_run)
