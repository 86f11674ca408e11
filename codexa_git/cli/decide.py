"""What people say: `approve`, `withdraw`, `clarify`, `concern`, `waive`, `abandon`."""

import click

from codexa_git.audit.record import seconds_of
from codexa_git.cli.desk import Desk, sat_down
from codexa_git.cli.ids import DAY
from codexa_git.cli.screen import shell_paths, shown
from codexa_git.cli.telling import as_json, say, settled, shared, told, warn
from codexa_git.cli.words import after_change, spoken
from codexa_git.errors import Exit
from codexa_git.gate.closing import is_open
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.changes.wording import SAID, count, when
from codexa_git.workflow.decisions.approving import approve
from codexa_git.workflow.decisions.deciding import (
    answer,
    ask,
    raise_concern,
    resolve,
    waive,
)
from codexa_git.workflow.decisions.reviewing import Before, Bound, review
from codexa_git.workflow.decisions.unsaying import abandon, withdraw, withdrawal_told
from codexa_git.workflow.together.publishing import publish

_no_push = click.option("--no-push", is_flag=True, help="Do not push the change's branch.")
_message = click.option("-m", "--message", "reason", required=True, help="Why.")


@click.command("approve", epilog="Example: git codexa approve CH-001 --dry-run")
@click.argument("change", required=False)
@click.option("-m", "--message", "comment", default="", help="A word with it.")
@click.option("--dry-run", is_flag=True, help="Show what would be signed, and sign nothing.")
@click.option("--json", "json_", is_flag=True, help="The same for a script.")
@_no_push
def approve_(change: str | None, comment: str, *, dry_run: bool, json_: bool, no_push: bool) -> int:
    """Sign what waits for you, exactly as it is now.

    Asked again after something changed, it shows only what changed since you signed.
    """
    with sat_down(writes=not dry_run) as desk:
        moment = desk.moment(change)
        bound = review(moment, desk.person)
        if dry_run:
            _show(desk, moment, bound, None, json_=json_)
            return Exit.YES
        word = spoken(comment, "a comment") if comment else ""
        built = approve(moment, desk.person, desk.sign, comment=word)
        published = publish(moment, built)
        if json_:
            _show(desk, moment, bound, built.commit.oid, json_=True)
            return settled(published, pushes=not no_push)
        status = told(published, pushes=False)
        _show(desk, moment, bound, built.commit.oid, json_=False)
        if not no_push and not published.waits:
            shared(published.moment)
        return status


def _show(
    desk: Desk, moment: Moment, bound: tuple[Bound, ...], commit: str | None, *, json_: bool
) -> None:
    """What was signed in this commit, or for no commit what would be."""
    if json_:
        signs = [
            {**b._asdict(), "before": None if b.before is None else b.before._asdict()}
            for b in bound
        ]
        as_json({"format": 1, "change": moment.change, "commit": commit, "signs": signs})
        return
    for each in bound:
        _say_bound(desk, moment, each, signed=commit is not None)
    waiting = [c for c in moment.state.concerns if not c.stalled and is_open(moment.case, c)]
    if waiting:
        warn(
            f"{count(len(waiting), 'concern')} open, which an approval does not answer",
            f"git codexa concern list {moment.change}",
        )


def _say_bound(desk: Desk, moment: Moment, bound: Bound, *, signed: bool) -> None:
    does, subject = ("signed" if signed else "would sign"), bound.subject[7:19]
    files = count(len(bound.files), "file")
    say(f"{does} {SAID[bound.gate]}, round {bound.round}: {files}, subject {subject}")
    for test in bound.named:
        say(f"  although {shown(test)} does not pass")
    if bound.before is None:
        _say_paths(bound.files, most=10 if signed else len(bound.files))
        return
    _say_changed(desk, moment, bound.before)


def _say_changed(desk: Desk, moment: Moment, before: Before) -> None:
    at = when(seconds_of(before.at), desk.ground.at)
    if before.outcomes:
        say(f"  since you signed it ({at}) the tests came out otherwise")
    if not before.changed:
        say(f"  no file changed since you signed it ({at})")
        return
    verb = "has" if len(before.changed) == 1 else "have"
    say(f"  {len(before.changed)} of these files {verb} changed since you signed it ({at}):")
    _say_paths(before.changed, most=len(before.changed))
    branch = moment.ref.removeprefix("refs/heads/")
    if before.commit is not None:
        paths = shell_paths(before.changed)
        say(f"  git diff {before.commit[:12]} {branch}{paths}")


def _say_paths(paths: tuple[str, ...], *, most: int) -> None:
    for path in paths[:most]:
        say(f"    {shown(path)}")
    if len(paths) > most:
        say(f"    and {len(paths) - most} more")


