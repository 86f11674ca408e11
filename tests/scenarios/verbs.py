"""Every verb that writes, and the repositories that each is tried in.

Where there is a remote, it lies inside the clone's own `.git`, so that a copy of the clone has a
copy of the remote; git finds it from the top of the work tree.
"""

from collections.abc import Callable

from scenarios.clone import BRIEF, STATES, Clone, States, recipes

from codexa_git.policy.keys import ed25519_from_seed

REMOTE = ".git/origin.git"
ROOT = "the trust root of the clone at hand"
NEW_KEY = f"{ed25519_from_seed(bytes([9]) * 32)[1]} new"

VERBS: dict[str, tuple[str, tuple[str, ...]]] = {
    "init": ("plain", ("init", "--yes")),
    "enforce": ("adopted", ("enforce", "--demo", "--yes")),
    "people add": ("enforced", ("people", "add", "Demo Dev", "dev@demo.invalid", "--role", "dev")),
    "sign a policy": ("proposed", ("policy", "sign")),
    "bypass": ("fixed", ("bypass", "-m", "nobody was greeted")),
    "incident": ("harmed", ("incident", "HEAD~1", "-m", "pushed past the gates")),
    "backlog add": ("enforced", ("backlog", "add", "sing")),
    "backlog rank": ("stocked", ("backlog", "rank", "BL-002", "1")),
    "open": ("enforced", ("open", "x")),
    "open the next": ("stocked", ("open",)),
    "open again": ("briefless", ("open", "CH-001")),
    "plan": ("framed", ("advance",)),
    "approve the plan": ("planned", ("approve",)),
    "withdraw": ("approved", ("withdraw", "-m", "too soon")),
    "clarify": ("planned", ("clarify", "how loud?")),
    "answer": ("asked", ("clarify", "very", "--answer", "Q-1")),
    "raise": ("planned", ("concern", "raise", "I worry")),
    "resolve": ("worried", ("concern", "resolve", "CN-1", "no need to")),
    "say": ("planned", ("say", "/approve CH-001")),
    "execute": ("approved, busy", ("advance",)),
    "run into failure": ("approved, failing", ("advance",)),
    "validate": ("executed, busy", ("advance",)),
    "validate a failure": ("executed, broken", ("advance",)),
    "waive": ("failed", ("waive", "--test", "sh check.sh", "-m", "known")),
    "approve the results": ("validated", ("approve",)),
    "rework": ("packaged", ("rework", "--to", "execute", "-m", "once more")),
    "sync": ("behind", ("sync",)),
    "package": ("results approved", ("advance",)),
    "close": ("package approved", ("advance",)),
    "land": ("closed", ("land",)),
    "abandon": ("executed", ("abandon", "-m", "not needed")),
    "report": ("landed", ("report",)),
    "report a week": ("in a week", ("report", "--week")),
    "digest": ("landed", ("digest", "--write")),
    "until blocked": ("framed", ("advance", "--until-blocked")),
    "milestone": ("closed, the last of its milestone", ("land",)),
    "revert": ("landed on main", ("revert", "CH-001")),
    "quick": ("typo", ("quick", "fix the title")),
    "snapshot": ("validated, then broken", ("snapshot",)),
    "sweep": ("landed, kept no day", ("retention", "sweep")),
    "people revoke": ("two owners", ("people", "revoke", "dev@demo.invalid")),
    "people rotate": ("two owners", ("people", "rotate", "dev@demo.invalid", "--key", NEW_KEY)),
    "pin the root": ("unpinned", ("root", "--pin", ROOT)),
    "hooks install": ("planned, with a hook of its own", ("hooks", "install")),
    "hooks uninstall": ("hooked", ("hooks", "uninstall")),
    "digest to people": ("notifying", ("digest", "--notify")),
    "server install": ("shared", ("server", "install", REMOTE)),
    "server uninstall": ("served", ("server", "uninstall", REMOTE)),
    "open, shared": ("shared", ("open", "x")),
    "plan, shared": ("shared, framed", ("advance",)),
    "approve, shared": ("shared, planned", ("approve",)),
    "execute, served": ("shared, approved", ("advance",)),
    "sync, shared": ("shared, behind", ("sync",)),
    "close, shared": ("shared, package approved", ("advance",)),
    "land, shared": ("shared, closed", ("land",)),
    "land, served": ("served, closed", ("land",)),
    "quick, shared": ("shared typo", ("quick", "fix the title")),
    "backlog add, shared": ("shared", ("backlog", "add", "sing")),
    "sweep, shared": ("shared, landed, kept no day", ("retention", "sweep")),
    "digest to people, shared": ("shared, notifying", ("digest", "--notify")),
}

