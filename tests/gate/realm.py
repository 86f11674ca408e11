"""A base that two owners govern, and every act of theirs, true or forged, as a tree beside it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from builders import commit, git
from gate.handwritten import Handwritten
from gate.world import BEGAN, DEV, PM, Keyring

from codexa_git.audit.payload import NAMESPACE, payload
from codexa_git.audit.record import Actor, Record, format_record, make
from codexa_git.audit.words import ACT_LOG, RecordType
from codexa_git.gate.context import Context
from codexa_git.gate.decisions import TESTER_PRINCIPAL
from codexa_git.gate.governing import Act, changes_between, judge_act, last_act
from codexa_git.gate.owners import Ruling
from codexa_git.policy.rules import Policy, Tests
from codexa_git.policy.signers import format_line
from codexa_git.repository.objects import Entry
from codexa_git.workflow.base.ground import policy_at, stand
from codexa_git.workflow.owners.adopting import Adoption, adopt, place_of_adoption
from codexa_git.workflow.owners.enforcing import enforce

OWNER, SECOND = PM._replace(role="owner"), DEV._replace(role="owner")
CHANGED = RecordType.POLICY_CHANGED
BYPASS = RecordType.BYPASS_GRANTED
INCIDENT = RecordType.INCIDENT_DECLARED
OTHER_ROOT = f"sha256:{'1' * 64}"
Files = Mapping[str, bytes | Entry | None]


class Realm:
    """An enforced base: one owner signs an act, or as many as the test says."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "repository"
        (folder / "keys").mkdir()
        self.keys = Keyring(folder / "keys")
        self.folder.mkdir()
        git(self.folder, "init", "-q")
        commit(self.folder, {"README.md": "# Demo\n", "totals.py": "1\n"}, "begin")
        self.store = Handwritten.open(self.folder)
        self._govern()
        self.tip = self.store.commit(git(self.folder, "rev-parse", "main"))
        self.base = self.tip.tree
        self.policy = policy_at(self.store, self.base)
        ground = stand(self.store, BEGAN + 600)
        assert ground.root is not None
        self.root = ground.root
        self.context = Context(self.root, "main", BEGAN + 600, self.tip.committer.seconds)

    def _govern(self) -> None:
        public = self.keys.public
        tests = Tests(run=("true",))
        adoption = Adoption(PM, public[PM.email], public[TESTER_PRINCIPAL], tests)
        adopt(self.store, place_of_adoption(self.store), PM, adoption, BEGAN + 60)
        git(self.folder, "reset", "-q", "--hard")
        toml = (self.folder / "codexa.toml").read_text()
        second = f'\n[[people]]\nemail = "{DEV.email}"\nname = "{DEV.name}"\nroles = ["owner"]\n'
        signers = (self.folder / ".codexa/allowed_signers").read_text()
        line = format_line(DEV.email, public[DEV.email])
        files = {"codexa.toml": toml + second, ".codexa/allowed_signers": f"{signers}{line}\n"}
        commit(self.folder, files, "a second owner")
        enforce(
            stand(self.store, BEGAN + 120),
            PM,
            self.keys.by(PM.email),
            looked_at=lambda _: None,
            demo=True,
        )

    def read(self, path: str, tree: str | None = None) -> bytes:
        found = self.store.read(tree or self.base, path)
        assert found is not None, path
        return found

    def edited(self, files: Files, base: str | None = None) -> str:
        """The tree with these files; bytes are a plain file."""
        entries = {
            path: Entry("100644", self.store.write_blob(content))
            if isinstance(content, bytes)
            else content
            for path, content in files.items()
        }
        return self.store.write_tree(base or self.base, entries)

    def policy_text(self, old: str, new: str) -> bytes:
        """`codexa.toml` with one text in the place of another."""
        text = self.read("codexa.toml").decode()
        assert old in text
        return text.replace(old, new).encode()

    def record(
        self,
        tree: str,
        actor: Actor = OWNER,
        *,
        kind: RecordType = CHANGED,
        base: str | None = None,
        key: str | None = None,
        namespace: str = NAMESPACE,
        at: int | None = None,
        **data: Any,  # noqa: ANN401
    ) -> Record:
        """What this owner signs of what makes `tree` of the base; `data` says otherwise."""
        under = base or self.base
        full = {
            "root": self.root,
            "branch": "main",
            "gates": {},
            "seen": [],
            "after": last_act(self.store, under),
            "changes": changes_between(self.store, under, tree),
            "reason": "why not",
        } | data
        when = self.context.at if at is None else at
        content = payload(kind, full, change=None, actor=actor, at=when)
        signature = self.keys.sign(key or actor.email, content, namespace)
        return make(
            kind,
            full,
            change=None,
            stage=None,
            round=0,
            actor=actor,
            at=when,
            signature=signature,
        )

    def with_records(self, tree: str, records: Sequence[Record], base: str | None = None) -> str:
        """The tree with these records below those of the base."""
        before = self.store.read(base or self.base, ACT_LOG) or b""
        return self.edited({ACT_LOG: before + b"".join(map(format_record, records))}, tree)

    def act(self, files: Files, *actors: Actor, **other: Any) -> str:  # noqa: ANN401
        """The tree of an act on these files, signed by each of them."""
        tree = self.edited(files, other.get("base"))
        records = [self.record(tree, actor, **other) for actor in actors or (OWNER,)]
        return self.with_records(tree, records, other.get("base"))

    def judge(self, tree: str, kind: RecordType = CHANGED, **other: Any) -> Ruling:  # noqa: ANN401
        """The ruling on this tree; `base`, `policy` and `context` may be others."""
        policy: Policy = other.get("policy", self.policy)
        context: Context = other.get("context", self.context)
        return judge_act(Act(self.store, policy, other.get("base", self.base), tree, context), kind)


def unmet(ruling: Ruling) -> set[str]:
    """The names of what is not met."""
    return {ask.name for ask in ruling.unmet}
