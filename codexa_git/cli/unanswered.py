"""Where there is no answer, in the form that was asked for: CI keeps a report, and it says why."""

from codexa_git.change.paths import POLICY
from codexa_git.cli.telling import as_json, say
from codexa_git.errors import CodexaError, Exit

FORMAT = 1


def no_answer(error: CodexaError, form: str, *, refuses: bool = True) -> None:
    """The document of this form is printed, with the reason; a person reads the error itself.

    Where the base only observes, nothing `refuses`, and no forge shows it as an error.
    """
    told = "; ".join((error.message, *error.hints))
    match form:
        case "json":
            as_json(_facts(error))
        case "sarif":
            from codexa_git.verify.sarif import sarif

            as_json(sarif((), complete=False, why=told))
        case "github":
            from codexa_git.verify.annotations import plain_annotation

            say(plain_annotation(told, refuses=refuses))
        case "gitlab":
            from codexa_git.verify.codequality import unanswered

            as_json(unanswered(told, _word(error), POLICY, refuses=refuses))
        case _:
            pass


def _word(error: CodexaError) -> str:
    return "no" if error.exit is Exit.NO else "undecided"


def _facts(error: CodexaError) -> dict[str, object]:
    return {
        "format": FORMAT,
        "answer": _word(error),
        "reason": error.message,
        "hints": list(error.hints),
        "findings": [],
    }
