"""OpenSSH's public key blobs, read strictly (RFC 4253, 5656, 8709, and PROTOCOL.u2f).

The envelope is ours to read; whether a point lies on its curve, and all other arithmetic, is
`cryptography`'s, which is imported only where a key is used.
"""

from codexa_git.policy.wire import Reader, WireError
from codexa_git.values import NamedTuple

CURVES = {"nistp256": 32, "nistp384": 48, "nistp521": 66}
"""The curves of ECDSA keys, and the bytes of one coordinate."""

SMALLEST_RSA = 2048
LARGEST_RSA = 16384

ED25519 = "ssh-ed25519"
RSA = "ssh-rsa"
SK_ED25519 = "sk-ssh-ed25519@openssh.com"
SK_ECDSA = "sk-ecdsa-sha2-nistp256@openssh.com"
KEY_TYPES = (
    ED25519,
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    RSA,
    SK_ED25519,
    SK_ECDSA,
)
"""The key types that may sign; certificates and all others are refused when policy is loaded."""


class PublicKey(NamedTuple):
    """A public key, taken apart: `point` of a curve, or `modulus` and `exponent` of RSA.

    `application` is what an sk key was made for (`ssh:`), and is part of what it signs; `None` for
    a key that lies in no authenticator.
    """

    key_type: str
    curve: str | None = None
    point: bytes = b""
    modulus: int = 0
    exponent: int = 0
    application: bytes | None = None


def read_key(blob: bytes) -> PublicKey:
    """The key in this blob.

    Raises:
        WireError: it is no key of `KEY_TYPES`, is too weak, or has bytes too few or too many.
    """
    reader = Reader(blob)
    key_type = reader.text()
    match key_type:
        case "ssh-ed25519":
            key = PublicKey(key_type, point=_edwards(reader))
        case "sk-ssh-ed25519@openssh.com":
            key = PublicKey(key_type, point=_edwards(reader), application=reader.string())
        case "sk-ecdsa-sha2-nistp256@openssh.com":
            key = _ecdsa(key_type, "nistp256", reader)._replace(application=reader.string())
        case "ssh-rsa":
            key = _rsa(reader)
        case _ if key_type in KEY_TYPES:
            key = _ecdsa(key_type, key_type.rsplit("-", 1)[1], reader)
        case _:
            raise WireError(f"keys of type {key_type} are not accepted")
    reader.end()
    return key


def _edwards(reader: Reader) -> bytes:
    point = reader.string()
    if len(point) != 32:
        raise WireError("an ed25519 key has 32 bytes")
    return point


def _ecdsa(key_type: str, curve: str, reader: Reader) -> PublicKey:
    if reader.text() != curve:
        raise WireError(f"a key of type {key_type} names another curve")
    point = reader.string()
    if len(point) != 1 + 2 * CURVES[curve] or point[0] != 4:
        raise WireError(f"its point is no uncompressed point of {curve}")
    return PublicKey(key_type, curve=curve, point=point)


def _rsa(reader: Reader) -> PublicKey:
    exponent, modulus = reader.natural(), reader.natural()
    if not SMALLEST_RSA <= modulus.bit_length() <= LARGEST_RSA:
        bits = modulus.bit_length()
        raise WireError(f"an RSA key has {SMALLEST_RSA} to {LARGEST_RSA} bits, this one {bits}")
    if exponent < 3 or exponent % 2 == 0 or exponent.bit_length() > 64 or modulus % 2 == 0:
        raise WireError("its RSA numbers cannot be those of a key")
    return PublicKey(RSA, modulus=modulus, exponent=exponent)
