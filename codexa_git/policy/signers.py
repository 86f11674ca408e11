"""`.codexa/allowed_signers`: which key speaks for whom, and when.

OpenSSH's own format (ssh-keygen(1), ALLOWED SIGNERS), less what would make an answer depend on
more than this file: one literal principal a line, no patterns, lists or negation, no certificate
authorities, `namespaces` named and holding `codexa`, and times in UTC (with `Z`: without it
`ssh-keygen` uses the zone of whoever asks). Every line accepted here means the same to
`ssh-keygen`. A key speaks for one principal, once.
"""

from codexa_git.errors import PaperError
from codexa_git.policy.sshkeys import KEY_TYPES, read_key
from codexa_git.policy.wire import WireError, base64, unbase64
from codexa_git.repository.hashing import hashed
from codexa_git.values import NamedTuple

PATH = ".codexa/allowed_signers"
NAMESPACE = "codexa"
_LARGEST = 1_000_000
_TEACHES = (
    f'{NAMESPACE} reads lines like: pm@demo.invalid namespaces="{NAMESPACE}" ssh-ed25519 AAAA'
)
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_NAME_MARKS = frozenset(_LETTERS + ".+-_'=&~")
_WORD_MARKS = frozenset(_LETTERS + ".-_@")


class Signer(NamedTuple):
    """One line: this key signs as this principal, within this window (both ends included)."""

    principal: str
    key_type: str
    key: bytes
    valid_after: int | None = None
    valid_before: int | None = None
    line: int = 0
    namespaces: tuple[str, ...] = (NAMESPACE,)

    def text(self) -> str:
        """The line that says just this, without its end."""
        return _line_of(self)

    def is_valid_at(self, seconds: int) -> bool:
        """True within the window of this line, as `ssh-keygen` counts it."""
        return (self.valid_after is None or seconds >= self.valid_after) and (
            self.valid_before is None or seconds <= self.valid_before
        )


class AllowedSigners(NamedTuple):
    """All lines, in the file's order."""

    signers: tuple[Signer, ...] = ()

    def keys_of(self, principal: str) -> tuple[Signer, ...]:
        """The keys that sign as exactly this principal."""
        return tuple(signer for signer in self.signers if signer.principal == principal)

    def of_key(self, blob: bytes) -> Signer | None:
        """The one line with this key; `None` where nobody has it."""
        return next((signer for signer in self.signers if signer.key == blob), None)

    def text(self) -> bytes:
        """The file that says just this, for `ssh-keygen` to read."""
        return "".join(_line_of(signer) + "\n" for signer in self.signers).encode("ascii")


def parse_signers(content: bytes) -> AllowedSigners:
    """Who may sign.

    Raises:
        PaperError: a line that is not of this form, or a key that stands there twice.
    """
    if len(content) > _LARGEST:
        raise PaperError(PATH, None, f"the file is larger than {_LARGEST} bytes")
    signers: list[Signer] = []
    seen: dict[bytes, Signer] = {}
    for number, raw in enumerate(content.split(b"\n"), 1):
        signer = _signer(_decoded(raw, number), number)
        if signer is None:
            continue
        if (before := seen.get(signer.key)) is not None:
            raise _mistake(number, _twice(signer, before))
        seen[signer.key] = signer
        signers.append(signer)
    return AllowedSigners(tuple(signers))


def format_line(
    principal: str, public: str, *, valid_after: str | None = None, valid_before: str | None = None
) -> str:
    """The line (without its end) that lets the public key line `public` sign as `principal`.

    Raises:
        PaperError: that would not be a line that `parse_signers` accepts.
    """
    fields = [f'namespaces="{NAMESPACE}"']
    fields += [f'valid-after="{valid_after}"'] if valid_after else []
    fields += [f'valid-before="{valid_before}"'] if valid_before else []
    line = f"{principal} {','.join(fields)} {' '.join(public.split()[:2])}"
    if _signer(line, 1) is None:
        raise _mistake(1, "there is no principal and no key")
    return line


def fingerprint(blob: bytes) -> str:
    """`SHA256:` and the unpadded base64 of the digest, as `ssh-keygen -l` prints it."""
    return "SHA256:" + base64(hashed("sha256", blob).digest()).rstrip("=")


def is_principal(text: str) -> bool:
    """True for a literal e-mail address: ASCII, one `@`, nothing that a pattern or list uses."""
    name, at, domain = text.partition("@")
    return (
        bool(name and at and domain)
        and len(text) <= 254
        and all(mark in _NAME_MARKS for mark in name)
        and _is_domain(domain)
    )


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    return all(
        label.isascii() and label.replace("-", "a").isalnum() and label.strip("-") == label
        for label in labels
    )


