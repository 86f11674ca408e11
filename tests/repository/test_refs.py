from pathlib import Path

import pytest
from builders import commit, git

from codexa_git.errors import RepositoryError
from codexa_git.repository.objects import RefUpdate
from codexa_git.repository.refs import is_ref_name
from codexa_git.repository.store import Store

MAIN = "refs/heads/main"


@pytest.fixture
def line(repository: Path) -> list[str]:
    return [git(repository, "rev-parse", "HEAD"), commit(repository, {"a": "1"}, "second")]


def test_head_stands_on_a_branch_or_a_commit_or_nothing(
    repository: Path, store: Store, line: list[str]
) -> None:
    assert store.head() == (MAIN, line[1])
    git(repository, "checkout", "-q", "--detach", line[0])
    assert store.head() == (None, line[0])
    git(repository, "checkout", "-q", "--orphan", "new")
    assert store.head() == ("refs/heads/new", None)


def test_refs_lead_to_commits_through_any_number_of_tags(
    repository: Path, store: Store, line: list[str]
) -> None:
    git(repository, "tag", "-a", "-m", "x", "one", line[0])
    git(repository, "-c", "advice.nestedTag=false", "tag", "-a", "-m", "x", "two", "one")
    git(repository, "tag", "blob", "HEAD:a")
    assert store.refs("refs/tags") == {"refs/tags/one": line[0], "refs/tags/two": line[0]}
    assert store.refs("refs/tags/") == store.refs("refs/tags")
    assert store.refs("refs") == store.refs("refs/tags") | {MAIN: line[1]}
    assert store.ref("refs/tags/two") == line[0]
    assert store.ref("refs/tags/blob") is None


def test_a_name_is_never_guessed(repository: Path, store: Store, line: list[str]) -> None:
    git(repository, "update-ref", "refs/tags/refs/heads/other", line[0])
    git(repository, "update-ref", "refs/heads/deep/er", line[0])
    assert store.ref("refs/heads/other") is None
    assert store.ref("refs/heads/deep") is None
    for name in ("main", "HEAD", "refs/heads/*", "refs/heads/ma?n", "--all", "refs/heads/x..y"):
        with pytest.raises(RepositoryError, match="not the full name of a ref"):
            store.ref(name)


def test_all_refs_move_in_one_transaction(store: Store, line: list[str]) -> None:
    first, second = line
    store.move(
        [
            RefUpdate(MAIN, first, second),
            RefUpdate("refs/heads/new", second, None),
            RefUpdate("refs/codexa/waiting/CH-001", first, None),
        ],
        "test",
    )
    assert store.refs("refs") == {
        MAIN: first,
        "refs/heads/new": second,
        "refs/codexa/waiting/CH-001": first,
    }
    store.move([RefUpdate("refs/heads/new", None, second), RefUpdate(MAIN, first, first)], "x\ny")
    assert store.refs("refs/heads") == {MAIN: first}


@pytest.mark.parametrize("wrong", [0, 1, 2, 3])
def test_one_ref_that_is_elsewhere_stops_them_all(
    store: Store, line: list[str], wrong: int
) -> None:
    first, second = line
    late = [
        RefUpdate(MAIN, first, None),
        RefUpdate(MAIN, None, first),
        RefUpdate("refs/heads/gone", first, second),
        RefUpdate(MAIN, first, first),
    ][wrong]
    with pytest.raises(RepositoryError, match=f"^{late.name} moved meanwhile"):
        store.move([RefUpdate("refs/heads/new", second, None), late], "test")
    assert store.refs("refs") == {MAIN: second}


def test_a_ref_that_must_stay_away_is_checked(store: Store, line: list[str]) -> None:
    store.move([RefUpdate("refs/heads/absent", None, None)], "test")
    with pytest.raises(RepositoryError, match="moved meanwhile"):
        store.move([RefUpdate(MAIN, None, None)], "test")
    assert store.ref(MAIN) == line[1]


def test_a_lock_that_was_left_behind_is_named(
    repository: Path, store: Store, line: list[str]
) -> None:
    (repository / ".git/refs/heads/main.lock").touch()
    with pytest.raises(RepositoryError, match=r"main\.lock': File exists") as caught:
        store.move([RefUpdate(MAIN, line[0], line[1])], "test")
    assert "remove that lock" in caught.value.hints[0]
    assert store.named([MAIN, "refs/heads/none"]) == {MAIN: line[1]}
    assert store.named([]) == {}


