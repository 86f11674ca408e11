"""What git hands a hook: the index, the repository, a quarantine, and what is being merged."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from codexa_git.hooks.quick import HANDED
from codexa_git.repository.raw import ID_LENGTHS
from codexa_git.repository.store import Store

_PATHS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY")
_HEADS = ("MERGE_HEAD", "CHERRY_PICK_HEAD")
_REBASES = ("rebase-merge", "rebase-apply")
_REFLOG_READ = 1 << 16


def handed(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The part of a hook's environment that its git may see; `folder` is where the hook began."""
    found = {name.decode(): environment.get(name.decode(), "") for name in HANDED}
    return {
        name: str(folder / value) if name in _PATHS else value
        for name, value in found.items()
        if value
    }


def merged(
    store: Store, environment: Mapping[str, str], *, merging: bool = False
) -> tuple[str, ...]:
    """The commits that are being merged into HEAD.

    Git writes them down only after `pre-merge-commit`; in that hook (`merging`) their names in the
    environment tell of them. `commit-msg` follows, and believes nothing but what is written.
    """
    written = _heads(store, "MERGE_HEAD")
    if written or not merging:
        return _commits(store, written)
    told = [name.removeprefix("GITHEAD_") for name in environment if name.startswith("GITHEAD_")]
    known = [oid for oid in told if len(oid) == ID_LENGTHS[store.object_format]]
    return _commits(store, known)


def at_hand_besides(store: Store) -> tuple[str, ...]:
    """The commits, HEAD aside, whose records the index may hold: what git is in the middle of.

    A name that anyone can set, as `ORIG_HEAD`, counts only where git's own notes say the same.
    """
    found = [oid for name in _HEADS for oid in _heads(store, name)]
    return _commits(store, [*found, *_rebased(store), *_reset_from(store)])


def _rebased(store: Store) -> list[str]:
    """What a rebase that is under way began with, and what it puts on now."""
    under_way = [folder for folder in _REBASES if (store.git_dir / folder).is_dir()]
    begun = [oid for folder in under_way for oid in _heads(store, f"{folder}/orig-head")]
    return [*begun, *_heads(store, "REBASE_HEAD")] if begun else []


def _reset_from(store: Store) -> list[str]:
    """The tip that `git reset` has just gone back from, where it held all that HEAD does."""
    head = store.head()[1]
    before = _last_reset(store, head)
    if head is None or before is None or before not in _heads(store, "ORIG_HEAD"):
        return []
    is_back = store.kind(before) == "commit" and store.is_ancestor(head, before)
    return [before] if is_back else []


def _last_reset(store: Store, head: str | None) -> str | None:
    """Whence the last move of HEAD came to `head`, where that was a reset."""
    try:
        with (store.git_dir / "logs" / "HEAD").open("rb") as log:
            log.seek(max(0, log.seek(0, 2) - _REFLOG_READ))
            lines = log.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return None
    for line in reversed(lines):
        who, _, why = line.partition("\t")
        old, new = (*who.split(" ", 2), "", "")[:2]
        if old != new:  # else a branch was begun there, or nothing moved
            return old if new == head and why.startswith("reset: ") else None
    return None


def _commits(store: Store, found: Iterable[str]) -> tuple[str, ...]:
    return tuple(oid for oid in dict.fromkeys(found) if store.kind(oid) == "commit")


def _heads(store: Store, name: str) -> list[str]:
    try:
        text = (store.git_dir / name).read_text(encoding="ascii", errors="replace")
    except OSError:
        return []
    width = ID_LENGTHS[store.object_format]
    return [
        word for word in text.split() if len(word) == width and set(word) <= set("0123456789abcdef")
    ]
