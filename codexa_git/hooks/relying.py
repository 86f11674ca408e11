"""What a push was judged by, noted for the moment in which git moves its refs.

Git asks `pre-receive` once, and moves each ref later: other pushes come in between, and of several
refs it may take some. So what a yes rests on beside the ref itself is written down, and the hook
`reference-transaction` of `server install` compares it while git holds the ref locked. A note is of
one ref and what it becomes, and true whoever pushes that.

The folder of the notes is there while one lies in it: git finds that hook by way of the folder, see
`noting`. Whoever takes the last note out takes the folder as well, by `rmdir`, at any moment until
a note lies there.

A note is called by where its ref was, what it becomes, and its end. So a base that has moved on
leaves notes behind whose names no push will need again, and they can go at any moment.
"""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress

from codexa_git.errors import RepositoryError
from codexa_git.hooks.naming import LANDED, MILESTONES
from codexa_git.hooks.served import Served, Update
from codexa_git.repository.store import Store

NONE = "none"
"""What a note says of a ref that is not there."""

RELIED = "codexa/relied"
"""The folder of the notes, in the repository's own."""

_BASE = "heads"
"""What the name of a note says of a branch, which is the base."""

_DRAFT = "draft."
"""How the name of a file begins that will be a note, or would have been: its push was killed."""

_LOOKS = b'"$codexa_old.$codexa_end"'
"""What the hook says that looks for notes by the names that they have here."""

_TRIES = 50
"""How often the folder may go before a note lies in it; each time another push has just ended."""


def unmoved(ref: str, ends: Sequence[str | None]) -> str:
    """The line of a note: this ref still is one of these."""
    return f"is {ref} {' '.join(oid or NONE for oid in ends)}"


def taken(ref: str, oid: str, coming: str) -> str:
    """The line of a note: this ref has that commit on its line, or is moved to `coming` with this.

    `coming` is where the push that was judged would bring it, and has the commit on its line, too.
    """
    return f"has {ref} {oid} {coming}"


def note(served: Served, relied: Sequence[tuple[Update, Sequence[str]]]) -> None:
    """What each of these refs may move on is written down; what nobody needs any more is gone.

    Raises:
        RepositoryError: it cannot be written.
    """
    folder = f"{served.store.common_dir}/{RELIED}"
    notes = {_name(one): _text(one, lines) for one, lines in relied if lines and one.new}
    free = (_name(one) for one, lines in relied if not lines and _rests(one))
    try:
        _take(folder, free)
        if not notes:
            return
        _take(folder, _dead(served, folder))
        for name, text in notes.items():
            _put(served.store, f"{folder}/{name}", text)
    except OSError as error:
        raise RepositoryError(
            f"what this push relies on could not be noted, so nothing is taken: {error}",
            hint="who keeps the server lets who pushes write in codexa/relied of its repository",
        ) from error
    _require_asked(served.store)


def _rests(update: Update) -> bool:
    """True for a tag that may have rested on something as it was pushed before.

    Where it rests on nothing now, the base has its landing, and keeps it: what is noted has come.
    Other refs share the last word of their names with it or with the base, and take nothing away.
    """
    return update.new is not None and update.ref.startswith((LANDED, MILESTONES))


def _take(folder: str, names: Iterable[str]) -> None:
    """Notes of these names are gone, and the folder with the last one."""
    taken_out = False
    for name in names:
        with suppress(FileNotFoundError, NotADirectoryError):
            os.unlink(f"{folder}/{name}")  # noqa: PTH108 (no pathlib here)
            taken_out = True
    if taken_out:
        with suppress(OSError):  # unless there is another
            os.rmdir(folder)  # noqa: PTH106


def _put(store: Store, place: str, text: str) -> None:
    """The note stands there, in a folder that is there."""
    for _ in range(_TRIES):
        with suppress(FileNotFoundError):
            _make_room(store)
            return _write(place, text)
    return _write(place, text)


