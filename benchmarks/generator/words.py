"""What a retelling says in the place of what the specimen says: one pass over any bytes."""

import re
from datetime import UTC, datetime

from benchmarks.generator.start import AFTER, BEFORE, BEGAN, LANDING
from codexa_git.audit.record import seconds_of, time_of

_TIMES = rb"2026-01-05T\d\d:\d\d:\d\dZ|2026-01-05"
_TOKEN = re.compile(rb"sha256:[0-9a-f]{64}|\b[0-9a-f]{40}\b|CH-001|n00000[01]|" + _TIMES)


class Words:
    """The words of the retelling with this number.

    `derived` are the digests that follow from the specimen's bytes: each has to be known here
    before anything that names it is said.
    """

    def __init__(self, number: int, change: str, derived: frozenset[bytes]) -> None:
        self._later = (number - 1) * LANDING
        day = datetime.fromtimestamp(BEGAN + self._later, UTC)
        self._derived = derived
        self._known: dict[bytes, bytes] = {
            b"CH-001": change.encode(),
            BEFORE: b"n%06d" % (number - 1),
            AFTER: b"n%06d" % number,
            b"2026-01-05": f"{day:%Y-%m-%d}".encode(),
        }

    def learn(self, old: str, new: str) -> None:
        """From now on `new` is said in the place of `old`."""
        self._known[old.encode()] = new.encode()

    def said(self, content: bytes, own: frozenset[bytes] = frozenset()) -> bytes:
        """The content as the retelling has it; digests of `own` stay, and are made anew later."""

        def one(match: re.Match[bytes]) -> bytes:
            word = match[0]
            known = self._known.get(word)
            if known is not None:
                return known
            if word.startswith(b"2026"):
                known = time_of(seconds_of(word.decode()) + self._later).encode()
                self._known[word] = known
                return known
            if word in self._derived and word not in own:
                raise AssertionError(f"{word.decode()} is said before it is known")
            return word

        return _TOKEN.sub(one, content)

    def text(self, content: str) -> str:
        """The same of text."""
        return self.said(content.encode()).decode()
