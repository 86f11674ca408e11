import base64
import hashlib
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from policy.authenticator import (
    AT,
    PRINCIPAL,
    Oracle,
    SecurityKey,
    keygen,
    new_key,
    public_of,
    ssh_sign,
)

from codexa_git.policy.keys import (
    Candidate,
    default_key_command,
    ed25519_from_seed,
    find_keys,
    has_passphrase,
    public_line,
    signing_program,
)
from codexa_git.policy.signatures import Answer, check
from codexa_git.policy.signers import parse_signers


def configured(**values: str) -> Callable[[str], str | None]:
    names = {"key": "user.signingkey", "format": "gpg.format", "program": "gpg.ssh.program"}
    names["command"] = "gpg.ssh.defaultKeyCommand"
    known = {names[name]: value for name, value in values.items()}
    return known.get


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".ssh").mkdir()
    return tmp_path


def put(home: Path, name: str, public: str) -> Path:
    path = home / ".ssh" / name
    path.write_text(f"{public} a comment\n")
    return path


def test_nobody_without_keys_has_candidates(tmp_path: Path) -> None:
    assert find_keys(configured(), tmp_path) == ()


def test_usual_files_are_found_those_that_ask_for_a_touch_first(home: Path) -> None:
    plain = public_of(new_key(home, "ed25519"))
    security = SecurityKey("sk-ed25519").public
    put(home, "id_ed25519.pub", plain)
    touched = put(home, "id_ed25519_sk.pub", security)
    put(home, "id_rsa.pub", "ssh-rsa nonsense")
    put(home, "other.pub", plain)
    found = find_keys(configured(), home)
    assert [candidate.label for candidate in found] == [
        "~/.ssh/id_ed25519_sk.pub",
        "~/.ssh/id_ed25519.pub",
    ]
    assert found[0] == Candidate("~/.ssh/id_ed25519_sk.pub", str(touched), security)


def test_what_git_signs_with_comes_first_and_once(home: Path) -> None:
    key = new_key(home, "ed25519")
    put(home, "id_ed25519.pub", public_of(key))
    other = public_of(new_key(home, "ecdsa-256"))
    put(home, "id_ecdsa.pub", other)
    found = find_keys(configured(key=str(key), format="ssh"), home)
    assert found[0] == Candidate("user.signingkey", str(key), public_of(key))
    assert [candidate.public for candidate in found[1:]] == [other]


@pytest.mark.parametrize("written", ["~/ed25519", "~/ed25519.pub", "{home}/ed25519.pub"])
def test_a_configured_path_is_read_as_git_reads_it(written: str, home: Path) -> None:
    key = new_key(home, "ed25519")
    value = written.replace("{home}", str(home))
    (found,) = find_keys(configured(key=value, format="ssh"), home)
    assert found.public == public_of(key)
    assert Path(found.sign_with).is_absolute()
    signed = keygen("-Y", "sign", "-n", "codexa", "-f", found.sign_with, given=b"x")
    assert signed.returncode == 0


@pytest.mark.parametrize("prefix", ["key::", ""])
@pytest.mark.parametrize("kind", ["sk-ed25519", "sk-ecdsa"])
def test_a_literal_key_lies_in_an_agent(prefix: str, kind: str, home: Path) -> None:
    public = SecurityKey(kind).public
    value = f"{prefix}{public} a comment"
    (found,) = find_keys(configured(key=value, format="ssh"), home)
    assert found == Candidate("user.signingkey (agent)", f"key::{public}", public)


@pytest.mark.parametrize(
    "value", ["", "ABCDEF0123456789", "key::nonsense", "key::", "nowhere/key", "/nowhere/key"]
)
def test_a_configured_value_that_is_no_ssh_key_is_no_candidate(value: str, home: Path) -> None:
    assert find_keys(configured(key=value), home) == ()


def test_a_key_for_another_format_is_no_candidate(home: Path) -> None:
    key = new_key(home, "ed25519")
    assert find_keys(configured(key=str(key), format="openpgp"), home) == ()


def test_a_folder_in_a_keys_place_is_no_candidate(home: Path) -> None:
    (home / ".ssh" / "id_ed25519.pub").mkdir()
    (home / ".ssh" / "id_rsa.pub").write_bytes(b"\xff\xfe")
    assert find_keys(configured(), home) == ()


def test_the_private_half_is_never_read(home: Path) -> None:
    key = new_key(home, "ed25519")
    put(home, "id_ed25519.pub", public_of(key))
    (home / ".ssh" / "id_ed25519").mkdir()  # which could not be read
    assert len(find_keys(configured(), home)) == 1


