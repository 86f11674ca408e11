"""Where a command runs and what it knows of its surroundings."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from codexa_git.errors import AgentError

_USER = "codexa"
_LONGEST_MARK = 8192
_DEFAULT_PATH = ("/usr/local/bin", "/usr/bin", "/bin")


class Workbench(NamedTuple):
    """A private folder that is gone afterwards: `tree` to work in, `home` for the command."""

    root: Path
    tree: Path
    home: Path


def explicit_environment(
    folder: Path, home: Path, seed: int | None, clock: int, repository: Path
) -> dict[str, str]:
    """All that a command in `folder` knows of its surroundings; nothing of the user's but a PATH.

    The same on any machine and for any user but for PATH and the two folders. `PWD` is given so
    that a shell does not look for it, and the hash seed of Python follows from `seed`. `repository`
    is the git folder that all worktrees of the repository at hand share.
    """
    word = "0" if seed is None else str(seed)
    hash_seed = int.from_bytes(sha256(f"hash seed {word}".encode()).digest()[:4])
    return {
        "CI": "true",
        "CODEXA_SEED": word,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "LOGNAME": _USER,
        "NO_COLOR": "1",
        "PATH": clean_path(os.environ.get("PATH", ""), repository),
        "PWD": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": str(hash_seed),
        "SOURCE_DATE_EPOCH": str(clock),
        "TERM": "dumb",
        "TMPDIR": str(home / "tmp"),
        "TZ": "UTC",
        "USER": _USER,
    }


def clean_path(path: str, repository: Path) -> str:
    """`path` without what another tree could answer from, nor what anyone could put a program in.

    Dropped: relative, missing and world-writable folders, and those inside a virtual environment,
    `node_modules`, or any worktree of the repository at hand, as they are written and where they
    really lie. Other repositories stay: version managers and Homebrew are clones, and keep tracked
    programs beside those that they install, so neither a `.git` above nor git's index tells them
    from a project.
    """
    own = repository.resolve()
    kept = [entry for entry in path.split(os.pathsep) if _may_stand(entry, own)]
    return os.pathsep.join(dict.fromkeys(kept)) or os.pathsep.join(_DEFAULT_PATH)


def _may_stand(entry: str, own: Path) -> bool:
    folder = Path(entry)
    try:
        if not folder.is_absolute() or not folder.is_dir() or folder.stat().st_mode & 0o002:
            return False
        return not any(_belongs_to_a_project(place, own) for place in {folder, folder.resolve()})
    except (OSError, ValueError):
        return False


def _belongs_to_a_project(folder: Path, own: Path) -> bool:
    above = (folder, *folder.parents)
    return (
        "node_modules" in folder.parts
        or any(os.path.lexists(place / "pyvenv.cfg") for place in above)
        or any(_is_worktree_of(place, own) for place in above)
    )


def _is_worktree_of(place: Path, own: Path) -> bool:
    """True where the `.git` at this place, a folder or a file that names one, leads into `own`."""
    mark = place / ".git"
    if not os.path.lexists(mark):  # as it is almost everywhere: no link has to be followed
        return False
    if not mark.is_file():
        return mark.resolve() == own
    with mark.open("rb") as file:
        named = os.fsdecode(file.read(_LONGEST_MARK)).partition("\n")[0]
    git_dir = (place / named.removeprefix("gitdir:").strip()).resolve()
    return own == git_dir or own in git_dir.parents


@contextlib.contextmanager
def workbench() -> Iterator[Workbench]:
    """A fresh private folder for one run; it is gone afterwards, whatever the run left in it."""
    root = Path(tempfile.mkdtemp(prefix="codexa-")).resolve()
    try:
        bench = Workbench(root, root / "tree", root / "home")
        bench.tree.mkdir()
        (bench.home / "tmp").mkdir(parents=True)
        yield bench
    finally:
        remove(root)


def remove(root: Path) -> None:
    """`root` is gone, however deep, long or read-only what lies in it, and no link is followed.

    Folders are moved up into one pile as they are met, so that no path grows and nothing recurses.
    """
    try:
        root.chmod(0o700)
        pile = Path(tempfile.mkdtemp(dir=root))
        waiting = _unload(root, pile, 0, but=pile)
        moved = len(waiting)
        while waiting:
            folder = waiting.pop()
            below = _unload(folder, pile, moved)
            moved += len(below)
            waiting += below
            folder.rmdir()
        pile.rmdir()
        root.rmdir()
    except OSError as error:
        raise AgentError(f"the folder of a run cannot be removed: {error.strerror}") from error


def _unload(folder: Path, pile: Path, moved: int, but: Path | None = None) -> list[Path]:
    """`folder` holds nothing any more; the folders that it held, now in `pile` under numbers."""
    with os.scandir(folder) as listing:
        entries = [entry for entry in listing if but is None or entry.path != str(but)]
    found: list[Path] = []
    for entry in entries:
        if not entry.is_dir(follow_symlinks=False):
            Path(entry.path).unlink()
            continue
        place = pile / str(moved + len(found))
        Path(entry.path).chmod(0o700)  # to move a folder is to write its `..`
        found.append(Path(entry.path).rename(place))
    return found
