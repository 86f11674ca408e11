"""The same answers over http and ssh, behind real servers, to people with keys of their own."""

import getpass
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from builders import git
from scenarios.clone import Answer, Clone, make_key
from server.conftest import Serve, Served

pytestmark = pytest.mark.slow

BACKEND = Path(git(Path.cwd(), "--exec-path")) / "git-http-backend"
LIGHTTPD = shutil.which("lighttpd") or shutil.which("lighttpd", path="/usr/sbin")
SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
GITOLITE = shutil.which("gitolite") or "gitolite"
SHELL = Path("/usr/share/gitolite3/gitolite-shell")
REQUIRED = os.environ.get("CODEXA_REQUIRE_ALL") == "1"
PATIENCE = 20


def require(there: object, what: str) -> None:
    """Where it is not there the test is skipped, and fails where nothing may be."""
    if not there:
        (pytest.fail if REQUIRED else pytest.skip)(f"{what} is not installed")


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def listening(port: int) -> bool:
    with socket.socket() as made:
        return made.connect_ex(("127.0.0.1", port)) == 0


class Daemon:
    """A server of these tests' own in the foreground; it listens from when it is made."""

    def __init__(self, port: int, log: Path, *words: str | Path) -> None:
        self.port = port
        self.process = subprocess.Popen(
            words,
            env={"PATH": os.environ["PATH"], "HOME": str(log.parent)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + PATIENCE
        while not listening(port):
            assert self.process.poll() is None, log.read_text()
            assert time.monotonic() < until
            time.sleep(0.05)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=PATIENCE)


# Two who push, each with a clone.


def exercise(at: Served, second: Clone) -> None:
    """A landing is taken; what is none is refused, in words; two push at once, twice."""
    at.takes("main", "landed/CH-001")
    refuses(at)
    two_at_the_base(at, second)
    two_at_changes_of_their_own(at, second)
    git(at.bare, "fsck", "--strict", "--no-dangling")


def refuses(at: Served) -> None:
    """What is no landing is refused, so that its pusher can read why, and leaves nothing."""
    at.clone.git("switch", "-q", "-f", "main")
    bad = at.clone.commit({"greet.sh": "echo evil\n"}, "evil")
    told = at.refuses("main")
    assert f"error: main takes changes that land, and {bad[:12]} is none" in told
    assert "  rule  L13" in told
    assert f"hint: on main: git branch keep-{bad[:7]} && git reset --keep {bad[:12]}~1" in told
    at.clone.git("reset", "-q", "--hard", "HEAD~1")
    objects = at.bare / "objects"
    assert not [*objects.glob("*incoming*"), *objects.glob("tmp_*"), *objects.glob("*/tmp_*")]
    batch = git(at.bare, "cat-file", "--batch-check", input=f"{bad}\n".encode())
    assert batch == f"{bad} missing"


def at_once(*pushes: tuple[Served, str]) -> list[Answer]:
    """What each of these pushes came to, all of which were made at once."""
    answers: dict[int, Answer] = {}

    def push(number: int, who: Served, what: str) -> None:
        answers[number] = who.tries(what)

    people = [threading.Thread(target=push, args=(n, *one)) for n, one in enumerate(pushes)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    return [answers[number] for number in range(len(pushes))]


def two_at_the_base(at: Served, second: Clone) -> None:
    """One is first; the other is refused, and comes upon what is there then."""
    other = Served(second, at.bare)
    second.git("fetch", "-q")
    second.git("reset", "-q", "--hard", "origin/main")
    for number, one in enumerate((at, other)):
        one.clone.commit({"docs/STATUS_REPORT.md": f"{number}\n"}, "free")
    answers = at_once((at, "main"), (other, "main"))
    assert sorted(answer.status for answer in answers) == [0, 1], answers
    first, late = (at, other) if answers[0].status == 0 else (other, at)
    assert git(at.bare, "rev-parse", "main") == first.clone.tip()
    refused = next(answer.err for answer in answers if answer.status)
    assert re.search(r"rejected\] +main -> main", refused), refused
    late.clone.git("fetch", "-q", "origin")
    late.clone.git("rebase", "-q", "-X", "theirs", "origin/main")
    late.takes("main")
    first.clone.git("fetch", "-q", "origin")
    first.clone.git("reset", "-q", "--hard", "origin/main")


def two_at_changes_of_their_own(at: Served, second: Clone) -> None:
    """Each opens a change, and so gets a number; then both push to theirs, and both are taken."""
    people = (at, Served(second, at.bare))
    branches = []
    for one in people:
        one.clone.did("open", "Again", "--criterion", "`sh greet.sh` prints `hello`")
        branches.append(one.clone.git("branch", "--show-current"))
        change = branches[-1].removeprefix("change/")
        one.clone.commit({f"changes/{change}/notes.md": "a word\n"}, "a word")
    assert branches == ["change/CH-002", "change/CH-003"]
    answers = at_once(*zip(people, branches, strict=True))
    assert [answer.status for answer in answers] == [0, 0], answers
    for one, branch in zip(people, branches, strict=True):
        assert git(at.bare, "rev-parse", branch) == one.clone.tip()


def cloned(url: str, folder: Path, *settings: str) -> Clone:
    """A clone with these settings, by which it was made already."""
    given = [word for setting in settings for word in ("-c", setting)]
    git(folder.parent, *given, "clone", "-q", *given, url, folder.name)
    clone = Clone(folder)
    clone.git("config", "user.name", "Demo Dev")
    clone.git("config", "user.email", "dev@demo.invalid")
    return clone


# Over http.


class Web(NamedTuple):
    """A web server in whose folder these tests' repositories lie."""

    port: int
    folder: Path

    def url(self, repository: Path, user: str, password: str) -> str:
        place = repository.resolve().relative_to(self.folder)
        return f"http://{user}:{password}@127.0.0.1:{self.port}/git/{place}"


LIGHTTPD_CONFIG = """\
server.modules = ("mod_auth", "mod_authn_file", "mod_cgi", "mod_alias", "mod_setenv")
server.bind = "127.0.0.1"
server.port = {port}
server.document-root = "{own}"
server.errorlog = "{own}/log"
server.upload-dirs = ("{own}")
auth.backend = "plain"
auth.backend.plain.userfile = "{own}/users"
auth.require = ("/git/" => ("method" => "basic", "realm" => "git", "require" => "valid-user"))
alias.url = ("/git/" => "{backend}/")
$HTTP["url"] =~ "^/git/" {{
    cgi.assign = ("" => "")
    setenv.set-environment = (
        "GIT_PROJECT_ROOT" => "{folder}", "GIT_HTTP_EXPORT_ALL" => "1", "HOME" => "{own}"
    )
}}
"""


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Web]:
    """A web server with two users, which serves every repository of this run by git's own CGI."""
    require(BACKEND.is_file(), "git-http-backend")
    require(LIGHTTPD, "lighttpd")
    folder, own = tmp_path_factory.getbasetemp().resolve(), tmp_path_factory.mktemp("web").resolve()
    (own / "users").write_text("alice:the secret of one\nbob:the other's\n".replace(" ", "-"))
    (own / "log").touch()
    port, config = free_port(), own / "lighttpd.conf"
    config.write_text(
        LIGHTTPD_CONFIG.format(port=port, own=own, folder=folder, backend=BACKEND),
    )
    server = Daemon(port, own / "log", LIGHTTPD or "", "-D", "-f", config)
    yield Web(port, folder)
    server.close()


def test_over_http_behind_a_web_server(served: Serve, web: Web, tmp_path: Path) -> None:
    at = served("landed")
    before = at.refs()
    for nobody in (("alice", "wrong"), ("carol", "the-other's")):
        at.clone.git("remote", "set-url", "origin", web.url(at.bare, *nobody))
        assert at.tries("main").status != 0
    assert at.refs() == before
    at.clone.git("remote", "set-url", "origin", web.url(at.bare, "alice", "the-secret-of-one"))
    exercise(at, cloned(web.url(at.bare, "bob", "the-other's"), tmp_path / "second"))


# Over ssh.


class Ssh(NamedTuple):
    """An ssh server, and the keys of two people: `gitolite` knows one pair, git's shell another."""

    port: int
    keys: Path
    home: Path

    def command(self, who: str) -> str:
        """What git starts to come in as this person."""
        options = (
            "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes"
        )
        return f"ssh -F /dev/null -q {options} -p {self.port} -i {self.keys / who}"

    def url(self, place: str) -> str:
        return f"ssh://{getpass.getuser()}@127.0.0.1/{place}"


SSHD_CONFIG = """\
Port {port}
ListenAddress 127.0.0.1
HostKey {own}/host
PidFile none
AuthorizedKeysFile {own}/authorized_keys {home}/.ssh/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin yes
AcceptEnv GIT_PROTOCOL
"""
ONLY_GIT = 'restrict,command="git shell -c \\"$SSH_ORIGINAL_COMMAND\\""'
GITOLITE_CONFIG = """\
repo project
    -   release/ = bob
    RW+ = alice
    RW  = bob
repo shown
    RW+ = alice
    R   = bob
"""


@pytest.fixture(scope="module")
def ssh(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ssh]:
    """An ssh server that lets in two people by git's shell, and two by gitolite where it is."""
    require(SSHD, "sshd (openssh-server)")
    own = tmp_path_factory.mktemp("ssh")
    home = own / "git"
    (home / ".ssh").mkdir(parents=True)
    for number, name in enumerate(("host", "alice", "bob", "alice-plain", "bob-plain"), 20):
        make_key(own, name, number)
    plain = [(own / f"{name}-plain.pub").read_text() for name in ("alice", "bob")]
    (own / "authorized_keys").write_text("".join(f"{ONLY_GIT} {key}" for key in plain))
    if SHELL.is_file():
        set_up_gitolite(home, own)
    port, config = free_port(), own / "sshd_config"
    config.write_text(SSHD_CONFIG.format(port=port, own=own, home=home))
    (own / "log").touch()
    Path("/run/sshd").mkdir(exist_ok=True) if os.geteuid() == 0 else None
    server = Daemon(port, own / "log", SSHD or "", "-D", "-E", own / "log", "-f", config)
    yield Ssh(port, own, home)
    server.close()


def test_over_ssh_two_users_with_keys_of_their_own(served: Serve, ssh: Ssh, tmp_path: Path) -> None:
    at = served("landed")
    url = ssh.url(str(at.bare).lstrip("/"))
    at.clone.git("remote", "set-url", "origin", url)
    at.clone.git("config", "core.sshCommand", ssh.command("alice-plain"))
    exercise(at, cloned(url, tmp_path / "second", f"core.sshCommand={ssh.command('bob-plain')}"))


def gitolite(home: Path, *words: str) -> None:
    done = subprocess.run(
        [GITOLITE, *words],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "USER": getpass.getuser()},
        cwd=home,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


def set_up_gitolite(home: Path, keys: Path) -> None:
    """Gitolite knows two people there, each by a key, and two repositories, which are empty."""
    gitolite(home, "setup", "-pk", str(keys / "alice.pub"))
    kept = home / ".gitolite" / "keydir"
    kept.mkdir(exist_ok=True)
    shutil.copy(keys / "bob.pub", kept / "bob.pub")
    (home / ".gitolite" / "conf" / "gitolite.conf").write_text(GITOLITE_CONFIG)
    gitolite(home, "setup")
    shell = home / "shell"
    shell.write_text(f'#!/bin/sh\nexport HOME={home}\nexec {SHELL} "$@"\n')
    shell.chmod(0o755)
    authorized = home / ".ssh" / "authorized_keys"
    authorized.write_text(authorized.read_text().replace(str(SHELL), str(shell)))


def managed(at: Served, ssh: Ssh) -> None:
    """What the server has lies where gitolite serves it as `project`, and is judged there."""
    bare = ssh.home / "repositories" / "project.git"
    git(bare, "fetch", "-q", str(at.bare), "+refs/*:refs/*")
    git(bare, "symbolic-ref", "HEAD", "refs/heads/main")
    root = at.clone.git("config", "codexa.root")
    at.clone.did("server", "install", str(bare), "--root", root)
    at.clone.git("remote", "set-url", "origin", ssh.url("project"))
    at.clone.git("config", "core.sshCommand", ssh.command("alice"))
    at.bare = bare


def test_over_ssh_behind_gitolite(served: Serve, ssh: Ssh, tmp_path: Path) -> None:
    """Gitolite says who may push at all, and the server's hook what may be pushed."""
    require(SHELL.is_file(), "gitolite (gitolite3)")
    at = served("landed")
    managed(at, ssh)
    at_bobs = f"core.sshCommand={ssh.command('bob')}"
    second = cloned(ssh.url("project"), tmp_path / "second", at_bobs)
    exercise(at, second)
    bobs = Served(second, at.bare)
    second.git("switch", "-q", "-f", "main")
    refuses(bobs)
    denied(bobs, ssh)
    hooks_stay(at, ssh)
    at.clone.git("switch", "-q", "-f", "main")
    assert "only moves forward" in at.refuses("+main~1:main")  # gitolite itself lets alice


def denied(bobs: Served, ssh: Ssh) -> None:
    """What gitolite does not give to bob is no question for the hook."""
    bobs.takes("main:refs/heads/topic")
    before = bobs.refs()
    for what in ("main:refs/heads/release/1", "+main~1:refs/heads/topic", ":topic"):
        answer = bobs.tries(what)
        assert "DENIED" in answer.err, answer
    bobs.clone.git("remote", "set-url", "origin", ssh.url("shown"))
    assert "DENIED" in bobs.tries("main").err
    assert bobs.refs() == before


def hooks_stay(at: Served, ssh: Ssh) -> None:
    """Gitolite sets its own hooks up anew, and leaves ours, unless it has one of that name."""
    hooks = at.bare / "hooks"
    text = (hooks / "pre-receive").read_bytes()
    gitolite(ssh.home, "setup", "--hooks-only")
    assert (hooks / "update").resolve().is_relative_to(ssh.home / ".gitolite" / "hooks")
    assert (hooks / "pre-receive").read_bytes() == text
    assert at.clone.codexa("server", "status", str(at.bare)).status == 0
    common = ssh.home / ".gitolite" / "hooks" / "common" / "pre-receive"
    common.write_text("#!/bin/sh\nexit 0\n")
    common.chmod(0o755)
    gitolite(ssh.home, "setup", "--hooks-only")
    assert (hooks / "pre-receive").resolve() == common
    shown = at.clone.codexa("server", "status", str(at.bare))
    assert shown.status == 1
    assert "pre-receive  somebody else's" in shown.out
    common.unlink()
    (hooks / "pre-receive").unlink()
    at.clone.did("server", "install", str(at.bare))


def test_the_interpreter_that_is_told_is_this_one(served: Serve) -> None:
    at = served("enforced")
    assert f"codexa_python='{sys.executable}'" in (at.bare / "hooks/pre-receive").read_text()