@click.command("withdraw", epilog="Example: git codexa withdraw CH-001 -m 'the scope has grown'")
@click.argument("change", required=False)
@_message
@_no_push
def withdraw_(change: str | None, reason: str, *, no_push: bool) -> int:
    """Take back every approval that you gave.

    Where a line that nobody signed says that the change is over, and you may disown it, disown
    that line instead.
    """
    with sat_down() as desk:
        moment = desk.moment(change)
        built = withdraw(moment, desk.person, desk.sign, spoken(reason, "a reason"))
        for sentence in withdrawal_told(moment, desk.person):
            say(sentence)
        return told(publish(moment, built), pushes=not no_push)


@click.command("clarify", epilog="Example: git codexa clarify CH-001 --answer Q-1 'in cents'")
@click.argument("words", nargs=-1, required=True, metavar="[CHANGE] TEXT")
@click.option("--answer", "label", metavar="Q-#", help="Answer this question, signed.")
@_no_push
def clarify_(words: tuple[str, ...], label: str | None, *, no_push: bool) -> int:
    """Ask a question about a change, or answer one."""
    change, text = after_change(words, "text")
    with sat_down() as desk:
        moment = desk.moment(change)
        if label is None:
            built = ask(moment, desk.person, spoken(text or "", "a question"))
        else:
            built = answer(moment, desk.person, desk.sign, label, spoken(text or "", "an answer"))
        return told(publish(moment, built), pushes=not no_push)


@click.group("concern")
def concern_() -> None:
    """Raise, resolve or list concerns.

    An open concern blocks closing.
    """


@concern_.command(
    "raise", epilog="Example: git codexa concern raise CH-001 'who reads the old format?'"
)
@click.argument("words", nargs=-1, required=True, metavar="[CHANGE] TEXT")
@click.option("--due", type=DAY, help="The day by which it is to be resolved: 2026-11-30.")
@_no_push
def raise_(words: tuple[str, ...], due: str | None, *, no_push: bool) -> int:
    """Raise a concern, which blocks closing until it is resolved."""
    change, text = after_change(words, "text")
    with sat_down() as desk:
        moment = desk.moment(change)
        built = raise_concern(moment, desk.person, spoken(text or "", "a concern"), due)
        return told(publish(moment, built), pushes=not no_push)


@concern_.command(
    "resolve",
    epilog="Example: git codexa concern resolve CH-001 CN-1 'nobody does'",
)
@click.argument("words", nargs=-1, required=True, metavar="[CHANGE] CN-# REASON")
@_no_push
def resolve_(words: tuple[str, ...], *, no_push: bool) -> int:
    """Resolve a concern, signed."""
    change, label, text = after_change(words, "CN-#", "reason")
    with sat_down() as desk:
        moment = desk.moment(change)
        reason = spoken(text or "", "a reason")
        built = resolve(moment, desk.person, desk.sign, label or "", reason)
        return told(publish(moment, built), pushes=not no_push)


@concern_.command("list", epilog="Example: git codexa concern list CH-001 --json")
@click.argument("change", required=False)
@click.option("--json", "json_", is_flag=True, help="For a script.")
def list_(change: str | None, *, json_: bool) -> int:
    """List a change's concerns, open and closed."""
    from codexa_git.workflow.changes.story import moment_to_read

    with sat_down(writes=False) as desk:
        case = moment_to_read(desk.ground, change, "concern list").case
        found = [(c, is_open(case, c)) for c in case.state.concerns]
        if json_:
            as_json(
                [
                    {"concern": c.label, "open": o, "by": c.record.actor.name}
                    | {"text": c.text, "due": c.due, "stalled": c.stalled}
                    for c, o in found
                ]
            )
            return Exit.YES
        for concern, still_open in found:
            word = "open  " if still_open else "closed"
            due = f", due {concern.due}" if concern.due else ""
            by = shown(concern.record.actor.name)
            say(f"{concern.label}  {word}  {shown(concern.text)} ({by}{due})")
        if not found:
            say("no concern was raised")
    return Exit.YES


@click.command(
    "waive",
    epilog="Example: git codexa waive CH-001 --test cli::test_slow -m 'flaky'",
)
@click.argument("change", required=False)
@click.option("--test", multiple=True, required=True, help="A failing test, by name.")
@_message
@_no_push
def waive_(change: str | None, test: tuple[str, ...], reason: str, *, no_push: bool) -> int:
    """Waive failing tests by name, signed, for this round."""
    with sat_down() as desk:
        moment = desk.moment(change)
        built = waive(moment, desk.person, desk.sign, test, spoken(reason, "a reason"))
        return told(publish(moment, built), pushes=not no_push)


@click.command("abandon", epilog="Example: git codexa abandon CH-001 -m 'solved elsewhere'")
@click.argument("change", required=False)
@_message
@_no_push
def abandon_(change: str | None, reason: str, *, no_push: bool) -> int:
    """End a change without landing it.

    Its record stays on its branch.
    """
    with sat_down() as desk:
        moment = desk.moment(change)
        built = abandon(moment, desk.person, desk.sign, spoken(reason, "a reason"))
        return told(publish(moment, built), pushes=not no_push)
