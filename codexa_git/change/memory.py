"""A memory that outlasts a command, lent to what is costly to read: without one it is read again.

What is remembered follows from the bytes that it is about and from nothing else, so whoever must
not trust this clone lends none, and gets the same answers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol


class Memory(Protocol):
    """What is known of a name, about one thing at a time."""

    def recall(self, name: str, about: str) -> Any | None:  # noqa: ANN401 (of any type)
        """What was kept under the name about just this; `None` where nothing was."""

    def keep(self, name: str, about: str, value: Any) -> None:  # noqa: ANN401 (of any type)
        """The value is known under the name from now on, or nothing is."""


_lent: list[Memory] = []


@contextmanager
def lending(memory: Memory) -> Iterator[None]:
    """Meanwhile this memory is asked, and told."""
    _lent.append(memory)
    try:
        yield
    finally:
        _lent.pop()


def recalled(name: str, about: str) -> Any | None:  # noqa: ANN401 (of any type)
    """What the memory lent last knows under this name about just this."""
    return _lent[-1].recall(name, about) if _lent else None


def tell(name: str, about: str, value: Any) -> None:  # noqa: ANN401 (of any type)
    """The memory lent last, if there is one, has been told."""
    if _lent:
        _lent[-1].keep(name, about, value)
