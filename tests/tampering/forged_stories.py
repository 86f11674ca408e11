"""What is wrong within a change that lands, and in its papers: each time one thing alone."""

from tampering.forged_landings import edited
from tampering.rich import Forged, Rich, forgery

from codexa_git.audit.words import RecordType
from codexa_git.repository.objects import Entry

WEEKS = "docs/STATUS_REPORT.md"
STORIES = (
    "records that no trailer names",
    "a closing in the name of whoever landed it",
    "attributes that were touched and put back",
    "another changes brief that was touched and put back",
    "a record that names a commit of the base",
    "a merge that throws the bases work away",
)
"""What is wrong within a change alone, which no server asks."""


def after(rich: Rich, *trees: str) -> Forged:
    """The true change with commits of these trees behind its last one; the first of them is bad."""
    place = rich.place("merge")
    story = [place.commit.parents[1]]
    for tree in trees:
        story.append(place.made(tree, story[-1]))
    landing = place.made(trees[-1], place.parent.oid, story[-1])
    return Forged(story[1], landing, place.parent.oid, story=True, more=True)


def touched(rich: Rich, path: str) -> Forged:
    """A path that one commit of the change touches, and the next one puts back."""
    world = rich.landing()
    return after(rich, world.edited({path: b"x\n"}), world.tree)


def closed(rich: Rich, *parents: str) -> Forged:
    """The true closing commit's tree in a commit of another form."""
    place = rich.place("merge")
    upon = rich.store.commit(place.commit.parents[1]).parents
    made = place.made(place.commit.tree, *(parents or upon))
    landing = place.made(place.commit.tree, place.parent.oid, made)
    return Forged(made, landing, place.parent.oid, story=True)


@forgery("S1")
def records_that_no_trailer_names(rich: Rich) -> Forged:
    return closed(rich)


@forgery("S4")
def a_closing_in_the_name_of_whoever_landed_it(rich: Rich) -> Forged:
    return closed(rich)


@forgery("S5")
def attributes_that_were_touched_and_put_back(rich: Rich) -> Forged:
    return touched(rich, ".gitattributes")


@forgery("S5")
def another_changes_brief_that_was_touched_and_put_back(rich: Rich) -> Forged:
    return touched(rich, "changes/CH-099/brief.md")


@forgery("R9")
def a_record_that_names_a_commit_of_the_base(rich: Rich) -> Forged:
    world, place = rich.landing(), rich.place("merge")
    record = world.record(RecordType.SYNCED, {"base_tree": place.parent.oid})
    tree = world.remade([*world.records(), record])
    bad = place.closed(tree, None)
    landing = place.made(tree, place.parent.oid, bad)
    return Forged(bad, landing, place.parent.oid, story=True, more=True)


@forgery("S7")
def a_merge_that_throws_the_bases_work_away(rich: Rich) -> Forged:
    place, store = rich.place("merge"), rich.store
    said = Entry("100644", store.write_blob(b"# Weeks\n\nmuch was done\n"))
    base = place.made(store.write_tree(place.parent.tree, {WEEKS: said}), place.parent.oid)
    ours = place.made(place.commit.tree, place.commit.parents[1], base)
    landing = place.made(place.commit.tree, base, ours)
    return Forged(ours, landing, place.parent.oid, story=True, more=True)


def papers() -> dict[str, tuple[str, str, bytes, bytes]]:
    """What else a paper may lack: the rule, the file, what stands there, what stands instead."""
    return {
        "a brief without a scope": ("G1", "brief.md", b"## Scope", b"## Elsewhere"),
        "two criteria of one name": ("G2", "brief.md", b"- AC-2:", b"- AC-1:"),
        "a task for a criterion that nobody wrote": (
            *("G4", "tasks.md"),
            *(b"criteria: AC-2", b"criteria: AC-9"),
        ),
        "a task that waits for itself": (
            *("G5", "tasks.md"),
            *(b"  - criteria: AC-1\n", b"  - criteria: AC-1\n  - after: T-01\n"),
        ),
    }


def _lacking(rich: Rich, name: str) -> Forged:
    _, file, old, new = papers()[name]
    path = f"changes/CH-001/{file}"
    content = rich.landing().read(path)
    assert old in content, content
    return edited(rich, {path: content.replace(old, new, 1)})


@forgery("G1")
def a_brief_without_a_scope(rich: Rich) -> Forged:
    return _lacking(rich, "a brief without a scope")


@forgery("G2")
def two_criteria_of_one_name(rich: Rich) -> Forged:
    return _lacking(rich, "two criteria of one name")


@forgery("G4")
def a_task_for_a_criterion_that_nobody_wrote(rich: Rich) -> Forged:
    return _lacking(rich, "a task for a criterion that nobody wrote")


@forgery("G5")
def a_task_that_waits_for_itself(rich: Rich) -> Forged:
    return _lacking(rich, "a task that waits for itself")
