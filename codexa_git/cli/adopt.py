"""`init`, `enforce` and `root`: adopting a repository, and the root that its judgements rest on."""

import os
from pathlib import Path

import click

from codexa_git.audit.canonical import is_digest
from codexa_git.audit.record import Actor
from codexa_git.cli.acts import say_waits_on
from codexa_git.cli.claiming import require_configured
from codexa_git.cli.clock import now
from codexa_git.cli.desk import Desk, opened, sat_down
from codexa_git.cli.keys import window_of
from codexa_git.cli.onbase import say_pushed
from codexa_git.cli.screen import shown
from codexa_git.cli.telling import as_json, say, say_commit, warn
from codexa_git.errors import Exit, RefusedError, SignatureError, UsageError
from codexa_git.gate.decisions import TESTER_PRINCIPAL
from codexa_git.gate.trusted import Trusted
from codexa_git.policy.keys import Candidate, find_keys
from codexa_git.policy.rules import Policy, Tests, person_of
from codexa_git.policy.signers import fingerprint
from codexa_git.repository.publication import recover
from codexa_git.repository.ssh import generate
from codexa_git.repository.store import Store
from codexa_git.workflow.base.following import push_of
from codexa_git.workflow.base.ground import user
from codexa_git.workflow.base.pinning import RootedBase, pin_root, rooted_base
from codexa_git.workflow.decisions.enrolling import if_you_are
from codexa_git.workflow.decisions.signing import (
    enrols_tester,
    key_blob,
    line_fingerprint,
    make_tester_key,
)
from codexa_git.workflow.owners.adopting import (
    Adopted,
    Adoption,
    adopt,
    place_of_adoption,
    policy_followed,
)
from codexa_git.workflow.owners.enforcing import Enforced, enforce
from codexa_git.workflow.owners.forewarning import forewarnings
from codexa_git.workflow.owners.frameworks import KINDS, PRE_COMMIT
from codexa_git.workflow.owners.proposing import ENFORCE
from codexa_git.workflow.owners.suggesting import one_test_each, proposed_tests


@click.command("init", epilog="Example: git codexa init")
@click.option("--yes", is_flag=True, help="Accept what is proposed, and ask nothing.")
def init_(*, yes: bool) -> int:
    """Adopt this repository, observing: policy and folders.

    One commit; while observing, nothing is refused and nothing is trusted later.
    """
    with opened() as store:
        require_configured(store, os.environ)
        recover(store)
        at, place, person = now(), place_of_adoption(store), user(store, None)
        if place.policy is not None:
            _say_again(adopt(store, place, person, None, at), push_of(store, place.branch))
            policy = policy_followed(store, place) or place.policy
            _say_tester(store, policy)
            _say_stranger(policy, person)
            return Exit.YES
        key = _chosen_key(store, person, yes=yes)
        tests = proposed_tests(store, None if place.tip is None else place.tip.tree)
        if not yes:
            _propose(person, tests, key, place.branch)
        tester = make_tester_key(store, dict(os.environ))
        _say_added(adopt(store, place, person, Adoption(person, key.public, tester, tests), at))
        pushes = push_of(store, place.branch)
    say(f"owner and pm: {person.name} <{person.email}>, key {line_fingerprint(key.public)}")
    if not tests.run:
        warn("no test command was found", "say how to test: [tests] run in codexa.toml")
    elif (silent := one_test_each(tests)) is not None:
        warn(*silent)
    _say_next(place.branch, pushes)
    return Exit.YES


def _say_next(branch: str, pushes: str | None) -> None:
    if pushes is not None:
        say(f"next, so that {branch} has it for everybody: {pushes}")
    then = "next" if pushes is None else "then"
    say(f'{then}: git codexa open "what should change"')


def _say_again(adopted: Adopted, pushes: str | None) -> None:
    _say_added(adopted)
    if adopted.commit is not None and pushes is not None:
        say(f"next: {pushes}")


