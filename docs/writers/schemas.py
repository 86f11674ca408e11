"""A pydantic model's JSON Schema, read as the rows of a table."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from docs.writers.text import code


class Field(NamedTuple):
    """One name of a table: its form in words, its default (empty: it must be given), its text."""

    name: str
    form: str
    default: str
    means: str


def fields_of(whole: dict[str, Any], table: dict[str, Any]) -> tuple[Field, ...]:
    """The fields of one object of the schema `whole`, in order."""
    return tuple(_fields(whole, table))


def _fields(whole: dict[str, Any], table: dict[str, Any]) -> Iterator[Field]:
    required = table.get("required", [])
    for name, schema in table["properties"].items():
        default = "must be given" if name in required else _default(schema)
        yield Field(name, form(whole, schema), default, schema.get("description", ""))


def _default(schema: dict[str, Any]) -> str:
    value = schema.get("default")
    if value is None:
        return "none" if schema.get("type") != "array" else "`[]`"
    return code(str(value).lower() if isinstance(value, bool) else value)


def described(whole: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any] | None:
    """The object that a field holds: itself, or each item of a list or map; `None` for others."""
    if "$ref" in schema:
        found: dict[str, Any] = whole["$defs"][schema["$ref"].rpartition("/")[2]]
        return found if found.get("type") == "object" else None
    if schema.get("type") == "array":
        return described(whole, schema["items"])
    inner = schema.get("additionalProperties")
    return described(whole, inner) if isinstance(inner, dict) else None


def form(whole: dict[str, Any], schema: dict[str, Any]) -> str:
    """What a value has to be, in words."""
    if "const" in schema:
        return code(schema["const"])
    if "enum" in schema:
        return ", ".join(map(code, schema["enum"]))
    if "anyOf" in schema or "oneOf" in schema:
        options = schema.get("anyOf") or schema["oneOf"]
        return " or ".join(form(whole, one) for one in options if one.get("type") != "null")
    if schema.get("type") == "array":
        least = ", not empty" if schema.get("minItems") else ""
        return f"a list of {form(whole, schema['items'])}{least}"
    return _simple(schema)


def _simple(schema: dict[str, Any]) -> str:
    kind = schema.get("type")
    if kind == "integer" and "minimum" in schema:
        if schema["minimum"] == schema["maximum"]:
            return code(schema["minimum"])
        return f"a whole number, {schema['minimum']} to {schema['maximum']}"
    if schema.get("format") == "date":
        return "a date"
    words = {"string": "text", "boolean": "true or false", "integer": "a whole number"}
    return words.get(str(kind), "a table")
