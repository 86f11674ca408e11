"""Other repositories: what a branch follows, fetching, and pushes that only move forward."""

from collections.abc import Sequence
from typing import NamedTuple

from codexa_git.errors import RepositoryError
from codexa_git.repository.command import Finished, complaint
from codexa_git.repository.raw import path_bytes
from codexa_git.repository.refs import is_ref_name, require_ref_name
from codexa_git.repository.store import Store

_UPSTREAM = "%(refname)%00%(upstream:remotename)%00%(upstream:remoteref)%00%(upstream)"


class Upstream(NamedTuple):
    """Where a branch is pushed to, and the local ref that remembers what was there."""

    remote: str
    remote_ref: str
    tracking_ref: str


_OVERTAKEN = ("(fetch first)", "(non-fast-forward)")
"""How git itself, in the C locale, says that a remote's branch has moved on."""


class Push(NamedTuple):
    """One remote ref: `None` as `oid` deletes it; `None` as `expected` claims a new name.

    An id as `expected` is what the remote has to hold where a ref is deleted, or `rewrites`: from
    just there it then moves anywhere. Every other move is a fast-forward.
    """

    oid: str | None
    ref: str
    expected: str | None = "any"
    rewrites: bool = False


class Refusal(NamedTuple):
    """A ref that the remote, or git before it, did not move, and why.

    `told` is what a hook there said of all that was pushed: a sentence, and what to do about it.
    """

    ref: str
    why: str
    told: tuple[str, ...] = ()

    @property
    def is_overtaken(self) -> bool:
        """True where the remote has commits on it that were not pushed with it."""
        return any(words in self.why for words in _OVERTAKEN)


def remotes(store: Store) -> list[str]:
    """The names of the configured remotes, in the order in which git lists them."""
    keys = (key.removeprefix("remote.") for key in store.settings() if key.startswith("remote."))
    named = {key.rpartition(".")[0] for key in keys}
    # Git takes no path for a remote's name, and `remote.pushDefault` names none.
    return sorted((name for name in named if name and name[0] != "/"), key=path_bytes)


def usual_remote(store: Store) -> str | None:
    """`origin` where there is one, else the only remote; `None` where nobody could say which."""
    names = remotes(store)
    if "origin" in names:
        return "origin"
    return names[0] if len(names) == 1 else None


def upstream(store: Store, branch: str) -> Upstream | None:
    """What a branch (`main` or `refs/heads/main`) follows on a remote; `None` if nothing."""
    name = branch if branch.startswith("refs/") else f"refs/heads/{branch}"
    require_ref_name(name)
    # Without this setting git knows no upstream, and need not be asked.
    if store.config(f"branch.{name.removeprefix('refs/heads/')}.remote") is None:
        return None
    known = store.upstreams.get(name)
    if known is None or not store.named([name]):
        known = upstreams(store, name).get(name)
    if known is not None:
        store.upstreams[name] = known
    return None if known is None else Upstream(*known)


def upstreams(store: Store, prefix: str) -> dict[str, Upstream]:
    """What each branch that is `prefix` or lies in it follows on a remote, if anything."""
    require_ref_name(prefix)
    out = store.git.run("for-each-ref", f"--format={_UPSTREAM}", "--", prefix)
    found = {}
    for line in out.decode("utf-8", "surrogateescape").split("\n")[:-1]:
        name, remote, remote_ref, tracking = line.split("\0")
        # A branch may follow another one of the same repository: that is nobody else.
        if remote not in ("", ".") and tracking:
            found[name] = Upstream(remote, remote_ref, tracking)
    return found


def fetch(store: Store, remote: str, refspecs: Sequence[str] = ()) -> None:
    """What the refspecs name (or the remote's own configuration) is here."""
    flags = ("--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head")
    finished = store.git.finish("fetch", *flags, "--", _remote(remote), *refspecs)
    if finished.status != 0:
        raise _unreached(remote, "fetched", finished)


def _unreached(remote: str, asked: str, finished: Finished) -> RepositoryError:
    """Why a remote gave no answer, and where to look."""
    return RepositoryError(
        f"{remote} cannot be {asked}: {complaint(finished)}", hint=where_it_is(remote)
    )


def where_it_is(remote: str) -> str:
    """What to look at where a remote cannot be reached."""
    return f"git remote -v says where {remote} is; once it can be reached, ask again"


