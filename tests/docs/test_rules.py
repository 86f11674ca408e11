"""The specification, the functions that ask its rules and the forgeries of them are one set."""

import re

from docs.writers import rules


def test_every_rule_is_specified_asked_and_forged() -> None:
    assert rules.unlike() == []


def test_a_rule_is_one_sentence() -> None:
    said = {number: says for number, (says, _) in rules.specified().items()}
    assert [number for number, says in said.items() if ". " in says or says[-1:] != "."] == []


def test_one_function_asks_a_rule_but_for_those_of_which_the_specification_says_why() -> None:
    found = {number for number, functions in rules.asked().items() if len(functions) > 1}
    assert found == rules.several()


def test_each_set_is_read_and_not_empty() -> None:
    assert {"A6", "L13", "R1", "S2"} <= rules.asked().keys() & rules.forged().keys()
    assert rules.specified()["A6"][1].endswith(rules.VERIFIED)


def test_a_rule_that_no_history_shows_is_refused_by_a_server_or_a_command() -> None:
    rest = {n: by for n, (_, by) in rules.specified().items() if rules.VERIFIED not in by}
    assert rest == dict.fromkeys(rest, "`server`") | {"P10": "`land`", "S6": "`replay`"}
    assert {f"B{number}" for number in range(1, 9)} < rest.keys()


def test_every_function_that_cites_a_rule_makes_a_finding_of_that_number() -> None:
    """Or hands on what the gates answer, whose rule the table of requirements gives."""
    for number, functions in rules.asked().items():
        for named in functions:
            source = (rules.ROOT / named.file).read_text(encoding="utf-8")
            assert f'"{number}"' in source or named.file.startswith("codexa_git/gate/"), named


def test_the_threat_model_names_rules_that_there_are() -> None:
    text = (rules.ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
    table = text.partition("| attack |")[2].partition("\n\n")[0]
    named = set(re.findall(r"\b[A-Z][0-9]+\b", "".join(row[-40:] for row in table.splitlines())))
    assert named <= rules.specified().keys()
    assert len(named) > 45
