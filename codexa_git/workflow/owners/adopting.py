"""Adopting a repository: `init` writes the policy and its folders, in one commit."""

from shlex import quote
from typing import NamedTuple

from codexa_git.audit.record import Actor
from codexa_git.audit.words import Gate
from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import PaperError, RefusedError
from codexa_git.gate.decisions import TESTER_PRINCIPAL
from codexa_git.policy import rules
from codexa_git.policy.compiled import load_policy
from codexa_git.policy.parsing import parse_policy
from codexa_git.policy.rules import GateRule, Person, Policy, Tests
from codexa_git.policy.signers import format_line, parse_signers
from codexa_git.policy.writing import format_policy
from codexa_git.repository.objects import Commit, Entry, Identity, Mode, RefUpdate, Stamp
from codexa_git.repository.publication import carry
from codexa_git.repository.store import Store
from codexa_git.repository.trailers import format_message
from codexa_git.workflow.base.locating import base_branch, tip_of_base
from codexa_git.workflow.base.settings import BRANCH_SETTING, ROOT_SETTING
from codexa_git.workflow.owners.frameworks import PRE_COMMIT, with_entries

ATTRIBUTES = (
    "/audit/** -text linguist-generated",
    "/artifacts/** -text linguist-generated",
    "/tests/results/** -text linguist-generated",
    "/changes/*/packet.html -text linguist-generated",
    "/changes/*/status.md -text linguist-generated",
)
"""What `.gitattributes` says: no line end is converted in evidence, and a pull request folds it."""

_NOTES = {
    "changes/README.md": (
        "# Changes\n\nOne folder a change: what is asked (`brief.md`), how it is done (`tasks.md`,"
        " `planner_config.json`,\n`design.md`) and what came of it (`impact.md`). People edit"
        " these with any editor; `status.md` and\n`packet.html` are generated.\n"
    ),
    "audit/README.md": (
        "# Audit\n\nOne folder a change, one JSON record a line: who did what, when, in which"
        " stage. Only\n`git codexa` writes here.\n"
    ),
    "artifacts/README.md": (
        "# Artifacts\n\n`work/CH-###/run-###/` holds what a run did and touched, task by task."
        " Only `git codexa` writes there.\n"
    ),
}


class Adoption(NamedTuple):
    """What `init` writes: who is first owner and pm, with which public key, and the Tester's."""

    owner: Actor
    owner_key: str
    tester_key: str
    tests: Tests


class Adopted(NamedTuple):
    """What `init` did: the commit (`None`: nothing was missing) and the base branch."""

    commit: Commit | None
    branch: str
    added: tuple[str, ...]


class Place(NamedTuple):
    """Where a repository is adopted: the base's ref, name and tip, and the policy it has already.

    The tip is `None` where nothing is committed yet, the policy where there is none.
    """

    ref: str
    branch: str
    tip: Commit | None
    policy: Policy | None


def place_of_adoption(store: Store) -> Place:
    """The branch that HEAD stands on, which is or becomes the base.

    Raises:
        RefusedError: the repository is bare, HEAD is detached, or another branch is the base.
        PolicyError: there is a policy, and it cannot be read.
    """
    ref, branch, tip = _where_head_stands(store)
    policy = None if tip is None else load_policy(store, tip.tree, None)
    # A policy says of itself which base it is: with a pinned root, that is no longer its to say.
    if store.config(ROOT_SETTING) is not None and (base := base_branch(store)) != branch:
        raise _other_base(branch, base)
    if policy is not None and policy.branch != branch:
        raise _other_base(branch, policy.branch)
    known = store.config(BRANCH_SETTING)
    if policy is None and known not in (None, branch) and _has_adopted(store, str(known)):
        raise _other_base(branch, str(known))
    return Place(ref, branch, tip, policy)


def policy_followed(store: Store, place: Place) -> Policy | None:
    """The policy that judges what is done here: of what the base follows, which may be newer."""
    _, oid = tip_of_base(store, place.branch)
    followed = None if oid is None else load_policy(store, store.tree_of(oid), None)
    return followed or place.policy


def _has_adopted(store: Store, branch: str) -> bool:
    oid = store.ref(f"refs/heads/{branch}")
    return oid is not None and store.entry(store.tree_of(oid), POLICY) is not None


def _other_base(here: str, base: str) -> RefusedError:
    return RefusedError(
        f"the base of this repository is {base}, which has adopted codexa-git, and not {here}",
        hint=f"git switch {base}",
    )


def _where_head_stands(store: Store) -> tuple[str, str, Commit | None]:
    if store.work_tree is None:
        raise RefusedError(
            "this repository is bare: adopt it in a clone, then push",
            hint=f"git clone {quote(str(store.common_dir))} clone, and there: git codexa init",
        )
    ref, oid = store.head()
    if ref is None:
        raise RefusedError(
            "HEAD is detached: a repository is adopted on the branch that changes land on",
            hint=_branches(store),
        )
    return ref, ref.removeprefix("refs/heads/"), None if oid is None else store.commit(oid)


