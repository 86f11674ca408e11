"""What a push was judged by still holds when git moves the refs, however long that takes it."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import Clone
from server.conftest import Serve, Served

from codexa_git.hooks.relying import note, unmoved
from codexa_git.hooks.served import Served as Judge
from codexa_git.hooks.served import Update
from codexa_git.repository.store import Store

pytestmark = pytest.mark.slow

CHANGE = "change/CH-001"
MAIN = "refs/heads/main"
TAG = "refs/tags/landed/CH-001"
ALL = (MAIN, TAG)
NONE = "0" * 40
rule = pytest.mark.rule

WAITS = """#!/bin/sh
[ "$1" = {ref} ] || exit 0
mkdir held 2>/dev/null || exit 0
touch held/here
until [ -e go ]; do sleep 0.02; done
"""
"""An `update` hook of somebody else's, which holds up the first push to a ref."""


class Under:
    """A push that was judged already, and whose refs git is about to move."""

    def __init__(self, push: "subprocess.Popen[bytes]", bare: Path) -> None:
        self.push = push
        self.bare = bare

    def ends(self) -> tuple[int, str]:
        """Its status and what the pusher read, once it was let go on."""
        (self.bare / "go").touch()
        _, err = self.push.communicate(timeout=60)
        return self.push.returncode, err.decode("utf-8", "replace")


