"""The base that a command stands on: its root pinned on first use, and what is newer told."""

from codexa_git.cli.screen import shown, wrapped
from codexa_git.cli.telling import say, warn
from codexa_git.workflow.base.ground import Ground
from codexa_git.workflow.base.newer import Newer, newer_base
from codexa_git.workflow.base.settings import BRANCH_SETTING, ROOT_SETTING
from codexa_git.workflow.base.unpushed import unpushed


def say_newer(ground: Ground) -> None:
    """Whoever reads is told what to do; nothing is said where nothing newer was fetched."""
    found = _newer(ground)
    if found is not None:
        say(wrapped(f"{shown(found.told)}, and judged so:", "", "  "))
        say(f"    {shown(found.command)}")


def say_unpushed(ground: Ground) -> None:
    """That the base's branch here has what was never pushed; nothing where it has not."""
    if (own := unpushed(ground)) is not None:
        say(wrapped(f"{shown(own.told)}:", "", "  "))
        for way in own.ways:
            say(f"    {shown(way)}")


def warn_of_policy(ground: Ground) -> None:
    """Whoever goes on is told that policy was committed on the base here, and judges nothing."""
    own = unpushed(ground)
    if own is not None and own.policy:
        warn(f"{own.told}; the policy here judges nothing until it is pushed", *own.ways)


def say_unlanded(ground: Ground) -> None:
    """That commits came to the base past the process; nothing where none did."""
    if (told := unlanded_told(ground)) is not None:
        say(wrapped(f"{told}:", "", "  "))
        say("    git codexa verify")


def unlanded_told(ground: Ground) -> str | None:
    """The same in a clause."""
    from codexa_git.workflow.base.unlanded import unlanded

    found = unlanded(ground)
    if not found:
        return None
    last = found[0]
    named = f"{last.oid[:12]} ({shown(last.subject)}, by {shown(last.author.who.name)})"
    many = "1 commit" if len(found) == 1 else f"{len(found)} commits"
    latest = named if len(found) == 1 else f"the latest {named}"
    return f"{many} came to {ground.base} without a landing, {latest}"


def stand_firm(ground: Ground) -> None:
    """The base that something is written upon is pinned, and whoever fetched a newer is told.

    Raises:
        RefusedError: git was told of somebody else for this command alone.
    """
    from codexa_git.cli.claiming import require_configured

    require_configured(ground.store, ground.environment)
    if ground.enforces and not ground.pinned:
        _pin_on_first_use(ground)
    found = newer_base(ground.store, ground.branch, ground.ref, ground.tip.oid)
    if found is not None:
        warn(f"{found.told}, and is taken as it is", found.command)


def _pin_on_first_use(ground: Ground) -> None:
    """The root is pinned from here on; in this one command the clone still counts as unpinned."""
    from codexa_git.gate.trusted import verified_root
    from codexa_git.policy.signers import fingerprint

    root = verified_root(ground.store, ground.branch, ground.tip)
    ground.store.set_config(BRANCH_SETTING, ground.branch)
    ground.store.set_config(ROOT_SETTING, root.id)
    keys = (f"{signer.principal} {fingerprint(signer.key)}" for signer in root.signers)
    warn(
        f"this clone had no trust root; it now pins {root.id}, made at {root.commit[:12]}",
        *(f"signed by {key}: is that who you think it is?" for key in keys),
        f"if not: git config --unset {ROOT_SETTING}",
    )


def newer_of(ground: Ground) -> dict[str, object] | None:
    """The same for a script."""
    found = _newer(ground)
    if found is None:
        return None
    return {"branch": found.branch, "commits": found.commits, "command": found.command}


def _newer(ground: Ground) -> Newer | None:
    return newer_base(ground.store, ground.branch, ground.ref, ground.tip.oid)
