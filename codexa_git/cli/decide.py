"""What people say: `approve`, `withdraw`, `clarify`, `concern`, `waive`, `abandon`."""

import click

from codexa_git.change.text import visible
from codexa_git.cli.desk import as_json, sat_down, say, told
from codexa_git.cli.ids import DAY
from codexa_git.cli.words import after_change, spoken
from codexa_git.errors import Exit
from codexa_git.gate.closing import is_open
from codexa_git.workflow.deciding import (
    abandon,
    answer,
    approve,
    ask,
    raise_concern,
    resolve,
    waiting_for,
    waive,
    withdraw,
)
from codexa_git.workflow.publishing import publish

_no_push = click.option("--no-push", is_flag=True, help="Do not push the change's branch.")
_message = click.option("-m", "--message", "reason", required=True, help="Why.")


@click.command("approve")
@click.argument("change", required=False)
@click.option("-m", "--message", "comment", default="", help="A word with it.")
@click.option("--dry-run", is_flag=True, help="Say what would be signed, and sign nothing.")
@_no_push
def approve_(change: str | None, comment: str, *, dry_run: bool, no_push: bool) -> int:
    """Sign everything in a change that waits for you, exactly as it is now."""
    with sat_down() as desk:
        moment = desk.moment(change)
        if dry_run:
            waiting = waiting_for(moment, desk.person)
            for gate in waiting.gates:
                say(f"{gate}: {len(waiting.paths[gate])} files")
                for path in waiting.paths[gate]:
                    say(f"  {path}")
            return Exit.YES if waiting.gates else Exit.NO
        word = spoken(comment, "a comment") if comment else ""
        built = approve(moment, desk.person, desk.sign, comment=word)
        return told(publish(moment, built), pushes=not no_push)


@click.command("withdraw")
@click.argument("change", required=False)
@_message
@_no_push
def withdraw_(change: str | None, reason: str, *, no_push: bool) -> int:
    """Take back every approval that you gave."""
    with sat_down() as desk:
        moment = desk.moment(change)
        built = withdraw(moment, desk.person, desk.sign, spoken(reason, "a reason"))
        return told(publish(moment, built), pushes=not no_push)


@click.command("clarify")
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
    """Raise, resolve or list concerns; an open one blocks closing."""


@concern_.command("raise")
@click.argument("words", nargs=-1, required=True, metavar="[CHANGE] TEXT")
@click.option("--due", type=DAY, help="The day by which it is to be resolved: 2026-11-30.")
@_no_push
def raise_(words: tuple[str, ...], due: str | None, *, no_push: bool) -> int:
    """Raise a concern."""
    change, text = after_change(words, "text")
    with sat_down() as desk:
        moment = desk.moment(change)
        built = raise_concern(moment, desk.person, spoken(text or "", "a concern"), due)
        return told(publish(moment, built), pushes=not no_push)


@concern_.command("resolve")
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


@concern_.command("list")
@click.argument("change", required=False)
@click.option("--json", "json_", is_flag=True, help="For a script.")
def list_(change: str | None, *, json_: bool) -> int:
    """List a change's concerns."""
    with sat_down(writes=False) as desk:
        case = desk.moment(change).case
        found = [(c.label, is_open(case, c), c.record) for c in case.state.concerns]
        if json_:
            as_json(
                [
                    {"concern": n, "open": o, "by": r.actor.name}
                    | {"text": r.data["text"], "due": r.data["due"]}
                    for n, o, r in found
                ]
            )
            return Exit.YES
        for label, still_open, record in found:
            word = "open  " if still_open else "closed"
            due = f", due {record.data['due']}" if record.data["due"] else ""
            say(f"{label}  {word}  {visible(record.data['text'])} ({record.actor.name}{due})")
        if not found:
            say("no concern was raised")
    return Exit.YES


@click.command("waive")
@click.argument("change", required=False)
@click.option("--test", multiple=True, required=True, help="A failing test, by name.")
@_message
@_no_push
def waive_(change: str | None, test: tuple[str, ...], reason: str, *, no_push: bool) -> int:
    """Let failing tests pass unpassed in this round, signed, by name and with a reason."""
    with sat_down() as desk:
        moment = desk.moment(change)
        built = waive(moment, desk.person, desk.sign, test, spoken(reason, "a reason"))
        return told(publish(moment, built), pushes=not no_push)


@click.command("abandon")
@click.argument("change", required=False)
@_message
@_no_push
def abandon_(change: str | None, reason: str, *, no_push: bool) -> int:
    """End a change without landing it; its record stays."""
    with sat_down() as desk:
        moment = desk.moment(change)
        built = abandon(moment, desk.person, desk.sign, spoken(reason, "a reason"))
        return told(publish(moment, built), pushes=not no_push)
