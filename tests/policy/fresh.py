"""A fresh interpreter, to see what a command imports; coverage's own imports are kept out of it."""

import os
import subprocess
import sys
from pathlib import Path

import codexa_git

ROOT = Path(codexa_git.__file__).parents[1]


def said(program: str, *arguments: str) -> str:
    """What `program` prints in an interpreter of its own."""
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", program, *arguments]
    ran = subprocess.run(command, capture_output=True, check=True, text=True, env=environment)
    return ran.stdout
