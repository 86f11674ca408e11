"""The review packet: one self-contained HTML file for a person with ten minutes.

It holds no script and asks nothing of any network, and its policy forbids both. Whatever strangers
wrote is text: the template engine is sandboxed and escapes every value, and before that each
character that would act or hide is shown by its number.
"""

import re
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from codexa_git.change.text import counted, one_line, visible
from codexa_git.pages.facts import PacketFacts, Since, Tested
from codexa_git.pages.sheets import Binder, Sheet

if TYPE_CHECKING:
    from jinja2 import Template

GENERATOR = b'<meta name="generator" content="codexa-git packet">'
"""How a packet is known for one: it may be replaced by a newer one."""

_FEW_TESTS = 30
_TIME = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\dZ")


class Count(NamedTuple):
    """One figure at the head of the page, and whether it is `good`, `bad` or `plain`."""

    figure: str
    about: str
    mood: str


class Recalled(NamedTuple):
    """An earlier approval, and the diffs since then of the files that are other now."""

    since: Since
    sheets: tuple[Sheet, ...]


class Sheets(NamedTuple):
    """Every diff of the page, group by group in its order."""

    recalled: tuple[Recalled, ...]
    tasks: tuple[tuple[Sheet, ...], ...]
    others: tuple[Sheet, ...]
    papers: tuple[Sheet, ...]
    anchors: dict[str, str]
    left_out: int
    command: str


def packet(facts: PacketFacts) -> bytes:
    """The packet's bytes, the same for the same facts."""
    page = _template().render(
        facts=facts,
        counts=_counts(facts),
        counted=counted,
        clock=_clock,
        places={task.id: f"task-{number}" for number, task in enumerate(facts.tasks, 1)},
        outcomes=_outcomes(facts),
        paragraphs=[one_line(part) for part in re.split(r"\n\s*\n", facts.context) if part.strip()],
        sheets=_sheets(facts),
        few=_FEW_TESTS,
    )
    return page.encode("utf-8", "backslashreplace")


def _sheets(facts: PacketFacts) -> Sheets:
    binder = Binder(facts.change, facts.base)
    recalled = tuple(
        Recalled(since, tuple(map(binder.apart, since.files))) for since in facts.since
    )
    return Sheets(
        recalled,
        tuple(binder.sheets(task.files) for task in facts.tasks),
        binder.sheets(facts.others),
        binder.sheets(facts.papers),
        binder.anchors,
        binder.left_out,
        binder.command(),
    )


def _outcomes(facts: PacketFacts) -> dict[str, Tested]:
    return {test.name: test for test in facts.results.tests} if facts.results else {}


def _counts(facts: PacketFacts) -> tuple[Count, ...]:
    return (_criteria(facts), _tests(facts), _files(facts), _open(facts))


def _criteria(facts: PacketFacts) -> Count:
    covered = sum(1 for criterion in facts.criteria if criterion.tasks)
    whole = "good" if covered == len(facts.criteria) and covered else "bad"
    return Count(f"{covered}/{len(facts.criteria)}", "criteria have a task", whole)


def _files(facts: PacketFacts) -> Count:
    """What differs, whoever did it: the lines, and how many of the files no task touched."""
    added = sum(file.added or 0 for file in facts.files)
    removed = sum(file.removed or 0 for file in facts.files)
    about = ["files" if len(facts.files) != 1 else "file"]
    about.append(f"+{added} \N{MINUS SIGN}{removed}")
    about += [f"{len(facts.others)} by no task"] if facts.others else []
    about += [counted(len(facts.papers), "paper")] if facts.papers else []
    return Count(str(len(facts.files)), ", ".join(about), "plain")


def _open(facts: PacketFacts) -> Count:
    concerns = sum(1 for concern in facts.concerns if concern.answer is None)
    questions = sum(1 for question in facts.questions if question.answer is None)
    about = "concerns and questions open" if facts.questions else "concerns open"
    return Count(str(concerns + questions), about, "bad" if concerns + questions else "good")


def _tests(facts: PacketFacts) -> Count:
    if facts.results is None:
        return Count("\N{EM DASH}", "no tests have run", "plain")
    passed = len(facts.results.named("passed"))
    failed = len(facts.results.named("failed", "error"))
    waived = len(facts.results.named("waived"))
    skipped = len(facts.results.named("skipped"))
    about = ["tests pass"]
    about += [f"{failed} fail"] if failed else []
    about += [f"{waived} waived"] if waived else []
    about += [f"{skipped} skipped"] if skipped else []
    about += ["but do not count"] if facts.results.problem else []
    # A waived test fails, and somebody answers for that: no reason for alarm, and none for green.
    mood = "plain" if waived else "good"
    mood = "bad" if failed or not passed or facts.results.problem else mood
    return Count(f"{passed}/{len(facts.results.tests)}", ", ".join(about), mood)


def _clock(at: str) -> str:
    """A record's time as people read it; what is none, as it is."""
    found = _TIME.fullmatch(at)
    return f"{found[1]} {found[2]} UTC" if found else at


def _shown(value: object) -> object:
    """What the template puts in for `value`: text with escapes for what would act or hide."""
    return visible(value) if type(value) is str else value


@cache
def _template() -> "Template":
    from jinja2 import StrictUndefined  # noqa: PLC0415
    from jinja2.sandbox import ImmutableSandboxedEnvironment  # noqa: PLC0415

    environment = ImmutableSandboxedEnvironment(
        autoescape=True,
        finalize=_shown,
        keep_trailing_newline=True,
        lstrip_blocks=True,
        trim_blocks=True,
        undefined=StrictUndefined,
    )
    source = files("codexa_git.pages").joinpath("packet.html.j2").read_text("utf-8")
    return environment.from_string(source)
