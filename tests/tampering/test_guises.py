"""A spoilt base that hides what is wrong: behind what git shows, settings, places, names."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import Clone
from tampering.forged_bases import a_product_that_came_by_itself
from tampering.rich import MAIN, Forged, Rich


class Spoilt:
    """A clone of the rich history, upon which somebody put one commit too many."""

    def __init__(self, rich: Rich, folder: Path) -> None:
        self.rich = rich
        self.forged: Forged = a_product_that_came_by_itself(rich)
        git(rich.bare, "update-ref", MAIN, self.forged.tip)
        git(folder, "clone", "-q", f"file://{rich.bare}", "spoilt")
        self.clone = Clone(folder / "spoilt")

    def told(self, clone: Clone | None = None) -> set[tuple[str, str]]:
        """The rules that `verify` finds broken there, each with its commit."""
        answer = (clone or self.clone).codexa("verify", "--root", self.rich.root, "--json")
        assert answer.status == 1, answer
        found = json.loads(answer.out)["findings"]
        known = self.rich.history.marks["spoilt"]
        return {(f["rule"], f["commit"]) for f in found if f["commit"] != known}

    @property
    def wanted(self) -> set[tuple[str, str]]:
        return {("L13", self.forged.bad)}


@pytest.fixture
def spoilt(rich: Rich, tmp_path: Path) -> Spoilt:
    return Spoilt(rich, tmp_path)


def test_it_is_found(spoilt: Spoilt) -> None:
    assert spoilt.told() == spoilt.wanted


def replaced(spoilt: Spoilt, _: pytest.MonkeyPatch) -> None:
    """Git shows the commit before in the place of the bad one."""
    spoilt.clone.git("replace", spoilt.forged.bad, spoilt.forged.old or "")


def replaced_by_name(spoilt: Spoilt, patch: pytest.MonkeyPatch) -> None:
    """The same in a family of refs that an environment may name."""
    ref = f"refs/evil/{spoilt.forged.bad}"
    spoilt.clone.git("update-ref", ref, spoilt.forged.old or "")
    patch.setenv("GIT_REPLACE_REF_BASE", "refs/evil/")


def told_to_look_elsewhere(_: Spoilt, patch: pytest.MonkeyPatch) -> None:
    """Variables name another repository, another index, other objects."""
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY"):
        patch.setenv(name, "/nowhere")
    for name in ("GIT_NAMESPACE", "GIT_SHALLOW_FILE", "GIT_LITERAL_PATHSPECS"):
        patch.setenv(name, "1")


def set_up_to_lie(spoilt: Spoilt, _: pytest.MonkeyPatch) -> None:
    """Settings and attributes that change what git shows of differences."""
    settings = {
        "diff.orderFile": "/nowhere",
        "diff.ignoreSubmodules": "all",
        "diff.renames": "copies",
        "diff.external": "false",
        "diff.noprefix": "true",
        "log.showRoot": "false",
        "core.quotePath": "false",
        "core.commentChar": "#",
        "log.diffMerges": "off",
        "submodule.recurse": "true",
        "i18n.logOutputEncoding": "UTF-16",
        "alias.log": "!false",
        "alias.cat-file": "!false",
        "core.fsmonitor": "false",
    }
    for key, value in settings.items():
        spoilt.clone.git("config", key, value)
    attributes = spoilt.clone.folder / ".git" / "info" / "attributes"
    attributes.parent.mkdir(exist_ok=True)
    attributes.write_text("* -diff -text filter=evil diff=evil\n")


def in_another_place_of_the_world(_: Spoilt, patch: pytest.MonkeyPatch) -> None:
    for name, value in (("LC_ALL", "tr_TR.UTF-8"), ("LANGUAGE", "tr"), ("TZ", "Pacific/Chatham")):
        patch.setenv(name, value)


def with_names_that_pose(spoilt: Spoilt, _: pytest.MonkeyPatch) -> None:
    """Other refs are called as the base is, and lead to the commit before."""
    before = spoilt.forged.old or ""
    for ref in ("refs/tags/main", "refs/heads/heads/main", "refs/heads/refs/heads/main"):
        spoilt.clone.git("update-ref", ref, before)
    spoilt.clone.git("update-ref", "refs/main", before)


def beneath_another_name(spoilt: Spoilt, _: pytest.MonkeyPatch) -> None:
    """The base is only an alias of another branch."""
    spoilt.clone.git("branch", "-q", "trunk", "main")
    spoilt.clone.git("switch", "-q", "--detach")
    spoilt.clone.git("symbolic-ref", "refs/heads/main", "refs/heads/trunk")


def with_a_graph_that_was_kept(spoilt: Spoilt, _: pytest.MonkeyPatch) -> None:
    spoilt.clone.git("commit-graph", "write", "--reachable")
    spoilt.clone.git("repack", "-q", "-a", "-d", "--write-bitmap-index")


GUISES: dict[str, Callable[[Spoilt, pytest.MonkeyPatch], None]] = {
    made.__name__.replace("_", " "): made
    for made in (
        replaced,
        replaced_by_name,
        told_to_look_elsewhere,
        set_up_to_lie,
        in_another_place_of_the_world,
        with_names_that_pose,
        beneath_another_name,
        with_a_graph_that_was_kept,
    )
}


@pytest.mark.parametrize("name", GUISES)
def test_it_is_found_all_the_same(
    spoilt: Spoilt, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    GUISES[name](spoilt, monkeypatch)
    assert spoilt.told() == spoilt.wanted


def test_objects_in_another_repository_are_judged_like_ones_own(
    spoilt: Spoilt, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", "--shared", str(spoilt.clone.folder), "borrowing")
    borrowing = Clone(tmp_path / "borrowing")
    assert (borrowing.folder / ".git" / "objects" / "info" / "alternates").is_file()
    assert spoilt.told(borrowing) == spoilt.wanted


def test_an_object_that_is_not_what_its_name_says_is_no_answer(spoilt: Spoilt) -> None:
    clone = spoilt.clone
    objects = clone.folder / ".git" / "objects"
    judged, other = (
        clone.git("rev-parse", f"main:audit/{name}/commands.jsonl") for name in ("CH-001", "CH-003")
    )
    for pack in (objects / "pack").glob("*.pack"):
        kept = pack.read_bytes()
        for file in pack.parent.glob(f"{pack.stem}.*"):
            file.unlink()
        git(clone.folder, "unpack-objects", "-q", input=kept)
    place = objects / judged[:2] / judged[2:]
    place.chmod(0o600)
    place.write_bytes((objects / other[:2] / other[2:]).read_bytes())
    found = json.loads(clone.codexa("verify", "--root", spoilt.rich.root, "--json").out)["findings"]
    undecided = {f["commit"]: f["rule"] for f in found if f["undecided"]}
    assert undecided[spoilt.rich.history.marks["merge"]] == "L4"


def shallow(spoilt: Spoilt) -> Clone:
    url = f"file://{spoilt.rich.bare}"
    git(spoilt.clone.folder.parent, "clone", "-q", "--depth", "3", url, "shallow")
    return Clone(spoilt.clone.folder.parent / "shallow")


def partial(spoilt: Spoilt) -> Clone:
    git(spoilt.rich.bare, "config", "uploadpack.allowFilter", "true")
    url = f"file://{spoilt.rich.bare}"
    git(spoilt.clone.folder.parent, "clone", "-q", "--filter=blob:none", "-n", url, "partial")
    return Clone(spoilt.clone.folder.parent / "partial")


def grafted(spoilt: Spoilt) -> Clone:
    """The bad commit's parent is said to be the root, so that what is between was never there."""
    place = spoilt.clone.folder / ".git" / "info" / "grafts"
    place.parent.mkdir(exist_ok=True)
    place.write_text(f"{spoilt.forged.bad} {spoilt.rich.history.marks['root']}\n")
    return spoilt.clone


@pytest.mark.parametrize("hide", [shallow, partial, grafted])
def test_a_clone_that_cannot_show_all_of_history_is_no_answer(
    spoilt: Spoilt, hide: Callable[[Spoilt], Clone]
) -> None:
    answer = hide(spoilt).codexa("verify", "--root", spoilt.rich.root)
    assert answer.status == 3, answer
    assert "undecided" in answer.err
