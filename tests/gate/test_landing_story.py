"""Landing: judged from two trees, and refused where a record of the story has vanished."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from builders import git
from gate.world import BRANCH, CHANGE, DEV, PM, World

from codexa_git.audit.logger import log_path
from codexa_git.audit.record import Record, format_record
from codexa_git.audit.words import RecordType
from codexa_git.errors import RefusedError
from codexa_git.repository.objects import Commit, Entry, Mode, RefUpdate, Stamp
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import stand
from codexa_git.workflow.changes.moment import Moment, named
from codexa_git.workflow.moves.landing import judge_landing, land, vanished

REF = f"refs/heads/{BRANCH}"


@pytest.fixture
def store(world: World, tmp_path: Path) -> Iterator[Store]:
    """The closed change in a repository of the test's own."""
    place = tmp_path / "copy"
    shutil.copytree(world.folder, place)
    git(place, "switch", "-q", "--detach")
    with Store.open(place) as opened:
        yield opened


def moment(store: Store, world: World) -> Moment:
    return named(stand(store, world.context.at), CHANGE)


def put_on(store: Store, tree: str, ref: str = REF, *, parent: str | None = None) -> Commit:
    """The branch holds one more commit with this tree."""
    tip = store.commit(parent or store.ref(REF) or "")
    stamp = Stamp(tip.author.who, tip.committer.seconds + 1)
    made = store.commit(store.write_commit(tree, (tip.oid,), stamp, stamp, b"by hand\n"))
    store.move([RefUpdate(ref, made.oid, store.ref(ref))], "test")
    return made


def concern(world: World) -> Record:
    data: dict[str, Any] = {
        "text": "do not land this",
        "tests": [],
        "by": "person",
        "due": None,
    }
    return world.record(RecordType.CONCERN_RAISED, data, actor=DEV)


def with_concern(store: Store, world: World, tree: str) -> str:
    path = log_path(CHANGE, "concerns")
    content = (store.read(tree, path) or b"") + format_record(concern(world))
    return store.write_tree(tree, {path: Entry(Mode.FILE, store.write_blob(content))})


def test_the_closed_change_lands_as_a_merge_of_its_own_tree(store: Store, world: World) -> None:
    at = moment(store, world)
    assert vanished(at) == ()
    landed = land(at, PM)
    assert landed.verdict.lands
    assert landed.commit.tree == at.tip.tree
    assert landed.commit.parents == (at.ground.tip.oid, at.tip.oid)
    assert store.ref("refs/heads/main") == landed.commit.oid
    assert store.ref(f"refs/tags/landed/{CHANGE}") == landed.commit.oid


def test_the_landing_has_the_time_that_keys_were_judged_at(store: Store, world: World) -> None:
    """Whoever writes the branch chooses the tip's time, and must not choose when a key is valid."""
    tip = moment(store, world).tip
    late = Stamp(tip.author.who, 4_000_000_000)
    ahead = store.write_commit(tip.tree, (tip.oid,), late, late, b"from the future\n")
    store.move([RefUpdate(REF, ahead, tip.oid)], "test")
    at = moment(store, world)
    landed = land(at, PM)
    assert landed.commit.committer.seconds == at.case.context.at


def test_a_concern_that_is_dropped_again_is_missed(store: Store, world: World) -> None:
    closed = moment(store, world).tip
    put_on(store, with_concern(store, world, closed.tree))
    put_on(store, closed.tree)
    at = moment(store, world)
    assert judge_landing(at).lands
    assert [r.id for r in vanished(at)] == [concern(world).id]
    with pytest.raises(RefusedError, match="a record that was in its story is gone") as refused:
        land(at, PM)
    assert "concern.raised by Demo Dev" in refused.value.message
    assert store.ref("refs/heads/main") == at.ground.tip.oid


def test_a_withdrawal_that_is_dropped_again_is_missed(store: Store, world: World) -> None:
    closed = moment(store, world).tip
    approvals = [r.id for r in world.state.of(RecordType.APPROVAL_GRANTED)]
    data = {"approvals": approvals, "reason": "I was hasty"}
    back = world.decision(RecordType.APPROVAL_WITHDRAWN, data)
    path = log_path(CHANGE, "commands")
    content = (store.read(closed.tree, path) or b"") + format_record(back)
    blob = Entry(Mode.FILE, store.write_blob(content))
    put_on(store, store.write_tree(closed.tree, {path: blob}))
    assert not judge_landing(moment(store, world)).lands
    put_on(store, closed.tree)
    at = moment(store, world)
    assert judge_landing(at).lands
    with pytest.raises(RefusedError, match=r"approval\.withdrawn by Demo PM"):
        land(at, PM)


def test_a_record_whose_whole_folder_came_and_went_is_missed(store: Store, world: World) -> None:
    closed = moment(store, world).tip
    put_on(store, with_concern(store, world, closed.tree))
    put_on(store, world.base)
    put_on(store, closed.tree)
    assert [r.id for r in vanished(moment(store, world))] == [concern(world).id]


def test_a_record_that_only_a_merged_side_had_is_missed(store: Store, world: World) -> None:
    closed = moment(store, world).tip
    side = put_on(store, with_concern(store, world, closed.tree), "refs/heads/side")
    stamp = Stamp(closed.author.who, closed.committer.seconds + 5)
    merge = store.write_commit(closed.tree, (closed.oid, side.oid), stamp, stamp, b"evil merge\n")
    store.move([RefUpdate(REF, merge, closed.oid)], "test")
    assert [r.id for r in vanished(moment(store, world))] == [concern(world).id]


def test_a_record_that_a_remotes_branch_has_is_missed(store: Store, world: World) -> None:
    closed = moment(store, world).tip
    ref = f"refs/remotes/origin/{BRANCH}"
    put_on(store, with_concern(store, world, closed.tree), ref)
    at = moment(store, world)
    assert [r.id for r in vanished(at)] == [concern(world).id]
    with pytest.raises(RefusedError, match="gone"):
        land(at, PM)


def test_another_changes_branch_on_a_remote_says_nothing(store: Store, world: World) -> None:
    closed = moment(store, world).tip
    tree = with_concern(store, world, closed.tree)
    put_on(store, tree, "refs/remotes/origin/change/CH-0010")
    put_on(store, tree, "refs/remotes/origin/exchange/CH-001")
    assert vanished(moment(store, world)) == ()


def test_a_line_that_was_never_a_record_may_be_mended(store: Store, world: World) -> None:
    closed = moment(store, world).tip
    path = log_path(CHANGE, "concerns")
    blob = store.write_blob((store.read(closed.tree, path) or b"") + b"<<<<<<< ours\n")
    put_on(store, store.write_tree(closed.tree, {path: Entry(Mode.FILE, blob)}))
    put_on(store, closed.tree)
    assert vanished(moment(store, world)) == ()


def test_a_base_that_moved_asks_for_closing_again(store: Store, world: World) -> None:
    base = moment(store, world).ground.tip
    put_on(store, base.tree, "refs/heads/main", parent=base.oid)
    with pytest.raises(RefusedError, match="main has moved since CH-001 was closed"):
        land(moment(store, world), PM)


def test_a_forged_tree_is_refused_by_the_requirement_that_says_no(
    store: Store, world: World
) -> None:
    closed = moment(store, world).tip
    blob = store.write_blob(b"import os\n")
    put_on(store, store.write_tree(closed.tree, {"evil.py": Entry(Mode.FILE, blob)}))
    with pytest.raises(RefusedError, match="CH-001 cannot land: no results fit this tree"):
        land(moment(store, world), PM)
