"""What the plain reader answers is what the standard library's parser answers, types and order."""

import tomllib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.change.plaintoml import plain_toml

KEYS = ["a", "b", "a-1", "_", "1", "a.b", '"a"', "", "é", "a b"]
VALUES = [
    *("1", "0", "007", "-1", "+1", "1_0", "1.5", "0x1", "9" * 15, "9" * 16, "9" * 30, "²", "inf"),
    *("true", "false", "True", "2026-11-23", "2026-11-23T10:00:00Z", "{}", "{ a = 1 }", ""),
    *('""', '"x"', '"é # = [x]"', '"a\\n"', '"a\\"b"', '"""x"""', '""""""', '"', "'x'", "x", '"x'),
    *('"x" # why', '"x" "y"', '"\t"', '"\x7f"', '"\u2028"', '"\u00a0"', '"\\u0041"'),
    *("[]", "[ ]", "[,]", '["x"]', '["x", "y"]', '["x" "y"]', '["x",]', '["x",,]', '["x, y"]'),
    *('[","]', '["",""]', '[ "x" , "y" , ]', "[1, 2]", '["x", 1]', '[["x"]]', '["x"', '"x"]'),
    *("[\n]", '[\n"x",\n"y",\n]', '[\n"x",\n"y"\n]', '[\n"x"\n"y"\n]', '[\n"x\ny",\n]', "[\n,\n]"),
    *('[\n"x", # why\n]', '[\n# why\n"x",\n]', '[\n\n"x",\n]', '[\n"x",\n', '["x",\n"y"]'),
    *('[\n"x", "y",\n"z"\n]', '[\n["x"],\n]', "[\n] # why", '[\n"x\\\n",\n]'),
]
NAMES = ["a", "b", "a.b", "a.b.c", "b.a", "a.a.a.a.a", "a..b", "", " a ", '"a"', "é", "a]"]
LINES = [
    *(f"{key} = {value}" for key in KEYS[:3] for value in VALUES),
    *(f"{key} = 1" for key in KEYS),
    *(f"{mark[0]}{name}{mark[1]}" for mark in ("[]", ("[[", "]]")) for name in NAMES),
    *(
        "[a",
        "a]",
        "[[a]",
        "[a]]",
        "[a] # why",
        "[a] b = 1",
        "a",
        "= 1",
        "a = = 1",
        "a=1",
        "\ta = 1",
    ),
    *("", " ", "# why", "  # why", "#\x00", "\r", "a = 1\r", "\ufeff", "\f", "  a  =  1  "),
]


def parsed(text: str) -> object:
    try:
        return tomllib.loads(text)
    except ValueError:
        return None


def told(value: object) -> str:
    """`true` is not 1, and what stands first comes first."""
    return repr(value)


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("before", ["", "a = 2\n", "[a]\n", "[[a]]\n", "[a.b]\n", "[[a.b]]\n"])
def test_what_one_line_says_is_what_the_parser_reads(before: str, line: str) -> None:
    text = f"{before}{line}\n"
    plain = plain_toml(text)
    assert plain is None or told(plain) == told(parsed(text))


@given(st.lists(st.sampled_from(LINES), max_size=8), st.sampled_from(["\n", "\r\n", "\n\n"]))
def test_what_many_lines_say_is_what_the_parser_reads(lines: list[str], end: str) -> None:
    text = end.join(lines)
    plain = plain_toml(text)
    assert plain is None or told(plain) == told(parsed(text))


@given(st.text(alphabet='ab=[]",.# \n\\1e\t', max_size=40))
def test_what_any_text_says_is_what_the_parser_reads(text: str) -> None:
    plain = plain_toml(text)
    assert plain is None or told(plain) == told(parsed(text))


PLAIN = """\
# why
rules = 1
mode = "enforce"

[owner]
count = 10

[[people]]
email = "pm@demo.invalid"
roles = ["owner", "pm"]

[[people]]
email = "é"
roles = [
    "owner",
    "pm",
]

[gate.plan]
separate = false

[[gate.validate.require]]
name = "lint"

[tests]
setup = []
"""


def test_a_policy_as_it_is_written_is_read_plainly() -> None:
    assert told(plain_toml(PLAIN)) == told(parsed(PLAIN))