def _mistake(line: int, sentence: str) -> PaperError:
    return PaperError(PATH, line, sentence, hint=_TEACHES)


def _twice(signer: Signer, before: Signer) -> str:
    if signer.principal == before.principal:
        return f"this key of {signer.principal} is already on line {before.line}"
    return f"this key already speaks for {before.principal}, and a key must speak for one person"


def _decoded(raw: bytes, number: int) -> str:
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _mistake(number, "the line is not UTF-8") from error
    if not text.replace("\t", " ").isprintable():
        raise _mistake(number, "the line holds control characters (or ends with a carriage return)")
    return text


def _signer(text: str, number: int) -> Signer | None:
    fields = text.replace("\t", " ").split(" ")
    words = [field for field in fields if field]
    if not words or words[0].startswith("#"):
        return None
    principal = words[0]
    if not is_principal(principal):
        raise _mistake(number, f"{principal!a} is not one literal e-mail address")
    if len(words) < 2 or words[1] in KEY_TYPES:
        raise _mistake(number, f'the line does not say namespaces="{NAMESPACE}"')
    options = _options(words[1], number)
    if len(words) < 4:
        raise _mistake(number, "the line has no key type and key")
    key = _key(words[2], words[3], number)
    after, before = options.get("valid-after"), options.get("valid-before")
    opens = None if after is None else _seconds(after, number)
    closes = None if before is None else _seconds(before, number)
    if opens is not None and closes is not None and closes <= opens:
        raise _mistake(number, "valid-before is not after valid-after")
    namespaces = _namespaces(options, number)
    return Signer(principal, words[2], key, opens, closes, number, namespaces)


def _options(text: str, number: int) -> dict[str, str]:
    options: dict[str, str] = {}
    rest = text
    while rest:
        name, equals, quoted = rest.partition('="')
        value, quote, rest = quoted.partition('"')
        if name not in ("namespaces", "valid-after", "valid-before") or not (equals and quote):
            raise _mistake(number, f"{rest or text!a} is not an option that is accepted here")
        if name in options:
            raise _mistake(number, f"the option {name} stands there twice")
        options[name] = value
        if rest:
            if not rest.startswith(",") or rest == ",":
                raise _mistake(number, "options are separated by one comma")
            rest = rest[1:]
    return options


def _namespaces(options: dict[str, str], number: int) -> tuple[str, ...]:
    names = tuple(options.get("namespaces", "").split(","))
    if NAMESPACE not in names:
        raise _mistake(number, f'the line does not say namespaces="{NAMESPACE}"')
    if not all(name and all(mark in _WORD_MARKS for mark in name) for name in names):
        raise _mistake(number, "namespaces are plain words, without patterns")
    return names


def _key(key_type: str, text: str, number: int) -> bytes:
    if key_type not in KEY_TYPES:
        raise _mistake(number, f"keys of type {key_type!a} are not accepted")
    try:
        blob = unbase64(text)
        found = read_key(blob).key_type
    except WireError as error:
        raise _mistake(number, f"the key cannot be used: {error}") from error
    if found != key_type:
        raise _mistake(number, f"the line says {key_type} and its key is of type {found}")
    return blob


def _seconds(text: str, number: int) -> int:
    from datetime import UTC, datetime  # noqa: PLC0415

    digits = text.removesuffix("Z")
    formats = {8: "%Y%m%d", 12: "%Y%m%d%H%M", 14: "%Y%m%d%H%M%S"}
    if not text.endswith("Z"):
        raise _mistake(number, f"the time {text!a} has no Z, so it means another one elsewhere")
    if not (digits.isascii() and digits.isdigit() and len(digits) in formats):
        raise _mistake(number, f"{text!a} is not a time like 20261123Z or 202611230930Z")
    try:
        moment = datetime.strptime(digits, formats[len(digits)]).replace(tzinfo=UTC)
    except ValueError as error:
        raise _mistake(number, f"{text!a} is no day and time that exists") from error
    if moment.timestamp() <= 0:
        raise _mistake(number, f"the time {text!a} is before 1970, where no key was made")
    return int(moment.timestamp())


def _line_of(signer: Signer) -> str:
    from datetime import UTC, datetime  # noqa: PLC0415

    def written(name: str, seconds: int | None) -> str:
        if seconds is None:
            return ""
        return f',{name}="{datetime.fromtimestamp(seconds, UTC):%Y%m%d%H%M%SZ}"'

    options = f'namespaces="{",".join(signer.namespaces)}"'
    options += written("valid-after", signer.valid_after)
    options += written("valid-before", signer.valid_before)
    return f"{signer.principal} {options} {signer.key_type} {base64(signer.key)}"
