"""`python -m codexa_git` is the command."""

from codexa_git.cli.main import run

run()
