"""The same answers over http and ssh, behind real servers, to people with keys of their own."""

import getpass
import http.server
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import Clone, make_key
from server.conftest import Serve, Served

BACKEND = Path(git(Path.cwd(), "--exec-path")) / "git-http-backend"
SSHD = shutil.which("sshd") or shutil.which("sshd", path="/usr/sbin")
GITOLITE = shutil.which("gitolite") or "gitolite"
SHELL = Path("/usr/share/gitolite3/gitolite-shell")
REQUIRED = os.environ.get("CODEXA_REQUIRE_ALL") == "1"


def require(there: object, what: str) -> None:
    """Where it is not there the test is skipped, and fails where nothing may be."""
    if not there:
        (pytest.fail if REQUIRED else pytest.skip)(f"{what} is not installed")


class Backend(http.server.BaseHTTPRequestHandler):
    """`git http-backend` as a web server calls it: one process a request, by the rules of CGI."""

    folder: Path
    protocol_version = "HTTP/1.0"

    def do_GET(self) -> None:
        self._call()

    def do_POST(self) -> None:
        self._call()

    def _call(self) -> None:
        path, _, query = self.path.partition("?")
        length = int(self.headers.get("Content-Length", "0"))
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "GIT_PROJECT_ROOT": str(self.folder),
            "GIT_HTTP_EXPORT_ALL": "1",
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "REQUEST_METHOD": self.command,
            "REMOTE_USER": "somebody",
            "REMOTE_ADDR": "127.0.0.1",
            "CONTENT_TYPE": self.headers.get("Content-Type", ""),
            "CONTENT_LENGTH": str(length),
            "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
        }
        done = subprocess.run(
            [BACKEND],
            env=environment,
            input=self.rfile.read(length),
            capture_output=True,
            check=False,
        )
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        lines = [line.split(": ", 1) for line in head.decode().split("\r\n") if ": " in line]
        fields = dict(lines)
        self.send_response(int(fields.pop("Status", "200").split()[0]) or HTTPStatus.OK)
        for name, value in fields.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing: the test tells what went wrong."""


@pytest.fixture
def web(tmp_path: Path) -> Iterator[str]:
    """Where the repositories of this test are served over http."""
    require(BACKEND.is_file(), "git-http-backend")
    handler = type("Here", (Backend,), {"folder": tmp_path})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def exercise(at: Served, second: Clone) -> None:
    """A landing is taken; what is none is refused, in words; two who push at once get one yes."""
    at.takes("main", "landed/CH-001")
    at.clone.git("switch", "-q", "-f", "main")
    bad = at.clone.commit({"greet.sh": "echo evil\n"}, "evil")
    told = at.refuses("main")
    assert f"error: main takes changes that land, and {bad[:12]} is none" in told
    assert "  rule  L13" in told
    at.clone.git("reset", "-q", "--hard", "HEAD~1")
    second.git("fetch", "-q")
    second.git("reset", "-q", "--hard", "origin/main")
    first, other = (
        clone.commit({"docs/STATUS_REPORT.md": f"{number}\n"}, "free")
        for number, clone in enumerate((at.clone, second))
    )
    answers: list[int] = []
    people = [
        threading.Thread(target=lambda one=one: answers.append(one.tries("main").status))
        for one in (at, Served(second, at.bare))
    ]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(answers) == [0, 1]
    assert git(at.bare, "rev-parse", "main") in (first, other)


def cloned(url: str, folder: Path) -> Clone:
    git(folder.parent, "clone", "-q", url, folder.name)
    return Clone(folder)


def test_over_http_behind_a_web_server(served: Serve, web: str, tmp_path: Path) -> None:
    at = served("landed")
    git(at.bare, "config", "http.receivepack", "true")
    url = f"{web}/{at.bare.name}"
    at.clone.git("remote", "set-url", "origin", url)
    exercise(at, cloned(url, tmp_path / "second"))


def free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def listening(port: int) -> bool:
    with socket.socket() as made:
        return made.connect_ex(("127.0.0.1", port)) == 0


class Ssh:
    """An ssh server of this test's own, for one user of this machine."""

    def __init__(self, folder: Path, authorized: Path) -> None:
        require(SSHD, "sshd (openssh-server)")
        self.port = free_port()
        host = make_key(folder, "host", 7)
        self.folder = folder
        config = folder / "sshd_config"
        config.write_text(
            f"Port {self.port}\nListenAddress 127.0.0.1\nHostKey {host}\nPidFile none\n"
            f"AuthorizedKeysFile {authorized}\nStrictModes no\nUsePAM no\n"
            "PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin yes\n"
            "AcceptEnv GIT_* SOURCE_DATE_EPOCH\n"
        )
        Path("/run/sshd").mkdir(exist_ok=True) if os.geteuid() == 0 else None
        self.log = folder / "sshd.log"
        self.process = subprocess.Popen(
            [SSHD or "", "-D", "-E", self.log, "-f", config],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 20
        while not listening(self.port):
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < until
            time.sleep(0.05)

    def close(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=20)

    def command(self, key: Path) -> str:
        """What git starts to come in with this key."""
        options = (
            "-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes"
        )
        return f"ssh -F /dev/null -q {options} -p {self.port} -i {key}"


def test_over_ssh_two_users_with_keys_of_their_own(served: Serve, tmp_path: Path) -> None:
    at = served("landed")
    keys = [make_key(tmp_path, name, number) for number, name in enumerate(("ann", "bob"), 20)]
    authorized = tmp_path / "authorized_keys"
    authorized.write_text("".join(Path(f"{key}.pub").read_text() for key in keys))
    server = Ssh(tmp_path, authorized)
    try:
        user = getpass.getuser()
        url = f"ssh://{user}@127.0.0.1{at.bare}"
        at.clone.git("remote", "set-url", "origin", url)
        at.clone.git("config", "core.sshCommand", server.command(keys[0]))
        second = Clone(tmp_path / "second")
        command = f"core.sshCommand={server.command(keys[1])}"
        git(tmp_path, "-c", command, "clone", "-q", url, "second")
        second.git("config", "core.sshCommand", server.command(keys[1]))
        exercise(at, second)
    finally:
        server.close()


def gitolite(home: Path, *words: str) -> None:
    done = subprocess.run(
        [GITOLITE, *words],
        env={"HOME": str(home), "PATH": os.environ["PATH"], "USER": getpass.getuser()},
        cwd=home,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()


def test_over_ssh_behind_gitolite(served: Serve, tmp_path: Path) -> None:
    """Gitolite says who may push at all, and the server's hook what may be pushed."""
    require(SHELL.is_file(), "gitolite (gitolite3)")
    at = served("landed")
    home = tmp_path / "git"
    (home / ".ssh").mkdir(parents=True)
    ann, bob = (make_key(tmp_path, name, number) for number, name in enumerate(("ann", "bob"), 20))
    gitolite(home, "setup", "-pk", str(Path(f"{ann}.pub")))
    shutil.copytree(at.bare, home / "repositories" / "project.git")
    keys, conf = home / ".gitolite" / "keydir", home / ".gitolite" / "conf" / "gitolite.conf"
    keys.mkdir(exist_ok=True)
    shutil.copy(f"{bob}.pub", keys / "bob.pub")
    conf.write_text("repo project\n    RW+ = ann\n    R = bob\n")
    for step in (("compile",), ("setup",), ("trigger", "POST_COMPILE")):
        gitolite(home, *step)
    at.clone.did("server", "install", str(home / "repositories" / "project.git"))
    shell = home / "shell"
    shell.write_text(f'#!/bin/sh\nexport HOME={home}\nexec {SHELL} "$@"\n')
    shell.chmod(0o755)
    authorized = home / ".ssh" / "authorized_keys"
    authorized.write_text(authorized.read_text().replace(str(SHELL), str(shell)))
    server = Ssh(tmp_path, authorized)
    try:
        url = f"ssh://{getpass.getuser()}@127.0.0.1/project"
        at.clone.git("remote", "set-url", "origin", url)
        at.clone.git("config", "core.sshCommand", server.command(bob))
        assert "DENIED" in at.tries("main").err
        at.clone.git("config", "core.sshCommand", server.command(ann))
        at.bare = home / "repositories" / "project.git"
        at.takes("main", "landed/CH-001")
        at.clone.git("switch", "-q", "-f", "main")
        at.clone.commit({"greet.sh": "echo evil\n"}, "evil")
        assert "L13" in at.refuses("main")
    finally:
        server.close()


def test_the_interpreter_that_is_told_is_this_one(served: Serve) -> None:
    at = served("enforced")
    assert f"codexa_python='{sys.executable}'" in (at.bare / "hooks/pre-receive").read_text()
