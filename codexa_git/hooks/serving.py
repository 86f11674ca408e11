"""A server's hooks and settings: put in, taken out, looked at."""

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from codexa_git.audit.ids import is_change_id
from codexa_git.change.paths import POLICY
from codexa_git.errors import RefusedError, RepositoryError, UsageError
from codexa_git.gate.trusted import Trusted, verified_root
from codexa_git.hooks import noting
from codexa_git.hooks.basing import refused_base
from codexa_git.hooks.installing import (
    Found,
    filled,
    hooks_folder,
    is_ours,
    kept_place,
    take_out,
    write_hook,
)
from codexa_git.repository.store import Store
from codexa_git.verify.mending import as_it_stands
from codexa_git.verify.pushed import Push, judge_push
from codexa_git.verify.verifying import unsettled
from codexa_git.workflow.base.settings import BRANCH_SETTING, ROOT_SETTING

MOVES = "reference-transaction"
HOOKS = ("pre-receive", MOVES)
"""The hook that judges a push, and the one that asks again what that rests on as refs move."""

HARDENING = {
    "receive.fsckObjects": "true",
    "receive.shallowUpdate": "false",
    "core.logAllRefUpdates": "true",
}
"""Settings of the repository, whatever those of who pushes over a path may say.

Malformed objects are refused, nobody cuts history off, and every move of a ref is noted.
"""

_MOST = 3
_HOOKS_SETTING = "core.hooksPath"
_OWN_HOOKS = "hooks"


class Put(NamedTuple):
    """One hook of a server: what stands in its place, and whether another is kept beside it."""

    hook: str
    found: Found
    keeps: bool


class Serving(NamedTuple):
    """What a server's repository was told: its base, the root it trusts, and what git runs."""

    branch: str | None
    root: str | None
    hooks: tuple[Put, ...]
    loose: tuple[str, ...]
    hides: str | None
    borrows: tuple[str, ...]
    unasked: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """True where pushes are judged as they should be.

        What it borrows is judged like its own, for each object is held against its id.
        """
        told = self.branch is not None and self.root is not None
        ours = all(each.found is Found.OURS for each in self.hooks)
        return told and ours and not (self.loose or self.unasked) and self.hides is None


class Installed(NamedTuple):
    """What was put in; `trusted` is the root that the base bears, where there is a base yet."""

    serving: Serving
    root: str
    trusted: Trusted | None


def serve(
    store: Store, at: int, *, branch: str | None, root: str | None, accept: Sequence[str] = ()
) -> Installed:
    """This repository refuses what `verify` would find wrong, from the next push on; `at` is now.

    Raises:
        UsageError: it is no bare repository, or has no base yet and no root was named.
        RefusedError: it was told to trust another root, or something is wrong on its base already.
        PolicyError: its base does not enforce.
    """
    if store.work_tree is not None:
        raise UsageError("a server's repository is bare", hint="git clone --bare makes one")
    if unasked := _unasked(store):
        raise RefusedError(
            f"a push to the linked work tree {unasked[0]} of this repository would ask no hook",
            hint="git worktree list; git worktree remove takes one out",
        )
    name = branch or store.config(BRANCH_SETTING) or _head(store)
    pinned = _agreed(store.config(ROOT_SETTING), root)
    again = _asked(store, branch, root, accept)
    trusted = _judged(store, name, pinned, tuple(accept), again, at)
    if trusted is None and pinned is None:
        raise UsageError(
            f"there is no {name} here yet, so the root has to be named",
            hint=("git codexa root, in a clone, shows it", f"{again} --root sha256:..."),
        )
    chosen = pinned or ("" if trusted is None else trusted.id)
    _put_in(store, {BRANCH_SETTING: name, ROOT_SETTING: chosen, **HARDENING})
    return Installed(serving(store), chosen, trusted)


def _asked(store: Store, branch: str | None, root: str | None, accept: Sequence[str] = ()) -> str:
    """The command as it was typed, with the place written out."""
    named = ("--branch", branch), ("--root", root), *(("--accept", one) for one in accept)
    more = "".join(f" {option} {quote(value)}" for option, value in named if value is not None)
    return f"git codexa server install {quote(str(store.common_dir))}{more}"


def _head(store: Store) -> str:
    head, _ = store.head()
    if head is None:
        heads = {
            ref.removeprefix("refs/heads/"): oid for ref, oid in store.refs("refs/heads").items()
        }
        found = [name for name, oid in heads.items() if store.entry(store.tree_of(oid), POLICY)]
        bases = [name for name in found if not is_change_id(name.removeprefix("change/"))]
        raise UsageError(
            "which branch is the base? HEAD names none here",
            hint=tuple(_asked(store, name, None) for name in (bases or list(heads))[:_MOST])
            or "push the base, then ask again",
        )
    return head.removeprefix("refs/heads/")


def _agreed(before: str | None, named: str | None) -> str | None:
    if before is not None and named is not None and before != named:
        raise RefusedError(
            f"this server was told to trust {before}",
            hint=f"if that is over: git config --unset {ROOT_SETTING}, and ask again",
        )
    return named or before


