"""What an authenticator says of its user, which `ssh-keygen -Y verify` does not look at."""

import base64
import struct
from pathlib import Path

import pytest
from policy.authenticator import AT, PRINCIPAL, SK_TYPES, Oracle, SecurityKey, opened, packed
from policy.hands import Hand, line

from codexa_git.policy.signatures import Answer, check
from codexa_git.policy.signers import parse_signers

PAYLOAD = b"content"


@pytest.mark.parametrize("kind", SK_TYPES)
@pytest.mark.parametrize(
    ("flags", "touched", "verified"),
    [(0x00, False, False), (0x01, True, False), (0x04, False, True), (0x05, True, True)],
    ids=["no one there", "touched", "a PIN and no touch", "touched after a PIN"],
)
def test_what_the_authenticator_says_of_its_user_is_part_of_the_judgement(
    kind: str, flags: int, *, touched: bool, verified: bool, tmp_path: Path
) -> None:
    key = SecurityKey(kind)
    hand = Hand(
        kind, key.envelope(PAYLOAD, flags=flags).armored(), Oracle(tmp_path, line(key.public))
    )
    judgement = hand.judge(PAYLOAD, hand.armored)
    assert judgement.answer is Answer.GOOD
    assert (judgement.touched, judgement.verified_user) == (touched, verified)
    assert hand.oracle.accepts(PAYLOAD, hand.armored)  # which does not look at the flags
    raised = opened(hand.armored)
    inner = raised.inner[:-5] + struct.pack(">BI", flags ^ 0x05, 7)
    forged = hand.judge(PAYLOAD, raised._replace(inner=inner).armored())
    assert (forged.answer, forged.touched, forged.verified_user) == (Answer.BAD, False, False)


@pytest.mark.parametrize("kind", SK_TYPES)
def test_a_security_key_signs_for_its_own_application(kind: str, tmp_path: Path) -> None:
    key = SecurityKey(kind)
    armored = key.envelope(PAYLOAD, application=b"ssh:other").armored()
    oracle = Oracle(tmp_path, line(key.public))
    assert Hand(kind, armored, oracle).judge(PAYLOAD, armored).answer is Answer.BAD
    assert not oracle.accepts(PAYLOAD, armored)


def test_a_point_that_lies_on_no_curve_signs_nothing(tmp_path: Path) -> None:
    key = SecurityKey("sk-ecdsa")
    blob = bytearray(key.blob)
    blob[-len(packed(key.application)) - 1] ^= 1
    public = f"{key.key_type} {base64.b64encode(blob).decode()}"
    armored = key.envelope(PAYLOAD)._replace(public_key=bytes(blob)).armored()
    judgement = check(PAYLOAD, armored, PRINCIPAL, parse_signers(line(public).encode()), AT)
    assert judgement.answer is Answer.BAD
    assert not Oracle(tmp_path, line(public)).accepts(PAYLOAD, armored)
