"""What is refused in any stage, whatever the gates say."""

from codexa_git.audit.logger import log_path
from codexa_git.audit.record import Record, time_of
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.audit.words import AHEAD, RecordType
from codexa_git.change.note import status_note
from codexa_git.change.pages import PAGES, QA_REPORT
from codexa_git.change.paths import Kind, folded
from codexa_git.errors import RecordError
from codexa_git.gate.against import Against, Weight, weighed
from codexa_git.gate.answers import Answer, no, quoted, yes
from codexa_git.gate.case import Case
from codexa_git.gate.disowning import disowners, doubted_endings
from codexa_git.gate.heard import left_out, live_report_of
from codexa_git.gate.sharing import trespasses
from codexa_git.policy.rules import is_guarded
from codexa_git.repository.objects import Difference, Mode
from codexa_git.repository.store import Store

_ONE_BY_ONE = 8
"""Of so many names in one folder each is looked for by itself."""


def records_sound(case: Case) -> Answer:
    """Every record is well formed, stands once, in its own file, and tells a possible story.

    None is of a time to come: all that followed would have to be of a later one still.
    """
    if (late := of_a_time_to_come(case)) is not None:
        path = case.places.log(late.log)
        return no(told_ahead(case, late), command=f"git log -p -- {path}", where=(path,))
    return yes(f"{len(case.state.records)} records")


def of_a_time_to_come(case: Case) -> Record | None:
    """The record that is furthest ahead, where it is more than a day ahead."""
    latest = max(case.state.records, key=lambda record: record.seconds)
    judged_at = max(case.context.at, case.context.not_before)
    return latest if latest.seconds > judged_at + AHEAD else None


def told_ahead(case: Case, record: Record) -> str:
    """`concern.raised by Demo PM (pm) is of 2027-..., more than a day after 2026-...`."""
    judged_at = time_of(max(case.context.at, case.context.not_before))
    return f"{record.type} by {record.actor} is of {record.at}, more than a day after {judged_at}"


def not_abandoned(case: Case) -> Answer:
    """A change that was abandoned moves no more."""
    if (record := abandonment(case)) is not None:
        return no(f"abandoned by {record.actor}: {record.data['reason']}")
    if doubts := doubted_endings(case):
        return _doubted(case, doubts[0])
    return yes("not abandoned")


def _doubted(case: Case, word: Against) -> Answer:
    """No answer: who may say whether it was said is named, and nobody else."""
    actor, names = word.record.actor, tuple(p.name for p in disowners(case, word.record))
    told = " or ".join(names) or "an owner"
    way = f"{told} says so again (abandon), or that it is not so (withdraw)"
    if actor.name not in names:
        way = (
            f"{actor.name} has no key now that could say whether it is theirs:"
            f" {told} says that it is not so (withdraw), or ends the change (abandon)"
        )
    withdraw = f'git codexa withdraw {case.change} -m "why"'
    return Answer(
        met=None,
        now=f"a line says that {actor} abandoned it, and is not to be believed ({word.why}); {way}",
        who=names,
        command=withdraw if names else "git codexa people list",
        where=(case.places.log(word.record.log),),
    )


def abandonment(case: Case) -> Record | None:
    """The first signed word that ends the change and counts; one that does not hides no other."""
    said = case.state.of(RecordType.ABANDONED)
    return next((r for r in said if weighed(case, r).weight is Weight.COUNTS), None)


def own_files_only(case: Case) -> Answer:
    """A change touches its own files and the product, and nothing else that belongs to someone."""
    for difference in case.differences:
        kind = case.kinds[difference.path]
        if kind is Kind.FOREIGN:
            return _refused(difference, "belongs to another change")
        if kind is Kind.STRAY:
            return _refused(difference, "lies where only the tool writes, and is none of its files")
    for page, wrong in trespasses(case).items():
        back = f"git checkout {case.context.branch} -- {page}"
        return no(f"{page} {wrong}", command=back, where=(page,))
    return yes("only its own files")


def _refused(difference: Difference, why: str, hint: str | None = None) -> Answer:
    return no(
        f"{difference.path} {why}",
        command=hint or f"git rm -r --cached -- {quoted(difference.path)}",
        where=(difference.path,),
    )


def paths_plain(case: Case) -> Answer:
    """Every path is printable text, and no two paths differ only in letter case."""
    plain: set[str] = set()
    for difference in case.differences:
        if not difference.path.isprintable():
            return no(f"a path that cannot be put on record: {difference.path!a}")
        is_added = difference.old is None and difference.new is not None
        if is_added and (other := same_folded(case, difference.path, plain)):
            return _refused(difference, f"and {other} are one file where letter case is folded")
    return yes("every path is plain")


