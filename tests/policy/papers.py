"""Policies for tests: the smallest, and one that says everything."""

from codexa_git.policy.parsing import parse_policy
from codexa_git.policy.rules import Policy

SMALL = """\
rules = 1
mode = "observe"

[[people]]
email = "pm@demo.invalid"
name = "Demo PM"
roles = ["pm", "owner"]

[gate.plan]
role = "pm"

[gate.results]
role = "pm"
when = "unless-all-pass"

[gate.package]
role = "pm"
"""

FULL = """\
rules = 1
mode = "observe"
branch = "trunk"

[owner]
count = 2

[[people]]
email = "pm@demo.invalid"
name = "Demo PM"
roles = ["pm", "owner"]

[[people]]
email = "ops@demo.invalid"
name = "Demo \\"Ops\\" Zoë"
roles = ["owner", "payments"]

[gate.plan]
role = "pm"
count = 1

[gate.results]
role = "owner"
count = 2
when = "unless-all-pass"

[gate.package]
role = "pm"

[[gate.validate.require]]
name = "lint"
run = "make lint"

[[gate.validate.require]]
name = "types"
run = "mypy --strict 'a b'"

[[path]]
paths = ["payments/**", "**/*.sql"]
role = "payments"
carry = "exact"

[approval]
separate = true
require_touch = true
require_pin = true

[tests]
setup = ["python -m venv {env}", "{env}/bin/pip install -r requirements.txt"]
setup_files = ["requirements.txt", "py/pyproject.toml"]
run = ["{env}/bin/pytest -q --junitxml={report}"]
junit = "{report}"
coverage = "build/coverage.xml"
touched = 80
unmeasured = ["conftest.py", "**/conftest.py"]
timeout = 90
environment = ["PIP_INDEX_URL"]
output_limit = 50000

[agents.implementer]
provider = "scripted"
template = "templates/implementer.md"

[agents.pm-agent]

[execute]
tries = 5

[retention]
results = "keep"
runs = "archive"
logs = "drop"
packet = "archive"
drop_after = 30

[evidence]
masks = ["pid=[0-9]+", 'port \\d+', "it's \\\\d"]

[light]
paths = ["docs/**", "*.md"]
lines = 12

[free]
paths = ["docs/news/*.md"]

[guarded]
paths = ["Makefile"]

[notify.build-status]
url_from = "DISCORD_URL"
events = ["digest", "concern"]

[notify."on.call"]
url_from = "PAGER_URL"
events = ["landing"]

[milestone.MS-01]
start = 2026-11-23

[milestone.MS-02]
start = 2027-01-04
"""


def small() -> Policy:
    return parse_policy(SMALL.encode(), b"")


def full() -> Policy:
    return parse_policy(FULL.encode(), b"")
