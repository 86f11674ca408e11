"""Lines that are accepted mean the same to `ssh-keygen`; what is refused is refused by its line."""

import base64
import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from policy.authenticator import (
    PRINCIPAL,
    SSH_TYPES,
    Oracle,
    SecurityKey,
    keygen,
    mpint,
    new_key,
    packed,
    public_of,
    ssh_sign,
)

from codexa_git.errors import PaperError
from codexa_git.policy.signers import (
    AllowedSigners,
    fingerprint,
    format_line,
    is_principal,
    parse_signers,
)

EDWARDS = "ssh-ed25519 " + base64.b64encode(packed(b"ssh-ed25519") + packed(bytes(32))).decode()
OTHER = "ssh-ed25519 " + base64.b64encode(packed(b"ssh-ed25519") + packed(b"x" * 32)).decode()
GOOD = f'pm@demo.invalid namespaces="codexa" {EDWARDS}'


def encoded(*parts: bytes) -> str:
    return f"{parts[0].decode()} {base64.b64encode(b''.join(map(packed, parts))).decode()}"


def rsa_line(bits: int, exponent: int = 65537) -> str:
    blob = packed(b"ssh-rsa") + mpint(exponent) + mpint((1 << bits) - 1)
    return f"ssh-rsa {base64.b64encode(blob).decode()}"


def allowed(public: str, options: str = 'namespaces="codexa"', who: str = PRINCIPAL) -> str:
    return f"{who} {options} {public}"


