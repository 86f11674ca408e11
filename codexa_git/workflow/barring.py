"""Owners who cannot sign any more: whether it has come to that, when it will, and what is left.

Keys end, and nothing stops them. Where too few owners have one left, no act under the policy of now
can be signed. An incident is judged by the policy before the earliest commit that it names, so what
brought the end can be named and put back, as long as that policy's owners still have keys.
"""

from collections.abc import Iterator

from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import CodexaError
from codexa_git.gate.able import are_able, lapse, shortfall
from codexa_git.gate.lineage import traced
from codexa_git.workflow.checkup import Finding, note, problem
from codexa_git.workflow.foreseeing import told_of
from codexa_git.workflow.ground import Ground
from codexa_git.workflow.tracing import back

_NOTHING_LEFT = "the owners agree on a new trust root, and every clone pins it: git codexa root"


def owners(ground: Ground) -> Iterator[Finding]:
    """That the owners cannot sign any more, or from when on; nothing where they always can."""
    if not ground.enforces:
        return
    why = shortfall(ground.policy, ground.at)
    if why is not None:
        yield problem("owners", f"they can sign nothing any more: {why}", *ways_back(ground))
        return
    short = lapse(ground.policy, ground.at)
    if short is not None:
        yield note("owners", *told_of(ground.policy, short))


def ways_back(ground: Ground) -> tuple[str, ...]:
    """What the owners of an earlier policy type to put it back; else what is left to everybody."""
    try:
        _, lineage = traced(ground.store, ground.branch, ground.tip, ground.cache / "policy")
    except CodexaError:
        return (_NOTHING_LEFT,)
    named: list[str] = []
    for commit in ground.store.line_touching(ground.tip.oid, (POLICY, SIGNERS)):
        named.append(commit.oid)
        policy = lineage.policy_before(named)
        if policy is None:
            break
        if are_able(policy, ground.at):
            return back(ground.branch, commit.parents[0], named)
    return (_NOTHING_LEFT,)
