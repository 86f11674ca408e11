"""Commits on a light change: how much of the product it touches is asked each time."""

from pathlib import Path

from hooks.conftest import Hooked
from scenarios.clone import Shelf
from scenarios.light import quick


def light(shelf: Shelf, folder: Path) -> Hooked:
    """A light change that waits for its signature, in a clone whose git asks us."""

    def at(state: str) -> Hooked:
        return Hooked(shelf.take(state, folder / state).folder)

    clone = Hooked(quick(at).folder)
    clone.did("hooks", "install")
    return clone


def test_a_little_more_is_committed_and_stamped_and_too_much_is_refused(
    shelf: Shelf, tmp_path: Path
) -> None:
    clone = light(shelf, tmp_path)
    for word in ("polite", "short"):  # the second is not answered from what the first was told
        clone.write("README.md", f"# Greetings, {word}\n")
        assert "Codexa-Change: CH-001" in clone.commits("-a", "-m", f"be {word}")
    clone.write("README.md", "line\n" * 9)
    told = clone.is_refused("commit", "-q", "-a", "-m", "say much")
    assert "no light change any more: it changes 10 lines, and policy allows 6" in told
    assert "git codexa approve CH-001" in told


def test_another_path_is_refused_after_one_that_was_fine(shelf: Shelf, tmp_path: Path) -> None:
    clone = light(shelf, tmp_path)
    clone.write("README.md", "# Greetings to all\n")
    clone.commits("-a", "-m", "to all")
    clone.write("check.sh", "true\n")
    told = clone.is_refused("commit", "-q", "-a", "-m", "no more tests")
    assert "check.sh is no path that policy lets go the light way" in told
