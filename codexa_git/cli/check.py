"""`check`: whether the change at hand could be merged now, for CI and for whoever wants to know."""

from typing import NamedTuple

import click

from codexa_git.audit.canonical import is_digest
from codexa_git.audit.ids import parse_change_id
from codexa_git.audit.words import ORDER, Stage
from codexa_git.change.paths import Places
from codexa_git.change.text import counted
from codexa_git.cli.clock import now
from codexa_git.cli.desk import opened
from codexa_git.cli.screen import (
    bold,
    cells,
    dim,
    green,
    marks,
    padded,
    red,
    shown,
    sides,
    wrapped,
    yellow,
)
from codexa_git.cli.telling import as_json, say, warn
from codexa_git.cli.unanswered import no_answer
from codexa_git.errors import CodexaError, Exit, RefusedError, RepositoryError, UsageError
from codexa_git.gate.answers import NOT_ASKED, Ask, Basis
from codexa_git.verify.findings import Answer, Finding
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.base.grounding import base_to_check
from codexa_git.workflow.moves.checking import Checked, check

FORMAT = 1
FORMATS = ("text", "json", "github", "gitlab", "sarif")
STAGES = tuple(map(str, ORDER))
_STATUS = {Answer.YES: Exit.YES, Answer.NO: Exit.NO, Answer.UNDECIDED: Exit.NO_ANSWER}
_UNPINNED = "not pinned: the trust root is only what the base itself says"


class _Wish(NamedTuple):
    """What was asked for."""

    change: str | None
    base: str | None
    root: str | None
    through: Stage
    form: str


@click.command("check", epilog="Example: git codexa check --base main --format github")
@click.argument("change", required=False)
@click.option("--base", metavar="REF", help="Judge beside this branch, the base.")
@click.option("--root", metavar="DIGEST", help="Trust this root, whatever the clone has pinned.")
@click.option(
    "--through", type=click.Choice(STAGES), default=STAGES[-1], help="Ask up to this stage only."
)
@click.option("--json", "json_", is_flag=True, help="The same as --format json.")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="How to say it.")
def check_(
    change: str | None,
    base: str | None,
    root: str | None,
    through: str,
    format_: str | None,
    *,
    json_: bool,
) -> int:
    """Judge the change at hand as its landing would be; for CI.

    It looks at HEAD, on a branch or detached, and runs nothing of the repository. Exits with 0
    where merging is fine, 1 where it is not, 3 where that is undecided or no change is at hand.
    While the base observes it reports, and exits with 0.
    """
    if json_ and format_ not in (None, "json"):
        raise UsageError(
            f"--json and --format {format_} ask for two forms at once", hint="leave one of them out"
        )
    if root is not None and not is_digest(root):
        raise UsageError(
            f"{root[:80]!a} is not a trust root: one looks like sha256:9f2c...",
            hint="git codexa root shows the one of this clone",
        )
    named = None if change is None else parse_change_id(change)
    form = "json" if json_ else format_ or "text"
    try:
        return _checked(_Wish(named, base or None, root, Stage(through), form))
    except CodexaError as error:
        no_answer(error, form)
        raise


def _checked(wish: _Wish) -> int:
    with opened(writes=False) as store:
        ground = base_to_check(store, wish.base, wish.root, now())
        try:
            found = check(ground, wish.change, wish.through)
        except RefusedError as error:
            if ground.enforces:
                raise
            return _observed(ground, error, wish.form)
        if isinstance(found, Checked):
            _print(found, wish)
            return _STATUS[found.answer] if ground.enforces else Exit.YES
        nothing = RepositoryError(found.says, hint=found.hints)
        if ground.enforces:
            raise nothing
        return _observed(ground, nothing, wish.form)


def _observed(ground: Ground, error: CodexaError, form: str) -> int:
    """What would be no answer, or a no, is told; a machine has its document all the same."""
    no_answer(error, form, refuses=False)
    warn(error.message, *error.hints)
    warn(f"{ground.branch} observes, and refuses nothing")
    return Exit.YES


def _print(checked: Checked, wish: _Wish) -> None:
    ground, findings = checked.ground, checked.findings
    if wish.form == "text":
        _say(checked, wish)
        return
    if ground.enforces and not ground.pinned:
        warn(_UNPINNED, "--root DIGEST names one")
    if not ground.enforces:
        warn(f"{ground.branch} observes: this is told, and refuses nothing")
    match wish.form:
        case "json":
            as_json(_facts(checked, wish))
        case "sarif":
            from codexa_git.verify.sarif import sarif

            as_json(sarif(findings, complete=checked.answer is not Answer.UNDECIDED))
        case "gitlab":
            from codexa_git.verify.codequality import code_quality

            place = Places(checked.change).brief
            as_json(code_quality(findings, place, refuses=ground.enforces))
        case _:
            from codexa_git.verify.annotations import annotation

            for finding in findings:
                say(annotation(finding, refuses=ground.enforces))
            # Nothing that a stranger wrote may stand here: this is no annotation, and read as one.
            say(f"{checked.change}: {_outcome(checked, wish)}")


