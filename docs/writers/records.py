"""`reference/records.md`: every stored form, and a JSON Schema of each."""

from collections.abc import Iterator
from typing import Any

from codexa_git.agents import masks
from codexa_git.audit import schema, shapes
from codexa_git.audit.canonical import parsed
from codexa_git.audit.logger import log_path
from codexa_git.audit.payload import NAMESPACE, payload
from codexa_git.audit.record import FORMAT, Actor, json_schema
from codexa_git.audit.schema import KINDS, LOG_NAMES, Kind
from codexa_git.audit.words import RecordType
from codexa_git.change import evidence, results, runlog
from codexa_git.change.paths import Places
from docs.writers.text import as_json, code, fenced, page, table

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_ENVELOPE = {
    "format": f"the number of this form: {FORMAT}",
    "id": "the SHA-256 of the record without `id` and `signature`, in canonical JSON",
    "change": "the change that it is about; null for what belongs to the repository",
    "type": "one of the types below",
    "stage": "the stage that the change was in; null outside of any",
    "round": "1 and the reworks to that stage or an earlier one",
    "actor": "who: `name`, `email` (the principal) and `role`",
    "at": "when, in UTC and whole seconds; it decides nothing, the order of lines does",
    "data": "the fields of the type",
    "signature": "an SSH signature; in records of a decision, and of a task that somebody signed",
}
_PLACES = Places("CH-001")
_DOCUMENTS = {
    "Test results": (
        _PLACES.results,
        "results",
        "What the Tester saw on one tested tree. The record `results.recorded` signs its digest.",
        results.SHAPE.schema,
    ),
    "A run": (
        _PLACES.run("run-001", "run.json"),
        "run",
        "Which tasks came to what, and the digests of their full outputs.",
        evidence.RUN_SHAPE.schema,
    ),
    "A task": (
        _PLACES.run("run-001", "T-01.json"),
        "task",
        f"What one task ran and touched; beside it a masked log of {masks.MOST} bytes at most.",
        evidence.TASK_SHAPE.schema,
    ),
}


_NAMED = {
    "bound": schema.BOUND.schema,
    "placed": schema.PLACED.schema,
    "item": schema.ITEM.schema,
    "touched": schema.TOUCHED.schema,
    "stage": schema.STAGE.schema,
    "mode": shapes.MODE.schema,
    "digest": shapes.DIGEST.schema,
    "object-id": shapes.OBJECT_ID.schema,
    "line": shapes.LINE.schema,
}
_WORDS = {
    "line": "a line",
    "stage": "a stage",
    "mode": "a file mode",
    "digest": "a digest",
    "object-id": "an object id",
}
_PLAIN = {"string": "text", "integer": "a number", "boolean": "true or false", "null": "null"}
_COMMON = ("root", "branch", "seen")
_MAY = [kind for kind in RecordType if KINDS[kind].bound is not None]


def record_schema() -> str:
    """`schemas/record.json`: one record of any type."""
    kinds = [_short(json_schema(kind)) for kind in RecordType]
    kinds += [_short(json_schema(kind, signed=True)) for kind in _MAY]
    return as_json(
        {
            "$schema": _DRAFT,
            "title": "A codexa-git record",
            "oneOf": kinds,
            "$defs": {name: _within(found) for name, found in _NAMED.items()},
        }
    )


def _short(value: Any) -> Any:  # noqa: ANN401
    """A schema in which what has a name is referred to by it."""
    for name, found in _NAMED.items():
        if value == found:
            return {"$ref": f"#/$defs/{name}"}
    return _within(value)


def _within(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, dict):
        return {key: _short(inner) for key, inner in value.items()}
    return [_short(inner) for inner in value] if isinstance(value, list) else value


def document_schema(name: str) -> str:
    """`schemas/results.json`, `run.json` and `task.json`."""
    title, found = next((t, d[3]) for t, d in _DOCUMENTS.items() if d[1] == name)
    return as_json({"$schema": _DRAFT, "title": title, **found})


def reference() -> str:
    """The page."""
    return page(
        "Records",
        "What a change leaves in its files, in forms that never change meaning. For programs there"
        " are JSON Schemas: [record](schemas/record.json), [results](schemas/results.json),"
        " [run](schemas/run.json), [task](schemas/task.json).",
        "## A record",
        "One line of canonical JSON (RFC 8785) in one of the four files of its change. What cannot"
        " be read as exactly this is undecided, and never passed. What concerns the repository and"
        " no change lies in the files of the same names in `audit/` itself.",
        table(("field", "holds"), [(code(name), told) for name, told in _ENVELOPE.items()]),
        "The data of a signed type also has `root` (a digest, null while observing), `branch` (the"
        " base's name), `seen` (a list of digests) and `gates`, empty where the table does not say"
        " otherwise.",
        *(part for name in LOG_NAMES for part in _log(name)),
        *_signed(),
        *(part for title in _DOCUMENTS for part in _document(title)),
        *_run_log(),
    )


