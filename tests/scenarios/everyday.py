"""What people do with plain git all day, and what a forge's buttons do, as rules of a machine."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import rule
from scenarios.clone import Clone
from scenarios.watching import Watched, changes

PARTS = ("parts/a", "parts/b", "parts/c", "README.md")
PAPERS = ("brief.md", "tasks.md", "design.md", "impact.md", "planner_config.json")
Steps = tuple[tuple[str, ...], ...]
REWRITES: dict[str, Steps] = {
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
MOVES: dict[str, Steps] = {
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
    "push the base": (("push", "-q", "origin", "main"),),
    "detach": (("switch", "-q", "--detach"),),
}
_MERGE = ("merge", "-q", "--no-ff", "-m")
BUTTONS: dict[str, tuple[str, str, Steps]] = {
    "merge": ("main", "main", ((*_MERGE, "Merge {branch}", "origin/{branch}"),)),
    "squash": (
        "main",
        "main",
        (("merge", "-q", "--squash", "origin/{branch}"), ("commit", "-q", "-m", "{branch} (#1)")),
    ),
    "rebase": ("{branch}", "main", (("rebase", "-q", "--no-ff", "origin/main"),)),
    "update": ("{branch}", "{branch}", ((*_MERGE, "Merge main", "origin/main"),)),
    "update by rebase": ("{branch}", "{branch}", (("rebase", "-q", "origin/main"),)),
    "suggestion": (
        "{branch}",
        "{branch}",
        (("add", "-A"), ("commit", "-q", "-m", "Update parts/c")),
    ),
    "revert": ("main", "main", (("revert", "--no-edit", "-m", "1", "HEAD"),)),
}
"""What a forge does: where it begins, which branch then holds it, and how it is made."""

UNDER_WAY = {
    "merge": "MERGE_HEAD",
    "rebase": "rebase-merge",
    "cherry-pick": "CHERRY_PICK_HEAD",
    "revert": "REVERT_HEAD",
}
BRANCHES: dict[str, Steps] = {
    "renamed and back": (("branch", "-m", "{name}", "mine"), ("branch", "-m", "mine", "{name}")),
    "deleted": (("switch", "-q", "-C", "elsewhere", "main"), ("branch", "-q", "-D", "{name}")),
    "a copy": (("switch", "-q", "-C", "copy", "{name}"),),
    "at the remote's": (("branch", "-q", "-f", "{name}", "origin/{name}"),),
}


def _without_last(text: str) -> str:
    return "".join(text.splitlines(keepends=True)[:-1])


BY_HAND: dict[str, Callable[[str], str]] = {
    "audit/CH-*/commands.jsonl": _without_last,
    "audit/CH-*/handoff.jsonl": _without_last,
    "audit/CH-*/concerns.jsonl": lambda text: text.replace("I worry", "I am glad"),
    "tests/results/CH-*.json": lambda text: text.replace("failed", "passed"),
    "changes/CH-*/status.md": lambda text: f"{text}closed\n",
    "PROGRESS.md": lambda text: f"{text}\nA word.\n",
}

who = st.integers(0, 1)
which = st.integers(0, 3)


class Everyday(Watched):
    """People with git in their hands, and a forge besides."""

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
        found = sorted((clone.folder / "changes").glob(f"CH-*/{paper}"))
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

    @rule(who=who, how=st.sampled_from(sorted(BRANCHES)))
    def plays_with_branches(self, who: int, how: str) -> None:
        """A branch of a change is renamed, or taken away, and comes back."""
        clone = self.clone(who)
        name = next((f"change/{change}" for change in changes(clone)), None)
        if name is not None:
            for words in BRANCHES[how]:
                self.git(clone, *(word.format(name=name) for word in words))

    @rule(who=who, what=st.sampled_from(sorted(BY_HAND)))
    def edits_by_hand(self, who: int, what: str) -> None:
        """A file that only the tool writes, by somebody who knows better."""
        clone = self.clone(who)
        for place in sorted(clone.folder.glob(what))[-1:]:
            place.write_text(BY_HAND[what](place.read_text()))
            self.git(clone, "add", "-A")
            if self.git(clone, "commit", "-q", "-m", f"edit {place.name}").status:
                self.git(clone, "checkout", "-q", "-f", "HEAD")

    def git_all(self, clone: Clone, steps: Steps) -> bool:
        """True where one after the other succeeded; what stops halfway is taken back."""
        if all(self.git(clone, *words).status == 0 for words in steps):
            return True
        for what, mark in UNDER_WAY.items():
            if (clone.folder / ".git" / mark).exists():
                self.git(clone, what, "--abort")
        return False

    @rule(button=st.sampled_from(sorted(BUTTONS)), which=which)
    def presses(self, button: str, which: int) -> None:
        """A button on the page of a change."""
        names = sorted(name for name in self.team.branches() if name.startswith("change/"))
        if not names:
            return
        branch, forge = names[which % len(names)], self.team.forge
        start, into, steps = BUTTONS[button]
        forge.git("fetch", "-q", "--prune", "origin")
        forge.git("checkout", "-q", "--force", "--detach", f"origin/{start.format(branch=branch)}")
        if button == "suggestion":
            forge.write("parts/c", self.text())
        filled = tuple(tuple(word.format(branch=branch) for word in words) for words in steps)
        if self.git_all(forge, filled):
            ref = f"refs/heads/{into.format(branch=branch)}"
            self.git(forge, "push", "-q", "origin", f"HEAD:{ref}")

    @rule(hours=st.integers(1, 80))
    def time_passes(self, hours: int) -> None:
        """Nobody does anything."""
        self.clock += hours * 3600
