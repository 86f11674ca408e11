"""A remote of another name, a base that follows a branch of another name, or no base here."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from builders import git
from scenarios.clone import BRIEF, At, Clone, Shelf, recipes
from scenarios.several import ENOUGH
from scenarios.webhook import Webhook, webhook

MILESTONE = "\n[milestone.MS-01]\nstart = 2025-12-24\n"
NOTIFY = '\n[notify.build-status]\nurl_from = "BUILD_STATUS"\nevents = ["digest"]\n'


def _no_base_here(folder: Path) -> str:
    git(folder, "clone", "-q", "-o", "hub", "-b", "topic", "bare.git", "seat")
    assert git(folder / "seat", "branch", "--list", "main") == ""
    return "main"


def _another_name_there(folder: Path) -> str:
    git(folder / "bare.git", "branch", "-m", "main", "trunk")
    git(folder, "clone", "-q", "-o", "my/hub", "-b", "trunk", "bare.git", "seat")
    git(folder / "seat", "branch", "-m", "trunk", "main")
    return "trunk"


SEATS = {"no base here": _no_base_here, "another name there": _another_name_there}


class Place(NamedTuple):
    """A clone, its remote, and what the base is called there."""

    clone: Clone
    bare: Path
    base: str

    def there(self, name: str) -> str:
        """The commit that the remote has at a name."""
        return git(self.bare, "rev-parse", "--verify", f"{name}^{{commit}}")

    def subject(self) -> str:
        """What the last commit of the remote's base says of itself."""
        return git(self.bare, "log", "-1", "--format=%s", self.base)


Placed = Callable[..., Place]


@pytest.fixture(params=SEATS)
def placed(at: At, tmp_path: Path, shelf: Shelf, request: pytest.FixtureRequest) -> Placed:
    """A clone in one of these ways of a repository whose policy says this, too, and enforces."""

    def place(more: str = "", *, enforce: bool = True) -> Place:
        first = at("adopted")
        first.commit({"codexa.toml": first.read("codexa.toml") + f"\n{more}"}, "say more")
        if enforce:
            first.did("enforce", "--demo", "--yes")
        git(tmp_path, "init", "-q", "--bare", "-b", "main", "bare.git")
        first.git("push", "-q", str(tmp_path / "bare.git"), "main", "main:topic")
        base = SEATS[request.param](tmp_path)
        clone = Clone(tmp_path / "seat").set_up("Demo PM", "pm@demo.invalid", shelf.pm)
        shutil.copytree(first.folder / ".git/codexa", clone.folder / ".git/codexa")
        return Place(clone, tmp_path / "bare.git", base)

    return place


@pytest.fixture
def hook() -> Iterator[Webhook]:
    pytest.importorskip("apprise")
    with webhook() as found:
        yield found


def test_what_is_committed_on_the_base_is_on_its_remote(placed: Placed) -> None:
    place = placed()
    place.clone.did("backlog", "add", "sing")
    assert place.subject() == "codexa: backlog: BL-001 sing, priority 1"
    assert "BL-001" in place.clone.did("backlog", "list")


def test_a_root_is_made_on_the_remote(placed: Placed) -> None:
    place = placed(enforce=False)
    place.clone.did("enforce", "--demo", "--yes")
    assert place.subject() == "codexa: enforce, trust root signed by Demo PM"


def test_what_waits_for_a_second_owner_is_found_on_the_remote(placed: Placed, shelf: Shelf) -> None:
    place = placed(enforce=False)
    clone, key = place.clone, f"{shelf.dev}.pub"
    person = ("Demo Dev", "dev@demo.invalid", "--role", "owner")
    clone.did("people", "add", *person, "--key", key)
    clone.git("switch", "-q", "--detach", place.there(place.base))
    policy = clone.read("codexa.toml").replace("[owner]\ncount = 1", "[owner]\ncount = 2")
    clone.commit({"codexa.toml": policy}, "two owners sign")
    clone.git("push", "-q", str(place.bare), f"HEAD:refs/heads/{place.base}")
    clone.git("fetch", "-q")
    assert "1 of 2 owners signed" in clone.did("enforce", "--demo", "--yes")
    assert place.there("policy/enforce") == clone.tip("policy/enforce")
    clone.git("branch", "-q", "-D", "policy/enforce")
    clone.set_up("Demo Dev", "dev@demo.invalid", shelf.dev)
    clone.git("fetch", "-q")
    clone.did("enforce", "--demo", "--yes")
    assert place.subject() == "codexa: enforce, trust root signed by Demo PM and Demo Dev"


def test_a_change_claims_its_number_where_the_base_is(placed: Placed) -> None:
    place = placed()
    place.clone.did("open", "Another", *ENOUGH)
    assert place.there("change/CH-001") == place.clone.tip("change/CH-001")


def test_a_change_lands_on_the_remote_and_so_does_the_tag_of_its_milestone(placed: Placed) -> None:
    place = placed(MILESTONE)
    clone = place.clone
    clone.did("open", "Shouting", "--milestone", "MS-01")
    papers = {"changes/CH-001/brief.md": BRIEF, "changes/CH-001/recipes.toml": recipes()}
    clone.commit(papers, "say what and how")
    for _ in range(3):
        clone.until()
        clone.did("approve")
    clone.until()
    clone.did("land")
    assert place.subject() == "Merge CH-001: Shouting"
    assert place.there("milestone/MS-01") == place.there(place.base)


# What apprise imports on its own account is not ours to mend.
@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_a_digest_is_remembered_where_the_base_is(
    placed: Placed, hook: Webhook, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = placed(NOTIFY)
    monkeypatch.setenv("BUILD_STATUS", f"json://{hook.host}/x")
    assert place.clone.did("digest", "--notify") == "sent to build-status\n"
    assert "refs/codexa/digest/" in git(place.bare, "for-each-ref")


def test_doctor_names_the_remote(placed: Placed) -> None:
    place = placed()
    remote = place.clone.git("remote")
    assert f"{remote} takes every push" in place.clone.codexa("doctor").out
