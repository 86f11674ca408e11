"""The policy of a base, traced to the root that this clone trusts."""

import pytest
from gate.realm import OTHER_ROOT, Realm
from gate.world import BEGAN, DEV

from codexa_git.errors import RefusedError
from codexa_git.repository.objects import Commit, Identity, Stamp
from codexa_git.workflow.base.ground import Ground, stand
from codexa_git.workflow.base.tracing import require_signed_policy, unsigned_policy

CI = {".github/workflows/ci.yml": b"on: push\n"}


def ground(realm: Realm) -> Ground:
    return stand(realm.store, BEGAN + 600)


def on_top(realm: Realm, tree: str, parent: Commit | None = None) -> Commit:
    """A commit of the base with this tree."""
    stamp = Stamp(Identity(DEV.name, DEV.email), realm.context.at)
    parents = ((parent or realm.tip).oid,)
    return realm.store.commit(realm.store.write_commit(tree, parents, stamp, stamp, b"x\n"))


def test_a_signed_line_has_nothing_unsigned(realm: Realm) -> None:
    text = realm.policy_text("[owner]\ncount = 1", "[owner]\ncount = 2")
    tip = on_top(realm, realm.act({"codexa.toml": text}))
    assert unsigned_policy(ground(realm)) == ()
    assert unsigned_policy(ground(realm)._replace(tip=tip)) == ()


def test_a_line_that_begins_at_another_root_is_refused(realm: Realm) -> None:
    with pytest.raises(RefusedError, match="does not begin at the trust root of this clone"):
        require_signed_policy(ground(realm)._replace(root=OTHER_ROOT))


def test_other_guarded_paths_are_for_whoever_verifies(realm: Realm) -> None:
    tip = on_top(realm, realm.edited(CI))
    assert unsigned_policy(ground(realm)._replace(tip=tip)) == ()


def test_one_byte_more_than_was_signed_is_unsigned(realm: Realm) -> None:
    text = realm.policy_text("[owner]\ncount = 1", "[owner]\ncount = 2")
    tree = realm.act({"codexa.toml": text})
    tip = on_top(realm, realm.edited({"codexa.toml": text + b"\n"}, tree))
    assert unsigned_policy(ground(realm)._replace(tip=tip)) == (tip,)
    with pytest.raises(RefusedError, match="without the owners' signatures"):
        require_signed_policy(ground(realm)._replace(tip=tip))


def test_what_is_undone_later_stays_unsigned(realm: Realm) -> None:
    bad = on_top(realm, realm.edited({"codexa.toml": b"nonsense ["}))
    tip = on_top(realm, realm.base, bad)
    assert unsigned_policy(ground(realm)._replace(tip=tip)) == (bad, tip)
