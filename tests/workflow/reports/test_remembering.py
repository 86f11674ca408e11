import pytest

from codexa_git.policy.signers import AllowedSigners, Signer
from codexa_git.workflow.reports.remembering import Span, about, span

FOR_EVER = 2**62


def signers(*windows: tuple[int | None, int | None]) -> AllowedSigners:
    return AllowedSigners(
        tuple(
            Signer("pm@demo.invalid", "ssh-ed25519", bytes([n]), *window)
            for n, window in enumerate(windows)
        )
    )


@pytest.mark.parametrize(
    ("windows", "at", "not_before", "expected"),
    [
        ((), 50, 0, Span(0, FOR_EVER)),
        (((None, None),), 50, 0, Span(0, FOR_EVER)),
        (((10, 99),), 50, 0, Span(10, 100)),
        (((10, 99),), 9, 0, Span(0, 10)),
        (((10, 99),), 99, 0, Span(10, 100)),
        (((10, 99),), 100, 0, Span(100, FOR_EVER)),
        (((10, 99), (60, None)), 50, 0, Span(10, 60)),
        (((10, 99),), 5, 50, Span(0, 100)),
    ],
)
def test_the_time_in_which_no_key_begins_or_ends(
    windows: tuple[tuple[int | None, int | None], ...], at: int, not_before: int, expected: Span
) -> None:
    assert span(signers(*windows), at, not_before) == expected


@pytest.mark.parametrize("not_before", [0, 15, 55, 120])
def test_within_a_span_every_key_is_judged_alike(not_before: int) -> None:
    known = signers((10, 99), (20, 29), (None, 70), (60, None))

    def valid(at: int) -> list[bool]:
        return [signer.is_valid_at(max(at, not_before)) for signer in known.signers]

    for at in range(130):
        within = [other for other in range(130) if span(known, at, not_before).holds(other)]
        assert at in within
        assert all(valid(other) == valid(at) for other in within)


@pytest.mark.parametrize(
    ("at", "expected"),
    [(50, Span(0, 1000)), (999, Span(0, 1000)), (1000, Span(1000, FOR_EVER))],
)
def test_a_span_ends_where_the_latest_record_is_of_a_time_to_come_no_more(
    at: int, expected: Span
) -> None:
    assert span(signers(), at, 0, 86_400 + 1000) == expected


def test_facts_cannot_be_taken_for_others() -> None:
    assert about("a", "b") != about("ab") != about("a'\n'b")
    assert about(None) != about("None")