def test_git_s_program_and_default_command_are_named_and_not_run() -> None:
    assert signing_program(configured()) == "ssh-keygen"
    assert signing_program(configured(program="/opt/op-ssh-sign")) == "/opt/op-ssh-sign"
    assert default_key_command(configured(command="ssh-add -L", format="ssh")) == "ssh-add -L"
    assert default_key_command(configured(command="ssh-add -L")) is None
    assert default_key_command(configured(command="x", format="ssh", key="y")) is None
    assert default_key_command(configured(format="ssh")) is None


@pytest.mark.parametrize(
    "text", ["", "ssh-ed25519", "ssh-ed25519 AAAA", "ssh-dss AAAA", "x y", "ssh-rsa \u00e9"]
)
def test_what_is_no_public_line_is_none(text: str) -> None:
    assert public_line(text) is None


def test_a_line_of_one_type_with_a_key_of_another_is_none(tmp_path: Path) -> None:
    body = public_of(new_key(tmp_path, "ed25519")).split()[1]
    assert public_line(f"ssh-rsa {body}") is None


SEED = hashlib.sha256(b"demo").digest()
PRIVATE = "b5b4b9a3978d5f23c8fec1e50c836318214c6e67e6265043625d0c56bd3320fe"
PUBLIC = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKXp4tRzPmQ9am4Zt0nig5UeVkwd5POznFVhFoag3dqK"


def test_a_seed_gives_the_same_bytes_every_time() -> None:
    private, public = ed25519_from_seed(SEED)
    assert ed25519_from_seed(SEED) == (private, public)
    assert hashlib.sha256(private).hexdigest() == PRIVATE
    assert public == PUBLIC
    assert ed25519_from_seed(bytes(32))[1] != public


def test_a_seeded_key_is_one_that_ssh_keygen_reads_and_signs_with(tmp_path: Path) -> None:
    private, public = ed25519_from_seed(SEED)
    path = tmp_path / "seeded"
    path.write_bytes(private)
    path.chmod(0o600)
    shown = keygen("-y", "-f", str(path))
    assert shown.stdout.decode().split()[:2] == public.split()
    path.with_name("seeded.pub").write_text(public + "\n")
    armored = ssh_sign(path, b"payload")
    assert armored == ssh_sign(path, b"payload")
    line = f'{PRINCIPAL} namespaces="codexa" {public}\n'
    assert Oracle(tmp_path, line).accepts(b"payload", armored)
    judged = check(b"payload", armored, PRINCIPAL, parse_signers(line.encode()), AT)
    assert judged.answer is Answer.GOOD


def test_a_seeded_file_is_laid_out_as_ssh_keygen_does_it(tmp_path: Path) -> None:
    """Written again by `ssh-keygen`, it differs in the two random numbers and nothing else."""
    private, _ = ed25519_from_seed(SEED)
    path = tmp_path / "seeded"
    path.write_bytes(private)
    path.chmod(0o600)
    assert keygen("-q", "-p", "-N", "", "-f", str(path)).returncode == 0
    ours, theirs = (
        base64.b64decode("".join(text.splitlines()[1:-1]))
        for text in (private.decode(), path.read_text())
    )
    assert len(ours) == len(theirs)
    differ = [at for at in range(len(ours)) if ours[at] != theirs[at]]
    assert len(differ) <= 8
    assert differ[-1] - differ[0] < 8


def test_a_seed_of_another_length_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(AssertionError, match="32 bytes"):
        ed25519_from_seed(b"short")


@pytest.mark.parametrize("form", [[], ["-m", "PEM"], ["-m", "PKCS8"]], ids=["own", "pem", "pkcs8"])
@pytest.mark.parametrize("passphrase", ["", "secret"])
def test_whether_a_key_asks_for_a_passphrase_is_seen(
    tmp_path: Path, form: list[str], passphrase: str
) -> None:
    place = tmp_path / "key"
    make = ["ssh-keygen", "-q", "-t", "ecdsa", *form, "-N", passphrase, "-f", str(place)]
    subprocess.run(make, check=True, capture_output=True)
    assert has_passphrase(place) == bool(passphrase)


@pytest.mark.parametrize(
    "content", [None, b"", b"ssh-ed25519 AAAA\n", b"\xff" * 900, b"-----BEGIN"]
)
def test_of_what_is_no_private_key_it_is_not_said(tmp_path: Path, content: bytes | None) -> None:
    place = tmp_path / "key"
    if content is not None:
        place.write_bytes(content)
    assert has_passphrase(place) is None
