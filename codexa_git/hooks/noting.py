"""`reference-transaction` is where git looks for it only while there is a note for it to compare.

Git would start it twice for each ref that moves, and hardly a push leaves a note. So what git finds
is a link that leads through the folder of the notes and out of it again. Without a note there is no
such folder, the link leads nowhere, and git knows no hook of that name. The folder goes by `rmdir`,
which takes none that holds anything: while a note lies there, the hook is there.
"""

import os
from pathlib import Path

from codexa_git.hooks.installing import Found, draft_place, is_ours, kept_place, write_hook
from codexa_git.hooks.relying import RELIED

_NOTED = ".codexa-noted"


def noted_place(place: Path) -> Path:
    """Where the hook lies that the link in this place leads to."""
    return place.with_name(f"{place.name}{_NOTED}")


def is_link(place: Path, common: Path) -> bool:
    """True where the link of ours stands in this place of the repository in the folder `common`."""
    return place.is_symlink() and str(place.readlink()) == _link(place, common)


def put_in(place: Path, common: Path, text: str) -> None:
    """Git finds the hook of this text while there is a note; at any time where another is kept.

    So it does where the system has no links.
    """
    if os.path.lexists(kept_place(place)) or not _put_link(place, common, text):
        write_hook(place, text)
        noted_place(place).unlink(missing_ok=True)


def _put_link(place: Path, common: Path, text: str) -> bool:
    draft = draft_place(place)
    draft.unlink(missing_ok=True)
    try:
        draft.symlink_to(_link(place, common))
    except OSError:
        return False
    write_hook(noted_place(place), text)
    draft.replace(place)
    return True


def found_by(place: Path, common: Path, text: str) -> Found:
    """How our link, which stands in this place, leads to the hook of this text."""
    hook = noted_place(place)
    relied = common / RELIED
    is_there = is_ours(hook) and hook.read_text(encoding="utf-8") == text
    leads = not (relied.is_symlink() or relied.parent.is_symlink())
    return Found.OURS if is_there and leads and os.access(hook, os.X_OK) else Found.OLDER


def take_link(place: Path, common: Path) -> bool:
    """True where our link stood there: it is gone, and so is what it led to."""
    if not is_link(place, common):
        return False
    place.unlink()
    noted_place(place).unlink(missing_ok=True)
    return True


def _link(place: Path, common: Path) -> str:
    relied, hooks = common.resolve() / RELIED, place.parent.resolve()
    through, back = os.path.relpath(relied, hooks), os.path.relpath(hooks, relied)
    return f"{through}/{back}/{noted_place(place).name}"
