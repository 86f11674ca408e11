"""GitPython, which shares no code with ours, reads what we wrote as we do (ADR 0005)."""

from pathlib import Path

from builders import commit
from git import Blob, Repo

from codexa_git.repository.objects import Entry, Identity, Stamp
from codexa_git.repository.store import Store

FILES: dict[str, str | bytes] = {"a.txt": "one\n", "b/c.txt": "two\n", "b/d/e.bin": b"\0\1\2"}


def test_a_history_is_the_same_to_both(repository: Path) -> None:
    for number, (path, content) in enumerate(FILES.items()):
        commit(repository, {path: content}, f"number {number}\n\nwith a body\n")
    with Store.open(repository) as store, Repo(repository) as repo:
        ours = store.first_parents(store.refs("refs/heads")["refs/heads/main"])
        theirs = list(repo.iter_commits("main"))
        assert [c.oid for c in ours] == [c.hexsha for c in theirs]
        assert [c.tree for c in ours] == [c.tree.hexsha for c in theirs]
        assert [c.message.decode() for c in ours] == [c.message for c in theirs]
        tree = store.entries(ours[0].tree)
        blobs = [b for b in theirs[0].tree.traverse() if isinstance(b, Blob)]
        assert {p: e.oid for p, e in tree.items()} == {str(b.path): b.hexsha for b in blobs}
        assert all(store.blob(b.hexsha) == b.data_stream.read() for b in blobs)


def test_a_commit_that_we_wrote_is_read_as_it_was_meant(repository: Path) -> None:
    with Store.open(repository) as store:
        parent = store.refs("refs/heads")["refs/heads/main"]
        entry = Entry("100755", store.write_blob(b"#!/bin/sh\n"))
        tree = store.write_tree(store.tree_of(parent), {"run/it.sh": entry})
        who = Stamp(Identity("Demo PM", "pm@demo.invalid"), 1_767_225_600)
        oid = store.write_commit(tree, (parent,), who, who, b"CH-001 frame: so\n\nA: b\n")
    with Repo(repository) as repo:
        read = repo.commit(oid)
        assert (read.author.name, read.author.email) == ("Demo PM", "pm@demo.invalid")
        assert (read.authored_date, read.message) == (1_767_225_600, "CH-001 frame: so\n\nA: b\n")
        assert [p.hexsha for p in read.parents] == [parent]
        assert read.tree["run/it.sh"].mode == 0o100755