SLEEPER = "setsid sleep 600 >/dev/null 2>&1 & sleep 0.1"
SHOUT = f"run = [\"sh -c '{SLEEPER}; echo echo HELLO > shout.sh'\"]"
SAY = "run = [\"sh -c 'echo See shout.sh >> README.md; sleep 0.1'\"]"
FAIL = f"run = [\"sh -c '{SLEEPER}; exit 1'\"]"
BREAK = "run = [\"sh -c 'echo exit 1 >> check.sh'\"]"
WAIT = f'run = ["sh -c \'echo \\"{SLEEPER}\\" >> check.sh\'"]'
LONG = """run = ["sh -c 'echo echo HELLO > shout.sh; seq 1 4000'"]"""
LIGHT = '\n[light]\npaths = ["**/*.md"]\nlines = 6\n'
NOTIFY = '\n[notify.build-status]\nurl_from = "BUILD_STATUS"\nevents = ["digest"]\n'
MILESTONE = "\n[milestone.MS-01]\nstart = 2025-12-25\n"


def with_recipes(first: str, second: str) -> Callable[[Clone], None]:
    """A step that says how, has it planned, and approves the plan."""

    def said(clone: Clone) -> None:
        clone.commit({"changes/CH-001/recipes.toml": recipes(first, second)}, "say how")
        clone.did("advance")
        clone.did("approve")

    return said


def does(*words: str) -> Callable[[Clone], None]:
    """A step that is one command, whatever it answers but that nothing was decided."""

    def done(clone: Clone) -> None:
        assert clone.codexa(*words).status in (0, 1)

    return done


def _stock(clone: Clone) -> None:
    clone.did("backlog", "add", "sing")
    clone.did("backlog", "add", "whisper")


def _lose_a_section(clone: Clone) -> None:
    path = "changes/CH-001/brief.md"
    clone.commit({path: clone.read(path).replace("## Clarifications\n\nNone.", "")}, "less")


def _move_base(clone: Clone) -> None:
    clone.git("switch", "-q", "main")
    clone.commit({"greet.sh": "echo  hello\n"}, "two spaces")
    clone.git("switch", "-q", "change/CH-001")


def _name_milestone(clone: Clone) -> None:
    clone.commit({"codexa.toml": clone.read("codexa.toml") + MILESTONE}, "name a milestone")


def _propose(clone: Clone) -> None:
    clone.git("switch", "-q", "-c", "policy/ci")
    clone.commit({".github/workflows/ci.yml": "on: push\n"}, "run it in ci")


def _fix(clone: Clone) -> None:
    clone.git("switch", "-q", "-c", "bypass/greeting")
    clone.commit({"greet.sh": "echo hi\n"}, "hi, and not hello")


def _harm(clone: Clone) -> None:
    clone.commit({"greet.sh": "echo bad\n"}, "past the gates")
    clone.commit({"changes/backlog.toml": "# later\n"}, "later")


def share(clone: Clone) -> None:
    """The clone has a remote, which holds its base."""
    clone.git("init", "-q", "--bare", "-b", "main", REMOTE)
    clone.git("remote", "add", "origin", REMOTE)
    clone.git("push", "-q", "-u", "origin", "main")


def _serve(clone: Clone) -> None:
    clone.did("server", "install", REMOTE)


def _say_policy(more: str) -> Callable[[Clone], None]:
    """A step after which the base enforces what its policy says beyond the usual."""

    def said(clone: Clone) -> None:
        clone.commit({"codexa.toml": clone.read("codexa.toml") + more}, "say more")
        clone.did("enforce", "--demo", "--yes")

    return said


def _sweep_soon(clone: Clone) -> None:
    policy = clone.read("codexa.toml")
    for old, new in (("logs = ", 'logs = "drop"'), ("drop_after = ", "drop_after = 1")):
        line = next(each for each in policy.split("\n") if each.startswith(old))
        policy = policy.replace(line, new)
    clone.commit({"codexa.toml": policy}, "say how long outputs are kept")
    clone.did("enforce", "--demo", "--yes")


def _mistype(clone: Clone) -> None:
    clone.git("switch", "-q", "-c", "typo")
    clone.commit({"README.md": "# Greetings\n"}, "the title is wrong")


def _open_of_milestone(clone: Clone) -> None:
    place = clone.folder.with_name(f"{clone.folder.name} brief.md")
    place.write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(place), "--milestone", "MS-01")


def _be_two(clone: Clone) -> None:
    public = ed25519_from_seed(bytes([2]) * 32)[1]
    words = ("people", "add", "Demo Dev", "dev@demo.invalid", "--role", "dev")
    clone.did(*words, "--key", f"{public} dev")


def _lose_the_pin(clone: Clone) -> None:
    clone.git("config", "--unset", "codexa.root")


def _have_a_hook(clone: Clone) -> None:
    clone.write(".git/hooks/commit-msg", "#!/bin/sh\nexit 0\n")
    (clone.folder / ".git/hooks/commit-msg").chmod(0o755)


def _stand_on_main(clone: Clone) -> None:
    clone.git("switch", "-q", "main")


def _move_shared_base(clone: Clone) -> None:
    _move_base(clone)
    clone.git("push", "-q", "origin", "main")


