"""Two people in two clones, a server and a forge, doing whatever they like in any order."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders import git
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule, run_state_machine_as_test
from scenarios.clone import Answer, Clone
from scenarios.team import Team, Variant, founded, surroundings
from scenarios.watching import Watched, changes

EXAMPLES = int(os.environ.get("CODEXA_EXAMPLES", "0"))
VARIANTS = {
    "plain": Variant(),
    "a server that refuses": Variant(refusing=True),
    "hooks": Variant(hooks=True),
}
ENOUGH = ("--context", "c", "--scope", "s", "--out-of-scope", "o", "--criterion", "`a` is `b`")
SAYS: dict[str, tuple[str, ...]] = {
    "ask": ("clarify", "how loud?"),
    "answer": ("clarify", "--answer", "Q-1", "quite"),
    "answer again": ("clarify", "--answer", "Q-2", "very"),
    "worry": ("concern", "raise", "I worry"),
    "resolve": ("concern", "resolve", "CN-1", "not now"),
    "resolve another": ("concern", "resolve", "CN-2", "not now"),
    "withdraw": ("withdraw", "-m", "not so fast"),
    "waive": ("waive", "--test", "parts/broken", "-m", "known"),
    "to spec": ("rework", "--to", "spec", "-m", "again"),
    "to execute": ("rework", "-m", "again"),
    "to package": ("rework", "--to", "package", "-m", "again"),
    "sync": ("sync",),
    "snapshot": ("snapshot",),
    "replan": ("advance", "--replan"),
    "retry": ("advance", "--retry"),
}
READS: tuple[tuple[str, ...], ...] = (
    ("status",),
    ("board",),
    ("log",),
    ("packet",),
    ("audit",),
    ("verify", "--story"),
    ("check",),
    ("doctor",),
    ("milestone", "MS-01"),
    ("retention", "list"),
    ("concern", "list"),
    ("backlog", "list"),
    ("policy", "show"),
    ("root",),
)
BASE: dict[str, tuple[str, ...]] = {
    "totals": ("report",),
    "week": ("report", "--week"),
    "digest": ("digest", "--write"),
    "sweep": ("retention", "sweep"),
    "plan": ("backlog", "add", "sing"),
    "plan first": ("backlog", "add", "hum", "--first"),
    "rank": ("backlog", "rank", "BL-002", "1"),
}
PARTS = ("parts/a", "parts/b", "parts/c", "README.md")
PAPERS = ("brief.md", "tasks.md", "design.md", "impact.md", "planner_config.json")
REWRITES: dict[str, tuple[tuple[str, ...], ...]] = {
    "amend": (("commit", "-q", "--amend", "-m", "said otherwise"),),
    "squash": (("reset", "-q", "--soft", "HEAD~2"), ("commit", "-q", "-m", "two in one")),
    "drop": (("reset", "-q", "--hard", "HEAD~1"),),
    "drop two": (("reset", "-q", "--hard", "HEAD~2"),),
    "uncommit": (("reset", "-q", "HEAD~1"),),
    "rebase": (("rebase", "-q", "origin/main"),),
    "rebase two": (("rebase", "-q", "-f", "HEAD~2"),),
    "revert": (("revert", "--no-edit", "HEAD"),),
    "merge the base": (("merge", "-q", "--no-edit", "origin/main"),),
    "pick": (("cherry-pick", "main"),),
}
MOVES: dict[str, tuple[tuple[str, ...], ...]] = {
    "fetch": (("fetch", "-q"),),
    "pull": (("pull", "-q", "--no-rebase", "--no-edit"),),
    "pull by rebase": (("pull", "-q", "--rebase"),),
    "push": (("push", "-q", "origin", "HEAD"),),
    "push all": (("push", "-q", "origin", "--all"),),
    "stash": (("stash", "-q", "-u"),),
    "pop": (("stash", "pop", "-q"),),
    "throw away": (("checkout", "-q", "-f", "HEAD"), ("clean", "-fdq")),
    "collect": (("gc", "-q", "--prune=now"),),
    "to the base": (("switch", "-q", "main"),),
    "detach": (("switch", "-q", "--detach"),),
}
BUTTONS = ("merge", "squash", "rebase", "update", "update by rebase", "suggestion")

who = st.integers(0, 1)
which = st.integers(0, 3)


class TwoClones(Watched):
    """Everything that two people can do, and a forge besides."""

    template: Team
    folder: Path

    @initialize(depth=st.integers(0, 4), who=who)
    def begin(self, depth: int, who: int) -> None:
        """A fresh team, perhaps with a change on its way."""
        self.place = self.folder / "team-now"
        shutil.rmtree(self.place, ignore_errors=True)
        self.team = self.template.copied(self.place)
        self.start = self.team.branches()["main"]
        self.number = 0
        if depth:
            self.verb(self.team.people[who], "open", "Work", *ENOUGH)
            for _ in range(depth):
                self.goes_on(who)

    def clone(self, who: int) -> Clone:
        """The clone of one of them."""
        return self.team.people[who]

    def change(self, clone: Clone, which: int) -> str | None:
        """One of the changes that are here, or in one case of four the one at hand."""
        found = sorted(changes(clone))
        return found[which % len(found)] if found and which else None

    def text(self) -> str:
        """A line that was never written before."""
        self.number += 1
        return f"line {self.number}\n"

    # What the command does.

    @rule(who=who, stays=st.booleans())
    def opens(self, who: int, *, stays: bool) -> None:
        """A change from a title."""
        more = ("--no-switch",) if stays else ()
        self.verb(self.clone(who), "open", f"Work {self.number}", *ENOUGH, *more)

    @rule(who=who)
    def opens_next(self, who: int) -> None:
        """A change from the backlog."""
        self.verb(self.clone(who), "open")

    @rule(who=who, which=which, pushes=st.booleans())
    def advances(self, who: int, which: int, *, pushes: bool) -> None:
        """One step."""
        clone = self.clone(who)
        change = self.change(clone, which)
        self.verb(clone, "advance", *([change] if change else []), *self.push_or(pushes=pushes))

    @rule(who=who, which=which, pushes=st.booleans())
    def approves(self, who: int, which: int, *, pushes: bool) -> None:
        """What waits is signed."""
        clone = self.clone(who)
        change = self.change(clone, which)
        self.verb(clone, "approve", *([change] if change else []), *self.push_or(pushes=pushes))

    @rule(who=who)
    def goes_on(self, who: int) -> None:
        """The change at hand goes as far as one person brings it."""
        clone = self.clone(who)
        answer = self.verb(clone, "advance", "--until-blocked")
        if "waits for a person" in answer.err:
            self.writes(who, "parts/c", commits=True)
        elif "git codexa approve" in answer.err:
            self.verb(clone, "approve")

    @rule(who=who, which=which, what=st.sampled_from(sorted(SAYS)), pushes=st.booleans())
    def says(self, who: int, which: int, what: str, *, pushes: bool) -> None:
        """Whatever people say about a change."""
        clone = self.clone(who)
        change = self.change(clone, which)
        verb, *rest = SAYS[what]
        if verb == "concern":
            sub, *rest = rest
            words = [verb, sub, *([change] if change else []), *rest]
        elif "--answer" in rest:
            *option, text = rest
            words = [verb, *([change] if change else []), *option, text]
        else:
            words = [verb, *([change] if change else []), *rest]
        quiet = what == "snapshot"
        self.verb(clone, *words, *(() if quiet else self.push_or(pushes=pushes)))

    @rule(who=who, which=which)
    def lands(self, who: int, which: int) -> None:
        """A change, perhaps a closed one."""
        clone = self.clone(who)
        change = self.change(clone, which)
        self.verb(clone, "land", *([change] if change else []))

    @rule(who=who, which=which, sure=st.integers(0, 3))
    def abandons(self, who: int, which: int, sure: int) -> None:
        """A change ends, now and then."""
        change = self.change(self.clone(who), which)
        if change and not sure:
            self.verb(self.clone(who), "abandon", change, "-m", "not needed")

    @rule(who=who)
    def reverts_a_landing(self, who: int) -> None:
        """The first change is taken back, where it has landed."""
        self.verb(self.clone(who), "revert", "CH-001")

    @rule(who=who)
    def is_quick(self, who: int) -> None:
        """A light change, over work on a branch of its own."""
        clone = self.clone(who)
        if self.git(clone, "switch", "-q", "-c", f"typo-{self.text().split()[1]}", "origin/main").status:
            return
        self.writes(who, "README.md", commits=True)
        self.verb(clone, "quick", "fix it")

    @rule(who=who)
    def bypasses(self, who: int) -> None:
        """A hotfix."""
        clone = self.clone(who)
        name = f"bypass/fix-{self.text().split()[1]}"
        if self.git(clone, "switch", "-q", "-c", name, "origin/main").status:
            return
        self.writes(who, "parts/a", commits=True)
        self.verb(clone, "bypass", name, "-m", "it was wrong")

    @rule(who=who)
    def changes_policy(self, who: int) -> None:
        """A comment in the policy, signed."""
        clone = self.clone(who)
        name = f"policy/more-{self.text().split()[1]}"
        if self.git(clone, "switch", "-q", "-c", name, "origin/main").status:
            return
        text = clone.read("codexa.toml")
        clone.write("codexa.toml", f"{text}# {self.text()}")
        self.git(clone, "commit", "-q", "-a", "-m", "a word in the policy")
        self.verb(clone, "policy", "sign", name)

    @rule(who=who, what=st.sampled_from(sorted(BASE)))
    def does_on_the_base(self, who: int, what: str) -> None:
        """What needs no change."""
        self.verb(self.clone(who), *BASE[what])

    @rule(who=who, words=st.sampled_from(READS))
    def reads(self, who: int, words: tuple[str, ...]) -> None:
        """Reading changes nothing."""
        clone = self.clone(who)
        self.verb(clone, *words)

    @staticmethod
    def push_or(*, pushes: bool) -> tuple[str, ...]:
        """The option that keeps a commit here."""
        return () if pushes else ("--no-push",)

    # What people do with git.

    @rule(who=who, path=st.sampled_from([*PARTS, "parts/broken"]), commits=st.booleans())
    def writes(self, who: int, path: str, *, commits: bool) -> None:
        """A line more in the product, committed or left in the checkout."""
        clone = self.clone(who)
        before = (clone.folder / path).read_text() if (clone.folder / path).exists() else ""
        text = "broken\n" if path == "parts/broken" and not before else before + self.text()
        clone.write(path, text)
        if commits:
            self.git(clone, "add", "-A")
            self.git(clone, "commit", "-q", "-m", f"T-01 {path}")

    @rule(who=who, paper=st.sampled_from(PAPERS))
    def edits_a_paper(self, who: int, paper: str) -> None:
        """A line more in a paper of the change at hand."""
        clone = self.clone(who)
        found = [p for p in (clone.folder / "changes").glob(f"CH-*/{paper}")]
        if found:
            place = found[-1]
            place.write_text(place.read_text() + f"\n{self.text()}")
            self.git(clone, "add", "-A")
            self.git(clone, "commit", "-q", "-m", f"edit {paper}")

    @rule(who=who, how=st.sampled_from(sorted(REWRITES)))
    def rewrites(self, who: int, how: str) -> None:
        """History that is nobody else's yet; or so they think."""
        clone = self.clone(who)
        if clone.git("rev-parse", "--abbrev-ref", "HEAD") in ("main", "HEAD"):
            return
        self.git_all(clone, REWRITES[how])

    @rule(who=who, how=st.sampled_from(sorted(MOVES)))
    def moves(self, who: int, how: str) -> None:
        """Everyday git."""
        self.git_all(self.clone(who), MOVES[how])

    @rule(who=who, which=which)
    def switches(self, who: int, which: int) -> None:
        """To a change that is here or on the server."""
        names = sorted(name for name in self.team.branches() if name.startswith("change/"))
        if names:
            self.git(self.clone(who), "switch", "-q", names[which % len(names)])

    def git_all(self, clone: Clone, steps: tuple[tuple[str, ...], ...]) -> None:
        """One after the other while they succeed; what stops halfway is taken back."""
        for words in steps:
            answer = self.git(clone, *words)
            if answer.status:
                self.gives_up(clone, answer)
                return

    def gives_up(self, clone: Clone, answer: Answer) -> None:
        """Whatever is under way is not."""
        del answer
        for what in ("merge", "rebase", "cherry-pick", "revert"):
            place = {"merge": "MERGE_HEAD", "rebase": "rebase-merge", "cherry-pick": "CHERRY_PICK_HEAD"}
            if (clone.folder / ".git" / place.get(what, "REVERT_HEAD")).exists():
                self.git(clone, what, "--abort")

    # What a forge does.

    @rule(button=st.sampled_from(BUTTONS), which=which)
    def presses(self, button: str, which: int) -> None:
        """A button on a change's page."""
        names = sorted(name for name in self.team.branches() if name.startswith("change/"))
        if not names:
            return
        branch, forge = names[which % len(names)], self.team.forge
        forge.git("fetch", "-q", "--prune", "origin")
        there, into = f"origin/{branch}", "main"
        start = there if button in ("rebase", "update", "update by rebase", "suggestion") else "origin/main"
        forge.git("checkout", "-q", "--force", "--detach", start)
        steps: tuple[tuple[str, ...], ...] = ()
        match button:
            case "merge":
                steps = (("merge", "-q", "--no-ff", "-m", f"Merge {branch}", there),)
            case "squash":
                steps = (("merge", "-q", "--squash", there), ("commit", "-q", "-m", f"{branch} (#1)"))
            case "rebase":
                steps = (("rebase", "-q", "--no-ff", "origin/main"),)
            case "update":
                into = branch
                steps = (("merge", "-q", "--no-ff", "-m", "Merge main", "origin/main"),)
            case "update by rebase":
                into = branch
                steps = (("rebase", "-q", "origin/main"),)
            case _:
                into = branch
                forge.write("parts/c", self.text())
                steps = (("add", "-A"), ("commit", "-q", "-m", "Update parts/c"))
        for words in steps:
            if self.git(forge, *words).status:
                self.gives_up(forge, Answer(1, "", ""))
                return
        self.git(forge, "push", "-q", "origin", f"HEAD:refs/heads/{into}")

    @rule(hours=st.integers(1, 80))
    def time_passes(self, hours: int) -> None:
        """Nobody does anything."""
        self.clock += hours * 3600

    def teardown(self) -> None:
        """All is sound, every landing is judged as it came to be, and replays."""
        if not hasattr(self, "team"):
            return
        for clone in (*self.team.people, Clone(self.team.server)):
            git(clone.folder, "fsck", "--strict", "--no-dangling")
        self.judge_base()


def _settings(number: int) -> settings:
    return settings(
        max_examples=EXAMPLES or number,
        stateful_step_count=30 if not EXAMPLES else 50,
        deadline=None,
        derandomize=not EXAMPLES,
        database=None,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )


@pytest.mark.parametrize("name", VARIANTS)
def test_whatever_two_people_do_nothing_is_lost_and_every_landing_is_judged_right(
    name: str, tmp_path: Path
) -> None:
    with surroundings(tmp_path):
        made = founded(tmp_path / "template", VARIANTS[name])

        class Here(TwoClones):
            template, folder = made, tmp_path

        run_state_machine_as_test(Here, settings=_settings(4))
