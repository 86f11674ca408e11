"""`people`: who may do what, and with which keys."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from codexa_git.audit.record import time_of
from codexa_git.audit.words import RecordType
from codexa_git.cli.acts import carried_out
from codexa_git.cli.desk import Desk, sat_down
from codexa_git.cli.footing import warn_of_policy
from codexa_git.cli.keys import window_of
from codexa_git.cli.onbase import say_on_base
from codexa_git.cli.screen import padded, shown
from codexa_git.cli.telling import as_json, say, warn
from codexa_git.cli.words import spoken
from codexa_git.errors import Exit, UsageError
from codexa_git.gate.decisions import TESTER_PRINCIPAL
from codexa_git.policy.keys import public_line
from codexa_git.policy.rules import OWNER, Policy
from codexa_git.policy.signers import Signer, fingerprint
from codexa_git.repository.objects import Entry
from codexa_git.workflow.base.basing import commit_on_base, hold_files
from codexa_git.workflow.decisions.signing import make_tester_key
from codexa_git.workflow.owners.awaiting import waiting
from codexa_git.workflow.owners.forewarning import unasked
from codexa_git.workflow.owners.peopling import Edit, added, revoked, rotated, tester_added
from codexa_git.workflow.owners.proposing import Proposal, free_name, new_proposal


@click.group("people")
def people_() -> None:
    """Show who may do what, and change it by the owners' signatures.

    Each change is one policy commit; where more than one owner has to sign, it waits on a branch
    for the others.
    """


@people_.command("list", epilog="Example: git codexa people list")
@click.option("--json", "json_", is_flag=True, help="The same for a script.")
def list_(*, json_: bool) -> int:
    """Show everybody whom the policy knows: roles, what these may do, keys and their times."""
    with sat_down(writes=False) as desk:
        policy = desk.ground.policy
        if json_:
            as_json(_facts(desk))
            return Exit.YES
        for person in policy.people:
            say(f"{shown(person.name)} <{shown(person.email)}>")
            for role in person.roles:
                say(f"  {padded(role, 12)}  {_may(policy, role)}")
            _say_keys(desk, person.email)
        say(f"Tester <{TESTER_PRINCIPAL}>")
        say(f"  {padded('tester', 12)}  signs results, and nothing else")
        _say_keys(desk, TESTER_PRINCIPAL)
    return Exit.YES


def _may(policy: Policy, role: str) -> str:
    """What the holders of a role may sign."""
    may = [f"approves the {rule.gate}" for rule in policy.gates if rule.role == role]
    may += [f"approves {shown(rule.paths[0])}" for rule in policy.paths if rule.role == role]
    if role == OWNER:
        may.append("signs policy, bypasses and incidents")
    return ", ".join(may) or "answers, resolves, raises concerns"


def _say_keys(desk: Desk, email: str) -> None:
    keys = desk.ground.policy.signers.keys_of(email)
    for key in keys:
        say(
            f"  key           {key.key_type} {fingerprint(key.key)}{window_of(key, desk.ground.at)}"
        )
    if not keys:
        say("  key           none: nothing can be signed")


def _facts(desk: Desk) -> dict[str, object]:
    policy, at = desk.ground.policy, desk.ground.at
    everybody = [(p.name, p.email, p.roles) for p in policy.people]
    everybody.append(("Tester", TESTER_PRINCIPAL, ("tester",)))
    return {
        "format": 1,
        "people": [
            {
                "name": name,
                "email": email,
                "roles": list(roles),
                "keys": [_key_facts(key, at) for key in policy.signers.keys_of(email)],
            }
            for name, email, roles in everybody
        ],
    }


def _key_facts(key: Signer, at: int) -> dict[str, object]:
    ends = (key.valid_after, key.valid_before)
    after, before = (None if end is None else time_of(end) for end in ends)
    return {
        "type": key.key_type,
        "fingerprint": fingerprint(key.key),
        "valid_after": after,
        "valid_before": before,
        "valid": key.is_valid_at(at),
    }


_KEY = click.option("--key", help="A public key: its file, or the line itself.")
_MESSAGE = click.option("-m", "--message", "reason", help="Why, after what is done.")


@people_.command(
    "add",
    epilog="Example: git codexa people add 'Your Name' you@example.org --role pm",
)
@click.argument("name")
@click.argument("email")
@click.option("--role", "roles", multiple=True, help="A role they get; may be said again.")
@_KEY
@_MESSAGE
def add_(name: str, email: str, roles: tuple[str, ...], key: str | None, reason: str | None) -> int:
    """Let someone sign: add a person, or roles and keys to one who is there."""
    public = None if key is None else _public(key)
    with sat_down() as desk:
        edit = added(desk.ground, spoken(name, "a name"), email, roles, public)
        status = _done(desk, edit, reason)
        for each in unasked(desk.ground.policy, roles):
            warn(each.told, each.do)
        return status


@people_.command("revoke", epilog="Example: git codexa people revoke you@example.org -m 'has left'")
@click.argument("email")
@click.option("--role", help="Only this role.")
@click.option("--key", metavar="FINGERPRINT", help="Only this key, by its fingerprint.")
@_MESSAGE
def revoke_(email: str, role: str | None, key: str | None, reason: str | None) -> int:
    """Take someone out, with all their keys; or one role or one key of theirs.

    What landed before is not touched: it is judged by the policy that it landed on.
    """
    if role is not None and key is not None:
        raise UsageError(
            "a role and a key are two things", hint="take them out one after the other"
        )
    with sat_down() as desk:
        return _done(desk, revoked(desk.ground, email, role=role, key=key), reason)


@people_.command("rotate", epilog="Example: git codexa people rotate you@example.org --key -")
@click.argument("email")
@click.option("--key", required=True, help="The new public key: its file, the line, or - to read.")
@click.option("--overlap", type=click.IntRange(0, 3650), default=30, help="Days; 30.")
@_MESSAGE
def rotate_(email: str, key: str, overlap: int, reason: str | None) -> int:
    """Give someone another key, and let their old ones end after --overlap days.

    Until then what is open and was signed with an old key may still land.
    """
    public = _public(key)
    with sat_down() as desk:
        return _done(desk, rotated(desk.ground, email, public, overlap), reason)


@people_.command("tester", epilog="Example: git codexa people tester")
@_KEY
@_MESSAGE
def tester_(key: str | None, reason: str | None) -> int:
    """Let one more Tester sign results: this clone's, or whose --key it is."""
    public = None if key is None else _public(key)
    with sat_down() as desk:
        line = public or make_tester_key(desk.store, dict(os.environ))
        return _done(desk, tester_added(desk.ground, line), reason)


