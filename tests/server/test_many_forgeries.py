"""However many forged words are pushed, each is read and checked once, and asks git nothing."""

import base64
import json
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from builders import git
from server.conftest import Serve, Served

from codexa_git.audit import canonical, recent
from codexa_git.audit import record as records
from codexa_git.audit.record import Record, format_record, make, parse_record
from codexa_git.errors import CodexaError
from codexa_git.hooks.receiving import before_receive
from codexa_git.hooks.served import Update
from codexa_git.policy import signatures
from codexa_git.repository.command import Git
from codexa_git.repository.store import Store

CHANGE = "refs/heads/change/CH-001"
LOG = "audit/CH-001/commands.jsonl"
MANY = 600
"""More than records and signatures are kept of, were they kept one by one."""


class Asked(NamedTuple):
    """What the hook told, and what it took: signatures by arithmetic, records parsed, and git."""

    told: tuple[CodexaError, ...]
    proved: int
    parsed: int
    git: int


def _spoilt(armored: str, number: int) -> str:
    """The signature with other last bytes: well formed, by a key that policy knows, and wrong."""
    first, *body, last = armored.strip().split("\n")
    content = base64.b64decode("".join(body))[:-8] + number.to_bytes(8, "big")
    text = base64.b64encode(content).decode()
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    return "\n".join((first, *lines, last)) + "\n"


def _forged(true: Record, number: int) -> bytes:
    return format_record(
        make(
            true.type,
            json.loads(json.dumps(true.data)) | {"comment": f"no {number}"},
            change=true.change,
            stage=true.stage,
            round=true.round,
            actor=true.actor,
            at=true.seconds,
            signature=_spoilt(true.signature or "", number),
        )
    )


def _pushed(at: Served, count: int) -> Update:
    """A commit with so many forged approvals and a product file, in the server's reach."""
    clone = at.clone
    old = clone.tip(CHANGE)
    text = clone.read(LOG, CHANGE).encode()
    if not text.endswith(b"\n"):
        text += b"\n"
    true = next(r for r in map(parse_record, text.splitlines()) if r.type == "approval.granted")
    lines = [line for line in text.splitlines(keepends=True) if parse_record(line[:-1]) != true]
    content = b"".join((*lines, *(_forged(true, number) for number in range(count))))
    clone.git("switch", "-q", "--detach", f"{old}~1")
    new = clone.commit({LOG: content.decode(), "src/new.py": "x = 1\n"}, "forged")
    git(at.bare, "fetch", "-q", str(clone.folder), new)
    return Update(CHANGE, new, None)


@pytest.fixture
def ask(monkeypatch: pytest.MonkeyPatch) -> Callable[[Served, Update], Asked]:
    """Judges a push in this process, and counts."""
    done: Counter[str] = Counter()

    def counting(name: str, question: Any) -> Any:  # noqa: ANN401
        def asked(*args: Any, **named: Any) -> Any:  # noqa: ANN401
            done[name] += 1
            return question(*args, **named)

        return asked

    monkeypatch.setattr(signatures, "_prove_ed25519", counting("proved", signatures._prove_ed25519))
    monkeypatch.setattr(records, "parsed", counting("parsed", canonical.parsed))
    for name in ("finish", "begin", "start"):
        monkeypatch.setattr(Git, name, counting("git", getattr(Git, name)))

    def judged(at: Served, update: Update) -> Asked:
        recent.forget()
        signatures._proved.cache_clear()
        done.clear()
        with Store.open(at.bare) as store:
            seconds = store.commit(update.new or "").committer.seconds
            told = before_receive(store, seconds, (update,))
        return Asked(told, done["proved"], done["parsed"], done["git"])

    return judged


def test_each_forged_approval_is_read_and_checked_once_and_asks_git_nothing(
    served: Serve, ask: Callable[[Served, Update], Asked]
) -> None:
    at = served("approved")
    few, many = (ask(at, _pushed(at, count)) for count in (2, MANY))
    for asked in (few, many):
        (error,) = asked.told
        assert "CH-001 cannot be pushed so" in error.message
        assert "plan-before-product" in str(error.details)
    assert (few.proved, many.proved) == (2, MANY)
    assert many.parsed - few.parsed == MANY - 2
    assert many.git == few.git


def test_what_was_pushed_before_is_not_read_again_line_by_line(
    served: Serve, ask: Callable[[Served, Update], Asked]
) -> None:
    at = served("approved")
    first = _pushed(at, MANY)
    once = ask(at, first)
    git(at.bare, "update-ref", CHANGE, first.new or "")
    at.clone.git("switch", "-q", "--detach", first.new or "")
    new = at.clone.commit({"src/new.py": "x = 2\n"}, "more")
    git(at.bare, "fetch", "-q", str(at.clone.folder), new)
    again = ask(at, Update(CHANGE, new, first.new))
    assert [error.message for error in again.told] == [error.message for error in once.told]
    assert (again.proved, again.parsed) == (once.proved, once.parsed)
