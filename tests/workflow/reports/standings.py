"""Standings that no repository had to be made for, and who looks at them."""

from codexa_git.audit.record import Actor
from codexa_git.policy.rules import Mode, Person, Policy
from codexa_git.policy.signers import AllowedSigners
from codexa_git.workflow.reports.standing import Asked, Move, Standing, Work

SINCE = "2026-01-01T12:00:00Z"
NOON = 1767268800
PM = Actor("Demo PM", "pm@demo.invalid", "pm")
DEV = Actor("Demo Dev", "dev@demo.invalid", "contributor")
POLICY = Policy(Mode.OBSERVE, (Person(PM.email, "Demo PM", ("pm",)),), (), AllowedSigners())

APPROVE = Move(("Demo PM",), person=True, do="read brief and plan", command="git codexa approve")
AGENT = Move(("PM (agent)",), person=False, do="make the plan", command="git codexa advance")
LAND = Move((), person=False, do="land it", command="git codexa land")


def asked(name: str, stage: str | None, *, met: bool | None, now: str = "so") -> Asked:
    return Asked(name, stage, met, "proved", "A rule.", now, (), None)


def standing(move: Move = APPROVE, **other: object) -> Standing:
    made = Standing(
        change="CH-001", title="Shouting", milestone=None, requirements=(), branch="change/CH-001",
        tip="0" * 40, state="open", stage="spec", handed="spec", round=1, passed=(), asks=(),
        move=move, since=SINCE, approvals=(), work=Work(0, 0, 0, 0, 0, ()), concerns=0,
        base="main", behind=0, unpushed=None, waiting=None,
    )  # fmt: skip
    return made._replace(**other)  # type: ignore[arg-type]
