"""`commit-msg`, `pre-commit` and `pre-merge-commit`: one gate, asked of the index."""

from collections.abc import Mapping
from pathlib import Path

from codexa_git.audit.canonical import is_digest
from codexa_git.change.paths import POLICY
from codexa_git.errors import RecordError, RefusedError
from codexa_git.hooks.handed import merged
from codexa_git.hooks.judging import Judged, coming, judged_index
from codexa_git.hooks.message import comment_mark, is_stamp, stamped
from codexa_git.hooks.refusing import refusal
from codexa_git.hooks.table import keep_table, stamp_of
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import stand

_RECORD = b"Codexa-Record: "


def before_commit(
    store: Store,
    at: int,
    environment: Mapping[str, str],
    message: Path | None,
    *,
    merging: bool = False,
) -> tuple[RefusedError, ...]:
    """What is told and not refused, because the policy observes; `message` bears its trailers.

    `merging` is true where git merges, and has not yet noted what.

    Raises:
        RefusedError: the policy enforces, and the gate says no in any stage.
    """
    commit = coming(store)
    if commit is None or store.entry(commit.head.tree, POLICY) is None:
        return ()
    ground = stand(store, at)
    besides = merged(store, environment, merging=merging)
    try:
        judged = judged_index(ground, commit, besides)
    except RefusedError as error:
        if ground.enforces:
            raise
        return (error,)
    if judged is None:
        return ()
    told = _told(judged, message, environment)
    if message is not None and not judged.lands:
        _stamp(judged, message, environment)
    if not judged.unmet and not judged.lands and not besides:
        keep_table(judged)
    return told


def _told(
    judged: Judged, message: Path | None, environment: Mapping[str, str]
) -> tuple[RefusedError, ...]:
    if not judged.unmet:
        return ()
    written = message is not None and environment.get("GIT_EDITOR") != ":"
    error = refusal(judged, written=written)
    if judged.enforces:
        raise error
    return (error,)


def _stamp(judged: Judged, file: Path, environment: Mapping[str, str]) -> None:
    message = file.read_bytes()
    mark = None
    if environment.get("GIT_EDITOR") != ":":
        configured = judged.moment.store.config("core.commentChar") or ""
        mark = comment_mark(message, configured.encode())
    try:
        stamp, known = stamp_of(judged), _known(judged, message)
    except RecordError:
        # Observing: records that cannot be read tell no stage either.
        stamp, known = (b"Codexa-Change: %s" % judged.moment.change.encode(),), frozenset[bytes]()
    if known:
        # The tool's own commit, amended: it closed the stage that it names.
        stamp = tuple(line for line in message.split(b"\n") if is_stamp(line))[-2:] or stamp
    new = stamped(message, stamp, mark, known)
    if new != message:
        file.write_bytes(new)


def _known(judged: Judged, message: bytes) -> frozenset[bytes]:
    """The message's lines that name records which the commit does hold (the tool's, amended)."""
    types = {record.id: record.type for record in judged.moment.state.records}
    found = set()
    for line in message.split(b"\n"):
        kind, _, name = line.removeprefix(_RECORD).decode("ascii", "replace").partition(" ")
        if line.startswith(_RECORD) and is_digest(name) and types.get(name) == kind:
            found.add(line)
    return frozenset(found)
