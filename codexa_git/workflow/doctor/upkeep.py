"""How a clone stands: base and root, what is missing of history, and what was left half done."""

import os
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

from codexa_git.errors import CodexaError
from codexa_git.gate.trusted import verified_root
from codexa_git.policy.spelling import meant, misspelt
from codexa_git.repository.publication import is_unfinished
from codexa_git.repository.remotes import remotes, upstreams
from codexa_git.repository.store import Store
from codexa_git.workflow.base.following import followed
from codexa_git.workflow.base.ground import CHANGE_PREFIX, Ground, open_branches
from codexa_git.workflow.base.newer import newer_base
from codexa_git.workflow.base.tracing import policy_problem
from codexa_git.workflow.base.unpushed import unpushed
from codexa_git.workflow.changes.ending import has_ended
from codexa_git.workflow.changes.wording import count, lasting
from codexa_git.workflow.doctor.checkup import Finding, failed, note, problem, well
from codexa_git.workflow.together.publishing import waiting_ref

SKEW = 300
"""The seconds by which a clock may be behind the base's tip, as on the server."""

_MOST = 5
_REPLACED = "refs/replace/"
_GIVEN_TIME = "SOURCE_DATE_EPOCH"


def clone(store: Store, environment: Mapping[str, str]) -> Iterator[Finding]:
    """What can be said of a clone without policy."""
    missing = store.incomplete()
    if missing is not None:
        told, _, do = missing.partition(": ")
        yield problem("history", told, do or "a full clone shows all of it: git clone")
    elif replaced := len(store.refs(_REPLACED)):
        told = f"{count(replaced, 'object')} replaced: git shows others than there are"
        yield problem("history", told, "git replace --list, and git replace -d each")
    else:
        yield well("history", "all of it is here")
    if is_unfinished(store):
        told = "a command is under way here, or was killed in the middle"
        yield problem("journal", told, "if none runs, the next that writes finishes it: advance")
    else:
        yield well("journal", "nothing was left half done")
    if _GIVEN_TIME in environment:
        yield note("clock", f"{_GIVEN_TIME} is set, so every time is that", f"unset {_GIVEN_TIME}")


def base(ground: Ground) -> Iterator[Finding]:
    """The base, its policy and root, and whether the clock here agrees with it."""
    policy = ground.policy
    told = f"{ground.branch} {ground.policy.mode}s, as {ground.ref} says at {ground.tip.oid[:7]}"
    yield well("base", told)
    people = len(policy.people)
    told = f"it can be read: {'1 person' if people == 1 else f'{people} people'},"
    told += f" {count(len(policy.signers.signers), 'key')}"
    if policy.tests.run:
        yield well("policy", told)
    else:
        yield problem(
            "policy", f"{told}, and no tests", "say how to test: [tests] run in codexa.toml"
        )
    for odd in misspelt(policy):
        yield problem("policy", odd.says, f"{meant(odd.command)} git codexa policy sign mends it")
    newer = newer_base(ground.store, ground.branch, ground.ref, ground.tip.oid)
    if newer is not None:
        yield problem("base", newer.told, newer.command)
    own = unpushed(ground)
    if own is not None:
        yield problem("base", own.told, *own.ways)
    yield _root(ground)
    if ground.enforces:
        yield _signed(ground)
    ahead = ground.tip.committer.seconds - ground.at
    if ahead > SKEW:
        told = f"the base's tip is {lasting(ahead)} ahead of the clock here"
        yield problem(
            "clock", told, "set this machine's clock, or ask who committed it about theirs"
        )
    else:
        yield well("clock", "not behind the base")


def _root(ground: Ground) -> Finding:
    if ground.root is None:
        return note(
            "root", "there is none while observing", "an owner makes it: git codexa enforce"
        )
    try:
        signed = verified_root(ground.store, ground.branch, ground.tip)
    except CodexaError as error:
        return failed("root", error)
    by = ", ".join(signer.principal for signer in signed.signers)
    if signed.id != ground.root:
        return problem(
            "root", "the one recorded is not the one that owners signed", "git codexa root"
        )
    if not ground.pinned:
        told = f"signed by {by}, and not pinned here: whoever serves you the base could exchange it"
        pins = f"if a person you trust told you the same: git codexa root --pin {ground.root}"
        return problem("root", told, pins)
    return well("root", f"pinned, and as recorded: {ground.root[:19]}..., signed by {by}")


