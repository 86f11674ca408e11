"""Open changes, one line each: what `status` says where no change is at hand."""

from collections.abc import Sequence

from codexa_git.audit.record import Actor
from codexa_git.cli.desk import Desk
from codexa_git.cli.screen import bold, cells, clipped, padded, shown, width, wrapped
from codexa_git.cli.telling import say
from codexa_git.policy.rules import Policy
from codexa_git.workflow.changes.wording import count
from codexa_git.workflow.reports.grouping import is_yours
from codexa_git.workflow.reports.standing import Standing

MOST = 24
"""How many lines are said where not all are asked for: what a terminal shows at once."""

_MOVE = 30
_ENDED = "abandoned"
_ASTRAY = ("undone", "swallowed", "unopened")


def listed(
    desk: Desk,
    found: tuple[Standing, ...],
    there: tuple[Standing, ...],
    *,
    left: int,
    abandoned: bool,
) -> None:
    """Each change is said on a line: where it is, and whose move.

    Those `there` have no branch here yet, and say how to get one; `left` more were not looked at.
    Those that were abandoned are counted, or where that is asked for have lines of their own, and
    then none is left out. Else of very many those are said first that wait for the person.
    """
    every = sorted((*found, *there), key=lambda each: (len(each.change), each.change))
    astray = [standing for standing in every if standing.state in _ASTRAY]
    rest = [standing for standing in every if standing.state not in _ASTRAY]
    going = [standing for standing in rest if abandoned or standing.state != _ENDED]
    if not left and not any(standing.state != _ENDED for standing in rest):
        say(f"no change is open on {desk.ground.branch}")
        say('hint: git codexa open "what should change"')
    lines = going if abandoned else chosen(going, desk.ground.policy, desk.reader)
    if lines:
        _say_lines(desk, lines, there)
    if left := left + len(going) - len(lines):
        say(f"and {left} more: git codexa status --all")
        say("by whose turn it is: git codexa board")
    for standing in astray:
        say(wrapped(shown(standing.problem or ""), "", "  "))
        say(f"    {shown(standing.move.command or '')}")
    if ended := len(rest) - len(going):
        say(f"{count(ended, 'change')} abandoned: git codexa status --all")


def chosen(found: Sequence[Standing], policy: Policy, person: Actor | None) -> list[Standing]:
    """As many as are said, in their order: unreadable ones and the person's own before others."""

    def matters(standing: Standing) -> bool:
        return standing.problem is not None or is_yours(policy, person, standing)

    first = sorted(found, key=lambda each: not matters(each))[:MOST]
    kept = {each.change for each in first}
    return [standing for standing in found if standing.change in kept]


def _say_lines(desk: Desk, found: list[Standing], there: tuple[Standing, ...]) -> None:
    ids = max(len(standing.change) for standing in found)
    titles = max(cells(shown(standing.title)) for standing in found)
    stages = max(len(_place(standing)) for standing in found)
    titles = min(titles, max(20, width() - ids - stages - _MOVE - 6))
    for standing in found:
        title = padded(clipped(shown(standing.title), titles), titles)
        start = f"{padded(standing.change, ids)}  {title}  {padded(_place(standing), stages)}  "
        move = clipped(_move_in_short(desk, standing), max(20, width() - cells(start)))
        say(f"{start}{bold(move) if is_yours(desk.ground.policy, desk.reader, standing) else move}")
        if standing in there and standing.problem is None:
            remote = standing.branch.removesuffix(f"/change/{standing.change}")
            say(f"    on {shown(remote)}: {shown(standing.move.command or '')}")


def _place(standing: Standing) -> str:
    return standing.stage if standing.state == "open" else standing.state


def _move_in_short(desk: Desk, standing: Standing) -> str:
    if standing.problem is not None:
        return shown(standing.problem)
    if standing.state == _ENDED:
        return "its record stays on its branch"
    return f"{_whose(desk, standing)}: {standing.move.do}"


def _whose(desk: Desk, standing: Standing) -> str:
    if is_yours(desk.ground.policy, desk.reader, standing):
        return "your move"
    if not standing.move.person:
        return "next"
    return shown(standing.move.whose) or "next"
