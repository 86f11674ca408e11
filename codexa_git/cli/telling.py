"""What a command tells of what it did: for people, for scripts, and beside any answer."""

import json
from typing import TYPE_CHECKING, Any

import click

from codexa_git.errors import Exit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codexa_git.repository.objects import Commit
    from codexa_git.workflow.changes.moment import Moment
    from codexa_git.workflow.together.publishing import Published


def say(text: str = "") -> None:
    """One line for the person."""
    click.echo(text)


def say_commit(ref: str, commit: "Commit", *, beside: bool = False) -> None:
    """What was committed, and on which branch; `beside` the answer on standard error."""
    branch = ref.removeprefix("refs/heads/")
    click.echo(f"[{branch} {commit.oid[:7]}] {commit.subject}", err=beside)


def warn(text: str, *hints: str) -> None:
    """What went otherwise than it should, and what to do about it."""
    click.echo("\n".join([f"warning: {text}", *(f"hint: {hint}" for hint in hints)]), err=True)


def as_json(value: Any) -> None:  # noqa: ANN401
    """The answer for a script, in ASCII: any encoding carries it, and nothing in it acts."""
    click.echo(json.dumps(value, indent=2))


def settled(published: "Published", *, pushes: bool) -> int:
    """Say nothing but what went otherwise; the exit status."""
    moment = published.moment
    if published.waits:
        say_waits(moment, published.waits)
        return Exit.NO
    if pushes:
        shared(moment)
    return Exit.YES


def told(published: "Published", *, pushes: bool) -> int:
    """Say what was committed and where it went; the exit status."""
    if not published.waits:
        say_commit(published.moment.ref, published.moment.tip)
    return settled(published, pushes=pushes)


def say_waits(moment: "Moment", paths: tuple[str, ...], again: str | None = None) -> None:
    """The result is kept, but uncommitted work stands where it would write.

    `again` is the command that was asked, where it has to be asked in just that way once more.
    """
    more = f" and {len(paths) - 1} more" if len(paths) > 1 else ""
    warn(
        f"done, but {paths[0]}{more} has uncommitted changes, so {moment.change} was not moved",
        f"nothing is lost: it waits at refs/codexa/waiting/{moment.change}",
        f"commit or stash, then: {again or f'git codexa advance {moment.change}'}",
    )


def shared(moment: "Moment", refused: str = "", *, goes_on: bool = False) -> "Moment":
    """The change after its branch was pushed, where it has an upstream; else it is said why not.

    Where others had pushed before, the moment is the one after both were brought together. What
    the command is `refused` for is told anyway, and not here. Where the command `goes_on` with what
    came of it, nobody has to.
    """
    from codexa_git.workflow.together.sharing import share

    found = share(moment)
    say_joined(moment, found.moment, found.put, found.dropped, goes_on=goes_on)
    if found.problem not in (None, refused):
        hints = found.hints or (
            f"it is committed here; when you can: git codexa sync {moment.change}",
        )
        warn(f"not pushed: {found.problem}", *hints)
    return found.moment


def say_joined(
    before: "Moment",
    after: "Moment",
    put: "Sequence[Commit]",
    dropped: "Sequence[Commit]",
    *,
    goes_on: bool = False,
) -> None:
    """What became of the commits that only this clone had; on standard error, beside any answer."""
    if after.tip.oid == before.tip.oid:
        return
    branch = after.ref.removeprefix("refs/heads/")
    if after.change != before.change:
        click.echo(
            f"another {before.change} was opened on the remote first: this one is {after.change}"
            f" from here on, on {branch}",
            err=True,
        )
        return
    on_top = ", and yours is on top of it" if put else ""
    click.echo(f"the remote had more of {after.change}: that is here now{on_top}", err=True)
    for commit in put:
        say_commit(after.ref, commit, beside=True)
    for commit in dropped:
        from codexa_git.workflow.together.remaking import new_records

        if not new_records(after.store, after.change, commit):
            told = f"left out, since all that it changes is there: {commit.subject}"
            warn(told, f"it was: git show {commit.oid[:12]}")
            continue
        warn(
            f"no longer fits there: {commit.subject}",
            f"what is missing of it is made again{_by(after, goes_on=goes_on)}",
            f"it was: git show {commit.oid[:12]}",
        )


def _by(moment: "Moment", *, goes_on: bool) -> str:
    return " now" if goes_on else f": git codexa advance {moment.change}"
