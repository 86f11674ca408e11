"""Our reader beside `ssh-keygen`: it may be stricter, in the ways named here, and never laxer."""

import base64
import sys
from pathlib import Path

import pytest
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from policy.authenticator import (
    AT,
    PRINCIPAL,
    SK_TYPES,
    SSH_TYPES,
    Envelope,
    Oracle,
    SecurityKey,
    keygen,
    new_key,
    opened,
    packed,
    public_of,
    signed_here,
    ssh_sign,
    to_sign,
)
from policy.bending import bends
from policy.fresh import said
from policy.hands import Hand, line

from codexa_git.errors import SignatureError
from codexa_git.policy import signatures
from codexa_git.policy.signatures import Answer, check, parse_signature
from codexa_git.policy.signers import AllowedSigners, fingerprint

PAYLOAD = b'{"decision":"approve","seen":[]}'
KINDS = SSH_TYPES + SK_TYPES

STRICTER = {
    # ssh-keygen reads up to the foot and looks no further
    "armor: two final newlines",
    "armor: text after",
    "armor: a second signature after",
    "armor: a nul at the end",
    # its base64 skips white space
    "armor: 77 columns",
    "armor: one line",
    "armor: ragged lines",
    "armor: blank line within",
    "armor: spaces in the base64",
    # it refuses only versions above its own, and does not sign what it finds reserved
    "envelope: version 0",
    "envelope: reserved",
    # it takes a nul for the end of a name
    "envelope: namespace with a nul",
    # one number in two encodings, one signature in two
    "ed25519: scalar above the order",
    "ecdsa: needless zero",
    "rsa: leading zero left out",
}


@pytest.fixture(params=KINDS)
def hand(request: pytest.FixtureRequest, ssh_keys: dict[str, Path], tmp_path: Path) -> Hand:
    kind = request.param
    if kind in SK_TYPES:
        key = SecurityKey(kind)
        return Hand(kind, key.envelope(PAYLOAD).armored(), Oracle(tmp_path, line(key.public)))
    public = public_of(ssh_keys[kind])
    return Hand(kind, ssh_sign(ssh_keys[kind], PAYLOAD), Oracle(tmp_path, line(public)))


def test_what_ssh_keygen_refuses_we_refuse_and_where_we_are_stricter_is_written(hand: Hand) -> None:
    laxer, stricter, names = [], set(), set()
    for name, armored in bends(hand.kind, hand.armored):
        ours = hand.judge(PAYLOAD, armored).answer
        theirs = hand.oracle.accepts(PAYLOAD, armored)
        assert ours in (Answer.GOOD, Answer.BAD), name
        names.add(name)
        if ours is Answer.GOOD and not theirs:
            laxer.append(name)
        if ours is Answer.BAD and theirs:
            stricter.add(name)
    assert laxer == []
    assert stricter == STRICTER & names
    assert len(names) > 100


def test_an_untouched_signature_is_good_for_both(hand: Hand) -> None:
    judgement = hand.judge(PAYLOAD, hand.armored)
    assert hand.oracle.accepts(PAYLOAD, hand.armored)
    assert judgement.answer is Answer.GOOD
    assert judgement.signer == hand.signers.signers[0]
    assert fingerprint(hand.signers.signers[0].key) in judgement.reason
    assert PRINCIPAL in judgement.reason


@pytest.mark.parametrize("namespace", ["codexa", "file"])
def test_what_tests_sign_by_themselves_is_what_ssh_keygen_signs(
    ssh_keys: dict[str, Path], namespace: str
) -> None:
    key = ssh_keys["ed25519"]
    assert signed_here(key, PAYLOAD, namespace) == ssh_sign(key, PAYLOAD, namespace)


def test_any_changed_byte_of_the_payload_is_bad_for_both(hand: Hand) -> None:
    others = [PAYLOAD + b"\n", PAYLOAD[:-1], b"", PAYLOAD.replace(b"approve", b"Approve")]
    others += [
        PAYLOAD[:at] + bytes([PAYLOAD[at] ^ 1]) + PAYLOAD[at + 1 :] for at in range(len(PAYLOAD))
    ]
    for payload in others:
        assert hand.judge(payload, hand.armored).answer is Answer.BAD
        assert not hand.oracle.accepts(payload, hand.armored)


