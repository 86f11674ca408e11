"""What each shared page says of a change, and from what."""

import pytest
from gate.world import CHANGE, World

from codexa_git.change.pages import PAGES, WRITTEN
from codexa_git.errors import PaperError
from codexa_git.gate.pages import BLOCKS, copy_of, page_with_block
from codexa_git.repository.objects import Entry, Mode

PAPERS = f"changes/{CHANGE}"


def test_every_shared_page_has_a_block_and_nothing_else_has() -> None:
    assert list(BLOCKS) == list(PAGES)
    assert set(WRITTEN) < set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_made_again_to_the_byte(world: World, page: str) -> None:
    assert page_with_block(world.case(world.tree), page) == world.read(page)


def test_the_design_is_quoted_and_not_copied(world: World) -> None:
    design = (
        b"# CH-001 Words\n\n## Approach\n\nOne <b>.\n\n## Decisions\n\n- D-1: so\n\n```\nopen\n"
    )
    case = world.case(world.edited({f"{PAPERS}/design.md": design}))
    block = BLOCKS["design/DESIGN_SPEC.md"](case)
    heading, _, rest = block.partition(b"\n\n")
    assert heading == b"## CH-001: Say it in words"
    assert rest.startswith(b"### Approach\n\nOne &lt;b>.\n\n### Decisions\n\n- D-1: so\n\n")
    assert rest.endswith(b"\n\n```\nopen\n```\n")


def test_a_written_page_is_copied_with_lf_and_without_a_mark(world: World) -> None:
    page = WRITTEN[0]
    path = world.moment.places.page(page)
    case = world.case(world.edited({path: b"\xef\xbb\xbfone\r\ntwo\r\n"}))
    assert copy_of(case, page) == b"one\ntwo\n"


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_cannot_be_told_names_the_paper(world: World, page: str) -> None:
    lost = {
        "PROGRESS.md": f"{PAPERS}/brief.md",
        "TRACEABILITY.md": f"{PAPERS}/tasks.md",
        "QA_REPORT.md": f"tests/results/{CHANGE}.json",
        "design/DESIGN_SPEC.md": f"{PAPERS}/design.md",
        "docs/PROJECT_OVERVIEW.md": f"{PAPERS}/pages/PROJECT_OVERVIEW.md",
        "docs/IMPLEMENTATION_PLAN.md": f"{PAPERS}/pages/IMPLEMENTATION_PLAN.md",
    }
    case = world.case(world.edited({lost[page]: None}))
    with pytest.raises(PaperError, match=f"^{lost[page]}: not written yet$"):
        page_with_block(case, page)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(
    ("mode", "why"), [(Mode.SYMLINK, "a symlink"), (Mode.EXECUTABLE, "an executable file")]
)
def test_what_is_no_plain_file_is_refused_by_name(
    world: World, page: str, mode: Mode, why: str
) -> None:
    entry = Entry(mode, world.store.write_blob(b"elsewhere"))
    with pytest.raises(PaperError, match=f"^{page}: is {why} where a plain file is needed$"):
        page_with_block(world.case(world.edited({page: entry})), page)


@pytest.mark.parametrize("folder", ["design", "docs"])
@pytest.mark.parametrize("mode", [Mode.SYMLINK, Mode.GITLINK])
def test_so_is_a_folder_that_is_none(world: World, folder: str, mode: Mode) -> None:
    page = next(page for page in PAGES if page.startswith(folder))
    oid = world.moment.tip.oid if mode is Mode.GITLINK else world.store.write_blob(b"else")
    tree = world.edited({path: None for path in PAGES if path.startswith(folder)})
    tree = world.edited({folder: Entry(mode, oid)}, tree)
    with pytest.raises(PaperError, match=f"^{folder}: is a s.* where a folder is needed$"):
        page_with_block(world.case(tree), page)
