"""How a hook refuses: the rule, how things stand, whose move it is, and what became of the work."""

from codexa_git.audit.record import seconds_of
from codexa_git.audit.words import Gate, Stage
from codexa_git.change.text import among
from codexa_git.errors import RefusedError
from codexa_git.gate.answers import Ask
from codexa_git.gate.verdict import judge
from codexa_git.hooks.judging import Judged
from codexa_git.policy.rules import gate_rule, holders
from codexa_git.workflow.changes.wording import APPROVALS, when, wording
from codexa_git.workflow.decisions.refusing import asked_since

_MOST = 3
AGAIN = 'git commit -eF "$(git rev-parse --git-path COMMIT_EDITMSG)"'
_KEPT = "nothing is lost: your changes are as they were"


def refusal(judged: Judged, *, written: bool) -> RefusedError:
    """Why this cannot be committed; `written`: a message came from an editor, and is kept."""
    first = judged.unmet[0]
    again = (f"your message is kept: {AGAIN}",) if written else ()
    if first.name == "plan-before-product":
        return _too_early(judged, first, again)
    what = "land so" if judged.lands else "be committed so"
    return RefusedError(
        f"{judged.moment.change} cannot {what}: {_because(first)}",
        details=(("rule", f"{first.name}: {_lowered(first.asks)}"), *_stands(judged)),
        hint=(_way_on(judged, first), _KEPT, *again),
    )


def _because(ask: Ask) -> str:
    return "its records are not for hands" if ask.name == "audit-by-tool" else wording(ask).because


def _stands(judged: Judged) -> tuple[tuple[str, str], ...]:
    """How things stand with the first, and what else there is that says something new."""
    first = judged.unmet[0]
    told = {ask.answer.now: ask for ask in reversed(judged.unmet) if ask.stage is first.stage}
    others = [ask for ask in reversed(told.values()) if ask.answer.now != first.answer.now]
    also = tuple(("also", f"{ask.name}: {ask.answer.now}") for ask in others[:_MOST])
    return (("now", first.answer.now), *also)


def _way_on(judged: Judged, ask: Ask) -> str:
    """The command that mends it: what only this commit brings is left out of it."""
    store, head = judged.moment.store, judged.moment.tip.tree
    if not judged.lands and len(ask.answer.where) == 1:
        path = ask.answer.where[0]
        if store.entry(head, path) != store.entry(judged.moment.case.tree, path):
            return _left_out(path)
    return ask.answer.command or f"git codexa status {judged.moment.change}"


def _left_out(path: str) -> str:
    from shlex import quote  # noqa: PLC0415

    return f"leave it out: git restore --staged -- {quote(path)}"


def _too_early(judged: Judged, ask: Ask, again: tuple[str, ...]) -> RefusedError:
    """A product path before the plan is approved: who was asked for what, and since when."""
    moment, path = judged.moment, ask.answer.where[0]
    now, people = _asked(judged)
    yours = f"if that is you: git codexa approve {moment.change}"
    planned = moment.case.read(moment.places.tasks) is not None
    rule = gate_rule(moment.policy, Gate.PLAN)
    return RefusedError(
        f"{moment.change} cannot change {path} yet: {wording(ask).because}",
        details=(
            ("rule", f"{ask.name}: execute starts after a {rule.role} has approved brief and plan"),
            ("now", now),
        ),
        hint=(
            yours if planned and people else f"git codexa advance {moment.change} makes the plan",
            f"if not, {_KEPT}" if planned and people else _KEPT,
            *again,
        ),
    )


def _asked(judged: Judged) -> tuple[str, tuple[str, ...]]:
    """How the plan's approval stands, and who can give it."""
    moment = judged.moment
    asks = judge(moment.case, Stage.SPEC).of(Stage.SPEC)
    ask = next(ask for ask in asks if ask.name == APPROVALS[Gate.PLAN])
    if moment.case.read(moment.places.tasks) is None:
        return "there is no plan yet", ()
    rule = gate_rule(moment.policy, Gate.PLAN)
    people = ask.answer.who or tuple(person.name for person in holders(moment.policy, rule.role))
    since = when(seconds_of(asked_since(moment.state)), moment.ground.at)
    whom = among(people, every=ask.answer.every)
    return f"{ask.answer.now}; asked of {whom} since {since}", people


def _lowered(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
