"""Keys that are too deep are refused before anything squares their depth."""

import tomllib

import pytest

from codexa_git.change.backlog import parse_backlog
from codexa_git.change.recipes import parse_recipes
from codexa_git.change.toml import MOST_DOTS, parse_toml
from codexa_git.errors import PaperError
from codexa_git.policy.parsing import parse_policy

DEEP = "a." * 32_000 + "a"
HIDDEN = {
    "a key": f"{DEEP} = 1",
    "a table": f"[{DEEP}]",
    "a table of many": f"[[{DEEP}]]",
    "a key with spaces": f"{DEEP.replace('.', ' . ')[:60_000]}a = 1",
    "a key in quotes": '"=".' * 16_000 + "a = 1",
    "an inline table": f"x = {{{DEEP} = 1}}",
    "what follows a string": f"x = {{b = 'it', {DEEP} = 1, c = 'it'}}",
    "what follows a string of lines": f'x = {{b = """\nit\'s""", {DEEP} = 1, c = \'it\'}}',
    "what follows many quotes": f'x = {{b = """a""""", {DEEP} = 1, c = "it"}}',
    "what follows a mark in a string": f"x = {{b = '#', {DEEP} = 1}}",
}
PLAIN = {
    "a ruler": f"# {'.' * 200}\nx = 1",
    "a string": f"x = '{'.' * 200}'",
    "a string of lines": f'x = """\n{"." * 200}\n"it"\n"""',
    "a literal of lines": f"x = '''\n{'.' * 200}\\'''",
    "many strings on a line": "x = [" + "'a.py', " * 200 + "]",
    "a key as deep as may be": f"{'a.' * MOST_DOTS}a = 1",
}


@pytest.mark.parametrize("name", HIDDEN)
def test_a_key_too_deep_is_refused_wherever_it_stands(name: str) -> None:
    with pytest.raises(ValueError, match="a key too deep"):
        parse_toml(HIDDEN[name])


@pytest.mark.parametrize("name", PLAIN)
def test_dots_in_strings_and_comments_say_nothing(name: str) -> None:
    assert parse_toml(PLAIN[name]) == tomllib.loads(PLAIN[name])


@pytest.mark.parametrize("text", ['x = """', "x = '''", 'x = "', "x = '", "x = .", '"' * 60_000])
def test_what_is_no_toml_is_told_as_such(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        parse_toml(text)


def test_each_paper_in_toml_says_so() -> None:
    deep = HIDDEN["a key"].encode()
    with pytest.raises(PaperError, match="this TOML is too deep"):
        parse_recipes(deep, "changes/CH-001/recipes.toml")
    with pytest.raises(PaperError, match="this TOML is too deep"):
        parse_backlog(deep)
    with pytest.raises(PaperError, match="not TOML that can be read"):
        parse_policy(deep, b"")
