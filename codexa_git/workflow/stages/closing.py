"""Cleanup: retention, the blocks in shared pages, and the seal over every record."""

from codexa_git.audit.logger import parse_log
from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.change.evidence import parse_run
from codexa_git.change.pages import PAGES
from codexa_git.change.retention import OUTPUT, Item
from codexa_git.change.state import seal
from codexa_git.change.text import counted
from codexa_git.gate.case import Case
from codexa_git.gate.closing import retained
from codexa_git.gate.pages import page_with_block
from codexa_git.policy.keeping import keeping_of
from codexa_git.policy.rules import Keeping
from codexa_git.workflow.changes.bodies import evidence_ref
from codexa_git.workflow.changes.draft import AGENTS, Built, Draft
from codexa_git.workflow.changes.moment import Moment


def close(moment: Moment) -> Built:
    """The closing commit, on a change that holds the base's tip."""
    draft = Draft(moment.footing, Stage.CLEANUP, AGENTS[AgentRole.IMPLEMENTER])
    _retain(moment, draft)
    draft.answer_stalls()
    others = draft.logger.records
    draft.record(
        RecordType.CLOSED,
        {"seal": seal(others), "records": len(others), "base_tree": moment.held.tree},
    )
    _fill_pages(draft)
    return draft.build("closed, evidence kept, 0 concerns open", hand_off=False)


def _retain(moment: Moment, draft: Draft) -> None:
    """Every piece of evidence that has no retention record yet gets one, as policy says."""
    known = retained(moment.case)
    # What was wrongly dropped is named again even where nothing else names it any more.
    said = [i for r in moment.state.of(RecordType.RETENTION_DROPPED) for i in r.data["items"]]
    found = [*said, *evidence(moment.case)]
    items = {i["digest"]: i for i in found if i["digest"] not in known}
    sorted_items: dict[Keeping, list[Item]] = {keeping: [] for keeping in Keeping}
    for item in sorted(items.values(), key=lambda item: (item["kind"], item["name"])):
        sorted_items[_closes_with(moment, item["kind"])].append(item)
    governance = AGENTS[AgentRole.GOVERNANCE]
    if kept := sorted_items[Keeping.KEEP]:
        draft.record(RecordType.RETENTION_KEPT, {"items": kept}, actor=governance)
    if archived := sorted_items[Keeping.ARCHIVE]:
        data = {"items": archived, "ref": evidence_ref(moment.change)}
        draft.record(RecordType.RETENTION_ARCHIVED, data, actor=governance)
    if dropped := sorted_items[Keeping.DROP]:
        data = {"items": dropped, "reason": "policy"}
        draft.record(RecordType.RETENTION_DROPPED, data, actor=governance)


def _closes_with(moment: Moment, kind: str) -> Keeping:
    """What closing does: what policy drops only after some days is archived until a sweep."""
    retention = moment.policy.retention
    keeping = keeping_of(retention, kind)
    return Keeping.ARCHIVE if keeping is Keeping.DROP and retention.drop_after else keeping


def archived_files(built: Built, moment: Moment) -> dict[str, bytes]:
    """The files of the tree that this closing archives, for the change's evidence ref."""
    content = moment.store.read(built.commit.tree, moment.places.log("retention")) or b""
    records = parse_log(content, moment.places.log("retention"), moment.change)
    known = set(moment.state.ids)
    new = [r for r in records if r.type is RecordType.RETENTION_ARCHIVED and r.id not in known]
    names = [i["name"] for r in new for i in r.data["items"] if i["kind"] != OUTPUT]
    return {name: moment.store.read(built.commit.tree, name) or b"" for name in names}


def evidence(case: Case) -> list[Item]:
    """Every piece of evidence: files in the tree by path, full outputs by their name."""
    items: list[Item] = []
    for path, name in sorted(case.state.evidence.items()):
        kind = "packet" if path == case.places.packet else "run"
        kind = "log" if path.endswith((".log", ".jsonl")) else kind
        items.append({"name": path, "digest": name, "kind": kind})
        if path.endswith("/run.json"):
            items += parse_run(case.read(path) or b"", path).outputs
    if case.results is not None:
        results = {"name": case.places.results, "digest": case.results_digest, "kind": "results"}
        outputs = [
            {"name": command.run, "digest": command.output, "kind": "output"}
            for command in case.results.commands
        ]
        items += [results, *outputs]
    return items


def _fill_pages(draft: Draft) -> None:
    """Each shared page holds the change's block, which tells of the closing, too."""
    case = draft.case()
    for page in PAGES:
        draft.put(page, page_with_block(case, page))


def dropped(moment: Moment, items: list[dict[str, str]], reason: str) -> Built:
    """The commit by Governance that records these outputs of a change as dropped."""
    draft = Draft(moment.footing, moment.state.stage, AGENTS[AgentRole.GOVERNANCE])
    draft.record(RecordType.RETENTION_DROPPED, {"items": items, "reason": reason})
    told = f"{counted(len(items), 'output')} dropped, {reason}"
    return draft.build(told, hand_off=False)
