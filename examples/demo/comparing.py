"""Whether two runs came to the same: every audit file, every commit, every ref."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from git import Blob, Repo

from demo.room import Room

LANDED = "landed/CH-001"


class Outcome(NamedTuple):
    """What a run left in git: the landing's id, every commit's and ref's, and the audit files."""

    landing: str
    commits: tuple[str, ...]
    refs: dict[str, str]
    audit: dict[str, str]


def outcome(room: Room) -> Outcome:
    """What is in the room's repository now, read by GitPython, which shares no code with ours."""
    with Repo(room.repository) as repo:
        repo.git.update_environment(
            GIT_DIR=str(repo.git_dir), GIT_NO_REPLACE_OBJECTS="1", LC_ALL="C"
        )
        commits = repo.iter_commits(all=True, topo_order=True, reverse=True)
        tree = repo.commit("main").tree
        audit = [blob for blob in (tree / "audit").traverse() if isinstance(blob, Blob)]
        return Outcome(
            repo.commit(LANDED).hexsha,
            tuple(commit.hexsha for commit in commits),
            {ref.path: ref.object.hexsha for ref in repo.references},
            {str(blob.path): blob.data_stream.read().decode() for blob in audit},
        )


def differences(first: Outcome, second: Outcome) -> Iterator[str]:
    """One sentence for each file, commit and ref that is not the same in both."""
    for path in sorted(first.audit.keys() | second.audit.keys()):
        yield from _in_file(path, first.audit.get(path, ""), second.audit.get(path, ""))
    for number, (one, other) in enumerate(zip_longest(first.commits, second.commits), 1):
        if one != other:
            yield f"commit {number} is {one} in one and {other} in the other"
            break
    for name in sorted(first.refs.keys() | second.refs.keys()):
        one, other = first.refs.get(name, "absent"), second.refs.get(name, "absent")
        if one != other:
            yield f"{name} is {one} in one and {other} in the other"


def _in_file(path: str, one: str, other: str) -> Iterator[str]:
    pairs = zip_longest(one.splitlines(), other.splitlines())
    line = next((number for number, (a, b) in enumerate(pairs, 1) if a != b), None)
    if line is not None:
        yield f"{path} differs from line {line} on"