def _signed(ground: Ground) -> Finding:
    error = policy_problem(ground)
    return (
        well("signed", "every policy since the root") if error is None else failed("signed", error)
    )


def work(ground: Ground) -> Iterator[Finding]:
    """What waits for room in a checkout, and what nobody else has yet."""
    waiting = sorted(ground.store.refs(waiting_ref("")))
    for ref in waiting[:_MOST]:
        change = ref.removeprefix(waiting_ref(""))
        told = f"a result of {change} waits for room in a checkout"
        yield problem("waiting", told, f"commit or stash, then: git codexa advance {change}")
    if len(waiting) > _MOST:
        yield problem("waiting", f"and {len(waiting) - _MOST} more", "git codexa board")
    yield from _pushed(ground)


def _pushed(ground: Ground) -> Iterator[Finding]:
    store = ground.store
    there = remotes(store)
    if not there:
        yield note("pushed", "there is no remote: what is here is nowhere else")
        return
    found = open_branches(ground)
    follows = upstreams(store, "refs/heads")
    tracked = store.named([f.tracking_ref for f in follows.values()])
    ended = {change for change, tip in found.items() if has_ended(ground, change, tip)}
    behind: list[tuple[str, str]] = []
    for change, tip in found.items():
        name = follows.get(f"{CHANGE_PREFIX}{change}")
        if name is None and change in ended:
            continue  # nobody has to have it: it moves no more
        if name is None:
            told = f"{change} follows nothing: nobody else has it"
            behind.append((told, f"git push -u {shlex.quote(there[0])} change/{change}"))
        elif tracked.get(name.tracking_ref) != tip:
            behind += _ahead(store, change, tip, tracked.get(name.tracking_ref), name.remote)
    for told, do in behind[:_MOST]:
        yield problem("pushed", told, do)
    if len(behind) > _MOST:
        yield problem("pushed", f"and {len(behind) - _MOST} more", "git push --all")
    if not behind:
        yield well(
            "pushed", f"{count(len(found) - len(ended), 'open change')}, none ahead of its upstream"
        )


def _ahead(
    store: Store, change: str, tip: str, there: str | None, remote: str
) -> list[tuple[str, str]]:
    missing = None if there is None else store.count_beyond(there, tip)
    if missing == 0:
        return []
    what = "nothing of it was" if missing is None else f"{count(missing, 'commit')} not"
    do = f"git push {shlex.quote(remote)} change/{change}"
    return [(f"{change}: {what} pushed", do)]


def server(ground: Ground) -> Finding:
    """Whether whoever takes the pushes enforces too, as far as that can be seen from here."""
    follows = followed(ground)
    if follows is None:
        return note("server", f"{ground.branch} is pushed nowhere")
    place = _place_of(ground.store, follows.remote)
    if place is None:
        told = f"whether {follows.remote} enforces cannot be seen from here"
        return note("server", told, "ask who runs it")
    hook = next((h for h in (place / "hooks", place / ".git" / "hooks") if h.is_dir()), place)
    if _calls_us(hook / "pre-receive"):
        if not _asks_again(hook / "reference-transaction"):
            told = f"{follows.remote} judges a push, and not again as it moves refs"
            return note("server", told, f"git codexa server install {shlex.quote(str(place))}")
        return well("server", f"{follows.remote} asks the gate at every push")
    told = f"{follows.remote} takes every push: its pre-receive does not ask us"
    return note("server", told, "what is pushed there is judged only by who looks again")


def _place_of(store: Store, remote: str) -> Path | None:
    """The folder on this machine that a remote is; `None` where it is none, or cannot be told.

    As git does, a relative one is looked for from the top of the work tree.
    """
    url = store.config(f"remote.{remote}.url") or ""
    host, colon, _ = url.partition(":")
    if not url or (colon and "/" not in host):
        return None
    place = Path(store.work_tree or store.common_dir, url)
    return place.resolve() if place.is_dir() else None


def _asks_again(hook: Path) -> bool:
    """True where the second hook stands; its link leads nowhere while there is no note."""
    if hook.is_symlink() and not hook.exists():
        return _calls_us(hook.with_name(f"{hook.name}.codexa-noted"))
    return _calls_us(hook)


def _calls_us(hook: Path) -> bool:
    try:
        return os.access(hook, os.X_OK) and b"codexa" in hook.read_bytes()
    except OSError:
        return False
