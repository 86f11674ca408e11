"""Notifying: the digest sent to where policy says, once a day or week from however many machines.

A ref says that it was sent, and is made after it was: killed in between, the digest is sent again,
so it arrives at least once and never silently not at all. Addresses are secrets: they come from the
environment, and no message of ours holds one.
"""

import fcntl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from codexa_git.errors import RepositoryError
from codexa_git.pages.digest import DigestFacts, digest_chat, digest_markdown, title
from codexa_git.policy.rules import Event, Notification
from codexa_git.repository.objects import Identity, RefUpdate, Stamp
from codexa_git.repository.remotes import Push, fetch, push
from codexa_git.workflow.base.following import shared_remote
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.reports.digesting import PREFIX, Kind, digest_ref
from codexa_git.workflow.together.sending import send

_SENT_HERE = "refs/codexa/digest-here/"
_WHO = Identity("Governance (agent)", "governance@agents.invalid")


class Sent(NamedTuple):
    """To whom it went now, why not to others, what else to know; `already` where it had gone."""

    to: tuple[str, ...] = ()
    failed: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    already: bool = False


def notify(ground: Ground, facts: DigestFacts, kind: Kind) -> Sent:
    """The digest is sent to whoever has not got it yet. Nothing that fails here is an error."""
    with _turn(ground):
        remote = shared_remote(ground)
        notes = _learned(ground, remote)
        ref = digest_ref(kind, ground.at)
        if ground.store.ref(ref) is not None:
            ground.store.move(_forgotten(ground, ref), "codexa: digest sent")
            return Sent(notes=notes, already=True)
        wanted = [n for n in ground.policy.notifications if Event.DIGEST in n.events]
        if not wanted:
            return Sent(notes=(*notes, "no [notify.NAME] of codexa.toml names the event digest"))
        to, failed = _deliver(ground, facts, ref, wanted)
        if not failed:
            notes += _settle(ground, remote, ref)
        # Whoever was killed before it said so had sent it to everybody.
        return Sent(to, failed, notes, already=not to and not failed)


def _deliver(
    ground: Ground, facts: DigestFacts, ref: str, wanted: list[Notification]
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...]]:
    """Who got it, and who did not; each who did is remembered here, and not sent it again."""
    to, failed = list[str](), list[tuple[str, str]]()
    for notification in wanted:
        here = f"{_SENT_HERE}{ref.removeprefix(PREFIX)}/{notification.name}"
        if ground.store.ref(here) is not None:
            continue
        why = _sent(notification, facts, ground.environment)
        if why is None:
            to.append(notification.name)
            _mark(ground, here)
        else:
            failed.append((notification.name, why))
    return tuple(to), tuple(failed)


def _sent(
    notification: Notification, facts: DigestFacts, environment: Mapping[str, str]
) -> str | None:
    address = environment.get(notification.url_from)
    if not address:
        return f"{notification.url_from} is not set"
    return send(address, title(facts), digest_markdown(facts), digest_chat(facts))


def _mark(ground: Ground, ref: str) -> None:
    ground.store.move([RefUpdate(ref, _note(ground, ref), None)], "codexa: digest sent")


def _note(ground: Ground, ref: str) -> str:
    """A commit that holds nothing, and says by its time when the digest was sent."""
    stamp, store = Stamp(_WHO, ground.at), ground.store
    message = f"{ref.removeprefix('refs/codexa/')} sent\n".encode()
    return store.write_commit(store.write_tree(None, {}), (), stamp, stamp, message)


def _settle(ground: Ground, remote: str | None, ref: str) -> tuple[str, ...]:
    """The ref stands on the remote, created there by whoever is first, and here.

    The remote comes first: what it was told is known here at the next look, and not the other way.
    """
    note = _note(ground, ref)
    notes = () if remote is None else _claimed(ground, remote, Push(note, ref, None))
    moves = [RefUpdate(ref, note, None), *_forgotten(ground, ref)]
    ground.store.move(moves, "codexa: digest sent")
    return notes


def _claimed(ground: Ground, remote: str, sent: Push) -> tuple[str, ...]:
    try:
        refused = push(ground.store, remote, [sent])
    except RepositoryError as error:
        return (f"{error.message}; another machine may send it again",)
    return ("another machine sent it in the same moment",) if refused else ()


def _forgotten(ground: Ground, ref: str) -> list[RefUpdate]:
    """The marks of who got it go, where all have."""
    here = ground.store.refs(f"{_SENT_HERE}{ref.removeprefix(PREFIX)}/")
    return [RefUpdate(name, None, oid) for name, oid in here.items()]


def _learned(ground: Ground, remote: str | None) -> tuple[str, ...]:
    """What other machines sent is known here; why not, if it could not be asked."""
    if remote is None:
        return ()
    try:
        fetch(ground.store, remote, [f"+{PREFIX}*:{PREFIX}*"])
    except RepositoryError as error:
        return (f"{error.message}; another machine may have sent it already",)
    return ()


@contextmanager
def _turn(ground: Ground) -> Iterator[None]:
    """One sender at a time in a clone; the lock goes with the process that holds it."""
    ground.cache.mkdir(exist_ok=True)
    with (ground.cache / "digest.lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
