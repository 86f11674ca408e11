"""What a person sees of work that takes its time: one line on the terminal, gone afterwards."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress

_PATIENCE = 1.0


@contextmanager
def watched() -> Iterator[Callable[[str], None]]:
    """Something to tell what is being done; without a terminal nobody watches, and it is silent."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(stderr=True)
    with console.status("") as status:
        yield lambda what: status.update(Text(what, style="dim"))


@contextmanager
def counting() -> Iterator[Callable[[int, int], None]]:
    """Something to tell how many of how many are done: a bar, once that takes over a second."""
    if not sys.stderr.isatty():
        yield lambda _, __: None
        return
    bar = _Bar()
    try:
        yield bar.at
    finally:
        bar.end()


class _Bar:
    """A bar that is there only while somebody has to wait for it."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._shown: Progress | None = None

    def at(self, done: int, total: int) -> None:
        """The bar shows this much, once there is one."""
        if self._shown is None and time.monotonic() - self._began > _PATIENCE:
            from rich.console import Console
            from rich.progress import Progress

            self._shown = Progress(console=Console(stderr=True), transient=True)
            self._shown.add_task("judging", total=total)
            self._shown.start()
        if self._shown is not None:
            self._shown.update(self._shown.task_ids[0], completed=done)

    def end(self) -> None:
        """The bar is gone."""
        if self._shown is not None:
            self._shown.stop()
