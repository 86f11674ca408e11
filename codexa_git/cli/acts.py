"""What `policy`, `people`, `bypass` and `incident` share: signing a proposal, and saying of it."""

from pathlib import Path

from codexa_git.audit.words import RecordType
from codexa_git.change.text import among
from codexa_git.cli.desk import Desk
from codexa_git.cli.onbase import say_on_base
from codexa_git.cli.screen import shown
from codexa_git.cli.telling import say, say_commit, warn
from codexa_git.errors import CodexaError, Exit, RefusedError, UsageError
from codexa_git.gate.bypassed import bypass_token
from codexa_git.policy.rules import OWNER, holders
from codexa_git.workflow.base.following import followed
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.decisions.signing import person_signs
from codexa_git.workflow.owners.acting import (
    Acted,
    conclude,
    diff_of,
    is_owner,
    require_possible,
    rule,
    signed_by,
)
from codexa_git.workflow.owners.awaiting import takes_away, waiting
from codexa_git.workflow.owners.proposing import ENFORCE, NAMES, Proposal, wanted

COMMANDS = {
    RecordType.POLICY_CHANGED: "policy sign",
    RecordType.BYPASS_GRANTED: "bypass",
    RecordType.INCIDENT_DECLARED: "incident --sign",
}
"""What the next owner types, before the branch's name."""


def branch_named(desk: Desk, kind: RecordType, branch: str | None) -> str:
    """The branch that was named; else the one HEAD stands on, or the only one that waits.

    Raises:
        UsageError: that leaves none, or several.
    """
    if branch is not None:
        return branch.removeprefix("refs/heads/")
    ref, _ = desk.store.head()
    here = (ref or "").removeprefix("refs/heads/")
    if here and here != desk.ground.branch and not here.startswith("change/"):
        return here
    found = [p.branch for p in waiting(desk.ground) if p.kind is kind]
    if len(found) == 1:
        return found[0]
    name = NAMES[kind]
    if found:
        raise UsageError(
            f"which one? {', '.join(found)}", hint=f"git codexa {COMMANDS[kind]} {found[0]}"
        )
    raise UsageError(
        f"no {name} waits here",
        hint=f"commit it on a branch: git switch -c {name}/next, git commit, and ask again",
    )


def carried_out(desk: Desk, proposal: Proposal, *, dry_run: bool = False) -> int:
    """The proposal signed by whoever may sign it, and on the base where that was all it lacked."""
    if dry_run:
        require_possible(desk.ground, proposal)
        describe(desk, proposal)
        _forewarn(desk, proposal)
        return Exit.YES
    if is_owner(proposal.policy, desk.person) or proposal.tips:
        _say_signed(desk, proposal)
        sign = person_signs(desk.store, proposal.policy, desk.person, Path.home())
        proposal = signed_by(desk.ground, proposal, desk.person, sign)
    else:
        require_possible(desk.ground, proposal)
    _say_acted(desk, conclude(desk.ground, proposal, desk.person))
    return Exit.YES


def _say_signed(desk: Desk, proposal: Proposal) -> None:
    """What the signature is about to cover: the branch as it was read, and every path."""
    require_possible(desk.ground, proposal)
    _forewarn(desk, proposal)
    _say_named(desk, proposal)
    if not proposal.files:
        return
    tip = f" at {proposal.tips[0].oid[:12]}" if proposal.tips else ""
    say(f"{shown(proposal.branch)}{tip} changes on {desk.ground.branch}:")
    for change in wanted(desk.ground, proposal)["changes"]:
        say(f"    {_verb(change)}  {shown(change['path'])}")


def _say_named(desk: Desk, proposal: Proposal) -> None:
    """The commits that an incident names, each with its subject, if that can be read."""
    for commit in proposal.commits:
        try:
            subject = desk.store.commit(commit).subject
        except CodexaError as error:
            subject = f"({error.message})"
        say(f"    names {commit[:12]} {shown(subject)}")


def _forewarn(desk: Desk, proposal: Proposal) -> None:
    """When owners could sign no more under the policy that this leaves, and what nobody could."""
    from codexa_git.workflow.owners.forewarning import forewarnings_of

    for each in forewarnings_of(desk.ground, proposal):
        warn(each.told, each.do)


def _verb(change: dict[str, object]) -> str:
    if change["old"] is None:
        return "new    "
    return "removed" if change["new"] is None else "changed"


