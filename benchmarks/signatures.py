"""One signature judged in this process, beside `git verify-commit` of a commit that bears one."""

import time
from functools import partial

from benchmarks.generator.signing import Key
from benchmarks.rounds import Ratio, Side, measured, timed
from benchmarks.scratch import Scratch
from codexa_git.policy.keys import ed25519_from_seed
from codexa_git.policy.signatures import check
from codexa_git.policy.signers import parse_signers

ROUNDS = 15
REPEATED = 200
"""So many signatures are judged at once: one alone is too fast for a clock."""

BUDGET = 1 / 20
_PERSON = "pm@demo.invalid"
_PAYLOAD = 2_000


def one_signature(scratch: Scratch, rounds: int | None) -> list[Ratio]:
    """One signature of an ed25519 key: ours in process, git's by its own command."""
    repository = scratch.folder / "signed"
    repository.mkdir()
    scratch.identity()
    home = scratch.environment["HOME"]
    public = scratch.run("ssh-keygen", "-y", "-f", f"{home}/.ssh/id_ed25519")
    allowed = scratch.folder / "allowed_signers"
    allowed.write_text(f"{_PERSON} {public}\n", encoding="utf-8")
    for name, value in (
        ("gpg.format", "ssh"),
        ("gpg.ssh.allowedSignersFile", str(allowed)),
        ("user.signingkey", f"{home}/.ssh/id_ed25519.pub"),
        ("commit.gpgsign", "true"),
    ):
        scratch.run("git", "config", "--global", name, value)
    scratch.run("git", "init", "-q", cwd=repository)
    (repository / "file.txt").write_text("one\n", encoding="utf-8")
    scratch.commit(repository, "signed")
    command = ["git", "verify-commit", "HEAD"]
    sides = [
        Side("a signature, in process", lambda: once_each() / REPEATED),
        Side("git verify-commit", partial(timed, command, repository, scratch.environment)),
    ]
    ours, git = measured(sides, rounds or ROUNDS)
    return [Ratio(ours, git, BUDGET)]


def once_each() -> float:
    """The seconds that judging `REPEATED` signatures took, each of other bytes."""
    content, public = ed25519_from_seed(bytes(32))
    key = Key(content)
    signers = parse_signers(f'{_PERSON} namespaces="codexa" {public}\n'.encode())
    # A clock's reading in each payload: none of them was ever judged before.
    start = time.perf_counter_ns()
    payloads = [b"%d" % (start + n) * (_PAYLOAD // 16) for n in range(REPEATED)]
    signed = [(payload, key.sign(payload)) for payload in payloads]
    began = time.perf_counter()
    answers = [check(payload, text, _PERSON, signers, 0).answer for payload, text in signed]
    seconds = time.perf_counter() - began
    if set(answers) != {"good"}:
        raise AssertionError(answers)
    return seconds
