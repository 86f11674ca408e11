"""What a signature covers: the decision, and everything that it must not be carried away from.

`{root, branch, change, gates: {name: {round, subject}}, decision, seen, actor, at}` in canonical
JSON, signed in the namespace `codexa`; `decision` is the record's type with the rest of its data.
Who signs a task is named there, as `signer`, for the actor may be an agent.
A bare `ssh-keygen -Y verify -n codexa` proves it.
"""

from codexa_git.audit.canonical import Json, canonical
from codexa_git.audit.record import Actor, Record, time_of, wants_signature
from codexa_git.audit.words import RecordType
from codexa_git.errors import RecordError
from codexa_git.values import Any

NAMESPACE = "codexa"
_BOUND = ("root", "branch", "gates", "seen")


def payload(
    kind: RecordType, data: dict[str, Any], *, change: str | None, actor: Actor, at: int
) -> bytes:
    """The bytes to sign for a decision with this data."""
    return _payload(kind, data, change, actor, time_of(at))


def payload_of(record: Record) -> bytes:
    """The bytes that the record's signature must cover.

    Raises:
        RecordError: records of this type are not signed, or this one is not.
    """
    if not wants_signature(record.type, record.data):
        raise RecordError(f"{record.type} is not a signed decision")
    return _payload(record.type, record.data, record.change, record.actor, record.at)


def _payload(
    kind: RecordType, data: dict[str, Any], change: str | None, actor: Actor, at: str
) -> bytes:
    gates: dict[str, Json] = {
        name: {"round": bound["round"], "subject": bound["subject"]}
        for name, bound in data["gates"].items()
    }
    rest = {name: value for name, value in data.items() if name not in _BOUND}
    return canonical(
        {
            "root": data["root"],
            "branch": data["branch"],
            "change": change,
            "gates": gates,
            "decision": {"type": str(kind), **rest},
            "seen": data["seen"],
            "actor": actor._asdict(),
            "at": at,
        }
    )
