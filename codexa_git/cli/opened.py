"""What is said of a change that was just opened, and to whom."""

from codexa_git.audit.words import Stage
from codexa_git.cli.desk import Desk
from codexa_git.cli.screen import shown, wrapped
from codexa_git.cli.telling import say, warn
from codexa_git.workflow.base.following import push_of, remote_of_changes


def next_of(desk: Desk, change: str, *, wrote: bool) -> str:
    """What comes next: a brief that is complete went on to spec as the change was opened.

    Whoever `wrote` what it asks for is told what that lacks.
    """
    from codexa_git.workflow.changes.moment import named

    moment = named(desk.ground, change)
    if moment.state.stage is not Stage.FRAME:
        return f"next: git codexa advance {change}"
    for ask in moment.verdict().of(Stage.FRAME) if wrote else ():
        if not ask.met:
            say(wrapped(f"its brief is not enough yet: {shown(ask.answer.now)}", "", "  "))
    return f"next: edit changes/{change}/brief.md, commit, then: git codexa advance"


def tell(desk: Desk, change: str) -> None:
    """An opening that handed the change on at once is told to whom policy names."""
    if desk.ground.policy.notifications:
        from codexa_git.workflow.changes.moment import named
        from codexa_git.workflow.together.outbox import tell_of

        tell_of(None, named(desk.ground, change))


def warn_without_base(desk: Desk) -> None:
    """That the remote of the change was not given the base yet, without which it helps nobody."""
    store, branch = desk.store, desk.ground.branch
    remote = remote_of_changes(desk.ground)
    if remote is None or desk.ground.ref != desk.ground.local_ref:
        return
    if store.ref(f"refs/remotes/{remote}/{branch}") is None:
        pushes = push_of(store, branch) or f"git push -u {remote} {branch}"
        warn(
            f"{remote} has no {branch} that this clone knows of, on which the change stands", pushes
        )
