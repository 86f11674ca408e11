"""Package: the PM agent writes what the change does, and the packet for the person who decides."""

from codexa_git.audit.canonical import digest
from codexa_git.audit.words import AgentRole, RecordType, Stage
from codexa_git.pages.impact import impact
from codexa_git.pages.packet import packet
from codexa_git.workflow.draft import AGENTS, Built, Draft
from codexa_git.workflow.moment import Moment
from codexa_git.workflow.telling import impact_facts, packet_facts


def make_package(moment: Moment) -> Built:
    """The commit with `impact.md`, where people have not written it, and the review packet."""
    draft = Draft(moment.footing, Stage.PACKAGE, AGENTS[AgentRole.PM])
    places = draft.places
    if draft.read(places.impact) is None:
        draft.put(places.impact, impact(impact_facts(moment.case)))
    content = packet(packet_facts(draft.case()))
    draft.put(places.packet, content)
    draft.record(RecordType.PACKAGED, {"evidence": {places.packet: digest(content)}})
    return draft.build("impact and packet")
