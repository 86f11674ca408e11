"""What the gates of Package and Cleanup ask."""

from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, RecordType
from codexa_git.change.evidence import parse_run
from codexa_git.change.impact import impact_gaps
from codexa_git.change.paths import Kind
from codexa_git.change.retention import OUTPUT, evidence_of
from codexa_git.change.state import Concern
from codexa_git.change.text import counted
from codexa_git.gate.answering import answer_of
from codexa_git.gate.answers import Answer, Basis, no, yes
from codexa_git.gate.approving import approved
from codexa_git.gate.case import Case
from codexa_git.gate.decisions import tester_signed
from codexa_git.gate.testing import difference_settled, tells_difference
from codexa_git.policy.keeping import goes_at

_PM = ("PM (agent)",)
_IMPLEMENTER = ("Implementer (agent)",)


def by_closing(case: Case, now: str, *where: str) -> Answer:
    """No, and the closing commit makes it a yes."""
    return no(now, who=_IMPLEMENTER, command=f"git codexa advance {case.change}", where=where)


def impact_written(case: Case) -> Answer:
    """`impact.md` says what the change does, how, and how that was verified."""
    path = case.places.impact
    content = case.read(path)
    if content is None:
        return no("not written yet", who=_PM, command=f"git codexa advance {case.change}")
    if missing := impact_gaps(content, path):
        people = tuple(person.name for person in case.policy.people)
        mend = f"$EDITOR {path} && git commit {path}"
        return no("; ".join(missing), who=people, command=mend, where=(path,))
    return yes(case.places.impact)


def packet_ready(case: Case) -> Answer:
    """The review packet is the recorded one, and tells of exactly these files."""
    packet = case.digest_of(case.places.packet)
    recorded = case.state.packaged
    if packet is None or recorded is None:
        return no("not made yet", who=_PM, command=f"git codexa advance {case.change}")
    if recorded.data["evidence"].get(case.places.packet) != packet:
        return no("not the recorded one", who=_PM, command=f"git codexa advance {case.change}")
    if recorded.data["subject"] != case.subject(Gate.PACKAGE).as_read:
        return no(
            "it tells of other files than there are now",
            who=_PM,
            command=f"git codexa advance {case.change}",
        )
    return yes(case.places.packet)


def package_approved(case: Case) -> Answer:
    """Closing starts after a person has approved every file of the change, as it is now.

    In a light change the plan is asked for here, too.
    """
    if case.state.light is not None and case.plan_waits:
        plan = approved(case, Gate.PLAN)
        if not plan.met:
            return plan._replace(now=f"{plan.now}, of plan and package")
    return approved(case, Gate.PACKAGE)


def retained(case: Case) -> dict[str, Record]:
    """Of each digest that retention records name the last of them, but for what cannot be.

    A record that drops is nobody's signed word: where policy keeps the piece, or holds it for some
    days yet, it is as if nothing had been said, and closing says what becomes of it.
    """
    kinds = (RecordType.RETENTION_KEPT, RecordType.RETENTION_ARCHIVED, RecordType.RETENTION_DROPPED)
    found: dict[str, Record] = {}
    for record in case.state.of(*kinds):
        for item in record.data["items"]:
            found[item["digest"]] = record
    goes = goes_at(case.policy.retention, OUTPUT, 0) == 0
    dropped = {item["digest"] for item in evidence_of(case.state.records).dropped} if goes else ()
    return {
        name: record
        for name, record in found.items()
        if record.type is not RecordType.RETENTION_DROPPED or name in dropped
    }


def _wrongly_dropped(case: Case) -> Answer | None:
    """No, where a record drops what policy keeps and nothing after it says otherwise."""
    known = retained(case)
    for record in case.state.of(RecordType.RETENTION_DROPPED):
        for item in record.data["items"]:
            if item["digest"] not in known:
                return by_closing(
                    case,
                    f"a record drops {item['name']}, which policy keeps",
                    case.places.log("retention"),
                )
    return None


def retention_recorded(case: Case) -> Answer:
    """Every piece of evidence has a retention record that names its digest."""
    if (wrong := _wrongly_dropped(case)) is not None:
        return wrong
    known = retained(case)
    for path, expected in sorted(case.evidence.items()):
        if path.startswith(case.places.work) and expected not in known:
            return by_closing(case, f"no retention record for {path}", path)
    if case.results is not None and case.results_digest not in known:
        return by_closing(
            case, f"no retention record for {case.places.results}", case.places.results
        )
    return yes(counted(len(known), "item"))


def evidence_archived(case: Case) -> Answer:
    """Every output that a run or a test command left has a retention record."""
    known = retained(case)
    wanted = {item["digest"]: path for path, item in _outputs(case)}
    for command in case.results.commands if case.results else ():
        wanted[command.output] = case.places.results
    for name, path in sorted(wanted.items()):
        if name not in known:
            return by_closing(case, f"an output named in {path} has no retention record", path)
    return yes(counted(len(wanted), "output"))


def _outputs(case: Case) -> list[tuple[str, dict[str, str]]]:
    paths = [d.path for d in case.of_kind(Kind.LISTED) if d.path.endswith("/run.json")]
    return [
        (path, item) for path in paths for item in parse_run(case.read(path) or b"", path).outputs
    ]


def is_open(case: Case, concern: Concern) -> bool:
    """True where nothing that counts has answered the concern.

    A person's concern is answered by a person's signed word; a machine's also by what it was about:
    each of its tests passes in signed results, and each of its tasks is completed, as the Tester
    checked. That a change stands still is answered by whatever moves it. What says that two runs
    differ is open until someone who may approve these results has resolved it.
    """
    answer = answer_of(case, concern)
    if answer is not None and answer.type is RecordType.CONCERN_RESOLVED:
        return tells_difference(case, concern) and not difference_settled(case)
    if concern.stalled:
        return answer is None and case.state.stall == concern
    if concern.by_person or not concern.tests:
        return True
    signed = tester_signed(case)
    if signed is None or not signed.counts or case.results is None:
        return True
    checked = {task for task, r in case.state.done.items() if r.id in case.results.records}
    return not set(concern.tests) <= {*case.results.passed, *checked}


def concerns_clear(case: Case) -> Answer:
    """A change closes with no concern open."""
    # That it stood still is no reason to stay open: closing is the move that answers it.
    raised = [concern for concern in case.state.concerns if not concern.stalled]
    waiting = [concern for concern in raised if is_open(case, concern)]
    if waiting:
        first = waiting[0]
        return no(
            f"{first.label}: {first.text}",
            who=tuple(person.name for person in case.policy.people),
            command=f'git codexa concern resolve {case.change} {first.label} "..."',
        )
    return yes(f"{len(raised)} raised, {len(raised)} closed" if raised else "none raised")


def workspace_closed(case: Case) -> Answer:
    """The closing record seals every other record, on the base as it is now."""
    closed = case.state.closed
    if closed is None:
        return by_closing(case, "not closed")
    if closed.data["base_tree"] != case.base_tree:
        return by_closing(case, f"{case.context.branch} has moved since it was closed")
    return yes(f"sealed over {closed.data['records']} records", Basis.PROVED)
