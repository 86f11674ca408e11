"""`land`: how a closed change gets on the base."""

import click

from codexa_git.cli.desk import as_json, sat_down, say, warn
from codexa_git.errors import Exit
from codexa_git.workflow.landing import land


@click.command("land", epilog="Example: git codexa land CH-001")
@click.argument("change", required=False)
@click.option("--json", "json_", is_flag=True, help="What was done, for a script.")
def land_(change: str | None, *, json_: bool) -> int:
    """Land a closed change on the base.

    The merge is judged from two trees alone, its first parent and itself.
    """
    with sat_down() as desk:
        moment = desk.moment(change)
        landed = land(moment, desk.person)
        branch, tag = desk.ground.branch, f"landed/{moment.change}"
        unmet = [ask.name for ask in landed.verdict.unmet]
        if not landed.verdict.lands:
            names = ", ".join(unmet) or "only claimed"
            warn(f"landed while observing, though enforcing would refuse: {names}")
        if json_:
            facts = {"format": 1, "change": moment.change, "commit": landed.commit.oid}
            verdict = {"lands": landed.verdict.lands, "unmet": unmet}
            as_json({**facts, "base": branch, "tag": tag, **verdict})
            return Exit.YES
        say(f"[{branch} {landed.commit.oid[:7]}] {landed.commit.subject}")
        say(f"tag {tag}; git log --first-parent {branch} is the review")
    return Exit.YES
