"""Work trees: where they are, what in them is not committed, how files follow a branch."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from codexa_git.errors import RefusedError, RepositoryError
from codexa_git.repository.command import Git, complaint
from codexa_git.repository.objects import Difference, Mode
from codexa_git.repository.raw import path_bytes
from codexa_git.repository.store import Store

_UNDER_WAY = {
    "rebase-merge": "rebase",
    "rebase-apply/applying": "am",
    "rebase-apply": "rebase",
    "MERGE_HEAD": "merge",
    "CHERRY_PICK_HEAD": "cherry-pick",
    "REVERT_HEAD": "revert",
}
"""What git keeps while it is in the middle of a command, and the command that goes on from there.

A rebase leaves a CHERRY_PICK_HEAD too where it stops, so it is looked for first.
"""


class Worktree(NamedTuple):
    """A folder with files checked out: its branch and commit (`None`: detached, unborn)."""

    path: Path
    ref: str | None
    head: str | None


def worktrees(store: Store) -> list[Worktree]:
    """Every work tree of the repository that is there, the main one first; bare ones have none."""
    out = store.git.run("worktree", "list", "--porcelain", "-z")
    found = []
    for block in out.split(b"\0\0"):
        facts = dict(_fact(line) for line in block.split(b"\0") if line)
        if b"worktree" not in facts or b"bare" in facts:
            continue
        path = Path(os.fsdecode(facts[b"worktree"]))
        ref = facts.get(b"branch", b"").decode("utf-8", "surrogateescape") or None
        head = facts.get(b"HEAD", b"").decode("ascii")
        if path.is_dir():
            # Where nothing is committed yet, git lists an id of zeros.
            found.append(Worktree(path, ref, head if head.strip("0") else None))
    return found


def uncommitted(store: Store, worktree: Path) -> tuple[str, ...]:
    """The paths with changes that no commit holds: staged, unstaged, or not tracked."""
    found = {path for _, path in _status(_git_in(store, worktree))}
    return tuple(sorted(found, key=path_bytes))


class UnderWay(NamedTuple):
    """The command that git is in the middle of in a work tree; the branch that it began on."""

    command: str
    ref: str | None


def under_way(store: Store, tree: Worktree) -> UnderWay | None:
    """What git is in the middle of there; `None` if nothing.

    A rebase detaches HEAD and puts the branch on its result at the end, if nobody moved it.
    """
    folder = _git_dir(store, tree.path)
    for name, command in _UNDER_WAY.items():
        if (folder / name).exists():
            began = folder / name / "head-name"
            named = began.read_text("utf-8", "surrogateescape").strip() if began.exists() else None
            return UnderWay(command, named or tree.ref)
    return None


def stopped_by(tree: Path, found: UnderWay) -> RefusedError:
    """Why nothing moves under what is under way in a work tree, and the commands that end it."""
    article = "an" if found.command == "am" else "a"
    go_on = f"git {found.command} --continue"
    return RefusedError(
        f"{article} {found.command} is under way in {tree}",
        hint=f"{go_on} goes on, git {found.command} --abort gives it up; then ask again",
    )


def _git_dir(store: Store, worktree: Path) -> Path:
    if worktree == store.work_tree:
        return store.git_dir
    out = _git_in(store, worktree).run("rev-parse", "--absolute-git-dir")
    return Path(os.fsdecode(out)[:-1])


def would_overwrite(store: Store, worktree: Path, old_tree: str, new_tree: str) -> tuple[str, ...]:
    """The paths whose uncommitted work would be lost if the files went from `old` to `new`.

    `old` is the tree of the commit that the work tree stands on. A path is in the way if it
    differs between the trees and its index entry or its file is not what `old` has, or if
    something that is not tracked (ignored or not) stands where `new` writes.
    """
    differences = store.difference(old_tree, new_tree)
    if not differences:
        return ()
    git = _git_in(store, worktree)
    edited = _edited(git)
    found = {pair.path for pair in differences if pair.path in edited}
    standing = {
        path for pair in differences if pair.new for path in _standing(worktree, pair.path)
    } - {pair.path for pair in differences if pair.old}
    if standing:
        found |= standing - _names(git.run("ls-files", "-z"))
    return tuple(sorted(found, key=path_bytes))


def follow(
    store: Store, worktree: Path, old_tree: str, new_tree: str, *, only_try: bool = False
) -> None:
    """The index and files went from `old` to `new`, all other work in the folder untouched."""
    git = _git_in(store, worktree)
    tried = ("-n",) if only_try else ()
    line = ("read-tree", "-m", "-u", "--no-recurse-submodules", *tried, old_tree, new_tree)
    finished = git.finish(*line)
    if finished.status != 0:
        # A file whose time alone has changed stops git until the index has seen it again.
        git.answer("update-index", "-q", "--refresh")
        finished = git.finish(*line)
    if finished.status != 0:
        raise RepositoryError(
            f"the files in {worktree} cannot follow their branch: {complaint(finished)}",
            hint="put aside what is in the way and ask again",
        )


def resume(store: Store, worktree: Path, old_tree: str, new_tree: str) -> None:
    """The same as `follow`, for files that a killed process may have left half written."""
    git = _git_in(store, worktree)
    differences = store.difference(old_tree, new_tree)
    done = [pair for pair in differences if _is_done(store, git, worktree, pair)]
    git.run("update-index", "-z", "--index-info", input=b"".join(map(_index_line, done)))
    follow(store, worktree, old_tree, new_tree)


def _is_done(store: Store, git: Git, worktree: Path, pair: Difference) -> bool:
    """True if the file is already the new one; what git left half written is taken away.

    Before the branch moved, the file was the old one. A beginning of the new content is therefore
    git's own unfinished work, and even if it were somebody's, the commit holds it.
    """
    place = _place(worktree, pair.path)
    if pair.new is None:
        return not os.path.lexists(place)
    if pair.new.mode == Mode.SYMLINK:
        return place.is_symlink() and os.fsencode(place.readlink()) == store.whole(pair.new.oid)
    if pair.new.mode == Mode.GITLINK or place.is_symlink() or not place.is_file():
        return False
    if git.line("hash-object", f"--path={pair.path}", "--", str(place)) == pair.new.oid:
        executable = bool(place.stat().st_mode & stat.S_IXUSR)
        return executable == (pair.new.mode == Mode.EXECUTABLE)
    if store.whole(pair.new.oid).startswith(place.read_bytes()):
        place.unlink()
    return False


def _edited(git: Git) -> set[str]:
    """Tracked paths whose index entry is not HEAD's, or whose file is not the index entry's."""
    return {path for state, path in _status(git, "--untracked-files=no")}


def _status(git: Git, untracked: str = "--untracked-files=all") -> Iterator[tuple[str, str]]:
    """Two letters and a path for everything that `git status` tells of."""
    flags = ("--porcelain=v1", "-z", "--no-renames", untracked)
    for line in _names(git.run("status", *flags, "--ignore-submodules=none")):
        yield line[:2], line[3:]


def _standing(worktree: Path, path: str) -> Iterator[str]:
    """What stands where a file at `path` has to be written."""
    names = path.split("/")
    for above in ("/".join(names[:count]) for count in range(1, len(names))):
        place = _place(worktree, above)
        if os.path.lexists(place) and (place.is_symlink() or not place.is_dir()):
            yield above
            return
    place = _place(worktree, path)
    if place.is_dir() and not place.is_symlink():
        yield from _files_below(worktree, place)
    elif os.path.lexists(place):
        yield path


def _files_below(worktree: Path, folder: Path) -> Iterator[str]:
    for above, folders, files in os.walk(folder):
        links = [name for name in folders if (Path(above) / name).is_symlink()]
        for name in (*files, *links):
            relative = (Path(above) / name).relative_to(worktree)
            yield os.fsencode(relative).decode("utf-8", "surrogateescape")


def _index_line(pair: Difference) -> bytes:
    if pair.new is None:
        nothing = b"0" * len(pair.old.oid if pair.old else "")
        return b"0 %s\t%s\0" % (nothing, path_bytes(pair.path))
    return b"%s %s\t%s\0" % (pair.new.mode.encode(), pair.new.oid.encode(), path_bytes(pair.path))


def _names(out: bytes) -> set[str]:
    return set(out.decode("utf-8", "surrogateescape").split("\0")) - {""}


def _place(worktree: Path, path: str) -> Path:
    return worktree / os.fsdecode(path_bytes(path))


def _git_in(store: Store, worktree: Path) -> Git:
    # An index that a hook was handed belongs to the work tree of the hook.
    return Git(worktree, store.git.settings)


def _fact(line: bytes) -> tuple[bytes, bytes]:
    name, _, value = line.partition(b" ")
    return name, value


def is_edited(store: Store, ref: str, *paths: str) -> bool:
    """True where the checkout here is of this branch, and one of the paths is not as committed."""
    if store.work_tree is None or store.head()[0] != ref:
        return False
    status, _ = store.git.answer("diff", "--quiet", "--no-ext-diff", "HEAD", "--", *paths)
    return status == 1
