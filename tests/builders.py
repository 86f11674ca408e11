"""Real repositories for tests: git itself, and one commit."""

import subprocess
from collections.abc import Mapping
from pathlib import Path


def git(folder: Path, *args: str, input: bytes = b"") -> str:  # noqa: A002
    """What git printed, its last line end removed; a failure fails the test with git's words."""
    done = subprocess.run(["git", *args], cwd=folder, input=input, capture_output=True, check=False)
    assert done.returncode == 0, f"git {' '.join(args)}: {done.stderr.decode(errors='replace')}"
    return done.stdout.decode("utf-8", "surrogateescape").removesuffix("\n")


def commit(folder: Path, files: Mapping[str, str | bytes | None], message: str) -> str:
    """The id of a commit of exactly what the index then holds: `None` removes a file."""
    for path, content in files.items():
        target = folder / path
        if content is None:
            target.unlink()
        else:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content.encode() if isinstance(content, str) else content)
    if files:
        git(folder, "add", "--", *files)
    git(folder, "commit", "-q", "--allow-empty", "-m", message)
    return git(folder, "rev-parse", "HEAD")
