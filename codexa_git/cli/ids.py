"""The ids that people type, as types of parameters that refuse what is none."""

import re
from collections.abc import Callable

import click

from codexa_git.audit.ids import is_item_id, is_milestone_id, is_requirement_id
from codexa_git.audit.shapes import is_date


def _typed(name: str, holds: Callable[[str], bool], example: str) -> Callable[[str], str]:
    """A type of parameter: the text exactly as it was typed, where `holds` says that it is one."""

    def convert(text: str) -> str:
        if not holds(text):
            shown = ascii(text if len(text) <= 40 else f"{text[:40]}...")
            meant = _meant(text, example)
            way = (
                f"did you mean {meant}?" if meant and holds(meant) else f"one looks like {example}"
            )
            raise click.BadParameter(f"{shown} is no {name}: {way}")
        return text

    convert.__name__ = name
    return convert


def _meant(text: str, example: str) -> str | None:
    """The id that is nearest: of another case, or with too few zeros or too many."""
    letters, _, digits = example.partition("-")
    match = re.fullmatch(rf"{letters}[-_ ]?([0-9]{{1,6}})", text, re.IGNORECASE | re.ASCII)
    return None if match is None else f"{letters}-{int(match[1]):0{len(digits)}}"


MILESTONE = _typed("milestone", is_milestone_id, "MS-01")
REQUIREMENT = _typed("requirement", is_requirement_id, "FR-29")
ITEM = _typed("item", is_item_id, "BL-001")
DAY = _typed("day", is_date, "2026-11-30")
