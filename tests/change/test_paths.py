"""What a path is to a change: every name of the closed list, and its neighbours."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.change.paths import Kind, Places, folded, is_listed, kind_of
from codexa_git.change.paths import owner_of as owner

OWN = "CH-001"
LISTED = [
    *(f"audit/CH-001/{name}.jsonl" for name in ("handoff", "commands", "concerns", "retention")),
    *("changes/CH-001/status.md", "changes/CH-001/packet.html", "tests/results/CH-001.json"),
    "changes/CH-001/pages/QA_REPORT.md",
    *(f"artifacts/work/CH-001/run-001/{name}" for name in ("run.json", "log.jsonl")),
    *(
        f"artifacts/work/CH-001/run-00999/T-{n}.{e}"
        for n in ("01", "9999")
        for e in ("json", "log")
    ),
]
PAPERS = [
    *(f"changes/CH-001/{name}" for name in ("brief.md", "tasks.md", "planner_config.json")),
    *(f"changes/CH-001/{name}" for name in ("design.md", "impact.md", "x/y.md", "Status.md")),
    *(
        "changes/CH-001/status.md/x",
        "changes/CH-001/packet.htm",
        "changes/CH-001/pages/PROGRESS.md",
    ),
    *("changes/CH-001/QA_REPORT.md", "changes/CH-001/pages/qa_report.md"),
    *("changes/CH-001/status.md ", "changes/CH-001/status.md\n", "changes/CH-001/sub/status.md"),
    *("artifacts/phase1/demo/Week-01/CH-001/x", "artifacts/phase1/demo/Week-99/CH-001/a/b.html"),
]
STRAYS = [
    *("audit/CH-001/handoff.jsonl\n", "audit/CH-001/Handoff.jsonl", "audit/CH-001/x", "audit/x"),
    *("audit/handoff.jsonl", "audit/CH-001/handoff.jsonl/x", "audit/README.md", "audit/CH-01/x"),
    *("tests/results/conftest.py", "tests/results/x/y", "tests/results/CH-001.json/x"),
    *("tests/results/CH-001.json.py", "tests/results/CH-001", "tests/results/CH-001.JSON"),
    *("artifacts/work/x", "artifacts/work/CH-001/x", "artifacts/work/CH-001/run-01/run.json"),
    *("artifacts/work/CH-001/run-001/x", "artifacts/work/CH-001/run-001/run.json/x"),
    *("artifacts/work/CH-001/run-001/run.json\n", "artifacts/work/CH-001/run-001/T-1.log"),
    *("artifacts/work/CH-001/run-001/T-01.txt", "artifacts/work/CH-001/run-001/evil.py"),
    *(
        "artifacts/work/CH-001/run-001/T-\uff10\uff11.log",
        "artifacts/work/CH-001/xrun-001/run.json",
    ),
    *("artifacts/work/CH-0001/run-001/run.json",),
]
FOREIGN = [
    *("audit/CH-002/handoff.jsonl", "changes/CH-002/brief.md", "tests/results/CH-002.json"),
    *("artifacts/work/CH-002/run-001/run.json", "artifacts/phase1/demo/Week-01/CH-002/x"),
    *("audit/CH-1000/x", "changes/CH-999999/x/y"),
]
PRODUCT = [
    *("src/x.py", "README.md", "changes/README.md", "changes/CH-001", "changes/backlog.toml"),
    *("tests/test_x.py", "tests/results", "artifacts/README.md", "artifacts/work", "audit"),
    *("artifacts/phase1/demo/Week-1/CH-001/x", "artifacts/phase1/demo/Week-01/CH-001", "auditor/x"),
    *("changes/ch-001/brief.md", "Changes/CH-001/brief.md", "PROGRESS.md", "xchanges/CH-002/x"),
]
TABLE = [
    *((path, Kind.LISTED) for path in LISTED),
    *((path, Kind.PAPER) for path in PAPERS),
    *((path, Kind.STRAY) for path in STRAYS),
    *((path, Kind.FOREIGN) for path in FOREIGN),
    *((path, Kind.PRODUCT) for path in PRODUCT),
]


@pytest.mark.parametrize(("path", "kind"), TABLE)
def test_every_path_has_its_kind(path: str, kind: Kind) -> None:
    assert kind_of(path, OWN) is kind


@pytest.mark.parametrize("path", LISTED)
def test_no_neighbour_of_a_listed_name_is_listed(path: str) -> None:
    neighbours = {path + more for more in ("x", " ", "\n", "/x", "~", ".py", "\0")}
    neighbours |= {path[:-1], path.upper(), f"x/{path}", f"/{path}", f"./{path}"}
    neighbours |= {path.replace("CH-001", other) for other in ("CH-002", "CH-0001", "ch-001")}
    assert not [n for n in neighbours if is_listed(n, OWN)]


@given(st.text(max_size=40))
def test_only_the_named_files_are_listed(name: str) -> None:
    for folder in ("audit/CH-001/", "artifacts/work/CH-001/", "tests/results/", "changes/CH-001/"):
        path = folder + name
        if is_listed(path, OWN):
            assert kind_of(path, OWN) is Kind.LISTED
            assert name.isascii()
            assert name.isprintable()


@given(st.text(max_size=60))
def test_what_is_nobodys_is_product(path: str) -> None:
    folders = ("audit/", "artifacts/work/", "tests/results/", "changes/", "artifacts/phase1/")
    if not path.startswith(folders):
        assert kind_of(path, OWN) is Kind.PRODUCT


def test_an_owner_is_told_by_the_folder() -> None:
    assert owner("changes/CH-007/x") == "CH-007"
    assert owner("tests/results/CH-007.json") == "CH-007"
    assert owner("src/CH-007/x") is None


def test_names_fold_as_file_systems_fold_them() -> None:
    same = [
        ("README", "readme"),
        ("caf\u00e9", "CAFE\u0301"),
        ("STRASSE", "stra\u00dfe"),
        ("\u017f", "S"),
    ]
    for one, other in same:
        assert folded(one) == folded(other)
    assert folded("a") != folded("\u0430")


def test_places_name_the_files() -> None:
    places = Places(OWN)
    assert places.page("design/DESIGN_SPEC.md") == "changes/CH-001/pages/DESIGN_SPEC.md"
    assert places.run("run-001", "T-01.log") == "artifacts/work/CH-001/run-001/T-01.log"


@pytest.mark.parametrize(
    "path",
    ["brief.md", "tasks.md", "planner_config.json", "design.md", "recipes.toml", "patches/x"],
)
def test_the_plans_approval_covers_what_it_is_carried_out_from(path: str) -> None:
    places = Places(OWN)
    assert places.is_plan_paper(f"{places.papers}{path}")
    assert not places.is_plan_paper(f"changes/CH-002/{path}")
    assert not places.is_plan_paper(path)
