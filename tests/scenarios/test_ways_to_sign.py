"""Every way that git lets a person sign, and what plain OpenSSH says of each approval."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from policy.authenticator import SK_TYPES
from scenarios.clone import BRIEF, At, Clone, Shelf, recipes
from scenarios.touching import NOBODY, PIN, TOUCHED, Authenticator

pytestmark = pytest.mark.slow

APPROVED = "approval.granted"
GATES = ["plan", "results", "package"]


def _public(key: Path) -> str:
    return " ".join(key.with_name(f"{key.name}.pub").read_text().split()[:2])


@pytest.fixture
def agent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Puts a private key into an agent, and takes its file away."""
    place = tmp_path / "agent"
    with subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(place)], stdout=subprocess.DEVNULL
    ) as child:
        while not place.exists():
            assert child.poll() is None
        monkeypatch.setenv("SSH_AUTH_SOCK", str(place))

        def hold(key: Path) -> None:
            subprocess.run(["ssh-add", "-q", str(key)], check=True)
            key.unlink()

        yield hold
        child.terminate()


def _copied(shelf: Shelf, folder: Path) -> Path:
    """The person's key, in a place where it may be taken away."""
    key = folder / "pm"
    for name in ("pm", "pm.pub"):
        (folder / name).write_bytes(shelf.pm.with_name(name).read_bytes())
    key.chmod(0o600)
    return key


def _signed_bytes(record: dict[str, Any]) -> bytes:
    """What `docs/reference/records.md` says is signed of a decision, put together from there."""
    data = dict(record["data"])
    bound = {name: data.pop(name) for name in ("root", "branch", "seen")}
    gates = {
        name: {"round": gate["round"], "subject": gate["subject"]}
        for name, gate in data.pop("gates").items()
    }
    payload = bound | {name: record[name] for name in ("change", "actor", "at")}
    payload |= {"gates": gates, "decision": {"type": record["type"], **data}}
    return json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True).encode()


def _approvals(clone: Clone, at: str) -> list[dict[str, Any]]:
    lines = clone.read("audit/CH-001/commands.jsonl", at).splitlines()
    return [one for one in map(json.loads, lines) if one["type"] == APPROVED]


def _openssh_agrees(clone: Clone, record: dict[str, Any], message: bytes, folder: Path) -> bool:
    """What `ssh-keygen -Y verify` answers, told only what policy on the base says."""
    signers, signature = folder / "signers", folder / "signature"
    signers.write_text(clone.read(".codexa/allowed_signers", "main") + "\n")
    signature.write_text(record["signature"])
    who = record["actor"]["email"]
    words = ["ssh-keygen", "-Y", "verify", "-n", "codexa", "-f", str(signers), "-I", who]
    done = subprocess.run(
        [*words, "-s", str(signature)], input=message, capture_output=True, check=False
    )
    return done.returncode == 0


def test_a_key_file_signs(at: At, shelf: Shelf, tmp_path: Path) -> None:
    clone = at("planned")
    clone.git("config", "user.signingkey", str(_copied(shelf, tmp_path)))
    assert "approved by Demo PM" in clone.did("approve")


def test_the_public_half_signs_with_the_agent(
    at: At, shelf: Shelf, tmp_path: Path, agent: Callable[[Path], None]
) -> None:
    clone, key = at("planned"), _copied(shelf, tmp_path)
    agent(key)
    clone.git("config", "user.signingkey", f"{key}.pub")
    assert "approved by Demo PM" in clone.did("approve")


def test_a_key_that_only_the_agent_has_signs(
    at: At, shelf: Shelf, tmp_path: Path, agent: Callable[[Path], None]
) -> None:
    clone, key = at("planned"), _copied(shelf, tmp_path)
    public = _public(key)
    agent(key)
    key.with_name("pm.pub").unlink()
    clone.git("config", "user.signingkey", f"key::{public}")
    assert "approved by Demo PM" in clone.did("approve")