def test_a_key_speaks_for_its_own_principal_only(hand: Hand) -> None:
    for other in ("qa@demo.invalid", "PM@demo.invalid", "*@demo.invalid", "", PRINCIPAL + " "):
        judgement = hand.judge(PAYLOAD, hand.armored, other)
        assert judgement.answer is Answer.BAD
        assert not hand.oracle.accepts(PAYLOAD, hand.armored, other)


def test_a_key_that_nobody_allowed_is_bad_and_is_named(hand: Hand, tmp_path: Path) -> None:
    stranger = new_key(tmp_path, "ed25519")
    armored = ssh_sign(stranger, PAYLOAD)
    judgement = hand.judge(PAYLOAD, armored)
    assert judgement.answer is Answer.BAD
    assert judgement.signer is None
    shown = keygen("-l", "-f", f"{stranger}.pub").stdout.decode().split()[1]
    assert shown in judgement.reason
    assert not hand.oracle.accepts(PAYLOAD, armored)


def test_another_keys_signature_under_an_allowed_keys_name_is_bad(
    hand: Hand, tmp_path: Path
) -> None:
    stranger = opened(ssh_sign(new_key(tmp_path, "ed25519"), PAYLOAD))
    grafted = opened(hand.armored)._replace(inner=stranger.inner).armored()
    assert hand.judge(PAYLOAD, grafted).answer is Answer.BAD
    assert not hand.oracle.accepts(PAYLOAD, grafted)


@pytest.mark.parametrize("namespace", ["git", "file", "codexa2", "code"])
def test_a_real_signature_for_another_namespace_is_bad(
    namespace: str, ssh_keys: dict[str, Path], tmp_path: Path
) -> None:
    key = ssh_keys["ed25519"]
    armored = ssh_sign(key, PAYLOAD, namespace)
    oracle = Oracle(tmp_path, line(public_of(key)))
    judgement = Hand("ed25519", armored, oracle).judge(PAYLOAD, armored)
    assert judgement.answer is Answer.BAD
    assert "namespace" in judgement.reason
    assert not oracle.accepts(PAYLOAD, armored)


@pytest.mark.parametrize("kind", SSH_TYPES)
@pytest.mark.parametrize("hashed", ["sha256", "sha512"])
def test_both_hashes_of_the_format_are_good(
    kind: str, hashed: str, ssh_keys: dict[str, Path], tmp_path: Path
) -> None:
    armored = ssh_sign(ssh_keys[kind], PAYLOAD, hashed=hashed)
    assert parse_signature(armored).hash_algorithm == hashed
    hand = Hand(kind, armored, Oracle(tmp_path, line(public_of(ssh_keys[kind]))))
    assert hand.judge(PAYLOAD, armored).answer is Answer.GOOD


WINDOW = ',valid-after="20261122160000Z",valid-before="20261122170000Z"'


@pytest.mark.parametrize(
    ("at", "moment", "good"),
    [
        (AT - 1, "20261122155959Z", False),
        (AT, "20261122160000Z", True),
        (AT + 1800, "20261122163000Z", True),
        (AT + 3600, "20261122170000Z", True),
        (AT + 3601, "20261122170001Z", False),
    ],
    ids=["a second early", "at the start", "within", "at the end", "a second late"],
)
def test_a_window_is_judged_at_the_time_that_the_caller_names(
    at: int, moment: str, *, good: bool, ssh_keys: dict[str, Path], tmp_path: Path
) -> None:
    key = ssh_keys["ed25519"]
    oracle = Oracle(tmp_path, line(public_of(key), WINDOW))
    hand = Hand("ed25519", ssh_sign(key, PAYLOAD), oracle)
    assert (hand.judge(PAYLOAD, hand.armored, at=at).answer is Answer.GOOD) is good
    assert oracle.accepts(PAYLOAD, hand.armored, at=moment) is good


def test_keys_that_lie_in_no_authenticator_were_touched_by_nobody(hand: Hand) -> None:
    judgement = hand.judge(PAYLOAD, hand.armored)
    signature = parse_signature(hand.armored)
    is_security_key = hand.kind in SK_TYPES
    assert judgement.touched is is_security_key
    assert (signature.flags, signature.counter) == ((1, 7) if is_security_key else (None, None))


def rsa_signature(key: rsa.RSAPrivateKey, public: bytes, payload: bytes, algorithm: str) -> str:
    digest = hashes.SHA256() if algorithm.endswith("256") else hashes.SHA512()
    content = key.sign(to_sign(payload), padding.PKCS1v15(), digest)
    return Envelope(public, packed(algorithm.encode()) + packed(content)).armored()


