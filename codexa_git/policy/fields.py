"""What one value of `codexa.toml` may be: each of these gives it back, or says what is wrong.

Every one raises `ValueError` with a sentence for people. The model and the reader that does
without it (`plain`) both ask these, so that they cannot differ in them.
"""

from codexa_git.audit.ids import is_milestone_id
from codexa_git.audit.printable import is_line
from codexa_git.audit.words import AgentRole
from codexa_git.policy.globs import glob_mistake
from codexa_git.policy.signers import is_principal

_AGENTS = tuple(str(role) for role in AgentRole)
_SMALL = "abcdefghijklmnopqrstuvwxyz"
_DIGITS = "0123456789"
_LETTERS = _SMALL + _SMALL.upper()
_LEADS_ELSEWHERE = ("GIT_", "CODEXA_", "LD_", "DYLD_", "SSH_", "PYTHON", "NODE_")
_LEADING = frozenset(
    {
        *("VIRTUAL_ENV", "CONDA_PREFIX", "PATH", "HOME", "TMPDIR"),
        *("ENV", "BASH_ENV", "SHELLOPTS", "IFS"),
    }
)
_FOLDERS = "change codexa landed milestone refs policy bypass incident"
_OURS = tuple(f"{name}/" for name in _FOLDERS.split())


def _is_spelt(value: str, first: str, more: str, longest: int) -> bool:
    """True for one of the characters `first`, and then any of those or of `more`."""
    return 0 < len(value) <= longest and value[0] in first and not value.strip(first + more)


def role(value: str) -> str:
    """A role of people; an agent's is none."""
    if value in _AGENTS:
        raise ValueError(f"'{value}' is an agent's role, and agents never approve")
    if not _is_spelt(value, _SMALL, _DIGITS + "-", 40):
        raise ValueError(f"{value!a} is not a role: lower-case letters, digits and hyphens")
    return value


def email(value: str) -> str:
    """One literal address of a person."""
    if not is_principal(value):
        raise ValueError(f"{value!a} is not one literal e-mail address")
    if value.lower().endswith("@agents.invalid"):
        raise ValueError(f"'{value}' is an agent's address, and agents are not people")
    return value


def line(value: str) -> str:
    """One line of text."""
    if not is_line(value) or not value.strip() or len(value) > 200:
        raise ValueError(f"{value[:40]!a} is not one line of text")
    return value


def glob(value: str) -> str:
    """A path pattern."""
    if mistake := glob_mistake(value):
        raise ValueError(mistake)
    return value


def command(value: str) -> str:
    """A command line that can be taken apart into words."""
    if not is_line(value) or len(value) > 2000:
        raise ValueError(f"the command {value[:40]!a} is not one line")
    if not _first_word(value):
        raise ValueError("a command may not be empty")
    return value


def _first_word(value: str) -> str:
    if not any(mark in value for mark in "'\"\\"):
        return value.strip(" ")  # what is quoted nowhere needs no parser to be taken apart
    import shlex  # noqa: PLC0415

    try:
        return next(iter(shlex.split(value)), "")
    except ValueError as error:
        raise ValueError(f"the command {value!a} has an open quotation") from error


def relative(value: str) -> str:
    """A path within the repository."""
    parts = value.split("/")
    if (
        not is_line(value)
        or "\\" in value
        or any(part in ("", ".", "..", ".git") for part in parts)
    ):
        raise ValueError(f"{value!a} is not a path within the repository")
    return value


def variable(value: str) -> str:
    """The name of an environment variable."""
    if not _is_spelt(value, _LETTERS + "_", _DIGITS, 100):
        raise ValueError(f"{value!a} is not the name of an environment variable")
    return value


def passed(value: str) -> str:
    """The name of a variable that tests may get to see."""
    if variable(value) in _LEADING or value.startswith(_LEADS_ELSEWHERE):
        raise ValueError(f"'{value}' would lead tests out of their own environment")
    return value


def branch(value: str) -> str:
    """The name of a branch that can be the base."""
    parts = value.split("/")
    is_spelt = all(_is_spelt(part, _LETTERS + _DIGITS + "_", ".+-", len(part)) for part in parts)
    odd = ".." in value or any(part.endswith((".lock", ".")) for part in parts)
    if not is_spelt or odd or value == "HEAD" or value.startswith(_OURS):
        raise ValueError(f"{value!a} cannot be the base branch")
    return value


def word(value: str) -> str:
    """A short name."""
    if not _is_spelt(value, _SMALL + _DIGITS, "._-", 40):
        raise ValueError(f"{value!a} is not a name: lower-case letters, digits, dots and hyphens")
    return value


def milestone(value: str) -> str:
    """The id of a milestone."""
    if not is_milestone_id(value):
        raise ValueError(f"{value!a} is not a milestone; one looks like MS-01")
    return value


def mask(value: str) -> str:
    """A regular expression that hides what differs between runs."""
    import re  # noqa: PLC0415

    try:
        pattern = re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"the mask {value[:40]!a} is not a regular expression: {error}") from error
    if len(value) > 300 or pattern.match("") or not is_line(value):
        raise ValueError(f"the mask {value[:40]!a} is too long, or matches where there is nothing")
    return value
