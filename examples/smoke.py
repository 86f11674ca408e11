"""`make smoke`: /status, /clarify and /approve in a scratch repository, and their audit entries.

Each command is shown with its answer and the audit entries that it made, and each is checked: the
script ends with 0 only where every answer and every entry is as it has to be.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ROOT / "examples"
sys.path.insert(0, str(ROOT))

from codexa_git.policy.keys import ed25519_from_seed  # noqa: E402 (the path comes first)


class SmokeError(Exception):
    """Something is not as it has to be; the message says what."""


class Expected(NamedTuple):
    """A command, part of its answer, and the records that it makes: signed ones in capitals."""

    command: str
    answer: str
    records: tuple[str, ...]


FRAME = (
    Expected("/status", "**CH-001** totals as JSON: frame", ("command.said",)),
    Expected(
        "/clarify CH-001 what of an empty file?",
        "Q-1 asked.",
        ("command.said", "clarification.asked"),
    ),
    Expected(
        "/clarify CH-001 --answer Q-1 its total is 0",
        "Signed, and on record.",
        ("command.said", "CLARIFICATION.ANSWERED"),
    ),
)
COMMENT = Expected(
    "/approve CH-001", "Asked for, not given", ("command.said", "approval.requested")
)
SPEC = (
    Expected("/status", "asked of Demo PM since", ("command.said",)),
    Expected("/approve CH-001", "Approved by Demo PM (pm).", ("command.said", "APPROVAL.GRANTED")),
    Expected("/status", "**CH-001** totals as JSON: execute", ("command.said",)),
)


class Scratch:
    """A repository of its own: nothing of the user's reaches it but a PATH."""

    def __init__(self, folder: Path) -> None:
        self.repository = folder / "totals"
        self.home = folder / "home"
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.home),
            "GIT_CONFIG_GLOBAL": str(self.home / ".gitconfig"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "LC_ALL": "C.UTF-8",
            "TZ": "UTC",
        }

    def run(self, *command: str, ends: tuple[int, ...] = (0,)) -> str:
        """What a command printed; it has to end as expected."""
        done = subprocess.run(
            command,
            cwd=self.repository,
            env=self._environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
        )
        if done.returncode not in ends:
            raise SmokeError(f"{' '.join(command)} ended with {done.returncode}: {done.stderr}")
        return done.stdout

    def codexa(self, *words: str, ends: tuple[int, ...] = (0,)) -> str:
        """What codexa-git printed."""
        return self.run(sys.executable, "-m", "codexa_git", *words, ends=ends)

    def records(self) -> list[dict[str, Any]]:
        """What `audit/CH-001/commands.jsonl` holds at the change's tip."""
        shown = ("git", "show", "change/CH-001:audit/CH-001/commands.jsonl")
        return [json.loads(line) for line in self.run(*shown, ends=(0, 128)).splitlines()]


def furnish(folder: Path) -> Scratch:
    """A scratch repository with one change in frame."""
    scratch = Scratch(folder)
    keys = scratch.home / ".ssh"
    keys.mkdir(parents=True, mode=0o700)
    private, public = ed25519_from_seed(b"codexa-git smoke".ljust(32, b"."))
    (keys / "id_ed25519").touch(mode=0o600)
    (keys / "id_ed25519").write_bytes(private)
    (keys / "id_ed25519.pub").write_text(f"{public} pm@demo.invalid\n", encoding="utf-8")
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
    shutil.copytree(EXAMPLES / "totals", scratch.repository, ignore=ignored)
    for words in (
        ("config", "--global", "user.name", "Demo PM"),
        ("config", "--global", "user.email", "pm@demo.invalid"),
        ("config", "--global", "init.defaultBranch", "main"),
        ("init", "-q"),
        ("add", "-A"),
        ("commit", "-qm", "totals"),
    ):
        scratch.run("git", *words)
    scratch.codexa("init", "--yes")
    scratch.codexa("enforce", "--demo", "--yes")
    scratch.codexa("open", "totals as JSON")
    return scratch


def plan(scratch: Scratch) -> None:
    """The change has its plan, and waits for its approval."""
    place = scratch.repository / "changes" / "CH-001"
    for paper in ("brief.md", "recipes.toml"):
        shutil.copy(EXAMPLES / "change" / paper, place)
    shutil.copytree(EXAMPLES / "change" / "patches", place / "patches")
    scratch.run("git", "add", "-A")
    scratch.run("git", "commit", "-qm", "say how")
    scratch.codexa("advance", "--until-blocked", ends=(1,))


def check(scratch: Scratch, expected: Expected, *how: str) -> None:
    """The command was answered and recorded as expected, and both were shown."""
    before = len(scratch.records())
    words = how or (expected.command,)
    shown = [Path(word).name if how else word for word in words]
    answer = scratch.codexa("say", *words)
    made = scratch.records()[before:]
    print(f"\n$ codexa-git say {shlex.join(shown)}")
    print("".join(f"  {line}\n" for line in answer.splitlines()), end="")
    for record in made:
        signed = "signed" if "signature" in record else "unsigned"
        print(f"  -> audit/CH-001/commands.jsonl: {record['type']}, {signed}, {record['id'][:19]}")
    if expected.answer not in answer:
        raise SmokeError(f"{expected.command}: the answer lacks {expected.answer!r}")
    found = tuple(r["type"].upper() if "signature" in r else r["type"] for r in made)
    if found != expected.records:
        raise SmokeError(f"{expected.command}: on record is {found}, not {expected.records}")


def smoke(folder: Path) -> None:
    """Every command is as it has to be.

    Raises:
        SmokeError: one is not.
    """
    scratch = furnish(folder)
    for expected in FRAME:
        check(scratch, expected)
    plan(scratch)
    comment = folder / "comment.md"
    comment.write_text(f"Looks right to me.\n\n{COMMENT.command}\n", encoding="utf-8")
    how = ("--comment-file", str(comment), "--author", "octo-cat", "--pull-request", "1")
    check(scratch, COMMENT, *how)
    for expected in SPEC:
        check(scratch, expected)
    print(f"\n{scratch.codexa('replay', 'CH-001').splitlines()[0]}")


def main() -> int:
    """Run it in a folder that is gone afterwards; the exit status."""
    with tempfile.TemporaryDirectory(prefix="codexa-smoke-") as folder:
        try:
            smoke(Path(folder))
        except SmokeError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    print("smoke: every answer and every audit entry is as it has to be")
    return 0


if __name__ == "__main__":
    sys.exit(main())
