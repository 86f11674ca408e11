"""The screen of one change: what `status` says of the one that was named or is at hand."""

from shlex import quote

from codexa_git.audit.record import seconds_of
from codexa_git.audit.words import ORDER, Gate, Stage
from codexa_git.change.coverage import coverage_in_short
from codexa_git.change.governance import overdue
from codexa_git.cli.desk import Desk
from codexa_git.cli.screen import (
    bold,
    cells,
    dim,
    green,
    is_command,
    marks,
    padded,
    red,
    shell_paths,
    shown,
    sides,
    way_on,
    width,
    wrapped,
    yellow,
)
from codexa_git.cli.telling import say
from codexa_git.workflow.changes.wording import SAID, count, when
from codexa_git.workflow.reports.grouping import is_yours
from codexa_git.workflow.reports.standing import Approved, Asked, Standing

_NARROW = 72
_NOTHING_YET = "; nothing to do before closing"
_RESULTS = "results-for-this-tree"


def say_standing(desk: Desk, standing: Standing) -> None:
    """The screen of one change is said: where it is, whose move it is, and what its gate asks."""
    place = ", ".join(filter(None, (standing.milestone, standing.branch)))
    say(bold(sides(f"{standing.change}  {shown(standing.title)}", shown(place))))
    say(_stages(standing))
    _say_move(desk, standing)
    _say_gate(standing)
    _say_governance(desk, standing)
    _say_work(desk, standing)
    _say_refs(desk, standing)


def _stages(standing: Standing) -> str:
    """All six on one line, or on as many as a narrow screen needs."""
    abreast = len(ORDER) if width() >= _NARROW else len(ORDER) // 2
    return "\n".join(
        "   ".join(_stage(standing, stage) for stage in line)
        for line in (ORDER[at : at + abreast] for at in range(0, len(ORDER), abreast))
    )


def _stage(standing: Standing, stage: Stage) -> str:
    mark = marks()
    is_open = standing.state == "open" or stage not in standing.passed
    if stage == standing.stage and is_open and standing.state != "abandoned":
        return bold(f"{stage} {mark.here}")
    if stage in standing.passed:
        return f"{stage} {green(mark.met)}"
    return dim(f"{stage} {mark.ahead}")


def _say_move(desk: Desk, standing: Standing) -> None:
    move = standing.move
    ends = ", then" if move.command is not None and is_command(move.command) else ""
    who = shown(move.whose)
    say()
    if standing.state == "abandoned":
        say("it was abandoned; its record stays on its branch")
        return
    if is_yours(desk.ground.policy, desk.reader, standing):
        say(wrapped(f"your move, {shown(desk.person.name)}: {move.do}{ends}", "", ""))
    elif move.person and who:
        say(wrapped(f"the move is {who}'s: {move.do}{ends}", "", ""))
    else:
        by = f", {who}" if who else ""
        say(wrapped(f"next{by}: {move.do}", "", ""))
    if move.command is not None:
        say("\n".join(map(bold, way_on(move.command, "    ").split("\n"))))
    if standing.stalled is not None:
        say(wrapped(f"it stands still: {shown(standing.stalled)}", "", "  "))


def _say_gate(standing: Standing) -> None:
    asked = [ask for ask in standing.asks if ask.asked]
    gate = [ask for ask in asked if ask.stage == standing.stage]
    early = [ask for ask in asked if ask.stage is None]
    met = sum(ask.met is True for ask in gate)
    if standing.state == "abandoned":
        return
    column = max((len(_label(ask)) for ask in asked), default=0)
    if early:
        say()
        say("refused in any stage")
        for ask in early:
            say(_line(ask, column))
    say()
    say(sides(f"to leave {standing.stage}", f"{met} of {len(gate)}"))
    for ask in gate:
        say(_line(ask, column))


def _say_governance(desk: Desk, standing: Standing) -> None:
    """What Governance watches: what is overdue, and in Cleanup what became of the evidence."""
    told = [str(late) for late in overdue(standing.due, desk.ground.at)]
    told += [] if standing.retention is None else [standing.retention]
    if told:
        say()
    for sentence in told:
        say(wrapped(f"governance: {shown(sentence)}", "", "  "))


