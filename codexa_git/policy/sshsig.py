"""SSHSIG, the signatures of `ssh-keygen -Y sign`, as OpenSSH's PROTOCOL.sshsig lays them out.

Only the envelope is read here: whether somebody signed is `signatures.check`. Reading is stricter
than `ssh-keygen`'s, so that a signature has few other forms: the armor stands alone, base64 and
numbers are canonical, the reserved field is empty, nothing is left over at any level, and the
algorithm is the key's own.
"""

from functools import lru_cache

from codexa_git.errors import SignatureError
from codexa_git.policy.signers import NAMESPACE
from codexa_git.policy.sshkeys import ED25519, RSA, SK_ECDSA, SK_ED25519, PublicKey, read_key
from codexa_git.policy.wire import Reader, WireError, string, unbase64
from codexa_git.repository.hashing import hashed
from codexa_git.values import NamedTuple

_BEGIN = "-----BEGIN SSH SIGNATURE-----"
_END = "-----END SSH SIGNATURE-----"
_MAGIC = b"SSHSIG"
_VERSION = 1
_LARGEST = 20_000
_WIDEST = 76
_HASHES = ("sha256", "sha512")
_RSA_ALGORITHMS = ("rsa-sha2-256", "rsa-sha2-512")


class SshSignature(NamedTuple):
    """A signature, taken apart.

    `signature` is what the algorithm made: 64 bytes of ed25519, the bytes of RSA, or of ECDSA the
    two numbers as SSH strings. `flags` and `counter` are an authenticator's (PROTOCOL.u2f), and
    `None` for a key that lies in none.
    """

    public_key: bytes
    namespace: str
    reserved: bytes
    hash_algorithm: str
    algorithm: str
    signature: bytes
    flags: int | None
    counter: int | None
    key: PublicKey


@lru_cache(maxsize=64)
def parse_signature(armored: str) -> SshSignature:
    """What this armored text holds.

    Raises:
        SignatureError: it is anything but one well-formed signature in the namespace `codexa`.
    """
    try:
        return _envelope(Reader(_dearmored(armored)))
    except WireError as error:
        raise SignatureError(f"this is no signature that counts here: {error}") from error


def signed_bytes(signature: SshSignature, payload: bytes) -> bytes:
    """The bytes that the key signed for `payload` (PROTOCOL.sshsig, section 3; PROTOCOL.u2f).

    An authenticator signs digests of what it is for and of the message, around its own word on
    whether somebody touched it.
    """
    content = _MAGIC + string(signature.namespace.encode("ascii")) + string(signature.reserved)
    content += string(signature.hash_algorithm.encode("ascii"))
    content += string(hashed(signature.hash_algorithm, payload).digest())
    if signature.flags is None or signature.counter is None or signature.key.application is None:
        return content
    said = bytes([signature.flags]) + signature.counter.to_bytes(4, "big")
    application, whole = (hashed("sha256", part) for part in (signature.key.application, content))
    return application.digest() + said + whole.digest()


def _dearmored(armored: str) -> bytes:
    if len(armored) > _LARGEST:
        raise WireError("it is too long")
    lines = armored.removesuffix("\n").split("\n")
    if len(lines) < 3 or lines[0] != _BEGIN or lines[-1] != _END:
        raise WireError("its armor is not that of one SSH signature")
    body = lines[1:-1]
    width = len(body[0])
    if width > _WIDEST or any(len(line) != width for line in body[:-1]) or len(body[-1]) > width:
        raise WireError("the lines of its armor are not of one width")
    return unbase64("".join(body))


def _envelope(reader: Reader) -> SshSignature:
    if reader.take(len(_MAGIC)) != _MAGIC or reader.uint32() != _VERSION:
        raise WireError("it is not an SSHSIG of version 1")
    blob, namespace, reserved = reader.string(), reader.text(), reader.string()
    hashed, inner = reader.text(), reader.string()
    reader.end()
    if namespace != NAMESPACE:
        raise WireError(f"it was made for the namespace {namespace[:40]!a}, not {NAMESPACE}")
    if reserved or hashed not in _HASHES:
        raise WireError("it uses a reserved field or another hash")
    key = read_key(blob)
    algorithm, content, flags, counter = _inner(Reader(inner), key)
    return SshSignature(blob, namespace, reserved, hashed, algorithm, content, flags, counter, key)


def _inner(reader: Reader, key: PublicKey) -> tuple[str, bytes, int | None, int | None]:
    algorithm, content = reader.text(), reader.string()
    if algorithm not in (_RSA_ALGORITHMS if key.key_type == RSA else (key.key_type,)):
        raise WireError(f"its algorithm {algorithm[:40]!a} is not that of its key")
    flags = counter = None
    if key.key_type in (SK_ED25519, SK_ECDSA):
        flags, counter = reader.byte(), reader.uint32()
    reader.end()
    _check_length(key, content)
    return algorithm, content, flags, counter


def _check_length(key: PublicKey, content: bytes) -> None:
    if key.key_type in (ED25519, SK_ED25519) and len(content) != 64:
        raise WireError("an ed25519 signature has 64 bytes")
    if key.key_type == RSA and len(content) != (key.modulus.bit_length() + 7) // 8:
        raise WireError("an RSA signature is as long as its key")
    if key.curve is not None:
        numbers(content)


def numbers(content: bytes) -> tuple[int, int]:
    """The two numbers of an ECDSA signature (RFC 5656, section 3.1.2)."""
    reader = Reader(content)
    pair = reader.natural(), reader.natural()
    reader.end()
    return pair
