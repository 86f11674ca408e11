"""Signatures as `ssh-keygen -Y sign` makes them, in this process: thousands are needed."""

from hashlib import sha512
from textwrap import wrap

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_ssh_private_key

from codexa_git.audit.payload import NAMESPACE
from codexa_git.policy.sshkeys import ED25519
from codexa_git.policy.wire import base64, string


class Key:
    """An ed25519 key from the content of its OpenSSH file."""

    def __init__(self, content: bytes) -> None:
        key = load_ssh_private_key(content, None)
        if not isinstance(key, Ed25519PrivateKey):
            raise TypeError("the key is none of ed25519")
        self._key = key
        self._kind = string(ED25519.encode())
        self._blob = self._kind + string(key.public_key().public_bytes_raw())

    def sign(self, payload: bytes) -> str:
        """The armored signature of the payload, in our namespace (PROTOCOL.sshsig)."""
        place = string(NAMESPACE.encode()) + string(b"") + string(b"sha512")
        signed = self._key.sign(b"SSHSIG" + place + string(sha512(payload).digest()))
        inner = string(self._kind + string(signed))
        whole = b"SSHSIG" + (1).to_bytes(4, "big") + string(self._blob) + place + inner
        lines = wrap(base64(whole), 70)
        return "\n".join(
            ["-----BEGIN SSH SIGNATURE-----", *lines, "-----END SSH SIGNATURE-----", ""]
        )
