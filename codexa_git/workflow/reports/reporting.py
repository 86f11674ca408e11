"""Reporting: the totals of `PROGRESS.md`, and a milestone's week in `docs/STATUS_REPORT.md`.

Both pages are free: they change by a commit of the person's on the base. What people wrote in them
stays as it is to the byte, and what would say the same again makes no commit.
"""

from collections.abc import Callable
from typing import NamedTuple

from codexa_git.audit.record import Actor
from codexa_git.change.blocks import put
from codexa_git.change.pages import PROGRESS, STATUS_REPORT, skeleton
from codexa_git.change.text import escaped
from codexa_git.change.totals import TOTALS, AllFigures, figures, share, totals_block
from codexa_git.change.weeks import Week, week_of
from codexa_git.errors import PaperError, UsageError
from codexa_git.policy.rules import Milestone
from codexa_git.repository.objects import Commit, Mode
from codexa_git.workflow.base.basing import commit_on_base
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.reports.counting import (
    Told,
    account_at,
    all_told,
    counted,
    landings,
    unanswered,
)

_HEADING = b"# Status report\n"


class Written(NamedTuple):
    """What a page now says; `commit` is `None` where it said so before."""

    path: str
    commit: Commit | None


def write_totals(ground: Ground, person: Actor, tell: Callable[[str], None]) -> Written:
    """`PROGRESS.md` holds the figures of all changes as they are now."""
    found = account_at(ground, ground.at, replays=tell)
    page = page_of(ground, PROGRESS, skeleton(PROGRESS))
    written = put(page, TOTALS, totals_block(found), path=PROGRESS)
    return _write(ground, person, PROGRESS, written, "codexa: totals of all changes")


def write_week(
    ground: Ground, person: Actor, milestone: str | None, number: int | None
) -> tuple[Week, Written]:
    """`docs/STATUS_REPORT.md` holds the milestone's week, as the records of that time tell it."""
    chosen = milestone_of(ground, milestone)
    week = week_of(chosen.id, chosen.start, ground.at, number)
    page = page_of(ground, STATUS_REPORT, _HEADING)
    written = put(page, week.block, week_block(ground, week), path=STATUS_REPORT)
    subject = f"codexa: {week.milestone} {week.name}"
    return week, _write(ground, person, STATUS_REPORT, written, subject)


def milestone_of(ground: Ground, name: str | None) -> Milestone:
    """The milestone of this name; without one the last that has started, or else the first.

    Raises:
        UsageError: policy names none, or not this one.
    """
    known = sorted(ground.policy.milestones, key=lambda milestone: (milestone.start, milestone.id))
    if not known:
        raise UsageError(
            "codexa.toml names no milestone, so no week can be told",
            hint="an owner adds [milestone.MS-01] with start = 2026-11-23 in a policy commit",
        )
    if name is not None:
        found = next((milestone for milestone in known if milestone.id == name), None)
        if found is None:
            names = ", ".join(milestone.id for milestone in known)
            raise UsageError(
                f"codexa.toml names no milestone {name[:40]!a}", hint=f"it has: {names}"
            )
        return found
    from codexa_git.audit.record import time_of  # noqa: PLC0415

    today = time_of(ground.at)[:10]
    return next((m for m in reversed(known) if m.start <= today), known[0])


def page_of(ground: Ground, path: str, new: bytes) -> bytes:
    """A page as the base has it; `new` where it has none.

    Raises:
        PaperError: it is a symbolic link, or anything else than a plain file.
    """
    entry = ground.store.entry(ground.tip.tree, path)
    if entry is None:
        return new
    if entry.mode != Mode.FILE:
        raise PaperError(path, None, "this is no plain file, so it is left as it is")
    return ground.store.blob(entry.oid)


def _write(ground: Ground, person: Actor, path: str, content: bytes, subject: str) -> Written:
    if ground.store.read(ground.tip.tree, path) == content:
        return Written(path, None)
    return Written(path, commit_on_base(ground, person, {path: content}, subject))


def week_block(ground: Ground, week: Week) -> bytes:
    """The week's block: what landed in it, where the milestone's other changes stand at its end."""
    until = min(ground.at, week.ends - 1)
    landed = {found.change for found in landings(ground, week.begins - 1, until)}
    every = [t for t in all_told(ground, until) if t.milestone == week.milestone]
    now = [told for told in every if told.change in landed]
    still = [told for told in every if told.place not in ("landed", "abandoned")]
    found = figures(counted(ground, told) for told in every)
    lines = [
        f"## {week.milestone}, {week.name}: {week.first} to {week.last}",
        "",
        _readiness(found, len(every)),
        "",
        *_listed("Landed this week", now),
        *_listed("Still open", still),
        *_concerns(ground, still),
    ]
    return "\n".join(lines).encode()


def _readiness(found: AllFigures, changes: int) -> str:
    landed = dict(found.places).get("landed", 0)
    return (
        f"Landed: {share(landed, changes)} of the changes. Criteria covered by completed tasks:"
        f" {share(found.covered, found.criteria)}. Open concerns: {found.concerns}."
    )


def _listed(heading: str, told: list[Told]) -> list[str]:
    rows = [f"- {one.change} {escaped(one.state.title)}: {one.place}" for one in told]
    return [f"{heading}:", "", *(rows or ["- nothing"]), ""]


def _concerns(ground: Ground, told: list[Told]) -> list[str]:
    rows = [
        f"- {one.change} {concern.label}: {escaped(' '.join(concern.record.data['text'].split()))}"
        for one in told
        for concern in unanswered(ground, one)
    ]
    return ["Open concerns:", "", *rows, ""] if rows else []