def carried(how: str = recipes(), *, closes: bool = True) -> Callable[[Clone], None]:
    """A step that takes the change at hand from its opening to its closing, or up to that."""

    def done(clone: Clone) -> None:
        clone.commit({"changes/CH-001/recipes.toml": how}, "say how")
        for _ in range(3):
            clone.until()
            clone.did("approve")
        assert not closes or "can land" in clone.until().out

    return done


def _approve_and_execute(clone: Clone) -> None:
    clone.did("approve")
    clone.did("advance")


def _land_and_leave(clone: Clone) -> None:
    clone.did("land")
    _stand_on_main(clone)


def _depend(clone: Clone) -> None:
    """What the tests ask lies outside, beside the repositories on the shelf."""
    policy = clone.read("codexa.toml").replace('"sh check.sh"', '"sh t.sh"')
    script = f"test ! -e {clone.folder.parent / 'broken'}\n"
    clone.commit({"codexa.toml": policy, "t.sh": script}, "what tests it")
    clone.did("enforce", "--demo", "--yes")


def _break_outside(clone: Clone) -> None:
    with_recipes(SHOUT, SAY)(clone)
    clone.did("advance")
    clone.did("advance")
    (clone.folder.parent / "broken").touch()


def _test_twice(clone: Clone) -> None:
    """A waiver cannot stand for every test, so there is one that never fails."""
    policy = clone.read("codexa.toml")
    twice = policy.replace('["sh check.sh"]', '["sh check.sh", "true"]')
    clone.commit({"codexa.toml": twice}, "and another")
    clone.did("enforce", "--demo", "--yes")


MORE: States = {
    "proposed": ("enforced", _propose),
    "fixed": ("enforced", _fix),
    "harmed": ("enforced", _harm),
    "stocked": ("enforced", _stock),
    "briefless": ("opened", _lose_a_section),
    "asked": ("planned", does("clarify", "how loud?")),
    "worried": ("planned", does("concern", "raise", "I worry")),
    "approved, busy": ("opened", with_recipes(SHOUT, SAY)),
    "approved, failing": ("opened", with_recipes(SHOUT, FAIL)),
    "approved, waiting": ("opened", with_recipes(SHOUT, WAIT)),
    "tested twice": ("adopted", _test_twice),
    "opened, tested twice": ("tested twice", STATES["opened"][1]),
    "approved, broken": ("opened, tested twice", with_recipes(SHOUT, BREAK)),
    "executed, busy": ("approved, waiting", does("advance")),
    "executed, broken": ("approved, broken", does("advance")),
    "failed": ("executed, broken", does("advance")),
    "behind": ("executed", _move_base),
    "in a week": ("adopted", _name_milestone),
    "of a milestone": ("adopted", _say_policy(MILESTONE)),
    "opened of a milestone": ("of a milestone", _open_of_milestone),
    "closed, the last of its milestone": ("opened of a milestone", carried()),
    "landed on main": ("landed", _stand_on_main),
    "light": ("adopted", _say_policy(LIGHT)),
    "typo": ("light", _mistype),
    "fragile": ("adopted", _depend),
    "fragile, opened": ("fragile", STATES["opened"][1]),
    "validated, then broken": ("fragile, opened", _break_outside),
    "kept no day": ("adopted", _sweep_soon),
    "kept no day, opened": ("kept no day", STATES["opened"][1]),
    "kept no day, closed": ("kept no day, opened", carried(recipes(LONG, SAY))),
    "landed, kept no day": ("kept no day, closed", _land_and_leave),
    "two owners": ("enforced", _be_two),
    "unpinned": ("enforced", _lose_the_pin),
    "planned, with a hook of its own": ("planned", _have_a_hook),
    "hooked": ("planned, with a hook of its own", does("hooks", "install")),
    "notifying": ("adopted", _say_policy(NOTIFY)),
    "shared": ("enforced", share),
    "served": ("shared", _serve),
    "shared, opened": ("shared", STATES["opened"][1]),
    "shared, framed": ("shared, opened", STATES["framed"][1]),
    "shared, planned": ("shared, framed", STATES["planned"][1]),
    "shared, approved": ("shared, opened", with_recipes(SHOUT, SAY)),
    "shared, executed": ("shared, planned", _approve_and_execute),
    "shared, behind": ("shared, executed", _move_shared_base),
    "shared, closed": ("shared, opened", carried()),
    "shared, package approved": ("shared, opened", carried(closes=False)),
    "served, opened": ("served", STATES["opened"][1]),
    "served, closed": ("served, opened", carried()),
    "shared light": ("light", share),
    "shared typo": ("shared light", _mistype),
    "shared, kept no day": ("kept no day", share),
    "shared, kept no day, opened": ("shared, kept no day", STATES["opened"][1]),
    "shared, kept no day, closed": ("shared, kept no day, opened", carried(recipes(LONG, SAY))),
    "shared, landed, kept no day": ("shared, kept no day, closed", _land_and_leave),
    "shared, notifying": ("notifying", share),
}
