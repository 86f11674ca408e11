"""The first and the last bytes of a stream that may be too long to keep."""

_BLOCK = 1 << 16


class Kept:
    """At most `limit` bytes of a stream of which no more than `most` are looked at."""

    def __init__(self, limit: int, most: int) -> None:
        self._half = max(1, limit // 2)
        self._most = most
        self._head = bytearray()
        self._tail = bytearray()
        self.total = 0

    def add(self, block: bytes) -> bool:
        """False once the stream is longer than may be; what is kept is cut at exactly that."""
        block = block[: self._most - self.total]
        self.total += len(block)
        room = self._half - len(self._head)
        self._head += block[:room]
        self._tail += block[room:] if room > 0 else block
        if len(self._tail) > 2 * self._half + _BLOCK:
            del self._tail[: -self._half]
        return not self.full

    @property
    def full(self) -> bool:
        """True once the stream is as long as may be."""
        return self.total >= self._most

    def joined(self) -> bytes:
        """The stream, or its head and tail with a line between that counts what is not there."""
        if len(self._head) + len(self._tail) == self.total and len(self._tail) <= self._half:
            return bytes(self._head + self._tail)
        tail = bytes(self._tail[-self._half :])
        left_out = self.total - len(self._head) - len(tail)
        return bytes(self._head) + b"\n[%d bytes left out]\n" % left_out + tail
