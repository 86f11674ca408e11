"""`reference/exit-status.md`: how commands end, from the families of errors."""

from codexa_git import errors
from codexa_git.cli.refusals import told
from codexa_git.errors import CodexaError, Exit
from docs.writers.text import code, fenced, first_sentence, page, table

MEANS = {
    Exit.YES: "Yes, or done. The only status that is a yes.",
    Exit.NO: "No: refused by the lifecycle, a gate or a guard, or a paper is malformed.",
    Exit.USAGE: "What was asked is not a question: an unknown option, a malformed change id.",
    Exit.NO_ANSWER: "No answer: git, a file or an agent failed, or it is undecided. Never to be"
    ' read as a yes, nor as "nothing found".',
    Exit.BUG: "A bug in codexa-git, with a traceback to report.",
    Exit.INTERRUPTED: "Interrupted, by Ctrl-C or by a no to a question.",
}
"""What each exit status says."""


def reference() -> str:
    """The page."""
    return page(
        "Exit statuses",
        "Every command ends in one of these, and what becomes of its output changes no answer: who"
        " reads may stop (`codexa-git verify | head`), and a no stays a no. A yes that could not be"
        " written, to a full disk or a closed stream, is no answer; but git itself opens"
        " `/dev/null` in place of a closed one, so `git codexa status >&-` ends as it would there,"
        " and `codexa-git status >&-` in 3.",
        table(("status", "name", "means"), [(str(int(e)), code(e.name), MEANS[e]) for e in Exit]),
        "## Errors",
        "An error is one lower-case sentence on standard error; then perhaps what there is to know"
        " of the case, a word and what it tells; then hints, each with one thing that can be done"
        " next, in the order in which one would try them.",
        fenced(told("a sentence", (("rule", "its name: what it asks"),), ("a command",))),
        "Which family an error is of decides the status.",
        table(
            ("family", "status", "what happened"),
            [(code(f.__name__), str(int(f.exit)), first_sentence(f)) for f in _families()],
        ),
    )


def _families() -> list[type[CodexaError]]:
    own = (thing for thing in vars(errors).values() if isinstance(thing, type))
    return [t for t in own if issubclass(t, CodexaError) and t is not CodexaError]
