"""What a bypass may bring: product, and nothing that says what the owners or a change decided."""

from codexa_git.audit.ids import is_change_id
from codexa_git.change.paths import Kind, folded, kind_of
from codexa_git.gate.sharing import SHARED, damage, in_the_way, spoilt
from codexa_git.policy.rules import Policy, is_guarded
from codexa_git.repository.objects import Difference, Mode
from codexa_git.repository.store import Store


def no_product(
    store: Store, policy: Policy, trees: tuple[str, str], difference: Difference
) -> str | None:
    """Why what changes here, between these two trees, is more than product, in a clause.

    File systems may fold letter case, so a folder of records is one in any case.
    """
    path = difference.path
    if is_guarded(policy, path):
        return "is guarded: a policy commit changes it"
    if any(kind_of(name, "") is not Kind.PRODUCT for name in (path, folded(path))):
        return "lies where only changes write"
    if difference.new is not None and difference.new.mode == Mode.GITLINK:
        return "is a submodule"
    if placed := in_the_way(difference):
        return placed
    if path in SHARED:
        before, after = (store.read(tree, path) or b"" for tree in trees)
        return damage(before, after) or spoilt(before, after, is_change_id)
    return None
