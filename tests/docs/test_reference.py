"""The reference says what the code does, and would not if the code did otherwise."""

import json
import re
from typing import Any

import pytest

from codexa_git.audit.record import Actor, format_record, json_schema, make
from codexa_git.audit.schema import KINDS
from codexa_git.audit.words import ORDER, RecordType
from codexa_git.gate import closing, doing, planning, testing
from codexa_git.gate.answers import Answer, Basis, no
from codexa_git.gate.case import Case, Question
from codexa_git.gate.requirements import REQUIREMENTS
from codexa_git.gate.verdict import ALWAYS
from docs.writers import gates, meanings, policy, records, text

ATTESTED, CLAIMED, PROVED = Basis.ATTESTED, Basis.CLAIMED, Basis.PROVED
PM = Actor("Demo PM", "pm@demo.invalid", "pm")


@pytest.mark.parametrize(
    ("question", "bases"),
    [
        (planning.brief_complete, (PROVED,)),
        (planning.plan_approved, (PROVED, CLAIMED)),
        (doing.tasks_complete, (ATTESTED, CLAIMED)),
        (doing.task_evidence, (ATTESTED, CLAIMED)),
        (testing.results_for_this_tree, (ATTESTED,)),
        (testing.results_approved, (PROVED, ATTESTED)),
        (closing.workspace_closed, (PROVED,)),
    ],
)
def test_what_a_yes_rests_on_is_read_from_the_code(
    question: Question, bases: tuple[Basis, ...]
) -> None:
    assert gates.bases(question) == bases


def test_every_requirement_can_be_met() -> None:
    questions = [*ALWAYS.values(), *(q for stage in ORDER for q in REQUIREMENTS[stage].values())]
    assert all(gates.bases(question) for question in questions)


def never(case: Case) -> Answer:
    """Nobody can meet this."""
    return no(case.change)


def test_a_question_that_never_says_yes_is_told() -> None:
    with pytest.raises(LookupError, match="never says yes"):
        gates.bases(never)


def test_a_name_of_the_policy_that_nobody_explained_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delitem(meanings.MEANINGS, "tests.run")
    with pytest.raises(LookupError, match=r"tests\.run"):
        policy.reference()


def test_an_explanation_of_what_is_no_name_of_the_policy_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(meanings.MEANINGS, "tests.often", "Not there.")
    with pytest.raises(LookupError, match=r"tests\.often"):
        policy.reference()


def test_a_bar_in_a_cell_does_not_end_the_cell() -> None:
    lines = text.table(["a", "b"], [["x|y", "two\nlines"]]).splitlines()
    assert lines == ["| a | b |", "| --- | --- |", "| x\\|y | two lines |"]


def resolved(schema: Any, defs: dict[str, Any]) -> Any:  # noqa: ANN401
    """A schema without references."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return resolved(defs[schema["$ref"].rpartition("/")[2]], defs)
        return {name: resolved(inner, defs) for name, inner in schema.items()}
    return [resolved(inner, defs) for inner in schema] if isinstance(schema, list) else schema


def test_the_schema_of_records_is_that_of_every_type() -> None:
    whole = json.loads(records.record_schema())
    kinds = [resolved(kind, whole["$defs"]) for kind in whole["oneOf"]]
    forms = [json_schema(kind) for kind in RecordType]
    forms += [json_schema(kind, signed=True) for kind in RecordType if KINDS[kind].bound]
    assert kinds == [json.loads(json.dumps(form)) for form in forms]


@pytest.mark.parametrize("signature", [None, "-----BEGIN SSH SIGNATURE-----\n"])
def test_a_record_has_the_names_that_its_schema_says(signature: str | None) -> None:
    common: dict[str, Any] = {"root": None, "branch": "main", "gates": {}, "seen": []}
    kind, data = (
        (RecordType.CLARIFICATION_ASKED, {"question": "in which zone?"})
        if signature is None
        else (RecordType.ABANDONED, common | {"reason": "not wanted"})
    )
    record = make(
        kind,
        data,
        change="CH-001",
        stage=ORDER[0],
        round=1,
        actor=PM,
        at=0,
        signature=signature,
    )
    schema = json_schema(kind)
    assert sorted(json.loads(format_record(record))) == schema["required"]
    assert sorted(record.data) == schema["properties"]["data"]["required"]
    assert re.fullmatch(schema["properties"]["id"]["pattern"], record.id)
