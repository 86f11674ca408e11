"""The hashes of objects and records, without OpenSSL where there is little to hash.

OpenSSL hashes six times as fast as the interpreter's own code, and loading it takes as long as
hashing 400 KB without it. A server's hook reads a tenth of that.
"""

import sys
from collections.abc import Callable

from codexa_git.values import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from hashlib import _Hash

    _Maker: TypeAlias = Callable[..., _Hash]

_LITTLE = 200_000
_MODULES = {
    "sha1": ("_sha1",),
    "sha256": ("_sha2", "_sha256"),
    "sha512": ("_sha2", "_sha512"),
}

_hashed = 0
_openssl: dict[str, "_Maker"] = {}


def hashed(object_format: str, *parts: bytes) -> "_Hash":
    """The hash, of this name, of these parts one after the other."""
    make = _openssl.get(object_format) or _maker(object_format, sum(map(len, parts)))
    made = make(usedforsecurity=False)
    for part in parts:
        made.update(part)
    return made


def _maker(object_format: str, size: int) -> "_Maker":
    """The interpreter's own; OpenSSL's where it is loaded, or there is too much to hash."""
    global _hashed  # noqa: PLW0603 (a count of work, on which no answer depends)
    _hashed += size
    if _hashed < _LITTLE and "hashlib" not in sys.modules:
        return _own(object_format)
    return _of_openssl(object_format)


def _of_openssl(object_format: str) -> "_Maker":
    import hashlib  # noqa: PLC0415

    return _openssl.setdefault(object_format, getattr(hashlib, object_format))


def _own(object_format: str) -> "_Maker":
    """The interpreter's own; OpenSSL's where it was built without."""
    for name in _MODULES[object_format]:
        if name in sys.stdlib_module_names:
            try:
                made: _Maker = getattr(__import__(name), object_format)
            except ImportError:
                break
            return made
    return _of_openssl(object_format)
