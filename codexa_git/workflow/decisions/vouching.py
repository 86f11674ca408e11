"""Signatures that would not count: refused before anything holds them.

Whoever signs is judged at once as everybody else will judge them. A record that says something for
a person and decides nothing would only mislead.
"""

from codexa_git.errors import RefusedError, SignatureError
from codexa_git.gate.judging import TESTER_PRINCIPAL
from codexa_git.gate.signed import NO_PIN, NO_TOUCH, NOT_JUDGED, Decision

_SK = "git config user.signingkey ~/.ssh/id_ed25519_sk.pub"
_HINTS = {
    NO_TOUCH: (f"sign with a security key of yours, and touch it: {_SK}",),
    NO_PIN: (
        f"sign with a security key of yours that asks for its PIN: {_SK}",
        "such a key is made by: ssh-keygen -t ed25519-sk -O verify-required",
    ),
}
_WHOSE = ("whose keys count, and until when: git codexa people list",)


def require_counting(decision: Decision, first: tuple[str, ...] = ()) -> None:
    """Nothing: what was just signed counts; where not, `first` is the way on that is said.

    Raises:
        RefusedError: it does not, as where the key was not touched or is out of its time.
        SignatureError: that could not be told here.
    """
    if decision.problem is None:
        return
    is_tester = decision.record.actor.email == TESTER_PRINCIPAL
    whose = "the Tester's signature" if is_tester else "your signature"
    if decision.problem.startswith(NOT_JUDGED):
        raise SignatureError(
            f"whether {whose} counts cannot be told: {decision.problem}",
            hint="git codexa doctor says what is missing here",
        )
    raise RefusedError(
        f"{whose} would not count: {decision.problem}",
        hint=first or _HINTS.get(decision.problem, _WHOSE),
    )
