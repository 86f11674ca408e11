"""Where the files of a change lie, and what kind of file a path is to it.

So that every landed byte is tested and approved, or approved, or on the closed list: *listed*
files are written by the tool alone and named exactly; *papers* are approved and not tested;
all else is *product*, tested and approved.
"""

import re
from enum import StrEnum
from functools import lru_cache

from codexa_git.audit.ids import is_change_id
from codexa_git.audit.words import LOG_NAMES
from codexa_git.change.pages import QA_REPORT
from codexa_git.values import NamedTuple

POLICY = "codexa.toml"
SIGNERS = ".codexa/allowed_signers"
BACKLOG = "changes/backlog.toml"
DEMO = "artifacts/phase1/demo/"
_RUN_FILE = r"run-[0-9]{3,5}/(?:run\.json|log\.jsonl|T-[0-9]{2,4}\.(?:json|log))"
_DEMO = r"(?s:artifacts/phase1/demo/Week-[0-9]{2}/(CH-[0-9]+)/.+)"


class Kind(StrEnum):
    """What a path is to one change."""

    LISTED = "listed"
    PAPER = "paper"
    PRODUCT = "product"
    FOREIGN = "foreign"
    STRAY = "stray"


class Places(NamedTuple):
    """The paths of one change's own files."""

    change: str

    @property
    def papers(self) -> str:
        """The folder of the change's papers, with its final slash."""
        return f"changes/{self.change}/"

    @property
    def brief(self) -> str:
        """What is asked, and how one will know that it is done."""
        return f"{self.papers}brief.md"

    @property
    def tasks(self) -> str:
        """The plan: the tasks that meet the criteria."""
        return f"{self.papers}tasks.md"

    @property
    def planner(self) -> str:
        """What the plan was made from: seed, planner, ordering, recipes."""
        return f"{self.papers}planner_config.json"

    @property
    def recipes(self) -> str:
        """The tasks that people declared, and how each is done."""
        return f"{self.papers}recipes.toml"

    @property
    def design(self) -> str:
        """The Designer's decisions."""
        return f"{self.papers}design.md"

    @property
    def impact(self) -> str:
        """What the change does to its readers: scope, notes, verification."""
        return f"{self.papers}impact.md"

    @property
    def status(self) -> str:
        """The status note, generated from the records."""
        return f"{self.papers}status.md"

    @property
    def packet(self) -> str:
        """The review packet, one self-contained HTML file."""
        return f"{self.papers}packet.html"

    def is_plan_paper(self, path: str) -> bool:
        """True for what the plan's approval covers: the papers of Frame and Spec, and patches."""
        papers = (self.brief, self.tasks, self.planner, self.design, self.recipes)
        return path in papers or path.startswith(f"{self.papers}patches/")

    @property
    def audit(self) -> str:
        """The folder of the change's records, with its final slash."""
        return f"audit/{self.change}/"

    def log(self, name: str) -> str:
        """One of the four record files: `handoff`, `commands`, `concerns` or `retention`."""
        return f"{self.audit}{name}.jsonl"

    @property
    def work(self) -> str:
        """The folder of the change's runs, with its final slash."""
        return f"artifacts/work/{self.change}/"

    def run(self, run: str, name: str) -> str:
        """A file of one run: `run.json`, `log.jsonl`, `T-01.json` or `T-01.log`."""
        return f"{self.work}{run}/{name}"

    @property
    def results(self) -> str:
        """The Tester's results."""
        return f"tests/results/{self.change}.json"

    def demo(self, week: str) -> str:
        """The folder of what is shown of the change in a week, with its final slash."""
        return f"{DEMO}{week}/{self.change}/"

    def page(self, page: str) -> str:
        """The change's own copy of what it says in a shared page, under its papers.

        Of `QA_REPORT.md` it is the live copy, which only the tool writes; of
        `docs/PROJECT_OVERVIEW.md` and `docs/IMPLEMENTATION_PLAN.md` it is a paper.
        """
        return f"{self.papers}pages/{page.rsplit('/', 1)[-1]}"


def is_listed(path: str, change: str) -> bool:
    """True for a file on the closed list of this change (its blocks in shared pages aside)."""
    places = Places(change)
    if path.startswith(places.work):
        return bool(re.fullmatch(_RUN_FILE, path[len(places.work) :]))
    return path in _listed(change)


@lru_cache(maxsize=64)
def _listed(change: str) -> frozenset[str]:
    places = Places(change)
    logs = (places.log(name) for name in LOG_NAMES)
    return frozenset((*logs, places.status, places.results, places.packet, places.page(QA_REPORT)))


def owner_of(path: str) -> str | None:
    """The change whose own folders hold `path`; `None` where it is in no change's folder."""
    if path.startswith(DEMO) and (match := re.fullmatch(_DEMO, path)):
        return match[1]
    parts = path.split("/")
    if parts[:2] == ["artifacts", "work"] and len(parts) > 3:
        return parts[2]
    if parts[0] in ("audit", "changes") and len(parts) > 2:
        return parts[1]
    if parts[:2] == ["tests", "results"] and len(parts) == 3:
        return parts[2].removesuffix(".json") if parts[2].endswith(".json") else parts[2]
    return None


def kind_of(path: str, change: str) -> Kind:
    """What `path` is to `change`.

    `FOREIGN` is another change's file; `STRAY` lies beside the closed list, where only the tool
    writes and nothing else may stand (`tests/results/conftest.py` would run).
    """
    if is_listed(path, change):
        return Kind.LISTED
    owner = owner_of(path)
    if owner == change:
        return Kind.PAPER if _is_paper(path, change) else Kind.STRAY
    if owner is not None and is_change_id(owner):
        return Kind.FOREIGN
    return Kind.STRAY if _in_tool_folder(path) else Kind.PRODUCT


def _is_paper(path: str, change: str) -> bool:
    if path.startswith(Places(change).papers):
        return True
    return path.startswith(DEMO) and bool(re.fullmatch(_DEMO, path))


def _in_tool_folder(path: str) -> bool:
    return path.startswith(("audit/", "artifacts/work/", "tests/results/"))


def folded(name: str) -> str:
    """The name as a file system sees it that ignores letter case and how accents are composed."""
    if name.isascii():
        return name.lower()
    from unicodedata import normalize  # noqa: PLC0415

    return normalize("NFD", normalize("NFD", name).casefold())
