"""Who may do what: what policy becomes when someone comes, goes, or takes another key.

Nothing is written here: each answer is the new files and a sentence, for an act of the owners to
sign. Landings are judged by the policy that they landed on, so a key that is taken out still
vouches for what it signed before.
"""

from base64 import b64encode
from collections.abc import Iterable
from typing import NamedTuple

from codexa_git.change.paths import POLICY, SIGNERS
from codexa_git.errors import PaperError, RefusedError, UsageError
from codexa_git.gate.decisions import TESTER_PRINCIPAL
from codexa_git.policy.editing import ending, with_key, with_people, without_keys
from codexa_git.policy.parsing import parse_policy
from codexa_git.policy.rules import Person, person_of
from codexa_git.policy.signers import Signer, fingerprint
from codexa_git.workflow.base.ground import Ground

_DAY = 86_400


_BEFORE = (
    "first somebody in their place: git codexa people add, with that --role and their --key",
    f"or a policy that asks for fewer: {POLICY}, on a branch, and: git codexa policy sign",
)
"""What comes first where too few would be left for what policy asks."""


class Edit(NamedTuple):
    """New contents of policy files, and why."""

    files: dict[str, bytes]
    reason: str


class _Texts(NamedTuple):
    toml: bytes
    signers: bytes


def _texts(ground: Ground) -> _Texts:
    return _Texts(*(ground.store.read(ground.tip.tree, path) or b"" for path in (POLICY, SIGNERS)))


def _edit(ground: Ground, texts: _Texts, reason: str, *, takes_out: bool = False) -> Edit:
    """The files that changed; what `takes_out` somebody may leave too few.

    Raises:
        RefusedError: nothing would change, or the policy would be none that anyone could follow.
    """
    before = _texts(ground)
    made = {POLICY: (before.toml, texts.toml), SIGNERS: (before.signers, texts.signers)}
    files = {path: new for path, (old, new) in made.items() if new != old}
    if not files:
        raise RefusedError(
            "the policy says so already: nothing would change", hint="git codexa people list"
        )
    try:
        parse_policy(texts.toml, texts.signers)
    except PaperError as error:
        raise RefusedError(
            f"the policy would not hold: {error.message}",
            hint=_BEFORE if takes_out else error.hints,
        ) from error
    return Edit(files, reason)


def added(
    ground: Ground, name: str, email: str, roles: tuple[str, ...], public: str | None
) -> Edit:
    """The policy with this person in these roles, and their key; what they had, they keep."""
    texts, people = _texts(ground), ground.policy.people
    known = person_of(ground.policy, email)
    if known is None and not roles:
        raise UsageError(f"{email} is new here, and needs a role", hint="--role pm")
    if known is not None and known.name != name:
        raise UsageError(
            f"{email} is {known.name} here, and another name is not given so",
            hint=f"by hand in {POLICY}, on a branch, and: git codexa policy sign",
        )
    held = () if known is None else known.roles
    person = Person(email, name, tuple(dict.fromkeys((*held, *roles))))
    others = tuple(person if p.email == email else p for p in people)
    signers = texts.signers if public is None else _with_key(ground, texts, email, public)
    everybody = others if known is not None else (*people, person)
    # A policy that enforces wants keys for its counts: the key is there before the person is.
    toml = with_people(texts.toml, signers, everybody)
    said = f"add {name}" if known is None else f"more for {name}"
    said += f", {' and '.join(person.roles)}"
    if known is not None and signers != texts.signers:
        said = f"another key for {name}" if person == known else f"{said}, and a key"
    return _edit(ground, _Texts(toml, signers), said)


def _with_key(ground: Ground, texts: _Texts, email: str, public: str) -> bytes:
    """`.codexa/allowed_signers` with this key, which may stand there for them already."""
    keys = ground.policy.signers.keys_of(email)
    if any(_is_written(key, public) for key in keys if key.is_valid_at(ground.at)):
        return texts.signers
    return _with_new_key(texts, email, public)


