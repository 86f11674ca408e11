"""Adopting a repository: `init` writes the policy in one commit, `enforce` makes the trust root."""

import re
from typing import Any, NamedTuple

from codexa_git.audit.canonical import digest
from codexa_git.audit.logger import AuditLogger
from codexa_git.audit.payload import payload
from codexa_git.audit.record import Actor, make
from codexa_git.audit.words import Gate, RecordType
from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import RefusedError, UsageError
from codexa_git.gate.decisions import TESTER_PRINCIPAL
from codexa_git.policy.parsing import parse_policy
from codexa_git.policy.rules import GateRule, Mode, Person, Policy, Tests, has_demo_people, holders
from codexa_git.policy.signers import format_line, parse_signers
from codexa_git.policy.writing import format_policy
from codexa_git.repository.objects import Commit, Entry, Identity, RefUpdate, Stamp
from codexa_git.repository.publication import carry
from codexa_git.repository.store import Store
from codexa_git.repository.trailers import format_message
from codexa_git.workflow.basing import commit_on_base
from codexa_git.workflow.deciding import Sign
from codexa_git.workflow.ground import BRANCH_SETTING, ROOT_SETTING, Ground
from codexa_git.workflow.root import id_of

_OBSERVES = re.compile(rb'^(mode[ \t]*=[ \t]*)"observe"', re.MULTILINE)

