"""The demo's course: furnish two rooms, tell the story in each, and hold one against the other."""

import argparse
import os
import shlex
import sys
import time
from collections.abc import Sequence
from io import TextIOWrapper
from pathlib import Path

from demo.comparing import Outcome, differences, outcome
from demo.room import ROOT, DemoError, Room, furnish
from demo.screen import Screen
from demo.session import refresh
from demo.story import Act, Edit, Step, story
from demo.wheels import fetch

ROOMS = ("first", "second")
SESSION = "session.txt"


def main(arguments: Sequence[str]) -> int:
    """Run the demo; 0 where both runs came to the same, 1 where they did not, 3 if it broke."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # not every terminal can show a tick
    asked = _parser().parse_args(arguments)
    acts = tuple(story())
    screen = Screen(tuple(act.title for act in acts))
    try:
        status = _show(screen, acts, asked.into, asked.wheels)
        if status == 0 and asked.refresh:
            refresh(asked.into / SESSION)
        return status
    except (DemoError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 3
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / ".demo", help="where the runs go")
    parser.add_argument(
        "--wheels", type=Path, default=ROOT / ".demo" / "wheels", help="where pytest is kept"
    )
    parser.add_argument("--refresh", action="store_true", help="bring the documents up to date")
    return parser


def _show(screen: Screen, acts: tuple[Act, ...], into: Path, wheels: Path) -> int:
    fetch(wheels.resolve())
    began = time.monotonic()
    first, second = (Room((into / name).resolve(), wheels.resolve()) for name in ROOMS)
    one = _tell(screen, acts, first, loud=True)
    (into / SESSION).write_text(screen.session, encoding="utf-8")
    screen.line("\nThe same once more, in another folder", "bold cyan")
    other = _tell(screen, acts, second, loud=False)
    return judge(screen, first, one, other, time.monotonic() - began)


def _tell(screen: Screen, acts: tuple[Act, ...], room: Room, *, loud: bool) -> Outcome:
    """The whole story in a fresh room; what it left."""
    furnish(room)
    with screen.acts(keep=not loud):
        for act in acts:
            with screen.act(act.title, loud=loud):
                for step in act.steps:
                    take(screen, room, step, loud=loud)
    return outcome(room)


def take(screen: Screen, room: Room, step: Step | Edit, *, loud: bool) -> None:
    """One step is done.

    Raises:
        DemoError: it did not end as the story needs.
    """
    if isinstance(step, Edit):
        if loud:
            screen.command(f"$EDITOR {step.file}", step.said)
        step.do(room.repository)
        return
    if loud:
        screen.command(step.command, step.why)
    said = room.run(
        shlex.split(step.command),
        step.minute,
        screen.answer if loud else None,
    )
    if said.status != step.ends or step.says not in said.output:
        expected = f"exit status {step.ends}" + (f" and {step.says!r}" if step.says else "")
        shown = "" if loud else f"\n{said.output}"
        raise DemoError(
            f"{step.command} ended with {said.status}; the story needs {expected}{shown}"
        )


def judge(screen: Screen, room: Room, first: Outcome, second: Outcome, seconds: float) -> int:
    """0 where both runs left the same, which is said, and 1 with every difference otherwise."""
    found = list(differences(first, second))
    for sentence in found:
        screen.line(f"✗ {sentence}", "bold red")
    if found:
        return 1
    screen.line(f"\nTwo runs, {seconds:.0f} seconds, the same repository both times", "bold cyan")
    screen.line(f"✓ {len(first.commits)} commits, {len(first.refs)} refs: the same ids", "green")
    screen.line(f"✓ {len(first.audit)} audit files: the same bytes", "green")
    screen.line(f"✓ landed as {first.landing}", "green")
    _point(screen, room)
    return 0


def _point(screen: Screen, room: Room) -> None:
    """Where to look now."""
    where = shlex.quote(os.path.relpath(room.repository))
    screen.line("\nNow look for yourself", "bold cyan")
    screen.command(f"cd {where}", "")
    screen.command("git log --graph --oneline", "the change, commit by commit")
    screen.command('export PATH="$(cd ../bin && pwd):$PATH"', "so that git finds its codexa")
    screen.command("git codexa log CH-001", "who did what, and when")
    screen.command("git codexa packet CH-001", "what a reviewer reads; open the file that it names")
