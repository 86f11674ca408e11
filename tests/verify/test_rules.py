"""The table of rules: no requirement is without one, and none is explained that is not asked."""

from gate.world import World

from codexa_git.gate.answers import Ask, no, undecided
from codexa_git.gate.requirements import REQUIREMENTS
from codexa_git.gate.verdict import ALWAYS
from codexa_git.verify.rules import ASKED, EXPLAINED, explained

ALL = {*ALWAYS, *(name for questions in REQUIREMENTS.values() for name in questions)}


def test_every_requirement_asks_a_rule() -> None:
    assert ASKED.keys() == ALL
    assert EXPLAINED.keys() <= ALL


def test_a_no_is_never_explained_away(world: World) -> None:
    """Even of a landing without a fault: the gates decide, and what they say is told."""
    case = world.case(world.tree)
    for name in ALL:
        breaches = explained(case, Ask(name, None, "", no("so it is", where=("a.py",))))
        assert breaches, name
        assert not any(breach.undecided for breach in breaches)


def test_what_is_undecided_is_told_as_that(world: World) -> None:
    case = world.case(world.tree)
    plain = ALL - EXPLAINED.keys()
    for name in plain:
        (breach,) = explained(case, Ask(name, None, "", undecided("nobody can tell")))
        assert breach.undecided