def _log(name: str) -> Iterator[str]:
    yield f"## {name}.jsonl"
    yield f"`{log_path('CH-001', name)}`"
    rows = ((kind, KINDS[kind]) for kind in RecordType if KINDS[kind].log == name)
    yield table(("type", "signed", "fields of `data`"), [_row(*row) for row in rows])


def _row(name: RecordType, kind: Kind) -> tuple[str, str, str]:
    described = {field: shape.schema for field, shape in kind.fields.items()}
    own = {f: s for f, s in described.items() if not (kind.signed and _is_common(f, s))}
    fields = [f"`{field}`: {_told(found)}" for field, found in own.items()]
    more = {field: shape.schema for field, shape in (kind.bound or {}).items()}
    told = [f"`{f}`: {_told(found)}" for f, found in more.items() if not _is_common(f, found)]
    fields += [f"and where it is signed {told[0]}", *told[1:]] if told else []
    signed = "yes" if kind.signed else "if somebody does" if more else ""
    return code(name), signed, "; ".join(fields)


def _is_common(field: str, found: dict[str, Any]) -> bool:
    return field in _COMMON or (field == "gates" and found.get("properties") == {})


def _signed() -> Iterator[str]:
    yield "## What a signature covers"
    yield (
        "The record of a decision carries an SSH signature over these fields, in canonical JSON and"
        f" in the namespace `{NAMESPACE}`; that of a task may, of its `signer`. `root` is null"
        " while observing. `gates` names each gate that is decided, with its round and subject;"
        " `decision` holds the type and what else the record's data says; `seen` lists the ids of"
        " the records that the signer looked at. So a withdrawal, indented for reading, is signed"
        " as"
    )
    yield fenced(as_json(_example()), "json")
    yield "`ssh-keygen -Y verify` proves such a signature without this tool."


def _example() -> Any:  # noqa: ANN401
    digests = [f"sha256:{digit * 64}" for digit in "abc"]
    data = {
        "root": digests[0],
        "branch": "main",
        "gates": {},
        "seen": digests[1:],
        "approvals": digests[1:2],
        "reason": "the brief was not what we had agreed",
    }
    actor = Actor("Demo PM", "pm@demo.invalid", "pm")
    kind = RecordType.APPROVAL_WITHDRAWN
    return parsed(payload(kind, data, change="CH-001", actor=actor, at=1_767_225_600))


def _document(title: str) -> Iterator[str]:
    path, _, told, found = _DOCUMENTS[title]
    yield f"## {title}"
    yield f"`{path}`. {told}"
    rows = [(code(name), _told(field)) for name, field in found["properties"].items()]
    yield table(("field", "holds"), rows)


def _run_log() -> Iterator[str]:
    yield "## A run's log"
    yield (
        f"`{_PLACES.run('run-001', 'log.jsonl')}`. One line of canonical JSON an event, in order,"
        f" each with `format` ({runlog.FORMAT}) and `event`. It holds no time, no duration and no"
        " folder, so that a replay writes the same bytes."
    )
    rows = []
    for event, fields in runlog.FIELDS.items():
        told = [f"`{name}`: {_told(shape.schema)}" for name, shape in fields.items()]
        rows.append((code(event), "; ".join(told)))
    yield table(("event", "fields"), rows)


def _told(found: dict[str, Any]) -> str:
    """A shape in a few words, from its schema."""
    named = next((words for name, words in _WORDS.items() if found == _NAMED[name]), None)
    if named is not None or "description" in found:
        return named or str(found["description"])
    if "anyOf" in found:
        return " or ".join(_told(one) for one in found["anyOf"])
    if "enum" in found:
        return "one of " + ", ".join(code(word) for word in found["enum"])
    return _typed(found)


def _typed(found: dict[str, Any]) -> str:
    match found["type"]:
        case "array":
            return f"a list, each {_told(found['items'])}"
        case "object":
            return _object(found)
        case kind:
            return _PLAIN[kind]


def _object(found: dict[str, Any]) -> str:
    if "properties" not in found:
        names = found.get("propertyNames", {}).get("enum", ["name"])
        return f"an object by {' or '.join(names)}, each {_told(found['additionalProperties'])}"
    inner = (f"`{name}`: {_told(field)}" for name, field in found["properties"].items())
    return "{ " + ", ".join(inner) + " }"
