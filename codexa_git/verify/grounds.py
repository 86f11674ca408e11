"""What a judgement stands on: the trust root, the policy of a commit's first parent, the two."""

from codexa_git.audit.words import AgentRole
from codexa_git.errors import PaperError, PolicyError, TooLargeError
from codexa_git.policy.compiled import POLICY, PolicyFiles, load_policy, policy_files
from codexa_git.policy.rules import RULES, Policy
from codexa_git.policy.signers import PATH as SIGNERS
from codexa_git.policy.signers import parse_signers
from codexa_git.repository.objects import Commit
from codexa_git.repository.store import Store
from codexa_git.values import TYPE_CHECKING, Any, NamedTuple
from codexa_git.verify.findings import Breach

if TYPE_CHECKING:
    from codexa_git.gate.trusted import Trusted
else:
    Trusted = object  # as in `gate.lineage`

_MOST_POLICIES = 32
_LARGEST = 1_000_000


class Step(NamedTuple):
    """One commit of the base after the root, with its first parent, whose policy judges it.

    `latest` is the latest time that a commit before it has said, where that is asked.
    """

    store: Store
    root: str
    branch: str
    policy: Policy
    parent: Commit
    commit: Commit
    latest: int = 0


class Policies:
    """The policies of a repository's commits, each read once from its own two files.

    Nothing that this clone keeps is believed: see `policy.compiled`.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[PolicyFiles, Policy | Breach] = {}

    def of(self, tree: str) -> Policy | Breach:
        """The policy that this tree of the base holds, or why there is none to judge by."""
        files = policy_files(self._store, tree)
        if files not in self._kept:
            if len(self._kept) >= _MOST_POLICIES:
                self._kept.clear()
            self._kept[files] = self._read(tree)
        return self._kept[files]

    def _read(self, tree: str) -> Policy | Breach:
        try:
            policy = load_policy(self._store, tree, None)
        except PolicyError as error:
            return _unreadable(self._store, tree, error)
        return policy or Breach("P2", "there is no policy any more", POLICY, undecided=True)


def _unreadable(store: Store, tree: str, error: PolicyError) -> Breach:
    """P2: a policy that is missing or unreadable after the root is no answer."""
    try:
        values = _values(store.read(tree, POLICY) or b"")
        signers = store.read(tree, SIGNERS) or b""
        told = _other_rules(values) or _agent_approves(values) or _keys_of_many(signers)
    except TooLargeError:
        told = None
    return told or Breach("P2", error.message, POLICY, undecided=True)


def _values(toml: bytes) -> dict[str, Any]:
    """What the text says as TOML; nothing where it is none, or more than any policy says."""
    from codexa_git.change.toml import parse_toml  # noqa: PLC0415

    if len(toml) > _LARGEST:
        return {}
    try:
        return parse_toml(toml.decode("utf-8"))
    except (ValueError, RecursionError):
        return {}


def _other_rules(values: dict[str, Any]) -> Breach | None:
    """P3: the policy is written for a rule set that this version does not know."""
    number = values.get("rules")
    if not isinstance(number, int) or number == RULES:
        return None
    told = f"{POLICY} is written for rule set {number!a}, and this version knows {RULES}"
    hint = "install a codexa-git that knows it"
    return Breach("P3", told, POLICY, hint=hint, undecided=True)


def _agent_approves(values: dict[str, Any]) -> Breach | None:
    """P4: an agent's role, or an agent's address, is given to people."""
    people = values.get("people")
    for person in people if isinstance(people, list) else ():
        roles = person.get("roles", ()) if isinstance(person, dict) else ()
        if isinstance(roles, list) and any(role in tuple(AgentRole) for role in roles):
            return Breach("P4", "an agent's role is given to people", POLICY, undecided=True)
    return None


def _keys_of_many(signers: bytes) -> Breach | None:
    """P5: a line of the allowed signers is not one key for one principal in our namespace."""
    try:
        parse_signers(signers)
    except PaperError as error:
        return Breach("P5", error.message, SIGNERS, error.line, undecided=True)
    return None


class Footing(NamedTuple):
    """The root that everything after it is judged under, or what is wrong with it."""

    trusted: Trusted | None
    breach: Breach | None


def unborne(root: str) -> Breach:
    """P6: no commit of the line enforces, so none made the root that it is held to."""
    return Breach("P6", f"no commit of it makes the trust root {root}")


def footing(store: Store, branch: str, made: Commit, pinned: str | None) -> Footing:
    """P6: the root is this branch's, the pinned one, signed by owners that its policy names."""
    from codexa_git.gate.trusted import trusted_at  # noqa: PLC0415

    try:
        trusted = trusted_at(store, branch, made)
    except PolicyError as error:
        hint = error.hints[0] if error.hints else None
        return Footing(None, Breach("P6", error.message, POLICY, hint=hint))
    if pinned is None or trusted.id == pinned:
        return Footing(trusted, None)
    told = f"the trust root of this base is {trusted.id}, and the one to trust is {pinned}"
    hint = "this is another base, or its history was made anew: ask its owners"
    return Footing(None, Breach("P6", told, POLICY, hint=hint))
