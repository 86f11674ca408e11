"""Finding the key that a person signs with, and making one from a seed.

A person's key is theirs and stays where it is: candidates are only named here, and `ssh-keygen`
signs. What git is configured to sign with comes first, as git itself reads it (git-config(1),
`user.signingKey`); then the usual files of ssh-keygen(1).
"""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from codexa_git.policy.sshkeys import ED25519, KEY_TYPES, read_key
from codexa_git.policy.wire import WireError, base64, string, unbase64

USUAL = (
    "id_ed25519_sk.pub",
    "id_ecdsa_sk.pub",
    "id_ed25519.pub",
    "id_ecdsa.pub",
    "id_rsa.pub",
)
"""The public keys that are looked for in `~/.ssh`: those that ask for a touch first."""

_LITERAL = "key::"
_PEM = "OPENSSH PRIVATE KEY"
_BLOCK = 8
_UNGUARDED = "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU"
"""How the file of a key without a passphrase begins: its format, and the cipher `none`."""


class Candidate(NamedTuple):
    """A key that could sign: how to call it, what `ssh-keygen -Y sign` takes, its public line.

    `sign_with` is a file's path, or `key::` and a public key that lies in an agent.
    """

    label: str
    sign_with: str
    public: str


def find_keys(config: Callable[[str], str | None], home: Path) -> tuple[Candidate, ...]:
    """The keys that this person could sign with, the likeliest first, each once.

    `config` answers for a git configuration name; nothing is started, and no private key is read.
    `gpg.ssh.defaultKeyCommand` is a program, so it is never run here; `default_key_command` names
    it for whoever may.
    """
    found: list[Candidate] = []
    configured = _configured(config, home)
    for candidate in (*([configured] if configured else []), *_usual(home)):
        if candidate.public not in [other.public for other in found]:
            found.append(candidate)
    return tuple(found)


def default_key_command(config: Callable[[str], str | None]) -> str | None:
    """`gpg.ssh.defaultKeyCommand`, where git would ask it: no key is configured, format is SSH."""
    if config("gpg.format") != "ssh" or config("user.signingkey"):
        return None
    return config("gpg.ssh.defaultKeyCommand") or None


def signing_program(config: Callable[[str], str | None]) -> str:
    """What signs: `gpg.ssh.program` where it is set, else `ssh-keygen`."""
    return config("gpg.ssh.program") or "ssh-keygen"


def public_line(text: str) -> str | None:
    """The type and key of a public key line, without its comment; `None` if it is none we take."""
    words = text.split()
    if len(words) < 2 or words[0] not in KEY_TYPES:
        return None
    try:
        key = read_key(unbase64(words[1]))
    except WireError:
        return None
    return f"{words[0]} {words[1]}" if key.key_type == words[0] else None


def _configured(config: Callable[[str], str | None], home: Path) -> Candidate | None:
    value = (config("user.signingkey") or "").strip()
    literal = value.removeprefix(_LITERAL)
    if value.startswith((_LITERAL, "ssh-", "ecdsa-", "sk-")) and (line := public_line(literal)):
        return Candidate("user.signingkey (agent)", _LITERAL + line, line)
    if not value or value.startswith(_LITERAL) or config("gpg.format") not in ("ssh", None):
        return None
    path = home / value[2:] if value.startswith("~/") else Path(value)
    return _from_file("user.signingkey", path) if path.is_absolute() else None


def _usual(home: Path) -> list[Candidate]:
    files = [home / ".ssh" / name for name in USUAL]
    found = [_from_file(f"~/.ssh/{path.name}", path) for path in files]
    return [candidate for candidate in found if candidate is not None]


def _from_file(label: str, path: Path) -> Candidate | None:
    """The candidate of a public key's file, or of the private key that it lies beside."""
    public = path if path.name.endswith(".pub") else path.with_name(path.name + ".pub")
    line = _read_line(public)
    return None if line is None else Candidate(label, str(path), line)


def _read_line(path: Path) -> str | None:
    try:
        with path.open("rb") as file:
            return public_line(file.read(20_000).decode("utf-8", "replace").split("\n", 1)[0])
    except OSError:
        return None


def has_passphrase(private: Path) -> bool | None:
    """Whether a private key's file asks for a passphrase; `None` where that cannot be seen.

    Only the head of the file is looked at, which says how the secret behind it is kept.
    """
    try:
        with private.open("rb") as file:
            head = file.read(400).decode("ascii", "replace")
    except OSError:
        return None
    first, _, rest = head.partition("\n")
    if first == f"-----BEGIN {_PEM}-----":
        return not rest.startswith(_UNGUARDED)
    if not (first.startswith("-----BEGIN ") and first.endswith("PRIVATE KEY-----")):
        return None
    return "ENCRYPTED" in head


def ed25519_from_seed(seed: bytes) -> tuple[bytes, str]:
    """The private key file and the public line of the ed25519 key with this 32-byte seed.

    The same bytes every time: OpenSSH's format (PROTOCOL.key) repeats a number to check a
    passphrase with, random when `ssh-keygen` writes it and, there being no passphrase, zero here.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (  # noqa: PLC0415
        Ed25519PrivateKey,
    )

    if len(seed) != 32:
        raise AssertionError("an ed25519 seed has 32 bytes")
    point = Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()
    kind = ED25519.encode("ascii")
    blob = string(kind) + string(point)
    secret = bytes(8) + blob + string(seed + point) + string(b"")
    secret += bytes(range(1, 1 + -len(secret) % _BLOCK))
    content = b"openssh-key-v1\0" + string(b"none") * 2 + string(b"") + (1).to_bytes(4, "big")
    return _armored(content + string(blob) + string(secret)), f"{ED25519} {base64(blob)}"


def _armored(content: bytes) -> bytes:
    text = base64(content)
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    whole = "\n".join([f"-----BEGIN {_PEM}-----", *lines, f"-----END {_PEM}-----", ""])
    return whole.encode("ascii")
