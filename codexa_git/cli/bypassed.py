"""The hotfixes that came past the gates, as `status` tells of them."""

from codexa_git.cli.desk import Desk, say
from codexa_git.cli.screen import shown


def say_bypasses(desk: Desk) -> None:
    """Every bypass that no landed change has covered yet; nothing where there is none."""
    ground = desk.ground
    if ground.store.entry(ground.tip.tree, "audit/commands.jsonl") is None:
        return
    from codexa_git.gate.bypassed import bypass_token, open_bypasses

    for record in open_bypasses(ground.store, ground.tip.tree):
        say(f"{bypass_token(record)}  {shown(record.data['reason'])}  ({record.at[:10]})")
        say("    open until a change lands whose brief has these two words")
