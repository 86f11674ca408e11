"""Whether two runs came to the same: every audit file, every commit, every ref."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import NamedTuple

from demo.room import DemoError, Room

LANDED = "landed/CH-001"


class Outcome(NamedTuple):
    """What a run left in git: the landing's id, every commit's and ref's, and the audit files."""

    landing: str
    commits: tuple[str, ...]
    refs: dict[str, str]
    audit: dict[str, str]


def outcome(room: Room) -> Outcome:
    """What is in the room's repository now."""
    refs = dict(
        line.split(" ") for line in _git(room, "for-each-ref", "--format=%(refname) %(objectname)")
    )
    paths = _git(room, "ls-tree", "-r", "--name-only", "main", "--", "audit")
    return Outcome(
        _git(room, "rev-parse", f"{LANDED}^{{commit}}")[0],
        tuple(_git(room, "rev-list", "--topo-order", "--reverse", "--all")),
        refs,
        {path: "\n".join(_git(room, "show", f"main:{path}")) for path in paths},
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


def _git(room: Room, *arguments: str) -> list[str]:
    said = room.run(["git", *arguments])
    if said.status != 0:
        raise DemoError(f"git {arguments[0]}: {said.output.strip()}")
    return said.output.splitlines()