def test_an_agent_that_has_no_such_key_is_named_and_nothing_is_recorded(
    at: At, shelf: Shelf, tmp_path: Path, agent: Callable[[Path], None]
) -> None:
    clone, key = at("planned"), _copied(shelf, tmp_path)
    agent(key)
    subprocess.run(["ssh-add", "-q", "-D"], check=True, capture_output=True)
    clone.git("config", "user.signingkey", f"{key}.pub")
    before = clone.tip()
    told = clone.codexa("approve")
    assert told.status != 0
    assert "ssh-add" in told.err
    assert clone.tip() == before


def test_the_program_that_git_signs_with_signs(at: At, tmp_path: Path) -> None:
    clone = at("planned")
    program, seen = tmp_path / "signer", tmp_path / "seen"
    program.write_text(f'#!/bin/sh\necho "$2" >> {seen}\nexec ssh-keygen "$@"\n')
    program.chmod(0o755)
    clone.git("config", "gpg.ssh.program", str(program))
    clone.did("approve")
    assert seen.read_text() == "sign\n"


@pytest.mark.parametrize(
    "kind", [("ed25519",), ("ecdsa", "-b", "256"), ("ecdsa", "-b", "521"), ("rsa", "-b", "3072")]
)
def test_openssh_alone_agrees_with_every_approval_that_landed(
    at: At, tmp_path: Path, kind: tuple[str, ...]
) -> None:
    clone, key = at("plain"), tmp_path / "own"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", *kind, "-N", "", "-C", "own", "-f", str(key)], check=True
    )
    clone.git("config", "user.signingkey", str(key))
    _adopts(clone)
    _lands_one(clone, tmp_path)
    _everybody_agrees(clone, tmp_path)


@pytest.mark.parametrize("kind", SK_TYPES)
@pytest.mark.parametrize(
    ("asked", "flags"),
    [
        ((), NOBODY),
        (("require_touch",), TOUCHED),
        (("require_pin",), PIN),
    ],
    ids=["nothing", "a touch", "a PIN"],
)
def test_a_change_lands_by_a_security_key_and_openssh_alone_agrees(
    at: At, tmp_path: Path, kind: str, asked: tuple[str, ...], flags: int
) -> None:
    """From the root on nothing else signs; whether it was touched is policy's to ask, and ours."""
    clone, key = at("plain"), Authenticator(tmp_path / "authenticator", kind)
    key.signs_for(clone)
    key.says(flags)
    _adopts(clone, *asked)
    assert key.key.public.split()[1] in clone.read(".codexa/allowed_signers")
    _lands_one(clone, tmp_path)
    _everybody_agrees(clone, tmp_path)
    assert "made again with the same ids" in clone.did("replay", "CH-001")


def _everybody_agrees(clone: Clone, folder: Path) -> None:
    """With every approval that landed: `verify`, and plain OpenSSH of these bytes and no others."""
    assert "no findings" in clone.did("verify", "--story")
    granted = _approvals(clone, "main")
    assert [gate for one in granted for gate in one["data"]["gates"]] == GATES
    for record in granted:
        assert _openssh_agrees(clone, record, _signed_bytes(record), folder)
        assert not _openssh_agrees(clone, record, _signed_bytes(record) + b" ", folder)


def _adopts(clone: Clone, *asked: str) -> None:
    """The base enforces, by this person's signature; policy asks for these of keys."""
    clone.did("init", "--yes")
    policy = (clone.folder / "codexa.toml").read_text()
    for each in asked:
        assert f"{each} = false" in policy
        policy = policy.replace(f"{each} = false", f"{each} = true")
    clone.commit({"codexa.toml": policy.replace("run = []", 'run = ["sh check.sh"]')}, "tests")
    clone.did("enforce", "--demo", "--yes")


def _lands_one(clone: Clone, folder: Path) -> None:
    (folder / "brief.md").write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(folder / "brief.md"))
    clone.commit({"changes/CH-001/recipes.toml": recipes()}, "say how")
    for _ in GATES:
        clone.until()
        clone.did("approve")
    clone.until()
    clone.did("land")
