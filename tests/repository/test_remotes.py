from pathlib import Path

import pytest
from builders import commit, git

from codexa_git.errors import RepositoryError
from codexa_git.repository.remotes import (
    Push,
    Refusal,
    Upstream,
    advertised,
    fetch,
    push,
    remotes,
    upstream,
)
from codexa_git.repository.store import Store

MAIN = "refs/heads/main"


@pytest.fixture
def origin(repository: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "origin.git"
    git(tmp_path, "clone", "-q", "--bare", str(repository), str(folder))
    git(repository, "remote", "add", "origin", str(folder))
    git(repository, "fetch", "-q", "origin")
    git(repository, "branch", "-q", "--set-upstream-to=origin/main")
    return folder


def at(folder: Path, ref: str = MAIN) -> str:
    return git(folder, "for-each-ref", "--format=%(objectname)", ref)


@pytest.mark.usefixtures("origin")
def test_a_branch_tells_what_it_follows(repository: Path, store: Store) -> None:
    follows = Upstream("origin", MAIN, "refs/remotes/origin/main")
    assert upstream(store, "main") == upstream(store, MAIN) == follows
    git(repository, "branch", "-q", "--track", "local", "main")
    git(repository, "branch", "-q", "--no-track", "alone")
    assert [upstream(store, name) for name in ("local", "alone", "none")] == [None] * 3
    assert remotes(store) == ["origin"]
    with pytest.raises(RepositoryError, match="not the full name"):
        upstream(store, "ma*n")


def test_a_push_moves_forward_and_a_claim_is_new(
    repository: Path, store: Store, origin: Path
) -> None:
    tip = commit(repository, {"a": "1"}, "next")
    claim = "refs/heads/change/CH-001"
    assert push(store, "origin", [Push(tip, MAIN), Push(tip, claim, None)]) == []
    assert at(origin) == at(origin, claim) == tip
    assert push(store, "origin", []) == []


def test_a_claim_that_another_clone_won_is_refused(
    repository: Path, store: Store, origin: Path, tmp_path: Path
) -> None:
    claim = "refs/heads/change/CH-001"
    git(tmp_path, "clone", "-q", str(origin), "other")
    won = commit(tmp_path / "other", {"b": "1"}, "first")
    git(tmp_path / "other", "push", "-q", "origin", f"{won}:{claim}")
    tip = commit(repository, {"a": "1"}, "second")
    found = push(store, "origin", [Push(tip, MAIN), Push(tip, claim, None)])
    assert {refusal.ref for refusal in found} == {MAIN, claim}
    assert at(origin, claim) == won
    assert at(origin) == store.refs("refs/remotes")["refs/remotes/origin/main"]


def test_a_claim_is_lost_even_where_it_could_move_forward(
    repository: Path, store: Store, origin: Path
) -> None:
    start = at(origin)
    claim = "refs/heads/change/CH-001"
    git(origin, "update-ref", claim, start)
    tip = commit(repository, {"a": "1"}, "next")
    (found,) = push(store, "origin", [Push(tip, claim, None)])
    assert found == Refusal(claim, "[rejected] (stale info)")
    assert at(origin, claim) == start


def test_nothing_is_rewound(repository: Path, store: Store, origin: Path) -> None:
    tip = commit(repository, {"a": "1"}, "next")
    assert push(store, "origin", [Push(tip, MAIN)]) == []
    git(repository, "reset", "-q", "--hard", "HEAD~1")
    other = commit(repository, {"b": "1"}, "beside")
    (found,) = push(store, "origin", [Push(other, MAIN, tip)], atomic=False)
    assert found.ref == MAIN
    assert "non-fast-forward" in found.why
    assert at(origin) == tip


def test_a_deletion_may_ask_what_is_there(repository: Path, store: Store, origin: Path) -> None:
    start, ref = at(origin), "refs/heads/old"
    git(origin, "update-ref", ref, start)
    tip = commit(repository, {"a": "1"}, "next")
    (found,) = push(store, "origin", [Push(None, ref, tip)])
    assert found.ref == ref
    assert push(store, "origin", [Push(None, ref, start)]) == []
    assert at(origin, ref) == ""


def test_what_the_server_refuses_is_told_and_not_raised(
    repository: Path, store: Store, origin: Path
) -> None:
    hook = origin / "hooks/pre-receive"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\nexit 1\n")
    hook.chmod(0o755)
    tip = commit(repository, {"a": "1"}, "next")
    (found,) = push(store, "origin", [Push(tip, MAIN)])
    assert found == Refusal(MAIN, "[remote rejected] (pre-receive hook declined)")


def test_no_way_to_the_remote_is_no_answer(repository: Path, store: Store, tmp_path: Path) -> None:
    git(repository, "remote", "add", "gone", str(tmp_path / "gone"))
    tip = git(repository, "rev-parse", "HEAD")
    with pytest.raises(RepositoryError, match="gone cannot be pushed to"):
        push(store, "gone", [Push(tip, MAIN)])
    with pytest.raises(RepositoryError, match="gone cannot be fetched"):
        fetch(store, "gone")
    for name in ("", "--upload-pack=touch x"):
        with pytest.raises(RepositoryError, match="is not a remote"):
            fetch(store, name)


def test_a_fetch_brings_what_is_asked_for(
    repository: Path, store: Store, origin: Path, tmp_path: Path
) -> None:
    git(tmp_path, "clone", "-q", str(origin), "other")
    tip = commit(tmp_path / "other", {"b": "1"}, "theirs")
    git(tmp_path / "other", "push", "-q", "origin", "HEAD:main", "HEAD:refs/codexa/evidence/CH-001")
    (repository / ".git/FETCH_HEAD").unlink()
    fetch(store, "origin")
    assert store.ref("refs/remotes/origin/main") == tip
    fetch(store, "origin", ["refs/codexa/evidence/*:refs/codexa/evidence/*"])
    assert store.ref("refs/codexa/evidence/CH-001") == tip
    assert not (repository / ".git/FETCH_HEAD").exists()


EVIDENCE = "refs/codexa/evidence/CH-001"


def test_a_ref_is_written_anew_only_from_where_it_was_seen(
    repository: Path, store: Store, origin: Path
) -> None:
    first = commit(repository, {"a": "1"}, "first")
    assert push(store, "origin", [Push(first, EVIDENCE)]) == []
    git(repository, "reset", "-q", "--hard", "HEAD~1")
    other = commit(repository, {"b": "1"}, "other")
    (found,) = push(store, "origin", [Push(other, EVIDENCE, other, rewrites=True)])
    assert "stale info" in found.why
    assert at(origin, EVIDENCE) == first
    assert push(store, "origin", [Push(other, EVIDENCE, first, rewrites=True)]) == []
    assert at(origin, EVIDENCE) == other


def test_a_remote_tells_the_refs_below_a_prefix_and_no_other(
    store: Store, origin: Path, tmp_path: Path
) -> None:
    tip = at(origin)
    for ref in (EVIDENCE, "refs/codexa/evidence-of/CH-002", "refs/heads/refs/codexa/evidence/x"):
        git(origin, "update-ref", ref, tip)
    assert advertised(store, "origin", "refs/codexa/evidence") == {EVIDENCE: tip}
    git(Path(store.git.folder), "remote", "add", "gone", str(tmp_path / "nowhere"))
    with pytest.raises(RepositoryError, match="gone cannot be asked"):
        advertised(store, "gone", "refs/codexa/evidence")


def test_remotes_are_those_that_git_lists(repository: Path) -> None:
    names = ("origin", "Origin", "a.b", "é", "a", "remote", "url")
    for name in names:
        git(repository, "config", f"remote.{name}.prune", "true")
    git(repository, "config", "remote./a/path.fetch", "x")
    git(repository, "config", "remote.pushDefault", "elsewhere")
    git(repository, "config", "branch.main.remote", "another")
    for folder in ("remotes", "branches"):
        (repository / ".git" / folder).mkdir(exist_ok=True)
        (repository / ".git" / folder / "old").write_text("URL: somewhere\n")
    with Store.open(repository) as store:
        assert remotes(store) == git(repository, "remote", "show").split("\n")
        assert sorted(remotes(store)) == sorted(names)


def test_what_a_branch_follows_is_asked_again_where_it_may_be_another(repository: Path) -> None:
    git(repository, "remote", "add", "origin", "elsewhere")
    git(repository, "config", "branch.main.remote", "origin")
    git(repository, "config", "branch.main.merge", MAIN)
    with Store.open(repository) as store:
        before = upstream(store, "main")
        assert before is not None
        assert upstream(store, "main") == before == ("origin", MAIN, "refs/remotes/origin/main")
        store.set_config("branch.main.merge", "refs/heads/trunk")
        assert upstream(store, "main") == before._replace(
            remote_ref="refs/heads/trunk", tracking_ref="refs/remotes/origin/trunk"
        )
        git(repository, "branch", "-m", "main", "other")
        assert upstream(store, "main") is None
