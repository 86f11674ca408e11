"""Write the generated pages of docs/, and check every link between the documents.

`generate.py` writes what is out of date; `generate.py --check` writes nothing and exits 1 where a
page is out of date or a link leads nowhere. What a page says is made in `docs/writers`.
"""

import re
import sys
import unicodedata
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # so that this checkout is told of, and no other that is installed

from docs.writers import (  # noqa: E402
    commands,
    exits,
    gates,
    manual,
    measurements,
    planner,
    policy,
    records,
    rules,
    traceability,
)
from docs.writers.text import page, table  # noqa: E402

_LINK = re.compile(r"(?<!!)\[[^\]\n]+\]\(([^()\s]+)\)")
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`[^`\n]*`")
_HEADING = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_TITLE = re.compile(r"# ([0-9]{4}) · (.+)\n\nStatus: (accepted|superseded by [0-9]{4})\n")


class Decision(NamedTuple):
    """One ADR, as its first lines tell it."""

    file: str
    number: str
    title: str
    status: str


def decisions(root: Path) -> Iterator[Decision]:
    """Every ADR, in order of number.

    Raises:
        ValueError: one does not start as an ADR does, or its number is not its file's.
    """
    for path in sorted((root / "docs" / "adr").glob("[0-9]*.md")):
        head = _TITLE.match(path.read_text(encoding="utf-8"))
        if head is None or not path.name.startswith(f"{head[1]}-"):
            raise ValueError(f"{path.relative_to(root)} does not start as an ADR does")
        yield Decision(path.name, head[1], head[2], head[3])


def index(root: Path) -> str:
    """`docs/adr/index.md`: the decisions, one line each."""
    return page(
        "Decisions",
        "What a later reader would ask about, and why it is so. A decision is not edited once it is"
        " accepted: a new one supersedes it. [How they are written](0000-use-adrs.md).",
        table(
            ("number", "decision", "status"),
            [(f"[{d.number}]({d.file})", d.title, d.status) for d in decisions(root)],
        ),
    )


REFERENCE: dict[str, tuple[str, Callable[[], str]]] = {
    "cli": ("every command, its arguments and options", commands.reference),
    "lifecycle": ("the stages, and what leads from one to the next", gates.lifecycle),
    "requirements": ("what each gate asks, and what a yes rests on", gates.requirements),
    "policy": ("`codexa.toml`, name by name", policy.reference),
    "planner-config": ("`planner_config.json`: seed and recipes", planner.reference),
    "records": ("records, signatures, results and evidence, field by field", records.reference),
    "traceability": ("each rule, what asks it, and the forgeries that break it", rules.reference),
    "exit-status": ("how a command ends, and the families of errors", exits.reference),
}
"""The pages of the reference: what each is about, and what writes it."""

SCHEMAS: dict[str, Callable[[], str]] = {
    "record": records.record_schema,
    "results": partial(records.document_schema, "results"),
    "run": partial(records.document_schema, "run"),
    "task": partial(records.document_schema, "task"),
    "policy": policy.schema,
    "planner-config": planner.schema,
}
"""The JSON Schemas, by the name of their file."""


def reference_index() -> str:
    """`docs/reference/index.md`."""
    return page(
        "Reference",
        "Written from the code, so that it cannot say anything else.",
        "\n".join(f"- [{name}]({name}.md): {about}" for name, (about, _) in REFERENCE.items()),
        "JSON Schemas: " + ", ".join(f"[{name}](schemas/{name}.json)" for name in SCHEMAS) + ".",
    )


def pages(root: Path) -> dict[str, str]:
    """Every generated file under `root`, by its path, as it should be."""
    made = {"docs/adr/index.md": index(root), "docs/reference/index.md": reference_index()}
    made["docs/man/git-codexa.1"] = manual.manual()
    made["docs/measurements.md"] = measurements.measurements()
    made |= {f"docs/{place}": drawn for place, drawn in measurements.pictures().items()}
    made["docs/traceability-workflow.md"] = traceability.traceability()
    made |= {f"docs/reference/{name}.md": write() for name, (_, write) in REFERENCE.items()}
    return made | {f"docs/reference/schemas/{name}.json": w() for name, w in SCHEMAS.items()}


def stale(root: Path) -> dict[str, str]:
    """The generated files that are missing or out of date, each as it should be."""
    return {name: text for name, text in pages(root).items() if _read(root / name) != text}


def documents(root: Path) -> list[Path]:
    """Every Markdown file that people read here."""
    folders = [path for name in ("docs", "examples") for path in (root / name).rglob("*.md")]
    return sorted([*root.glob("*.md"), *folders])


def broken(root: Path) -> list[str]:
    """One sentence for every link that leads to no file, or to no heading in it."""
    return [problem for path in documents(root) for problem in _broken_in(path, root)]


def anchors(text: str) -> set[str]:
    """The anchors that a forge gives to the headings of a page."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCED.sub("", text)):
        anchor = plain = "".join(filter(_kept, heading.lower())).strip().replace(" ", "-")
        again = 0
        while anchor in found:
            again += 1
            anchor = f"{plain}-{again}"
        found.add(anchor)
    return found


def _broken_in(path: Path, root: Path) -> Iterator[str]:
    text = _CODE.sub("", _FENCED.sub("", _read(path)))
    for link in _LINK.findall(text):
        if "://" in link or link.startswith("mailto:"):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        where = path.relative_to(root)
        if not target.is_relative_to(root) or not target.exists():
            yield f"{where}: {link} leads to no file"
        elif anchor and anchor not in anchors(_read(target)):
            yield f"{where}: {link} leads to no heading"


def _kept(character: str) -> bool:
    return character in "-_ " or unicodedata.category(character)[0] in "LN"


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def main(arguments: list[str]) -> int:
    """Write or check; the exit status."""
    out_of_date = stale(ROOT)
    if arguments != ["--check"]:
        for name, text in out_of_date.items():
            (ROOT / name).parent.mkdir(parents=True, exist_ok=True)
            (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
            print(f"wrote {name}")
        out_of_date = {}
    problems = [*(f"{name}: out of date; run `make docs`" for name in out_of_date), *broken(ROOT)]
    for problem in problems:
        print(problem, file=sys.stderr)
    if not problems:
        print(f"{len(documents(ROOT))} documents: generated pages are current, every link leads on")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
