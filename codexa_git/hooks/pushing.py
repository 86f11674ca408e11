"""`pre-push`: what is about to leave this clone for a change's branch, or for the base."""

from collections.abc import Mapping
from typing import NamedTuple

from codexa_git.audit.ids import is_change_id
from codexa_git.audit.words import Stage
from codexa_git.errors import RefusedError, UsageError
from codexa_git.gate.answers import Ask
from codexa_git.gate.carried import changes_in, holds_nothing
from codexa_git.hooks.basing import refused_base
from codexa_git.repository.store import Store
from codexa_git.verify.pushed import Push, judge_push
from codexa_git.workflow.base.following import push_of
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground, open_branches, stand
from codexa_git.workflow.changes.astray import require_alone
from codexa_git.workflow.changes.moment import carried, moment_at
from codexa_git.workflow.changes.wording import wording


class Update(NamedTuple):
    """One ref as git pushes it: the new commit (`None`: it goes) and what the remote has."""

    ref: str
    new: str | None
    old: str | None


def updates_of(text: bytes, environment: Mapping[str, str]) -> tuple[Update, ...]:
    """What is pushed: as git says it on standard input, or as the pre-commit framework does.

    Raises:
        UsageError: that is not of git's form.
    """
    lines = text.decode("utf-8", "surrogateescape").splitlines()
    if not lines and "PRE_COMMIT_TO_REF" in environment:
        branch = environment.get("PRE_COMMIT_REMOTE_BRANCH", "")
        old = environment.get("PRE_COMMIT_FROM_REF")
        return (_update(branch, environment["PRE_COMMIT_TO_REF"], old or ""),)
    return tuple(_parsed(line) for line in lines)


def _parsed(line: str) -> Update:
    words = line.split(" ")
    if len(words) != 4:
        raise UsageError("pre-push is told refs and ids on standard input, as git tells them")
    _, new, ref, old = words
    return _update(ref, new, old)


def _update(ref: str, new: str, old: str) -> Update:
    return Update(ref, new if new.strip("0") else None, old if old.strip("0") else None)


def before_push(store: Store, at: int, updates: tuple[Update, ...]) -> tuple[RefusedError, ...]:
    """What is told and not refused, because the policy observes.

    Raises:
        RefusedError: the policy enforces, and something that is pushed is refused.
    """
    ground = stand(store, at)
    told: list[RefusedError] = []
    for update in updates:
        try:
            if update.ref == ground.local_ref:
                _judge_base(ground, update)
            elif is_change_id(update.ref.removeprefix(CHANGE_PREFIX)):
                _judge_change(ground, update)
        except RefusedError as error:
            if ground.enforces:
                raise
            told.append(error)
    return tuple(told)


def _judge_change(ground: Ground, update: Update) -> None:
    """Nothing: the branch of a change may be pushed so.

    Raises:
        RefusedError: it goes and has not landed, moves back, or holds what is refused.
    """
    change = update.ref.removeprefix(CHANGE_PREFIX)
    if update.new is None:
        _require_over(ground, change, update)
        return
    _require_forward(ground, update, change)
    commit = ground.store.commit(update.new)
    if not carried(ground, commit):
        return
    moment = moment_at(ground, update.ref, commit)
    if moment.change != change:
        raise RefusedError(
            f"the branch change/{change} carries {moment.change}",
            hint=_as_called(ground, change, moment.change),
        )
    require_alone(ground, change, commit)
    unmet = [ask for ask in moment.verdict(Stage.FRAME).of(None) if not ask.met]
    if unmet and unmet[0].name != "not-abandoned":
        raise _refused(f"{change} cannot be pushed so", unmet[0], f"git codexa status {change}")


def _as_called(ground: Ground, change: str, carried_: str) -> str:
    """How what carries one change and is pushed as another goes by its own name."""
    store, right = ground.store, f"change/{carried_}"
    names = [name for name in (change, carried_) if store.ref(f"{CHANGE_PREFIX}{name}")]
    if names == [change]:
        return f"git branch -m change/{change} {right}, and push that"
    return (push_of(store, right) if names else None) or f"push it by its own name, {right}"


def _require_over(ground: Ground, change: str, update: Update) -> None:
    """Nothing: the base has all that this branch says of its change, which may be nothing."""
    store = ground.store
    if change in changes_in(store, ground.tip.tree):
        return
    old = update.old
    if old is not None and store.exists(old) and holds_nothing(store, ground.tip.oid, old, change):
        return
    if change in open_branches(ground) or old is not None:
        raise RefusedError(
            f"{change} has not landed, and its branch is the only place of its records",
            hint=(
                f'git codexa abandon {change} -m "why" ends it, and its branch stays there',
                f"git branch -D change/{change} takes it out of this clone",
            ),
        )


def _require_forward(ground: Ground, update: Update, what: str) -> None:
    if update.old is None or update.new is None:
        return
    store = ground.store
    if not store.exists(update.old):
        raise _unknown(what, f"git codexa sync {what}")
    if not store.is_ancestor(update.old, update.new):
        raise RefusedError(
            f"what was pushed of {what} only moves forward, and this would take commits back",
            hint=f"git codexa sync {what} keeps both; git revert undoes a commit by another",
        )


def _unknown(what: str, mends: str) -> RefusedError:
    return RefusedError(f"{what} has commits on the remote that this clone lacks", hint=mends)


def _judge_base(ground: Ground, update: Update) -> None:
    """Nothing: each new first-parent commit is one that the base takes.

    Raises:
        RefusedError: one is not, or the base would go or move back.
    """
    if update.new is None:
        raise RefusedError(
            f"{ground.branch} is where changes land, and stays",
            hint="another branch can go: git push --delete",
        )
    store = ground.store
    if update.old is not None and not store.exists(update.old):
        raise _unknown(ground.branch, "git fetch")
    made = Push(ground.root, ground.branch, update.old, update.new)
    if findings := judge_push(store, made).findings:
        raise refused_base(ground.branch, findings, ground.policy)


def _refused(says: str, ask: Ask, command: str) -> RefusedError:
    rule = f"{ask.name}: {ask.asks[:1].lower()}{ask.asks[1:]}"
    return RefusedError(
        f"{says}: {wording(ask).because}",
        details=(("rule", rule), ("now", ask.answer.now)),
        hint=ask.answer.command or command,
    )
