"""A yes at once: what a commit changes is held against a tree that was judged before.

The whole gate leaves a *table* behind (`table.py`): the tree that it said yes to, what that rested
on, and which paths may differ from it without another answer. Two git processes tell whether that
still holds. It only ever says yes; whatever it cannot decide, a refusal above all, is for the whole
gate. No module is imported here but what the interpreter is made of: everything else costs more
than git itself.
"""

import marshal
import posix
import sys
import time
from binascii import crc32

from codexa_git import __version__
from codexa_git.hooks.message import comment_mark, stamped
from codexa_git.repository.swift import begin

TYPE_CHECKING = False  # `typing` itself would cost more than all that is done here
if TYPE_CHECKING:
    from typing import Any

HANDED = (
    *(b"GIT_DIR", b"GIT_WORK_TREE", b"GIT_COMMON_DIR", b"GIT_INDEX_FILE"),
    *(b"GIT_OBJECT_DIRECTORY", b"GIT_ALTERNATE_OBJECT_DIRECTORIES", b"GIT_QUARANTINE_PATH"),
)
"""What git hands a hook and the hook keeps; every other `GIT_*` is dropped."""

TABLE = b"codexa-hooks"
"""The name of the table, in the folder of the work tree's own git files."""

FORM = (1, __version__, sys.implementation.cache_tag)
"""What a table begins with; one of another form is not believed."""

_INHERITED = (
    *(b"HOME", b"PATH", b"XDG_CONFIG_HOME", b"TMPDIR"),
    *(b"GIT_CONFIG_GLOBAL", b"GIT_CONFIG_SYSTEM", b"GIT_CONFIG_NOSYSTEM"),
)
_FIXED = {
    b"GIT_NO_REPLACE_OBJECTS": b"1",
    b"GIT_OPTIONAL_LOCKS": b"0",
    b"GIT_LITERAL_PATHSPECS": b"1",
    b"LC_ALL": b"C",
}
_OWN_FOLDERS = (b"audit", b"artifacts", b"changes")
_FILES = (b"100644", b"100755")
_CHUNK = 1 << 16


def decides(hook: str, arguments: list[str]) -> bool:
    """True where the commit is known to be one that the gate says yes to; its message is stamped.

    False says nothing: the whole gate has to be asked.
    """
    try:
        return hook in ("commit-msg", "pre-commit") and _decides(hook, arguments)
    except (OSError, ValueError, TypeError, IndexError, EOFError):
        return False


def _decides(hook: str, arguments: list[str]) -> bool:
    folder = posix.environ.get(b"GIT_DIR", b".git")
    table = recall(folder + b"/" + TABLE)
    if table is None or _exists(folder + b"/MERGE_HEAD") or not _in_time(table["window"]):
        return False
    message, mark = b"", None
    if hook == "commit-msg":
        message = _read(arguments[0])
        if b"codexa-record" in message.lower():
            return False
        mark = _mark(message)
    if not _is_yes(table):
        return False
    if hook == "commit-msg":
        new = stamped(message, table["stamp"], mark, frozenset())
        if new != message:
            _write(arguments[0], new)
    return True


def _is_yes(table: "dict[str, Any]") -> bool:
    """True where the index differs from the judged tree in nothing that anyone would ask about."""
    env = _environment()
    flags = (b"--cached", b"--raw", b"-z", b"--no-renames", b"--ignore-submodules=none")
    index = begin((b"diff-index", *flags, table["tree"], b"--"), env)
    # The records that HEAD holds, HEAD, the base, and where they meet.
    line = begin((b"rev-parse", b"HEAD:audit", b"HEAD..." + table["base"]), env)
    changed = index.end() if index else None
    met = line.end() if line else None
    if changed is None or not met:
        return False
    audit, *ends = met.split()
    if audit != table["audit"] or [end for end in ends if end[:1] == b"^"] != [table["nearest"]]:
        return False
    fields = changed.split(b"\0")[:-1]
    changes = list(zip(fields[::2], fields[1::2], strict=True))
    if not all(_is_plain(what, path, table) for what, path in changes):
        return False
    new = [path for what, path in changes if what.startswith(b":000000 ")]
    return not new or _are_alone(new, table["tree"], env)


