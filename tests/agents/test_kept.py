from hypothesis import given
from hypothesis import strategies as st

from codexa_git.agents.kept import Kept


@given(st.lists(st.binary(max_size=40), max_size=20), st.integers(min_value=2, max_value=200))
def test_what_is_kept_does_not_depend_on_how_it_came(blocks: list[bytes], limit: int) -> None:
    whole = b"".join(blocks)
    at_once, piecewise = Kept(limit, 400), Kept(limit, 400)

    at_once.add(whole)
    for block in blocks:
        piecewise.add(block)

    assert at_once.joined() == piecewise.joined()
    assert at_once.full == piecewise.full == (len(whole) >= 400)
    half, seen = limit // 2, whole[:400]
    if len(seen) <= 2 * half:
        assert at_once.joined() == seen
    else:
        left_out = b"\n[%d bytes left out]\n" % (len(seen) - 2 * half)
        assert at_once.joined() == seen[:half] + left_out + seen[-half:]


def test_a_very_long_stream_is_not_held_in_memory() -> None:
    kept = Kept(1000, 1 << 30)

    for number in range(2000):
        assert kept.add(b"%d" % (number % 10) * 10_000)

    assert kept.total == 20_000_000
    assert len(kept._tail) < 200_000
    assert kept.joined() == b"0" * 500 + b"\n[19999000 bytes left out]\n" + b"9" * 500
