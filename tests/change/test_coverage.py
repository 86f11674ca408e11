import pytest

from codexa_git.change.coverage import (
    Coverage,
    Reach,
    coverage_in_short,
    coverage_told,
    suffix,
)


@pytest.mark.parametrize(
    ("coverage", "problem", "told"),
    [
        (None, None, "not measured"),
        (None, "no report", "not measured: no report"),
        (
            Coverage(2, 3, Reach(1, 2)),
            None,
            "66 % (2 of 3); of those that the change touched 50 % (1 of 2)",
        ),
        (Coverage(2, 3, Reach(0, 0)), None, "66 % (2 of 3); the change touched none of them"),
        (
            Coverage(1, 1, Reach(0, 0), ("a.py", "b")),
            None,
            "100 % (1 of 1); the change touched none of them; {}".format(
                "a.py and 1 more are in no coverage report"
            ),
        ),
    ],
)
def test_coverage_is_told_in_a_few_words(
    coverage: Coverage | None, problem: str | None, told: str
) -> None:
    assert coverage_told(coverage, problem) == told


@pytest.mark.parametrize(
    ("coverage", "possible"),
    [
        (Coverage(2, 3, Reach(1, 2)), True),
        (Coverage(0, 0, Reach(0, 0)), True),
        (Coverage(4, 3, Reach(1, 2)), False),
        (Coverage(2, 9, Reach(3, 3)), False),
        (Coverage(2, 9, Reach(2, 1)), False),
        (Coverage(8, 9, Reach(0, 2)), False),
    ],
)
def test_no_part_is_more_than_its_whole(coverage: Coverage, *, possible: bool) -> None:
    assert coverage.is_possible is possible


def test_in_short_nothing_is_rounded_up_to_all() -> None:
    touched, none = Coverage(999, 1000, Reach(1, 2)), Coverage(1, 1, Reach(0, 0))
    assert coverage_in_short(touched) == "tests run 99 % of the lines, 50 % of those touched"
    assert coverage_in_short(none) == "tests run 100 % of the lines"


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("a.py", "py"),
        ("a/b.Test.PY", "py"),
        ("a.d/b", ""),
        ("Makefile", ""),
        (".profile", ""),
        ("a/.b.sh", "sh"),
    ],
)
def test_a_files_kind_is_the_end_of_its_name(path: str, end: str) -> None:
    assert suffix(path) == end


def test_files_that_no_report_names_are_told_in_short() -> None:
    missing = Coverage(1, 1, Reach(0, 0), ("a.py",))
    assert coverage_in_short(missing) == (
        "tests run 100 % of the lines; a.py is in no coverage report"
    )
