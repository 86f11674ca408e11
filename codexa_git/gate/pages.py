"""The shared pages: what a change's block of each says, and whether it is there.

The block of a *told* page follows from records and papers, and nobody edits it. The block of a
*written* page is a paper of the change, copied. One dict says which is which, and closing and
gates both go by it.
"""

from collections.abc import Callable
from functools import partial

from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, RecordType
from codexa_git.change.blocks import put, spans, take, without
from codexa_git.change.outline import paper_text
from codexa_git.change.pages import (
    DESIGN_SPEC,
    IMPLEMENTATION_PLAN,
    OVERVIEW,
    PAGES,
    PROGRESS,
    QA_REPORT,
    TRACEABILITY,
    WRITTEN,
)
from codexa_git.change.progress import progress_block
from codexa_git.change.quality import (
    Account,
    Doubt,
    SignOff,
    answered,
    quality_report,
)
from codexa_git.change.quoting import quoted
from codexa_git.change.state import Concern
from codexa_git.change.text import escaped
from codexa_git.change.tracing import Approvals, found_tests, trace_block
from codexa_git.errors import PaperError
from codexa_git.gate.answering import answer_of
from codexa_git.gate.answers import Answer, no, yes
from codexa_git.gate.case import Case
from codexa_git.gate.closing import by_closing, is_open
from codexa_git.gate.decisions import standing
from codexa_git.gate.guarding import same_folded
from codexa_git.gate.judging import judged
from codexa_git.gate.testing import waivers
from codexa_git.repository.objects import Entry, Mode
from codexa_git.repository.store import Store


def standing_approvals(case: Case) -> Approvals:
    """Of each gate the approvals that count for it; no page tells of any other."""
    return {gate: standing(case, gate) for gate in Gate}


def progress_of(case: Case) -> bytes:
    """The change's block of `PROGRESS.md`."""
    standing = standing_approvals(case)
    return progress_block(case.state, case.brief, case.plan, case.results, standing)


def trace_of(case: Case) -> bytes:
    """The change's block of `TRACEABILITY.md`."""
    standing = standing_approvals(case)
    return trace_block(case.state, case.brief, case.plan, case.results, standing)


def quality_of(case: Case) -> bytes:
    """The change's block of `QA_REPORT.md`: the report, of what counts, with its sign-off.

    Raises:
        PaperError: there are no results to report on.
    """
    if case.results is None:
        raise PaperError(case.places.results, None, "not written yet")
    account = Account(
        state=case.state,
        results=case.results,
        earlier=_earlier(case),
        waivers=waivers(case),
        doubts=tuple(Doubt(concern, _answer(case, concern)) for concern in case.state.concerns),
        sign_off=SignOff(standing_approvals(case), _untested(case)),
    )
    return quality_report(account)


def _earlier(case: Case) -> tuple[Record, ...]:
    """The signed results before those in force."""
    recorded = case.state.of(RecordType.RESULTS_RECORDED)
    return tuple(record for record in recorded[:-1] if judged(case, record).counts)


def _answer(case: Case, concern: Concern) -> str | None:
    return None if is_open(case, concern) else answered(concern, answer_of(case, concern))


def _untested(case: Case) -> tuple[str, ...]:
    """The criteria whose tasks touched no file that holds a test."""
    return tuple(
        criterion.id
        for criterion in case.brief.criteria
        if not found_tests(
            case.state, case.results, [t.id for t in case.plan.tasks if criterion.id in t.criteria]
        )
    )


def design_of(case: Case) -> bytes:
    """The change's block of `design/DESIGN_SPEC.md`: its `design.md`, quoted.

    Raises:
        PaperError: there is no design, or it is no paper.
    """
    path = case.places.design
    content = case.read(path)
    if content is None:
        raise PaperError(path, None, "not written yet")
    heading = f"## {case.change}: {escaped(case.state.title)}"
    return f"{heading}\n\n{quoted(paper_text(content, path))}\n".encode()


def copy_of(case: Case, page: str) -> bytes:
    """The change's block of a written page: its own paper, as it stands.

    Raises:
        PaperError: it is missing or empty, or no paper.
    """
    path = case.places.page(page)
    content = case.read(path)
    text = "" if content is None else paper_text(content, path)
    if not text.strip():
        raise PaperError(path, None, "not written yet" if content is None else "is empty")
    return text.encode()


