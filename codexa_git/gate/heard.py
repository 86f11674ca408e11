"""Which signed words may be told as their actors': those that a key of the actor's signed.

Whether a word counts is another question: one that was withdrawn since, or given in another round,
was said all the same.
"""

from codexa_git.audit.record import Record
from codexa_git.audit.schema import KINDS
from codexa_git.gate.against import doubt_of
from codexa_git.gate.case import Case
from codexa_git.gate.context import Context
from codexa_git.gate.judging import judged
from codexa_git.policy.rules import Policy
from codexa_git.repository.store import Store


def not_theirs(case: Case, record: Record) -> str | None:
    """Why this is not to be told as its actor's word; `None`: it is, or needs no signature."""
    if not KINDS[record.type].signed or judged(case, record).counts:
        return None  # what counts, a key of its actor's signed, in their name
    return case.once(
        ("not theirs", id(record)),
        lambda: (record, _not_theirs(case.store, case.policy, case.context, record)),
    )[1]


def left_out(case: Case) -> frozenset[str]:
    """The ids of the records of a case that its pages do not tell."""
    return frozenset(r.id for r in case.state.records if not_theirs(case, r) is not None)


def live_report_of(case: Case) -> bytes | None:
    """The live copy of the QA report as it has to be; `None` where there is nothing to tell."""
    return case.once(("live report",), lambda: _live_report(case))


def _live_report(case: Case) -> bytes | None:
    content = case.read(case.places.results)
    if content is None:
        return None
    from codexa_git.change.quality import live_report  # noqa: PLC0415

    return live_report(case.state, content, case.places.results, left_out(case))


def unheard(
    store: Store, policy: Policy, context: Context, records: tuple[Record, ...]
) -> frozenset[str]:
    """The same of these records, whatever tree they are in."""
    return frozenset(r.id for r in records if _not_theirs(store, policy, context, r) is not None)


def _not_theirs(store: Store, policy: Policy, context: Context, record: Record) -> str | None:
    if not KINDS[record.type].signed:
        return None
    if record.data["root"] not in (None, context.root):
        return "signed under another trust root"
    return doubt_of(store, policy, context, record)
