"""Signatures bent in every way that a reader might let through; a name says what was bent."""

import base64
import random
import struct
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric import utils
from policy.authenticator import (
    SK_TYPES,
    Envelope,
    armor,
    dearmor,
    mpint,
    opened,
    packed,
)

ORDERS = {
    "ed25519": 2**252 + 27742317777372353535851937790883648493,
    "nistp256": 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
}


def bends(kind: str, good: str) -> Iterator[tuple[str, str]]:
    """Every bend of `good`, a signature by a key of `kind`, that is not `good` itself."""
    bent = (
        *bent_armor(good),
        *bent_envelope(good),
        *bent_signature(kind, good),
        *flips(kind, good),
    )
    yield from ((name, armored) for name, armored in bent if armored != good)


def bent_armor(good: str) -> Iterator[tuple[str, str]]:
    blob, body = dearmor(good), good.splitlines()[1:-1]
    head, foot = "-----BEGIN SSH SIGNATURE-----\n", "\n-----END SSH SIGNATURE-----\n"
    yield "armor: no final newline", good.removesuffix("\n")
    yield "armor: 76 columns", armor(blob, 76)
    yield "armor: 77 columns", armor(blob, 77)
    yield "armor: one line", armor(blob, 10_000)
    yield (
        "armor: ragged lines",
        head + f"{body[0][:9]}\n{body[0][9:]}\n" + "\n".join(body[1:]) + foot,
    )
    yield "armor: carriage returns", good.replace("\n", "\r\n")
    yield "armor: two final newlines", good + "\n"
    yield "armor: text after", good + "and more\n"
    yield "armor: a second signature after", good + good
    yield "armor: text before", "hello\n" + good
    yield "armor: newline before", "\n" + good
    yield "armor: blank line within", good.replace("\n", "\n\n", 1)
    yield "armor: spaces in the base64", good.replace(body[0], " " + body[0])
    yield "armor: other words", good.replace("SSH SIGNATURE", "SSH SIGNATURES")
    yield "armor: no foot", good.partition("-----END")[0]
    yield "armor: no body", head + foot
    yield "armor: empty", ""
    yield "armor: odd character", good.replace(body[0][5], "*", 1)
    yield "armor: padding gone", head + "\n".join(body).rstrip("=") + foot
    yield "armor: padding added", head + "\n".join(body) + "=" + foot
    yield "armor: a nul at the end", good + "\0"
    text = "".join(body)
    if text.endswith("="):
        marks = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        bare = text.rstrip("=")
        loose = bare[:-1] + marks[marks.index(bare[-1]) + 1] + "=" * (len(text) - len(bare))
        assert base64.b64decode(loose) == blob
        yield "armor: loose bits in the base64", head + loose + foot


def bent_envelope(good: str) -> Iterator[tuple[str, str]]:
    envelope = opened(good)
    assert envelope.blob() == dearmor(good)
    bends: dict[str, Envelope] = {
        "magic": envelope._replace(magic=b"SSHSIH"),
        "version 0": envelope._replace(version=0),
        "version 2": envelope._replace(version=2),
        "version 2**31": envelope._replace(version=2**31),
        "trailing byte": envelope._replace(trailing=b"\0"),
        "trailing string": envelope._replace(trailing=packed(b"x")),
        "namespace git": envelope._replace(namespace=b"git"),
        "namespace empty": envelope._replace(namespace=b""),
        "namespace with a nul": envelope._replace(namespace=b"codexa\0"),
        "namespace in capitals": envelope._replace(namespace=b"CODEXA"),
        "reserved": envelope._replace(reserved=b"x"),
        "hash sha256": envelope._replace(hash_algorithm=b"sha256"),
        "hash SHA512": envelope._replace(hash_algorithm=b"SHA512"),
        "hash sha1": envelope._replace(hash_algorithm=b"sha1"),
        "hash empty": envelope._replace(hash_algorithm=b""),
        "no key": envelope._replace(public_key=b""),
        "no signature": envelope._replace(inner=b""),
        "key with a byte more": envelope._replace(public_key=envelope.public_key + b"\0"),
        "key with a byte less": envelope._replace(public_key=envelope.public_key[:-1]),
        "inner with a byte more": envelope._replace(inner=envelope.inner + b"\0"),
        "inner with a byte less": envelope._replace(inner=envelope.inner[:-1]),
    }
    for name, bend in bends.items():
        yield f"envelope: {name}", bend.armored()


def split_inner(inner: bytes) -> tuple[bytes, bytes, bytes]:
    length = struct.unpack(">I", inner[:4])[0]
    algorithm, rest = inner[4 : 4 + length], inner[4 + length :]
    length = struct.unpack(">I", rest[:4])[0]
    return algorithm, rest[4 : 4 + length], rest[4 + length :]