BLOCKS: dict[str, Callable[[Case], bytes]] = {
    PROGRESS: progress_of,
    TRACEABILITY: trace_of,
    QA_REPORT: quality_of,
    DESIGN_SPEC: design_of,
    OVERVIEW: partial(copy_of, page=OVERVIEW),
    IMPLEMENTATION_PLAN: partial(copy_of, page=IMPLEMENTATION_PLAN),
}
"""What a change's block of each shared page says."""


def page_with_block(case: Case, page: str) -> bytes:
    """The shared page as closing makes it: what stands outside the block, and the block anew.

    Raises:
        PaperError: at the page, where its markers are damaged or it is no plain file; or at the
            paper that the block follows from.
    """
    _require_page(case, page)
    content = case.read(page)
    before = case.base_page(page) if content is None else case.page_outside(page)
    if before is None:
        before = without(content or b"", case.change, path=page)  # which says what is damaged
    return put(before, case.change, BLOCKS[page](case), path=page)


def require_pages(case: Case) -> None:
    """Nothing: closing will find every shared page such that it can put the change's block there.

    Raises:
        PaperError: at the page, and the line where there is one: its markers are damaged, or it is
            no plain file.
    """
    for page in PAGES:
        _require_page(case, page)
        spans(case.read(page) or b"", page)


def _require_page(case: Case, page: str) -> None:
    """Nothing: the page is a plain file, in change and base, or it can be made.

    Raises:
        PaperError: something else stands in its place, which nobody here may replace.
    """
    for tree in (case.tree, case.base_tree):
        require_plain(case, page, tree)
    if case.read(page) is None and (other := same_folded(case, page)):
        sentence = f"{page} would be the same file where letter case is folded"
        raise PaperError(other, None, sentence, hint=f"git mv it to {page}, or to another name")


def require_plain(case: Case, path: str, tree: str | None = None) -> None:
    """Nothing: in the tree (the change's if not said) a plain file is at `path`, or can be made.

    Raises:
        PaperError: a symlink, a folder or the like stands there, or stands where a folder belongs.
    """
    require_plain_at(case.store, path, tree or case.tree)


def require_plain_at(store: Store, path: str, tree: str) -> None:
    """Nothing: in this tree a plain file is at `path`, or can be made.

    Raises:
        PaperError: a symlink, a folder or the like stands there, or stands where a folder belongs.
    """
    place = ""
    for name in path.split("/"):
        place += f"/{name}" if place else name
        entry = store.entry(tree, place)
        wanted = Mode.FILE if place == path else Mode.TREE
        if entry is not None and entry.mode != wanted:
            hint = f"put a plain file at {path}, or nothing, and commit"
            raise PaperError(place, None, _instead(entry, wanted), hint=hint)


def _instead(entry: Entry, wanted: Mode) -> str:
    kinds: dict[str, str] = {
        Mode.SYMLINK: "a symlink",
        Mode.TREE: "a folder",
        Mode.GITLINK: "a submodule",
        Mode.EXECUTABLE: "an executable file",
    }
    kind = "a folder" if wanted is Mode.TREE else "a plain file"
    return f"is {kinds.get(entry.mode, 'a file')} where {kind} is needed"


def documents_written(case: Case) -> Answer:
    """What the overview and the implementation plan are to say of the change is written."""
    for page in WRITTEN:
        path = case.places.page(page)
        if case.read(path) is None:
            return no(
                f"{path} is not written yet",
                who=("PM (agent)",),
                command=f"git codexa advance {case.change}",
                where=(path,),
            )
        copy_of(case, page)
    return yes(", ".join(case.places.page(page) for page in WRITTEN))


def docs_current(case: Case) -> Answer:
    """Every shared page holds the change's block as records and papers make it."""
    # Whether each page has a block that can be read costs little, and what is damaged comes first.
    wanting = [page for page in PAGES if not _has_block(case, page)]
    wanting = wanting or [page for page in PAGES if not _is_current(case, page)]
    if wanting:
        page = wanting[0]
        return by_closing(case, f"{page} does not hold the change's block as it has to be", page)
    return yes("every page holds its block")


def _has_block(case: Case, page: str) -> bool:
    content = case.read(page)
    return content is not None and take(content, case.change, path=page) is not None


def _is_current(case: Case, page: str) -> bool:
    return case.once(
        ("current", page),
        lambda: _has_block(case, page) and case.read(page) == page_with_block(case, page),
    )


def evidence_listed(case: Case) -> Answer:
    """`PROGRESS.md` lists the change with its evidence, as the records say."""
    if case.results is None or not _is_current(case, PROGRESS):
        return by_closing(case, f"the block in {PROGRESS} is not what the records say", PROGRESS)
    return yes(PROGRESS)
