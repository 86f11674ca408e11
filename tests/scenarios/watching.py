"""A team at work, and what has to hold after each thing that anybody does."""

import json
import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from hypothesis.stateful import RuleBasedStateMachine
from scenarios.clone import Answer, Clone
from scenarios.ledger import GATES, SHARED, Sums, product, records_at, sums
from scenarios.team import NOON, Team

ZERO = "0" * 40
PLAN = ("brief.md", "design.md", "planner_config.json", "tasks.md")
DOES_MORE = ("advance", "quick", "revert", "open", "snapshot", "sync")
"""Commands that make several commits, and so may have made one before they say no."""

REPORTS = ("verify", "check", "doctor", "status", "board")
"""Commands whose answer is a page, whatever it says."""

SAID = ("approval.", "clarification.", "waiver.", "concern.r", "command.", "abandoned")
"""How the types of the records begin that people make."""


class Signed(NamedTuple):
    """An approval as it was given: on which base, over what."""

    held: str
    paths: dict[str, str]


class Watched(RuleBasedStateMachine):
    """People act through `verb` and `git`; both look at what came of it."""

    team: Team
    start: str

    def __init__(self) -> None:
        super().__init__()
        self.story: list[str] = []
        self.clock = NOON
        self.number = 0
        self.published: dict[str, frozenset[str]] = {}
        self.due: dict[str, frozenset[str]] = {}
        self.signed: dict[str, Signed] = {}
        self.closings: set[tuple[str, str]] = set()
        self.seen: dict[tuple[str, str], Sums | None] = {}
        self.brought: set[str] = set()
        self.server_was: dict[str, str] = {}
        self.refs_were: dict[Path, str] = {}
        self.noted: set[tuple[str, str]] = set()
        self.bases: dict[tuple[str, str], str] = {}

    def clone(self, who: int) -> Clone:
        """The clone of one of them."""
        return self.team.people[who]

    def text(self) -> str:
        """A line that was never written before."""
        self.number += 1
        return f"line {self.number}\n"

    def verb(self, clone: Clone, *words: str) -> Answer:
        """What the command answers, with all that it may not have done."""
        self._tick(clone)
        before, branches = _state(clone), changes(clone)
        answer = clone.codexa(*words)
        self._tell(clone, ("codexa", *words), answer)
        told = self.told()
        assert answer.status in (0, 1, 2, 3), told
        assert "Traceback" not in answer.err, told
        if answer.status and words[0] not in REPORTS:
            _require_sentence(answer, told)
        # What waited is put in its place before anything is asked, and what waits now is told.
        waits = "it waits at" in answer.err or any("refs/codexa/waiting/" in ref for ref in before)
        if answer.status and words[0] not in DOES_MORE and not waits:
            assert _state(clone) == before, told
        for change, tip in branches.items():
            now = changes(clone).get(change)
            assert now is not None, told
            lost = self.ids(clone, tip, change) - self.ids(clone, now, change)
            if "no longer fits there" in answer.err or "on top of it" in answer.out:
                # A step of the tool's that somebody else has pushed meanwhile is not taken twice.
                lost &= self.of_people(clone, tip, change)
            assert not lost, f"{told}\nlost: {lost}"
        self.look(clone, is_verb=words[0] != "land")
        return answer

    def git(self, clone: Clone, *words: str, **environment: str) -> Answer:
        """What a git command of a person's came to; whatever it is, it leaves things well."""
        self._tick(clone)
        done = subprocess.run(
            ["git", *words],
            cwd=clone.folder,
            env=os.environ | environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        answer = Answer(done.returncode, done.stdout.decode(), done.stderr.decode())
        self._tell(clone, ("git", *words), answer)
        assert "Traceback" not in answer.err, self.told()
        self.look(clone)
        return answer

    def told(self) -> str:
        """All that was done so far, as a script with its answers."""
        return "\n".join(["", *self.story])

    def ids(self, clone: Clone, tip: str, change: str) -> frozenset[str]:
        """The ids of the records that a commit holds of a change."""
        found = self.sums(clone, tip, change)
        return frozenset() if found is None else found.ids

    def of_people(self, clone: Clone, tip: str, change: str) -> frozenset[str]:
        """The ids of the records that a commit holds of what people decided or said."""
        records = records_at(clone.folder, tip, change)
        return frozenset(str(r["id"]) for r in records if str(r["type"]).startswith(SAID))

    def sums(self, clone: Clone, tip: str, change: str) -> Sums | None:
        """What the records add up to, as this commit holds them; `None` where there are none."""
        key = (tip, change)
        if key not in self.seen:
            records = records_at(clone.folder, tip, change)
            self.seen[key] = sums(records) if records else None
        return self.seen[key]

    def look(self, clone: Clone, *, is_verb: bool = False) -> None:
        """Nothing that was published is lost, and the clone says of its changes what is true."""
        before = self.server_was.get("main")
        self._look_at_server()
        if is_verb and before != self.server_was["main"]:
            self.brought.add(self.server_was["main"])
        refs = clone.git("for-each-ref", "--format=%(refname) %(objectname)")
        if self.refs_were.get(clone.folder) == refs:
            return
        self.refs_were[clone.folder] = refs
        for change, tip in changes(clone).items():
            self._note(clone, change, tip)
        answer = clone.codexa("status", "--all", "--json")
        told = f"{self.told()}\n{answer}"
        assert answer.status in (0, 3), told
        found = json.loads(answer.out)["changes"]
        unread = [facts for facts in found if facts["state"] == "unreadable"]
        assert bool(unread) == bool(answer.status), told
        for facts in unread:
            assert self.sums(clone, facts["tip"], facts["change"]) is None, told
        for facts in found:
            if facts not in unread:
                self._compare(clone, facts)

    def _look_at_server(self) -> None:
        server = Clone(self.team.server)
        now = self.team.branches()
        if now == self.server_was:
            return
        if now["main"] != self.server_was.get("main"):
            self._look_at_base(server)
        self.server_was = now
        for name, tip in now.items():
            if name.startswith("change/"):
                change = name.removeprefix("change/")
                before = self.published.get(change, frozenset())
                self.published[change] = before | self.ids(server, tip, change)
                lost = before - self.ids(server, tip, change)
                # Whoever takes one out by a commit of their own still has it in history.
                lost -= self._once_held(server, tip, change) if lost else frozenset()
                assert not lost, f"{self.told()}\nlost from the server: {lost}"

    def _look_at_base(self, server: Clone) -> None:
        """A landing is to hold what had been published of its change when it came to be."""
        here = server.git("ls-tree", "--name-only", "main", "audit/").split()
        for change in (name.removeprefix("audit/") for name in here):
            self.due.setdefault(change, self.published.get(change, frozenset()))

    def _once_held(self, server: Clone, tip: str, change: str) -> frozenset[str]:
        """The records that any commit up to this one held."""
        commits = server.git("rev-list", "--full-history", tip, "--", f"audit/{change}").split()
        return frozenset().union(*(self.ids(server, commit, change) for commit in commits))

    def _note(self, clone: Clone, change: str, tip: str) -> None:
        """Approvals and closings are remembered with what they were given for."""
        found = self.sums(clone, tip, change)
        if found is None or (change, tip) in self.noted:
            return
        self.noted.add((change, tip))
        new = [name for name in found.approvals if name not in self.signed]
        closes = clone.git("log", "-1", "--format=%s", tip).startswith(f"{change} cleanup: closed,")
        if not new and not closes:
            return
        held = self._held(clone, tip)
        for name in new:
            self.signed[name] = Signed(held, product(clone.folder, held, tip, change))
        if closes:
            trees = clone.git("rev-parse", f"{held}^{{tree}}", f"{tip}^{{tree}}").split()
            self.closings.add((trees[0], trees[1]))

    def _held(self, clone: Clone, tip: str) -> str:
        """The commit of the base that a tip holds."""
        key = (tip, clone.tip("origin/main"))
        if key not in self.bases:
            self.bases[key] = clone.git("merge-base", *key)
        return self.bases[key]

    def _compare(self, clone: Clone, facts: dict[str, object]) -> None:
        change, tip = str(facts["change"]), str(facts["tip"])
        found = self.sums(clone, tip, change)
        told = f"{self.told()}\n{json.dumps(facts, indent=1)}"
        assert found is not None, told
        assert (facts["state"] == "abandoned") == found.abandoned, told
        assert facts["handed"] == found.stage, told
        assert facts["concerns"] == found.concerns, f"{told}\n{found}"
        held = self._held(clone, tip)
        now = product(clone.folder, held, tip, change)
        said = facts["approvals"]
        assert isinstance(said, list)
        for name, gates in found.approvals.items():
            for gate, number in gates.items():
                if number == found.rounds[GATES[gate]] and not found.missing[name]:
                    self._compare_approval(name, gate, held, now, said, told)

    def _compare_approval(
        self, name: str, gate: str, held: str, now: dict[str, str], said: list[object], told: str
    ) -> None:
        """One that was given for just this counts, and one given for something else does not."""
        signed = self.signed[name]
        # What stands outside of the blocks of a shared page is people's: that is told elsewhere.
        if signed.held != held or not {*signed.paths, *now}.isdisjoint(SHARED):
            return
        then, present = (_scope(gate, paths) for paths in (signed.paths, now))
        of_gate = [one["counts"] for one in said if isinstance(one, dict) and one["gate"] == gate]
        assert of_gate, f"{told}\n{name}"
        if then == present and signed.paths == now:
            assert any(of_gate), f"{told}\n{name} of {gate} was given for just this"
        if then != present and len(of_gate) == 1:
            assert not any(of_gate), f"{told}\n{name} of {gate} was given for something else"

    def _tick(self, clone: Clone) -> None:
        """A minute passes, by a clock that is ahead in one of the clones."""
        self.clock += 60
        at = self.clock + (5000 if clone.folder.name == "second" else 0)
        os.environ["SOURCE_DATE_EPOCH"] = str(at)
        for who in ("AUTHOR", "COMMITTER"):
            os.environ[f"GIT_{who}_DATE"] = f"{at} +0000"

    def _tell(self, clone: Clone, words: tuple[str, ...], answer: Answer) -> None:
        self.story.append(f"{clone.folder.name}$ {' '.join(words)}  -> {answer.status}")
        self.story += [f"    {line}" for line in (answer.out + answer.err).splitlines()[:12]]


def _scope(gate: str, paths: dict[str, str]) -> dict[str, str]:
    match gate:
        case "plan":
            return {p: v for p, v in paths.items() if p.endswith(PLAN) and "changes/" in p}
        case "results":
            return {p: v for p, v in paths.items() if not p.startswith("changes/")}
        case _:
            return paths


def _require_sentence(answer: Answer, told: str) -> None:
    errors = [line for line in answer.err.splitlines() if line.startswith("error: ")]
    warned = any(line.startswith("warning: ") for line in answer.err.splitlines())
    assert len(errors) == 1 or (warned and not errors), told
    for line in errors:
        assert not line.endswith("."), told


def changes(clone: Clone) -> dict[str, str]:
    """The tip of each change's branch that is here."""
    words = ("for-each-ref", "--format=%(refname:lstrip=3) %(objectname)", "refs/heads/change")
    rows = (line.split(" ") for line in clone.git(*words).splitlines())
    return dict(rows)


def _state(clone: Clone) -> tuple[str, ...]:
    """All of a clone that no refusal may change: what is known of remotes is not part of it."""
    refs = clone.git("for-each-ref", "--format=%(refname) %(objectname)").splitlines()
    return (
        *(ref for ref in refs if not ref.startswith("refs/remotes/")),
        clone.git("rev-parse", "--symbolic-full-name", "HEAD"),
        clone.git("status", "--porcelain"),
    )
