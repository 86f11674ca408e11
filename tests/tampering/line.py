"""The world's change put on the base, forged or not, and what verifying finds at that commit."""

from collections.abc import Mapping
from typing import Any

from gate.world import World

from codexa_git.policy.rules import Policy
from codexa_git.repository.objects import Commit, Entry, Identity, Stamp
from codexa_git.repository.store import Store
from codexa_git.verify.base import breaches
from codexa_git.verify.findings import Breach, Finding, Report
from codexa_git.verify.grounds import Step
from codexa_git.verify.pushed import Push, judge_push
from codexa_git.verify.verifying import Wish, verify
from codexa_git.verify.walk import Walk

LANDER = Identity("Demo PM", "pm@demo.invalid")


class Line:
    """The base as it stood when the world's change was closed, and what may come upon it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.tip = world.moment.held
        self.store = Store.open(world.folder)

    def commit(self, tree: str, *parents: str, at: int | None = None, message: str = "x") -> Commit:
        """A commit that no ref holds."""
        stamp = Stamp(LANDER, self.world.context.at if at is None else at)
        oid = self.world.store.write_commit(tree, parents, stamp, stamp, f"{message}\n".encode())
        return self.world.store.commit(oid)

    def landing(self, tree: str, on: Commit | None = None) -> Commit:
        """The merge that brings a closed change with this tree."""
        closed = self.commit(tree, self.world.moment.tip.oid, message="closed")
        return self.commit(tree, (on or self.tip).oid, closed.oid, message="Merge CH-001: words")

    def after_story(self, *trees: str, message: str = "said") -> tuple[list[Commit], Commit]:
        """People's commits with these trees upon the change, and the landing of the last one's."""
        story = [self.world.moment.tip]
        for tree in trees:
            story.append(self.commit(tree, story[-1].oid, message=message))
        last = story[-1]
        return story[1:], self.commit(last.tree, self.tip.oid, last.oid, message="Merge")

    def edited(self, files: Mapping[str, bytes | Entry | None], on: Commit | None = None) -> Commit:
        """A commit on the base that changes these files, and lands nothing."""
        before = on or self.tip
        return self.commit(self.world.edited(files, before.tree), before.oid)

    def found(self, *line: Commit, story: bool = False) -> tuple[Finding, ...]:
        """What is wrong with these commits, which follow each other upon the base."""
        walk = Walk(self.store, self.world.root, "main", story=story)
        oids = [commit.oid for commit in line]
        return walk.judge(line[0].parents[0], oids, lambda _, __: None).findings

    def rules(self, tree: str) -> set[str]:
        """The rules that a landing with this tree breaks; all of it is found at that commit.

        A server asks it of a push, by the walk that `verify` goes.
        """
        landing = self.landing(tree)
        push = Push(self.world.root, "main", self.tip.oid, landing.oid)
        found = judge_push(self.store, push).findings
        assert {finding.commit for finding in found} <= {landing.oid}
        return {finding.breach.rule for finding in found}

    def rules_under(self, policy: Policy, tree: str) -> set[str]:
        """The same, where the base's policy were another."""
        return {breach.rule for breach in self.breaches_under(policy, tree)}

    def breaches_under(self, policy: Policy, tree: str) -> tuple[Breach, ...]:
        """What breaks them, and where."""
        store, landing = self.store, self.landing(tree)
        step = Step(store, self.world.root, "main", policy, self.tip, landing)
        return tuple(breaches(step, ("CH-001",)))

    def rules_at(self, *line: Commit, story: bool = False) -> dict[str, set[str]]:
        """The rules broken, by the commit that breaks them."""
        told: dict[str, set[str]] = {}
        for finding in self.found(*line, story=story):
            told.setdefault(finding.commit, set()).add(finding.breach.rule)
        return told

    def report(self, tip: Commit, **wish: Any) -> Report:  # noqa: ANN401
        """The report on a base with this tip, from its beginning."""
        asked = Wish(**({"root": self.world.root} | wish))
        return verify(self.store, "main", tip.oid, asked, lambda _, __: None)
