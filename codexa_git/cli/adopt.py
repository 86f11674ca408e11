"""`init`, `enforce` and `root`: adopting a repository, and the root that its judgements rest on."""

import os
from pathlib import Path

import click

from codexa_git.audit.canonical import is_digest
from codexa_git.audit.record import Actor
from codexa_git.cli.desk import now, opened, sat_down, say, warn
from codexa_git.errors import Exit, SignatureError, UsageError
from codexa_git.policy.keys import Candidate, find_keys
from codexa_git.policy.signers import fingerprint
from codexa_git.repository.publication import recover
from codexa_git.repository.ssh import generate
from codexa_git.repository.store import Store
from codexa_git.workflow.adopting import (
    Adoption,
    adopt,
    base_for_adoption,
    enforce,
    proposed_tests,
)
from codexa_git.workflow.ground import ROOT_SETTING, user
from codexa_git.workflow.root import verified_root
from codexa_git.workflow.signing import line_fingerprint, make_tester_key


@click.command("init")
@click.option("--yes", is_flag=True, help="Accept what is proposed, and ask nothing.")
def init_(*, yes: bool) -> int:
    """Adopt this repository: write the policy and its folders, in one commit, observing."""
    with opened() as store:
        recover(store)
        ref, branch, tip = base_for_adoption(store)
        del ref
        person = user(store, None)
        key = _chosen_key(store, person, yes=yes)
        tests = proposed_tests(store, None if tip is None else tip.tree)
        adoption = Adoption(person, key.public, make_tester_key(store, dict(os.environ)), tests)
        if not yes:
            _propose(adoption, key, branch)
        adopted = adopt(store, adoption, now())
    if adopted.commit is None:
        say(f"{branch} has adopted codexa-git already: nothing was missing")
        return Exit.YES
    say(f"[{branch} {adopted.commit.oid[:7]}] {adopted.commit.subject}")
    for path in adopted.added:
        say(f"  {path}")
    say(f"owner and pm: {person.name} <{person.email}>, key {line_fingerprint(key.public)}")
    if not tests.run:
        warn("no test command was found", "say how to test: [tests] run in codexa.toml")
    say('next: git codexa open "what should change"')
    return Exit.YES


def _propose(adoption: Adoption, key: Candidate, branch: str) -> None:
    say(f"base branch    {branch}")
    say(f"owner and pm   {adoption.owner.name} <{adoption.owner.email}>")
    say(f"signing key    {key.label}  {line_fingerprint(key.public)}")
    for command in adoption.tests.run or ("none found",):
        say(f"tests          {command}")
    click.confirm("Adopt this repository so?", default=True, abort=True)


def _chosen_key(store: Store, person: Actor, *, yes: bool) -> Candidate:
    """The first key that git or ~/.ssh offers; or a new one, if the person wants it."""
    found = find_keys(store.config, Path.home())
    if found:
        return found[0]
    new = Path.home() / ".ssh" / "id_ed25519"
    if not yes:
        click.confirm(f"You have no SSH key. Make one at {new}?", default=True, abort=True)
    new.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    generate(new, person.email)
    made = find_keys(store.config, Path.home())
    if not made:
        raise SignatureError("the new key cannot be read")
    say(f"made a key at {new}, without a passphrase: ssh-keygen -p -f {new} sets one")
    return made[0]


@click.command("enforce")
@click.option("--demo", is_flag=True, help="Allow people of demo.invalid, as the demo does.")
def enforce_(*, demo: bool) -> int:
    """Enforce from here on: sign the trust root as an owner, and pin it in this clone."""
    with sat_down() as desk:
        commit, root = enforce(desk.ground, desk.person, desk.sign, demo=demo)
        say(f"[{desk.ground.branch} {commit.oid[:7]}] {commit.subject}")
        say(f"trust root {root}, pinned in this clone")
        say("others pin it with: git codexa root --pin " + root)
    return Exit.YES


@click.command("root")
@click.option("--pin", metavar="ROOT", help="Pin this trust root in this clone.")
def root_(*, pin: str | None) -> int:
    """Show the trust root, or pin it in this clone."""
    with opened() as store:
        if pin is not None and not is_digest(pin):
            raise UsageError("that is no trust root", hint="one looks like sha256:4882aa97...")
        if pin is not None:
            store.set_config(ROOT_SETTING, pin)
    with sat_down(writes=False) as desk:
        ground = desk.ground
        if ground.root is None:
            say(f"{ground.branch} observes: there is no trust root yet")
            say("hint: an owner makes it: git codexa enforce")
            return Exit.YES
        root = verified_root(ground.store, ground.tip)
        say(f"root    {root.id}")
        say(f"made    {root.commit}")
        for signer in root.signers:
            say(f"signed  {signer.principal} {fingerprint(signer.key)}")
        say(f"pinned  {'yes' if ground.pinned else 'no'}")
        if not ground.pinned:
            say(
                f"hint: if you have it from a person you trust: git codexa root --pin {ground.root}"
            )
    return Exit.YES