def advertised(store: Store, remote: str, prefix: str) -> dict[str, str]:
    """Every ref below `prefix` (`refs/codexa/evidence`) that a remote holds now, and its object."""
    require_ref_name(prefix)
    finished = store.git.finish("ls-remote", "--refs", "--", _remote(remote), f"{prefix}/*")
    if finished.status != 0:
        raise _unreached(remote, "asked", finished)
    lines = finished.out.decode("utf-8", "replace").split("\n")[:-1]
    rows = (line.partition("\t") for line in lines)
    return {ref: oid for oid, _, ref in rows if is_ref_name(ref) and ref.startswith(f"{prefix}/")}


def points_at(store: Store, remote: str, ref: str) -> str | None:
    """The object that a ref of a remote is at now; `None` where it has no such ref."""
    require_ref_name(ref)
    finished = store.git.finish("ls-remote", "--refs", "--", _remote(remote), ref)
    if finished.status != 0:
        raise _unreached(remote, "asked", finished)
    rows = (line.split("\t") for line in finished.out.decode("utf-8", "replace").splitlines())
    return next((oid for oid, name in rows if name == ref), None)


def leaves_room(store: Store, remote: str, ref: str) -> bool:
    """True where a remote has no branch of this name now, and none that stands in its way."""
    there = advertised(store, remote, ref.rpartition("/")[0])
    return not any(name == ref or name.startswith(f"{ref}/") for name in there)


def push(
    store: Store, remote: str, updates: Sequence[Push], *, atomic: bool = True
) -> list[Refusal]:
    """The refs that were refused, each with why; empty when all of them moved.

    Nothing is forced that its lease does not name: a claimed name must be new, a ref that goes
    another way must be where it was last seen. A remote that cannot be reached, or a hook of ours
    that says no, raises `RepositoryError`.
    """
    if not updates:
        return []
    for update in updates:
        require_ref_name(update.ref)
    claims = [lease for update in updates for lease in _lease(update)]
    specs = [f"{update.oid or ''}:{update.ref}" for update in updates]
    flags = ["--porcelain", "--no-follow-tags", "--recurse-submodules=no", *claims]
    flags += ["--atomic"] if atomic else []
    finished = store.git.finish("push", *flags, "--", _remote(remote), *specs)
    refusals = _refusals(finished.out, _told(finished.err))
    if finished.status != 0 and not refusals:
        raise _unpushed(remote, finished)
    return refusals


_FAILED = b"error: failed to push some refs to "
"""What git says last where a hook here said no, which has said before why."""

_HUNG_UP = b"fatal: the remote end hung up unexpectedly"
"""What git says last where a hook there said no as refs moved: that ends the connection."""


def _unpushed(remote: str, finished: Finished) -> RepositoryError:
    """Why nothing was pushed: what the hook said that refused it, else git's own last sentence."""
    lines = [line for line in finished.err.splitlines() if line.strip()]
    said = [line for line in lines if not line.startswith((b"hint:", _FAILED))]
    hints: tuple[str, ...] = ()
    first = next((line for line in said if line.startswith(b"error: ")), None)
    is_said = any(line.startswith(_FAILED) for line in lines) or (first and _HUNG_UP in lines)
    if said and is_said:
        finished = finished._replace(err=first or said[-1])
        hints = tuple(_printable(line[5:]) for line in lines if line.startswith(b"hint:"))[:3]
    return RepositoryError(f"{remote} cannot be pushed to: {complaint(finished)}", hint=hints)


def _printable(line: bytes) -> str:
    text = line.decode("utf-8", "replace").strip()
    return "".join(char if char.isprintable() else "?" for char in text)[:400]


def _lease(update: Push) -> list[str]:
    if update.expected is None:
        return [f"--force-with-lease={update.ref}:"]
    if (update.oid is None or update.rewrites) and update.expected != "any":
        return [f"--force-with-lease={update.ref}:{update.expected}"]
    return []


def _told(err: bytes) -> tuple[str, ...]:
    """The sentence in which a hook of ours on the remote said no, and its hints."""
    lines = [line[7:].strip() for line in err.splitlines() if line.startswith(b"remote:")]
    errors = [line[6:] for line in lines if line.startswith(b"error:")]
    hints = [line[5:] for line in lines if line.startswith(b"hint:")]
    return tuple(map(_printable, (*errors[:1], *hints[:3]))) if errors else ()


def _refusals(out: bytes, told: tuple[str, ...]) -> list[Refusal]:
    found = []
    for line in out.decode("utf-8", "replace").split("\n"):
        flag, _, rest = line.partition("\t")
        names, _, why = rest.partition("\t")
        if flag == "!":
            said = "".join(char if char.isprintable() else "?" for char in why)
            found.append(Refusal(names.rpartition(":")[2], said[:400], told))
    return found


def _remote(name: str) -> str:
    if not name or name.startswith("-"):
        raise RepositoryError(f"{name!r} is not a remote")
    return name
