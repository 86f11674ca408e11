"""What the person here signs with, who else could sign with it, and this clone's Tester."""

import os
import shlex
from collections.abc import Iterator
from pathlib import Path

from codexa_git.audit.record import Actor
from codexa_git.errors import CodexaError, SignatureError
from codexa_git.gate.able import are_able
from codexa_git.policy.keys import Candidate, default_key_command, find_keys, has_passphrase
from codexa_git.policy.rules import Policy, person_of
from codexa_git.repository.ssh import agent_keys
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import Ground, user
from codexa_git.workflow.decisions.enrolling import SECURITY_KEY, USUAL_KEY, enrolment, new_key
from codexa_git.workflow.decisions.signing import (
    TESTER_KEY_VARIABLE,
    key_blob,
    keys_of,
    line_fingerprint,
    require_tester,
    tester_key,
)
from codexa_git.workflow.doctor.barring import owners
from codexa_git.workflow.doctor.checkup import Finding, failed, note, problem, well

_AGENT = "key::"
_ANOTHER = "~/.ssh/codexa"
"""Where a key goes that no other file is in the way of: those of the usual names may be over."""

_ASKS = "ssh-add -c makes an agent ask"


def credentials(ground: Ground, home: Path) -> Iterator[Finding]:
    """Who the person is to policy, each key of theirs, and the Tester's."""
    try:
        person = user(ground.store, ground.policy)
    except CodexaError as error:
        yield failed("you", error)
        return
    yield _person(ground.policy, person)
    yield from owners(ground)
    yield from _keys(ground, person, home)
    yield _tester(ground)


def _person(policy: Policy, person: Actor) -> Finding:
    known = person_of(policy, person.email)
    told = f"{person.name} <{person.email}>"
    if known is None:
        return note("you", f"{told}, whom policy does not know: you can work, and decide nothing")
    return well("you", f"{told}, {' and '.join(known.roles) or 'without a role'}")


def _keys(ground: Ground, person: Actor, home: Path) -> Iterator[Finding]:
    policy, store = ground.policy, ground.store
    held = agent_keys()
    in_agent = {key_blob(line) for line in held or ()}
    found = find_keys(store.config, home)
    mine = keys_of(policy, person, found)
    for candidate in found:
        yield _key(ground, person, candidate, in_agent, mine[:1])
    command = default_key_command(store.config)
    if command is not None:
        told = "gpg.ssh.defaultKeyCommand names a program, which is not run here"
        yield note("key", told, "git config user.signingkey names a key")
    if not mine and person_of(policy, person.email) is not None:
        yield _none_of_yours(policy, person, in_agent, held or ())


def _none_of_yours(
    policy: Policy, person: Actor, in_agent: set[bytes], held: tuple[str, ...]
) -> Finding:
    known = {signer.key for signer in policy.signers.keys_of(person.email)}
    line = next((line for line in held if key_blob(line) in known & in_agent), None)
    told = f"policy knows no key here as {person.email}'s, so you cannot sign"
    if line is not None:
        words = " ".join(line.split()[:2])
        told = "your agent holds a key of yours that git does not name"
        return problem("key", told, f"git config user.signingkey {shlex.quote(_AGENT + words)}")
    named = "git config user.signingkey names the right one"
    return problem("key", told, f"{named}; or {enrolment(policy, person)}")


