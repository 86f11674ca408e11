"""What the base came to in the end, judged by `verify` and by what was seen on the way."""

import json

from builders import git
from scenarios.clone import Clone
from scenarios.watching import Watched


class Judged(Watched):
    """A team whose repositories are looked at when everybody has gone home."""

    def teardown(self) -> None:
        """Every object is sound, every landing is judged as it came to be, and replays."""
        if hasattr(self, "team"):
            for clone in (*self.team.people, Clone(self.team.server)):
                git(clone.folder, "fsck", "--strict", "--no-dangling")
            self.judge_base()

    def judge_base(self) -> None:
        """`verify` names just the commits of the base that may not be there."""
        forge = self.team.forge
        forge.git("fetch", "-q", "origin")
        forge.git("switch", "-q", "--force", "-C", "main", "origin/main")
        root = self.team.people[0].git("config", "codexa.root")
        answer = forge.codexa("verify", "--root", root, "--json")
        told = f"{self.told()}\n{answer}"
        assert answer.status in (0, 1), told
        facts = json.loads(answer.out)
        bad = {finding["commit"] for finding in facts["findings"]}
        self._judge_others(bad, told)
        for commit, landed in self._landings():
            trees = forge.git("rev-parse", f"{commit}^1^{{tree}}", f"{commit}^{{tree}}").split()
            fit = (trees[0], trees[1]) in self.closings
            assert fit == (commit not in bad), f"{told}\n{commit} of {landed}: {fit}"
            if fit:
                self._require_kept(commit, landed, told)

    def _judge_others(self, bad: set[str], told: str) -> None:
        """What a verb brought to the base may be there; somebody's plain work may not."""
        words = ("--first-parent", "--format=%H %s", f"{self.start}..main")
        for row in self.team.forge.git("log", *words).splitlines():
            commit, _, subject = row.partition(" ")
            assert commit not in bad or commit not in self.brought, f"{told}\n{row}"
            assert commit in bad or not subject.startswith("T-01 "), f"{told}\n{row}"

    def _landings(self) -> list[tuple[str, str]]:
        """The commits of the server's base that bring a change's records, with that change."""
        forge, found = self.team.forge, []
        before = set(forge.git("ls-tree", "--name-only", self.start, "audit/").split())
        for commit in forge.git(
            "rev-list", "--first-parent", "--reverse", f"{self.start}..main"
        ).split():
            now = set(forge.git("ls-tree", "--name-only", commit, "audit/").split())
            found += [
                (commit, name.removeprefix("audit/")) for name in now - before if "CH-" in name
            ]
            before = now
        return found

    def _require_kept(self, commit: str, change: str, told: str) -> None:
        forge = self.team.forge
        lost = self.due[change] - self.ids(forge, commit, change)
        assert not lost, f"{told}\n{commit} landed without {lost}"
        # Who squashes gives the commits away that there were to make again.
        is_merge = len(forge.git("rev-parse", f"{commit}^@").split()) > 1
        if is_merge and forge.git("ls-tree", "main", f"audit/{change}"):
            answer = forge.codexa("replay", change)
            assert answer.status == 0, f"{told}\n{answer}"
