"""Whether a person signed these bytes: judged in this process, from the policy's own keys.

A signature is read by `sshsig`, its key looked up in `.codexa/allowed_signers`, the window of that
line asked at a time that the caller names, and the arithmetic done by `cryptography`. Where that
library cannot do an algorithm, `ssh-keygen` is asked; where that is missing too, the answer is
`undecided`, which is never a yes.

`ssh-keygen -Y verify` does not look at an authenticator's flags, and allowed_signers cannot ask for
them; here they are part of the judgement. They are as good as the enrolment: a program can make a
key of an sk type and set any flag.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache

from codexa_git.errors import SignatureError
from codexa_git.policy.signers import NAMESPACE, AllowedSigners, Signer, fingerprint
from codexa_git.policy.sshkeys import PublicKey
from codexa_git.policy.sshsig import SshSignature, numbers, parse_signature, signed_bytes
from codexa_git.values import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

__all__ = ["Answer", "Judgement", "SshSignature", "check", "parse_signature"]

_TOUCHED = 0x01
_VERIFIED_USER = 0x04

Ask = Callable[[bytes, str, str, bytes, str, str | None], bool | None]
"""`repository.ssh.verify`: message, signature, principal, allowed signers, namespace, time."""


class Answer(StrEnum):
    """What can be said of a signature."""

    GOOD = "good"
    BAD = "bad"
    UNDECIDED = "undecided"


class Judgement(NamedTuple):
    """The answer, one sentence why, whose key it was, and what an authenticator said of its user.

    `touched` and `verified_user` (a PIN or a finger) are true only where the answer is good and the
    flags inside the signature say so. `holds` is what the arithmetic says, whosever the key is;
    `None` where it was not done.
    """

    answer: Answer
    reason: str
    signer: Signer | None = None
    touched: bool = False
    verified_user: bool = False
    holds: bool | None = None


def check(
    payload: bytes,
    armored: str,
    principal: str,
    signers: AllowedSigners,
    at: int,
    *,
    ask: Ask | None = None,
) -> Judgement:
    """Whether `principal` signed `payload`, with a key that was theirs at `at`.

    1. The text is one well-formed signature in our namespace.
    2. Its key stands in `signers`, for this principal.
    3. `at` (seconds since the epoch) lies in that line's window.
    4. The arithmetic holds; `ask` is asked only where it cannot be done here.
    """
    try:
        signature = parse_signature(armored)
    except SignatureError as error:
        return Judgement(Answer.BAD, error.message)
    signer = signers.of_key(signature.public_key)
    if signer is None:
        key = fingerprint(signature.public_key)
        return Judgement(Answer.BAD, f"the key {key} is not among the allowed signers")
    if refusal := _refusal(signer, principal, at):
        return Judgement(Answer.BAD, refusal, signer)
    holds = _holds(signature, payload)
    if holds is None and ask is not None:
        holds = ask(payload, armored, principal, signers.text(), NAMESPACE, _moment(at))
    return _judged(holds, signature, signer)


def _refusal(signer: Signer, principal: str, at: int) -> str | None:
    if signer.principal != principal:
        return f"the key is {signer.principal}'s and does not speak for {principal!a}"
    if signer.valid_after is not None and at < signer.valid_after:
        return f"the key of {principal} was not valid yet"
    if not signer.is_valid_at(at):
        return f"the key of {principal} was no longer valid"
    return None


def _judged(holds: bool | None, signature: SshSignature, signer: Signer) -> Judgement:  # noqa: FBT001
    if holds is None:
        reason = f"a signature of type {signature.algorithm} cannot be checked on this machine"
        return Judgement(Answer.UNDECIDED, reason, signer)
    if not holds:
        reason = f"the signature is not one of {signer.principal} over this content"
        return Judgement(Answer.BAD, reason, signer, holds=False)
    flags = signature.flags or 0
    return Judgement(
        Answer.GOOD,
        f"signed by {signer.principal} with {fingerprint(signer.key)}",
        signer,
        touched=bool(flags & _TOUCHED),
        verified_user=bool(flags & _VERIFIED_USER),
        holds=True,
    )


def _holds(signature: SshSignature, payload: bytes) -> bool | None:
    """True or false where the arithmetic can be done here; `None` where it cannot."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415
    except ImportError:
        return None
    try:
        return _proved(signature, signed_bytes(signature, payload))
    except UnsupportedAlgorithm:
        return None


@lru_cache(maxsize=4096)
def _proved(signature: SshSignature, content: bytes) -> bool:
    """Whether the arithmetic holds: it follows from key, signature and bytes, and is done once.

    The bytes are those that were signed, which hold a digest of the rest: so many are kept, for as
    many are asked about again, in another question, as somebody has put into one change.

    Who the key speaks for, and when, is asked each time, before.
    """
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415

    try:
        if signature.key.modulus:
            _prove_rsa(signature, content)
        elif signature.key.curve:
            _prove_ecdsa(signature.key, signature.signature, content)
        else:
            _prove_ed25519(signature.key, signature.signature, content)
    except (InvalidSignature, ValueError):  # the latter: a point that lies on no curve
        return False
    return True


def _prove_ed25519(key: PublicKey, signature: bytes, content: bytes) -> None:
    _ed25519(key.point).verify(signature, content)


@lru_cache(maxsize=64)
def _ed25519(point: bytes) -> "Ed25519PublicKey":
    from cryptography.hazmat.primitives.asymmetric import ed25519  # noqa: PLC0415

    return ed25519.Ed25519PublicKey.from_public_bytes(point)


def _prove_ecdsa(key: PublicKey, signature: bytes, content: bytes) -> None:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec, utils  # noqa: PLC0415

    curve, digest = {
        "nistp256": (ec.SECP256R1, hashes.SHA256),
        "nistp384": (ec.SECP384R1, hashes.SHA384),
        "nistp521": (ec.SECP521R1, hashes.SHA512),
    }[key.curve or ""]
    public = ec.EllipticCurvePublicKey.from_encoded_point(curve(), key.point)
    public.verify(utils.encode_dss_signature(*numbers(signature)), content, ec.ECDSA(digest()))


def _prove_rsa(signature: SshSignature, content: bytes) -> None:
    from cryptography.hazmat.primitives import hashes  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import padding, rsa  # noqa: PLC0415

    digest = hashes.SHA512() if signature.algorithm == "rsa-sha2-512" else hashes.SHA256()
    public = rsa.RSAPublicNumbers(signature.key.exponent, signature.key.modulus).public_key()
    public.verify(signature.signature, content, padding.PKCS1v15(), digest)


def _moment(at: int) -> str:
    """`at` as `ask` takes it: `2026-11-22T16:00:00Z`."""
    from datetime import UTC, datetime  # noqa: PLC0415

    return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%dT%H:%M:%SZ}"
