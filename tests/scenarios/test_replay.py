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
