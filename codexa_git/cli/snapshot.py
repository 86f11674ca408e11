"""`snapshot`: do Execute and Validate again with the same seed, and compare."""

import click

from codexa_git.change.text import counted, visible
from codexa_git.cli.desk import sat_down
from codexa_git.cli.progress import watched
from codexa_git.cli.telling import as_json, say, settled, told
from codexa_git.errors import Exit, RefusedError
from codexa_git.workflow.decisions.signing import tester_signs
from codexa_git.workflow.moves.advancing import How
from codexa_git.workflow.moves.snapshotting import Compared, snapshot
from codexa_git.workflow.together.publishing import publish


@click.command("snapshot", epilog="Example: git codexa snapshot CH-001")
@click.argument("change", required=False)
@click.option(
    "--unapproved", is_flag=True, help="While observing: run without approval, on record."
)
@click.option("--json", "json_", is_flag=True, help="What came out, for a script.")
@click.option("--no-push", is_flag=True, help="Do not push the change's branch.")
def snapshot_(change: str | None, *, unapproved: bool, json_: bool, no_push: bool) -> int:
    """Do execute and validate again, and compare.

    With the same seed, held against the signed results of this tree. A difference raises a
    concern, which a person resolves before the change closes.
    """
    with sat_down() as desk, watched() as tell:
        moment = desk.moment(change)
        sign = tester_signs(desk.store, moment.policy, desk.ground.environment)
        how = How(desk.person, sign, lambda: None, tell, unapproved=unapproved)
        found = snapshot(moment, how)
        if found.raised is not None:
            end = settled if json_ else told
            end(publish(moment, found.raised), pushes=not no_push)
    if json_:
        as_json(_facts(moment.change, found))
        return Exit.NO if found.differs else Exit.YES
    if found.differs:
        raise RefusedError(
            f"{moment.change} comes out otherwise when done again: {visible(found.differs[0])}",
            hint=f"git codexa concern list {moment.change}",
        )
    say(_same(moment.change, found))
    return Exit.YES


def _same(change: str, found: Compared) -> str:
    tests = counted(found.tests, "test")
    return f"{change} comes out the same: tasks {found.tasks}, {tests}, seed {found.seed}"


def _facts(change: str, found: Compared) -> dict[str, object]:
    return {
        "format": 1,
        "change": change,
        "seed": found.seed,
        "tasks": found.tasks,
        "tests": found.tests,
        "same": not found.differs,
        "differs": list(found.differs),
        "concern": None if found.raised is None else found.raised.commit.oid,
    }
