"""What git hands a hook: the index, the repository, a quarantine, and what is being merged."""

from collections.abc import Mapping
from pathlib import Path

from codexa_git.hooks.quick import HANDED
from codexa_git.repository.raw import ID_LENGTHS
from codexa_git.repository.store import Store

_PATHS = ("GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY")
_HEADS = ("MERGE_HEAD", "CHERRY_PICK_HEAD", "REBASE_HEAD", "ORIG_HEAD")


def handed(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """The part of a hook's environment that its git may see; `folder` is where the hook began."""
    found = {name.decode(): environment.get(name.decode(), "") for name in HANDED}
    return {
        name: str(folder / value) if name in _PATHS else value
        for name, value in found.items()
        if value
    }


def merged(store: Store, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The commits that are being merged into HEAD.

    Git writes them down only after `pre-merge-commit`; until then their names in the environment
    tell of them.
    """
    written = _heads(store, "MERGE_HEAD")
    told = [name.removeprefix("GITHEAD_") for name in environment if name.startswith("GITHEAD_")]
    known = [oid for oid in told if len(oid) == ID_LENGTHS[store.object_format]]
    return tuple(oid for oid in written or known if store.kind(oid) == "commit")


def at_hand_besides(store: Store) -> tuple[str, ...]:
    """The commits, HEAD aside, whose records the index may hold: what git is in the middle of."""
    found = [oid for name in _HEADS for oid in _heads(store, name)]
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
