"""Findings as SARIF 2.1.0, which forges and editors read."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from codexa_git import __version__
from codexa_git.audit.canonical import canonical, digest
from codexa_git.change.text import visible
from codexa_git.verify.findings import Breach, Finding

SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def sarif(findings: Sequence[Finding], *, complete: bool, why: str | None = None) -> dict[str, Any]:
    """The log of one run; `complete` is false where something could not be decided.

    `why` says it where nothing could be looked at at all.
    """
    invocation: dict[str, Any] = {"executionSuccessful": complete}
    if why is not None:
        told = {"level": "error", "message": {"text": visible(why)}}
        invocation["toolExecutionNotifications"] = [told]
    rules = sorted({finding.breach.rule for finding in findings})
    driver = {
        "name": "codexa-git",
        "semanticVersion": __version__,
        "rules": [{"id": rule} for rule in rules],
    }
    results = [_result(finding, rules.index(finding.breach.rule)) for finding in findings]
    return {
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": driver},
                "invocations": [invocation],
                "results": results,
            }
        ],
    }


def _result(finding: Finding, index: int) -> dict[str, Any]:
    breach = finding.breach
    says = visible(breach.says)
    hint = f" ({visible(breach.hint)})" if breach.hint else ""
    return {
        "ruleId": breach.rule,
        "ruleIndex": index,
        "level": "warning" if breach.undecided else "error",
        "message": {"text": f"{says}{hint}"},
        "locations": [_location(finding)],
        "partialFingerprints": {"codexa/v1": _fingerprint(finding)},
        "properties": {"commit": finding.commit, "change": finding.change},
    }


def _location(finding: Finding) -> dict[str, Any]:
    """The commit always; the file, where one is meant, by a path that no name can leave."""
    found: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": finding.commit, "kind": "commit"}]
    }
    if finding.breach.path is not None:
        found["physicalLocation"] = _file(finding.breach.path, finding.breach.line)
    return found


def _file(path: str, line: int | None) -> dict[str, Any]:
    uri = quote(path.encode("utf-8", "surrogateescape"), safe="/")
    found: dict[str, Any] = {"artifactLocation": {"uri": uri}}
    return found if line is None else found | {"region": {"startLine": line}}


def _fingerprint(finding: Finding) -> str:
    """The same for the same finding, whatever else is found, and in whatever order."""
    breach: Breach = finding.breach
    told = [breach.rule, finding.commit, ascii(breach.path), breach.line, ascii(breach.says)]
    return digest(canonical(told)).removeprefix("sha256:")
