"""Commits and tags as bytes, read strictly and written exactly, as `raw` has trees."""

from collections.abc import Sequence

from codexa_git.errors import RepositoryError
from codexa_git.repository.objects import Commit, Identity, Stamp
from codexa_git.repository.raw import is_id, path_bytes

LAST_SECOND = 250_000_000_000
"""In the year 9892: what is reckoned from here, by days or by years, can still be shown."""


def parse_commit(oid: str, body: bytes, object_format: str) -> Commit:
    """A commit: tree, parents, author, committer in this order, once each but for the parents."""
    head, separator, message = body.partition(b"\n\n")
    lines = head.split(b"\n")
    if not separator and not body.endswith(b"\n"):
        raise _malformed(oid)
    tree = _field(oid, lines, b"tree ")
    parents = []
    while lines and lines[0].startswith(b"parent "):
        parents.append(_field(oid, lines, b"parent "))
    author = _stamp(oid, _field(oid, lines, b"author "))
    committer = _stamp(oid, _field(oid, lines, b"committer "))
    doubled = any(
        line.startswith((b"tree ", b"parent ", b"author ", b"committer ")) for line in lines
    )
    if doubled or not all(is_id(name, object_format) for name in (tree, *parents)):
        raise _malformed(oid)
    return Commit(oid, tree, tuple(parents), author, committer, message)


def first_parent(oid: str, body: bytes, object_format: str) -> str | None:
    """Which commit comes before this one on its line, by the two lines that git reads for that.

    The rest of the commit may be of any form: a line of history goes on behind it all the same.
    """
    first, _, rest = body.partition(b"\n")
    second, _, _ = rest.partition(b"\n")
    if not first.startswith(b"tree "):
        raise _malformed(oid)
    if not second.startswith(b"parent "):
        return None
    parent = second.removeprefix(b"parent ").decode("utf-8", "surrogateescape").lower()
    if not is_id(parent, object_format):
        raise _malformed(oid)
    return parent


def first_tree(oid: str, body: bytes, object_format: str) -> str:
    """Which tree this commit has, by the line that git reads for that, whatever follows it."""
    first, _, _ = body.partition(b"\n")
    tree = first.removeprefix(b"tree ").decode("utf-8", "surrogateescape").lower()
    if not first.startswith(b"tree ") or not is_id(tree, object_format):
        raise _malformed(oid)
    return tree


def _field(oid: str, lines: list[bytes], name: bytes) -> str:
    if not lines or not lines[0].startswith(name):
        raise _malformed(oid)
    return lines.pop(0)[len(name) :].decode("utf-8", "surrogateescape")


def _stamp(oid: str, text: str) -> Stamp:
    who, closed, when = text.rpartition("> ")
    name, opened, email = who.rpartition("<")
    seconds, _, zone = when.partition(" ")
    sound = closed and opened and _is_number(seconds) and zone[:1] in ("+", "-")
    if not sound or not _is_number(zone[1:]) or len(zone) < 5:
        raise _malformed(oid)
    if int(seconds) > LAST_SECOND:
        raise RepositoryError(f"the commit {oid} is of a time that no calendar reaches")
    return Stamp(Identity(name.removesuffix(" "), email), int(seconds), zone)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19


def _malformed(oid: str) -> RepositoryError:
    return RepositoryError(f"the commit {oid} is malformed")


def format_commit(
    tree: str, parents: Sequence[str], author: Stamp, committer: Stamp, message: bytes
) -> bytes:
    """A commit's bytes: no signature, no encoding, the message as it is."""
    if b"\0" in message:
        raise RepositoryError("a commit message cannot hold a NUL byte")
    lines = [f"tree {tree}", *(f"parent {parent}" for parent in parents)]
    lines += [f"author {_format_stamp(author)}", f"committer {_format_stamp(committer)}"]
    return path_bytes("\n".join(lines)) + b"\n\n" + message


def format_tag(oid: str, name: str, tagger: Stamp, message: bytes) -> bytes:
    """The bytes of an annotated tag of a commit: no signature, the message as it is."""
    if b"\0" in message:
        raise RepositoryError("a tag's message cannot hold a NUL byte")
    lines = [f"object {oid}", "type commit", f"tag {name}", f"tagger {_format_stamp(tagger)}"]
    return path_bytes("\n".join(lines)) + b"\n\n" + message


def _format_stamp(stamp: Stamp) -> str:
    if any(char in "<>\n\0" for char in f"{stamp.who.name}{stamp.who.email}{stamp.zone}"):
        raise RepositoryError(f"git cannot store the name {str(stamp.who)!r}")
    return f"{stamp.who} {stamp.seconds} {stamp.zone}"