def _judged(
    store: Store, branch: str, root: str | None, accept: tuple[str, ...], again: str, at: int
) -> Trusted | None:
    """The root of what stands here already, all of which was judged; `None`: there is no base.

    `again` is the command that asked.
    """
    if (why := store.incomplete()) is not None:
        raise RepositoryError(f"nothing can be judged: {why}")
    oid = store.ref(f"refs/heads/{branch}")
    if oid is None:
        return None
    judged = judge_push(store, Push(root, branch, None, oid, at))
    if findings := unsettled(judged, accept):
        found = tuple(as_it_stands(finding, judged.incidents, again) for finding in findings)
        raise refused_base(branch, found, stands=True)
    if store.replaces():
        raise RefusedError(
            "refs/replace is set here, and shows other objects than those that are judged",
            hint="git replace -l; git replace -d takes one out",
        )
    return verified_root(store, branch, store.headed(oid))


def _put_in(store: Store, settings: dict[str, str]) -> None:
    texts = {_place(store, hook): filled(hook, {}) for hook in HOOKS}
    for place in texts:
        _require_room(place, store.common_dir)
    if store.own_config(_HOOKS_SETTING) is None:
        store.set_config(_HOOKS_SETTING, _OWN_HOOKS)
    for key, value in settings.items():
        store.set_config(key, value)
    for place, text in texts.items():
        place.parent.mkdir(parents=True, exist_ok=True)
        if _is_foreign(place, store.common_dir):
            place.rename(kept_place(place))
        if place.name == MOVES:
            noting.put_in(place, store.common_dir, text)
        else:
            write_hook(place, text)
    _compile()


def _is_foreign(place: Path, common: Path) -> bool:
    """True where somebody else's hook stands there."""
    return os.path.lexists(place) and not is_ours(place) and not noting.is_link(place, common)


def _require_room(place: Path, common: Path) -> None:
    if _is_foreign(place, common) and os.path.lexists(kept_place(place)):
        raise RefusedError(
            f"{place} is somebody else's, and {kept_place(place).name} beside it is kept already",
            hint="look at both, remove one of them, and ask again",
        )


def _compile() -> None:
    """The program lies there compiled, where whoever installs may write beside it.

    Else each push would compile it anew: an installer may leave that to the first run, and those
    who push have no business writing there.
    """
    from compileall import compile_dir  # noqa: PLC0415

    if not sys.dont_write_bytecode:
        compile_dir(Path(__file__).parents[1], quiet=2)


def stop_serving(store: Store) -> tuple[str, ...]:
    """The hooks of ours that stood there: they are gone, and what was kept is back.

    Settings stay.
    """
    return tuple(hook for hook in HOOKS if _take_out(store, _place(store, hook)))


def _take_out(store: Store, place: Path) -> bool:
    return take_out(place) or noting.take_link(place, store.common_dir)


def serving(store: Store) -> Serving:
    """What this repository was told, and what stands in the places of the hooks."""
    return Serving(
        store.own_config(BRANCH_SETTING),
        store.own_config(ROOT_SETTING),
        tuple(_put(_place(store, hook), store.common_dir) for hook in HOOKS),
        tuple(_loose(store)),
        _hides(store),
        store.borrows(),
        _unasked(store),
    )


def _unasked(store: Store) -> tuple[str, ...]:
    """The linked work trees: a push to one asks no hook, for git looks for hooks beside it."""
    return tuple(sorted(place.name for place in store.common_dir.glob("worktrees/*")))


def _put(place: Path, common: Path) -> Put:
    text = filled(place.name, {})
    found = Found.FOREIGN if os.path.lexists(place) else Found.NONE
    if is_ours(place):
        is_current = place.read_text(encoding="utf-8") == text
        found = Found.OURS if is_current and os.access(place, os.X_OK) else Found.OLDER
    elif noting.is_link(place, common):
        found = noting.found_by(place, common, text)
    return Put(place.name, found, os.path.lexists(kept_place(place)))


def _loose(store: Store) -> Iterator[str]:
    """The settings that are not the repository's own: who pushes over a path brings others."""
    if store.own_config(_HOOKS_SETTING) is None:
        yield _HOOKS_SETTING
    for key, value in HARDENING.items():
        if store.own_config(key) != value:
            yield key


def _hides(store: Store) -> str | None:
    """Why it takes nothing, for it shows other objects or commits than there are."""
    if (why := store.incomplete()) is not None:
        return why
    return "refs/replace is set: git replace -d takes one out" if store.replaces() else None


def _place(store: Store, hook: str) -> Path:
    folder = hooks_folder(store)
    if not folder.resolve().is_relative_to(store.common_dir.resolve()):
        raise RepositoryError(
            f"core.hooksPath leads out of this repository, to {folder}, which others may share",
            hint="call it from there: git codexa server receive",
        )
    return folder / hook