def _make_room(store: Store) -> None:
    """The folder of the notes is there, and whoever may write refs can write in it."""
    place = str(store.common_dir)
    mode = os.stat(f"{place}/refs").st_mode & 0o7777  # noqa: PTH116
    for name in ("codexa", RELIED):
        if not os.path.isdir(f"{place}/{name}"):  # noqa: PTH112
            _make_folder(f"{place}/{name}", mode)


def _make_folder(place: str, mode: int) -> None:
    """An empty folder of this mode from its first moment, or what another has put in one there."""
    draft = f"{place}.{os.urandom(8).hex()}"
    os.mkdir(draft)  # noqa: PTH102
    try:
        os.chmod(draft, mode)  # noqa: PTH101
        os.rename(draft, place)  # noqa: PTH104
    except OSError:
        os.rmdir(draft)  # noqa: PTH106
        if not os.path.isdir(place):  # noqa: PTH112
            raise


def _require_asked(store: Store) -> None:
    """Nothing: where `reference-transaction` was put in, git finds it now, and it finds the notes.

    Raises:
        RepositoryError: it leads nowhere although there is a note, or looks for other names.
    """
    folder = store.config("core.hooksPath") or "hooks"
    hook = os.path.join(store.common_dir, folder, "reference-transaction")  # noqa: PTH118
    if os.path.lexists(hook) and (why := _unasked(hook)) is not None:
        raise RepositoryError(
            f"what this push relies on would not be asked again, so nothing is taken: {why}",
            hint="who keeps the server installs it again: git codexa server install",
        )


def _unasked(hook: str) -> str | None:
    """Why this hook would find no note; `None`: it does, or is somebody else's."""
    if not os.access(hook, os.X_OK):
        return "reference-transaction cannot be run"
    if not os.access(hook, os.R_OK):
        return None  # a shell cannot run it either, and git stops there
    with open(hook, "rb") as file:  # noqa: PTH123
        text = file.read()
    if RELIED.encode() in text and _LOOKS not in text:
        return "reference-transaction is of an older version"
    return None


def _name(update: Update) -> str:
    """The file of a note, as `reference-transaction` looks for it; its first line names the ref."""
    kind, _, end = update.ref.removeprefix("refs/").partition("/")
    new = str(update.new)
    return f"{update.old or '0' * len(new)}.{new}.{kind}.{end.rpartition('/')[2]}"


def _text(update: Update, lines: Sequence[str]) -> str:
    return "".join(f"{line}\n" for line in (f"from {update.old or NONE} {update.ref}", *lines))


def _write(place: str, text: str) -> None:
    """The note stands there whole, for everyone who pushes."""
    draft = f"{os.path.dirname(place)}/{_DRAFT}{os.urandom(8).hex()}"  # noqa: PTH120
    with open(draft, "x", encoding="utf-8", errors="surrogateescape") as file:  # noqa: PTH123
        file.write(text)
    os.chmod(draft, 0o644)  # noqa: PTH101
    os.replace(draft, place)  # noqa: PTH105


def _dead(served: Served, folder: str) -> list[str]:
    """The names that no push can need: of a base that has moved on since, and of drafts.

    No clock tells that a push is over, for a pusher can stretch it. Where the base is is asked once
    they are listed: none of these is then of a place that it has yet to come to. One of a tag says
    something that stays true, and goes as the tag comes. Who loses a draft writes another.
    """
    names = _listed(folder)
    of_base = [name for name in names if name.split(".")[2:3] == [_BASE]]
    now = served.store.ref(served.base) if of_base else None
    gone = [name for name in of_base if name.partition(".")[0] != (now or _zeros(name))]
    return [*gone, *(name for name in names if name.startswith(_DRAFT))]


def _listed(folder: str) -> list[str]:
    try:
        return os.listdir(folder)  # noqa: PTH208
    except FileNotFoundError:
        return []


def _zeros(name: str) -> str:
    """What the name of a note says in the place of a ref that was not there."""
    return "0" * len(name.partition(".")[0])
