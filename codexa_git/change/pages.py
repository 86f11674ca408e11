"""The shared pages: which there are, and what a page that does not exist yet starts from."""

PROGRESS = "PROGRESS.md"

PAGES: dict[str, str] = {
    PROGRESS: "Progress",
    "TRACEABILITY.md": "Traceability",
    "QA_REPORT.md": "QA report",
    "design/DESIGN_SPEC.md": "Design specification",
    "docs/PROJECT_OVERVIEW.md": "Project overview",
    "docs/IMPLEMENTATION_PLAN.md": "Implementation plan",
}
"""Each shared page and its heading. In each, a change has one block between markers."""


def skeleton(path: str) -> bytes:
    """What the shared page at `path` holds before its first block."""
    return f"# {PAGES[path]}\n".encode()