def same_folded(case: Case, path: str, plain: set[str] | None = None) -> str | None:
    """What stands beside `path`, or beside a folder of it that is new, under the same folded name.

    What the base holds already under two such names is not this change's to mend. In `plain` stand
    the places that were asked about before, where there was nothing.
    """
    asked = set[str]() if plain is None else plain
    places = list[str]()
    while path and path not in asked:
        places.append(path)
        path = path.rpartition("/")[0]
    is_new = False
    for place in reversed(places):
        is_new = is_new or case.store.entry(case.base_tree, place) is None
        if is_new:
            folder, slash, name = place.rpartition("/")
            found = case.store.entry(case.tree, folder) if folder else None
            if other := _beside(case, found.oid if found else case.tree, name):
                return folder + slash + other
        asked.add(place)
    return None


def _beside(case: Case, tree: str, name: str) -> str | None:
    """Another name in this tree that is the same where letter case is folded.

    A few names are asked for one by one, each at the price of a look at the tree's bytes; then all
    that the tree holds is folded once.
    """
    if case.store.wide(tree) is not None:
        asked = case.once(("asked beside", tree), lambda: [0])
        asked[0] += 1
        if asked[0] <= _ONE_BY_ONE and case.store.is_alone(tree, name):
            return None
    named = case.once(("folded", tree), lambda: _folded_names(case.store, tree))
    return next((other for other in named.get(folded(name), ()) if other != name), None)


def _folded_names(store: Store, tree: str) -> dict[str, tuple[str, ...]]:
    """The names in a tree by what they fold to: of each the first two, which tell of any more."""
    names = tuple(store.children(tree))
    found: dict[str, tuple[str, ...]] = dict(zip(map(folded, names), zip(names), strict=True))
    if len(found) < len(names):
        found = {}
        for name in names:
            found[folded(name)] = (*found.get(folded(name), ()), name)[:2]
    return found


def guarded_paths(case: Case) -> Answer:
    """Policy, attributes, submodules and CI files change in policy commits alone."""
    for difference in case.differences:
        if is_guarded(case.policy, difference.path):
            return _refused(
                difference,
                "is guarded: only a policy commit may touch it",
                f"git checkout {case.context.branch} -- {quoted(difference.path)}",
            )
    return yes("none touched")


def no_gitlinks(case: Case) -> Answer:
    """A change brings in no submodule, whose content nobody here tests or approves."""
    for difference in case.differences:
        if difference.new is not None and difference.new.mode == Mode.GITLINK:
            return _refused(difference, "is a submodule, whose content no approval here covers")
    return yes("none")


def listed_as_recorded(case: Case) -> Answer:
    """A file that only the tool writes is exactly what the records say it is."""
    for difference in case.of_kind(Kind.LISTED):
        if problem := _listed_problem(case, difference):
            return _refused(difference, problem, f"git codexa status {case.change}")
    for path in sorted({case.places.status, *_reported(case), *case.evidence}):
        if case.read(path) is None:
            return no(
                f"{path} is missing, though the records tell of it",
                command=f"git log --oneline -- {quoted(path)}",
                where=(path,),
            )
    return yes(f"{len(case.of_kind(Kind.LISTED))} files")


def _reported(case: Case) -> tuple[str, ...]:
    return () if live_report_of(case) is None else (case.places.page(QA_REPORT),)


def _listed_problem(case: Case, difference: Difference) -> str | None:
    if difference.new is None:
        return "is deleted, but only the tool writes it"
    if difference.new.mode != Mode.FILE:
        return f"has mode {difference.new.mode}; it is a plain file"
    path, content = difference.path, case.read(difference.path) or b""
    if path in PAGES or path in {log_path(case.change, name) for name in LOG_NAMES}:
        return None  # what they hold is asked of the records, and of the pages at closing
    return None if _is_as_recorded(case, path, content) else "is not what the records say"


def _is_as_recorded(case: Case, path: str, content: bytes) -> bool:
    if path == case.places.status:
        return content == status_note(case.state, left_out(case))
    if path == case.places.page(QA_REPORT):
        # Where results were recorded and are no longer there, that is the finding, and not this.
        unread = content if case.state.of(RecordType.RESULTS_RECORDED) else None
        return content == (live_report_of(case) or unread)
    if path == case.places.results:
        results = case.state.of(RecordType.RESULTS_RECORDED)
        return case.results_digest in {r.data["gates"]["results"]["subject"] for r in results}
    return case.evidence.get(path) == case.digest_of(path) and _tells_a_run(path, content)


def _tells_a_run(path: str, content: bytes) -> bool:
    """False for a `run.json` that tells of none: whoever may push may name any bytes by digest."""
    if not path.endswith("/run.json"):
        return True
    from codexa_git.change.evidence import parse_run  # noqa: PLC0415

    try:
        parse_run(content, path)
    except RecordError:
        return False
    return True
