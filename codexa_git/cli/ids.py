"""The ids that people type, as types of parameters that refuse what is none."""

from collections.abc import Callable

import click

from codexa_git.audit.ids import is_item_id, is_milestone_id, is_requirement_id
from codexa_git.audit.shapes import is_date


def _typed(name: str, holds: Callable[[str], bool], example: str) -> Callable[[str], str]:
    """A type of parameter: the text exactly as it was typed, where `holds` says that it is one."""

    def convert(text: str) -> str:
        if not holds(text):
            shown = ascii(text if len(text) <= 40 else f"{text[:40]}...")
            raise click.BadParameter(f"{shown} is no {name}: one looks like {example}")
        return text

    convert.__name__ = name
    return convert


MILESTONE = _typed("milestone", is_milestone_id, "MS-01")
REQUIREMENT = _typed("requirement", is_requirement_id, "FR-29")
ITEM = _typed("item", is_item_id, "BL-001")
DAY = _typed("day", is_date, "2026-11-30")