def _label(ask: Asked) -> str:
    return ask.name.replace("-", " ")


def _line(ask: Asked, column: int) -> str:
    mark = marks()
    sign = {True: green(mark.met), False: red(mark.unmet), None: yellow(mark.undecided)}[ask.met]
    claimed = " (claimed)" if ask.met and ask.basis == "claimed" else ""
    now = f"{shown(ask.now)}{claimed}"
    if width() < _NARROW:
        return f"  {sign} {_label(ask)}\n{wrapped(now, '      ', '      ')}"
    text = wrapped(now, " " * (column + 6), " " * (column + 6))
    return f"  {sign} {padded(_label(ask), column)}  {text[column + 6 :]}"


def _say_work(desk: Desk, standing: Standing) -> None:
    plans = [a for a in standing.approvals if a.gate == Gate.PLAN]
    others = [a for a in standing.approvals if a.gate != Gate.PLAN]
    told = _counted(standing)
    if plans or others or told:
        say()
    for approved in plans:
        say(wrapped(f"since {_approval(desk, approved)}", "", "  "))
    if told:
        _say_counted(standing, told)
    _say_coverage(standing)
    for approved in others:
        say(wrapped(_approval(desk, approved), "", "  "))


def _say_coverage(standing: Standing) -> None:
    if standing.coverage is not None:
        say(f"  {coverage_in_short(standing.coverage)}")
    elif standing.coverage_problem is not None:
        problem = f"lines covered by tests are not measured: {standing.coverage_problem}"
        say(wrapped(shown(problem), "  ", "  "))


def _counted(standing: Standing) -> str:
    work = standing.work
    told = [f"{work.tasks_done} of {count(work.tasks, 'task')} done"] if work.tasks else []
    told += [f"{count(work.files, 'file')}, +{work.added} -{work.removed}"] if work.files else []
    return ", ".join(told)


def _say_counted(standing: Standing, told: str) -> None:
    """The counts and the command that shows what was counted, on one line where it fits."""
    command = diff_of(standing) or ""
    one = f"  {told}      {command}".rstrip()
    say(one if cells(one) <= width() else f"  {told}\n    {command}")


def _approval(desk: Desk, approved: Approved) -> str:
    yours = desk.reader is not None and approved.email == desk.reader.email
    who = "you" if yours else shown(approved.name)
    at = when(seconds_of(approved.at), desk.ground.at)
    if approved.counts:
        told = f"still stands: {count(approved.files, 'file')} unchanged"
    elif approved.changed:
        more = "" if len(approved.changed) == 1 else f" and {len(approved.changed) - 1} more"
        told = f"no longer stands: {shown(approved.changed[0])}{more} changed"
    else:
        told = f"does not stand: {shown(approved.problem or '')}"
    return f"{who} approved {SAID[approved.gate]} ({at}, {told})"


def diff_of(standing: Standing) -> str | None:
    """The command that shows the work that was counted, or where that is too long, all of it."""
    if not standing.work.files:
        return None
    all_of_it = f"git diff {standing.base}...{standing.branch}"
    paths = shell_paths(standing.work.paths)
    return f"{all_of_it}{paths}" if len(paths) <= 44 else all_of_it


