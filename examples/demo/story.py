"""What happens in the demo, act by act: the commands as one would type them, and how each ends.

Times are minutes after the demo began; a status of 1 is a refusal, and these are half the point.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

OK, REFUSED = 0, 1
BRIEF = "changes/CH-001/brief.md"


class Step(NamedTuple):
    """One command, why it is given, and the exit status that the story needs."""

    minute: int
    command: str
    why: str = ""
    ends: int = OK
    says: str = ""


class Edit(NamedTuple):
    """What a person does with an editor: the file, a word about it, and the doing."""

    file: str
    said: str
    do: Callable[[Path], None]


class Act(NamedTuple):
    """A part of the story."""

    title: str
    steps: tuple[Step | Edit, ...]


def _settle_policy(repository: Path) -> None:
    """The tests' environment holds what the program names; the first milestone starts today."""
    policy = repository / "codexa.toml"
    _replace(policy, "python3 -m venv {env}", "python3 -m venv --without-pip {env}")
    pip = "pip --python {env}/bin/python install --quiet -r requirements.txt"
    _replace(policy, "{env}/bin/python -m pip install --quiet pytest", pip)
    _replace(policy, "setup_files = []", 'setup_files = ["requirements.txt"]')
    with policy.open("a", encoding="utf-8") as file:
        file.write("\n[milestone.MS-01]\nstart = 2026-11-23\n")


def _take_recipes(repository: Path) -> None:
    """How the tasks are done lies beside the brief: this change is made by patches."""
    change = repository.parent / "change"
    papers = repository / "changes" / "CH-001"
    shutil.copy(change / "recipes.toml", papers)
    shutil.copytree(change / "patches", papers / "patches")


def _change_one_byte(repository: Path) -> None:
    _replace(repository / BRIEF, "JSON would end that; people", "JSON would end that: people")


def _replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    if text.count(old) != 1:
        raise AssertionError(f"{path.name} does not say {old!r} once")
    path.write_text(text.replace(old, new), encoding="utf-8")


def story() -> Iterator[Act]:
    """The acts, in order."""
    yield Act(
        "A small program adopts codexa-git",
        (
            Step(0, "git init -q"),
            Step(0, "git add ."),
            Step(0, 'git commit -qm "totals 1.0"'),
            Step(1, "git codexa init --yes"),
            Edit("codexa.toml", "what the tests need, and the day MS-01 starts", _settle_policy),
            Step(3, 'git commit -qam "codexa: what the tests need, and a milestone"'),
            Step(4, "git codexa enforce --demo --yes", "from here on the policy refuses"),
            Step(
                4, 'git codexa backlog add "totals as JSON" --milestone MS-01 --requirement FR-29'
            ),
        ),
    )
    yield Act(
        "Frame: what is asked",
        (
            Step(5, "git codexa open --brief ../change/brief.md", "the first of the backlog"),
            Edit("changes/CH-001/recipes.toml", "two tasks, each done by a patch", _take_recipes),
            Step(7, "git add changes/CH-001"),
            Step(7, 'git commit -qm "say how the two tasks are done"'),
        ),
    )
    yield Act(
        "Spec: the plan, and a person's approval of exactly it",
        (
            Step(8, "git codexa advance"),
            Step(9, "git codexa advance", "nobody has approved it: refused", REFUSED, "plan-appr"),
            Step(12, "git codexa approve"),
            Edit(BRIEF, "one byte: a semicolon becomes a colon", _change_one_byte),
            Step(15, 'git commit -qam "put a colon where it belongs"'),
            Step(16, "git codexa status", "the approval fell, and the file is named", OK, BRIEF),
            Step(16, "git codexa advance", "so execute is refused again", REFUSED, "plan-appr"),
            Step(18, "git codexa approve", "approved again, as it is now"),
        ),
    )
    yield Act(
        "Execute and Validate: a test fails, the change goes back, then all pass",
        (
            Step(
                20,
                "git codexa advance --until-blocked",
                "agents go on until a person is needed",
                REFUSED,
                "back to execute, try 2/3",
            ),
            Step(41, "git codexa status"),
            Step(42, "git codexa approve", "the results, each test by name"),
        ),
    )
    yield Act(
        "Package: what changed, for a person with ten minutes",
        (
            Step(43, "git codexa advance --until-blocked", "", REFUSED, "package-approved"),
            Step(54, "git codexa approve", "every path that differs"),
        ),
    )
    yield Act(
        "Cleanup and landing",
        (
            Step(55, "git codexa advance --until-blocked"),
            Step(57, "git codexa land"),
            Step(58, "git switch -q main"),
            Step(58, "git codexa log CH-001"),
            Step(58, "git log --graph --format=%s"),
            Step(59, "git codexa report", "the totals of PROGRESS.md"),
            Step(59, "git codexa milestone MS-01"),
        ),
    )
    yield Act(
        "Replay: the tool's commits made again from what people did",
        (Step(60, "git codexa replay CH-001"),),
    )