def _key(
    ground: Ground,
    person: Actor,
    candidate: Candidate,
    in_agent: set[bytes],
    signing: tuple[Candidate, ...],
) -> Finding:
    """One key: whose it is to policy, and who else can sign with it; `signing` is what signs."""
    blob = key_blob(candidate.public)
    signer = ground.policy.signers.of_key(blob)
    about = f"key {candidate.label}"
    told = f"{candidate.public.split()[0]} {line_fingerprint(candidate.public)}"
    if signer is None:
        return note(about, f"{told}, which policy does not know")
    if signer.principal != person.email:
        return note(about, f"{told}, which policy knows as {signer.principal}'s")
    if not signer.is_valid_at(ground.at):
        return _over(ground, person, about, f"{told}: outside of its time", signing)
    told += ", signs for you" if candidate in signing else ", enrolled for you"
    touched = candidate.public.startswith("sk-")
    if (ground.policy.require_touch or ground.policy.require_pin) and not touched:
        asked = "policy asks for a key that wants a touch"
        mend = _enrolling(ground, person, f"{new_key(ground.policy)}; then ", SECURITY_KEY)
        return problem(about, f"{told}, but {asked}", *mend)
    if touched:
        return well(about, f"{told}; it asks for a touch, unless it was made not to")
    return _kept(about, told, candidate, in_agent=blob in in_agent)


def _over(
    ground: Ground, person: Actor, about: str, told: str, signing: tuple[Candidate, ...]
) -> Finding:
    """A key that had its time: no matter, where one that has not signs for the person."""
    others = (ground.policy.signers.of_key(key_blob(each.public)) for each in signing)
    if any(signer is not None and signer.is_valid_at(ground.at) for signer in others):
        return note(about, f"{told}; another signs for you")
    makes = f"make another: {new_key(ground.policy)} -f {_ANOTHER}"
    names = f"git config user.signingkey {_ANOTHER}.pub"
    return problem(
        about, told, *_enrolling(ground, person, f"{makes} && {names}; then ", f"{_ANOTHER}.pub")
    )


def _enrolling(ground: Ground, person: Actor, first: str, key: str = USUAL_KEY) -> tuple[str, ...]:
    """How another key comes to be enrolled; nothing where the owners could not do it any more."""
    if ground.enforces and not are_able(ground.policy, ground.at):
        return ()
    return (f"{first}{enrolment(ground.policy, person, key)}",)


def _kept(about: str, told: str, candidate: Candidate, *, in_agent: bool) -> Finding:
    """How the secret half is kept: any process of the user can use one that asks for nothing."""
    if candidate.sign_with.startswith(_AGENT) or in_agent:
        now = f"{told}; any process of yours can use it through the agent, unless that asks"
        return note(about, now, _ASKS)
    private = Path(candidate.sign_with.removesuffix(".pub"))
    guarded = has_passphrase(private)
    if guarded is None:
        told_place = f"{told}; its private half is not beside it, nor in an agent"
        return problem(about, told_place, f"ssh-add puts it into your agent: {private.name}")
    if private.stat().st_mode & 0o077:
        others = f"{told}; others can read its file, and ssh-keygen refuses it so"
        return problem(about, others, f"chmod 600 {shlex.quote(str(private))}")
    if guarded:
        return well(about, f"{told}; it asks for its passphrase")
    now = f"{told}; any process of yours can use it: it has no passphrase"
    return note(about, now, f"ssh-keygen -p -f {shlex.quote(str(private))}")


def _tester(ground: Ground) -> Finding:
    store, environment = ground.store, ground.environment
    place = tester_key(store, environment)
    try:
        require_tester(store, ground.policy, environment)
    except SignatureError as error:
        return _no_tester(place, error, named=TESTER_KEY_VARIABLE in environment)
    if place.stat().st_mode & 0o077:
        return problem("tester", f"others can read {place}", f"chmod 600 {shlex.quote(str(place))}")
    told = f"policy knows the Tester's key at {_shorter(store, place)}"
    return well("tester", f"{told}; any process of yours can use it, and it approves nothing")


def _no_tester(place: Path, error: SignatureError, *, named: bool) -> Finding:
    """A clone may leave results to another one; a key that was made or named should be enrolled."""
    if named or place.exists():
        return problem("tester", error.message, *error.hints)
    return note("tester", error.message, *error.hints)


def _shorter(store: Store, place: Path) -> str:
    try:
        return os.path.join(".git", place.relative_to(store.common_dir))  # noqa: PTH118
    except ValueError:
        return str(place)
