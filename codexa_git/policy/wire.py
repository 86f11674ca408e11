"""The bytes of SSH: length-prefixed strings, whole numbers, and base64 that has one form only.

RFC 4251, section 5, and OpenSSH's PROTOCOL files are written in these. Reading is strict: what is
short, left over or written in a second way is a `WireError`, so that one value has one encoding.
"""

import binascii


class WireError(ValueError):
    """Bytes that are not what the format says; the sentence says where."""


class Reader:
    """Reads one value after the other from `data`; `end` says that nothing is left over."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def take(self, length: int) -> bytes:
        """The next `length` bytes."""
        if length > len(self._data) - self._at:
            raise WireError("it ends too early")
        self._at += length
        return self._data[self._at - length : self._at]

    def byte(self) -> int:
        """The next byte, as a number."""
        return self.take(1)[0]

    def uint32(self) -> int:
        """The next four bytes, as a number."""
        return int.from_bytes(self.take(4), "big")

    def string(self) -> bytes:
        """The next string: four bytes of length, then the bytes."""
        return self.take(self.uint32())

    def text(self) -> str:
        """The next string, of printable ASCII."""
        content = self.string()
        text = content.decode("ascii", "replace")
        if not text.isascii() or not (text.isprintable() or not text):
            raise WireError("a name in it is not printable ASCII")
        return text

    def natural(self) -> int:
        """The next multiple-precision number: positive, and without needless zeros."""
        content = self.string()
        if not content or content[0] & 0x80:
            raise WireError("a number in it is not positive")
        if content[0] == 0 and (len(content) == 1 or not content[1] & 0x80):
            raise WireError("a number in it is not positive and in its shortest form")
        return int.from_bytes(content, "big")

    def end(self) -> None:
        """Do nothing where all was read; raise `WireError` if bytes are left over."""
        if self._at != len(self._data):
            raise WireError("bytes are left over at its end")


def string(content: bytes) -> bytes:
    """`content` with its length before it."""
    return len(content).to_bytes(4, "big") + content


def unbase64(text: str) -> bytes:
    """The bytes that `text` is the one canonical base64 form of.

    Raises:
        WireError: other characters, white space, wrong padding, or bits that base64 throws away.
    """
    try:
        content = binascii.a2b_base64(text.encode("ascii"), strict_mode=True)
    except ValueError as error:
        raise WireError("it is not base64") from error
    if base64(content) != text:
        raise WireError("its base64 is not in canonical form")
    return content


def base64(content: bytes) -> str:
    """The base64 form of `content`, without line breaks."""
    return binascii.b2a_base64(content, newline=False).decode("ascii")