def test_a_symbolic_ref_is_not_moved(repository: Path, store: Store, line: list[str]) -> None:
    git(repository, "symbolic-ref", "refs/heads/alias", MAIN)
    with pytest.raises(RepositoryError, match="refs/heads/alias is a symbolic ref"):
        store.move([RefUpdate("refs/heads/alias", line[0], line[1])], "test")
    assert store.ref(MAIN) == line[1]


def test_a_branch_that_blocks_the_name_is_named(store: Store, line: list[str]) -> None:
    store.move([RefUpdate("refs/heads/change", line[0], None)], "test")
    with pytest.raises(
        RepositoryError, match=r"refs/heads/change leaves no room for refs/heads/change/CH-001"
    ):
        store.move([RefUpdate("refs/heads/change/CH-001", line[0], None)], "test")


@pytest.mark.parametrize(
    "name",
    [
        *("", "refs", "refs/", "main", "HEAD", "refs//x", "refs/x/", "refs/.x", "refs/x.lock"),
        *("refs/x..y", "refs/x.", "refs/x@{1}", "refs/x y", "refs/x\n", "refs/x~1", "refs/x^"),
        *("refs/x:y", "refs/x?", "refs/x*", "refs/x[", "refs/x\\y", "refs/x\0", "refs/x\x7f"),
    ],
)
def test_a_malformed_name_is_refused_as_git_refuses_it(repository: Path, name: str) -> None:
    assert not is_ref_name(name)
    if "\0" not in name and name.startswith("refs/"):
        with pytest.raises(AssertionError):
            git(repository, "check-ref-format", name)


@pytest.mark.parametrize("name", [MAIN, "refs/x", "refs/tags/é", "refs/heads/-x", "refs/@"])
def test_a_sound_name_is_taken_as_git_takes_it(repository: Path, name: str) -> None:
    assert is_ref_name(name)
    git(repository, "check-ref-format", name)


def test_an_id_cannot_smuggle_in_another_order(store: Store, line: list[str]) -> None:
    with pytest.raises(RepositoryError, match="not a full object id"):
        store.move([RefUpdate("refs/heads/x", f"{line[0]}\0\0delete {MAIN}", None)], "test")
    assert store.refs("refs") == {MAIN: line[1]}


def test_all_refs_tell_at_once_where_they_lead(
    repository: Path, store: Store, line: list[str]
) -> None:
    names = {"alias": MAIN, "again": "refs/heads/alias", "dangling": "refs/heads/nowhere"}
    for name, to in names.items():
        git(repository, "symbolic-ref", f"refs/heads/{name}", to)
    git(repository, "tag", "-a", "-m", "x", "one", line[0])
    tag = git(repository, "rev-parse", "refs/tags/one")
    asked = [MAIN, "refs/heads/new", "refs/tags/one", *(f"refs/heads/{name}" for name in names)]
    assert store.ends(asked) == {
        MAIN: (MAIN, line[1]),
        "refs/heads/new": ("refs/heads/new", None),
        "refs/tags/one": ("refs/tags/one", tag),
        "refs/heads/alias": (MAIN, line[1]),
        "refs/heads/again": (MAIN, line[1]),
        "refs/heads/dangling": ("refs/heads/nowhere", None),
    }
    assert {name: end for name, (end, _) in store.ends(asked).items()} == {
        name: store.leads_to(name) for name in asked
    }
    many = [f"refs/heads/a{number}" for number in range(1_100)]
    assert store.ends([*many, MAIN])[MAIN] == (MAIN, line[1])
    tags = {"refs/tags/one": ("refs/tags/one", tag)}
    assert store.ends([MAIN], "refs/tags") == {MAIN: (MAIN, line[1])} | tags
    assert store.ends([MAIN], "refs/tag", "refs/none") == {MAIN: (MAIN, line[1])}


def test_a_name_that_leads_round_in_a_circle_is_no_other(repository: Path, store: Store) -> None:
    git(repository, "symbolic-ref", "refs/heads/a", "refs/heads/b")
    git(repository, "symbolic-ref", "refs/heads/b", "refs/heads/a")
    assert store.ends(["refs/heads/a"]) == {"refs/heads/a": (store.leads_to("refs/heads/a"), None)}
    with pytest.raises(RepositoryError, match="not the full name"):
        store.ends(["main"])
