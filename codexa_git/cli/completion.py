"""`completion`: the script with which a shell completes commands, options and ids of changes."""

from importlib.resources import files

import click

from codexa_git.errors import Exit

SHELLS = ("bash", "zsh", "fish")


@click.command("completion", epilog="Example: git codexa completion bash")
@click.argument("shell", type=click.Choice(SHELLS))
def completion_(shell: str) -> int:
    """Print a script that lets bash, zsh or fish complete.

    Commands, options, and the ids of changes; docs/how-to/look-after-your-clone.md says where each
    shell looks for it.
    """
    click.echo(script(shell), nl=False)
    return Exit.YES


def script(shell: str) -> str:
    """The script for one of the `SHELLS`."""
    return files("codexa_git.cli").joinpath("shells", f"completion.{shell}").read_text("utf-8")