REFUSED = {
    "a list of principals": allowed(EDWARDS, who="a@b.c,d@e.f"),
    "a pattern": allowed(EDWARDS, who="*@demo.invalid"),
    "a question mark": allowed(EDWARDS, who="p?@demo.invalid"),
    "a negation": allowed(EDWARDS, who="!pm@demo.invalid"),
    "a quoted principal": allowed(EDWARDS, who='"pm@demo.invalid"'),
    "a bare name": allowed(EDWARDS, who="pm"),
    "two at signs": allowed(EDWARDS, who="pm@demo@invalid"),
    "letters that look alike": allowed(EDWARDS, who="\u0440m@demo.invalid"),
    "no options": f"{PRINCIPAL} {EDWARDS}",
    "other namespaces": allowed(EDWARDS, 'namespaces="git"'),
    "a namespace pattern": allowed(EDWARDS, 'namespaces="codexa,*"'),
    "a namespace negation": allowed(EDWARDS, 'namespaces="codexa,!git"'),
    "an empty namespace": allowed(EDWARDS, 'namespaces="codexa,"'),
    "a namespace without quotes": allowed(EDWARDS, "namespaces=codexa"),
    "namespaces twice": allowed(EDWARDS, 'namespaces="codexa",namespaces="codexa"'),
    "an authority": allowed(EDWARDS, 'cert-authority,namespaces="codexa"'),
    "an option in capitals": allowed(EDWARDS, 'Namespaces="codexa"'),
    "an option nobody knows": allowed(EDWARDS, 'namespaces="codexa",no-touch-required'),
    "an open quotation": allowed(EDWARDS, 'namespaces="codexa'),
    "a comma at the end": allowed(EDWARDS, 'namespaces="codexa",'),
    "a comma at the start": allowed(EDWARDS, ',namespaces="codexa"'),
    "options that touch": allowed(EDWARDS, 'namespaces="codexa"valid-after="20260101Z"'),
    "a time without Z": allowed(EDWARDS, 'namespaces="codexa",valid-after="20260101"'),
    "a time with z": allowed(EDWARDS, 'namespaces="codexa",valid-after="20260101z"'),
    "a day that is none": allowed(EDWARDS, 'namespaces="codexa",valid-after="20260230Z"'),
    "a time of odd length": allowed(EDWARDS, 'namespaces="codexa",valid-after="2026010101Z"'),
    "a time in other digits": allowed(EDWARDS, 'namespaces="codexa",valid-after="\uff120260101Z"'),
    "a time before keys": allowed(EDWARDS, 'namespaces="codexa",valid-after="19600101Z"'),
    "a window that is empty": allowed(
        EDWARDS, 'namespaces="codexa",valid-after="20260102Z",valid-before="20260102Z"'
    ),
    "no key": f'{PRINCIPAL} namespaces="codexa"',
    "no key after its type": f'{PRINCIPAL} namespaces="codexa" ssh-ed25519',
    "a key of another type": allowed("ssh-rsa " + EDWARDS.split()[1]),
    "a type nobody takes": allowed(encoded(b"ssh-dss", b"x")),
    "a certificate": allowed(encoded(b"ssh-ed25519-cert-v01@openssh.com", b"x" * 32)),
    "a key that is short": allowed(encoded(b"ssh-ed25519", b"x" * 31)),
    "a key with more behind": allowed(encoded(b"ssh-ed25519", b"x" * 32, b"")),
    "a key on another curve": allowed(encoded(b"ecdsa-sha2-nistp256", b"nistp384", b"\4" * 97)),
    "a compressed point": allowed(encoded(b"ecdsa-sha2-nistp256", b"nistp256", b"\2" * 33)),
    "a security key without application": allowed(
        encoded(b"sk-ssh-ed25519@openssh.com", b"x" * 32)
    ),
    "a small RSA key": allowed(rsa_line(2047)),
    "an RSA key of the past": allowed(rsa_line(1024)),
    "a huge RSA key": allowed(rsa_line(16385)),
    "an even exponent": allowed(rsa_line(2048, 4)),
    "an exponent of one": allowed(rsa_line(2048, 1)),
    "base64 that is cut": allowed(EDWARDS[:-3]),
    "base64 with more behind": allowed(EDWARDS + "AAAA"),
    "base64 with loose bits": allowed(EDWARDS.replace("AAAA", "AAA\u00e9", 1)),
    "a carriage return": GOOD + "\r",
    "a nul": GOOD + "\0",
    "a direction mark": GOOD + " \u202e",
    "the same key again": f"{GOOD}\n{GOOD}",
    "a key for two people": f"{GOOD}\n{allowed(EDWARDS, who='qa@demo.invalid')}",
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_would_mean_more_than_one_line_says_is_refused_at_its_line(case: str) -> None:
    text = "# first\n\n" + REFUSED[case]
    with pytest.raises(PaperError) as caught:
        parse_signers(text.encode())
    assert caught.value.path == ".codexa/allowed_signers"
    assert caught.value.line == text.count("\n") + 1
    assert caught.value.hints


def test_a_key_for_two_people_names_the_first() -> None:
    with pytest.raises(PaperError, match=r"already speaks for pm@demo\.invalid"):
        parse_signers(REFUSED["a key for two people"].encode())


def test_comments_blank_lines_tabs_and_trailing_words_are_let_through() -> None:
    text = f"# Zoë\n\n \t \n  # x\n{GOOD.replace(' ', chr(9))}\tdemo key\n"
    signers = parse_signers(text.encode())
    assert [(s.principal, s.line, s.namespaces) for s in signers.signers] == [
        (PRINCIPAL, 5, ("codexa",))
    ]
    assert parse_signers(b"") == AllowedSigners()


def test_bytes_that_are_no_text_are_refused_at_their_line() -> None:
    with pytest.raises(PaperError, match="allowed_signers:2: the line is not UTF-8"):
        parse_signers(GOOD.encode() + b"\n\xff\n")
    with pytest.raises(PaperError, match="larger than"):
        parse_signers(b"#" * 2_000_000)


def test_a_person_may_have_several_keys_and_each_key_one_person() -> None:
    signers = parse_signers(f"{GOOD}\n{allowed(OTHER)}\n".encode())
    first, second = signers.signers
    assert signers.keys_of(PRINCIPAL) == (first, second)
    assert signers.keys_of("PM@demo.invalid") == ()
    assert signers.of_key(second.key) == second
    assert signers.of_key(b"") is None


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("20261122Z", 1_795_305_600),
        ("202611221600Z", 1_795_363_200),
        ("20261122160001Z", 1_795_363_201),
    ],
)
def test_times_are_utc_in_all_three_forms(written: str, seconds: int) -> None:
    options = f'valid-before="{written}",namespaces="git,codexa"'
    (signer,) = parse_signers(allowed(EDWARDS, options).encode()).signers
    assert (signer.valid_after, signer.valid_before) == (None, seconds)
    assert signer.is_valid_at(seconds)
    assert not signer.is_valid_at(seconds + 1)


