"""The rich history with a hand on it: forged commits in the place of true ones, judged twice.

A forgery is written once, as a function from the history to what came to the base in the place of
a true commit. `verify` and a server are then asked of it, and both have to name its rule.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from builders import git
from gate.handwritten import Handwritten
from gate.realm import Realm
from gate.world import TESTER, Keyring, World
from policy.authenticator import signed_here
from tampering.history import DEV, PM, QA, History

from codexa_git.audit.payload import NAMESPACE
from codexa_git.change.state import State
from codexa_git.errors import CodexaError
from codexa_git.gate.carried import new_changes
from codexa_git.gate.context import Context
from codexa_git.hooks.receiving import before_receive
from codexa_git.hooks.served import Update
from codexa_git.policy.compiled import load_policy
from codexa_git.policy.rules import Policy
from codexa_git.repository.objects import Entry, Identity, Stamp
from codexa_git.repository.store import Store
from codexa_git.repository.trailers import format_message
from codexa_git.verify.findings import Finding
from codexa_git.verify.pushed import Push, judge_push
from codexa_git.verify.story import brought
from codexa_git.verify.verifying import Wish, verify

MAIN = "refs/heads/main"


class Forged(NamedTuple):
    """A base that somebody forged: the commit that is wrong, and the tip of what they pushed.

    `old` is the tip of the base before it came, if there was one. `story`: it is wrong within the
    change, which only `verify --story` looks at. `more`: what follows from it is wrong, too.
    """

    bad: str
    tip: str
    old: str | None
    story: bool = False
    more: bool = False


class Ring(Keyring):
    """Who signs with which key: `old` and `new` are the pm's, before and after it was rotated."""

    def __init__(self, history: History, pm: Path) -> None:
        keys = history.keys
        self.places = {
            PM[1]: pm,
            DEV[1]: keys.dev,
            TESTER.email: history.tester,
            "old": history.old_key,
            "new": keys.new,
            "stranger@demo.invalid": keys.stranger,
            QA[1]: keys.qa,
        }
        self.public = {
            email: " ".join(place.with_name(f"{place.name}.pub").read_text().split()[:2])
            for email, place in self.places.items()
            if place.with_name(f"{place.name}.pub").exists()
        }

    def sign(self, email: str, content: bytes, namespace: str = NAMESPACE) -> str:
        return signed_here(self.places[email], content, namespace)


class Place:
    """One commit of the base: what it came upon, and the policy that judges there."""

    def __init__(self, rich: "Rich", mark: str) -> None:
        self.rich = rich
        self.store = rich.store
        self.commit = self.store.commit(rich.history.marks[mark])
        self.parent = self.store.commit(self.commit.parents[0])
        policy = load_policy(self.store, self.parent.tree, None)
        assert policy is not None
        self.policy: Policy = policy
        at, not_before = self.commit.committer.seconds, self.parent.committer.seconds
        self.context = Context(rich.root, "main", at, not_before)
        rotated = rich.history.line.index(rich.history.marks["rotation"])
        is_new = rich.history.line.index(self.commit.oid) > rotated
        self.keys = Ring(rich.history, rich.history.keys.new if is_new else rich.history.old_key)

    def put(self, tree: str, *, at: int | None = None, upon: str | None = None) -> Forged:
        """A commit with this tree comes to the base, by a merge where the true one is a merge."""
        upon = upon or self.parent.oid
        if len(self.commit.parents) == 1:
            return self.rich.forged(self.made(tree, upon, at=at), upon)
        closed = self.closed(tree, at)
        return self.rich.forged(self.made(tree, upon, closed, at=at), upon)

    def closed(self, tree: str, at: int | None) -> str:
        """The change's last commit with this tree in the place of the true one, in its form."""
        landed = new_changes(self.store, self.parent.tree, self.commit.tree)
        upon = self.store.commit(self.commit.parents[1]).parents[0]
        before = self.store.tree_of(upon)
        records = [r for change in landed for r in brought(self.store, change, before, tree)]
        if not records:
            return self.made(tree, upon, at=at)
        (change,) = landed
        seconds = max(self.context.at if at is None else at, *(r.seconds for r in records))
        stamp = Stamp(Identity(records[-1].actor.name, records[-1].actor.email), seconds)
        trailers = [
            ("Codexa-Change", change),
            ("Codexa-Stage", str(records[-1].stage)),
            *(("Codexa-Record", f"{record.type} {record.id}") for record in records),
        ]
        message = format_message(f"{change} cleanup: closed", "", trailers)
        return self.store.write_commit(tree, (upon,), stamp, stamp, message)

    def made(self, tree: str, *parents: str, at: int | None = None, message: str = "x") -> str:
        """The id of a commit."""
        stamp = self.commit.committer._replace(seconds=self.context.at if at is None else at)
        return self.store.write_commit(tree, parents, stamp, stamp, f"{message}\n".encode())


