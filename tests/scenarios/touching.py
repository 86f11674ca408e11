"""A person whose security key is made of software: it is touched, or not, and asks for its PIN."""

import sys
from pathlib import Path

from policy.authenticator import SecurityKey
from scenarios.clone import Clone

TESTS = Path(__file__).parents[1]
NOBODY, TOUCHED, PIN = 0x00, 0x01, 0x05
"""What an authenticator says of its user: no one there, touched, touched after a PIN."""

_PROGRAM = """\
#!{python}
import sys
from pathlib import Path

sys.path.insert(0, {tests!r})
from policy.authenticator import SecurityKey

words = sys.argv[1:]
place = Path(words[words.index("-f") + 1])
assert words[:2] == ["-Y", "sign"], words
assert place.read_text().split()[1] == SecurityKey({kind!r}, secret={secret!r}).public.split()[1]
key = SecurityKey({kind!r}, secret={secret!r})
flags, namespace = int(Path({flags!r}).read_text()), words[words.index("-n") + 1].encode()
envelope = key.envelope(sys.stdin.buffer.read(), flags=flags, namespace=namespace)
sys.stdout.write(envelope.armored())
"""


class Authenticator:
    """A security key on somebody's desk, and `gpg.ssh.program` that asks it for signatures."""

    def __init__(self, folder: Path, kind: str, secret: int = 7) -> None:
        folder.mkdir(exist_ok=True)
        self.kind = kind
        self.key = SecurityKey(kind, secret=secret)
        self.public = folder / f"{kind}.pub"
        self.public.write_text(f"{self.key.public} {kind}\n")
        self._flags, self.program = folder / f"{kind}.flags", folder / f"{kind}.program"
        self.program.write_text(
            _PROGRAM.format(
                python=sys.executable,
                tests=str(TESTS),
                kind=kind,
                secret=secret,
                flags=str(self._flags),
            )
        )
        self.program.chmod(0o755)
        self.says(TOUCHED)

    def says(self, flags: int) -> None:
        """What it will say of its user from now on."""
        self._flags.write_text(str(flags))

    def signs_for(self, clone: Clone) -> None:
        """The clone's person signs with it."""
        clone.git("config", "gpg.ssh.program", str(self.program))
        clone.git("config", "user.signingkey", str(self.public))


def required(clone: Clone, asks: str, authenticator: Authenticator) -> None:
    """The base's policy asks for a touch, or a PIN, and its owner has such a key."""
    here = clone.git("branch", "--show-current")
    clone.git("switch", "-q", "main")
    clone.did("people", "add", "Demo PM", "pm@demo.invalid", "--key", str(authenticator.public))
    clone.git("switch", "-q", "-c", f"policy/{asks}")
    text = clone.read("codexa.toml")
    assert f"{asks} = false" in text
    clone.commit({"codexa.toml": text.replace(f"{asks} = false", f"{asks} = true") + "\n"}, asks)
    clone.did("policy", "sign")
    clone.git("switch", "-q", here)
