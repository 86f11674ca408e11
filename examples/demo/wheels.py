"""The wheels that the program's tests need, downloaded once: the box then needs no network."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from demo.room import ROOT, DemoError

REQUIREMENTS = ROOT / "examples" / "totals" / "requirements.txt"


def fetch(folder: Path) -> None:
    """The folder holds a wheel of every requirement; pip is asked only where that is not so.

    Raises:
        DemoError: pip cannot get them; its own words stand above.
    """
    wanted = sha256(REQUIREMENTS.read_bytes()).hexdigest()
    stamp = folder / "requirements.sha256"
    if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
        return
    folder.mkdir(parents=True, exist_ok=True)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", "download"]
    options = ["--no-deps", "--only-binary=:all:", f"--dest={folder}"]
    done = subprocess.run([*pip, *options, f"--requirement={REQUIREMENTS}"], check=False)
    if done.returncode != 0:
        raise DemoError("pytest cannot be downloaded: pip, as you have configured it, says why")
    stamp.write_text(wanted, encoding="ascii")
