import tracemalloc
from pathlib import Path

import pytest
from builders import commit, git

from codexa_git.errors import RepositoryError, TooLargeError
from codexa_git.repository.command import Git
from codexa_git.repository.objects import LARGEST_COMMIT
from codexa_git.repository.reading import Reading
from codexa_git.repository.store import Store


@pytest.fixture
def line(repository: Path) -> list[str]:
    """Four commits on main, the last a merge of one beside them, which comes last here."""
    first = git(repository, "rev-parse", "HEAD")
    git(repository, "checkout", "-q", "-b", "side")
    side = commit(repository, {"side": "1"}, "side")
    git(repository, "checkout", "-q", "main")
    second, third = (commit(repository, {"a": text}, text) for text in ("2", "3"))
    git(repository, "merge", "-q", "--no-ff", "-m", "merge", "side")
    return [first, second, third, git(repository, "rev-parse", "HEAD"), side]


def test_first_parents_lead_from_the_tip_to_the_stop_or_the_root(
    store: Store, line: list[str]
) -> None:
    *main, side = line
    assert [found.oid for found in store.first_parents(main[3])] == main[::-1]
    assert [found.oid for found in store.first_parents(main[3], main[1])] == [main[3], main[2]]
    assert store.first_parents(main[1], main[1]) == []
    assert [found.oid for found in store.first_parents(main[3], side)] == main[::-1]


def test_what_lies_between_is_oldest_first_and_on_the_line(store: Store, line: list[str]) -> None:
    *main, side = line
    assert [found.oid for found in store.between(main[0], main[3])] == main[1:]
    assert store.between(main[2], main[2]) == []
    for old, new in ((side, main[3]), (main[3], main[0])):
        with pytest.raises(RepositoryError, match="not on the first-parent line"):
            store.between(old, new)


def test_ancestry_is_of_the_whole_graph(repository: Path, store: Store, line: list[str]) -> None:
    *main, side = line
    assert store.is_ancestor(side, main[3])
    assert store.is_ancestor(side, side)
    assert not store.is_ancestor(side, main[2])
    assert store.merge_base(side, main[2]) == main[0]
    git(repository, "checkout", "-q", "--orphan", "other")
    other = commit(repository, {}, "apart")
    assert store.merge_base(other, side) is None
    for ask in (store.merge_base, store.is_ancestor):
        with pytest.raises(RepositoryError):
            ask(side, "--all")


def test_what_a_merge_brought_comes_parents_first_and_without_what_the_base_holds(
    repository: Path, store: Store, line: list[str]
) -> None:
    first, _, third, merge, side = line
    brought = store.brought(store.commit(merge), first)
    assert [found.oid for found in brought] == [side]
    assert store.brought(store.commit(merge), side) == []
    git(repository, "checkout", "-q", "-b", "more", side)
    more = commit(repository, {"more": "1"}, "more")
    git(repository, "checkout", "-q", "-b", "both", third)
    git(repository, "merge", "-q", "--no-ff", "-m", "both", "more")
    both = store.commit(git(repository, "rev-parse", "HEAD"))
    assert [found.oid for found in store.brought(both, first)] == [side, more]
    assert [found.oid for found in store.brought(both, merge)] == [more]


