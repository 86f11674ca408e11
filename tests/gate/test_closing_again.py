"""Whatever comes after closing reopens Cleanup, and closing again mends it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import commit, git
from gate.world import OVERVIEW, PM, Builder, Keyring, World

from codexa_git.repository.store import Store
from codexa_git.workflow.decisions.approving import approve
from codexa_git.workflow.decisions.deciding import raise_concern, resolve
from codexa_git.workflow.decisions.unsaying import abandon
from codexa_git.workflow.moves.landing import land


@pytest.fixture
def builder(world: World, tmp_path: Path) -> Iterator[Builder]:
    """The closed change in a repository of the test's own, to go on with."""
    git(tmp_path, "clone", "-q", "--local", "-b", "change/CH-001", str(world.folder), "copy")
    copy = tmp_path / "copy"
    git(copy, "branch", "-q", "main", "origin/main")
    git(copy, "remote", "remove", "origin")
    git(copy, "config", "codexa.root", world.root)
    with Store.open(copy) as store:
        yield Builder.at(copy, Keyring.of(world.keys.folder, world.keys.public), store, 60)


def test_a_concern_after_closing_is_resolved_and_closed_over(builder: Builder) -> None:
    builder.do(lambda m: raise_concern(m, PM, "wait"))
    assert not builder.moment().verdict().lands
    builder.do(lambda m: resolve(m, PM, builder.keys.by(PM.email), "CN-3", "seen to"))
    builder.until_blocked()
    assert builder.moment().verdict().lands
    assert land(builder.moment(), PM).verdict.lands


def test_a_paper_edited_after_closing_is_approved_and_closed_over(builder: Builder) -> None:
    commit(builder.folder, {OVERVIEW: "- it says totals in plain words\n"}, "say it better")
    builder.until_blocked()
    builder.do(lambda m: approve(m, PM, builder.keys.by(PM.email)))
    builder.until_blocked()
    moment = builder.moment()
    assert moment.verdict().lands
    page = moment.store.read(moment.tip.tree, "docs/PROJECT_OVERVIEW.md") or b""
    assert b"plain words" in page


def test_text_of_a_page_outside_the_block_is_approved_without_it(
    world: World, tmp_path: Path
) -> None:
    """Closing writes a block into a page whose text was approved: the approval still stands."""
    builder = Builder(tmp_path / "fresh", Keyring.of(world.keys.folder, world.keys.public))
    builder.open()
    builder.until_blocked()
    builder.approve()
    builder.until_blocked()
    edited = "# Overview\n\nOne, or more.\n\nTwo.\n"
    commit(builder.folder, {"docs/PROJECT_OVERVIEW.md": edited}, "say more")
    builder.until_blocked()
    builder.approve()
    builder.until_blocked()
    builder.approve()
    builder.until_blocked()
    moment = builder.moment()
    assert moment.verdict().lands
    page = moment.store.read(moment.tip.tree, "docs/PROJECT_OVERVIEW.md") or b""
    assert page.startswith(edited.encode())
    assert b"codexa:begin CH-001" in page
    builder.store.close()


def test_nothing_is_closed_over_an_end(builder: Builder) -> None:
    builder.do(lambda m: abandon(m, PM, builder.keys.by(PM.email), "no longer wanted"))
    verdict = builder.moment().verdict()
    assert not verdict.lands
    assert [ask.name for ask in verdict.unmet if "abandoned" in ask.answer.now] == ["not-abandoned"]