def _say_acted(desk: Desk, acted: Acted) -> None:
    proposal = acted.proposal
    if acted.done and acted.commit is not None:
        say_on_base(desk.ground, acted.commit)
        say(f"signed by {', '.join(str(record.actor) for record in proposal.signed)}")
        is_base = proposal.branch == desk.ground.branch
        for command in () if is_base else takes_away(desk.ground, proposal.branch, merged=True):
            say(f"its branch can go: {command}")
        if proposal.kind is RecordType.BYPASS_GRANTED:
            token = bypass_token(proposal.signed[0])
            say(f'it stays open until a change lands whose brief has the words "{token}"')
            say("    (they name it in every list; git knows no commit by that)")
        return
    if acted.commit is not None:
        say_commit(f"refs/heads/{proposal.branch}", acted.commit)
    say(signatures(proposal))
    say_waits_on(desk.ground, proposal.branch, signed=bool(proposal.signed), told=acted.problem)
    say(f"    git codexa {COMMANDS[proposal.kind]} {proposal.branch}")
    if acted.problem is not None:
        warn(f"not pushed: {acted.problem}", f"git fetch, then sign {proposal.branch} again")


def say_waits_on(ground: Ground, branch: str, *, signed: bool, told: str | None) -> None:
    """Where an act waits, and who goes on with it; `told` is why it was not pushed."""
    whose = "another owner" if signed else "an owner"
    is_shared = told is None and followed(ground) is not None
    how = "after git fetch" if is_shared else "once they have it"
    say(f"it waits on {branch}; {whose}, {how}:")


def signatures(proposal: Proposal) -> str:
    """How many owners have signed, who they are, and who still can."""
    names = [shown(record.actor.name) for record in proposal.signed]
    emails = {record.actor.email for record in proposal.signed}
    left = [o.name for o in holders(proposal.policy, OWNER) if o.email not in emails]
    told = f"{len(names)} of {proposal.policy.owner_count} owners signed"
    told += f": {', '.join(names)}" if names else ""
    missing = proposal.policy.owner_count - len(names)
    whom = among(map(shown, left), every=missing >= len(left))
    return f"{told}; asked of {whom}" if missing > 0 and left else told


def is_root(ground: Ground, proposal: Proposal) -> bool:
    """True where it is no act of owners, but the trust root that the first of them are to sign."""
    return proposal.branch == ENFORCE and not ground.enforces


def _as_it_waits(ground: Ground, proposal: Proposal) -> Proposal:
    """The same; a trust root with its own signatures, and the policy that it begins with."""
    if not is_root(ground, proposal):
        return proposal
    from codexa_git.workflow.owners.enforcing import waiting_root

    signed, policy = waiting_root(ground)
    return proposal._replace(signed=signed, policy=policy)


def describe(desk: Desk, proposal: Proposal) -> None:
    """What is proposed, file by file, and who signed it."""
    proposal = _as_it_waits(desk.ground, proposal)
    say(f"{shown(proposal.branch)}  {shown(proposal.reason)}")
    for path in sorted(proposal.files):
        say(f"    {shown(path)}")
    _say_named(desk, proposal)
    say(f"  {signatures(proposal)}")
    if proposal.tips:
        say(f"  {shown(diff_of(desk.ground, proposal))}")
    if is_root(desk.ground, proposal):
        say("  each owner signs this trust root with: git codexa enforce")
    else:
        _say_refusal(desk, proposal)


def _say_refusal(desk: Desk, proposal: Proposal) -> None:
    try:
        require_possible(desk.ground, proposal)
    except RefusedError as error:
        say(f"  {shown(error.message)}")


def facts(desk: Desk, proposal: Proposal) -> dict[str, object]:
    """The same for a script."""
    proposal = _as_it_waits(desk.ground, proposal)
    return {
        "kind": NAMES[proposal.kind],
        "branch": proposal.branch,
        "reason": proposal.reason,
        "paths": sorted(proposal.files),
        "commits": list(proposal.commits),
        "signed": [record.actor.email for record in proposal.signed],
        "count": proposal.policy.owner_count,
        "unmet": _unmet(desk.ground, proposal),
    }


def _unmet(ground: Ground, proposal: Proposal) -> list[dict[str, str]]:
    if is_root(ground, proposal):
        return [{"rule": "owners-signed", "now": signatures(proposal)}]
    return [{"rule": ask.name, "now": ask.answer.now} for ask in rule(ground, proposal).unmet]
