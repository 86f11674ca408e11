"""What replay says of a commit of the tool that somebody wrote anew."""

import pytest
from scenarios.clone import At


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
    assert what in clone.refused("replay", "CH-001")


def test_a_branch_that_writes_to_its_records_folder_alone_is_a_difference(at: At) -> None:
    clone = at("enforced")
    clone.git("switch", "-q", "-c", "change/CH-007")
    clone.commit({"audit/CH-007/x": "x"}, "x")
    assert "adds no record" in clone.refused("replay", "CH-007")
