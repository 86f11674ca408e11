"""Signatures by `ssh-keygen`: agents, passphrases and security keys work as they do for git."""

import os
import subprocess
from pathlib import Path

from codexa_git.errors import SignatureError
from codexa_git.repository.command import Finished, complaint, inherited

_LITERAL = "key::"
_INSTALL = "install OpenSSH 8.9 or later and put ssh-keygen on PATH"


def ssh_version() -> tuple[int, int] | None:
    """The version of OpenSSH on PATH; `None` where there is none."""
    try:
        said = _run(["ssh", "-V"]).err.decode("ascii", "replace")
    except SignatureError:
        return None
    numbers = said.removeprefix("OpenSSH_").split("p")[0].split(",")[0].split(".")
    if not said.startswith("OpenSSH_") or len(numbers) < 2 or not all(map(str.isdecimal, numbers)):
        return None
    return int(numbers[0]), int(numbers[1])


def sign(message: bytes, key: str, namespace: str, program: str = "ssh-keygen") -> str:
    """The armored signature over `message`.

    `key` is the path of a private or public key, or `key::ssh-...`, which an agent holds. A prompt
    for a passphrase goes to the terminal.
    """
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="codexa-") as folder:
        place, more = key, []
        if key.startswith(_LITERAL):
            place, more = str(Path(folder) / "key.pub"), ["-U"]
            Path(place).write_text(key.removeprefix(_LITERAL) + "\n")
        elif not Path(key).is_file():
            raise SignatureError(
                f"there is no key at {key}",
                hint="name yours: git config user.signingKey ~/.ssh/id_ed25519.pub",
            )
        # A security key asks for a touch on stderr, so the person has to see it.
        args = [program, "-Y", "sign", *more, "-n", namespace, "-f", place]
        done = _run(args, message, show=_is_touched(place))
    if done.status != 0 or not done.out.startswith(b"-----BEGIN SSH SIGNATURE-----"):
        raise SignatureError(
            f"{program} could not sign with {key[:80]}: {complaint(done)}",
            hint="is the key in your agent? ssh-add -l",
        )
    return done.out.decode("ascii")


def verify(
    message: bytes,
    signature: str,
    principal: str,
    allowed_signers: bytes,
    namespace: str,
    at: str | None,
) -> bool | None:
    """True if `principal` signed `message` with a key that was allowed `at` that time.

    `at` is UTC, as `2026-01-02T03:04:05Z`; without it, now. `None` where ssh-keygen is not here.
    """
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="codexa-") as folder:
        allowed, signed = Path(folder) / "allowed_signers", Path(folder) / "signature"
        allowed.write_bytes(allowed_signers)
        signed.write_text(signature, encoding="utf-8")
        args = ["ssh-keygen", "-Y", "verify", "-f", str(allowed), "-I", principal]
        args += ["-n", namespace, "-s", str(signed), *_verify_time(at)]
        try:
            return _run(args, message).status == 0
        except SignatureError:
            return None


def agent_keys() -> tuple[str, ...] | None:
    """The public lines of the keys that the user's agent holds; `None` where no agent answers."""
    try:
        done = _run(["ssh-add", "-L"])
    except SignatureError:
        return None
    # The agent answers 1 where it holds no key.
    if done.status not in (0, 1):
        return None
    lines = done.out.decode("utf-8", "replace").splitlines()
    return tuple(line for line in lines if line.startswith(("ssh-", "ecdsa-", "sk-")))


def generate(path: Path, comment: str) -> None:
    """A new ed25519 key without a passphrase stands at `path`, its public half beside it.

    It is made aside and put there whole, so that none that was cut short is ever found there.
    """
    import tempfile  # noqa: PLC0415

    public = path.with_name(f"{path.name}.pub")
    if path.exists() or public.exists():
        raise SignatureError(f"there is a key at {path} already")
    if not path.parent.is_dir():
        raise SignatureError(f"ssh-keygen could not make a key at {path}: there is no such folder")
    with tempfile.TemporaryDirectory(prefix=".codexa-", dir=path.parent) as folder:
        new = Path(folder) / "key"
        args = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", comment, "-f", str(new)]
        done = _run(args)
        if done.status != 0:
            raise SignatureError(f"ssh-keygen could not make a key at {path}: {complaint(done)}")
        # The private half first: the public one can be made from it again.
        new.replace(path)
        new.with_name("key.pub").replace(public)


def public_key(path: str) -> str:
    """The public half of the key that `sign` would use, one line as in `authorized_keys`."""
    if path.startswith(_LITERAL):
        return path.removeprefix(_LITERAL).strip()
    for place in (Path(path), Path(f"{path}.pub")):
        line = _public_line(place)
        if line:
            return line
    done = _run(["ssh-keygen", "-y", "-f", path])
    if done.status != 0:
        raise SignatureError(f"there is no public key for {path}: {complaint(done)}")
    return done.out.decode("utf-8", "replace").strip()


def _public_line(place: Path) -> str | None:
    try:
        text = place.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return text if text.startswith(("ssh-", "ecdsa-", "sk-")) and "\n" not in text else None


def _is_touched(place: str) -> bool:
    found = (_public_line(Path(place)), _public_line(Path(f"{place}.pub")))
    return any(line.startswith("sk-") for line in found if line)


def _verify_time(at: str | None) -> list[str]:
    return [f"-Overify-time={''.join(filter(str.isdigit, at))}"] if at else []


def _run(args: list[str], content: bytes = b"", *, show: bool = False) -> Finished:
    try:
        done = subprocess.run(
            args,
            input=content,
            stdout=subprocess.PIPE,
            stderr=None if show else subprocess.PIPE,
            env=inherited() | {"LC_ALL": "C", "TZ": "UTC"},
            check=False,
        )
    except FileNotFoundError as error:
        name = os.path.basename(args[0])  # noqa: PTH119
        raise SignatureError(f"{name} is not installed", hint=_INSTALL) from error
    except OSError as error:
        raise SignatureError(f"{args[0]} cannot start: {error.strerror}") from error
    return Finished(done.returncode, done.stdout, done.stderr or b"")
