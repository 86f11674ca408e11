"""A base that knows light changes, and people who bring small work to it."""

import os

from scenarios.clone import At, Clone

from codexa_git.gate.verdict import Verdict
from codexa_git.repository.store import Store
from codexa_git.workflow.ground import stand
from codexa_git.workflow.moment import named

LIGHT = '\n[light]\npaths = ["**/*.md", "greet.sh"]\nlines = 6\n'
TYPO = {"README.md": "# Greetings\n"}


def enforced(at: At, rule: str = LIGHT) -> Clone:
    """A base that enforces, with this rule for light changes."""
    clone = at("adopted")
    policy = (clone.folder / "codexa.toml").read_text()
    clone.commit({"codexa.toml": policy + rule}, "what is light")
    clone.did("enforce", "--demo")
    return clone


def worked(at: At, rule: str = LIGHT) -> Clone:
    """Somebody's commit on a branch of their own, beside that base."""
    clone = enforced(at, rule)
    clone.git("switch", "-q", "-c", "typo")
    clone.commit(TYPO, "the title is wrong")
    return clone


def quick(at: At) -> Clone:
    """The light change, up to the signature."""
    clone = worked(at)
    clone.did("quick", "fix the title")
    return clone


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
