"""A repository that a test writes thousands of objects to, without a process for each."""

import os
import zlib
from collections.abc import Sequence

from codexa_git.repository import raw
from codexa_git.repository.store import Store


class Handwritten(Store):
    """A store that puts its objects where git would: what is read of them is read through git."""

    def _write(self, objects: Sequence[tuple[str, bytes]]) -> list[str]:
        return [self._put(kind, body) for kind, body in objects]

    def _put(self, kind: str, body: bytes) -> str:
        oid = raw.object_id(kind, body, self.object_format)
        place = self.common_dir / "objects" / oid[:2] / oid[2:]
        if not place.exists():
            place.parent.mkdir(exist_ok=True)
            half = place.with_name(f"tmp_obj_{os.getpid()}")
            half.write_bytes(zlib.compress(b"%s %d\0%s" % (kind.encode(), len(body), body), 1))
            half.chmod(0o444)
            half.rename(place)
        self._keep(oid, kind, body)
        return oid