def _is_plain(what: bytes, path: bytes, table: "dict[str, Any]") -> bool:
    """True for an ordinary file where this change may write without anyone asking."""
    old, new = what[1:7], what[8:14]
    deleted = new == b"000000" and what.endswith(b" D")
    if (not deleted and (new not in _FILES or what[-1:] == b"U")) or old == b"160000":
        return False
    lowered = path.lower()
    names = lowered.split(b"/")
    if not path.isascii() or not path.decode("ascii").isprintable():
        return False
    if names[0] in _OWN_FOLDERS:
        return path.startswith(table["papers"]) and path not in table["generated"]
    if names[:2] == [b"tests", b"results"] or lowered in table["pages"]:
        return False
    return table["product"] and not _may_be_guarded(lowered, names, table["guarded"])


def _may_be_guarded(
    path: bytes,
    names: list[bytes],
    guarded: tuple[frozenset[bytes], frozenset[bytes], frozenset[bytes], tuple[bytes, ...]],
) -> bool:
    """True where a guarded pattern could be one for this path; the whole gate asks exactly."""
    paths, folders, last, beginnings = guarded
    if path in paths or names[0] in folders or names[-1] in last:
        return True
    return path.startswith(beginnings)


def _are_alone(new: list[bytes], tree: bytes, env: dict[bytes, bytes]) -> bool:
    """True where no new file shares its name, letter case aside, with one beside it.

    Only folders that the judged tree has are looked into; a new folder is for the whole gate.
    """
    folders = {path.rpartition(b"/")[0] + b"/" for path in new}
    if b"/" in folders or len({path.lower() for path in new}) < len(new):
        return False
    listing = begin((b"ls-tree", b"-z", b"--name-only", tree, b"--", *sorted(folders)), env)
    listed = listing.end() if listing else None
    if not listed:
        return False
    beside = listed.split(b"\0")[:-1]
    # How a name folds that is not plain ASCII is for the whole gate to tell.
    if not all(path.isascii() for path in beside):
        return False
    known = {path.rpartition(b"/")[0] + b"/" for path in beside}
    return folders <= known and not {p.lower() for p in beside} & {p.lower() for p in new}


def _mark(message: bytes) -> bytes | None:
    """What begins the lines that git will drop; git says so by the editor that it names."""
    if posix.environ.get(b"GIT_EDITOR") == b":":
        return None
    asked = begin((b"config", b"--get", b"core.commentChar"), _environment())
    said = asked.end() if asked else None
    return comment_mark(message, (said or b"").strip())


def _in_time(window: tuple[int, int]) -> bool:
    """True where no key began or ceased to be valid since the table was made."""
    given = posix.environ.get(b"SOURCE_DATE_EPOCH")
    now = int(time.time()) if given is None else int(given)
    return window[0] <= now <= window[1]


def recall(file: bytes) -> "dict[str, Any] | None":
    """The table that was kept whole, in this form; `None` where there is none."""
    try:
        content = _read(file)
    except OSError:
        return None
    if int.from_bytes(content[:4], "big") != crc32(content[4:]):
        return None
    form, table = marshal.loads(content[4:])  # noqa: S302 (only what the checksum covers)
    return table if form == FORM and isinstance(table, dict) else None


def keep(table: "dict[str, Any]") -> bytes:
    """The bytes of a table."""
    content = marshal.dumps((FORM, table))
    return crc32(content).to_bytes(4, "big") + content


def _environment() -> dict[bytes, bytes]:
    env = posix.environ
    return {name: env[name] for name in (*_INHERITED, *HANDED) if name in env} | _FIXED


def _exists(path: bytes) -> bool:
    try:
        posix.stat(path)
    except OSError:
        return False
    return True


def _read(path: str | bytes) -> bytes:
    fd = posix.open(path, posix.O_RDONLY | posix.O_CLOEXEC)
    try:
        parts = []
        while part := posix.read(fd, _CHUNK):
            parts.append(part)
        return b"".join(parts)
    finally:
        posix.close(fd)


def _write(path: str | bytes, content: bytes) -> None:
    fd = posix.open(path, posix.O_WRONLY | posix.O_TRUNC | posix.O_CLOEXEC)
    try:
        while content:
            content = content[posix.write(fd, content) :]
    finally:
        posix.close(fd)
