"""The shared pages: which there are, and what a page that does not exist yet starts from."""

PROGRESS = "PROGRESS.md"
TRACEABILITY = "TRACEABILITY.md"
QA_REPORT = "QA_REPORT.md"
DESIGN_SPEC = "design/DESIGN_SPEC.md"
OVERVIEW = "docs/PROJECT_OVERVIEW.md"
IMPLEMENTATION_PLAN = "docs/IMPLEMENTATION_PLAN.md"
STATUS_REPORT = "docs/STATUS_REPORT.md"
"""No page of changes: it holds the blocks of a milestone's weeks, which reports write."""

PAGES: dict[str, str] = {
    PROGRESS: "Progress",
    TRACEABILITY: "Traceability",
    QA_REPORT: "QA report",
    DESIGN_SPEC: "Design specification",
    OVERVIEW: "Project overview",
    IMPLEMENTATION_PLAN: "Implementation plan",
}
"""Each shared page and its heading. In each, a change has one block between markers."""

WRITTEN: tuple[str, ...] = (OVERVIEW, IMPLEMENTATION_PLAN)
"""The pages whose block is a paper of the change, drafted at Package, which people may edit. The
blocks of the other pages follow from records and papers, and nobody edits them."""


def skeleton(path: str) -> bytes:
    """What the shared page at `path` holds before its first block."""
    return f"# {PAGES[path]}\n".encode()
