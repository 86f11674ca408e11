"""What owners did past the gates, and what waits for them to sign, as `status` tells of it."""

from shlex import quote

from codexa_git.cli.desk import Desk
from codexa_git.cli.screen import shown
from codexa_git.cli.telling import say
from codexa_git.policy.rules import OWNER, holders


def say_bypasses(desk: Desk) -> None:
    """Every bypass that no landed change has covered yet; nothing where there is none."""
    ground = desk.ground
    if ground.store.entry(ground.tip.tree, "audit/commands.jsonl") is None:
        return
    from codexa_git.gate.bypassed import bypass_token, open_bypasses

    for record in open_bypasses(ground.store, ground.tip.tree):
        say(f"{bypass_token(record)}  {shown(record.data['reason'])}  ({record.at[:10]})")
        say("    open until a change lands whose brief has these two words")


def say_waiting(desk: Desk) -> None:
    """What waits on a branch for this reader's signature, who is an owner; else nothing."""
    ground, reader = desk.ground, desk.reader
    owners = [owner.email for owner in holders(ground.policy, OWNER)]
    if reader is None or not ground.enforces or reader.email not in owners:
        return
    from codexa_git.cli.acts import COMMANDS
    from codexa_git.workflow.owners.awaiting import waiting

    for proposal in waiting(ground):
        if reader.email not in [record.actor.email for record in proposal.signed]:
            say(f"{shown(proposal.branch)} waits for your signature: {shown(proposal.reason)}")
            say(f"    git codexa {COMMANDS[proposal.kind]} {quote(proposal.branch)}")
