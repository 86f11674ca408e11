import pytest

from codexa_git.policy.keeping import goes_at, keeping_of
from codexa_git.policy.rules import Keeping, Retention

DAY = 86_400
KINDS = ("output", "run", "log", "results", "packet")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_is_what_policy_says_of_it(kind: str) -> None:
    said = Retention(Keeping.KEEP, Keeping.ARCHIVE, Keeping.DROP, Keeping.ARCHIVE)
    expected = {"output": Keeping.DROP, "results": Keeping.KEEP}
    assert keeping_of(said, kind) is expected.get(kind, Keeping.ARCHIVE)


@pytest.mark.parametrize("kind", KINDS)
def test_outputs_alone_are_ever_dropped(kind: str) -> None:
    drop = Keeping.DROP
    said = Retention(drop, drop, drop, drop)
    assert keeping_of(said, kind) is (drop if kind == "output" else Keeping.KEEP)
    assert (goes_at(said, kind, 0) is None) == (kind != "output")


@pytest.mark.parametrize("days", [0, 1, 30])
def test_what_is_dropped_goes_so_many_days_after_closing(days: int) -> None:
    said = Retention(logs=Keeping.DROP, drop_after=days)
    assert goes_at(said, "output", 1000) == 1000 + days * DAY


@pytest.mark.parametrize("keeping", [Keeping.KEEP, Keeping.ARCHIVE])
def test_what_is_kept_has_no_day(keeping: Keeping) -> None:
    assert goes_at(Retention(logs=keeping, drop_after=1), "output", 1000) is None
