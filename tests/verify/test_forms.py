"""Findings for machines: SARIF as its standard asks for it, and the commands of a workflow."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from scenarios.clone import At

from codexa_git.verify.annotations import annotation
from codexa_git.verify.findings import Breach, Finding
from codexa_git.verify.sarif import sarif

COMMIT = "0" * 40
HOSTILE = "a%\r\n::error::b,c:d\x1b[31m\u202e.py"
FOUND = (
    Finding(COMMIT, "CH-001", Breach("A6", "signed by nobody", "audit/CH-001/a.jsonl", 3, "ask")),
    Finding(COMMIT, None, Breach("L13", HOSTILE, HOSTILE, None, HOSTILE)),
    Finding(COMMIT, None, Breach("R2", "a record of format 2", undecided=True)),
)

TEXT: dict[str, Any] = {"type": "string"}
SARIF: dict[str, Any] = {
    "required": {"version", "runs"},
    "properties": {
        "$schema": {"pattern": r"https://.*sarif-2\.1\.0\.json"},
        "version": {"const": "2.1.0"},
        "runs": {
            "items": {
                "required": {"tool", "results"},
                "properties": {
                    "tool": {
                        "required": {"driver"},
                        "properties": {
                            "driver": {
                                "required": {"name"},
                                "properties": {
                                    "name": TEXT,
                                    "semanticVersion": TEXT,
                                    "rules": {
                                        "items": {"required": {"id"}, "properties": {"id": TEXT}}
                                    },
                                },
                            }
                        },
                    },
                    "invocations": {
                        "items": {
                            "required": {"executionSuccessful"},
                            "properties": {
                                "executionSuccessful": {"type": "boolean"},
                                "toolExecutionNotifications": {
                                    "items": {
                                        "required": {"message"},
                                        "properties": {
                                            "level": {"pattern": "none|note|warning|error"},
                                            "message": {
                                                "required": {"text"},
                                                "properties": {"text": TEXT},
                                            },
                                        },
                                    }
                                },
                            },
                        }
                    },
                    "results": {
                        "items": {
                            "required": {"message", "ruleId"},
                            "properties": {
                                "ruleId": TEXT,
                                "ruleIndex": {"type": "integer"},
                                "level": {"pattern": "none|note|warning|error"},
                                "message": {"required": {"text"}, "properties": {"text": TEXT}},
                                "locations": {
                                    "items": {
                                        "required": set[str](),
                                        "properties": {
                                            "physicalLocation": {
                                                "required": {"artifactLocation"},
                                                "properties": {
                                                    "artifactLocation": {
                                                        "required": {"uri"},
                                                        "properties": {
                                                            "uri": {
                                                                "pattern": r"[A-Za-z0-9%/._~-]+"
                                                            }
                                                        },
                                                    },
                                                    "region": {
                                                        "required": {"startLine"},
                                                        "properties": {
                                                            "startLine": {"type": "integer"}
                                                        },
                                                    },
                                                },
                                            },
                                            "logicalLocations": {
                                                "items": {
                                                    "required": {"fullyQualifiedName"},
                                                    "properties": {
                                                        "fullyQualifiedName": TEXT,
                                                        "kind": TEXT,
                                                    },
                                                }
                                            },
                                        },
                                    }
                                },
                                "partialFingerprints": {"values": TEXT},
                                "properties": {"values": {}},
                            },
                        }
                    },
                },
            }
        },
    },
}
"""What the schema of SARIF 2.1.0 says of the names used here; no other name may come."""

TYPES = {"string": str, "integer": int, "boolean": bool}


def check(value: Any, shape: dict[str, Any], where: str = "log") -> None:  # noqa: ANN401
    if "properties" in shape:
        assert shape["required"] <= value.keys() <= shape["properties"].keys(), where
        for name, item in value.items():
            check(item, shape["properties"][name], f"{where}.{name}")
    elif "items" in shape:
        assert isinstance(value, list), where
        for item in value:
            check(item, shape["items"], f"{where}[]")
    elif "values" in shape:
        for item in value.values():
            check(item, shape["values"], where)
    elif "const" in shape:
        assert value == shape["const"], where
    elif "pattern" in shape:
        assert re.fullmatch(shape["pattern"], value), where
    elif "type" in shape:
        assert type(value) is TYPES[shape["type"]], where


def test_sarif_is_of_its_schema() -> None:
    log = sarif(FOUND, complete=True)
    check(log, SARIF)
    run = log["runs"][0]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert [rules[result["ruleIndex"]] for result in run["results"]] == ["A6", "L13", "R2"]
    assert [result["level"] for result in run["results"]] == ["error", "error", "warning"]


def test_sarif_of_nothing_is_a_run_without_results() -> None:
    log = sarif((), complete=True)
    check(log, SARIF)
    assert log["runs"][0]["results"] == []


def test_the_check_of_the_schema_can_fail() -> None:
    log = sarif(FOUND, complete=True)
    log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"] = {}
    with pytest.raises(AssertionError):
        check(log, SARIF)


def test_a_finding_keeps_its_fingerprint_among_others() -> None:
    def marks(*found: Finding) -> list[str]:
        results = sarif(found, complete=True)["runs"][0]["results"]
        return [result["partialFingerprints"]["codexa/v1"] for result in results]

    assert marks(*FOUND)[::-1] == marks(*FOUND[::-1])
    assert len(set(marks(*FOUND))) == len(FOUND)


def test_an_annotation_is_one_command_whatever_it_tells_of() -> None:
    lines = [annotation(finding) for finding in FOUND]
    assert lines[0] == (
        "::error file=audit/CH-001/a.jsonl,line=3,title=A6 at 000000000000::signed by nobody (ask)"
    )
    assert lines[2].startswith("::warning title=R2 at ")
    assert not any(char in line for line in lines for char in "\r\n\x1b\u202e")
    head, _, said = lines[1].removeprefix("::error ").partition("::")
    assert sorted(part.partition("=")[0] for part in head.split(",")) == ["file", "title"]
    assert "%25" in head
    assert "%0A" in said or "\\n" in said


@pytest.mark.parametrize("form", ["sarif", "github"])
def test_nothing_but_the_form_is_printed(at: At, form: str) -> None:
    clone = at("landed")
    assert clone.did("verify", "--format", form).strip() == (
        "" if form == "github" else json.dumps(sarif((), complete=True), indent=2)
    )
    clone.git("switch", "-q", "main")
    clone.commit({"greet.sh": "echo evil\n"}, "evil")
    clone.git("config", "--unset", "codexa.root")
    answer = clone.codexa("verify", "--format", form)
    assert answer.status == 1
    assert answer.err.startswith("warning: not pinned")
    if form == "sarif":
        (result,) = json.loads(answer.out)["runs"][0]["results"]
        check(json.loads(answer.out), SARIF)
        assert result["ruleId"] == "L13"
    else:
        assert answer.out.startswith("::error file=greet.sh,title=L13 at ")


def test_records_are_told_in_every_form(at: At, tmp_path: Path) -> None:
    del tmp_path
    clone = at("planned")
    told = json.loads(clone.codexa("verify", "--records", "HEAD", "--format", "sarif").out)
    check(told, SARIF)
    assert told["runs"][0]["invocations"] == [{"executionSuccessful": False}]
    answer = clone.codexa("verify", "--records", "HEAD", "--format", "github")
    assert answer.out.startswith("::warning file=audit/CH-001/handoff.jsonl,title=L5 at ")
