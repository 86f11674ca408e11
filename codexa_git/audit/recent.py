"""What was read last is at hand for whoever asks again, as long as it is little.

A log grows line by line, and a gate asks of the same few files again and again. But anybody may
have written what they hold, and git packs megabytes to nothing: so bytes are counted, not answers.
"""

from collections.abc import Callable
from functools import wraps

from codexa_git.values import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from typing import Concatenate, ParamSpec

    P = ParamSpec("P")

T = TypeVar("T")

MOST_ANSWERS = 512

_ALL_KEPT: "list[dict[tuple[object, ...], Any]]" = []


def recent(
    most: int,
) -> "Callable[[Callable[Concatenate[bytes, P], T]], Callable[Concatenate[bytes, P], T]]":
    """A function of bytes then keeps its last answers: to `most` bytes in all, the oldest goes."""

    def keeping(
        answer: "Callable[Concatenate[bytes, P], T]",
    ) -> "Callable[Concatenate[bytes, P], T]":
        kept: dict[tuple[object, ...], tuple[int, T]] = {}
        _ALL_KEPT.append(kept)
        held = 0

        @wraps(answer)
        def known(content: bytes, /, *args: "P.args", **kwargs: "P.kwargs") -> T:
            nonlocal held
            asked = (content, *args, *kwargs.items())
            if asked in kept:
                return kept[asked][1]
            made = answer(content, *args, **kwargs)
            if len(content) <= most:
                held = held if kept else 0
                while kept and (held + len(content) > most or len(kept) >= MOST_ANSWERS):
                    held -= kept.pop(next(iter(kept)))[0]
                held += len(content)
                kept[asked] = (len(content), made)
            return made

        return known

    return keeping


def forget() -> None:
    """Nothing that was read is at hand any more."""
    for kept in _ALL_KEPT:
        kept.clear()
