"""What whoever runs the demo sees: commands as typed, answers dimmed, and the acts as they pass."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from demo.session import command_line, heading


class Screen:
    """A terminal, where the list of acts stays below what is said; or plain lines elsewhere."""

    def __init__(self, titles: tuple[str, ...]) -> None:
        self.console = Console(highlight=False, markup=False, emoji=False)
        self.titles = titles
        self.passed = 0
        self.said: list[str] = []
        self._spinner = Spinner("dots")

    @property
    def session(self) -> str:
        """What was shown of commands and answers so far, as text."""
        return "".join(f"{line}\n" for line in self.said)

    @contextmanager
    def acts(self, *, keep: bool) -> Iterator[None]:
        """On a terminal the list of acts is at the bottom meanwhile, and stays where `keep`."""
        self.passed = 0
        if not self.console.is_terminal:
            yield
            return
        with Live(get_renderable=self._list, console=self.console, transient=not keep):
            yield

    @contextmanager
    def act(self, title: str, *, loud: bool) -> Iterator[None]:
        """One act passes; its heading stands above what is said, or one line remains of it."""
        if loud:
            self.line()
            self.line(title, "bold cyan")
            self.said.append(heading(title))
        yield
        self.passed += 1
        if not loud and not self.console.is_terminal:
            self.line(f"  {title}")

    def line(self, text: str = "", style: str = "") -> None:
        """One line, as it is, however long."""
        self.console.print(Text(text, style=style), soft_wrap=True)

    def answer(self, line: str) -> None:
        """A line that a command says."""
        self.said.append(line.rstrip())
        self.line(line, "dim")

    def command(self, command: str, why: str) -> None:
        """A command as one types it, with a word about it."""
        self.said.append(command_line(command, why))
        line = Text("$ ", style="dim").append(command, style="bold not dim")
        if why:
            line.append(f"  # {why}", style="green not dim")
        self.console.print(line, soft_wrap=True)

    def _list(self) -> RenderableType:
        rows: list[RenderableType] = []
        for number, title in enumerate(self.titles):
            if number < self.passed:
                rows.append(Text(f"✓ {title}", style="green"))
            elif number == self.passed:
                self._spinner.update(text=Text(title, style="bold"))
                rows.append(self._spinner)
            else:
                rows.append(Text(f"· {title}", style="dim"))
        return Group(Text(), *rows)
