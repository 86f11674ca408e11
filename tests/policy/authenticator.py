"""Signers for tests: real `ssh-keygen`, and a security key made of software.

The security key builds its blobs here, from PROTOCOL.u2f alone, so that what the product reads was
not written by the product; `ssh-keygen -Y verify` says whether it got them right.
"""

import base64
import hashlib
import os
import struct
import subprocess
import textwrap
from pathlib import Path
from typing import NamedTuple

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, utils

NAMESPACE = "codexa"
PRINCIPAL = "pm@demo.invalid"
APPLICATION = b"ssh:"
AT = 1_795_363_200  # 2026-11-22T16:00:00Z
SSH_TYPES = ("ed25519", "ecdsa-256", "ecdsa-384", "ecdsa-521", "rsa-2048")
SK_TYPES = ("sk-ed25519", "sk-ecdsa")


def packed(content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + content


def mpint(number: int) -> bytes:
    length = (number.bit_length() + 8) // 8 if number else 0
    return packed(number.to_bytes(length, "big"))


def armor(blob: bytes, width: int = 70) -> str:
    body = textwrap.wrap(base64.b64encode(blob).decode(), width)
    lines = ["-----BEGIN SSH SIGNATURE-----", *body, "-----END SSH SIGNATURE-----", ""]
    return "\n".join(lines)


def dearmor(armored: str) -> bytes:
    return base64.b64decode("".join(armored.splitlines()[1:-1]))


class Envelope(NamedTuple):
    """The fields of an SSHSIG, loose, so that a test can bend any of them."""

    public_key: bytes
    inner: bytes
    magic: bytes = b"SSHSIG"
    version: int = 1
    namespace: bytes = b"codexa"
    reserved: bytes = b""
    hash_algorithm: bytes = b"sha512"
    trailing: bytes = b""

    def blob(self) -> bytes:
        fields = (self.public_key, self.namespace, self.reserved, self.hash_algorithm, self.inner)
        head = self.magic + struct.pack(">I", self.version)
        return head + b"".join(map(packed, fields)) + self.trailing

    def armored(self) -> str:
        return armor(self.blob())


def opened(armored: str) -> Envelope:
    blob = dearmor(armored)
    fields, rest = [], blob[10:]
    while rest:
        (length,) = struct.unpack(">I", rest[:4])
        fields.append(rest[4 : 4 + length])
        rest = rest[4 + length :]
    key, namespace, reserved, hashed, inner = fields
    return Envelope(key, inner, blob[:6], 1, namespace, reserved, hashed)


def to_sign(payload: bytes, namespace: bytes = b"codexa", hashed: str = "sha512") -> bytes:
    digest = hashlib.new(hashed, payload).digest()
    return b"SSHSIG" + b"".join(map(packed, (namespace, b"", hashed.encode(), digest)))


class SecurityKey:
    """A FIDO key in software: it can claim any flags and counter, as such keys can.

    With a `secret`, a number from 1 to 255, it is the same key each time.
    """

    def __init__(
        self, kind: str, application: bytes = APPLICATION, *, secret: int | None = None
    ) -> None:
        self.kind = kind
        self.application = application
        if secret is None:
            self._edwards = ed25519.Ed25519PrivateKey.generate()
            self._curve = ec.generate_private_key(ec.SECP256R1())
        else:
            self._edwards = ed25519.Ed25519PrivateKey.from_private_bytes(bytes([secret]) * 32)
            self._curve = ec.derive_private_key(secret, ec.SECP256R1())

    @property
    def key_type(self) -> str:
        if self.kind == "sk-ed25519":
            return "sk-ssh-ed25519@openssh.com"
        return "sk-ecdsa-sha2-nistp256@openssh.com"

    @property
    def blob(self) -> bytes:
        if self.kind == "sk-ed25519":
            fields = [self._edwards.public_key().public_bytes_raw()]
        else:
            point = self._curve.public_key().public_bytes(
                serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
            )
            fields = [b"nistp256", point]
        return b"".join(map(packed, [self.key_type.encode(), *fields, self.application]))

    @property
    def public(self) -> str:
        return f"{self.key_type} {base64.b64encode(self.blob).decode()}"

    def envelope(
        self,
        payload: bytes,
        *,
        flags: int = 0x01,
        counter: int = 7,
        namespace: bytes = b"codexa",
        application: bytes | None = None,
        hashed: str = "sha512",
    ) -> Envelope:
        said = struct.pack(">BI", flags, counter)
        digest = hashlib.sha256(to_sign(payload, namespace, hashed)).digest()
        used = self.application if application is None else application
        content = hashlib.sha256(used).digest() + said + digest
        inner = packed(self.key_type.encode()) + packed(self._signed(content)) + said
        return Envelope(self.blob, inner, namespace=namespace, hash_algorithm=hashed.encode())

    def _signed(self, content: bytes) -> bytes:
        if self.kind == "sk-ed25519":
            return self._edwards.sign(content)
        der = self._curve.sign(content, ec.ECDSA(hashes.SHA256()))
        first, second = utils.decode_dss_signature(der)
        return mpint(first) + mpint(second)


def keygen(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "America/Los_Angeles"}
    return subprocess.run(
        ["ssh-keygen", *arguments], input=given, capture_output=True, check=False, env=environment
    )


def new_key(folder: Path, kind: str) -> Path:
    """A fresh private key of `kind`, such as `ecdsa-384`."""
    path = folder / kind
    name, _, bits = kind.partition("-")
    sizes = ["-b", bits] if bits else []
    made = keygen("-q", "-t", name, *sizes, "-N", "", "-C", "demo", "-f", str(path))
    assert made.returncode == 0, made.stderr
    return path


def public_of(key: Path) -> str:
    return " ".join(key.with_name(key.name + ".pub").read_text().split()[:2])


def ssh_sign(key: Path, payload: bytes, namespace: str = NAMESPACE, hashed: str = "") -> str:
    options = [f"-Ohashalg={hashed}"] if hashed else []
    signed = keygen("-Y", "sign", "-n", namespace, "-f", str(key), *options, given=payload)
    assert signed.returncode == 0, signed.stderr
    return signed.stdout.decode()


def signed_here(key: Path, payload: bytes, namespace: str = NAMESPACE) -> str:
    """What `ssh-keygen` says with an ed25519 key, to the byte, and without a process."""
    private = serialization.load_ssh_private_key(key.read_bytes(), None)
    assert isinstance(private, ed25519.Ed25519PrivateKey)
    kind = packed(b"ssh-ed25519")
    signature = private.sign(to_sign(payload, namespace.encode()))
    public = kind + packed(private.public_key().public_bytes_raw())
    return Envelope(public, kind + packed(signature), namespace=namespace.encode()).armored()


class Oracle(NamedTuple):
    """`ssh-keygen -Y verify`, asked about one file of allowed signers."""

    folder: Path
    allowed: str

    def accepts(
        self, payload: bytes, armored: str, principal: str = PRINCIPAL, at: str = "20261122160000Z"
    ) -> bool:
        signers, signature = self.folder / "allowed", self.folder / "signature"
        signers.write_text(self.allowed)
        signature.write_bytes(armored.encode("utf-8", "surrogateescape"))
        question = ["-Y", "verify", "-n", NAMESPACE, "-I", principal, f"-Overify-time={at}"]
        asked = [*question, "-f", str(signers), "-s", str(signature)]
        return keygen(*asked, given=payload).returncode == 0
