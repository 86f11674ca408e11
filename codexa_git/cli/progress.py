"""What a person sees of work that takes its time: one line on the terminal, gone afterwards."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


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
