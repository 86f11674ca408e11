import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.change.brief import Brief, Criterion
from codexa_git.change.plan import Plan, Task, format_tasks, ordered, parse_tasks, uncovered
from codexa_git.change.text import clean_title, oddity
from codexa_git.errors import PaperError

PATH = "changes/CH-001/tasks.md"
TITLES = st.text(min_size=1, max_size=40).filter(
    lambda text: oddity(text) is None and bool(text.strip())
)


def _page(tasks: str) -> bytes:
    return f"# CH-001 Totals\n\n## Tasks\n\n{tasks}\n".encode()


def _task(name: str, *after: str, criteria: tuple[str, ...] = ("AC-1",)) -> Task:
    return Task(name, f"do {name}", criteria, after, 0)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    count = draw(st.integers(1, 8))
    names = draw(st.permutations([f"T-{number:02d}" for number in range(1, count + 1)]))
    tasks = [
        Task(
            name,
            clean_title(draw(TITLES).replace("Not written", "written")),
            tuple(
                draw(st.lists(st.sampled_from(["AC-1", "AC-2", "AC-30"]), min_size=1, unique=True))
            ),
            tuple(draw(st.lists(st.sampled_from(names[:place]), unique=True))) if place else (),
            0,
        )
        for place, name in enumerate(names)
    ]
    return Plan(tuple(draw(st.permutations(tasks))))


def test_a_plan_is_read_from_its_list() -> None:
    page = _page(
        "- **T-02**: keep text\n  - after: T-01\n  - criteria: AC-2, AC-1\n- T-01: print\n"
        "  JSON\n  - criteria: AC-1\n\n## Notes\n\nanything"
    )
    plan = parse_tasks(page, PATH)
    assert plan.task("T-01") == plan.tasks[1]
    assert plan.task("T-03") is None
    assert plan == Plan(
        (
            Task("T-02", "keep text", ("AC-2", "AC-1"), ("T-01",), 5),
            Task("T-01", "print JSON", ("AC-1",), (), 8),
        )
    )


@given(plans())
def test_a_plan_written_is_the_plan_read(plan: Plan) -> None:
    page = format_tasks("CH-001", "Totals # <!-- x", plan)
    read = parse_tasks(page, PATH)
    assert Plan(tuple(task._replace(line=0) for task in read.tasks)) == plan
    assert format_tasks("CH-001", "Totals # <!-- x", read) == page


@pytest.mark.parametrize(
    ("tasks", "line", "words"),
    [
        ("- T-1: a\n  - criteria: AC-1", 5, "'T-1' is no task id"),
        ("- t-01: a\n  - criteria: AC-1", 5, "'t-01' is no task id"),
        ("- do it", 5, "has no id"),
        ("do it", 5, "list items only"),
        ("- T-01:\n  - criteria: AC-1", 5, "T-01: a title cannot be empty"),
        (f"- T-01: {'x' * 73}\n  - criteria: AC-1", 5, "at most 72"),
        ("- T-01: a", 5, "for no criterion"),
        ("- T-01: a\n  - criteria:", 5, "for no criterion"),
        ("- T-01: a\n  - criteria: AC-1,", 6, "'' has no place in 'criteria'"),
        ("- T-01: a\n  - criteria: T-02", 6, "'T-02' has no place"),
        ("- T-01: a\n  - criteria: AC-1, AC-1", 6, "names one id twice"),
        ("- T-01: a\n  - criteria: AC-1\n  - criteria: AC-2", 7, "says 'criteria' twice"),
        ("- T-01: a\n  - criteria: AC-1\n  - before: T-02", 7, "takes 'criteria' and 'after'"),
        ("- T-01: a\n  - criteria AC-1", 6, "takes 'criteria' and 'after'"),
        ("- T-01: a\n  - criteria: AC-1\n    - after: T-02", 6, "takes 'criteria' and 'after'"),
        ("- T-01: a\n  - criteria: AC-1\n- T-01: b\n  - criteria: AC-1", 7, "first on line 5"),
        ("- T-01: a\n  - criteria: AC-1\n  - after: T-01", 5, "comes after itself"),
        ("- T-01: a\n  - criteria: AC-1\n  - after: T-09", 5, "which the plan does not have"),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else None,
)
def test_a_malformed_plan_is_refused_with_file_and_line(tasks: str, line: int, words: str) -> None:
    with pytest.raises(PaperError) as caught:
        parse_tasks(_page(tasks), PATH)
    assert words in caught.value.message
    assert caught.value.line == line


def test_a_circle_is_named_without_the_tasks_that_only_lead_to_it() -> None:
    page = format_tasks(
        "CH-001",
        "Totals",
        Plan(
            (
                _task("T-01", "T-02"),
                _task("T-02", "T-03"),
                _task("T-03", "T-04"),
                _task("T-04", "T-02"),
                _task("T-05"),
            )
        ),
    )
    with pytest.raises(PaperError, match=r"T-02 after T-03 after T-04 after T-02$") as caught:
        parse_tasks(page, PATH)
    assert caught.value.line == 8


def test_a_page_without_tasks_section_is_refused_and_an_empty_one_is_empty() -> None:
    with pytest.raises(PaperError, match="no section 'Tasks'"):
        parse_tasks(b"# CH-001 Totals\n", PATH)
    assert parse_tasks(b"# CH-001 Totals\n\n## Tasks\n", PATH) == Plan(())
    with pytest.raises(PaperError, match="says CH-002"):
        parse_tasks(b"# CH-002 Totals\n\n## Tasks\n", PATH)


@given(plans(), st.integers(0, 2**31))
def test_the_order_keeps_every_task_after_its_predecessors(plan: Plan, seed: int) -> None:
    order = [task.id for task in ordered(plan, seed)]
    assert sorted(order) == sorted(task.id for task in plan.tasks)
    assert all(
        order.index(name) < order.index(task.id) for task in plan.tasks for name in task.after
    )
    turned = Plan(plan.tasks[::-1])
    assert [task.id for task in ordered(turned, seed)] == order


def test_the_order_of_a_seed_is_for_ever() -> None:
    plan = Plan(tuple(_task(f"T-{number:02d}") for number in range(1, 7)))
    orders = {seed: [task.id for task in ordered(plan, seed)] for seed in (0, 7)}
    assert orders[0] != orders[7]
    assert orders == {
        0: ["T-01", "T-03", "T-02", "T-06", "T-05", "T-04"],
        7: ["T-04", "T-01", "T-03", "T-05", "T-02", "T-06"],
    }


def test_a_long_chain_is_ordered() -> None:
    names = [f"T-{number:02d}" for number in range(1, 2000)]
    tasks = [_task(name, *names[place - 1 : place]) for place, name in enumerate(names)]
    assert [task.id for task in ordered(Plan(tuple(tasks[::-1])), 7)] == names


def test_what_is_not_covered_is_said() -> None:
    criteria = tuple(Criterion(name, "prints", 1) for name in ("AC-1", "AC-2"))
    brief = Brief("Totals", "", (), (), criteria, "")
    plan = Plan((_task("T-01", criteria=("AC-1", "AC-9")),))
    assert uncovered(brief, plan) == (
        "AC-2 has no task",
        "T-01 is for AC-9, which the brief does not have",
    )
    assert uncovered(brief, Plan((_task("T-01", criteria=("AC-1", "AC-2")),))) == ()