def test_a_long_line_is_walked_as_a_short_one(
    store: Store, line: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = store.first_parents(line[3])
    tip = line[3]
    for _ in range(200):
        who = commits[0].author
        tip = store.write_commit(commits[0].tree, [tip], who, who, b"next\n")
    monkeypatch.setattr("codexa_git.repository.history._LONG", 50)
    with Store.open(store.git_dir) as again:
        walked = again.first_parents(tip)
        assert walked[-4:] == commits
        assert len(walked) == 204
        assert [found.parents[0] for found in walked[:200]] == [c.oid for c in walked[1:201]]
        assert again.first_parents(tip, line[2])[-1] == commits[0]


@pytest.mark.parametrize("later", [0, 40_000_000])
def test_what_a_base_lacks_does_not_hang_on_clocks(
    repository: Path, monkeypatch: pytest.MonkeyPatch, later: int
) -> None:
    def made(name: str, at: int) -> str:
        monkeypatch.setenv("GIT_COMMITTER_DATE", f"{at} +0000")
        return commit(repository, {}, name)

    git(repository, "switch", "-q", "--orphan", "late")
    held = [made(f"base {number}", 1_770_000_000 + later) for number in range(8)][-1]
    git(repository, "switch", "-q", "-c", "change")
    tip = [made(f"change {number}", 1_770_000_100) for number in range(8)][-1]
    git(repository, "switch", "-q", "late")
    moved = [made(f"more {number}", 1_770_000_200 + later) for number in range(2)]
    with Store.open(repository) as store:
        assert [found.oid for found in store.beyond(tip, moved[-1])] == moved[::-1]
        assert store.beyond(tip, held) == []
        assert len(store.beyond(held, tip)) == 8


def test_the_times_of_a_line_are_read_as_the_commits_are(
    repository: Path, store: Store, line: list[str]
) -> None:
    """Of one that is malformed there is none, and the line goes on behind it."""
    tip, tree = line[3], store.tree_of(line[3])
    for when in ("x> 4102444800 <x@y> 1767268800 +0000", "x <x@y> soon"):
        body = f"tree {tree}\nparent {tip}\nauthor x <x@y> 1 +0000\ncommitter {when}\n\nx\n"
        words = ("hash-object", "-t", "commit", "-w", "--stdin", "--literally")
        tip = git(repository, *words, input=body.encode())
    found = store.line_times(tip)
    assert list(found) == store.first_parent_ids(tip)
    assert list(found.values())[:2] == [None, 1767268800]
    known = [store.commit(oid).committer.seconds for oid in line[3::-1]]
    assert list(found.values())[2:] == known


def test_where_a_folder_changed_is_told_of_a_plain_line_without_asking_git(
    repository: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = git(repository, "rev-parse", "HEAD")
    steps = ["audit/1", "src/1", "audit/2", "src/2", "audit/3"]
    made = [commit(repository, {path: path}, path) for path in steps]
    git(repository, "rm", "-q", "-r", "audit")
    made.append(commit(repository, {"src/3": "3"}, "without"))
    asked = [
        git(repository, "rev-list", "--full-history", tip, f"^{base}", "--", "audit").split()
        for tip in (made[-1], made[0], base)
    ]
    monkeypatch.setattr(Git, "run", lambda *_, **__: pytest.fail("git was asked"))
    told = [store.touching([tip], "audit", base) for tip in (made[-1], made[0], base)]
    assert [[one.oid for one in found] for found in told] == asked
    assert [len(found) for found in told] == [4, 1, 0]


def test_where_somebody_merged_or_the_base_moved_git_tells_where_a_folder_changed(
    repository: Path, store: Store
) -> None:
    base = git(repository, "rev-parse", "HEAD")
    git(repository, "switch", "-q", "-c", "side")
    aside = commit(repository, {"audit/side": "1"}, "aside")
    git(repository, "switch", "-q", "-")
    ahead = commit(repository, {"audit/main": "1"}, "ahead")
    git(repository, "merge", "-q", "--no-edit", "side")
    merged = git(repository, "rev-parse", "HEAD")
    assert {one.oid for one in store.touching([merged], "audit", base)} == {merged, aside, ahead}
    assert [one.oid for one in store.touching([aside], "audit", ahead)] == [aside]
    assert [one.oid for one in store.touching([merged], "audit", ahead)] == [merged, aside]
    assert {one.oid for one in store.touching([merged, aside], "audit", base)} >= {aside}


def test_what_stands_at_a_path_is_told_of_any_number_of_commits(
    store: Store, line: list[str]
) -> None:
    one, two, _, last, side = line
    places = [(last, "side"), (side, "a"), (two, "a"), (one, "a"), (two, "none"), (last, "side")]
    told = store.held_at([*places, ("ab" * 20, "a"), (store.tree_of(two), "a")])
    for oid, path in places:
        entry = store.entry(store.tree_of(oid), path)
        assert told[oid, path] == (entry.oid if entry else None)
    assert told["ab" * 20, "a"] is None
    assert told[store.tree_of(two), "a"] == told[two, "a"] is not None
    assert store.held_at([]) == {}


@pytest.fixture
def lengthy(repository: Path) -> list[str]:
    """Two hundred commits with messages that are not short, oldest first."""
    with Store.open(repository) as store:
        line = [git(repository, "rev-parse", "HEAD")]
        first = store.commit(line[0])
        for number in range(200):
            stamp = first.committer
            message = f"{number}".encode() + b"a" * 100_000
            line.append(store.write_commit(first.tree, (line[-1],), stamp, stamp, message))
        git(repository, "update-ref", "refs/heads/main", line[-1])
    return line


def test_a_long_line_of_long_messages_is_read_once(
    repository: Path, lengthy: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codexa_git.repository.holding._MOST_KEPT", 10_000_000)
    monkeypatch.setattr("codexa_git.repository.holding._MUCH", 1_000_000)
    read: list[str] = []

    def counted(self: Reading, oid: str, kind: str, body: bytes) -> None:
        read.append(oid)
        checked(self, oid, kind, body)

    checked = Reading._require_sound
    monkeypatch.setattr(Reading, "_require_sound", counted)
    for walk in (Store.first_parent_ids, Store.first_parents):
        read.clear()
        with Store.open(repository) as store:
            assert len(walk(store, lengthy[-1])) == len(lengthy)
        assert len(read) < 2 * len(lengthy)


def test_little_is_kept_of_a_long_line_of_long_messages(
    repository: Path, lengthy: list[str]
) -> None:
    with Store.open(repository) as store:
        tracemalloc.start()
        try:
            seconds = [commit.committer.seconds for commit in store.walked(lengthy[-1])]
            store.forget()
            assert tracemalloc.get_traced_memory()[0] < 1_000_000
            found = store.touching([lengthy[-1]], "audit"), store.line_touching(lengthy[-1], ["a"])
            assert store.oldest_beyond(lengthy[0], lengthy[-1]).oid == lengthy[1]
            brief = [store.commit(oid).brief for oid in lengthy]
            store.forget()
            assert tracemalloc.get_traced_memory()[0] < 1_000_000
        finally:
            tracemalloc.stop()
    assert len(seconds) == len(brief) == len(lengthy)
    assert [len(commits) for commits in found] == [0, 0]


def test_a_line_goes_on_behind_a_commit_that_is_too_large_to_be_read(
    repository: Path, store: Store, line: list[str]
) -> None:
    first = store.commit(line[3])
    stamp = first.committer
    large = store.write_commit(first.tree, (line[3],), stamp, stamp, b"a" * LARGEST_COMMIT)
    after = store.write_commit(first.tree, (large,), stamp, stamp, b"after\n")
    git(repository, "update-ref", "refs/heads/main", after)
    with Store.open(repository) as again:
        assert again.first_parent_ids(after) == [after, large, *line[3::-1]]
        assert again.kind(large) == "commit"
        with pytest.raises(TooLargeError, match="larger than 1 MiB, and is not read"):
            again.commit(large)
        assert again.tree_of(large) == again.tree_as_git(large) == first.tree
        assert again.time_of(large) == first.committer.seconds
        head = again.headed(large)
        assert head == again.first_parents(after)[1]
        assert (head.parents, head.committer) == ((line[3],), first.committer)
        assert 0 < len(head.message) < LARGEST_COMMIT
        assert again.merge_base(large, after) == large
        # Whoever makes a commit again needs all that it says.
        with pytest.raises(TooLargeError, match="larger than 1 MiB"):
            again.beyond(line[3], after)


def test_of_a_large_commit_that_says_too_much_of_itself_git_s_own_lines_are_read(
    repository: Path, store: Store, line: list[str]
) -> None:
    """What stands between the lines that git reads and the message is longer than a head."""
    of = git(repository, "cat-file", "commit", line[3]).partition("\n\n")[0]
    text = f"{of}\nmergetag {'x' * LARGEST_COMMIT}\n\nlong\n".encode()
    large = git(
        repository, "hash-object", "-t", "commit", "-w", "--stdin", "--literally", input=text
    )
    assert store.first_parent(large) == line[2]
    assert store.tree_as_git(large) == store.tree_of(line[3])
    assert store.time_of(large) is None
    for ask in (store.commit, store.headed, store.tree_of):
        with pytest.raises(TooLargeError, match="larger than 1 MiB"):
            ask(large)


def test_the_beginning_of_a_large_commit_is_held_against_its_id(
    repository: Path, store: Store, line: list[str]
) -> None:
    first = store.commit(line[3])
    stamp = first.committer
    large = store.write_commit(first.tree, (line[3],), stamp, stamp, b"a" * LARGEST_COMMIT)
    place = repository / ".git/objects" / large[:2] / large[2:]
    other = store.write_commit(first.tree, (line[2],), stamp, stamp, b"b" * LARGEST_COMMIT)
    place.chmod(0o644)
    place.write_bytes((repository / ".git/objects" / other[:2] / other[2:]).read_bytes())
    with Store.open(repository) as again:
        for ask in (again.headed, again.first_parent, again.tree_as_git, again.time_of):
            with pytest.raises(RepositoryError, match="is corrupt"):
                ask(large)
