"""What replay says of a commit of the tool that somebody wrote anew."""

import pytest
from scenarios.clone import At


@pytest.mark.rule("S6")
@pytest.mark.parametrize(
    ("how", "what"),
    [
        (("--no-edit", "--reset-author"), "author: made again: PM (agent) <pm@agents.invalid>"),
        (("--no-edit",), "committer: made again: PM (agent) <pm@agents.invalid>"),
        (("-m", "planned"), "message:1: made again: CH-001 spec: 2 tasks for 2 criteria, seed 7"),
    ],
)
def test_the_first_thing_that_differs_is_named(how: tuple[str, ...], what: str, at: At) -> None:
    clone = at("planned")
    clone.git("commit", "-q", "--amend", *how)
    told = clone.refused("replay", "CH-001")
    assert what in told
    assert "  rule  S6 of codexa-git's docs/specification.md" in told


def test_a_branch_that_writes_to_its_records_folder_alone_is_a_difference(at: At) -> None:
    clone = at("enforced")
    clone.git("switch", "-q", "-c", "change/CH-007")
    clone.commit({"audit/CH-007/x": "x"}, "x")
    assert "adds no record" in clone.refused("replay", "CH-007")


@pytest.mark.parametrize("words", [(), ("CH-001",)])
def test_what_has_landed_is_read_from_its_branch_as_what_is_open(
    at: At, words: tuple[str, ...]
) -> None:
    clone = at("executed")
    clone.did("concern", "raise", "I worry")
    clone.did("concern", "resolve", "CN-1", "no need to")
    listed = clone.did("concern", "list", *words)
    for _ in range(3):
        clone.until()
        clone.codexa("approve")
    clone.did("land")
    assert clone.did("replay", *words).endswith("as they are\n")
    assert clone.did("concern", "list", *words) == listed
    assert "CN-1  closed  I worry" in listed
    assert "has landed" in clone.refused("concern", "raise", "CH-001", "too late")
    clone.git("switch", "-q", "main")
    for command in ("log", "replay", "concern list"):
        told = clone.refused(*command.split(), status=2)
        assert "error: no change is at hand here\n" in told
        told = told.partition("hint: of what landed last: git codexa ")[2]
        clone.did(*told.splitlines()[0].split())