def _facts(checked: Checked, wish: _Wish) -> dict[str, object]:
    ground = checked.ground
    return {
        "format": FORMAT,
        "answer": str(checked.answer),
        "enforces": ground.enforces,
        "change": checked.change,
        "title": checked.title,
        "head": checked.head.oid,
        "base": {"branch": ground.branch, "tip": ground.tip.oid, "behind": checked.behind},
        "root": ground.root,
        "pinned": ground.pinned,
        "through": str(wish.through),
        "stage": str(checked.verdict.stage),
        "asks": [_ask_fact(ask) for ask in checked.verdict.asks],
        "findings": [_finding_fact(finding) for finding in checked.findings],
    }


def _ask_fact(ask: Ask) -> dict[str, object]:
    answer = ask.answer
    return {
        "name": ask.name,
        "stage": None if ask.stage is None else str(ask.stage),
        "met": ask.answer.met,
        "basis": str(answer.basis),
        "rule": ask.asks,
        "now": answer.now,
        "who": list(answer.who),
        "command": answer.command,
        "where": list(answer.where),
        "line": answer.line,
    }


def _finding_fact(finding: Finding) -> dict[str, object]:
    breach = finding.breach
    return {
        "rule": breach.rule,
        "path": breach.path,
        "line": breach.line,
        "says": breach.says,
        "hint": breach.hint,
        "undecided": breach.undecided,
    }


def _say(checked: Checked, wish: _Wish) -> None:
    ground = checked.ground
    if ground.enforces and not ground.pinned:
        say(yellow(_UNPINNED))
    place = f"{checked.head.oid[:7]} on {ground.branch} at {ground.tip.oid[:7]}"
    say(bold(sides(f"{checked.change}  {shown(checked.title)}", shown(place))))
    asked = [a for a in checked.verdict.asks if not (a.met and a.answer.now == NOT_ASKED)]
    column = max(cells(ask.name) for ask in asked)
    for stage in (None, *ORDER):
        asks = [ask for ask in asked if ask.stage is stage]
        if asks:
            met = sum(ask.met for ask in asks)
            say()
            say(sides("in any stage" if stage is None else str(stage), f"{met} of {len(asks)}"))
        for ask in asks:
            say(_line(ask, column))
    _say_more(checked)
    say()
    colour = green if checked.answer is Answer.YES else red
    say(colour(wrapped(shown(_outcome(checked, wish)), "", "")))
    hint = next((f.breach.hint for f in checked.findings if f.breach.hint is not None), None)
    if hint is not None:
        say(dim(wrapped(f"hint: {shown(hint)}", "  ", "        ")))


def _line(ask: Ask, column: int) -> str:
    mark = marks()
    met = ask.answer.met
    sign = {True: green(mark.met), False: red(mark.unmet), None: yellow(mark.undecided)}[met]
    claimed = " (claimed)" if ask.met and ask.answer.basis is Basis.CLAIMED else ""
    rest = " " * (column + 6)
    text = wrapped(f"{shown(ask.answer.now)}{claimed}", rest, rest)
    return f"  {sign} {padded(ask.name.replace('-', ' '), column)}  {text[column + 6 :]}"


def _say_more(checked: Checked) -> None:
    """What is in the way that the requirements above have not said in the same words."""
    asks = checked.verdict.asks
    said = {text for a in asks for text in (a.answer.now, f"{a.name}: {a.answer.now}")}
    breaches = [f.breach for f in checked.findings if f.breach.says not in said]
    if breaches:
        say()
        say("in the way")
    for breach in breaches:
        line = "" if breach.line is None else f":{breach.line}"
        place = "" if breach.path is None else f"{shown(breach.path)}{line}: "
        first = f"  {'?' if breach.undecided else ' '} {breach.rule:<4} "
        say(wrapped(f"{place}{shown(breach.says)}", first, " " * 9))
        if breach.hint is not None:
            say(dim(wrapped(f"hint: {shown(breach.hint)}", " " * 9, " " * 15)))


def _outcome(checked: Checked, wish: _Wish) -> str:
    """What it comes to, in one sentence."""
    whole = wish.through is Stage.CLEANUP
    if checked.answer is Answer.YES:
        return "it can be merged" if whole else f"every gate through {wish.through} says yes"
    many = counted(len(checked.findings), "finding")
    undecided = checked.answer is Answer.UNDECIDED
    says = "undecided" if undecided else "not to be merged" if whole else "not there yet"
    if checked.ground.enforces:
        return f"{says}: {many}"
    return f"{says}: {many}; {checked.ground.branch} observes, and refuses nothing"
