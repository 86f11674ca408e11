"""`doctor`: what is installed, what is missing, and what mends it. It reads only."""

import os
from collections.abc import Iterator
from pathlib import Path

import click

from codexa_git.cli.clock import now
from codexa_git.cli.desk import opened
from codexa_git.cli.screen import (
    bold,
    dim,
    green,
    marks,
    padded,
    red,
    shown,
    width,
    wrapped,
    yellow,
)
from codexa_git.cli.telling import as_json, say
from codexa_git.errors import CodexaError
from codexa_git.hooks.examining import hooks_here
from codexa_git.workflow.base.ground import stand
from codexa_git.workflow.changes.wording import count
from codexa_git.workflow.doctor.checkup import Finding, Word, failed, verdict
from codexa_git.workflow.doctor.credentials import credentials
from codexa_git.workflow.doctor.installed import installed, notifier, within
from codexa_git.workflow.doctor.upkeep import base, clone, server, work

FORMAT = 1
_NARROW = 60


@click.command("doctor", epilog="Example: git codexa doctor")
@click.option("--json", "json_", is_flag=True, help="The same for a script.")
def doctor_(*, json_: bool) -> int:
    """Say what is installed, what is missing, and what mends it.

    Nothing is changed. 0: all is well, notes aside; 1: there is a problem; 3: something that should
    be known cannot be told.
    """
    told: dict[str, list[Finding]] = {}
    try:
        for part, findings in _parts():
            told[part] = findings
            if not json_:
                _say(part, findings)
    finally:
        # Outside a repository what is installed is said all the same.
        if json_:
            as_json(_facts(told))
    found = [finding for findings in told.values() for finding in findings]
    if not json_:
        _say_sum(found)
    return verdict(found)


def _parts() -> Iterator[tuple[str, list[Finding]]]:
    environment = dict(os.environ)
    yield "installed", list(installed(Path.cwd()))
    with opened(writes=False) as store:
        findings = list(clone(store, environment))
        if store.work_tree is not None:
            findings += within(store.work_tree, environment.get("PATH", os.defpath))
        try:
            ground = stand(store, now(), environment)
        except CodexaError as error:
            yield "clone", [failed("base", error), *findings]
            return
        asked = bool(ground.policy.notifications)
        yield "you", list(credentials(ground, Path.home()))
        yield "base", [*base(ground), server(ground), notifier(asked=asked)]
        yield "clone", [hooks_here(ground), *findings, *work(ground)]


def _facts(told: dict[str, list[Finding]]) -> dict[str, object]:
    """What `--json` prints: these names are stable (docs/how-to/ask-from-a-script)."""
    return {
        "format": FORMAT,
        "findings": [
            {"part": part, **finding._asdict()}
            for part, findings in told.items()
            for finding in findings
        ],
    }


def _say(part: str, findings: list[Finding]) -> None:
    say(bold(part))
    for finding in findings:
        say(_line(finding))
    say()


def _line(finding: Finding) -> str:
    mark = marks()
    sign = {
        Word.WELL: green(mark.met),
        Word.NOTE: dim(mark.ahead),
        Word.PROBLEM: red(mark.unmet),
        Word.UNKNOWN: yellow(mark.undecided),
    }[finding.word]
    narrow = width() < _NARROW
    start = " " * (6 if narrow else 17)
    about = shown(finding.about)
    lines = wrapped(shown(finding.now), start, start)
    if narrow or len(about) > 12:
        lines = f"  {sign} {about}\n{lines}"
    else:
        lines = f"  {sign} {padded(about, 12)} {lines[len(start) :]}"
    return "\n".join([lines, *(f"{start}    {shown(do)}" for do in finding.do)])


def _say_sum(found: list[Finding]) -> None:
    problems = sum(finding.word is Word.PROBLEM for finding in found)
    unknown = sum(finding.word is Word.UNKNOWN for finding in found)
    told = [count(problems, "problem")] if problems else []
    told += [f"{unknown} that cannot be told"] if unknown else []
    say(f"{' and '.join(told)}: what mends it stands below each" if told else "all is well")
