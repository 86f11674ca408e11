"""A base that knows light changes, and people who bring small work to it."""

import os

from scenarios.clone import At, Clone, States

from codexa_git.gate.verdict import Verdict
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import stand
from codexa_git.workflow.changes.moment import named

LIGHT = '\n[light]\npaths = ["**/*.md", "greet.sh"]\nlines = 6\n'
TYPO = {"README.md": "# Greetings\n"}


def enforced(at: At, rule: str = LIGHT) -> Clone:
    """A base that enforces, with this rule for light changes."""
    if rule == LIGHT:
        return at("enforcing what is light")
    clone = at("adopted")
    _say_what_is_light(clone, rule)
    return clone


def _say_what_is_light(clone: Clone, rule: str = LIGHT) -> None:
    policy = (clone.folder / "codexa.toml").read_text()
    clone.commit({"codexa.toml": policy + rule}, "what is light")
    clone.did("enforce", "--demo", "--yes")


def worked(at: At, rule: str = LIGHT) -> Clone:
    """Somebody's commit on a branch of their own, beside that base."""
    if rule == LIGHT:
        return at("worked on what is light")
    clone = enforced(at, rule)
    _mend_a_typo(clone)
    return clone


def _mend_a_typo(clone: Clone) -> None:
    clone.git("switch", "-q", "-c", "typo")
    clone.commit(TYPO, "the title is wrong")


def quick(at: At) -> Clone:
    """The light change, up to the signature."""
    return at("quick, by what is light")


def _do_it_quickly(clone: Clone) -> None:
    clone.did("quick", "fix the title")


STATES_OF_LIGHT: States = {
    "enforcing what is light": ("adopted", _say_what_is_light),
    "worked on what is light": ("enforcing what is light", _mend_a_typo),
    "quick, by what is light": ("worked on what is light", _do_it_quickly),
}


def landed(clone: Clone, change: str = "CH-001") -> str:
    """The landing of a change whose signatures are all that it waits for."""
    clone.did("approve", change)
    assert clone.until(change).status == 0
    clone.did("land", change)
    return clone.tip("main")


def verdict(clone: Clone, change: str = "CH-001") -> Verdict:
    """What every gate says of the change as it is."""
    with Store.open(clone.folder) as store:
        return named(stand(store, int(os.environ["SOURCE_DATE_EPOCH"])), change).verdict()


def basis(clone: Clone, name: str, change: str = "CH-001") -> tuple[bool | None, str, str]:
    """What one requirement answers: whether it is met, on what basis, and how things stand."""
    (answer,) = (ask.answer for ask in verdict(clone, change).asks if ask.name == name)
    return answer.met, answer.basis, answer.now
