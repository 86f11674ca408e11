"""Ids are those of one form each, which a pattern says as well, and whatever is near is none."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codexa_git.audit import ids

FORMS = {
    ids.is_change_id: r"CH-(?:0(?!00)[0-9]{2}|[1-9][0-9]{2,5})",
    ids.is_item_id: r"BL-(?:0(?!00)[0-9]{2}|[1-9][0-9]{2,5})",
    ids.is_criterion_id: r"AC-[1-9][0-9]{0,3}",
    ids.is_task_id: r"T-[0-9]{2,4}",
    ids.is_run_id: r"run-[0-9]{3,5}",
    ids.is_milestone_id: r"MS-[0-9]{2,4}",
    ids.is_requirement_id: r"[A-Z][A-Z0-9]{0,9}-[0-9]{1,6}",
}
PREFIX = st.sampled_from(["CH-", "BL-", "AC-", "T-", "run-", "MS-", "FR-", "N2R-", "A", "-", "ch-"])
NUMBER = st.text(st.sampled_from("0019-\n \u0661\u00b2a"), max_size=7)
NEARLY = st.tuples(PREFIX, NUMBER, st.sampled_from(["", "", "", "\n", " ", "-1"])).map("".join)


@given(NEARLY)
def test_what_is_nearly_an_id_is_one_where_it_has_the_form(text: str) -> None:
    for question, form in FORMS.items():
        assert question(text) is (re.fullmatch(form, text) is not None), question.__name__


@pytest.mark.parametrize(
    "text",
    [
        *("CH-001", "CH-999999", "BL-010", "AC-1", "AC-9999", "T-01", "T-9999", "run-001"),
        *("run-99999", "MS-01", "MS-9999", "FR-29", "A-1", "ABCDEFGHIJ-999999"),
    ],
)
def test_an_id_is_of_one_kind_or_also_named_like_a_requirement(text: str) -> None:
    kinds = [question for question in FORMS if question(text)]
    assert kinds
    assert len(set(kinds) - {ids.is_requirement_id}) <= 1


@pytest.mark.parametrize(
    "text",
    [
        *("", "-", "CH-", "CH-000", "CH-01", "CH-0001", "CH-1000000", "ch-001", "CH-001\n"),
        *("CH-00\u0661", "AC-0", "AC-01", "AC-10000", "T-1", "T-00001", "run-01", "run-000001"),
        *("MS-1", "FR", "FR-", "FR-1234567", "1R-1", "ABCDEFGHIJK-1", "fr-1", "F\u00c4-1", "F R-1"),
    ],
)
def test_what_has_another_form_is_none(text: str) -> None:
    own = [question.__name__ for question in FORMS if question(text)]
    assert own in ([], ["is_requirement_id"])
    assert bool(own) is (re.fullmatch(FORMS[ids.is_requirement_id], text) is not None)
