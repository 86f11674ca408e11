"""The errors that codexa-git raises on purpose, and the exit status each family ends in.

An error is one lower-case sentence and, where there is a way on, a hint that names it.
Wrong use by a programmer is `RuntimeError` or `AssertionError` and never one of these.
"""

from enum import IntEnum


class Exit(IntEnum):
    """The exit statuses of every command (reference/exit-status)."""

    YES = 0
    NO = 1
    USAGE = 2
    NO_ANSWER = 3
    BUG = 70
    INTERRUPTED = 130


class CodexaError(Exception):
    """The base of all errors: a sentence for a person, perhaps a hint, and an exit status.

    `details` say more of the case, each a word and what it tells (`rule`, `now`, `also`); `hints`
    may be several, each one thing a person can do next, in the order they would try them.
    """

    exit: Exit = Exit.NO_ANSWER

    def __init__(
        self,
        message: str,
        *,
        hint: str | tuple[str, ...] | None = None,
        details: tuple[tuple[str, str], ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        self.hints: tuple[str, ...] = (hint,) if isinstance(hint, str) else (hint or ())


def rule_of(number: str) -> tuple[str, str]:
    """Where a rule stands, as the details of a refusal say it: in no repository but this one."""
    return "rule", f"{number} of codexa-git's docs/specification.md"


class RefusedError(CodexaError):
    """The lifecycle, a gate or a guard says no."""

    exit = Exit.NO


class UsageError(CodexaError):
    """What was asked is not a question: a malformed id, an impossible combination."""

    exit = Exit.USAGE


class PaperError(CodexaError):
    """A paper that people write (brief, tasks, policy) is malformed, at a file and a line."""

    exit = Exit.NO

    def __init__(
        self, path: str, line: int | None, message: str, *, hint: str | None = None
    ) -> None:
        place = path if line is None else f"{path}:{line}"
        super().__init__(f"{place}: {message}", hint=hint)
        self.path = path
        self.line = line


class RecordError(CodexaError):
    """A stored record is not of the specified form, or of a format this version does not know."""


class TooLargeError(PaperError, RecordError):
    """A file, whatever it was to be, is larger than anything that is read here as a whole."""

    def __init__(self, path: str, most: int = 64, *, hint: str | None = None) -> None:
        super().__init__(path, None, f"larger than {most} MiB, and is not read", hint=hint)


class PolicyError(CodexaError):
    """The policy is missing or cannot be read, so no gate can answer."""


class RepositoryError(CodexaError):
    """Git could not do it, an object is missing, or a ref moved under us."""


class MalformedError(RepositoryError):
    """A tree that is all there, held against its id, is not of the form that git writes it in."""


class SignatureError(CodexaError):
    """A signature could not be made, or could not be judged (a wrong one is a no, not an error)."""


class AgentError(CodexaError):
    """An agent or a command could not be run at all (one that fails is a result, not an error)."""