ATTRIBUTES = (
    "/audit/** -text linguist-generated",
    "/artifacts/** -text linguist-generated",
    "/tests/results/** -text linguist-generated",
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


def base_for_adoption(store: Store) -> tuple[str, str, Commit | None]:
    """The branch that HEAD stands on, which becomes the base: its ref, its name, its tip.

    Raises:
        RefusedError: HEAD is detached, or the repository is bare.
    """
    if store.work_tree is None:
        raise RefusedError("this repository is bare: adopt it in a clone, then push")
    ref, oid = store.head()
    if ref is None:
        raise RefusedError("HEAD is detached", hint="git switch the branch that changes land on")
    return ref, ref.removeprefix("refs/heads/"), None if oid is None else store.commit(oid)


def first_policy(adoption: Adoption, branch: str) -> Policy:
    """The policy that a repository begins with: one owner who is also pm, observing."""
    person = Person(adoption.owner.email, adoption.owner.name, ("owner", "pm"))
    lines = (
        format_line(adoption.owner.email, adoption.owner_key),
        format_line(TESTER_PRINCIPAL, adoption.tester_key),
    )
    return Policy(
        mode=Mode.OBSERVE,
        people=(person,),
        gates=tuple(GateRule(gate, "pm") for gate in Gate),
        signers=parse_signers("".join(f"{line}\n" for line in lines).encode()),
        branch=branch,
        tests=adoption.tests,
    )


def adopt(store: Store, adoption: Adoption, at: int) -> Adopted:
    """The base holds everything that was missing, in one commit; what was there stays."""
    ref, branch, tip = base_for_adoption(store)
    tree = None if tip is None else tip.tree
    files = _missing(store, tree, adoption, branch)
    store.set_config(BRANCH_SETTING, branch)
    if not files:
        return Adopted(None, branch, ())
    oids = store.write_blobs(list(files.values()))
    entries = {path: Entry("100644", oid) for path, oid in zip(files, oids, strict=True)}
    made = store.write_tree(tree, entries)
    seconds = max(at, 0 if tip is None else tip.committer.seconds)
    stamp = Stamp(Identity(adoption.owner.name, adoption.owner.email), seconds)
    parents = () if tip is None else (tip.oid,)
    message = format_message(
        "codexa: init", f"Observing on {branch}; git codexa enforce ends it.", ()
    )
    commit = store.commit(store.write_commit(made, parents, stamp, stamp, message))
    update = RefUpdate(ref, commit.oid, None if tip is None else tip.oid)
    carry(store, [update], "codexa: init")
    return Adopted(commit, branch, tuple(sorted(files)))


def _missing(store: Store, tree: str | None, adoption: Adoption, branch: str) -> dict[str, bytes]:
    def there(path: str) -> bytes | None:
        return None if tree is None else store.read(tree, path)

    files: dict[str, bytes] = {}
    if there(POLICY) is None:
        policy = first_policy(adoption, branch)
        files[POLICY] = format_policy(policy)
        files[SIGNERS] = policy.signers.text()
    attributes = there(".gitattributes") or b""
    if lacking := [line for line in ATTRIBUTES if line.encode() not in attributes.split(b"\n")]:
        ended = attributes if not attributes or attributes.endswith(b"\n") else attributes + b"\n"
        files[".gitattributes"] = ended + "".join(f"{line}\n" for line in lacking).encode()
    files |= {path: text.encode() for path, text in _NOTES.items() if there(path) is None}
    return files


def enforce(ground: Ground, person: Actor, sign: Sign, *, demo: bool = False) -> tuple[Commit, str]:
    """The base enforces from here on: the commit, and the trust root, which this clone pins.

    Raises:
        RefusedError: it does already, the person is no owner, a demo's people are in the policy, or
            more than one owner has to sign.
    """
    _refuse_enforcing(ground, person, demo=demo)
    store, tip = ground.store, ground.tip
    toml, signers = (store.read(tip.tree, path) or b"" for path in (POLICY, SIGNERS))
    text, count = _OBSERVES.subn(rb'\1"enforce"', toml)
    if count != 1:
        raise UsageError('codexa.toml says no plain mode = "observe"', hint="write it on one line")
    parse_policy(text, signers)
    logger = AuditLogger(lambda path: store.read(tip.tree, path), None)
    actor = person._replace(role="owner")
    at = max(logger.time(ground.at), tip.committer.seconds)
    data: dict[str, Any] = {
        "root": None,
        "branch": ground.branch,
        "gates": {},
        "seen": [],
        "parent": tip.oid,
        "policy": digest(text),
        "signers": digest(signers),
    }
    signature = sign(payload(RecordType.ROOT_MADE, data, change=None, actor=actor, at=at))
    record = make(
        RecordType.ROOT_MADE,
        data,
        change=None,
        stage=None,
        round=0,
        actor=actor,
        at=at,
        signature=signature,
    )
    logger.append(record)
    commit = commit_on_base(
        ground,
        actor,
        {POLICY: text, **logger.files},
        f"codexa: enforce, trust root signed by {actor.name}",
        at=at,
        trailers=[("Codexa-Record", f"{RecordType.ROOT_MADE} {record.id}")],
    )
    store.set_config(BRANCH_SETTING, ground.branch)
    store.set_config(ROOT_SETTING, id_of(record))
    return commit, id_of(record)


def _refuse_enforcing(ground: Ground, person: Actor, *, demo: bool) -> None:
    if ground.enforces:
        raise RefusedError(f"{ground.branch} enforces already", hint="git codexa root shows it")
    owners = holders(ground.policy, "owner")
    if person.email not in [owner.email for owner in owners]:
        names = " or ".join(owner.name for owner in owners) or "an owner"
        raise RefusedError(
            f"{person.email} is no owner in this policy, and an owner signs the root",
            hint=f"ask {names}",
        )
    if has_demo_people(ground.policy) and not demo:
        raise RefusedError(
            "the policy names people of demo.invalid, whose keys anyone can make",
            hint="name real people in codexa.toml and .codexa/allowed_signers",
        )
    if ground.policy.owner_count > 1:
        raise RefusedError(
            f"{ground.policy.owner_count} owners would have to sign the root, and one can for now",
            hint="begin with [owner] count = 1",
        )


def proposed_tests(store: Store, tree: str | None) -> Tests:
    """The test commands that the files at hand suggest; none where they suggest nothing."""
    names = set() if tree is None else set(store.children(tree))
    if names & {"pyproject.toml", "setup.py", "setup.cfg", "pytest.ini", "tox.ini"}:
        return Tests(
            setup=("python3 -m venv {env}", "{env}/bin/python -m pip install --quiet pytest"),
            run=("{env}/bin/python -m pytest -q --junitxml={report}",),
            environment=PIP_VARIABLES,
        )
    for name, command in (
        ("Cargo.toml", "cargo test"),
        ("go.mod", "go test ./..."),
        ("package.json", "npm test"),
        ("Makefile", "make test"),
    ):
        if name in names:
            return Tests(run=(command,))
    return Tests()


PIP_VARIABLES = (
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_NO_INDEX",
    "PIP_CERT",
    "PIP_CONFIG_FILE",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
)
"""What pip may need to know of the user's surroundings to reach an index."""