@contextmanager
def judged(at: Served, *words: str, held: str = MAIN) -> Iterator[Under]:
    """A push that waits where it would move this ref."""
    hook = at.bare / "hooks/update"
    hook.write_text(WAITS.format(ref=held))
    hook.chmod(0o755)
    push = subprocess.Popen(
        ["git", "push", "-q", "origin", *words],
        cwd=at.clone.folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    until = time.monotonic() + 60
    while not (at.bare / "held/here").exists():
        assert push.poll() is None, (push.communicate()[1] or b"").decode()
        assert time.monotonic() < until
        time.sleep(0.02)
    try:
        yield Under(push, at.bare)
    finally:
        (at.bare / "go").touch()
        push.wait(60)


def landing(clone: Clone) -> str:
    """A landing of the change as it was closed, which nobody pushed; the clone stays."""
    tree = clone.tip(CHANGE) + "^{tree}"
    parents = ("-p", "main", "-p", CHANGE)
    return clone.git("commit-tree", tree, *parents, "-m", "Merge CH-001: Shouting")


def free(at: Served, text: str = "x\n") -> str:
    """A commit of a free path on the base as it is on the server, which nobody pushed."""
    clone = at.clone
    clone.git("switch", "-q", "--detach", git(at.bare, "rev-parse", MAIN))
    made = clone.commit({"docs/STATUS_REPORT.md": text}, "free")
    clone.git("switch", "-q", CHANGE)
    return made


def notes(at: Served) -> list[str]:
    folder = at.bare / "codexa/relied"
    return sorted(one.name for one in folder.iterdir()) if folder.exists() else []


def ref(at: Served, name: str) -> str:
    return git(at.bare, "for-each-ref", "--format=%(objectname)", name)


@rule("B8")
@pytest.mark.parametrize("word", ["abandon", "withdraw"])
@pytest.mark.parametrize("words", [(), ("--atomic",)])
def test_a_no_that_is_taken_stops_a_landing_that_was_judged_before_it(
    served: Serve, word: str, words: tuple[str, ...]
) -> None:
    at = served("closed")
    at.takes(CHANGE)
    made, before = landing(at.clone), ref(at, MAIN)
    with judged(at, *words, f"{made}:{MAIN}") as under:
        at.clone.did(word, "CH-001", "-m", "it is dangerous", "--no-push")
        at.takes(CHANGE)
        status, told = under.ends()
    assert status != 0
    assert ref(at, MAIN) == before
    assert "error: change/CH-001 moved while this push was judged, so main stays" in told
    assert "  rule  B8 of codexa-git's docs/specification.md" in told
    assert "B8 of codexa-git's docs/specification.md" in at.refuses(f"{made}:{MAIN}")


class Opens(Under):
    """A push that goes on once its reflog is read."""

    def __init__(self, push: "subprocess.Popen[bytes]", bare: Path, log: Path) -> None:
        super().__init__(push, bare)
        self.log = log

    def goes_on(self) -> None:
        """Git writes what it held back, and the log is a file again."""
        if self.log.is_fifo():
            assert self.log.read_bytes()
            self.log.unlink()

    def ends(self) -> tuple[int, str]:
        """Its status and what the pusher read, once it was let go on."""
        self.goes_on()
        return super().ends()


@contextmanager
def moving(at: Served, *words: str, held: str) -> Iterator[Opens]:
    """A push that git has begun to move, and that waits as it writes the reflog of this ref.

    That lies after the look of `reference-transaction`. It takes that long to move many refs, too.
    """
    log = at.bare / "logs" / held
    log.unlink()
    os.mkfifo(log)
    push = subprocess.Popen(
        ["git", "push", "-q", *words],
        cwd=at.clone.folder,
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    under = Opens(push, at.bare, log)
    try:
        while not (at.bare / f"{held}.lock").exists():
            assert push.poll() is None, under.ends()
            time.sleep(0.01)
        time.sleep(0.5)
        yield under
    finally:
        if push.poll() is None:
            under.ends()


def beside(at: Served) -> str:
    """What moves a second branch, which git has a reflog of."""
    git(at.clone.folder, "push", "-q", "origin", f"{MAIN}:refs/heads/a")
    return f"+{at.clone.tip('main')}~1:refs/heads/a"


@rule("B8")
def test_no_no_is_taken_while_git_moves_a_landing_long_after_it_looked(served: Serve) -> None:
    """Of one atomic push of very many refs git moves the base seconds after its hook was asked."""
    at = served("closed")
    at.takes(CHANGE)
    made, other = landing(at.clone), beside(at)
    before = ref(at, f"refs/heads/{CHANGE}")
    words = ("--atomic", "origin", other, f"{made}:{MAIN}")
    with moving(at, *words, held="refs/heads/a") as under:
        assert (at.bare / f"{MAIN}.lock").exists()
        at.clone.did("abandon", "CH-001", "-m", "it is dangerous", "--no-push")
        answer = at.tries(CHANGE)
        assert ref(at, MAIN) != made
        status, err = under.ends()
    told = answer.err
    assert answer.status != 0
    assert "  rule  B8 of codexa-git's docs/specification.md" in told
    assert "error: a landing on main that rests on change/CH-001 is being taken" in told
    assert status == 0, err
    assert (ref(at, MAIN), ref(at, f"refs/heads/{CHANGE}")) == (made, before)


@rule("B8")
@pytest.mark.parametrize("soon", [False, True])
def test_no_landing_is_taken_while_git_moves_its_branch(served: Serve, *, soon: bool) -> None:
    """The lock is there, and the ref is still where it was: it waits a while for what comes."""
    at = served("closed")
    at.takes(CHANGE)
    made, before = landing(at.clone), ref(at, MAIN)
    at.clone.did("abandon", "CH-001", "-m", "it is dangerous", "--no-push")
    with moving(at, "origin", CHANGE, held=f"refs/heads/{CHANGE}") as under:
        if soon:
            lets = threading.Timer(1, under.goes_on)
            lets.start()
        answer = at.tries(f"{made}:{MAIN}")
        status, err = under.ends()
    told = answer.err
    assert answer.status != 0
    assert "  rule  B8 of codexa-git's docs/specification.md" in told
    why = "moved while this push was judged" if soon else "moves while this push is taken"
    assert f"error: change/CH-001 {why}, so main stays" in told
    assert status == 0, err
    assert ref(at, MAIN) == before
    assert ref(at, f"refs/heads/{CHANGE}") == at.clone.tip(CHANGE)


def test_a_lock_on_what_moves_nothing_hinders_no_landing(served: Serve) -> None:
    """Git locks a branch for a moment as it packs it."""
    at = served("closed")
    at.takes(CHANGE)
    made, lock = landing(at.clone), at.bare / f"refs/heads/{CHANGE}.lock"
    lock.touch()
    frees = threading.Timer(1.5, lock.unlink)
    frees.start()
    at.takes(f"{made}:{MAIN}")
    frees.join()
    assert ref(at, MAIN) == made


def test_one_push_moves_the_base_and_the_branch_that_it_rests_on(served: Serve) -> None:
    at = served("closed")
    at.takes(CHANGE)
    at.clone.git("branch", "-q", "beside", "main")
    made = landing(at.clone)
    at.clone.git("update-ref", MAIN, made)
    at.takes("--atomic", "--all")
    assert (ref(at, MAIN), notes(at)) == (made, [])


@rule("B8")
def test_so_does_one_on_a_branch_that_came_meanwhile(served: Serve) -> None:
    at = served("closed")
    made = landing(at.clone)
    git(at.bare, "symbolic-ref", "refs/heads/stable", MAIN)
    with judged(at, f"{made}:refs/heads/stable", held="refs/heads/stable") as under:
        at.clone.did("abandon", "CH-001", "-m", "it is dangerous", "--no-push")
        at.takes(CHANGE)
        status, told = under.ends()
    assert status != 0
    assert not at.clone.git(
        "ls-tree", "--name-only", git(at.bare, "rev-parse", MAIN), "audit/CH-001"
    )
    assert "B8" in told


def test_a_landing_that_nobody_interferes_with_is_taken_late(served: Serve) -> None:
    at = served("closed")
    at.takes(CHANGE)
    made = landing(at.clone)
    with judged(at, f"{made}:{MAIN}", f"{made}:{TAG}") as under:
        status, told = under.ends()
    assert status == 0, told
    assert {ref(at, name) for name in ALL} == {made}
    assert notes(at) == []


@rule("B5")
@pytest.mark.parametrize("annotated", [False, True])
def test_no_tag_stands_on_a_landing_that_lost_the_race(served: Serve, *, annotated: bool) -> None:
    at = served("closed")
    at.takes(CHANGE)
    made = first = landing(at.clone)
    if annotated:
        at.clone.git("tag", "-a", "-m", "done", "mine", made)
        first = at.clone.git("rev-parse", "mine")
    won = free(at)
    with judged(at, f"{made}:{MAIN}", f"{first}:{TAG}") as under:
        at.takes(f"{won}:{MAIN}")
        status, told = under.ends()
    assert status != 0
    assert ref(at, MAIN) == won
    assert ref(at, TAG) == ""
    assert "error: main did not take the landing that landed/CH-001 would stand on" in told
    assert "  rule  B5 of codexa-git's docs/specification.md" in told


def test_a_tag_comes_although_the_base_went_on_from_its_landing(served: Serve) -> None:
    at = served("closed")
    made = landing(at.clone)
    with judged(at, f"{made}:{MAIN}", f"{made}:{TAG}", held=TAG) as under:
        at.takes(f"{free(at)}:{MAIN}")
        status, told = under.ends()
    assert status == 0, told
    assert ref(at, TAG) == made


@rule("B4")
@pytest.mark.parametrize("words", [(), ("--atomic",)])
def test_a_branch_goes_once_its_change_has_landed_and_not_with_it(
    served: Serve, words: tuple[str, ...]
) -> None:
    at = served("closed")
    at.takes(CHANGE)
    made = landing(at.clone)
    told = at.refuses(*words, f"{made}:{MAIN}", f":{CHANGE}")
    assert "change/CH-001 may become that once main has what this push brings to it" in told
    assert "  rule  B4 of codexa-git's docs/specification.md" in told
    assert "hint: push main first, and then this" in told
    at.takes(f"{made}:{MAIN}")
    at.takes(f":{CHANGE}")


@rule("B3")
def test_a_branch_rests_on_no_base_that_may_not_come(served: Serve) -> None:
    """What the base would have by this push is no excuse for what the branch alone would bring."""
    at = served("closed")
    clone = at.clone
    clone.git("switch", "-q", "main")
    clone.git("switch", "-q", "-c", "policy/ci")
    clone.commit({".ci/run": "true\n"}, "say how")
    clone.did("policy", "sign")
    tip = clone.tip("main")
    told = at.refuses(f"{tip}:{MAIN}", f"{landing_on(clone, tip)}:refs/heads/{CHANGE}")
    assert "hint: push main first, and then this" in told


def landing_on(clone: Clone, base: str) -> str:
    """The change with this base merged in."""
    clone.git("switch", "-q", CHANGE)
    clone.git("merge", "-q", "--no-ff", "-m", "in", base)
    return clone.tip()


def follows(at: Served) -> None:
    """The clone's base is the server's."""
    at.clone.git("fetch", "-q", "origin")
    at.clone.git("branch", "-q", "-u", "origin/main", "main")


def test_land_says_what_is_wrong_with_a_tag_and_goes_on_once_it_is_gone(served: Serve) -> None:
    at = served("closed")
    at.takes(CHANGE)
    follows(at)
    git(at.bare, "update-ref", TAG, at.clone.tip(CHANGE))
    before = at.refs()
    told = at.clone.refused("land", "CH-001")
    stray = at.clone.tip(CHANGE)[:12]
    assert f"origin has landed/CH-001 already, at {stray}, which never came to main" in told
    assert at.refs() == before
    (command,) = [line.partition(": git ")[2] for line in told.splitlines() if "git push" in line]
    at.clone.git(*command.split())
    at.clone.did("land", "CH-001")
    assert ref(at, TAG) == ref(at, MAIN) == at.clone.tip("main")


def test_land_is_told_why_where_a_no_was_taken_meanwhile(served: Serve) -> None:
    """Git ends the connection there, so what is said comes by another way."""
    at = served("closed")
    at.takes(CHANGE)
    follows(at)
    hook = at.bare / "hooks/update"
    hook.write_text(WAITS.format(ref=MAIN))
    hook.chmod(0o755)
    before = ref(at, MAIN)
    away = at.clone.folder.with_name("elsewhere")
    git(away.parent, "clone", "-q", str(at.clone.folder), away.name)
    git(away, "remote", "set-url", "origin", str(at.bare))
    other = Clone(away).set_up(
        "Demo PM", "pm@demo.invalid", Path(at.clone.git("config", "user.signingkey"))
    )
    land = at.clone.start("land", "CH-001")
    while not (at.bare / "held/here").exists():
        assert land.poll() is None
        time.sleep(0.02)
    git(other.folder, "switch", "-q", CHANGE)
    other.did("abandon", "CH-001", "-m", "it is dangerous")
    (at.bare / "go").touch()
    _, err = land.communicate(timeout=60)
    assert land.returncode != 0
    assert b"error: origin cannot be pushed to: change/CH-001 moved while this push" in err
    assert ref(at, MAIN) == before == at.clone.tip("main")


def left(at: Served) -> str:
    """A landing whose push was killed after it was judged, and whose change was abandoned then."""
    at.takes(CHANGE)
    made, old = landing(at.clone), ref(at, MAIN)
    git(at.clone.folder, "push", "-q", str(at.bare), f"{made}:refs/heads/elsewhere")
    subprocess.run(
        [at.bare / "hooks/pre-receive"],
        cwd=at.bare,
        env=os.environ | {"GIT_DIR": "."},
        input=f"{old} {made} {MAIN}\n{'0' * 40} {made} {TAG}\n".encode(),
        check=True,
    )
    assert notes(at) == sorted([f"{NONE}.{made}.tags.CH-001", f"{old}.{made}.heads.main"])
    at.clone.did("abandon", "CH-001", "-m", "it is dangerous", "--no-push")
    at.takes(CHANGE)
    return made


def test_what_a_killed_push_left_hinders_nothing_else(served: Serve) -> None:
    at = served("closed")
    left(at)
    at.takes(f"{free(at)}:{MAIN}", f"{MAIN}:refs/heads/feature", f"{MAIN}:refs/tags/v1")
    git(at.bare, "pack-refs", "--all", "--prune")
    git(at.bare, "gc", "-q", "--prune=now")
    assert ref(at, MAIN) == git(at.bare, "rev-parse", "main")


def test_one_of_the_base_goes_with_the_next_landing_and_none_of_a_tag(served: Serve) -> None:
    """However old it is: whoever pushes the tag may have stretched that for a year."""
    at = served("closed")
    at.takes(CHANGE)
    folder = at.bare / "codexa/relied"
    folder.mkdir(parents=True)
    base, tag, other = (
        folder / f"{'b' * 40}.{'a' * 40}.{name}"
        for name in ("heads.main", "tags.CH-002", "heads.trunk")
    )
    for one in (base, tag, other):
        one.write_text(f"from {'b' * 40}\nhas {MAIN} {'c' * 40} {'c' * 40}\n")
        os.utime(one, (1, 1))
    with judged(at, f"{landing(at.clone)}:{MAIN}") as under:
        assert not base.exists()
        assert not other.exists()
        assert under.ends()[0] == 0
    assert notes(at) == [tag.name]


@rule("B5")
def test_no_tag_comes_to_what_the_base_did_not_take_however_long_that_took(served: Serve) -> None:
    at = served("closed")
    at.takes(CHANGE)
    made = landing(at.clone)
    with judged(at, f"{made}:{MAIN}", f"{made}:{TAG}") as under:
        for one in (at.bare / "codexa/relied").iterdir():
            os.utime(one, (1, 1))
        other = at.clone.git(
            "commit-tree", f"{made}^{{tree}}", "-p", "main", "-p", CHANGE, "-m", "x"
        )
        at.takes(f"{other}:{MAIN}")
        status, told = under.ends()
    assert status != 0
    assert "main did not take the landing that landed/CH-001 would stand on" in told
    assert (ref(at, MAIN), ref(at, TAG)) == (other, "")
    at.takes(f"{other}:{TAG}")


@rule("B5")
def test_a_tag_rests_on_its_landing_and_not_on_what_was_to_come_above_it(served: Serve) -> None:
    """What a killed push would have brought beside it never comes, and the landing does."""
    at = served("closed")
    at.takes(CHANGE)
    clone, made, old = at.clone, landing(at.clone), ref(at, MAIN)
    clone.git("switch", "-q", "--detach", made)
    above = clone.commit({"docs/STATUS_REPORT.md": "x\n"}, "free")
    clone.git("switch", "-q", CHANGE)
    git(clone.folder, "push", "-q", str(at.bare), f"{above}:refs/heads/elsewhere")
    subprocess.run(
        [at.bare / "hooks/pre-receive"],
        cwd=at.bare,
        env=os.environ | {"GIT_DIR": "."},
        input=f"{old} {above} {MAIN}\n{'0' * 40} {made} {TAG}\n".encode(),
        check=True,
    )
    at.takes(f"{made}:{MAIN}")
    at.takes(f"{made}:{TAG}")
    assert ref(at, TAG) == made


@pytest.mark.parametrize("words", [(), ("--atomic",)])
def test_a_tag_below_the_new_tip_comes_with_it(served: Serve, words: tuple[str, ...]) -> None:
    at = served("closed")
    at.takes(CHANGE)
    clone, made = at.clone, landing(at.clone)
    clone.git("switch", "-q", "--detach", made)
    above = clone.commit({"docs/STATUS_REPORT.md": "x\n"}, "free")
    at.takes(*words, f"{above}:{MAIN}", f"{made}:{TAG}")
    assert (ref(at, MAIN), ref(at, TAG), notes(at)) == (above, made, [])


def test_no_note_goes_that_another_push_needs_which_saw_the_base_later(served: Serve) -> None:
    at = served("closed")
    before = ref(at, MAIN)
    at.takes(f"{free(at)}:{MAIN}")
    now = ref(at, MAIN)
    needed = at.bare / "codexa/relied" / f"{now}.{'a' * 40}.heads.main"
    needed.parent.mkdir(parents=True)
    needed.write_text(f"from {now} {MAIN}\nis refs/heads/{CHANGE} none\n")
    with Store.open(at.bare) as store:
        late = Judge(store, "main", MAIN, "", int(time.time()), before, ())
        relied = (Update(MAIN, "b" * 40, before), [unmoved(f"refs/heads/{CHANGE}", [None])])
        note(late, [relied])
    assert notes(at) == sorted([needed.name, f"{before}.{'b' * 40}.heads.main"])


def test_who_moves_refs_without_a_push_is_not_hindered(served: Serve) -> None:
    at = served("closed")
    at.takes(CHANGE)
    made = landing(at.clone)
    git(at.clone.folder, "push", "-q", str(at.bare), f"{made}:refs/heads/elsewhere")
    git(at.bare, "update-ref", TAG, made)
    git(at.bare, "update-ref", "-d", TAG)
    git(at.bare, "update-ref", MAIN, made)
    git(at.bare, "update-ref", MAIN, f"{made}~1")
    git(at.bare, "fetch", "-q", str(at.clone.folder), f"+{CHANGE}:{CHANGE}", f"{CHANGE}:mirrored")
    git(at.bare, "branch", "-q", "-D", CHANGE)


def test_packing_is_not_hindered_where_a_note_stayed_of_what_is_there(served: Serve) -> None:
    at = served("closed")
    made = left(at)
    hook = at.bare / "hooks/reference-transaction"
    text = hook.read_text()
    hook.unlink()
    for name in ALL:
        git(at.bare, "update-ref", name, made)
    hook.write_text(text)
    hook.chmod(0o755)
    git(at.bare, "pack-refs", "--all", "--prune")
    git(at.bare, "gc", "-q")
    assert {ref(at, name) for name in ALL} == {made}


def test_a_note_that_cannot_be_written_is_no_yes(served: Serve) -> None:
    at = served("closed")
    at.takes(CHANGE)
    folder = at.bare / "codexa"
    folder.write_text("in the way\n")
    told = at.refuses(f"{landing(at.clone)}:{MAIN}")
    assert "error: what this push relies on could not be noted, so nothing is taken" in told
    at.takes(f"{free(at)}:{MAIN}")


def test_a_server_that_several_users_share_lets_each_note(served: Serve) -> None:
    at = served("closed")
    at.takes(CHANGE)
    (at.bare / "refs").chmod(0o2775)
    before = os.umask(0o077)
    try:
        with judged(at, f"{landing(at.clone)}:{MAIN}") as under:
            (kept,) = (at.bare / "codexa/relied").iterdir()
            assert kept.stat().st_mode & 0o777 == 0o644
            assert kept.parent.stat().st_mode & 0o7777 == 0o2775
            assert under.ends()[0] == 0
    finally:
        os.umask(before)


@pytest.mark.parametrize("state", ["prepared", "committed", "aborted", "preparing"])
def test_what_has_no_note_costs_a_shell_and_no_more_where_there_are_others(
    served: Serve, state: str
) -> None:
    """No program is found there, so none was asked for; and with a note that is no yes."""
    at = served("closed")

    def said(new: str) -> "subprocess.CompletedProcess[bytes]":
        return subprocess.run(
            [at.bare / "hooks/reference-transaction", state],
            cwd=at.bare,
            env={"PATH": "/nowhere", "GIT_DIR": "."},
            input=f"{'0' * 40} {new} {MAIN}\n".encode(),
            capture_output=True,
            check=False,
        )

    place = at.bare / "codexa/relied" / f"{NONE}.{'2' * 40}.heads.main"
    place.parent.mkdir(parents=True)
    place.write_text(f"from none {MAIN}\nis refs/heads/{CHANGE} none\n")
    free = said("1" * 40)
    assert (free.returncode, free.stdout, free.stderr) == (0, b"", b"")
    assert said("2" * 40).returncode == (1 if state == "prepared" else 0)


def logs(at: Served) -> Path:
    """Where it is told from now on that git started the second hook, and in which state."""
    log, hook = at.bare / "asked", at.bare / "hooks/reference-transaction.codexa-noted"
    first, rest = hook.read_text().split("\n", 1)
    hook.write_text(f'{first}\necho "$1" >>"{log}"\n{rest}')
    return log


def test_git_asks_nobody_while_there_is_no_note(served: Serve) -> None:
    at = served("closed")
    log = logs(at)
    at.takes(CHANGE)
    at.takes(f"{free(at)}:{MAIN}")
    git(at.bare, "pack-refs", "--all", "--prune")
    assert not log.exists()
    assert not (at.bare / "codexa").exists()


def test_git_asks_as_soon_as_there_is_one_and_no_longer(served: Serve) -> None:
    at = served("closed")
    log = logs(at)
    follows(at)
    at.takes(CHANGE)
    made = landing(at.clone)
    with judged(at, f"{made}:{MAIN}", f"{made}:{TAG}") as under:
        assert not log.exists()
        assert under.ends()[0] == 0
    assert set(log.read_text().split()) >= {"prepared", "committed"}
    assert not (at.bare / "codexa/relied").exists()
    log.unlink()
    at.takes(f"{free(at)}:{MAIN}")
    assert not log.exists()


@rule("B8")
@pytest.mark.parametrize("spoils", ["the script", "its mode", "the folder", "its age"])
def test_a_second_hook_that_git_would_not_find_is_no_yes(served: Serve, spoils: str) -> None:
    at = served("closed")
    at.takes(CHANGE)
    hook = at.bare / "hooks/reference-transaction.codexa-noted"
    if spoils == "the script":
        hook.unlink()
    elif spoils == "its mode":
        hook.chmod(0o644)
    elif spoils == "its age":
        text = hook.read_text()
        hook.write_text(text.replace('"$codexa_old.$codexa_end"', '"$codexa_end"'))
        assert hook.read_text() != text
    else:
        elsewhere = at.bare.parent / "deep/down"
        elsewhere.mkdir(parents=True)
        (at.bare / "codexa").symlink_to(elsewhere)
    told = at.refuses(f"{landing(at.clone)}:{MAIN}")
    assert "what this push relies on would not be asked again, so nothing is taken" in told
    assert at.clone.codexa("server", "status", str(at.bare)).status == 1
    at.takes(f"{free(at)}:{MAIN}")


def test_while_a_note_lies_there_the_hook_does_however_often_others_go(served: Serve) -> None:
    """Pushes that end take the folder with them, if they can, while another is noting."""
    at = served("closed")
    folder, hook = at.bare / "codexa/relied", at.bare / "hooks/reference-transaction"
    ends = subprocess.Popen(
        ["sh", "-c", "while [ ! -e go ]; do rmdir codexa/relied 2>/dev/null; done"], cwd=at.bare
    )
    try:
        with Store.open(at.bare) as store:
            judge = Judge(store, "main", MAIN, "", int(time.time()), None, ())
            for number in range(300):
                tag = Update(f"{TAG}{number}", "b" * 40, None)
                note(judge, [(tag, [unmoved(f"refs/heads/{CHANGE}", [None])])])
                assert os.access(hook, os.X_OK)
                name = f"{NONE}.{'b' * 40}.tags.CH-001{number}"
                assert notes(at) == [name]
                (folder / name).unlink()
    finally:
        (at.bare / "go").touch()
        ends.wait(60)


def moved(at: Served, state: str, old: str, new: str, ref: str) -> int:
    """What the hook answers as git moves a ref, by its status."""
    return subprocess.run(
        [at.bare / "hooks/reference-transaction", state],
        cwd=at.bare,
        env=os.environ | {"GIT_DIR": "."},
        input=f"{old} {new} {ref}\n".encode(),
        capture_output=True,
        check=False,
    ).returncode


def test_a_note_is_of_one_ref_and_goes_with_no_other_of_the_same_last_word(served: Serve) -> None:
    at = served("closed")
    old, new = "1" * 40, "2" * 40
    place = at.bare / "codexa/relied" / f"{old}.{new}.heads.main"
    place.parent.mkdir(parents=True)
    place.write_text(f"from {old} {MAIN}\nis refs/heads/{CHANGE} none\n")
    at.takes(CHANGE)
    for state in ("prepared", "committed"):
        for before in (NONE, old):
            assert moved(at, state, before, new, "refs/heads/aaa/main") == 0
            assert moved(at, state, before, new, "refs/tags/main") == 0
    assert place.exists()
    # Who moves it without saying where it was is asked as well.
    assert moved(at, "prepared", NONE, new, MAIN) == 1
    assert moved(at, "prepared", old, new, MAIN) == 1
    # The base has been elsewhere meanwhile, and this push was judged by that.
    assert moved(at, "prepared", "3" * 40, new, MAIN) == 0
    place.write_text("")
    assert moved(at, "prepared", old, new, MAIN) == 1


def test_a_ref_is_looked_up_by_its_whole_name(served: Serve) -> None:
    """Git finds `refs/refs/heads/x` where it is asked for `refs/heads/x` and there is none."""
    at = served("closed")
    old, new = "1" * 40, "2" * 40
    git(at.bare, "update-ref", f"refs/refs/heads/{CHANGE}", MAIN)
    place = at.bare / "codexa/relied" / f"{old}.{new}.heads.main"
    place.parent.mkdir(parents=True)
    place.write_text(f"from {old} {MAIN}\nis refs/heads/{CHANGE} none\n")
    assert moved(at, "prepared", old, new, MAIN) == 0


@pytest.mark.parametrize("above", ["refs/", "refs/tags/", "refs/heads/", "refs/heads/refs/"])
@pytest.mark.parametrize("name", ["refs/heads/change/CH-001", "refs/tags/landed/CH-001", MAIN])
def test_no_ref_holds_the_whole_name_of_another(served: Serve, above: str, name: str) -> None:
    at = served("closed")
    assert "B6" in at.refuses(f"{MAIN}:{above}{name}")


def _noted(at: Served, new: str, old: str, ref: str = MAIN, *, rests: bool = True) -> None:
    """A push of this ref was judged, which rests on the change's branch not being there, or not."""
    lines = [unmoved(f"refs/heads/{CHANGE}", [None])] if rests else []
    with Store.open(at.bare) as store:
        judge = Judge(store, "main", MAIN, "", int(time.time()), old, ())
        note(judge, [(Update(ref, new, None if old == NONE else old), lines)])


@rule("B8")
def test_no_note_goes_that_is_written_while_an_older_one_of_that_place_is_taken_out(
    served: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One landing made of the base as it was is judged again upon what came; nobody may lose it."""
    at = served("closed")
    was, made, mine = ref(at, MAIN), "a" * 40, "b" * 40
    _noted(at, made, was)
    at.takes(f"{free(at)}:{MAIN}")
    now, unlink = ref(at, MAIN), os.unlink

    with monkeypatch.context() as patched:

        def late(place: str) -> None:
            patched.undo()
            _noted(at, made, now)
            unlink(place)

        patched.setattr(os, "unlink", late)
        _noted(at, mine, now)
    assert notes(at) == sorted(f"{now}.{new}.heads.main" for new in (made, mine))
    for new in (made, mine):
        assert moved(at, "prepared", now, new, MAIN) == 0
    at.takes(CHANGE)
    for new in (made, mine):
        assert moved(at, "prepared", now, new, MAIN) == 1


def test_what_a_push_left_that_was_killed_as_it_noted_goes_with_the_next_one(
    served: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = served("closed")
    at.takes(CHANGE)

    def killed(draft: str, place: str) -> None:
        del draft, place
        raise SystemExit

    before = ref(at, MAIN)
    with monkeypatch.context() as patched:
        patched.setattr(os, "replace", killed)
        with pytest.raises(SystemExit):
            _noted(at, "a" * 40, before)
    assert len(notes(at)) == 1
    made = landing(at.clone)
    at.takes(f"{made}:{MAIN}", f"{made}:{TAG}")
    assert notes(at) == []
    assert not (at.bare / "codexa/relied").exists()


def test_who_loses_what_was_to_be_a_note_writes_it_again(
    served: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = served("closed")
    old, replace = ref(at, MAIN), os.replace
    _noted(at, "a" * 40, old)

    with monkeypatch.context() as patched:

        def meanwhile(draft: str, place: str) -> None:
            patched.undo()
            _noted(at, "b" * 40, old)
            replace(draft, place)

        patched.setattr(os, "replace", meanwhile)
        _noted(at, "c" * 40, old)
    assert notes(at) == [f"{old}.{letter * 40}.heads.main" for letter in "abc"]


def test_a_push_that_rests_on_nothing_takes_out_what_was_noted_of_its_tag(served: Serve) -> None:
    at = served("closed")
    new = "a" * 40
    for name in (TAG, "refs/tags/elsewhere/CH-001", MAIN, "refs/heads/aaa/main"):
        _noted(at, new, NONE, TAG)
        _noted(at, new, ref(at, MAIN), MAIN)
        before = notes(at)
        _noted(at, new, NONE if "tags" in name else ref(at, MAIN), name, rests=False)
        assert notes(at) == (before if name != TAG else before[1:])
    for one in (at.bare / "codexa/relied").glob("*.heads.*"):
        one.unlink()
    assert len(notes(at)) == 1
    _noted(at, new, NONE, TAG, rests=False)
    assert not (at.bare / "codexa/relied").exists()


def bare_and_empty(at: Served) -> Path:
    """A server that was just installed, and to which nobody has pushed."""
    bare = at.bare.with_name("new.git")
    git(bare.parent, "init", "-q", "--bare", bare.name)
    root = at.clone.git("config", "codexa.root")
    at.clone.did("server", "install", str(bare), "--root", root, "--branch", "main")
    at.clone.git("remote", "set-url", "origin", str(bare))
    at.bare = bare
    return bare


@rule("B5")
def test_a_tag_stands_however_much_came_to_the_base_above_its_landing(served: Serve) -> None:
    """The first push to a server brings a whole history, and the tags that stand on it."""
    at = served("landed")
    clone, made = at.clone, at.clone.tip("main")
    stream = _free_commits(made, int(clone.git("log", "-1", "--format=%ct", made)), 1003)
    subprocess.run(
        ["git", "fast-import", "--quiet", "--force"], input=stream, cwd=clone.folder, check=True
    )
    clone.git("tag", "-f", "landed/CH-001", made)
    above = clone.tip("main")
    bare_and_empty(at)
    with judged(at, "main", "landed/CH-001", held=TAG) as under:
        # One more comes above, so that where the base is tells nothing by itself.
        at.takes(f"{free(at)}:{MAIN}")
        status, told = under.ends()
    assert status == 0, told
    assert ref(at, MAIN) != above
    assert (ref(at, TAG), notes(at)) == (made, [])


def _free_commits(tip: str, at: int, count: int) -> bytes:
    """Commits of nothing upon `main`, as `git fast-import` reads them."""
    who = "Demo PM <pm@demo.invalid>"
    return "".join(
        f"commit refs/heads/main\nauthor {who} {at + n} +0000\ncommitter {who} {at + n} +0000\n"
        f"data 1\nx{'' if n else f'{chr(10)}from {tip}'}\n"
        for n in range(count)
    ).encode()


@rule("B5")
@pytest.mark.parametrize("words", [(), ("--atomic",)])
def test_the_first_push_of_a_base_brings_its_tag(served: Serve, words: tuple[str, ...]) -> None:
    at = served("landed")
    made = at.clone.tip("main")
    bare_and_empty(at)
    at.takes(*words, f"{made}:{MAIN}", f"{made}:{TAG}")
    assert (ref(at, MAIN), ref(at, TAG), notes(at)) == (made, made, [])


@rule("B5")
@pytest.mark.parametrize("words", [(), ("--atomic",)])
def test_a_tag_that_comes_before_its_landing_is_told_to_come_after_it(
    served: Serve, words: tuple[str, ...]
) -> None:
    """Git would end the push there, and the base would not come either."""
    at = served("landed")
    made = at.clone.tip("main")
    bare_and_empty(at)
    at.clone.git("tag", "-f", "landed/CH-001", made)
    told = at.refuses(*words, "landed/CH-001", "main")
    assert "error: landed/CH-001 would stand on a landing that main is still without" in told
    assert "  rule  B5 of codexa-git's docs/specification.md" in told
    (typed,) = [line.partition(": git ")[2] for line in told.splitlines() if "hint" in line]
    assert (typed.split()[:2], notes(at)) == (["push", "origin"], [])
    at.takes(*words, *typed.split()[2:])
    assert (ref(at, MAIN), ref(at, TAG)) == (made, made)


def _tag_note(at: Served, made: str, coming: str) -> Path:
    place = at.bare / "codexa/relied" / f"{NONE}.{made}.tags.CH-001"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"from none {TAG}\nhas {MAIN} {made} {coming}\n")
    return place


@rule("B5")
def test_what_one_transaction_moves_is_seen_as_it_will_be_and_no_other_ref(served: Serve) -> None:
    at = served("closed")
    old, made = ref(at, MAIN), landing(at.clone)
    git(at.clone.folder, "push", "-q", str(at.bare), f"{made}:refs/heads/elsewhere")
    _tag_note(at, made, made)

    def asked(*moves: str) -> tuple[int, str]:
        done = subprocess.run(
            [at.bare / "hooks/reference-transaction", "prepared"],
            cwd=at.bare,
            env=os.environ | {"GIT_DIR": "."},
            input="".join(f"{move}\n" for move in moves),
            capture_output=True,
            check=False,
            text=True,
        )
        return done.returncode, done.stderr

    tag, base = f"{NONE} {made} {TAG}", f"{old} {made} {MAIN}"
    assert asked(base, tag) == asked(tag, base) == (0, "")
    for other in (
        f"{old} {made} refs/heads/feature/main",
        f"{old} {made} refs/heads/feature/{MAIN}",
        f"{old} {made} {MAIN}/x",
        f"{made} {old} {MAIN}",
        f"{old} {'1' * 40} {MAIN}",
    ):
        status, told = asked(other, tag)
        assert status == 1
        assert "B5 of codexa-git's docs/specification.md" in told
    # Where the base went on from the landing within the transaction, it has it.
    above = at.clone.git("commit-tree", f"{made}^{{tree}}", "-p", made, "-m", "above")
    git(at.clone.folder, "push", "-q", str(at.bare), f"{above}:refs/heads/elsewhere")
    assert asked(f"{old} {above} {MAIN}", tag) == (0, "")
    git(at.bare, "update-ref", "-d", MAIN)
    status, told = asked(tag)
    assert (status, told.splitlines()[2]) == (1, "  now   it is at none")
    assert "fatal" not in told


@rule("B5")
@pytest.mark.parametrize("side", ["the change's own commit", "a landing of another line"])
def test_no_tag_stands_on_what_the_base_has_beside_its_own_line(served: Serve, side: str) -> None:
    at = served("closed")
    old, made, tip = ref(at, MAIN), landing(at.clone), at.clone.tip(CHANGE)
    made = tip if side == "the change's own commit" else made
    tree = f"{made}^{{tree}}"
    above = at.clone.git("commit-tree", tree, "-p", old, "-p", made, "-m", "beside")
    git(at.clone.folder, "push", "-q", str(at.bare), f"{above}:refs/heads/elsewhere")
    git(at.bare, "update-ref", MAIN, above)
    _tag_note(at, made, "f" * 40)
    assert moved(at, "prepared", NONE, made, TAG) == 1
    _tag_note(at, above, "f" * 40)
    assert moved(at, "prepared", NONE, above, TAG) == 0