def _is_written(key: Signer, public: str) -> bool:
    return b64encode(key.key).decode() in public.split()


def _with_new_key(texts: _Texts, email: str, public: str) -> bytes:
    """`.codexa/allowed_signers` with this key more.

    Raises:
        RefusedError: it stands there already; the line that would be wrong is not written yet, so
            it is not named.
    """
    try:
        return with_key(texts.signers, email, public)
    except PaperError as error:
        told = error.message.partition(": ")[2]
        raise RefusedError(told, hint="git codexa people list shows every key") from error


def revoked(ground: Ground, email: str, *, role: str | None = None, key: str | None = None) -> Edit:
    """The policy without this person and their keys; or without one role or one key of theirs."""
    texts = _texts(ground)
    keys = ground.policy.signers.keys_of(email)
    person = person_of(ground.policy, email)
    if person is None and not keys:
        raise UsageError(f"nobody here is {email}", hint="git codexa people list")
    if key is not None:
        gone = [_key_of(keys, email, key)]
        signers = without_keys(texts.signers, [gone[0].key])
        return _edit(
            ground, _Texts(texts.toml, signers), f"take out a key of {email}", takes_out=True
        )
    if role is not None:
        if person is None or role not in person.roles:
            raise UsageError(
                f"{email} does not hold the role {role}", hint="git codexa people list"
            )
        left = tuple(held for held in person.roles if held != role)
        return _without(ground, texts, person, left, f"{person.name} is no {role} any more")
    texts = _Texts(texts.toml, without_keys(texts.signers, [k.key for k in keys]))
    who = email if person is None else person.name
    return _without(ground, texts, person, (), f"take out {who}")


def _without(
    ground: Ground, texts: _Texts, person: Person | None, roles: tuple[str, ...], reason: str
) -> Edit:
    """The person left with these roles, or gone where none is left."""
    if person is None:
        return _edit(ground, texts, reason, takes_out=True)
    kept = tuple(
        p._replace(roles=roles) if p == person else p
        for p in ground.policy.people
        if p != person or roles
    )
    if not kept:
        raise RefusedError(
            f"{person.name} is the only one whom the policy names, and somebody has to own it",
            hint=_BEFORE,
        )
    # Read beside the keys as they were: what is missing in the end is asked of the whole.
    try:
        toml = with_people(texts.toml, _texts(ground).signers, kept)
    except RefusedError as error:
        if isinstance(error.__cause__, PaperError):
            error.hints = _BEFORE
        raise
    return _edit(ground, _Texts(toml, texts.signers), reason, takes_out=True)


def _key_of(keys: Iterable[Signer], email: str, name: str) -> Signer:
    found = [key for key in keys if fingerprint(key.key).startswith(name)]
    if len(found) != 1:
        raise UsageError(
            f"{email} has {'no' if not found else 'more than one'} key {name}",
            hint="git codexa people list shows fingerprints",
        )
    return found[0]


def rotated(ground: Ground, email: str, public: str, overlap: int) -> Edit:
    """The policy with a new key for this person, their others ending after `overlap` days.

    Until then what is open and was signed with an old key may still land.
    """
    texts = _texts(ground)
    open_ones = [k for k in ground.policy.signers.keys_of(email) if k.is_valid_at(ground.at)]
    if not open_ones:
        raise UsageError(
            f"{email} has no key that could give way to another", hint="git codexa people add"
        )
    signers = _with_new_key(texts, email, public)
    # A key is valid in the last second of its time: with no overlap that second is over.
    until = max(ground.at, ground.tip.committer.seconds) + (overlap * _DAY or -1)
    signers = ending(signers, [key.key for key in open_ones], until)
    return _edit(ground, _Texts(texts.toml, signers), f"another key for {email}")


def tester_added(ground: Ground, public: str) -> Edit:
    """The policy with one more key that signs results."""
    texts = _texts(ground)
    signers = _with_key(ground, texts, TESTER_PRINCIPAL, public)
    return _edit(ground, _Texts(texts.toml, signers), "one more Tester's key")
