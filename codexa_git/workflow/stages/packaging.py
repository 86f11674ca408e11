"""Package: the PM agent writes what the change does, and the packet for the person who decides.

Where the change's milestone has started, it also makes the files of the week's demo. They are
papers: the same approval covers them, and no test runs on them.
"""

from collections.abc import Callable

from codexa_git.audit.canonical import digest
from codexa_git.audit.words import AgentRole, Gate, RecordType, Stage
from codexa_git.change.figures import figures_of
from codexa_git.change.milestones import week_name, week_of
from codexa_git.change.pages import IMPLEMENTATION_PLAN, OVERVIEW
from codexa_git.change.paths import DEMO, Places
from codexa_git.change.plan import ordered
from codexa_git.change.quoting import opening
from codexa_git.errors import UsageError
from codexa_git.gate.case import Case
from codexa_git.gate.pages import require_pages, require_plain
from codexa_git.gate.verdict import Verdict
from codexa_git.pages.demo import NAMES, demo
from codexa_git.pages.documents import Course, implementation_plan, overview
from codexa_git.pages.impact import impact
from codexa_git.pages.packet import packet
from codexa_git.workflow.changes.draft import AGENTS, Built, Draft
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.decisions.telling import impact_facts, packet_facts
from codexa_git.workflow.decisions.vetting import is_own_packet


def make_package(moment: Moment) -> Built:
    """The commit with impact, overview and implementation plan, the demo, and the packet.

    A paper that people have written or edited is theirs, and stays as it is to the byte.

    Raises:
        PaperError: something that is no plain file stands where a paper belongs.
    """
    draft = Draft(moment.footing, Stage.PACKAGE, AGENTS[AgentRole.PM])
    places = draft.places
    papers = _drafted(moment)
    for path, paper in papers.items():
        draft.put(path, paper)
    week, why = demo_week(moment.case, draft.at)
    if week is not None:
        _put_demo(draft, week)
    case = draft.case()
    content = packet(packet_facts(case))
    draft.put(places.packet, content)
    data = {
        "evidence": {places.packet: digest(content)},
        "papers": {path: digest(paper) for path, paper in papers.items()},
        "subject": case.subject(Gate.PACKAGE).as_read,
        "told": [record.id for record in case.state.records],
    }
    draft.record(RecordType.PACKAGED, data)
    if week is None:
        return draft.build("impact and packet", body=f"No files for a demo: {why}.")
    return draft.build("impact, demo, packet", body=f"The demo's files lie in {places.demo(week)}")


def _drafts(places: Places) -> dict[str, Callable[[Case], bytes]]:
    """The papers of Package, each with what drafts it."""
    return {
        places.impact: lambda case: impact(impact_facts(case)),
        places.page(OVERVIEW): lambda case: overview(impact_facts(case), _context(case)),
        places.page(IMPLEMENTATION_PLAN): lambda case: implementation_plan(
            impact_facts(case), _course(case)
        ),
    }


def _drafted(moment: Moment) -> dict[str, bytes]:
    """The papers that this package makes: those that are missing, or an earlier package's own."""
    case = moment.case
    made: dict[str, bytes] = {}
    for path, make in _drafts(case.places).items():
        content = case.read(path)
        if content is None:
            require_plain(case, path)
        if content is None or _is_own(moment, path, digest(content)):
            made[path] = make(case)
    return made


def _is_own(moment: Moment, path: str, content: str) -> bool:
    """True where a package made this content, by its record and by the commit that brought it.

    Nobody signed that record. One that names what stood there before it came names what a person
    wrote, whatever it says.
    """
    packaged = moment.state.of(RecordType.PACKAGED)
    naming = [r.id.encode() for r in packaged if r.data["papers"].get(path) == content]
    if not naming:
        return False
    log, store = moment.places.log("handoff"), moment.store
    for commit in store.first_parents(moment.tip.oid, moment.held.oid):
        before = store.tree_of(commit.parents[0]) if commit.parents else store.empty_tree
        if store.entry(before, log) == store.entry(commit.tree, log):
            continue
        old, new = store.read(before, log) or b"", store.read(commit.tree, log) or b""
        if any(name in new and name not in old for name in naming):
            stood = store.read(before, path)
            if stood is None or digest(stood) != content:
                return True
    return False


def _context(case: Case) -> str:
    return opening(case.brief.context)


def _course(case: Case) -> Course:
    """How the work went: the seed, the order, the tries, and why it was sent back."""
    planner = case.planner
    return Course(
        seed=planner.seed,
        order=tuple(task.id for task in ordered(case.plan, planner.seed)),
        tries=planner.tries or case.policy.tries,
        reworks=tuple((r.data["to"], r.data["reason"]) for r in case.state.reworks),
    )


def make_missing(moment: Moment, verdict: Verdict) -> Built | None:
    """The package, where it is missing or is not what a person could approve as it stands.

    A sync may leave an honest packet behind: what it tells of lines and results is of before. What
    a person wrote as a paper is theirs to complete: another packet would not mend it.

    Raises:
        PaperError: a paper, or a shared page that closing could not write, so that nobody reads and
            approves a package that cannot be closed.
    """
    unmet = {ask.name for ask in verdict.unmet}
    is_drafted = all(moment.case.read(path) is not None for path in _drafts(moment.places))
    if is_drafted and "packet-ready" not in unmet:
        waits = "package-approved" in unmet and not unmet & {"impact-written", "documents-written"}
        if not waits or is_own_packet(moment.case):
            return None
    require_pages(moment.case)
    return make_package(moment)


def demo_week(case: Case, at: int) -> tuple[str | None, str]:
    """The week that a demo made now belongs to; without one, why there is none."""
    milestone = case.state.opened.data["milestone"]
    if milestone is None:
        return None, "the change belongs to no milestone"
    for known in case.policy.milestones:
        if known.id == milestone:
            try:
                return week_name(week_of(milestone, known.start, at)), ""
            except UsageError as error:
                return None, error.message
    return None, f"policy says no day that {milestone} starts on"


def _put_demo(draft: Draft, week: str) -> None:
    """The files of this week; those that an earlier package made in another week are gone."""
    case = draft.case()
    figures = figures_of(case.state, case.brief, case.plan, case.results)
    for name, content in demo(packet_facts(case), figures, week).items():
        draft.put(draft.places.demo(week) + name, content)
    folder = case.store.entry(case.tree, DEMO.rstrip("/"))
    weeks = () if folder is None else case.store.children(folder.oid)
    earlier = [draft.places.demo(other) + n for other in weeks if other != week for n in NAMES]
    draft.enter({path: None for path in earlier if case.read(path) is not None})
