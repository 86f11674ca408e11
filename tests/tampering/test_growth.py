"""What a pusher can make many of costs a judge as many steps, and no square of them.

Steps are counted, lines of this program and calls into Python's own, and no time is measured. What
is small to push and long once it is read is refused before it is.
"""

import json
import sys
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import pytest
from builders import git
from gate.world import World
from tampering.line import Line

from codexa_git.audit.record import format_record, make
from codexa_git.audit.words import RecordType, Stage
from codexa_git.errors import RepositoryError
from codexa_git.gate.case import Case
from codexa_git.gate.verdict import asked_always, judge
from codexa_git.repository.objects import Entry, Mode
from codexa_git.repository.store import Store

# What judges these is measured where there are few, and measuring it doubles what they take.
pytestmark = pytest.mark.no_cover

BAD = "-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----\n"


def steps(does: Callable[[], object]) -> int:
    """How many lines of this program it takes to do that."""
    count = 0

    def trace(frame: FrameType, event: str, _: object) -> Any:  # noqa: ANN401
        nonlocal count
        if "codexa_git" not in frame.f_code.co_filename:
            return None
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        does()
    finally:
        sys.settrace(before)
    return count


def judging(world: World, tree: str) -> Callable[[], object]:
    """All that is asked of this tree, by a judge who has seen nothing before."""

    def does() -> None:
        with Store.open(world.folder) as store:
            case = Case(store, world.policy, world.base, tree, world.context)
            asked_always(case)
            judge(case, Stage.CLEANUP)

    return does


Many = Callable[[World, int], str]
"""A tree in which there are so many of something."""


def files(world: World, many: int) -> str:
    return world.edited({f"zz/{n:07}": b"x\n" for n in range(many)})


def files_beside_a_name_with_an_accent(world: World, many: int) -> str:
    return world.edited({f"zz/{n:07}": b"x\n" for n in range(many)} | {"zz/é": b"x\n"})


def folders(world: World, many: int) -> str:
    return world.edited({f"zz/{n:07}/x": b"x\n" for n in range(many)})


def guarded_files(world: World, many: int) -> str:
    return world.edited({f".codexa/{n:07}": b"x\n" for n in range(many)})


def foreign_files(world: World, many: int) -> str:
    return world.edited({f"audit/CH-001/{n:07}": b"x\n" for n in range(many)})


# What is judged again is remembered by its bytes, so no two trees have a line in common.


def forged(world: World, kind: RecordType, data: Mapping[str, Any], many: int) -> str:
    last = world.records()[-1]
    made = [
        make(
            kind,
            {**data, ("comment" if "comment" in data else "text"): f"{number} of {many}"},
            change="CH-001",
            stage=last.stage,
            round=1,
            actor=last.actor,
            at=last.seconds,
            signature=BAD if "gates" in data else None,
        )
        for number in range(many)
    ]
    path = f"audit/CH-001/{made[0].log}.jsonl"
    return world.edited({path: b"".join(map(format_record, made)) + world.read(path)})


def forged_approvals(world: World, many: int) -> str:
    true = next(r for r in world.records() if r.type is RecordType.APPROVAL_GRANTED)
    return forged(world, true.type, dict(true.data) | {"comment": ""}, many)


def unsigned_concerns(world: World, many: int) -> str:
    data: dict[str, Any] = {"by": "machine", "text": "", "tests": [], "due": None}
    return forged(world, RecordType.CONCERN_RAISED, data, many)


def lines_of_a_brief(world: World, many: int) -> str:
    path = "changes/CH-001/brief.md"
    more = "".join(f"- AC-{n}: `a{n}` is `b`\n" for n in range(10, many + 10))
    return world.edited({path: world.read(path) + more.encode()})


def blocks_of_a_page(world: World, many: int) -> str:
    blocks = "".join(
        f"<!-- codexa:begin CH-{n:03} -->\nx\n<!-- codexa:end CH-{n:03} -->\n"
        for n in range(many * 100, many * 101)
    )
    return world.edited({"QA_REPORT.md": world.read("QA_REPORT.md") + blocks.encode()})


def cases_of_a_report(world: World, many: int) -> str:
    path = "tests/results/CH-001.json"
    results = json.loads(world.read(path))
    return world.edited({path: json.dumps(results | {str(n): n for n in range(many)}).encode()})


@pytest.mark.parametrize(
    ("tree", "many"),
    [
        (files, 300),
        (files_beside_a_name_with_an_accent, 300),
        (folders, 300),
        (guarded_files, 300),
        (foreign_files, 300),
        (forged_approvals, 520),
        (unsigned_concerns, 520),
        (lines_of_a_brief, 300),
        (blocks_of_a_page, 1200),
        (cases_of_a_report, 300),
    ],
)
def test_twice_as_many_are_about_twice_the_work(world: World, tree: Many, many: int) -> None:
    """`many` are more than are remembered by their bytes, so that none is for nothing."""
    judging(world, world.tree)()  # what is imported late is there
    none, once, twice = (steps(judging(world, tree(world, n))) for n in (1, many, 2 * many))
    assert twice - none <= 2.2 * max(once - none, 500), (none, once, twice)


def nested(world: World, names: list[bytes], leaves: int) -> str:
    """A tree that holds one folder of many files under each of these names."""
    store = world.store
    blob = store.write_blob(b"x\n")
    inner = store.write_tree(
        store.empty_tree, {f"{n:06}": Entry(Mode.FILE, blob) for n in range(leaves)}
    )
    body = b"".join(b"40000 %s\0" % name + bytes.fromhex(inner) for name in sorted(names))
    words = ("hash-object", "-w", "--literally", "-t", "tree", "--stdin")
    outer = git(world.folder, *words, input=body)
    return world.edited({"zz": Entry(Mode.TREE, outer)})


class TestLongNames:
    def test_a_name_that_no_system_has_is_refused_in_few_words(
        self, world: World, line: Line
    ) -> None:
        tree = nested(world, [b"x" * 400_000], 10)
        with pytest.raises(RepositoryError, match="is longer than 255 characters") as told:
            judging(world, tree)()
        assert len(told.value.message) < 250
        (found, *_) = line.found(line.landing(tree))
        assert (found.breach.rule, found.breach.undecided) == ("L4", True)

    def test_a_path_that_no_system_has_is_refused(self, world: World) -> None:
        deep = "/".join(["x" * 250] * 17)
        with pytest.raises(RepositoryError, match="is longer than 4096 characters"):
            world.store.difference(world.base, world.edited({f"{deep}/x": b"x\n"}))

    def test_a_name_of_255_characters_in_another_script_is_none(self, world: World) -> None:
        name = "字" * 255
        tree = world.edited({name: b"x\n"})
        assert name in {d.path for d in world.store.difference(world.base, tree)}

    def test_paths_that_are_long_together_are_refused_before_they_are_made(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("codexa_git.repository.comparing.MOST_CHARACTERS", 100_000)
        monkeypatch.setattr("codexa_git.repository.reading.MOST_CHARACTERS", 100_000)
        tree = nested(world, [b"%03d" % n + b"x" * 200 for n in range(20)], 50)
        with Store.open(world.folder) as store:
            with pytest.raises(RepositoryError, match="too long to be held"):
                store.difference(world.base, tree)
            with pytest.raises(RepositoryError, match="too long to be held"):
                store.entries(tree)