@pytest.mark.parametrize(
    "options",
    [
        'namespaces="codexa"',
        'namespaces="git,codexa"',
        'valid-after="20260101Z",namespaces="codexa"',
        'namespaces="codexa",valid-before="202712312359Z",valid-after="20260101000000Z"',
    ],
)
@pytest.mark.parametrize("kind", SSH_TYPES)
def test_lines_that_are_accepted_mean_the_same_to_ssh_keygen(
    kind: str, options: str, ssh_keys: dict[str, Path], tmp_path: Path
) -> None:
    text = f"# keys\n{allowed(public_of(ssh_keys[kind]), options)} demo\n"
    signers = parse_signers(text.encode())
    armored = ssh_sign(ssh_keys[kind], b"payload")
    assert Oracle(tmp_path, text).accepts(b"payload", armored)
    again = signers.text().decode()
    assert Oracle(tmp_path, again).accepts(b"payload", armored)
    (one,), (other,) = signers.signers, parse_signers(again.encode()).signers
    assert one._replace(line=0) == other._replace(line=0)


def test_an_address_of_odd_letters_is_the_same_to_ssh_keygen(
    ssh_keys: dict[str, Path], tmp_path: Path
) -> None:
    odd = "a=b~c'd&e+f_g.h-i@x-y.z9"
    text = allowed(public_of(ssh_keys["ed25519"]), who=odd) + "\n"
    assert parse_signers(text.encode()).signers[0].principal == odd
    armored = ssh_sign(ssh_keys["ed25519"], b"payload")
    assert Oracle(tmp_path, text).accepts(b"payload", armored, odd)


@pytest.mark.parametrize("kind", SSH_TYPES)
def test_fingerprints_are_those_that_ssh_keygen_shows(kind: str, ssh_keys: dict[str, Path]) -> None:
    shown = keygen("-l", "-f", f"{ssh_keys[kind]}.pub").stdout.decode().split()[1]
    (signer,) = parse_signers(allowed(public_of(ssh_keys[kind])).encode()).signers
    assert fingerprint(signer.key) == shown


@pytest.mark.parametrize("kind", ["sk-ed25519", "sk-ecdsa"])
def test_security_keys_are_accepted_with_their_application(kind: str) -> None:
    key = SecurityKey(kind)
    (signer,) = parse_signers(allowed(key.public).encode()).signers
    assert (signer.key_type, signer.key) == (key.key_type, key.blob)


def test_a_line_is_written_that_is_read_again(tmp_path: Path) -> None:
    public = new_key(tmp_path, "ed25519").with_name("ed25519.pub").read_text()
    line = format_line(PRINCIPAL, public, valid_after="20260101Z", valid_before="20270101Z")
    assert line == (
        f'{PRINCIPAL} namespaces="codexa",valid-after="20260101Z",valid-before="20270101Z" '
        + " ".join(public.split()[:2])
    )
    assert parse_signers(line.encode()).signers[0].principal == PRINCIPAL


@pytest.mark.parametrize(
    ("principal", "public"),
    [("a b@c", EDWARDS), ("*@c", EDWARDS), ("#a@c", EDWARDS), (PRINCIPAL, ""), ("", EDWARDS)],
)
def test_no_line_is_written_that_would_not_be_read(principal: str, public: str) -> None:
    with pytest.raises(PaperError):
        format_line(principal, public)


@given(
    st.text(max_size=30) | st.from_regex(r"[a-z.*?!,#\"@ -]{1,12}@[a-z.*@-]{1,8}", fullmatch=True)
)
def test_a_principal_is_never_a_pattern(text: str) -> None:
    if is_principal(text):
        assert text.isascii()
        assert not set(text) & set('*?!,#"\\ \t\n\0')
        assert text.count("@") == 1


@given(st.binary(max_size=80), st.integers(0, len(GOOD)))
def test_arbitrary_bytes_raise_nothing_else(noise: bytes, at: int) -> None:
    content = GOOD.encode()
    for text in (noise, content[:at] + noise + content[at:]):
        with contextlib.suppress(PaperError):
            parse_signers(text)