def _public(key: str) -> str:
    """The public key line that was typed, or that a file holds.

    Raises:
        UsageError: it is none that can be used.
    """
    if (typed := public_line(key)) is not None:
        return typed
    try:
        if key == "-":
            text = sys.stdin.read(20_000)
        else:
            beside = Path(f"{key}.pub")
            place = beside if not key.endswith(".pub") and beside.is_file() else Path(key)
            text = place.read_text(encoding="utf-8", errors="replace")[:20_000]
    except OSError as error:
        why = (error.strerror or "no file").lower()
        raise UsageError(
            f"the key {key[:80]} cannot be read: {why}",
            hint="ls ~/.ssh/*.pub lists yours; the line itself is taken, too",
        ) from error
    line = public_line(text.split("\n", 1)[0])
    if line is None:
        raise UsageError(
            f"{key[:80]} holds no public key that can be used",
            hint="the file whose name ends in .pub: ed25519, ECDSA, RSA from 2048 bits, or sk-",
        )
    return line


def _done(desk: Desk, edit: Edit, reason: str | None) -> int:
    """The edit signed and on the base, or on a branch where others have to sign.

    While observing nothing is signed, and the base takes it as it is.
    """
    # Who it is about is said whatever the reason is: the log is read without the diff.
    why = edit.reason if reason is None else f"{edit.reason}: {spoken(reason, 'a reason')}"
    warn_of_policy(desk.ground)
    if not desk.ground.enforces:
        commit = commit_on_base(desk.ground, desk.person, edit.files, f"policy: {why}")
        say_on_base(desk.ground, commit)
        return Exit.YES
    kind = RecordType.POLICY_CHANGED
    if (before := _proposed_before(desk, edit)) is not None:
        say(f"{before.branch} proposes just that already")
        return carried_out(desk, before)
    branch = free_name(desk.ground, kind, why)
    return carried_out(desk, new_proposal(desk.ground, kind, branch, dict(edit.files), why))


def _proposed_before(desk: Desk, edit: Edit) -> Proposal | None:
    """The policy that waits on a branch and would become just this; `None` where none does."""
    ground = desk.ground

    def left(files: Mapping[str, bytes | Entry | None]) -> str:
        return hold_files(ground.store, ground.tip.tree, files)

    wanted = left(dict(edit.files))
    found = (one for one in waiting(ground) if one.kind is RecordType.POLICY_CHANGED)
    return next((one for one in found if left(one.files) == wanted), None)
