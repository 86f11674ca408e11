import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from codexa_git.errors import RepositoryError
from codexa_git.repository.trailers import format_message, parse_trailers

KEYS = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True)
VALUES = st.text(st.characters(codec="utf-8"), min_size=1, max_size=20).filter(
    lambda value: value.isprintable() and value == value.strip()
)
PROSE = st.lists(
    st.sampled_from(
        ["", "Codexa-Stage: land", "prose", "Key: v", "---", " x", "\r", "# c", "\x1b[2J"]
    )
    | st.text(st.characters(), max_size=8)
).map("\n".join)


def test_a_message_has_a_subject_a_body_and_trailers() -> None:
    message = format_message("a  subject\nof two lines", "Why.\n", [("Codexa-Stage", "spec")])
    assert message == b"a subject of two lines\n\nWhy.\n\nCodexa-Stage: spec\n"
    assert parse_trailers(message) == (("Codexa-Stage", "spec"),)


@given(PROSE, PROSE, st.lists(st.tuples(KEYS, VALUES), max_size=4))
@example("\x1b\n\x1b", "", [("A", "0")])
def test_what_is_written_as_trailers_is_all_that_is_read(
    subject: str, body: str, trailers: list[tuple[str, str]]
) -> None:
    try:
        message = format_message(subject, body, trailers)
    except RepositoryError:
        assert not any(char.isprintable() and char != " " for char in subject)
        return
    assert parse_trailers(message) == tuple(trailers)
    written = message.decode().split("\n")
    claims = [line for line in written[1:] if line.lower().startswith("codexa-")]
    assert len(claims) == sum(key.lower().startswith("codexa-") for key, _ in trailers)


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"Key: value",
        b"\n\nKey: value\n",
        b"subject\n\nKey: value\nprose\n",
        b"subject\n\nKey: value\n continued\n",
        b"subject\n\nKey: value\n\nprose\n",
        b"subject\n\nKey:value\n",
        b"subject\n\nKey : value\n",
        b"subject\n\nKey: \n",
        b"subject\n\nKey: value \n",
        b"subject\n\nKey: value\r\n",
        b"subject\n\nK\xc3\xa9y: value\n",
        b"subject\n\nKey: \xff\n",
        b"subject\n\nKey: a\0b\n",
        b"subject\n\nKey: a\xe2\x80\xa8b\n",
        b"subject\nKey: value\n",
    ],
)
def test_anything_else_holds_no_trailer(message: bytes) -> None:
    assert parse_trailers(message) == ()


def test_keys_keep_their_case_and_may_come_twice() -> None:
    message = b"s\n\nbody\n---\n\nKey: a\nkey: b\nKey: a\n"
    assert parse_trailers(message) == (("Key", "a"), ("key", "b"), ("Key", "a"))


@pytest.mark.parametrize(
    ("key", "value"),
    [("", "v"), ("a b", "v"), ("-a", "v"), ("Key", ""), ("Key", " v"), ("Key", "a\nOther: b")],
)
def test_a_trailer_of_another_form_is_refused(key: str, value: str) -> None:
    with pytest.raises(RepositoryError, match="a trailer cannot hold"):
        format_message("s", "", [(key, value)])


def test_a_body_that_comes_last_is_no_trailer() -> None:
    message = format_message("s", "prose\n\nKey: value\nOther: value\n", [])
    assert message == b"s\n\nprose\n\n Key: value\n Other: value\n"
    assert parse_trailers(message) == ()
    assert format_message("s", "codexa-x\nNote: kept\n\nlast", []) == (
        b"s\n\n codexa-x\nNote: kept\n\nlast\n"
    )
