"""What an act may do where it stands in a base's lineage: an incident puts back, and no more.

What is new of policy is signed as a policy commit. While policy stands that nobody signed, that is
named and put back first: else one whom new policy takes out could name it, and bring policy of
before back.
"""

from typing import TYPE_CHECKING

from codexa_git.audit.words import ACT_LOG, RecordType
from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.gate.answers import Answer, Ask, no, yes
from codexa_git.policy.compiled import policy_files

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codexa_git.policy.compiled import PolicyFiles
    from codexa_git.repository.objects import Entry
    from codexa_git.repository.store import Store

    Missing = Callable[[Sequence[str]], Sequence[str]]

_PLACED = "the commits that are named have come to this base, after its root"
_BACK = "an incident changes nothing but what it names, back to what it was"
_STANDS = "policy files change anew only once what nobody signed is named, and put back"


class Restoring:
    """An act that makes `after` of `before`.

    `files` are the policy files that the owners signed last; `unsigned` are the ids of the changes
    of policy since that nobody signed or named.
    """

    def __init__(
        self,
        store: "Store",
        files: "PolicyFiles",
        unsigned: frozenset[str],
        before: str,
        after: str,
    ) -> None:
        self._store = store
        self._signed = dict(zip((POLICY, SIGNERS), files, strict=True))
        self._unsigned = unsigned
        self._before = before
        self._after = after

    def asks(
        self, kind: RecordType, commits: "Sequence[str]", missing: "Missing"
    ) -> tuple[Ask, ...]:
        """What is asked of an act of this kind, which names these commits, beside its content.

        `missing` tells those of them that never came to the base; asked only of an incident.
        """
        if kind is RecordType.INCIDENT_DECLARED:
            if missing(commits):
                lost = no("one of those named is no commit of this base")
                return (Ask("commits-placed", None, _PLACED, lost),)
            placed = Ask("commits-placed", None, _PLACED, yes("they have"))
            return (placed, Ask("policy-restored", None, _BACK, self._put_back(commits)))
        if kind is RecordType.POLICY_CHANGED and self._unsigned:
            return (Ask("policy-standing", None, _STANDS, self._signed_last()),)
        return ()

    def _put_back(self, commits: "Sequence[str]") -> Answer:
        """Yes where each path is again what it was before one of these, policy as signed last."""
        if self._unsigned.intersection(commits) and not self._is_back():
            return no("it leaves a policy that the owners did not sign", where=(POLICY,))
        for difference in self._store.difference(self._before, self._after):
            path, new = difference.path, difference.new
            if path in (POLICY, SIGNERS, ACT_LOG):
                continue
            if all(self._entry_before(oid, path) != new for oid in commits):
                return no(f"{path} is not as it was before what is named", where=(path,))
        return self._signed_last()

    def _is_back(self) -> bool:
        return policy_files(self._store, self._after) == tuple(self._signed.values())

    def _entry_before(self, oid: str, path: str) -> "Entry | None":
        store = self._store
        return store.entry(store.tree_of(store.headed(oid).parents[0]), path)

    def _signed_last(self) -> Answer:
        """Yes where each policy file stays what it is, or is again the one that was signed last."""
        for path, entry in self._signed.items():
            old, new = (self._store.entry(tree, path) for tree in (self._before, self._after))
            if new not in (old, entry):
                return no(f"{path} is not the one that was signed last", where=(path,))
        return yes("nothing else")
