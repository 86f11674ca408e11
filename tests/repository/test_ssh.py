import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from codexa_git.errors import SignatureError
from codexa_git.repository.ssh import agent_keys, generate, public_key, sign, ssh_version, verify

MESSAGE = b"exact \0 bytes\n"
WHO = "pm@demo.invalid"


@pytest.fixture
def key(tmp_path: Path) -> Path:
    path = tmp_path / "key"
    generate(path, "demo")
    return path


def allowed(key: Path, options: str = 'namespaces="codexa"') -> bytes:
    return f"{WHO} {options} {public_key(str(key))}\n".encode()


@pytest.fixture
def agent(key: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An agent that holds the key, whose private half is nowhere else."""
    place = key.parent / "agent"
    with subprocess.Popen(
        ["ssh-agent", "-D", "-a", str(place)], stdout=subprocess.DEVNULL
    ) as child:
        while not place.exists():
            assert child.poll() is None
        monkeypatch.setenv("SSH_AUTH_SOCK", str(place))
        subprocess.run(["ssh-add", "-q", str(key)], check=True)
        key.unlink()
        yield f"key::{public_key(str(key))}"
        child.terminate()


def test_a_signature_stands_for_its_bytes_signer_and_namespace(key: Path, tmp_path: Path) -> None:
    signature = sign(MESSAGE, str(key), "codexa")
    assert verify(MESSAGE, signature, WHO, allowed(key), "codexa", None) is True
    other = tmp_path / "other"
    generate(other, "other")
    wrong = [
        (MESSAGE + b"x", signature, WHO, allowed(key), "codexa"),
        (MESSAGE, signature, "else@demo.invalid", allowed(key), "codexa"),
        (MESSAGE, signature, WHO, allowed(other), "codexa"),
        (MESSAGE, signature, WHO, allowed(key, 'namespaces="git"'), "codexa"),
        (MESSAGE, signature, WHO, allowed(key), "git"),
        (MESSAGE, "", WHO, allowed(key), "codexa"),
        (MESSAGE, signature, WHO, b"\xff\n", "codexa"),
    ]
    assert [verify(*case, None) for case in wrong] == [False] * len(wrong)


def test_the_window_of_a_key_is_judged_at_the_time_given(key: Path) -> None:
    signature = sign(MESSAGE, str(key), "codexa")
    window = 'namespaces="codexa",valid-after="20260102030405Z",valid-before="20260102030407Z"'
    signers = allowed(key, window)
    times = ["2026-01-02T03:04:04Z", "2026-01-02T03:04:06Z", "2026-01-02T03:04:08Z"]
    found = [verify(MESSAGE, signature, WHO, signers, "codexa", at) for at in times]
    assert found == [False, True, False]


def test_the_public_half_signs_with_the_agent(key: Path, agent: str) -> None:
    for name in (agent, f"{key}.pub"):
        signature = sign(MESSAGE, name, "codexa")
        assert verify(MESSAGE, signature, WHO, allowed(key), "codexa", None) is True


def test_a_key_that_cannot_sign_is_told_with_a_way_on(key: Path, tmp_path: Path) -> None:
    with pytest.raises(SignatureError, match="there is no key at") as caught:
        sign(MESSAGE, str(tmp_path / "none"), "codexa")
    assert "user.signingKey" in caught.value.hints[0]
    literal = f"key::{public_key(str(key))}"
    key.unlink()
    for name in (literal, f"{key}.pub"):
        with pytest.raises(SignatureError, match="could not sign") as caught:
            sign(MESSAGE, name, "codexa")
        assert "ssh-add -l" in caught.value.hints[0]


def test_another_program_may_sign(key: Path, tmp_path: Path) -> None:
    program = tmp_path / "signer"
    program.write_text(f'#!/bin/sh\ntouch {tmp_path}/asked\nexec ssh-keygen "$@"\n')
    program.chmod(0o755)
    signature = sign(MESSAGE, str(key), "codexa", str(program))
    assert (tmp_path / "asked").exists()
    assert verify(MESSAGE, signature, WHO, allowed(key), "codexa", None) is True
    program.write_text("#!/bin/sh\necho no signature\n")
    with pytest.raises(SignatureError, match="could not sign"):
        sign(MESSAGE, str(key), "codexa", str(program))


def test_a_key_is_made_once_and_is_its_owners_alone(key: Path) -> None:
    assert key.stat().st_mode & 0o777 == 0o600
    before = key.read_bytes()
    with pytest.raises(SignatureError, match="there is a key at"):
        generate(key, "again")
    assert key.read_bytes() == before
    with pytest.raises(SignatureError, match="could not make a key"):
        generate(key.parent / "none/key", "x")


def test_the_public_half_is_found_in_every_place(key: Path) -> None:
    line = key.with_name("key.pub").read_text().strip()
    assert line.endswith(" demo")
    names = (str(key), f"{key}.pub", f"key::{line}\n")
    assert [public_key(name) for name in names] == [line] * 3
    key.with_name("key.pub").unlink()
    assert public_key(str(key)).split()[:2] == line.split()[:2]
    with pytest.raises(SignatureError, match="there is no public key for"):
        public_key(str(key.parent / "none"))


def test_openssh_tells_its_version() -> None:
    found = ssh_version()
    assert found is not None
    assert found >= (8, 0)


def test_without_openssh_signing_says_so_and_verifying_is_no_answer(
    key: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    signature, signers = sign(MESSAGE, str(key), "codexa"), allowed(key)
    monkeypatch.setenv("PATH", os.fspath(tmp_path / "nothing"))
    assert verify(MESSAGE, signature, WHO, signers, "codexa", None) is None
    assert ssh_version() is None
    with pytest.raises(SignatureError, match="ssh-keygen is not installed") as caught:
        sign(MESSAGE, str(key), "codexa")
    assert caught.value.hints


def test_an_agents_keys_are_listed(agent: str) -> None:
    (line,) = agent_keys() or ()
    assert agent == f"key::{line}"


def test_without_an_agent_no_keys_are_claimed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert agent_keys() is None
    monkeypatch.setenv("SSH_AUTH_SOCK", str(tmp_path / "nothing"))
    assert agent_keys() is None
    monkeypatch.setenv("PATH", str(tmp_path))
    assert agent_keys() is None
