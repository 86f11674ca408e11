"""The hashes of objects and records, without OpenSSL where there is little to hash.

OpenSSL hashes six times as fast as the interpreter's own code, and loading it takes as long as
hashing 400 KB without it. A server's hook reads a tenth of that.
"""

import sys

from codexa_git.values import TYPE_CHECKING

if TYPE_CHECKING:
    from hashlib import _Hash

_LITTLE = 200_000
_MODULES = {
    "sha1": ("_sha1",),
    "sha256": ("_sha2", "_sha256"),
    "sha512": ("_sha2", "_sha512"),
}

_hashed = 0


def hashed(object_format: str, *parts: bytes) -> "_Hash":
    """The hash, of this name, of these parts one after the other."""
    global _hashed  # noqa: PLW0603 (a count of work, on which no answer depends)
    _hashed += sum(map(len, parts))
    if _hashed < _LITTLE and "hashlib" not in sys.modules:
        made = _own(object_format)
    else:
        import hashlib  # noqa: PLC0415

        made = hashlib.new(object_format, usedforsecurity=False)
    for part in parts:
        made.update(part)
    return made


def _own(object_format: str) -> "_Hash":
    """The interpreter's own; OpenSSL's where it was built without."""
    for name in _MODULES[object_format]:
        if name in sys.stdlib_module_names:
            try:
                return getattr(__import__(name), object_format)(usedforsecurity=False)  # type: ignore[no-any-return]
            except ImportError:
                break
    import hashlib  # noqa: PLC0415

    return hashlib.new(object_format, usedforsecurity=False)
