"""The files of a week's demo: the packet in text, the log, the figures, and a terminal's screen.

All four follow from the records alone, so that making them again gives the same bytes. The screen
shows the log and the figures exactly as the files beside it hold them. What strangers wrote is
escaped; nothing here may tell what an approval binds, because it binds these files too.
"""

import re
from html import escape

from codexa_git.change.figures import Figures
from codexa_git.change.results import indented
from codexa_git.change.text import clean_title, clipped, escaped, one_line, visible
from codexa_git.pages.facts import PacketFacts, QuestionFacts, Since
from codexa_git.pages.impact import listed, met_by, notes, open_ends, outcome, safe

SUMMARY, LOG, FIGURES, SCREEN = "packet.md", "log.txt", "figures.json", "screen.svg"
NAMES = (SUMMARY, LOG, FIGURES, SCREEN)
"""The files that are made; whatever else lies beside them is people's."""

COLUMNS = 100
_SVG = "http://www.w3.org/2000/svg"
_CELL, _ROW, _EDGE = 8.4, 20, 20
_STYLE = """\
svg { background: #12161c }
text { font: 14px ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; fill: #d7dde5 }
.typed { fill: #7ddb9a; font-weight: bold }
.title { fill: #8b97a7 }
"""


def demo(facts: PacketFacts, figures: Figures, week: str) -> dict[str, bytes]:
    """The bytes of each file, by name; the same for the same facts."""
    log = _log(facts)
    counted = indented(
        {"change": facts.change, "milestone": facts.milestone, "week": week} | figures._asdict()
    )
    return {
        SUMMARY: _summary(facts, week),
        LOG: log,
        FIGURES: counted,
        SCREEN: _screen(facts, week, {LOG: log, FIGURES: counted}),
    }


def _summary(facts: PacketFacts, week: str) -> bytes:
    paragraphs = [safe(part) for part in re.split(r"\n\s*\n", facts.context) if part.strip()]
    parts = {
        "Why": "\n\n".join(paragraphs) or "Nobody said why.",
        "Criteria": listed(map(met_by, facts.criteria), "No criterion was written."),
        "Tasks": notes(facts.tasks, facts.others),
        "Tests": outcome(facts.results),
        "Concerns and waivers": open_ends(facts.concerns, facts.waivers),
        "Questions": listed(map(_question, facts.questions), "None was asked."),
        "Approved so far": listed(map(_approved, facts.since), "Nothing yet."),
    }
    pages = [f"# {facts.change} {escaped(clean_title(facts.title))}"]
    pages.append(f"{facts.milestone}, {week}; `{SCREEN}` shows it as a terminal would.")
    pages += [f"## {name}\n\n{text}" for name, text in parts.items()]
    return ("\n\n".join(pages) + "\n").encode()


def _question(question: QuestionFacts) -> str:
    asked = f"{safe(question.label)}, {safe(question.text)} ({safe(question.by)}): "
    if question.answer is None:
        return f"{asked}**open**"
    return f"{asked}{safe(question.answer)} ({safe(question.answered_by)})"


def _approved(since: Since) -> str:
    return f"{safe(since.about)}, by {safe(since.who)}, {safe(since.at)}: {safe(since.standing)}"


def _log(facts: PacketFacts) -> bytes:
    rows = [[visible(one_line(field)) for field in event] for event in facts.timeline]
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(3)]
    lines = [
        "  ".join((*(row[column].ljust(widths[column]) for column in range(3)), row[3]))
        for row in rows
    ]
    return "".join(f"{line.rstrip()}\n" for line in lines).encode()


def _screen(facts: PacketFacts, week: str, files: dict[str, bytes]) -> bytes:
    title = f"{facts.change} {visible(clean_title(facts.title))}, {facts.milestone}, {week}"
    rows = [("title", title), ("", "")]
    for name, content in files.items():
        rows.append(("typed", f"$ cat {name}"))
        rows += [("", line) for line in content.decode().split("\n")]
    width = round(2 * _EDGE + COLUMNS * _CELL)
    height = 2 * _EDGE + _ROW * len(rows)
    lines = [
        f'<svg xmlns="{_SVG}" role="img" width="{width}" height="{height}">',
        f"<title>{escape(title, quote=False)}</title>",
        f"<style>\n{_STYLE}</style>",
        *(_row(number, kind, text) for number, (kind, text) in enumerate(rows, 1) if text),
        "</svg>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _row(number: int, kind: str, text: str) -> str:
    drawn = escape(clipped(text, COLUMNS), quote=False)
    style = f' class="{kind}"' if kind else ""
    return (
        f'<text x="{_EDGE}" y="{_EDGE + _ROW * number}" xml:space="preserve"{style}>{drawn}</text>'
    )
