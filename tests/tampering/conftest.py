"""Every forgery is tried twice: at the gates, and at `verify`, once it has been put on the base."""

from collections.abc import Iterator
from typing import Any

import pytest
from gate.realm import CHANGED, INCIDENT, OWNER, Realm
from gate.world import World
from sealing import sealed_environment
from tampering.history import History
from tampering.line import Line
from tampering.rich import Rich

from codexa_git.audit.words import RecordType
from codexa_git.errors import CodexaError
from codexa_git.gate.context import Context
from codexa_git.gate.governing import kind_of_act
from codexa_git.gate.lineage import Lineage
from codexa_git.gate.owners import Ruling
from codexa_git.gate.verdict import Verdict
from codexa_git.policy.rules import Policy
from codexa_git.repository.objects import Commit, Identity, Stamp
from codexa_git.verify.base import breaches
from codexa_git.verify.grounds import Step


@pytest.fixture(scope="session")
def line(world: World) -> Iterator[Line]:
    """The base that forged landings are put upon."""
    made = Line(world)
    with made.store:
        yield made


@pytest.fixture(scope="session")
def rich(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rich]:
    """One rich, valid history, made once, and a repository to forge it in."""
    folder = tmp_path_factory.mktemp("rich")
    with sealed_environment(folder / "home"), pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "0")  # the history turns this clock, and it is put back
        made = Rich(History(folder))
    with made.store:
        yield made


@pytest.fixture(autouse=True)
def _verified_too(monkeypatch: pytest.MonkeyPatch, line: Line) -> None:
    """Whatever the gates answer of a tree, `verify` answers of a landing that brings it."""
    judge = World.judge

    def judged(world: World, tree: str, **other: Any) -> Verdict:  # noqa: ANN401
        if other.keys() - {"policy"}:
            return judge(world, tree, **other)
        found = line.rules_under(other["policy"], tree) if other else line.rules(tree)
        try:
            verdict = judge(world, tree, **other)
        except CodexaError:
            assert found
            raise
        assert verdict.lands == (not found), found
        return verdict

    monkeypatch.setattr(World, "judge", judged)


@pytest.fixture(autouse=True)
def _ruled_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is ruled on an act, `verify` says of a commit of the base that brings it."""
    rule = Realm.judge

    def ruled(realm: Realm, tree: str, kind: RecordType = CHANGED, **other: Any) -> Ruling:  # noqa: ANN401
        ruling = rule(realm, tree, kind, **other)
        context: Context = other.get("context", realm.context)
        before = _on(realm, other.get("base", realm.base), realm.tip, context.not_before)
        commit = _on(realm, tree, before, context.at)
        policy: Policy = other.get("policy", realm.policy)
        lineage = Lineage(realm.store, realm.root, "main", before, policy)
        step = Step(realm.store, realm.root, "main", policy, before, commit)
        found = list(breaches(step, (), lineage.deed(before, commit)))
        if kind_of_act(realm.store, before.tree, tree) not in (kind, None):
            return ruling  # asked of it as of another act than it says it is
        if not ruling.yes:
            assert found
        elif kind is not INCIDENT:  # which names a commit of a line that is not walked here
            assert not found
        return ruling

    monkeypatch.setattr(Realm, "judge", ruled)


def _on(realm: Realm, tree: str, parent: Commit, at: int) -> Commit:
    stamp = Stamp(Identity(OWNER.name, OWNER.email), at)
    oid = realm.store.write_commit(tree, (parent.oid,), stamp, stamp, b"x\n")
    return realm.store.commit(oid)