def _say_added(adopted: Adopted) -> None:
    if adopted.commit is None:
        say(f"{adopted.branch} has adopted codexa-git already: nothing was missing")
        return
    say(f"[{adopted.branch} {adopted.commit.oid[:7]}] {adopted.commit.subject}")
    for path in adopted.added:
        say(f"  {path}")
    if PRE_COMMIT in adopted.added:
        say(f"{PRE_COMMIT} calls codexa-git now, once each kind of hook is installed:")
        say(f"  pre-commit install {' '.join(f'-t {kind}' for kind in KINDS)}")


def _say_tester(store: Store, policy: Policy) -> None:
    """What an owner would type, where policy does not know this clone's Tester yet."""
    line = make_tester_key(store, dict(os.environ))
    if key_blob(line) in {signer.key for signer in policy.signers.keys_of(TESTER_PRINCIPAL)}:
        return
    say("tests cannot be signed here until an owner enrols this clone's Tester, in any clone:")
    say(f"    {enrols_tester(line)}")


def _say_stranger(policy: Policy, person: Actor) -> None:
    """Whom git knows by an address that policy does not name is told so, and how to change it."""
    if person_of(policy, person.email) is None:
        known = [one for one in policy.people if one.roles]
        warn(
            f"the policy names nobody {person.email}: what you sign would not count",
            *if_you_are(policy, person, known),
        )


def _propose(person: Actor, tests: Tests, key: Candidate, branch: str) -> None:
    say(f"base branch    {branch}")
    say(f"owner and pm   {person.name} <{person.email}>")
    say("               as git's user.name and user.email say: git config user.email changes it")
    say(f"signing key    {key.label}  {line_fingerprint(key.public)}")
    for command in tests.run or ("none found",):
        say(f"tests          {command}")
    _agree("Adopt this repository so?", "init")


def _agree(question: str, command: str) -> None:
    """Nothing: the person said yes.

    Raises:
        RefusedError: they said no, or nobody is there to ask.
    """
    try:
        agreed = _answer(question)
    except click.Abort:
        say()
        raise RefusedError(
            "nobody answered, and nothing was written",
            hint=f"git codexa {command} --yes asks nothing",
        ) from None
    if not agreed:
        raise RefusedError(
            "the answer was no, and nothing was written", hint=f"git codexa {command} asks again"
        )


def _answer(question: str) -> bool:
    """What the person says, asked until it is a yes or a no; nothing at all is a yes."""
    while True:
        said = click.prompt(f"{question} [Y/n]", default="", show_default=False).strip().lower()
        if said in ("", "y", "yes", "n", "no"):
            return not said.startswith("n")
        click.echo("that is neither y nor n", err=True)


def _chosen_key(store: Store, person: Actor, *, yes: bool) -> Candidate:
    """The first key that git or ~/.ssh offers; or a new one, if the person wants it."""
    found = find_keys(store.config, Path.home())
    if found:
        return found[0]
    new = Path.home() / ".ssh" / "id_ed25519"
    if not yes:
        _agree(f"You have no SSH key. Make one at {new}?", "init")
    new.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    generate(new, person.email)
    made = find_keys(store.config, Path.home())
    if not made:
        raise SignatureError("the new key cannot be read")
    say(f"made a key at {new}, without a passphrase: ssh-keygen -p -f {new} sets one")
    return made[0]


@click.command("enforce", epilog="Example: git codexa enforce")
@click.option("--yes", is_flag=True, help="Trust the keys that are shown, and ask nothing.")
@click.option("--demo", is_flag=True, help="Allow people of demo.invalid, as the demo does.")
def enforce_(*, yes: bool, demo: bool) -> int:
    """Enforce from here on: sign and pin the trust root.

    Every key that was enrolled while observing is shown first, and trusted from here on once you
    agree; where nobody can be asked, nothing is written without --yes. Where the policy asks for
    several owners, it waits on a branch until all of them have signed.
    """
    asked = "enforce --demo" if demo else "enforce"
    with sat_down() as desk:

        def looked_at(policy: Policy) -> None:
            _say_trusted(policy, desk.ground.at)
            for each in forewarnings(policy, desk.ground.at):
                warn(each.told, each.do)
            if not yes:
                _agree("Is each of these keys whose it says?", asked)

        made = enforce(desk.ground, desk.person, desk.sign, looked_at=looked_at, demo=demo)
        _say_enforced(desk, made)
        for commit, why in made.unread[:1]:
            oid = commit.oid[:12]
            told = f"{oid} on {ENFORCE} counts for nothing, for nobody can read a root there"
            warn(f"{told}: {shown(why)}", f"anybody may have pushed it: git show {oid}")
    return Exit.YES