class Landing(World):
    """A landing of the history, and every way to forge the change that it brought."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.store, self.keys, self.policy = place.store, place.keys, place.policy
        self.base, self.tree, self.context = place.parent.tree, place.commit.tree, place.context
        (self.change,) = new_changes(self.store, self.base, self.tree)

    @property
    def state(self) -> State:
        return self.case(self.tree).state

    def put(self, tree: str) -> Forged:
        """This tree lands in the place of the true one."""
        return self.place.put(tree)


class Acts(Realm):
    """The base where its owners did something, and what others may do there in their name."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.store, self.keys, self.policy = place.store, place.keys, place.policy
        self.tip, self.base, self.root = place.parent, place.parent.tree, place.rich.root
        self.true, self.context = place.commit.tree, place.context

    def put(self, tree: str, at: int | None = None) -> Forged:
        """This tree comes to the base in the place of the true one."""
        return self.place.put(tree, at=at)


class Rich:
    """The valid history, a repository to forge it in, and what `verify` and a server say of it."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.root = history.root
        self.bare = history.folder.parent / "forge.git"
        git(history.folder, "clone", "-q", "--bare", str(history.folder), str(self.bare))
        for ref in git(self.bare, "for-each-ref", "--format=%(refname)").split():
            if ref != MAIN:
                git(self.bare, "update-ref", "-d", ref)
        git(self.bare, "config", "codexa.branch", "main")
        git(self.bare, "config", "codexa.root", self.root)
        self.store = Handwritten.open(self.bare)
        self._landings: dict[str, Landing] = {}

    def landing(self, mark: str = "merge") -> Landing:
        """The landing that is called so."""
        if mark not in self._landings:
            self._landings[mark] = Landing(self.place(mark))
        return self._landings[mark]

    def acts(self, mark: str) -> Acts:
        """The base where the owners did what is called so."""
        return Acts(self.place(mark))

    def place(self, mark: str) -> Place:
        """The commit of the base that is called so."""
        return Place(self, mark)

    def after(self, mark: str, files: Mapping[str, bytes | Entry | None]) -> Forged:
        """Files that somebody commits right upon a commit of the base."""
        commit = self.store.commit(self.history.marks[mark])
        entries = {
            path: Entry("100644", self.store.write_blob(content))
            if isinstance(content, bytes)
            else content
            for path, content in files.items()
        }
        tree = self.store.write_tree(commit.tree, entries)
        stamp = commit.committer._replace(seconds=commit.committer.seconds + 60)
        oid = self.store.write_commit(tree, (commit.oid,), stamp, stamp, b"x\n")
        return self.forged(oid, commit.oid)

    def forged(self, bad: str, old: str | None) -> Forged:
        """One commit that is wrong and comes alone."""
        return Forged(bad, bad, old)

    def found(self, tip: str, *, story: bool = False) -> tuple[Finding, ...]:
        """What `verify` finds on a base with this tip, the commit of the incident aside."""
        wish = Wish(self.root, story)
        report = verify(self.store, "main", tip, wish, _quietly)
        known = self.history.marks["spoilt"]
        return tuple(found for found in report.findings if found.commit != known)

    def pushed(self, forged: Forged) -> tuple[Finding, ...]:
        """What the judge of a server finds in a push of it."""
        return judge_push(self.store, Push(self.root, "main", forged.old, forged.tip)).findings

    def received(self, forged: Forged) -> tuple[CodexaError, ...]:
        """Why a server whose base is as it was does not take a push of it."""
        git(self.bare, "update-ref", *((MAIN, forged.old) if forged.old else ("-d", MAIN)))
        with Store.open(self.bare) as store:
            updates = (Update(MAIN, forged.tip, forged.old),)
            return before_receive(store, self.history.at + 300, updates)


def _quietly(number: int, of: int) -> None:
    del number, of


Forgery = Callable[[Rich], Forged]


class Known(NamedTuple):
    """A forgery, and the rules that it breaks at its commit, with others or not."""

    rules: tuple[str, ...]
    forge: Forgery


FORGERIES: dict[str, Known] = {}
"""Every forgery upon the rich history, by its name."""


def forgery(*rules: str) -> Callable[[Forgery], Forgery]:
    """What is decorated breaks these rules, each at its commit."""

    def known(forge: Forgery) -> Forgery:
        name = forge.__name__.replace("_", " ")
        assert name not in FORGERIES, name
        FORGERIES[name] = Known(rules, forge)
        return forge

    return known
