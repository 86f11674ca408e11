"""`verify`: everything that ever came to the base, judged again by anyone who has a clone."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from codexa_git.audit.canonical import is_digest
from codexa_git.change.text import counted
from codexa_git.cli.clock import now
from codexa_git.cli.desk import opened
from codexa_git.cli.progress import counting
from codexa_git.cli.screen import bold, dim, green, red, shown, wrapped, yellow
from codexa_git.cli.telling import as_json, say, warn
from codexa_git.cli.unanswered import no_answer
from codexa_git.errors import CodexaError, Exit, UsageError
from codexa_git.repository.crew import cores
from codexa_git.verify.findings import Answer, Breach, Finding, Report, answer_to
from codexa_git.verify.verifying import Wish, require_whole, verify
from codexa_git.workflow.base.locating import judged_base, tip_of_base
from codexa_git.workflow.base.newer import last_fetched, newer_base
from codexa_git.workflow.base.settings import ROOT_SETTING
from codexa_git.workflow.reports.beside import bypassed, to_take_off

if TYPE_CHECKING:
    from codexa_git.verify.exports import Exported

FORMAT = 1
FORMATS = ("text", "json", "sarif", "github")
_STATUS = {Answer.YES: Exit.YES, Answer.NO: Exit.NO, Answer.UNDECIDED: Exit.NO_ANSWER}


@click.command("verify", epilog="Example: git codexa verify --story")
@click.option("--root", metavar="DIGEST", help="Trust this root, whatever the clone has pinned.")
@click.option("--story", is_flag=True, help="Look at the commits within each change, too.")
@click.option("--records", metavar="PATH", help="Judge the records of a tree, folder, tar or zip.")
@click.option("--since-verified", is_flag=True, help="Start where this machine last found nothing.")
@click.option(
    "--accept", metavar="ID", multiple=True, help="Take what this incident names as settled."
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1),
    help="Judge by N processes at most, not by one a core.",
)
@click.option("--json", "json_", is_flag=True, help="The same as --format json.")
@click.option("--format", "format_", type=click.Choice(FORMATS), help="How to say it.")
def verify_(
    root: str | None,
    records: str | None,
    format_: str | None,
    accept: tuple[str, ...],
    jobs: int | None,
    *,
    story: bool,
    since_verified: bool,
    json_: bool,
) -> int:
    """Judge all that ever landed again, from the trust root.

    Exits with 0 where nothing was found, 1 with findings, 3 where something is undecided.
    """
    form = _form(format_, json_=json_)
    for name, what in ((root, "a trust root"), *((one, "an incident's id") for one in accept)):
        if name is not None and not is_digest(name):
            raise UsageError(
                f"{name[:80]!a} is not {what}: one looks like sha256:9f2c...",
                hint="git codexa root shows the root, git codexa policy log every incident",
            )
    if records is not None:
        if root is not None or story or since_verified or accept or jobs:
            raise UsageError(
                "--records judges records by themselves, and takes none of the others",
                hint="leave the others out; without --records the whole base is judged",
            )
        with _documented(form):
            return _records(records, form)
    with _documented(form), opened(writes=False) as store:
        pinned = root or store.config(ROOT_SETTING)
        require_whole(store)
        branch, tip = judged_base(store, pinned)
        wish = Wish(pinned, story, since_verified, accept, now())
        with counting() as watch:
            report = verify(store, branch, tip, wish, watch, jobs or cores())
        ref, _ = tip_of_base(store, branch)
        newer = newer_base(store, branch, ref, tip)
        beside = _Beside(last_fetched(store, ref))
        if form == "text":
            off = to_take_off(store, ref, tip, report.findings)
            beside = beside._replace(off=off, bypassed=bypassed(store, tip))
    _print(report, form, beside)
    if newer is not None:
        warn(f"{newer.told}, and what came later is not judged", newer.command)
    return _STATUS[report.answer]


@contextmanager
def _documented(form: str) -> Iterator[None]:
    """A machine that asked for a form has its document where there is no answer, too."""
    try:
        yield
    except CodexaError as error:
        if error.exit is Exit.NO_ANSWER:
            no_answer(error, form)
        raise


def _form(format_: str | None, *, json_: bool) -> str:
    if json_ and format_ not in (None, "json"):
        raise UsageError(
            f"--json and --format {format_} ask for two forms at once", hint="leave one of them out"
        )
    return "json" if json_ else format_ or "text"


class _Beside(NamedTuple):
    """What people are told beside the report: how old it is, what can be undone, what was past."""

    fetched: str | None
    off: tuple[str, str] | None = None
    bypassed: tuple[str, ...] = ()


def _print(report: Report, form: str, beside: _Beside) -> None:
    if form == "text":
        _say(report, beside)
        return
    if not report.pinned:
        warn(_UNPINNED, *_PINNING)
    for note in report.notes:
        warn(note)
    if form == "json":
        as_json(_facts(report))
    else:
        _for_machines(report.findings, form, complete=report.answer is not Answer.UNDECIDED)


def _for_machines(findings: tuple[Finding, ...], form: str, *, complete: bool) -> None:
    if form == "sarif":
        from codexa_git.verify.sarif import sarif

        as_json(sarif(findings, complete=complete))
        return
    from codexa_git.verify.annotations import annotation

    for finding in findings:
        say(annotation(finding))


_UNPINNED = "not pinned: the root is only what the base itself says"
_PINNING = (
    "git codexa root shows it and who signed it; with what an owner told you:",
    "git codexa root --pin DIGEST, or for this once: git codexa verify --root DIGEST",
)


def _say(report: Report, beside: _Beside) -> None:
    if not report.pinned:
        say(yellow(_UNPINNED))
        for line in _PINNING:
            say(dim(f"  {line}"))
    for note in report.notes:
        say(yellow(note))
    start = f"since {report.since[:7]}, verified here" if report.since else "from the trust root"
    many = f"{counted(report.commits, 'commit')}, {counted(report.landings, 'landing')}"
    within = ", and the commits within them" if report.story and report.landings else ""
    say(bold(f"{shown(report.branch)} at {report.tip[:7]}, {start}: {many}{within}"))
    say(dim(f"  {report.root}"))
    if beside.fetched is not None:
        say(dim(f"  {shown(beside.fetched)}"))
    _say_findings(report.findings)
    if beside.off is not None:
        told, way = beside.off
        say(wrapped(told, "", "  "))
        say(f"    {shown(way)}")
    for told in beside.bypassed:
        say(yellow(wrapped(told, "", "  ")))
    _say_incidents(report)
    if report.answer is Answer.YES:
        say(green("no findings"))
        return
    bad = len({finding.commit for finding in report.findings})
    told = f"{counted(len(report.findings), 'finding')} at {counted(bad, 'commit')}"
    undecided = sum(finding.breach.undecided for finding in report.findings)
    say(red(f"{told}, {undecided} undecided" if undecided else told))


def _say_incidents(report: Report) -> None:
    """What the owners have named as wrong, and how whoever asks takes it as settled."""
    for incident in report.incidents:
        named = ", ".join(oid[:12] for oid in incident.names)
        say(yellow(f"the owners' incident at {incident.commit[:12]} names {named}"))
    if report.accepted:
        many = counted(len(report.accepted), "finding")
        say(dim(f"  accepted with it, and not counted here: {many}"))


def _say_findings(findings: tuple[Finding, ...]) -> None:
    before = ""
    for finding in findings:
        if finding.commit != before:
            before = finding.commit
            say()
            say(f"{yellow(finding.commit[:12])}  {finding.change or ''}".rstrip())
        _say_breach(finding.breach)
    if findings:
        say()


def _say_breach(breach: Breach) -> None:
    first = f" {'?' if breach.undecided else ' '}{breach.rule:<4} "
    say(wrapped(shown(breach.placed), first, " " * 7))
    if breach.hint is not None:
        # Whole, for it holds what to type.
        say(dim(f"{' ' * 7}hint: {shown(breach.hint)}"))


def _facts(report: Report) -> dict[str, object]:
    return {
        "format": FORMAT,
        "answer": str(report.answer),
        "branch": report.branch,
        "tip": report.tip,
        "root": report.root,
        "pinned": report.pinned,
        "since": report.since,
        "story": report.story,
        "commits": report.commits,
        "landings": report.landings,
        "notes": list(report.notes),
        "findings": [_fact(finding) for finding in report.findings],
        "incidents": [one._asdict() for one in report.incidents],
        "accepted": [_fact(finding) for finding in report.accepted],
    }


def _fact(finding: Finding) -> dict[str, object]:
    breach = finding.breach
    return {
        "rule": breach.rule,
        "commit": finding.commit,
        "change": finding.change,
        "path": breach.path,
        "line": breach.line,
        "says": breach.says,
        "hint": breach.hint,
        "undecided": breach.undecided,
    }


def _records(place: str, form: str) -> int:
    """What the records of an export say by themselves; nothing else of the project is asked."""
    from codexa_git.verify.exports import judge_export

    exported = judge_export(Path.cwd(), place)
    answer = answer_to(f.breach for told in exported for f in told.findings)
    findings = tuple(finding for told in exported for finding in told.findings)
    if form == "json":
        changes = [
            {"change": told.change, "records": told.records, "answer": str(told.answer)}
            for told in exported
        ]
        facts = [_fact(finding) for finding in findings]
        head = {"format": FORMAT, "answer": str(answer), "place": place}
        as_json({**head, "changes": changes, "findings": facts})
    elif form == "text":
        _say_exported(exported)
    else:
        _for_machines(findings, form, complete=answer is not Answer.UNDECIDED)
    return _STATUS[answer]


_EXPORTED = {
    Answer.YES: "complete: its seal covers {}",
    Answer.NO: "broken, in {}",
    Answer.UNDECIDED: "undecided, in {}",
}


def _say_exported(exported: "tuple[Exported, ...]") -> None:
    for told in exported:
        many = counted(told.records, "record")
        say(f"{bold(told.change)}  {_EXPORTED[told.answer].format(many)}")
        for finding in told.findings:
            _say_breach(finding.breach)
    say(dim("whose signatures these are is not asked here: git codexa verify asks the base"))