@pytest.mark.parametrize(
    ("algorithm", "answer"),
    [("rsa-sha2-256", Answer.GOOD), ("rsa-sha2-512", Answer.GOOD), ("ssh-rsa", Answer.BAD)],
)
def test_rsa_signs_with_sha2_only(
    algorithm: str, answer: Answer, ssh_keys: dict[str, Path], tmp_path: Path
) -> None:
    key, public, oracle = loaded_rsa(ssh_keys["rsa-2048"], tmp_path)
    armored = rsa_signature(key, public, PAYLOAD, algorithm)
    assert Hand("rsa-2048", armored, oracle).judge(PAYLOAD, armored).answer is answer
    assert oracle.accepts(PAYLOAD, armored) is (answer is Answer.GOOD)


def loaded_rsa(path: Path, folder: Path) -> tuple[rsa.RSAPrivateKey, bytes, Oracle]:
    key = serialization.load_ssh_private_key(path.read_bytes(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    public = public_of(path)
    return key, base64.b64decode(public.split()[1]), Oracle(folder, line(public))


def test_an_rsa_signature_that_begins_with_zero_has_one_form(
    ssh_keys: dict[str, Path], tmp_path: Path
) -> None:
    key, public, oracle = loaded_rsa(ssh_keys["rsa-2048"], tmp_path)
    for number in range(5000):
        payload = str(number).encode()
        armored = rsa_signature(key, public, payload, "rsa-sha2-512")
        content = parse_signature(armored).signature
        if content[0] == 0:
            break
    else:
        pytest.fail("no signature of 5000 begins with a zero")
    inner = packed(b"rsa-sha2-512") + packed(content[1:])
    short = opened(armored)._replace(inner=inner).armored()
    hand = Hand("rsa-2048", armored, oracle)
    assert hand.judge(payload, armored).answer is Answer.GOOD
    assert hand.judge(payload, short).answer is Answer.BAD
    assert oracle.accepts(payload, short)  # named in STRICTER


@pytest.mark.parametrize(
    "text", ["", "x", "\udc80", "-----BEGIN SSH SIGNATURE-----\n", "é" * 30_000]
)
def test_text_that_is_no_signature_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(SignatureError, match="this is no signature that counts here: "):
        parse_signature(text)
    assert check(PAYLOAD, text, PRINCIPAL, AllowedSigners(), AT).answer is Answer.BAD


def test_without_cryptography_ssh_keygen_is_asked_and_without_both_it_is_undecided(
    ssh_keys: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = ssh_keys["ed25519"]
    oracle = Oracle(tmp_path, line(public_of(key)))
    hand = Hand("ed25519", ssh_sign(key, PAYLOAD), oracle)

    def ask(
        message: bytes,
        signature: str,
        principal: str,
        allowed: bytes,
        namespace: str,
        at: str | None,
    ) -> bool | None:
        assert namespace == "codexa"
        assert at == "2026-11-22T16:00:00Z"
        return Oracle(tmp_path, allowed.decode()).accepts(message, signature, principal)

    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    args = (hand.armored, PRINCIPAL, hand.signers, AT)
    assert check(PAYLOAD, *args, ask=ask).answer is Answer.GOOD
    assert check(b"other", *args, ask=ask).answer is Answer.BAD
    assert check(PAYLOAD, *args).answer is Answer.UNDECIDED
    assert check(PAYLOAD, *args, ask=lambda *_: None).answer is Answer.UNDECIDED


def test_an_algorithm_that_cryptography_was_built_without_is_undecided(
    hand: Hand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> None:
        raise UnsupportedAlgorithm("built without")

    signatures._proved.cache_clear()
    for name in ("_prove_ed25519", "_prove_ecdsa", "_prove_rsa"):
        monkeypatch.setattr(signatures, name, unsupported)
    judgement = hand.judge(PAYLOAD, hand.armored)
    assert (judgement.answer, judgement.touched) == (Answer.UNDECIDED, False)


def test_reading_a_signature_imports_no_arithmetic() -> None:
    program = (
        "import sys, codexa_git.policy.signatures, codexa_git.policy.compiled\n"
        "heavy = {'cryptography', 'pydantic', 'subprocess', 'tomllib', 'datetime', 'json'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    assert said(program) == "[]\n"
