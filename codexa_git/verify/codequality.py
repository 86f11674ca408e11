"""Findings as GitLab's code quality report, which a merge request shows beside its files."""

from collections.abc import Sequence

from codexa_git.audit.canonical import canonical, digest
from codexa_git.change.text import visible
from codexa_git.verify.findings import Breach, Finding


def code_quality(
    findings: Sequence[Finding], place: str, *, refuses: bool = True
) -> list[dict[str, object]]:
    """The report; a finding that is about no file is shown at the first line of `place`."""
    return [_issue(finding, place, refuses=refuses) for finding in findings]


def unanswered(why: str, word: str, place: str, *, refuses: bool = True) -> list[dict[str, object]]:
    """The report where nothing could be judged: one issue, `word` (`undecided`, `no`) and why."""
    breach = Breach(word, why, undecided=word != "no")
    return [_issue(Finding("", None, breach), place, refuses=refuses)]


def _issue(finding: Finding, place: str, *, refuses: bool) -> dict[str, object]:
    breach = finding.breach
    hint = f" ({visible(breach.hint)})" if breach.hint else ""
    path = place if breach.path is None else breach.path
    # The same for the same finding at any commit: a request's page tells what is new in it.
    told = [breach.rule, finding.change, ascii(breach.path), breach.line, ascii(breach.says)]
    return {
        "description": f"{visible(breach.says)}{hint}",
        "check_name": f"codexa {breach.rule}",
        "fingerprint": digest(canonical(told)).removeprefix("sha256:"),
        "severity": ("minor" if breach.undecided else "major") if refuses else "info",
        "location": {"path": visible(path), "lines": {"begin": breach.line or 1}},
    }
