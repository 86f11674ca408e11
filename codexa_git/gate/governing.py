"""Acts of the owners on the base: policy commits, bypasses and incidents, judged from two trees.

An *act* is what one commit of the base changes beside its first parent, together with the records
that it adds to the repository's own audit files. The policy that judges is the last that the
owners signed before it, so nobody who comes in by an act has a say in it. Pure: who asks makes no
difference, and nothing is written.
"""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from codexa_git.audit.canonical import digest
from codexa_git.audit.logger import Read, log_path, parse_log, read_records
from codexa_git.audit.record import Record
from codexa_git.audit.schema import LOG_NAMES
from codexa_git.audit.words import ACT_LOG, RecordType
from codexa_git.errors import CodexaError, PolicyError, RecordError
from codexa_git.gate.able import able_owners, asked_of_keys, shortfall
from codexa_git.gate.answers import Answer, Ask, Basis, no, undecided, yes
from codexa_git.gate.context import Context
from codexa_git.gate.hotfixes import no_product
from codexa_git.gate.owners import Ruling, counted_owners, owners_answer
from codexa_git.policy.compiled import LEAVING, load_policy
from codexa_git.policy.rules import OWNER, Policy, has_demo_people, holders, is_guarded
from codexa_git.policy.rules import Mode as PolicyMode
from codexa_git.repository.objects import Difference, Entry, Mode
from codexa_git.repository.store import Store

ACTS = (RecordType.POLICY_CHANGED, RecordType.BYPASS_GRANTED, RecordType.INCIDENT_DECLARED)
"""What owners sign on the base once it enforces, each a type of record."""


class Act:
    """One commit of the base as an act of its owners: two trees, and the policy that judges."""

    def __init__(
        self, store: Store, policy: Policy, base_tree: str, tree: str, context: Context
    ) -> None:
        self.store = store
        self.policy = policy
        self.base_tree = base_tree
        self.tree = tree
        self.context = context

    @property
    def at(self) -> int:
        """The time that keys are judged at: never before the first parent's."""
        return max(self.context.at, self.context.not_before)

    @cached_property
    def added(self) -> tuple[Record, ...]:
        """The records that this tree adds to the repository's own.

        Raises:
            RecordError: a file is malformed, or was not only appended to.
        """
        read_records(self._read(self.tree), None)  # no record stands twice
        return tuple(record for name in LOG_NAMES for record in self._appended(name))

    def _read(self, tree: str) -> Read:
        return partial(self.store.read, tree)

    def _appended(self, name: str) -> tuple[Record, ...]:
        path = log_path(None, name)
        sides = [self.store.entry(tree, path) for tree in (self.base_tree, self.tree)]
        if sides[0] == sides[1]:
            return ()
        if sides[1] is None or sides[1].mode != Mode.FILE:
            raise RecordError(f"{path} is gone, or is no plain file")
        before, after = ((self.store.read(t, path) or b"") for t in (self.base_tree, self.tree))
        if not after.startswith(before):
            raise RecordError(f"{path}: what stood there is not what stands there now")
        return parse_log(after, path, None)[len(parse_log(before, path, None)) :]

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """Every path that differs, but the file that acts are appended to."""
        found = self.store.difference(self.base_tree, self.tree)
        return tuple(difference for difference in found if difference.path != ACT_LOG)


def kind_of_act(store: Store, base_tree: str, tree: str) -> RecordType | None:
    """Which act the first record says that this tree adds; `None` where it adds none of an act.

    A file of records that is malformed, or is not appended to, is for the judge of the act to
    refuse, and is told as a change of policy.
    """
    sides = [store.entry(side, ACT_LOG) for side in (base_tree, tree)]
    if sides[0] == sides[1]:
        return None
    before, after = ((store.read(side, ACT_LOG) or b"") for side in (base_tree, tree))
    try:
        new = parse_log(after, ACT_LOG, None)[len(parse_log(before, ACT_LOG, None)) :]
    except RecordError:
        return RecordType.POLICY_CHANGED
    return next((r.type for r in new if r.type in ACTS), RecordType.POLICY_CHANGED)


def changes_between(
    store: Store, base_tree: str, tree: str, *, within: Callable[[str], bool] = lambda _: True
) -> list[dict[str, Any]]:
    """What an act that makes `tree` of `base_tree` says of each path: mode and content, both sides.

    Sorted by path; the file of the acts themselves is left out.
    """
    found = store.difference(base_tree, tree)
    return [
        {"path": d.path, "old": _side(store, d.old), "new": _side(store, d.new)}
        for d in sorted(found, key=lambda d: d.path)
        if d.path != ACT_LOG and within(d.path)
    ]


def _side(store: Store, entry: Entry | None) -> dict[str, str] | None:
    if entry is None:
        return None
    if entry.mode == Mode.GITLINK:
        return {"mode": str(entry.mode), "digest": digest(entry.oid.encode())}
    return {"mode": str(entry.mode), "digest": f"sha256:{store.sha256(entry.oid)}"}


def last_act(store: Store, tree: str) -> str:
    """The id of the newest act that a tree of the base records, or of its trust root's record.

    Every act names the one that it follows, so none can be done a second time.

    Raises:
        PolicyError: the tree records none, and no root.
    """
    kinds = (RecordType.ROOT_MADE, *ACTS)
    found = [r for r in read_records(partial(store.read, tree), None) if r.type in kinds]
    if not found:
        raise PolicyError("no trust root is recorded in audit/, so no act of owners can follow it")
    return found[-1].id


