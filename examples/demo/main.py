"""The demo's course: furnish two rooms, tell the story in each, and hold one against the other."""

import argparse
import os
import shlex
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from demo.comparing import Outcome, differences, outcome
from demo.room import ROOT, DemoError, Room, furnish
from demo.screen import Screen
from demo.story import Act, Edit, Step, story
from demo.wheels import fetch


def main(arguments: Sequence[str]) -> int:
    """Run the demo; 0 where both runs came to the same, 1 where they did not, 3 if it broke."""
    sys.stdout.reconfigure(errors="replace")
    asked = _parser().parse_args(arguments)
    acts = tuple(story())
    screen = Screen(tuple(act.title for act in acts))
    try:
        return _show(screen, acts, asked.into, asked.wheels)
    except DemoError as error:
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
    return parser


def _show(screen: Screen, acts: tuple[Act, ...], into: Path, wheels: Path) -> int:
    fetch(wheels.resolve())
    began = time.monotonic()
    rooms = [Room((into / name).resolve(), wheels.resolve()) for name in ("first", "second")]
    outcomes = []
    for room, loud in zip(rooms, (True, False), strict=True):
        furnish(room)
        if not loud:
            screen.line("\nThe same once more, in another folder", "bold cyan")
        _tell(screen, acts, room, loud=loud)
        outcomes.append(outcome(room))
    return _judge(screen, rooms[0], *outcomes, time.monotonic() - began)


def _tell(screen: Screen, acts: tuple[Act, ...], room: Room, *, loud: bool) -> None:
    with screen.acts(keep=not loud):
        for act in acts:
            with screen.act(act.title, loud=loud):
                for step in act.steps:
                    _take(screen, room, step, loud=loud)


def _take(screen: Screen, room: Room, step: Step | Edit, *, loud: bool) -> None:
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
        (lambda line: screen.line(line, "dim")) if loud else None,
    )
    if said.status != step.ends or step.says not in said.output:
        expected = f"exit status {step.ends}" + (f" and {step.says!r}" if step.says else "")
        shown = "" if loud else f"\n{said.output}"
        raise DemoError(
            f"{step.command} ended with {said.status}; the story needs {expected}{shown}"
        )


def _judge(screen: Screen, room: Room, first: Outcome, second: Outcome, seconds: float) -> int:
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
    where = os.path.relpath(room.repository)
    packet = room.repository / "changes" / "CH-001" / "packet.html"
    screen.line("\nNow look for yourself", "bold cyan")
    screen.command(f"cd {where}", "")
    screen.command("git log --graph --oneline", "the change, commit by commit")
    screen.command("../bin/codexa-git log CH-001", "who did what, and when")
    screen.line(f"open in a browser: {packet}")
