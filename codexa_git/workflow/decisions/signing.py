"""Who signs with what: a person's enrolled key, and this clone's key for the Tester."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from shlex import quote

from codexa_git.audit.payload import NAMESPACE
from codexa_git.audit.record import Actor
from codexa_git.errors import SignatureError
from codexa_git.gate.able import can_count
from codexa_git.gate.decisions import TESTER_PRINCIPAL
from codexa_git.policy.keys import Candidate, find_keys, public_line, signing_program
from codexa_git.policy.rules import Policy
from codexa_git.policy.signers import fingerprint
from codexa_git.policy.wire import unbase64
from codexa_git.repository.remotes import remotes
from codexa_git.repository.ssh import generate, public_key, sign
from codexa_git.repository.store import Store
from codexa_git.workflow.decisions.enrolling import enrolment

TESTER_KEY_VARIABLE = "CODEXA_TESTER_KEY"
_TESTER_KEY = "tester_ed25519"

Sign = Callable[[bytes], str]


def person_signs(store: Store, policy: Policy, person: Actor, home: Path) -> Sign:
    """What signs for this person: the first of their keys that policy knows as theirs and counts.

    Asked only when something is signed, so that whoever need not sign needs no key.
    """

    def signed(payload: bytes) -> str:
        key = enrolled_key(store, policy, person, home)
        return sign(payload, key.sign_with, NAMESPACE, signing_program(store.config))

    return signed


def enrolled_key(store: Store, policy: Policy, person: Actor, home: Path) -> Candidate:
    """The key at hand that `.codexa/allowed_signers` lets sign as this person.

    Raises:
        SignatureError: they have no key, or none of theirs is enrolled.
    """
    found = find_keys(store.config, home)
    if mine := keys_of(policy, person, found):
        return mine[0]
    if not found:
        raise SignatureError(
            "you have no SSH key to sign with",
            hint=(
                "make one: ssh-keygen -t ed25519 -f ~/.ssh/id_ed25519",
                f"then {enrolment(policy, person)}",
            ),
        )
    raise SignatureError(
        f"none of your keys is enrolled for {person.email} in .codexa/allowed_signers",
        hint=(
            f"you have {found[0].label}: {enrolment(policy, person, quote(found[0].public))}",
            *(
                f"or git config user.signingkey names the key {fingerprint(signer.key)}"
                for signer in policy.signers.keys_of(person.email)[-1:]
            ),
        ),
    )


def keys_of(policy: Policy, person: Actor, found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """Those of the keys that policy knows as this person's, the one that signs for them first.

    Where policy asks for a touch or a PIN, a security key goes before the others.
    """
    known = {signer.key: signer for signer in policy.signers.keys_of(person.email)}
    mine = [one for one in found if key_blob(one.public) in known]
    return tuple(sorted(mine, key=lambda one: not can_count(policy, known[key_blob(one.public)])))


def key_blob(line: str) -> bytes:
    """The key that a public line holds."""
    return unbase64(line.split()[1])


def line_fingerprint(line: str) -> str:
    """The fingerprint of a public key line."""
    return fingerprint(key_blob(line))


def tester_key(store: Store, environment: Mapping[str, str]) -> Path:
    """Where the Tester's private key lies: as CI says, or in this clone's own folder."""
    given = environment.get(TESTER_KEY_VARIABLE)
    return Path(given) if given else store.common_dir / "codexa" / _TESTER_KEY


def tester_signs(store: Store, policy: Policy, environment: Mapping[str, str]) -> Sign:
    """What signs for the Tester, with a key that policy knows as a Tester's.

    Raises (when something is signed):
        SignatureError: this clone has no such key; the hint says who can sign.
    """
    return partial(_tester_signed, store, policy, environment)


def require_tester(store: Store, policy: Policy, environment: Mapping[str, str]) -> Path:
    """The Tester's key, once it is clear that policy knows it.

    Raises:
        SignatureError: there is none here, or policy does not know it.
    """
    key = tester_key(store, environment)
    known = {signer.key for signer in policy.signers.keys_of(TESTER_PRINCIPAL)}
    line = public_line(public_key(str(key))) if key.is_file() else None
    if line is not None and key_blob(line) in known:
        return key
    has_remote = line is not None and bool(remotes(store))
    wrong = (
        "has no Tester's key" if line is None else "has a Tester's key that policy does not know"
    )
    raise SignatureError(
        f"this clone {wrong}, so it cannot sign results",
        hint=(
            f"name an enrolled one: {TESTER_KEY_VARIABLE}=path; or let CI validate",
            _enrols_tester(policy, line),
            *(("where an owner has done so since: git fetch, and ask again",) * has_remote),
        ),
    )


def _enrols_tester(policy: Policy, line: str | None) -> str:
    """What an owner types: at this clone, or at their own with the line that belongs to it."""
    if line is None:
        shows = f"on {policy.branch}, git codexa init shows what they type elsewhere"
        return f"an owner enrols this clone's: git codexa people tester; {shows}"
    return f"an owner enrols this clone's: {enrols_tester(line)}"


def enrols_tester(line: str) -> str:
    """The command by which an owner, wherever they sit, lets the Tester with this key sign."""
    return f"git codexa people tester --key {quote(' '.join(line.split()[:2]))}"


def _tester_signed(
    store: Store, policy: Policy, environment: Mapping[str, str], payload: bytes
) -> str:
    return sign(payload, str(require_tester(store, policy, environment)), NAMESPACE)


def make_tester_key(store: Store, environment: Mapping[str, str]) -> str:
    """The public line of this clone's Tester's key, which is made where there is none."""
    key = tester_key(store, environment)
    if not key.is_file():
        key.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        generate(key, TESTER_PRINCIPAL)
    return " ".join(public_key(str(key)).split()[:2])
