"""`status`: where changes stand, and whose move it is."""

import click

from codexa_git.audit.ids import parse_change_id
from codexa_git.change.governance import overdue
from codexa_git.cli.bypassed import say_bypasses, say_waiting
from codexa_git.cli.desk import Desk, sat_down
from codexa_git.cli.footing import newer_of, say_newer, say_unlanded, say_unpushed
from codexa_git.cli.listing import MOST, listed
from codexa_git.cli.standing import diff_of, say_standing
from codexa_git.cli.telling import as_json
from codexa_git.errors import Exit
from codexa_git.workflow.changes.afar import afar
from codexa_git.workflow.reports.grouping import is_yours
from codexa_git.workflow.reports.standing import Standing
from codexa_git.workflow.reports.surveying import standing_at_hand, standing_of, survey, survey_afar

FORMAT = 1


@click.command("status", epilog="Example: git codexa status CH-001")
@click.argument("change", required=False)
@click.option(
    "--all", "all_", is_flag=True, help="Every change that has not landed, one line each."
)
@click.option("--json", "json_", is_flag=True, help="The same for a script.")
def status_(change: str | None, *, all_: bool, json_: bool) -> int:
    """Show where changes stand, and whose move it is.

    Without a change named or at hand, every open one, one line each, and of very many yours before
    others; --all leaves none out and adds those that were abandoned. What was fetched and has no
    branch here yet is among them.
    """
    with sat_down(writes=False) as desk:
        one = None if all_ else _one(desk, change)
        found = survey(desk.ground) if one is None else (one,)
        there = afar(desk.ground) if one is None else ()
        if json_:
            as_json(facts(desk, found, survey_afar(desk.ground, there)))
        elif one is None:
            # Of very many the latest are looked at: what nobody fetched to see has to cost little.
            near = there if all_ else there[-MOST:]
            left = len(there) - len(near)
            listed(desk, found, survey_afar(desk.ground, near), left=left, abandoned=all_)
            say_bypasses(desk)
            say_waiting(desk)
        else:
            say_standing(desk, one)
        if not json_:
            say_newer(desk.ground)
            say_unpushed(desk.ground)
            say_unlanded(desk.ground)
        return Exit.NO_ANSWER if any(s.state == "unreadable" for s in found) else Exit.YES


def _one(desk: Desk, change: str | None) -> Standing | None:
    """The change that was named or is at hand; `None` where neither is."""
    if change is not None:
        return standing_of(desk.ground, parse_change_id(change))
    return standing_at_hand(desk.ground)


def facts(
    desk: Desk, found: tuple[Standing, ...], there: tuple[Standing, ...]
) -> dict[str, object]:
    """What `--json` prints: these names are stable (docs/reference/json)."""
    ground = desk.ground
    return {
        "format": FORMAT,
        "base": {
            "branch": ground.branch,
            "tip": ground.tip.oid,
            "mode": str(ground.policy.mode),
            "root": ground.root,
            "pinned": ground.pinned,
            "newer": newer_of(desk.ground),
        },
        "person": None if desk.reader is None else desk.reader._asdict(),
        "changes": [_facts(desk, standing) for standing in found],
        "elsewhere": [_facts(desk, standing) for standing in there],
    }


def _facts(desk: Desk, standing: Standing) -> dict[str, object]:
    move = {**standing.move._asdict(), "yours": is_yours(desk.ground.policy, desk.reader, standing)}
    return {
        **standing._asdict(),
        "move": move,
        "asks": [ask._asdict() for ask in standing.asks],
        "approvals": [approved._asdict() for approved in standing.approvals],
        "due": [due._asdict() for due in standing.due],
        "overdue": [late.label for late in overdue(standing.due, desk.ground.at)],
        "coverage": None if standing.coverage is None else standing.coverage.data(),
        "work": {**standing.work._asdict(), "diff": diff_of(standing)},
    }
