import pytest

from codexa_git.policy.lines import Location, line_of

TEXT = """\
rules = 1
owner.count = 2
[[people]]
email = "a"
roles = [
    "x",
]
[[people]]
"email" = "b"

[gate]
plan = { role = "pm" }
[gate.results]
  role = "pm"
[[gate.validate.require]]
name = "a"
[[gate.validate.require]]
name = "b"
[notify."on.call"]
url_from = "X"
"""


@pytest.mark.parametrize(
    ("location", "line"),
    [
        (("rules",), 1),
        (("owner", "count"), 2),
        (("owner",), 2),
        (("people", 0, "email"), 4),
        (("people", 0, "roles", 0), 5),
        (("people", 0, "name"), 3),
        (("people", 1, "email"), 9),
        (("people", 1, "name"), 8),
        (("gate", "plan", "role"), 12),
        (("gate", "results", "role"), 14),
        (("gate", "results", "count"), 13),
        (("gate", "package"), 11),
        (("gate", "validate", "require", 0, "name"), 16),
        (("gate", "validate", "require", 1, "name"), 18),
        (("gate", "validate", "require", 1, "run"), 17),
        (("notify", "on.call", "events"), 19),
        (("mode",), None),
    ],
)
def test_a_key_is_found_where_it_stands_or_where_it_would(
    location: Location, line: int | None
) -> None:
    assert line_of(TEXT, location) == line
