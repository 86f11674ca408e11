"""What people do with the command, as rules of a machine: every verb, wherever they stand."""

from hypothesis import strategies as st
from hypothesis.stateful import rule
from scenarios.clone import Clone
from scenarios.everyday import Everyday, which, who
from scenarios.several import ENOUGH
from scenarios.watching import changes

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


class Deeds(Everyday):
    """People with the command in their hands."""

    def change(self, clone: Clone, which: int) -> str | None:
        """One of the changes that are here, or in one case of four the one at hand."""
        found = sorted(changes(clone))
        return found[which % len(found)] if found and which else None

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
        if self.git(
            clone, "switch", "-q", "-c", f"typo-{self.text().split()[1]}", "origin/main"
        ).status:
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
