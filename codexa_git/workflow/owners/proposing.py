"""Proposals: what a branch would change on the base by an act of its owners, and who signed that.

A proposal is a branch like any other, with ordinary commits. Signatures wait on it as records in
`audit/commands.jsonl`; they bind what changes and the act before, not a commit, so the base may
take landings meanwhile.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from codexa_git.audit.logger import parse_log
from codexa_git.audit.record import Record
from codexa_git.audit.words import ACT_LOG, RecordType
from codexa_git.change.text import counted, visible
from codexa_git.errors import RecordError, RefusedError, RepositoryError, UsageError
from codexa_git.gate.governing import changes_between, last_act
from codexa_git.gate.owners import counted_owners
from codexa_git.gate.tracing import traced
from codexa_git.policy.rules import Policy
from codexa_git.repository.objects import Commit, Entry
from codexa_git.workflow.base.basing import hold_files
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.base.tracing import naming
from codexa_git.workflow.owners.collecting import commits_said, places_of, tips_of

NAMES = {
    RecordType.POLICY_CHANGED: "policy",
    RecordType.BYPASS_GRANTED: "bypass",
    RecordType.INCIDENT_DECLARED: "incident",
}
"""What an act is called in commits and in the names of the branches that the tool makes."""

ENFORCE = "policy/enforce"
"""The branch on which a trust root waits that more than one owner has to sign."""

Files = dict[str, bytes | Entry | None]


class Proposal(NamedTuple):
    """What would come to the base, on its tip as it is now.

    `files` are the paths that change, `tips` the commits of its branch, here and on the remote
    (none where no branch holds it yet). `signed` are the records that still fit and count; `policy`
    is the one that judges.
    """

    kind: RecordType
    branch: str
    tips: tuple[Commit, ...]
    files: Files
    reason: str
    commits: tuple[str, ...]
    signed: tuple[Record, ...]
    policy: Policy

    @property
    def data(self) -> dict[str, Any]:
        """What records of this kind hold beside what they all do."""
        named = {"commits": list(self.commits)}
        return {"reason": self.reason} | (
            named if self.kind is RecordType.INCIDENT_DECLARED else {}
        )


def proposed(
    ground: Ground,
    kind: RecordType,
    branch: str,
    *,
    reason: str | None = None,
    commits: tuple[str, ...] = (),
) -> Proposal:
    """What this branch proposes for the base, and who has signed it so far.

    Its reason and the commits that it names are those that were signed, where someone did; else
    those of its first commit.

    Raises:
        UsageError: there is no such branch.
        RefusedError: it changes nothing, or what it changes has moved on the base.
    """
    tips = tips_of(ground, branch)
    if not tips:
        raise UsageError(
            f"there is no branch {branch} here", hint="git fetch; git codexa policy show lists them"
        )
    found, files = _records(ground, tips, kind), _files(ground, tips[0])
    for record in found:
        made = _as_said(ground, record, branch, files)
        standing = () if made is None else _standing(ground, made, found)
        if made is not None and standing and reason in (None, made.reason):
            return made._replace(tips=tips, signed=standing)
    first = _first(ground, tips[0])
    told = commits_said(first.message) if kind is RecordType.INCIDENT_DECLARED else ()
    said = reason or visible(first.subject)
    return new_proposal(ground, kind, branch, files, said, commits or told)._replace(tips=tips)


def _as_said(ground: Ground, record: Record, branch: str, files: Files) -> Proposal | None:
    """What this record says is proposed; `None` where nobody could have signed that here."""
    named = tuple(record.data.get("commits", ()))
    try:
        return new_proposal(ground, record.type, branch, files, record.data["reason"], named)
    except (RefusedError, UsageError):
        return None


def new_proposal(
    ground: Ground,
    kind: RecordType,
    branch: str,
    files: Files,
    reason: str,
    commits: tuple[str, ...] = (),
) -> Proposal:
    """A proposal that no branch holds yet."""
    policy = judging_policy(ground, kind, commits, branch)
    return Proposal(kind, branch, (), files, reason, commits, (), policy)


def _start(ground: Ground, tip: Commit) -> Commit:
    oid = ground.store.merge_base(ground.tip.oid, tip.oid)
    if oid is None:
        raise RepositoryError(f"this branch shares no history with {ground.branch}")
    return ground.store.commit(oid)


def _files(ground: Ground, tip: Commit) -> Files:
    """What the branch changes, as it would be put on the base's tip.

    Raises:
        RefusedError: the base has changed one of these paths since the branch began.
    """
    store, start = ground.store, _start(ground, tip)
    files: Files = {}
    for difference in store.difference(start.tree, tip.tree):
        path, now = difference.path, store.entry(ground.tip.tree, difference.path)
        if path == ACT_LOG or now == difference.new:
            continue
        if now != difference.old:
            raise RefusedError(
                f"{path} has changed on {ground.branch} since this branch began",
                hint=f"git merge {ground.branch}, resolve, commit, and ask again",
            )
        files[path] = difference.new
    return files


def require_newest(ground: Ground, branch: str) -> None:
    """Nothing: what a remote's branch of this name holds, this clone's own branch does, too.

    An owner reads the branch at hand. What somebody pushed to it since would be signed unread.
    Signatures alone, which other owners put there, are no matter.

    Raises:
        RefusedError: the remote's branch changes something else.
    """
    store, places = ground.store, places_of(ground, branch)
    if len(places) < 2:
        return
    (_, ours), (ref, theirs) = places
    if store.is_ancestor(theirs, ours) or _same_files(ground, ours, theirs):
        return
    name, number = ref.removeprefix("refs/remotes/"), len(store.beyond(ours, theirs))
    raise RefusedError(
        f"{name} has {counted(number, 'commit')} that you have not merged",
        hint=f"git switch {branch} && git merge {name}, read git diff {ground.base}...{branch},"
        " and ask again",
    )


def _same_files(ground: Ground, ours: str, theirs: str) -> bool:
    store = ground.store
    differences = store.difference(store.tree_of(ours), store.tree_of(theirs))
    return all(difference.path == ACT_LOG for difference in differences)


def _first(ground: Ground, tip: Commit) -> Commit:
    start = _start(ground, tip)
    beyond = ground.store.beyond(start.oid, tip.oid)
    return beyond[-1] if beyond else tip


def _records(ground: Ground, tips: Sequence[Commit], kind: RecordType) -> list[Record]:
    """The records of this kind that the branch holds and the base does not, each once.

    Raises:
        RefusedError: the branch's file of records is malformed.
    """
    store = ground.store
    known = {r.id for r in _parsed(store.read(ground.tip.tree, ACT_LOG) or b"")}
    found = [r for tip in tips for r in _parsed(store.read(tip.tree, ACT_LOG) or b"")]
    unique = {record.id: record for record in found}
    return [r for r in unique.values() if r.type is kind and r.id not in known]


def _parsed(content: bytes) -> tuple[Record, ...]:
    try:
        return parse_log(content, ACT_LOG, None)
    except RecordError as error:
        raise RefusedError(error.message, hint=f"git log -p -- {ACT_LOG}") from error


def _standing(ground: Ground, proposal: Proposal, found: Sequence[Record]) -> tuple[Record, ...]:
    """Those of the records that say just this proposal, and count; one of each owner."""
    said = wanted(ground, proposal)
    fit = [record for record in found if record.data == said]
    at = time_of_act(ground, fit)
    standing: dict[str, Record] = {}
    for decision in counted_owners(proposal.policy, fit, at):
        if decision.counts:
            standing.setdefault(decision.record.actor.email, decision.record)
    return tuple(standing.values())


def wanted(ground: Ground, proposal: Proposal) -> dict[str, Any]:
    """The data of a record that an owner would sign now."""
    store, base = ground.store, ground.tip.tree
    tree = hold_files(store, base, proposal.files)
    return {
        "root": ground.root,
        "branch": ground.branch,
        "gates": {},
        "seen": [],
        "after": last_act(store, base),
        "changes": changes_between(store, base, tree),
    } | proposal.data


def time_of_act(ground: Ground, records: Sequence[Record]) -> int:
    """The time of the act: never before what it stands on, nor before what was signed."""
    return max(ground.at, ground.tip.committer.seconds, *(r.seconds for r in records), 0)


def judging_policy(ground: Ground, kind: RecordType, commits: Sequence[str], branch: str) -> Policy:
    """The policy that judges an act: the base's now; of an incident, what was signed last.

    Raises:
        RefusedError: a commit that is named is none of the base's since its root.
    """
    if kind is not RecordType.INCIDENT_DECLARED:
        return ground.policy
    if not commits:
        raise UsageError("an incident names commits", hint=naming(ground, f" --sign {branch}"))
    _, lineage = traced(ground.store, ground.branch, ground.tip, ground.cache / "policy")
    lost = next(iter(lineage.missing(commits)), None)
    if lost is None:
        return lineage.policy
    raise RefusedError(
        f"{lost[:12]} is no commit of {ground.branch} that could be named",
        hint=f"git log --first-parent {ground.branch}",
    )


def free_name(ground: Ground, kind: RecordType, reason: str) -> str:
    """A branch name of this kind that nothing has yet, after what is to be done."""
    words = "".join(c if c.isascii() and c.isalnum() else " " for c in reason.lower()).split()
    plain = "-".join(words)[:40].strip("-") or "change"
    name, number = f"{NAMES[kind]}/{plain}", 1
    while tips_of(ground, name):
        number += 1
        name = f"{NAMES[kind]}/{plain}-{number}"
    return name
