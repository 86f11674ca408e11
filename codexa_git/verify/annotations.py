"""Findings as the commands that a GitHub workflow prints to annotate files."""

from codexa_git.change.text import visible
from codexa_git.verify.findings import Finding


def annotation(finding: Finding, *, refuses: bool = True) -> str:
    """One line, which no name, path or sentence in it can end or turn into another command.

    Where nothing `refuses` what was found, it is a notice and no error.
    """
    breach = finding.breach
    level = ("warning" if breach.undecided else "error") if refuses else "notice"
    properties = {
        "file": breach.path,
        "line": None if breach.line is None else str(breach.line),
        "title": f"{breach.rule} at {finding.commit[:12]}",
    }
    told = ",".join(f"{name}={_property(v)}" for name, v in properties.items() if v is not None)
    hint = f" ({breach.hint})" if breach.hint else ""
    return f"::{level} {told}::{_data(f'{breach.says}{hint}')}"


def plain_annotation(text: str, *, refuses: bool = True) -> str:
    """An error that is about no file: why there is no answer. A notice where nothing `refuses`."""
    return f"::{'error' if refuses else 'notice'} title=codexa-git::{_data(text)}"


def _data(text: str) -> str:
    return visible(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
