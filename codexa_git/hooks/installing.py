"""Native hooks: put in, taken out, looked at. What stood in their place is kept, and run first."""

import fcntl
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from codexa_git.errors import RefusedError, RepositoryError
from codexa_git.hooks.running import Hook
from codexa_git.repository.store import Store

KEPT = ".codexa-kept"
"""What is appended to the name of a hook that stood there before."""

_OURS = "# A hook of codexa-git, written by `git codexa "


class Found(StrEnum):
    """What stands in a hook's place."""

    OURS = "installed"
    OLDER = "installed by another version or place: git codexa hooks install renews it"
    FOREIGN = "somebody else's"
    NONE = "not installed"


class Place(NamedTuple):
    """One hook: what stands there, whether another is kept beside it, and whether git runs it."""

    hook: Hook
    found: Found
    keeps: bool


def hooks_folder(store: Store) -> Path:
    """Where git looks for hooks: the repository's own folder, or what `core.hooksPath` says."""
    said = store.config_path("core.hooksPath")
    if said is None:
        return store.common_dir / "hooks"
    return (store.work_tree or store.git_dir) / said


def install(store: Store, base: str, *, from_work_tree: bool = False) -> tuple[Place, ...]:
    """The five hooks stand there, and what stood there before is kept beside them.

    `base` is the ref that the base is read from. With `from_work_tree` they may run a program that
    lies in this repository's own work tree.

    Raises:
        RefusedError: the folder is not this repository's alone, or git tracks what is in it; or the
            program would be one that a branch can change.
    """
    folder = hooks_folder(store)
    _require_ours(store, folder)
    if not from_work_tree:
        _require_outside(store)
    texts = {hook: shim(hook, base) for hook in Hook}
    for hook in Hook:
        _require_room(folder, hook)
    folder.mkdir(parents=True, exist_ok=True)
    for hook, text in texts.items():
        place = folder / hook
        if os.path.lexists(place) and not is_ours(place):
            place.rename(kept_place(place))
        write_hook(place, text)
    return places(store, base)


def uninstall(store: Store) -> tuple[Place, ...]:
    """None of our hooks stands there, and each that was kept stands in its old place again."""
    folder = hooks_folder(store)
    before = tuple(_place(folder, hook, None) for hook in Hook)
    for hook in Hook:
        take_out(folder / hook)
    return before


def places(store: Store, base: str | None = None) -> tuple[Place, ...]:
    """What stands in the place of each hook; `base` tells a hook of ours that is out of date."""
    folder = hooks_folder(store)
    return tuple(_place(folder, hook, base) for hook in Hook)


def rewritten_by(folder: Path) -> str | None:
    """The program that writes this folder anew when it likes; `None` where none is known."""
    return "husky" if folder.name == "_" and folder.parent.name == ".husky" else None


def shim(hook: Hook, base: str) -> str:
    """The text of one hook: where this interpreter and this package lie is written into it.

    Raises:
        RepositoryError: one of them cannot be written in one line of a shell.
    """
    return filled("shim", {"hook": hook, "base": base})


def filled(template: str, values: Mapping[str, str]) -> str:
    """A file of `hooks/` with these values in it, and where this interpreter and package lie.

    Raises:
        RepositoryError: one of them cannot be written in one line of a shell.
    """
    package = Path(__file__).resolve().parents[2]
    places = {"python": sys.executable, "package": str(package)}
    text = _template(template).read_text(encoding="utf-8")
    for name, value in (dict(values) | places).items():
        if not value.isprintable():
            raise RepositoryError(f"a hook cannot name {value!a}")
        text = text.replace(f"=@{name}@\n", "='{}'\n".format(value.replace("'", "'\\''")))
    return text


def _template(name: str) -> Path:
    """The file in `hooks/` of the checkout, or what the wheel made of it."""
    installed = Path(__file__).parent / name
    return installed if installed.is_file() else Path(__file__).parents[2] / "hooks" / name


def _require_outside(store: Store) -> None:
    """Nothing: no branch can change the program that hooks run.

    A checkout writes over what git ignores without a word, a virtual environment's files too.
    """
    if store.work_tree is None:
        return
    top = store.work_tree.resolve()
    program = Path(sys.executable)
    for place in (program.absolute(), program.resolve(), Path(__file__).resolve()):
        if place.is_relative_to(top):
            inside = place.relative_to(top).parts[0]
            raise RefusedError(
                f"this program lies in {inside}/ of this work tree, where any branch may change it",
                hint=(
                    "install it elsewhere, such as with pipx, and ask from there",
                    "where nobody hostile pushes: git codexa hooks install --from-work-tree",
                ),
            )


def _require_ours(store: Store, folder: Path) -> None:
    where = folder.resolve()
    top = None if store.work_tree is None else store.work_tree.resolve()
    if where.is_relative_to(store.common_dir.resolve()):
        return
    if top is None or not where.is_relative_to(top):
        raise RefusedError(
            f"core.hooksPath leads out of this repository, to {folder}, which others may share",
            hint=(
                "to have hooks of its own here: git config core.hooksPath .git/hooks",
                'or call them from there: git codexa hooks run commit-msg "$1", and so on',
            ),
        )
    inside = where.relative_to(top).as_posix()
    if store.git.run("ls-files", "-z", "--", inside):
        raise RefusedError(
            f"core.hooksPath is {inside}, whose files are tracked, and are not changed behind you",
            hint=(
                f'add a line to {inside}/commit-msg: git codexa hooks run commit-msg "$1"',
                f"and one to each of {', '.join(Hook)}, with all that git tells it",
            ),
        )


def _require_room(folder: Path, hook: Hook) -> None:
    place = folder / hook
    if os.path.lexists(place) and not is_ours(place) and os.path.lexists(kept_place(place)):
        raise RefusedError(
            f"{place} is somebody else's, and {kept_place(place).name} beside it is kept already",
            hint="look at both, remove one of them, and ask again",
        )


def _place(folder: Path, hook: Hook, base: str | None) -> Place:
    place = folder / hook
    found = Found.NONE
    if is_ours(place):
        is_current = base is None or place.read_text(encoding="utf-8") == shim(hook, base)
        found = Found.OURS if is_current and os.access(place, os.X_OK) else Found.OLDER
    elif os.path.lexists(place):
        found = Found.FOREIGN
    return Place(hook, found, os.path.lexists(kept_place(place)))


def is_ours(place: Path) -> bool:
    """True where codexa-git wrote what stands there."""
    try:
        start = place.read_bytes()[:400]
    except OSError:
        return False
    return not place.is_symlink() and _OURS.encode() in start


def kept_place(place: Path) -> Path:
    """Where what stood there before is kept."""
    return place.with_name(f"{place.name}{KEPT}")


def write_hook(place: Path, text: str) -> None:
    """The hook stands there whole, and can be run; what a killed one left half written is gone."""
    draft = draft_place(place)
    with _alone_in(place.parent):
        draft.write_text(text, encoding="utf-8")
        draft.chmod(0o755)
        draft.replace(place)


def take_out(place: Path) -> bool:
    """True where our hook stood there: it is gone, and what was kept is in its place again."""
    draft_place(place).unlink(missing_ok=True)
    if not is_ours(place):
        return False
    place.unlink()
    if os.path.lexists(kept_place(place)):
        kept_place(place).rename(place)
    return True


def draft_place(place: Path) -> Path:
    """Where a hook is written, which git takes for none."""
    return place.with_name(f"{place.name}.codexa-draft")


@contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """No other writes hooks here meanwhile."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)