def two(content: bytes) -> tuple[int, int]:
    first, second, _ = split_inner(content + packed(b""))
    return int.from_bytes(first, "big"), int.from_bytes(second, "big")


def bent_signature(kind: str, good: str) -> Iterator[tuple[str, str]]:
    envelope = opened(good)
    algorithm, content, said = split_inner(envelope.inner)

    def remade(content: bytes, algorithm: bytes = algorithm, said: bytes = said) -> str:
        return envelope._replace(inner=packed(algorithm) + packed(content) + said).armored()

    for other in (b"ssh-ed25519", b"ssh-rsa", b"rsa-sha2-256", b"ecdsa-sha2-nistp256", b"", b"x"):
        if other != algorithm:
            yield f"algorithm: {other.decode() or 'none'}", remade(content, other)
    webauthn = b"webauthn-sk-ecdsa-sha2-nistp256@openssh.com"
    yield "algorithm: webauthn", remade(content, webauthn)
    yield "signature: a byte more", remade(content + b"\0")
    yield "signature: a byte less", remade(content[:-1])
    yield "signature: a zero before", remade(b"\0" + content)
    yield "signature: none", remade(b"")
    yield "signature: zeros", remade(bytes(len(content)))
    yield "flags: none", remade(content, said=b"")
    yield "flags: one more byte", remade(content, said=said + b"\1")
    if kind in SK_TYPES:
        for flags in (0x00, 0x05, 0x81):
            yield f"flags: {flags:#04x}", remade(content, said=bytes([flags]) + said[1:])
        yield "counter: changed", remade(content, said=said[:1] + struct.pack(">I", 8))
    own = {"ed": bent_ed25519, "ec": bent_ecdsa, "rs": bent_rsa}[kind.removeprefix("sk-")[:2]]
    for name, bent in own(kind, envelope, content):
        yield name, remade(bent)
    if kind.startswith("rsa"):
        yield "rsa: sha2-256 for sha2-512", remade(content, b"rsa-sha2-256")


def bent_ed25519(_: str, __: Envelope, content: bytes) -> Iterator[tuple[str, bytes]]:
    scalar = int.from_bytes(content[32:], "little") + ORDERS["ed25519"]
    yield "ed25519: scalar above the order", content[:32] + scalar.to_bytes(32, "little")
    yield "ed25519: the neutral point", b"\1" + bytes(63)


def bent_ecdsa(kind: str, _: Envelope, content: bytes) -> Iterator[tuple[str, bytes]]:
    first, second = two(content)
    raw = split_inner(content + packed(b""))[0]
    yield "ecdsa: needless zero", packed(b"\0" + raw) + mpint(second)
    yield "ecdsa: zero r", mpint(0) + mpint(second)
    yield "ecdsa: zero s", mpint(first) + mpint(0)
    yield "ecdsa: swapped", mpint(second) + mpint(first)
    yield "ecdsa: third number", content + mpint(1)
    yield "ecdsa: huge r", mpint(1 << 5000) + mpint(second)
    yield "ecdsa: negative r", packed(b"\xff" + first.to_bytes(66, "big")) + mpint(second)
    yield "ecdsa: DER in place of the numbers", utils.encode_dss_signature(first, second)
    if kind in ("ecdsa-256", "sk-ecdsa"):
        order = ORDERS["nistp256"]
        yield "ecdsa: r above the order", mpint(first + order) + mpint(second)
        yield "ecdsa: s mirrored", mpint(first) + mpint(order - second)


def bent_rsa(_: str, envelope: Envelope, content: bytes) -> Iterator[tuple[str, bytes]]:
    larger = int.from_bytes(content, "big") + int.from_bytes(modulus(envelope), "big")
    yield "rsa: above the modulus", larger.to_bytes(257, "big")
    if content[0] == 0:
        yield "rsa: leading zero left out", content[1:]


def modulus(envelope: Envelope) -> bytes:
    _, _, rest = split_inner(envelope.public_key)
    return rest[4:]


def flips(kind: str, good: str) -> Iterator[tuple[str, str]]:
    blob, chance = dearmor(good), random.Random(kind)
    for at in (0, 5, 6, *sorted(chance.sample(range(10, len(blob)), 45))):
        bent = bytearray(blob)
        bent[at] ^= 1 << chance.randrange(8)
        yield f"flip: byte {at}", armor(bytes(bent))
    for at in sorted(chance.sample(range(1, len(blob)), 12)):
        yield f"cut: {at} bytes", armor(blob[:at])
