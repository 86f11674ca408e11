"""What is said where somebody amended a commit of the tool, and what becomes of it."""

import click

from codexa_git.cli.telling import say_commit, warn
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.together.unamending import Amended, put_on_top


def put_right(moment: Moment, found: Amended) -> Moment:
    """The change with the commit as the tool made it, where all that stands on it goes on that.

    Raises:
        RefusedError: somebody took something out of it, which is pushed in no form.
    """
    joined = put_on_top(moment, found)
    named = f"{found.commit.oid[:7]}, a commit of the tool"
    if joined is None:
        made, kept = found.original.oid[:12], moment.store.spare_branch("kept")
        warn(
            f"{named}, was amended, and what stands on it does not fit on what the tool made",
            "no landing rests on it, but once it is pushed its story is wrong for ever; till then:",
            f"git branch {kept} && git reset --keep {made} && git codexa advance {moment.change}",
            f"then git cherry-pick what people committed: git log --oneline {made}..{kept}",
        )
        return moment
    on_top = "; on top of it goes:" if joined.put else ""
    click.echo(f"{named} that was amended, is as it was made again{on_top}", err=True)
    for commit in joined.put:
        say_commit(moment.ref, commit, beside=True)
    return joined.moment