def _branches(store: Store) -> tuple[str, ...]:
    """Where HEAD could be: the branches that stand just here, or the first that there are."""
    heads = {ref.removeprefix("refs/heads/"): oid for ref, oid in store.refs("refs/heads").items()}
    _, at = store.head()
    found = [name for name, oid in heads.items() if oid == at] or list(heads)
    new = store.config("init.defaultBranch") or "main"
    return tuple(f"git switch {quote(name)}" for name in found[:3]) or (
        f"git switch -c {quote(new)}",
    )


def first_policy(adoption: Adoption, branch: str) -> Policy:
    """The policy that a repository begins with: one owner who is also pm, observing."""
    person = Person(adoption.owner.email, adoption.owner.name, ("owner", "pm"))
    lines = (
        format_line(adoption.owner.email, adoption.owner_key),
        format_line(TESTER_PRINCIPAL, adoption.tester_key),
    )
    return Policy(
        mode=rules.Mode.OBSERVE,
        people=(person,),
        gates=tuple(GateRule(gate, "pm") for gate in Gate),
        signers=parse_signers("".join(f"{line}\n" for line in lines).encode()),
        branch=branch,
        tests=adoption.tests,
    )


def adopt(store: Store, place: Place, person: Actor, adoption: Adoption | None, at: int) -> Adopted:
    """The base holds everything that was missing, in one commit; what was there stays.

    `adoption` is `None` where there is a policy already.

    Raises:
        RefusedError: something else stands where one of the files has to be.
    """
    ref, branch, tip, _ = place
    tree = None if tip is None else tip.tree
    files = _missing(store, tree, adoption, branch)
    if tree is not None:
        _require_free(store, tree, files)
    if not files:
        store.set_config(BRANCH_SETTING, branch)
        return Adopted(None, branch, ())
    oids = store.hold_blobs(list(files.values()))
    entries = {path: Entry("100644", oid) for path, oid in zip(files, oids, strict=True)}
    made = store.hold_tree(tree, entries)
    seconds = max(at, 0 if tip is None else tip.committer.seconds)
    stamp = Stamp(Identity(person.name, person.email), seconds)
    parents = () if tip is None else (tip.oid,)
    message = format_message(
        "codexa: init", f"Observing on {branch}; git codexa enforce ends it.", ()
    )
    commit = store.commit(store.write_commit(made, parents, stamp, stamp, message))
    update = RefUpdate(ref, commit.oid, None if tip is None else tip.oid)
    carry(store, [update], "codexa: init")
    store.set_config(BRANCH_SETTING, branch)
    return Adopted(commit, branch, tuple(sorted(files)))


def _missing(
    store: Store, tree: str | None, adoption: Adoption | None, branch: str
) -> dict[str, bytes]:
    def there(path: str) -> bytes | None:
        return None if tree is None else store.read(tree, path)

    files: dict[str, bytes] = {}
    if adoption is not None:
        files = _policy_files(first_policy(adoption, branch))
        if entered := with_entries(there(PRE_COMMIT) or b""):
            files[PRE_COMMIT] = entered
    attributes = there(".gitattributes") or b""
    if lacking := [line for line in ATTRIBUTES if line.encode() not in attributes.split(b"\n")]:
        ended = attributes if not attributes or attributes.endswith(b"\n") else attributes + b"\n"
        files[".gitattributes"] = ended + "".join(f"{line}\n" for line in lacking).encode()
    files |= {path: text.encode() for path, text in _NOTES.items() if there(path) is None}
    return files


def _policy_files(policy: Policy) -> dict[str, bytes]:
    """The two files of a policy, as they will be read.

    Raises:
        RefusedError: they could not be: the branch has a name that no policy takes.
    """
    files = {POLICY: format_policy(policy), SIGNERS: policy.signers.text()}
    try:
        parse_policy(files[POLICY], files[SIGNERS])
    except PaperError as error:
        raise RefusedError(
            f"this repository cannot be adopted so: {error.message}",
            hint="a base branch has a plain name, such as main or release/2.x: git branch -m",
        ) from error
    return files


def _require_free(store: Store, tree: str, files: dict[str, bytes]) -> None:
    """Nothing: every file that is missing can be put in its place without taking one away."""
    for path in sorted(files):
        parts = path.split("/")
        for above in ("/".join(parts[:count]) for count in range(1, len(parts) + 1)):
            entry = store.entry(tree, above)
            wanted = (Mode.FILE, Mode.EXECUTABLE) if above == path else (Mode.TREE,)
            if entry is not None and entry.mode not in wanted:
                raise RefusedError(
                    f"{path} has to be written, and {above} is something else here",
                    hint=f"move {above} out of the way and commit that, then: git codexa init",
                )
