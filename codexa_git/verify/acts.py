"""What owners do on the base, each act under its rules: policy, bypass, incident, sweep."""

from collections.abc import Iterator, Sequence

from codexa_git.errors import CodexaError
from codexa_git.gate.lineage import Deed
from codexa_git.policy.compiled import LEAVING, POLICY, load_policy
from codexa_git.policy.rules import has_demo_people, is_guarded
from codexa_git.policy.signers import PATH as SIGNERS
from codexa_git.repository.objects import Difference
from codexa_git.values import TYPE_CHECKING
from codexa_git.verify.findings import Breach
from codexa_git.verify.grounds import Policies, Step

if TYPE_CHECKING:
    from codexa_git.gate.answers import Ask

MOST_PATHS = 20
"""So many paths of one commit are named."""

AS_SIGNED = "its owners sign what changes there: git codexa policy sign"
"""The way on of what only owners change, while it can still be left out."""

RULES = {
    "records-appended": "P11",
    "guarded-only": "P9",
    "restored-only": "P9",
    "product-only": "P15",
    "as-signed": "P12",
    "owners-signed": "P13",
    "policy-holds": "P14",
    "commits-named": "P16",
    "commits-placed": "P16",
    "policy-restored": "P16",
    "policy-standing": "P17",
    "only-retention": "P18",
    "policy-lets-go": "P18",
}
"""The rule that each question about an act asks."""


def unsigned(paths: Sequence[str], differences: Sequence[Difference]) -> Iterator[Breach]:
    """P9: guarded paths and the repository's own records change only as the owners signed."""
    is_gone = any(each.path == POLICY and each.new is None for each in differences)
    hint = LEAVING if is_gone else AS_SIGNED
    for path in paths[:MOST_PATHS]:
        told = f"{path} changed, and no signature of the owners says so"
        yield Breach("P9", told, path, hint=hint)
    if len(paths) > MOST_PATHS:
        yield Breach("P9", f"{len(paths) - MOST_PATHS} more guarded paths changed with them")


def wrong_deed(deed: Deed) -> Iterator[Breach]:
    """P9, P11, P12, P13, P14, P15, P16, P17, P18: what of an act's questions has no yes."""
    for ask in deed.ruling.unmet:
        yield _as_answered(ask)
    yield from _people_of_the_demo(deed)


def _as_answered(ask: "Ask") -> Breach:
    answer = ask.answer
    where = answer.where[0] if answer.where else None
    told = f"{ask.name}: {answer.now}"
    return Breach(RULES[ask.name], told, where, None, answer.command, answer.met is None)


def _people_of_the_demo(deed: Deed) -> Iterator[Breach]:
    """P8: people whose keys anyone can make come to a base that had none of them."""
    act = deed.act
    try:
        policy = load_policy(act.store, act.tree, None)
    except CodexaError:
        return  # what cannot be read is told of under the rule that it breaks
    if policy is not None and has_demo_people(policy) and not has_demo_people(act.policy):
        yield Breach("P8", "the policy would name people of demo.invalid", POLICY)


def unusable(policies: Policies, step: Step, differences: Sequence[Difference]) -> Iterator[Breach]:
    """What the commit leaves in the place of a policy, where that is none (P2 to P5)."""
    if any(difference.path in (POLICY, SIGNERS) for difference in differences):
        left = policies.of(step.commit.tree)
        if isinstance(left, Breach):
            yield left


def guarded(step: Step, differences: Sequence[Difference], logs: frozenset[str]) -> list[str]:
    """The paths that only owners change: those that policy guards, and their own records."""
    paths = [difference.path for difference in differences]
    return [path for path in paths if path in logs or is_guarded(step.policy, path)]
