"""The examples for cron and CI are what they say: they parse, nothing hostile reaches a shell."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from scenarios.clone import NOON, Clone, Shelf

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs" / "how-to"
PAGES = ("slash-commands.md", "daily-digest.md")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PINNED = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}")
HOSTILE = (
    "\"; touch pwned; $(touch pwned) `touch pwned` '; touch pwned #\n\n/concern $(touch pwned)"
)

At = Callable[[str], Clone]


@pytest.fixture
def at(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> At:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", NOON)
    return lambda state: shelf.take(state, tmp_path / "place" / "clone")


def blocks(kind: str, page: str) -> list[str]:
    text = (HOW_TO / page).read_text(encoding="utf-8")
    return [body for name, body in _BLOCK.findall(text) if name == kind]


def github(page: str) -> dict[str, Any]:
    [found] = [w for w in map(yaml.safe_load, blocks("yaml", page)) if "jobs" in w]
    # In YAML 1.1 a bare `on` is a truth value, and so it is read.
    return {"on" if name is True else str(name): value for name, value in found.items()}


def gitlab(page: str) -> dict[str, Any]:
    [found] = [w for w in map(yaml.safe_load, blocks("yaml", page)) if "jobs" not in w]
    [job] = found.values()
    assert isinstance(job, dict)
    return job


def steps(page: str) -> list[dict[str, Any]]:
    [job] = github(page)["jobs"].values()
    found: list[dict[str, Any]] = job["steps"]
    return found


@pytest.mark.parametrize("page", PAGES)
def test_a_workflow_may_do_only_what_it_needs(page: str) -> None:
    workflow = github(page)
    [job] = workflow["jobs"].values()
    needed = {"slash-commands.md": {"contents", "pull-requests"}, "daily-digest.md": {"contents"}}
    assert workflow["permissions"] == {}
    assert job["permissions"].keys() == needed[page]
    assert set(workflow["on"]) <= {"issue_comment", "schedule"}


@pytest.mark.parametrize("page", PAGES)
def test_everything_that_runs_is_pinned(page: str) -> None:
    used = [step["uses"] for step in steps(page) if "uses" in step]
    assert used
    assert all(_PINNED.fullmatch(name) for name in used)
    text = "\n".join(blocks("yaml", page))
    assert all("==" in line for line in text.splitlines() if "pip install" in line)
    assert re.fullmatch(r"[\w./-]+:[0-9]+\.[0-9]+\.[0-9]+[\w.-]*", gitlab(page)["image"])


@pytest.mark.parametrize("page", sorted(path.name for path in HOW_TO.glob("*.md")))
def test_every_action_on_a_page_is_pinned_to_a_commit(page: str) -> None:
    text = (HOW_TO / page).read_text(encoding="utf-8")
    used = re.findall(r"^[ -]*uses: *(\S+)", text, re.MULTILINE)
    assert all(_PINNED.fullmatch(name) for name in used), used


@pytest.mark.parametrize("page", PAGES)
def test_no_expression_stands_in_a_script(page: str) -> None:
    scripts = [step["run"] for step in steps(page) if "run" in step]
    assert scripts
    assert not [script for script in scripts if "${{" in script]


@pytest.mark.parametrize("page", PAGES)
def test_every_script_is_one_that_a_shell_reads(page: str) -> None:
    scripts = [step["run"] for step in steps(page) if "run" in step]
    for script in [*scripts, *gitlab(page)["script"]]:
        done = subprocess.run(["bash", "-n"], input=script.encode(), check=False)
        assert done.returncode == 0, script


def tools(folder: Path) -> str:
    """A PATH on which `codexa-git` is this one, and `gh` and `curl` keep what they were given."""
    place = folder / "tools"
    place.mkdir()
    scripts = {
        "codexa-git": f'exec "{sys.executable}" -m codexa_git "$@"\n',
        "gh": 'if [ "$2" = view ]; then echo change/CH-001; else cat "$5" > "$KEPT"; fi\n',
        "curl": 'cat answer.md > "$KEPT"\n',
        "python": f'if [ "$1" = -m ]; then exit 0; fi; exec "{sys.executable}" "$@"\n',
    }
    for name, body in scripts.items():
        (place / name).write_text(f"#!/bin/sh\n{body}")
        (place / name).chmod(0o755)
    return f"{place}{os.pathsep}{os.environ['PATH']}"


def shared(clone: Clone) -> Clone:
    """The clone, with a remote that holds its branches, on `main`."""
    remote = clone.folder.parent / "remote.git"
    clone.git("init", "-q", "--bare", str(remote))
    clone.git("remote", "add", "origin", str(remote))
    clone.git("push", "-q", "-u", "origin", "main", "change/CH-001")
    clone.git("switch", "-q", "main")
    return clone


@pytest.mark.parametrize(
    ("comment", "status", "answer"),
    [
        ("Fine.\n\n/approve CH-001", 0, "Asked for, not given"),
        (HOSTILE, 0, "CN-1 raised"),
        ("/status\n/help", 2, "Not done: "),
        ("no command, though a / is in it", 0, None),
    ],
)
def test_the_github_script_does_what_a_comment_says_and_no_more(
    at: At, tmp_path: Path, comment: str, status: int, answer: str | None
) -> None:
    clone = shared(at("planned"))
    kept = tmp_path / "kept.md"
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", steps("slash-commands.md")[-1]["run"]],
        cwd=clone.folder,
        env=os.environ
        | {"PATH": tools(tmp_path), "PYTHONPATH": str(ROOT), "RUNNER_TEMP": str(tmp_path)}
        | {"COMMENT": comment, "AUTHOR": "octo-cat", "NUMBER": "7", "ROOT": "", "KEPT": str(kept)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == status, done.stderr
    assert kept.exists() == (answer is not None)
    assert answer is None or answer in kept.read_text()
    assert not list(tmp_path.rglob("pwned"))
    if answer is not None and status == 0:
        assert clone.tip("change/CH-001") == clone.tip("origin/change/CH-001")
        assert "octo-cat" in clone.git("log", "-1", "--format=%an", "change/CH-001")


def test_the_gitlab_script_does_what_a_comment_says(at: At, tmp_path: Path) -> None:
    clone = shared(at("planned"))
    kept, payload = tmp_path / "kept.md", tmp_path / "payload.json"
    payload.write_text(
        json.dumps(
            {
                "user": {"username": "octo-cat"},
                "object_attributes": {"note": HOSTILE},
                "merge_request": {
                    "iid": 7,
                    "source_branch": "change/CH-001",
                    "source_project_id": 3,
                },
            }
        )
    )
    script = "\n".join(gitlab("slash-commands.md")["script"])
    script = re.sub(r'"https://say:[^"]*"', f'"{clone.folder.parent / "remote.git"}"', script)
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=clone.folder,
        env=os.environ
        | {"PATH": tools(tmp_path), "PYTHONPATH": str(ROOT), "TRIGGER_PAYLOAD": str(payload)}
        | {"CI_PROJECT_ID": "3", "CI_API_V4_URL": "https://x.invalid", "KEPT": str(kept)}
        | {"ANSWER_TOKEN": "t", "CI_SERVER_HOST": "x.invalid", "CI_PROJECT_PATH": "a/b"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "CN-1 raised" in kept.read_text()
    assert not list(tmp_path.rglob("pwned"))


_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def crontab() -> list[tuple[list[str], str]]:
    [text] = blocks("cron", "daily-digest.md")
    split = [line.split(None, 5) for line in text.splitlines()]
    return [(words[:5], words[5]) for words in split]


def is_field(field: str, low: int, high: int) -> bool:
    for part in field.split(","):
        match = re.fullmatch(r"(\*|[0-9]+(?:-[0-9]+)?)(?:/[0-9]+)?", part)
        if match is None:
            return False
        numbers = [int(n) for n in re.findall(r"[0-9]+", match[1])]
        if numbers != sorted(numbers) or any(not low <= n <= high for n in numbers):
            return False
    return True


def test_every_time_in_a_schedule_is_one() -> None:
    times = [fields for fields, _ in crontab()]
    [schedule] = github("daily-digest.md")["on"]["schedule"]
    times.append(schedule["cron"].split())
    for fields in times:
        assert len(fields) == 5
        assert all(is_field(f, low, high) for f, (low, high) in zip(fields, _FIELDS, strict=True))
    assert not is_field("60", 0, 59)
    assert not is_field("5-1", 0, 59)


def test_the_commands_of_the_crontab_run(at: At, tmp_path: Path) -> None:
    clone = at("planned")
    (clone.folder.parent / "project").symlink_to(clone.folder)
    notify = clone.folder.parent / ".config" / "codexa" / "notify"
    notify.parent.mkdir(parents=True)
    notify.write_text("export CODEXA_BUILD_STATUS='discord://...'\n")
    path = tools(tmp_path)
    for _, command in crontab():
        # In a crontab a percent sign ends the command.
        assert "%" not in command
        done = subprocess.run(
            ["sh", "-c", command],
            env=os.environ
            | {"PATH": path, "HOME": str(clone.folder.parent), "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "no [notify.NAME] of codexa.toml" in done.stderr


ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
TEMPLATE = yaml.safe_load((ROOT / "ci" / "gitlab.yml").read_text(encoding="utf-8"))
INSTALLED = "codexa/bin"


def checking() -> dict[str, list[dict[str, Any]]]:
    """The steps of each example that checks a pull request on GitHub."""
    return {"page": steps("github.md"), "action": ACTION["runs"]["steps"]}


def installed(folder: Path) -> Path:
    """What the step before has left there: this program, and a pip that installs nothing."""
    place = folder / INSTALLED
    place.mkdir(parents=True)
    for name, body in {
        "codexa-git": f'exec "{sys.executable}" -m codexa_git "$@"\n',
        "python": 'printf "%s\\n" "$*" >> "$PIP"\n',
    }.items():
        (place / name).write_text(f"#!/bin/sh\n{body}")
        (place / name).chmod(0o755)
    (folder / "python").symlink_to(place / "python")
    return folder


def runs(clone: Clone, script: str, temp: Path, **environment: str) -> tuple[int, str]:
    """Status and output of a step, in a runner's surroundings."""
    done = subprocess.run(
        ["bash", "-e", "-o", "pipefail", "-c", script],
        cwd=clone.folder,
        env=os.environ
        | {"PATH": f"{temp}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
        | {"RUNNER_TEMP": str(temp), "CI_BUILDS_DIR": str(temp), "PIP": str(temp / "pip")}
        | environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_the_check_on_github_can_do_nothing_but_read() -> None:
    workflow = github("github.md")
    assert workflow["on"] == {"pull_request_target": {"branches": ["main"]}}
    assert workflow["permissions"] == {}
    [job] = workflow["jobs"].values()
    assert job["permissions"] == {"contents": "read"}
    checkout = job["steps"][0]["with"]
    assert checkout["fetch-depth"] == 0
    assert checkout["persist-credentials"] is False


@pytest.mark.parametrize("name", ["page", "action"])
def test_the_check_runs_what_is_pinned_and_nothing_of_the_checkout(name: str) -> None:
    found = checking()[name]
    used = [step["uses"] for step in found if "uses" in step]
    scripts = [step["run"] for step in found if "run" in step]
    assert used
    assert all(_PINNED.fullmatch(one) for one in used)
    assert not [script for script in scripts if "${{" in script]
    assert all("python -I -m" in line for s in scripts for line in s.splitlines() if " -m " in line)
    assert scripts[0].startswith('cd "$RUNNER_TEMP"\n')
    for script in [*scripts, *TEMPLATE["codexa-check"]["script"]]:
        done = subprocess.run(["bash", "-n"], input=script.encode(), check=False)
        assert done.returncode == 0, script


@pytest.mark.parametrize("name", ["page", "action"])
@pytest.mark.parametrize(("state", "status"), [("closed", 0), ("planned", 1)])
def test_the_check_on_github_annotates_and_decides(
    at: At, tmp_path: Path, name: str, state: str, status: int
) -> None:
    clone = at(state)
    root = clone.git("config", "codexa.root")
    clone.git("config", "--unset", "codexa.root")
    clone.git("switch", "-q", "--detach", "main")
    clone.git("merge", "-q", "--no-ff", "-m", "refs/pull/7/merge", "change/CH-001")
    script, temp = checking()[name][-1]["run"], installed(tmp_path / "temp")
    given = {"BASE": "main", "ARGS": ""}
    for pinned in (root, ""):
        answer, told = runs(clone, script, temp, ROOT=pinned, **given)
        assert answer == status, told
        assert ("::error" in told) == (status == 1)
        assert ("not pinned" in told) == (pinned == "")
    assert runs(clone, script, temp, ROOT=f"sha256:{'0' * 64}", **given)[0] == 1


def test_the_action_takes_more_words_and_installs_what_it_is_told(at: At, tmp_path: Path) -> None:
    clone, temp = at("approved"), installed(tmp_path / "temp")
    _, install, check = ACTION["runs"]["steps"]
    given = {"BASE": "main", "ROOT": "", "ARGS": "--through spec"}
    assert runs(clone, check["run"], temp, **given)[0] == 0
    for version, wanted in (("", "/the/action"), ("0.1.0", "codexa-git==0.1.0")):
        assert runs(clone, install["run"], temp, VERSION=version, SOURCE="/the/action")[0] == 0
        assert (temp / "pip").read_text().splitlines()[-1].endswith(f" {wanted}")
    assert set(ACTION["inputs"]) == {"base", "root", "python-version", "version", "args"}


@pytest.mark.parametrize(("state", "status"), [("closed", 0), ("planned", 1)])
def test_the_gitlab_template_reports_and_decides(
    at: At, tmp_path: Path, state: str, status: int
) -> None:
    clone = shared(at(state))
    root = clone.git("config", "codexa.root")
    clone.git("switch", "-q", "--detach", "change/CH-001")
    [job] = TEMPLATE.values()
    assert job["variables"]["GIT_DEPTH"] == "0"
    assert re.fullmatch(r"[\w./-]+:[0-9]+\.[0-9]+\.[0-9]+[\w.-]*", job["image"])
    given = {**job["variables"], "CODEXA_ROOT": root}
    answer, told = runs(clone, "\n".join(job["script"]), installed(tmp_path / "temp"), **given)
    assert answer == status, told
    report = json.loads((clone.folder / job["artifacts"]["reports"]["codequality"]).read_text())
    assert bool(report) == (status == 1)
    assert ("it can be merged" in told) == (status == 0)
    assert "codexa-git==0.1.0" in (tmp_path / "temp" / "pip").read_text()


def test_the_gitlab_page_includes_the_template_by_commit() -> None:
    [page] = map(yaml.safe_load, blocks("yaml", "gitlab.md"))
    [one] = page["include"]
    assert (ROOT / one["file"].lstrip("/")).is_file()
    assert re.fullmatch("[0-9a-f]{40}", one["ref"])
    assert page["variables"].keys() <= TEMPLATE["codexa-check"]["variables"].keys()
