"""A clean room: git in an empty repository of its own, with the real objects in reach.

Attributes, drivers, filters and settings reach git from the work tree, the index, `.git/info`, the
user and the system. In the room there are none, so an answer depends on what is asked alone.
"""

import os
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from codexa_git.repository import raw
from codexa_git.repository.command import Git

_CONFIG = """\
[core]
\trepositoryformatversion = 1
\tbare = true
[extensions]
\tobjectformat = {}
"""


class Room(NamedTuple):
    """Git in the room, and where the room keeps what is put there."""

    git: Git
    folder: Path
    object_format: str

    def put(self, kind: str, body: bytes) -> str:
        """The id of an object that is held by the room and goes with it."""
        oid = raw.object_id(kind, body, self.object_format)
        place = self.folder / "objects" / oid[:2] / oid[2:]
        place.parent.mkdir(exist_ok=True)
        place.write_bytes(zlib.compress(b"%s %d\0" % (kind.encode(), len(body)) + body, 1))
        return oid


@contextmanager
def clean_room(
    git: Git, objects: str, object_format: str, held: Iterable[tuple[str, bytes]] = ()
) -> Iterator[Room]:
    """A room that sees `objects`, and what is `held`; what is made in it goes with it."""
    import tempfile  # noqa: PLC0415

    with tempfile.TemporaryDirectory(prefix="codexa-") as name:
        folder = Path(name).resolve()
        for part in ("objects", "refs"):
            (folder / part).mkdir()
        (folder / "HEAD").write_text("ref: refs/heads/none\n")
        (folder / "config").write_text(_CONFIG.format(object_format))
        environment = {
            "GIT_DIR": str(folder),
            "GIT_ALTERNATE_OBJECT_DIRECTORIES": _object_folders(git, objects),
            "GIT_CONFIG_GLOBAL": os.devnull,
            "GIT_CONFIG_SYSTEM": os.devnull,
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_ATTR_NOSYSTEM": "1",
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder),
        }
        room = Room(Git(folder, environment=tuple(environment.items())), folder, object_format)
        for kind, body in held:
            room.put(kind, body)
        yield room


def _object_folders(git: Git, objects: str) -> str:
    """The store's own objects, then what a quarantine looks through to, as git lists folders."""
    handed = dict(git.environment)
    own = Path(git.folder) / handed.get("GIT_OBJECT_DIRECTORY", objects)
    others = handed.get("GIT_ALTERNATE_OBJECT_DIRECTORIES")
    return ":".join([_quoted(str(own)), *([others] if others else [])])


def _quoted(path: str) -> str:
    """A path as git reads it in a list that is split at colons."""
    return '"' + path.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
