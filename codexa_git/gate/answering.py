"""Which answer to a question or a concern counts; one that does not hides none that does."""

from codexa_git.audit.record import Record
from codexa_git.audit.words import RecordType
from codexa_git.change.state import Clarification, Concern
from codexa_git.gate.case import Case
from codexa_git.gate.judging import judged


def answer_of(case: Case, asked: Clarification | Concern) -> Record | None:
    """The last signed answer that counts, else the last that the tool gave; `None` without one."""
    given = [r for r in asked.answers if r.type is RecordType.CONCERN_CLOSED]
    signed = [r for r in asked.answers if r not in given and judged(case, r).counts]
    found = signed or given
    return found[-1] if found else None
