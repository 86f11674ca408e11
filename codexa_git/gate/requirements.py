"""The requirements of each stage's gate, each by its name."""

from codexa_git.audit.words import Stage
from codexa_git.gate import closing, doing, pages, planning, testing
from codexa_git.gate.case import Question

REQUIREMENTS: dict[Stage, dict[str, Question]] = {
    Stage.FRAME: {
        "brief-complete": planning.brief_complete,
        "criteria-explicit": planning.criteria_explicit,
        "clarifications-answered": planning.clarifications_answered,
    },
    Stage.SPEC: {
        "plan-covers-criteria": planning.plan_covers_criteria,
        "plan-seeded": planning.plan_seeded,
        "design-recorded": planning.design_recorded,
        "plan-approved": planning.plan_approved,
    },
    Stage.EXECUTE: {
        "tasks-complete": doing.tasks_complete,
        "task-evidence": doing.task_evidence,
        "assertions-pass": doing.assertions_pass,
    },
    Stage.VALIDATE: {
        "results-for-this-tree": testing.results_for_this_tree,
        "tests-pass-or-waived": testing.tests_pass_or_waived,
        "regression-matches": testing.regression_matches,
        "touched-lines-covered": testing.touched_lines_covered,
        "results-approved": testing.results_approved,
    },
    Stage.PACKAGE: {
        "impact-written": closing.impact_written,
        "documents-written": pages.documents_written,
        "packet-ready": closing.packet_ready,
        "package-approved": closing.package_approved,
    },
    Stage.CLEANUP: {
        "retention-recorded": closing.retention_recorded,
        "evidence-archived": closing.evidence_archived,
        "concerns-clear": closing.concerns_clear,
        "docs-current": pages.docs_current,
        "evidence-listed": pages.evidence_listed,
        "workspace-closed": closing.workspace_closed,
    },
}
"""Each stage's gate: what must hold to leave it, in the order in which it is asked."""