def _say_trusted(policy: Policy, at: int) -> None:
    """Each principal that policy knows, with every key that may speak for it."""
    everybody = [(person.email, person.roles) for person in policy.people]
    everybody.append((TESTER_PRINCIPAL, ("tester, signs results and nothing else",)))
    say("trusted from here on, as enrolled while observing:")
    for email, roles in everybody:
        say(f"  {shown(email)}, {' and '.join(map(shown, roles)) or 'without a role'}")
        for signer in policy.signers.keys_of(email):
            say(f"    {fingerprint(signer.key)}{window_of(signer, at)}")


def _say_enforced(desk: Desk, made: Enforced) -> None:
    if made.done and made.commit is not None:
        is_here_alone = desk.ground.ref == desk.ground.local_ref
        say_commit(desk.ground.local_ref, made.commit)
        if not is_here_alone:
            say_pushed(desk.ground)
        say(f"trust root {made.root}, pinned in this clone")
        say("others pin it with: git codexa root --pin " + made.root)
        pushes = push_of(desk.store, desk.ground.branch)
        if is_here_alone and pushes is not None:
            say(f"next: {pushes}")
        return
    if made.commit is not None:
        say_commit(f"refs/heads/{ENFORCE}", made.commit)
    say(f"{len(made.signed)} of {made.count} owners signed: {', '.join(made.signed)}")
    say_waits_on(desk.ground, ENFORCE, signed=True, told=made.problem)
    say("    git codexa enforce")
    if made.problem is not None:
        warn(f"not pushed: {made.problem}", "git fetch, and ask again")


@click.command("root", epilog="Example: git codexa root --json")
@click.option("--pin", metavar="DIGEST", help="Pin this trust root in this clone.")
@click.option("--json", "json_", is_flag=True, help="The same for a script.")
def root_(*, pin: str | None, json_: bool) -> int:
    """Show the trust root, or pin it in this clone.

    What is shown is what the base says of itself. With --pin, name the root that an owner told
    you by another way: this clone is held to it from then on.
    """
    with opened(writes=pin is not None) as store:
        if pin is not None and not is_digest(pin):
            raise UsageError("that is no trust root", hint="one looks like sha256:4882aa97...")
        if pin is not None:
            pin_root(store, pin)
        base = rooted_base(store)
    if json_:
        as_json(_facts(base))
    elif base.root is None:
        say(f"{base.branch} observes: there is no trust root yet")
        say("hint: an owner makes it: git codexa enforce")
    else:
        _say_root(base.root, pinned=base.pinned)
    return Exit.YES


def _facts(base: RootedBase) -> dict[str, object]:
    """What `--json` prints; `root` is null while observing."""
    root = base.root
    signers = () if root is None else root.signers
    return {
        "format": 1,
        "branch": base.branch,
        "root": None if root is None else root.id,
        "made": None if root is None else root.commit,
        "signers": [
            {"principal": signer.principal, "fingerprint": fingerprint(signer.key)}
            for signer in signers
        ],
        "pinned": base.pinned,
    }


def _say_root(root: Trusted, *, pinned: bool) -> None:
    say(f"root    {root.id}")
    say(f"made    {root.commit}")
    for signer in root.signers:
        say(f"signed  {signer.principal} {fingerprint(signer.key)}")
    say(f"pinned  {'yes' if pinned else 'no'}")
    if not pinned:
        say(f"hint: if a person you trust told you the same: git codexa root --pin {root.id}")
