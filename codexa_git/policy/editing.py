"""Small edits of the two policy files that leave every other byte as people wrote it.

Each is checked by reading the result: a text that the edit did not understand (an unusual layout)
is refused rather than changed into something else.
"""

import re
from collections.abc import Iterable

from codexa_git.errors import PaperError, RefusedError, UsageError
from codexa_git.policy.parsing import PATH, parse_policy
from codexa_git.policy.rules import Person, Policy
from codexa_git.policy.signers import Signer, format_line, parse_signers
from codexa_git.policy.writing import format_person

_HEADER = re.compile(r"[ \t]*\[\[?[ \t]*[A-Za-z0-9_.\"'-]+[ \t]*\]\]?[ \t]*(?:#.*)?")
_PERSON = re.compile(r"[ \t]*\[\[[ \t]*people[ \t]*\]\][ \t]*(?:#.*)?")


def with_people(toml: bytes, signers: bytes, people: tuple[Person, ...]) -> bytes:
    """`codexa.toml` with exactly these people in it, everything else as it was.

    A person whose entry stays as it is keeps its lines; new ones come after the last.

    Raises:
        RefusedError: the text is laid out in a way that cannot be edited here.
        PaperError: the policy that comes of it would be none.
    """
    before = parse_policy(toml, signers)
    lines = toml.decode("utf-8").split("\n")
    blocks = _blocks(lines)
    if len(blocks) != len(before.people):
        raise _by_hand()
    wanted = {person.email: person for person in people}
    kept: list[str] = []
    at = 0
    for (start, end), person in zip(blocks, before.people, strict=True):
        kept += lines[at:start]
        at = end
        now = wanted.pop(person.email, None)
        kept += lines[start:end] if now == person else [] if now is None else _written(now)
    for person in wanted.values():
        kept += ["", *_written(person)] if kept and kept[-1].strip() else _written(person)
    made = "\n".join([*kept, *lines[at:]]).encode("utf-8")
    _require(made, signers, before, people)
    return made


def _blocks(lines: list[str]) -> list[tuple[int, int]]:
    """Where each `[[people]]` begins and where its last line with a value ends."""
    found = []
    for start, line in enumerate(lines):
        if not _PERSON.fullmatch(line):
            continue
        end = start + 1
        for number in range(start + 1, len(lines)):
            if _HEADER.fullmatch(lines[number]):
                break
            if lines[number].strip() and not lines[number].lstrip().startswith("#"):
                end = number + 1
        found.append((start, end))
    return found


def _written(person: Person) -> list[str]:
    return format_person(person).rstrip("\n").split("\n")


def _require(made: bytes, signers: bytes, before: Policy, people: tuple[Person, ...]) -> None:
    try:
        after = parse_policy(made, signers)
    except PaperError as error:
        told = f"the policy would not hold: {error.message}"
        raise RefusedError(told, hint=error.hints) from error
    if set(after.people) != set(people) or after._replace(people=before.people) != before:
        raise _by_hand()


def _by_hand() -> RefusedError:
    return RefusedError(
        f"the people in {PATH} are laid out in a way that is not edited here",
        hint="edit it by hand on a branch, commit, and: git codexa policy sign",
    )


def with_key(signers: bytes, principal: str, public: str) -> bytes:
    """`.codexa/allowed_signers` with this key at its end.

    Raises:
        PaperError: it stands there already, for this person or another, or is none that is taken.
        UsageError: no line can be made of this principal and key.
    """
    try:
        line = format_line(principal, public).encode("ascii")
    except (PaperError, UnicodeEncodeError) as error:
        said = error.message.partition(": ")[2] if isinstance(error, PaperError) else "not ascii"
        raise UsageError(f"{principal!a} cannot sign so: {said}") from error
    ended = signers if not signers or signers.endswith(b"\n") else signers + b"\n"
    made = ended + line + b"\n"
    parse_signers(made)
    return made


def without_keys(signers: bytes, keys: Iterable[bytes]) -> bytes:
    """`.codexa/allowed_signers` without the lines of these keys."""
    return _rewritten(signers, dict.fromkeys(keys))


def ending(signers: bytes, keys: Iterable[bytes], seconds: int) -> bytes:
    """`.codexa/allowed_signers` where these keys end at that time, or earlier if they did before.

    Raises:
        PaperError: a key would end before it begins.
    """
    found = {signer.key: signer for signer in parse_signers(signers).signers}
    made = _rewritten(signers, {key: _ended(found[key], seconds) for key in keys})
    parse_signers(made)
    return made


def _ended(signer: Signer, seconds: int) -> Signer:
    before = signer.valid_before
    return signer._replace(valid_before=seconds if before is None else min(before, seconds))


def _rewritten(signers: bytes, changed: dict[bytes, Signer | None]) -> bytes:
    """The file with the lines of these keys written anew, or (`None`) left out."""
    lines = signers.split(b"\n")
    for signer in reversed(parse_signers(signers).signers):
        if signer.key not in changed:
            continue
        now = changed[signer.key]
        lines[signer.line - 1 : signer.line] = [] if now is None else [now.text().encode("ascii")]
    return b"\n".join(lines)
