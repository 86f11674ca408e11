"""The stamp on a person's message: which change, which stage, as its last trailers.

A convenience for readers of `git log` that no verdict needs. Whatever else a message claims in our
name is set in by a space, as in the messages that the tool writes itself: `git log --grep` looks
everywhere. Nothing is imported here; a hook that is in a hurry uses it (`quick`).
"""

_SCISSORS = b" ------------------------ >8 ------------------------"
_OURS = b"codexa-"
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_KEY = _LETTERS | frozenset(b"0123456789-")


def stamped(
    message: bytes, stamp: tuple[bytes, ...], comment: bytes | None, known: frozenset[bytes]
) -> bytes:
    """The message with exactly these last trailers; one that says nothing is left to git to refuse.

    `comment` is what lines begin with that git will drop (`None` where no editor was open, so that
    it drops none). `known` are the lines of ours that may stay, such as a record that the commit
    holds; they stay behind the stamp. A stamp from before gives way to this one.
    """
    text, rest = _parted(message, comment)
    lines = [line for line in text.split(b"\n") if not is_stamp(line)]
    kept = [line for line in lines if line in known]
    lines = [_set_in(line) for line in lines if line not in known]
    last = max((n for n, line in enumerate(lines) if _speaks(line, comment)), default=None)
    if last is None:
        return b"\n".join(lines) + rest
    joined = [] if _ends_in_trailers(lines[: last + 1], comment) else [b""]
    after = [b"", *_without_first_blanks(lines[last + 1 :])]
    return b"\n".join([*lines[: last + 1], *joined, *stamp, *kept, *after]) + rest


def comment_mark(message: bytes, configured: bytes) -> bytes:
    """What lines begin with that git will drop after an editor, as `core.commentChar` says it."""
    if configured != b"auto":
        return configured or b"#"
    # Git chose a mark that no line of the message began with; the last line shows it.
    said = [line for line in _parted(message, b"")[0].split(b"\n") if line.strip()]
    found = said[-1][:1] if said else b"#"
    return found if found in b"#;@!$%^&|:" else b"#"


def _parted(message: bytes, comment: bytes | None) -> tuple[bytes, bytes]:
    """The message, and what git cuts off below its scissors (a diff to look at)."""
    if comment is None:
        return message, b""
    start = 0
    for line in message.split(b"\n"):
        if line.rstrip(b"\r").endswith(_SCISSORS) and line.startswith(comment):
            return message[:start], message[start:]
        start += len(line) + 1
    return message, b""


def _without_first_blanks(lines: list[bytes]) -> list[bytes]:
    first = next((n for n, line in enumerate(lines) if line.strip()), len(lines))
    return lines[first:]


def _speaks(line: bytes, comment: bytes | None) -> bool:
    """True for a line that git will keep and that is not blank."""
    return bool(line.strip()) and not (comment and line.startswith(comment))


def is_stamp(line: bytes) -> bool:
    """True for a trailer that says which change or which stage a commit is."""
    key, _, value = line.rstrip().partition(b": ")
    if key == b"Codexa-Change":
        return value.startswith(b"CH-") and value[3:].isdigit()
    return key == b"Codexa-Stage" and value.isalpha() and value.islower()


def _set_in(line: bytes) -> bytes:
    return b" " + line if line.lower().startswith(_OURS) else line


def _ends_in_trailers(lines: list[bytes], comment: bytes | None) -> bool:
    """True where the last paragraph is not the subject, and each line of it is a trailer."""
    kept = [line for line in lines if not (comment and line.startswith(comment))]
    paragraphs: list[list[bytes]] = [[]]
    for line in kept:
        if line.strip():
            paragraphs[-1].append(line)
        elif paragraphs[-1]:
            paragraphs.append([])
    return len(paragraphs) > 1 and all(map(_is_trailer, paragraphs[-1]))


def _is_trailer(line: bytes) -> bool:
    key, _, value = line.partition(b": ")
    if not key or key[0] not in _LETTERS or not _KEY.issuperset(key):
        return False
    try:
        return bool(value) and value == value.strip() and value.decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False