def judge_act(act: Act, kind: RecordType) -> Ruling:
    """What is answered of an act of this kind."""
    asks = tuple(_ask(name, question, act) for name, question in QUESTIONS[kind].items())
    records = _of(act, kind)
    counted = counted_owners(act.policy, records, act.at)
    owners = dict.fromkeys(d.record.actor.email for d in counted if d.counts)
    return Ruling(kind, asks, tuple(owners))


def _ask(name: str, question: "Question", act: Act) -> Ask:
    asks = (question.__doc__ or "").split("\n", 1)[0].rstrip(".")
    try:
        answer = question(act)
    except RecordError as error:
        answer = no(error.message, where=(ACT_LOG,))
    except PolicyError as error:
        answer = undecided(error.message)
    return Ask(name, None, asks, answer)


def _of(act: Act, kind: RecordType) -> tuple[Record, ...]:
    try:
        return tuple(record for record in act.added if record.type is kind)
    except RecordError:
        return ()


def records_appended(act: Act) -> Answer:
    """The repository's records are only appended to, and only by records of this one act."""
    found = act.added
    kinds = {record.type for record in found}
    if not found or found[0].type not in ACTS:
        return no("no act of the owners is recorded", where=(ACT_LOG,))
    if len(kinds) > 1:
        return no(f"two acts at once: {' and '.join(sorted(kinds))}", where=(ACT_LOG,))
    return yes(f"{len(found)} added")


def guarded_only(act: Act) -> Answer:
    """Only guarded paths change, so that product never comes in with policy."""
    for difference in act.differences:
        if not is_guarded(act.policy, difference.path):
            return no(f"{difference.path} is not guarded", where=(difference.path,))
    return (
        yes(f"{len(act.differences)} guarded paths") if act.differences else no("nothing changes")
    )


def product_only(act: Act) -> Answer:
    """Only the product changes: no policy, no evidence, no file of a change, no submodule."""
    trees = act.base_tree, act.tree
    for difference in act.differences:
        if why := no_product(act.store, act.policy, trees, difference):
            return no(f"{difference.path} {why}", where=(difference.path,))
    return yes(f"{len(act.differences)} paths") if act.differences else no("nothing changes")


def restored_only(act: Act) -> Answer:
    """Beside the records nothing changes, or guarded paths alone, to mend what was spoilt."""
    return guarded_only(act) if act.differences else yes("only the record")


def as_signed(act: Act) -> Answer:
    """Every record names this root, this base, the act before, and exactly what changes."""
    wanted: dict[str, Any] = {
        "root": act.context.root,
        "branch": act.context.branch,
        "after": last_act(act.store, act.base_tree),
        "changes": changes_between(act.store, act.base_tree, act.tree),
        "gates": {},
        "seen": [],
    }
    first = act.added[0].data if act.added else {}
    for record in act.added:
        for name, value in (first | wanted).items():
            if record.data.get(name) != value:
                return no(f"{record.actor.name} signed {_MEANT.get(name, f'another {name}')}")
    return yes("what changes is what was signed")


_MEANT = {
    "root": "under another trust root",
    "branch": "for another base",
    "after": "before another act of the owners had been done",
    "changes": "other content",
}


def policy_holds(act: Act) -> Answer:
    """The policy that comes of it can be read, enforces this base, and its owners can change it."""
    try:
        policy = load_policy(act.store, act.tree, None)
    except CodexaError as error:
        return no(error.message)
    if policy is None:
        return no("the policy is gone", command=LEAVING)
    if policy.mode is not PolicyMode.ENFORCE:
        return no("the policy would no longer enforce, and what was signed could not be trusted")
    if policy.branch != act.context.branch:
        return no(f"the policy would be that of the base {policy.branch}")
    if has_demo_people(policy) and not has_demo_people(act.policy):
        return no("the policy would name people of demo.invalid, whose keys anyone can make")
    if why := shortfall(policy, act.at):
        return no(why, command=_able_again(policy, act.at))
    return yes("it can be read, and its owners can change it")


def _able_again(policy: Policy, at: int) -> str | None:
    """What comes first where the policy asks for security keys that its owners have not."""
    from shlex import quote  # noqa: PLC0415

    able = able_owners(policy, at)
    lacking = [owner for owner in holders(policy, OWNER) if owner.email not in able]
    if asked_of_keys(policy) is None or not lacking:
        return None
    who = f"{quote(lacking[0].name)} {quote(lacking[0].email)}"
    return f"git codexa people add {who} --key ~/.ssh/id_ed25519_sk.pub"


def owners_signed(act: Act) -> Answer:
    """As many owners as the policy that judges asks for have signed, each with their own key."""
    return owners_answer(act.policy, counted_owners(act.policy, act.added, act.at))


def commits_named(act: Act) -> Answer:
    """The bad commits are named one by one, in every signature the same."""
    named = [record.data.get("commits", []) for record in act.added]
    if not named or any(not commits or len(set(commits)) < len(commits) for commits in named):
        return no("it names no commit, or one of them twice")
    return yes(f"{len(named[0])} named", Basis.ATTESTED)


Question = Callable[[Act], Answer]

QUESTIONS: dict[RecordType, dict[str, Question]] = {
    RecordType.POLICY_CHANGED: {
        "records-appended": records_appended,
        "guarded-only": guarded_only,
        "as-signed": as_signed,
        "policy-holds": policy_holds,
        "owners-signed": owners_signed,
    },
    RecordType.BYPASS_GRANTED: {
        "records-appended": records_appended,
        "product-only": product_only,
        "as-signed": as_signed,
        "owners-signed": owners_signed,
    },
    RecordType.INCIDENT_DECLARED: {
        "records-appended": records_appended,
        "commits-named": commits_named,
        "restored-only": restored_only,
        "as-signed": as_signed,
        "policy-holds": policy_holds,
        "owners-signed": owners_signed,
    },
}
"""What is asked of each act, in this order."""
