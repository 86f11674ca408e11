"""What can be done about a finding: other things before its commit is on the base than after.

A breach is made with what mends it while it can still be left out: that is read by whoever pushes,
lands or checks. What stands on the base stays there, and `verify` says what its owners can do.
"""

from collections.abc import Sequence

from codexa_git.repository.objects import SHORTER
from codexa_git.verify.acts import RULES
from codexa_git.verify.base import AS_A_CHANGE
from codexa_git.verify.findings import Finding, Incident

ACTS = frozenset(RULES.values())
"""The rules that only owners can break, or mend."""


def _says_itself(rule: str) -> bool:
    """True for what is found beside the gates' answers, with a hint that asks for no gate."""
    return rule in ("L15", "P17") or rule.startswith("S")


def named_by_owners(commit: str) -> str:
    """What the owners type to say that a commit of the base should not be there."""
    return f"git codexa incident {commit[:12]} -m ..."


def as_it_stands(
    finding: Finding, incidents: Sequence[Incident] = (), again: str = "git codexa verify"
) -> Finding:
    """The finding with what can be done about it now that its commit is on the base.

    Nobody can approve, close or sign any more what has landed. What could not be decided keeps its
    way on, and so does what has one that holds in both places. What owners have named in one of
    these incidents is settled for whoever asks `again` and takes it so.
    """
    breach, change = finding.breach, finding.change
    if (known := next((one for one in incidents if finding.commit in one.names), None)) is not None:
        hint = f"the owners have named it; to take that as settled: {again} --accept {known.ids[0]}"
        return finding._replace(breach=breach._replace(hint=hint))
    named = named_by_owners(finding.commit)
    if breach.undecided and breach.hint != SHORTER:
        return finding
    if breach.hint == SHORTER or breach.rule in ACTS or breach.hint == AS_A_CHANGE:
        return finding._replace(breach=breach._replace(hint=named))
    if change is not None and breach.hint is not None and not _says_itself(breach.rule):
        hint = f"git codexa revert {change} takes it back; what its owners say of it: {named}"
        return finding._replace(breach=breach._replace(hint=hint))
    return finding
