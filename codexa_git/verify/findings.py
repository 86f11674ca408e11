"""What verifying says: findings, each under the number of a rule, and the report of them."""

from collections.abc import Iterable
from enum import StrEnum

from codexa_git.values import NamedTuple


class Breach(NamedTuple):
    """One rule that something breaks: what, where, and what can be done.

    `undecided` is true where it could not be told whether the rule holds, which is never a yes.
    """

    rule: str
    says: str
    path: str | None = None
    line: int | None = None
    hint: str | None = None
    undecided: bool = False

    @property
    def placed(self) -> str:
        """What is wrong, and before it where, unless it begins with that path itself."""
        if self.path is None:
            return self.says
        if self.line is None and self.says.startswith(f"{self.path} "):
            return self.says
        return f"{self.path}{'' if self.line is None else f':{self.line}'}: {self.says}"


class Finding(NamedTuple):
    """A breach, and the commit that has it; `change` is the one that it landed, or told of."""

    commit: str
    change: str | None
    breach: Breach


class Incident(NamedTuple):
    """Commits that the owners have named as wrong: where, by the ids of what they signed."""

    commit: str
    ids: tuple[str, ...]
    names: tuple[str, ...]


class Answer(StrEnum):
    """What a report comes to."""

    YES = "yes"
    NO = "no"
    UNDECIDED = "undecided"


class Report(NamedTuple):
    """What was judged, and everything that was found wrong with it.

    `pinned` is false where the root is only what the base itself says. `since` is the commit that
    this machine had verified before, where one was asked to start from it. `incidents` are those of
    the owners that hold, and `accepted` the findings that the asker takes as settled by one of
    them. `notes` are no findings. `story` is true where the commits within landings were asked of.
    """

    branch: str
    tip: str
    root: str
    pinned: bool
    since: str | None
    commits: int
    landings: int
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = ()
    incidents: tuple[Incident, ...] = ()
    accepted: tuple[Finding, ...] = ()
    story: bool = False

    @property
    def answer(self) -> Answer:
        """Yes where nothing was found; undecided where nothing is known to be wrong."""
        return answer_to(finding.breach for finding in self.findings)


def answer_to(breaches: Iterable[Breach]) -> Answer:
    """What these breaches come to together: one that is certain is a no."""
    found = [breach.undecided for breach in breaches]
    if not found:
        return Answer.YES
    return Answer.UNDECIDED if all(found) else Answer.NO