def _say_refs(desk: Desk, standing: Standing) -> None:
    change = standing.change
    if standing.state == "abandoned":
        _say_ended(desk, standing)
        return
    if standing.behind:
        ahead = count(standing.behind, "commit")
        closes = ", which closing brings in" if standing.stage == Stage.CLEANUP else _NOTHING_YET
        say(f"{standing.base} is {ahead} ahead{closes}")
    if standing.policy_problem is not None:
        say(wrapped(f"nothing lands now: {shown(standing.policy_problem)}", "", "  "))
        say("    git codexa policy show")
    if standing.policy_moved:
        told = f"policy on {standing.base} has changed; here it judges from closing on, or at once:"
        say(wrapped(told, "", ""))
        say(f"    git codexa sync {change}")
    if standing.concerns:
        say(f"{count(standing.concerns, 'concern')} open, and closing waits for that:")
        say(f"    git codexa concern list {change}")
    if standing.amended is not None:
        told = f"{standing.amended[:12]}, a commit of the tool, was amended here"
        say(wrapped(f"{told}; what was put into it goes on top of it, as a commit, by", "", "  "))
        say(f"    git codexa sync {change}")
    _say_tester(desk, standing)
    _say_by_hand(desk, standing)
    _say_remote(desk, standing)
    if standing.waiting is not None:
        say(f"a result waits at refs/codexa/waiting/{change}: commit or stash, then")
        say(f"    git codexa advance {change}")
    _say_observing(desk, standing)


def _say_observing(desk: Desk, standing: Standing) -> None:
    """What the change went on without, and that the base observes; or that no root is pinned."""
    early = [ask for ask in standing.asks if ask.stage not in (None, standing.stage)]
    if gone := [ask.name for ask in early if not ask.met]:
        say(wrapped(f"it went on without {', '.join(gone)}", "", "  "))
    if desk.ground.root is None:
        say(f"{desk.ground.branch} observes: what would not land is told, and lands all the same")
    elif not desk.ground.pinned:
        say("this clone has not pinned its trust root: git codexa root --pin DIGEST")


def _say_ended(desk: Desk, standing: Standing) -> None:
    """What this clone and the remote have of each other's, of a change that nothing moves on."""
    if not (standing.unpushed or standing.incoming):
        return
    from codexa_git.repository.remotes import upstream

    follows = upstream(desk.store, standing.branch)
    remote = "origin" if follows is None else follows.remote
    branch = quote(standing.branch)
    if standing.unpushed:
        say(f"{count(standing.unpushed, 'commit')} not pushed: git push {remote} {branch}")
    if standing.incoming:
        told = f"the remote has {count(standing.incoming, 'commit')} that you lack"
        say(f"{told}: git switch {branch} && git pull {remote} {branch}")


def _say_tester(desk: Desk, standing: Standing) -> None:
    """That the Tester could not sign here what is asked of it; nothing where nothing is."""
    is_asked = any(ask.name == _RESULTS and not ask.met for ask in standing.asks)
    if standing.move.person or not is_asked:
        return
    from codexa_git.errors import SignatureError
    from codexa_git.workflow.decisions.signing import require_tester

    ground = desk.ground
    try:
        require_tester(ground.store, ground.policy, ground.environment)
    except SignatureError as error:
        say(wrapped(f"not from here: {error.message}", "", "  "))
        for hint in error.hints:
            told, _, command = hint.partition(": git ")
            is_quoted = "'" in command  # what is to be copied whole is not broken
            say(wrapped(f"{told}:" if is_quoted else hint, "    ", "    "))
            if is_quoted:
                say(f"        git {command}")


def _say_by_hand(desk: Desk, standing: Standing) -> None:
    """What people committed of the tasks, and that `advance` takes it up."""
    if not standing.by_hand:
        return
    many = len(standing.by_hand)
    told = f"{count(many, 'commit')} by hand {'waits' if many == 1 else 'wait'} to be taken up"
    advance = f"git codexa advance {standing.change}"
    now = standing.move.command == advance
    say(f"{told} by {advance}" if now else f"{told}, once the tasks before are done")
    if desk.ground.policy.separate:
        say("whoever did all of it, and signs that, does not have to ask two for approval:")
        say(f"    {advance} --sign")


def _say_remote(desk: Desk, standing: Standing) -> None:
    """What this clone and the remote have of each other's."""
    change = standing.change
    if standing.apart:
        say(f"{count(len(standing.apart), 'commit')} of yours to put by hand, where others wrote:")
        from codexa_git.workflow.together.aside import commands

        for command in commands([desk.store.commit(oid) for oid in standing.apart]):
            say(f"    {command}")
    if standing.unpushed:
        say(f"{count(standing.unpushed, 'commit')} not pushed: git codexa sync {change}")
