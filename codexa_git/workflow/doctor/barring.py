"""Owners who cannot sign any more: whether it has come to that, and when it will.

Keys end, and nothing stops them. Every act is judged by the policy that the owners signed last, so
where too few of them have a key left under it, there is no act that brings another.
"""

from collections.abc import Iterator

from codexa_git.gate.able import lapse, shortfall
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.doctor.checkup import Finding, note, problem
from codexa_git.workflow.owners.forewarning import told_of

NOTHING_LEFT = "the owners agree on a new trust root, and every clone pins it: git codexa root"


def owners(ground: Ground) -> Iterator[Finding]:
    """That the owners cannot sign any more, or from when on; nothing where they always can."""
    if not ground.enforces:
        return
    if why := shortfall(ground.policy, ground.at):
        yield problem("owners", f"they can sign nothing any more: {why}", NOTHING_LEFT)
    elif short := lapse(ground.policy, ground.at):
        yield note("owners", *told_of(ground.policy, short))
