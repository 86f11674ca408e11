"""The table that `quick` answers from: what one yes of the whole gate says of the commits after it.

It holds for commits that differ from the judged tree in ordinary files alone: papers of the change,
and product once a plan was approved, at no path that may be guarded. Nothing else that the gate
asks depends on those. Gone or odd, it counts as never made.
"""

import os
from contextlib import suppress
from typing import Any

from codexa_git.audit.words import AHEAD
from codexa_git.change.pages import QA_REPORT
from codexa_git.change.paths import Kind
from codexa_git.gate.sharing import SHARED
from codexa_git.hooks import quick
from codexa_git.hooks.judging import Judged
from codexa_git.policy.globs import compiled
from codexa_git.policy.rules import GUARDED, Policy
from codexa_git.workflow.changes.moment import Moment

_EVER = 1 << 60


def keep_table(judged: Judged) -> None:
    """The next commit may be held against this one, or the table is as before."""
    moment = judged.moment
    store = moment.store
    audit = store.entry(moment.tip.tree, "audit")
    nearest = store.merge_base(moment.ground.tip.oid, moment.tip.oid)
    if audit is None or nearest is None or store.entry(moment.case.tree, "audit") != audit:
        return
    table: dict[str, Any] = {
        "tree": moment.case.tree.encode(),
        "audit": audit.oid.encode(),
        "nearest": b"^" + nearest.encode(),
        "base": moment.ground.ref.encode(),
        "stamp": stamp_of(judged),
        "papers": moment.places.papers.encode(),
        "generated": (
            moment.places.status.encode(),
            moment.places.packet.encode(),
            moment.places.page(QA_REPORT).encode(),
        ),
        "pages": tuple(page.lower().encode() for page in SHARED),
        # Whether product may change in a light change is a matter of how much of it does.
        "product": moment.state.light is None and bool(moment.case.of_kind(Kind.PRODUCT)),
        "guarded": guarded_table(moment.policy),
        "window": window(moment.policy, moment.ground.at, _latest(moment)),
    }
    file = store.git_dir / os.fsdecode(quick.TABLE)
    draft = file.with_name(f"{file.name}.{os.getpid()}")
    with suppress(OSError):
        draft.write_bytes(quick.keep(table))
        draft.replace(file)


def stamp_of(judged: Judged) -> tuple[bytes, ...]:
    """The trailers of a person's commit on this change."""
    moment = judged.moment
    return (
        b"Codexa-Change: %s" % moment.change.encode(),
        b"Codexa-Stage: %s" % moment.state.stage.encode(),
    )


def guarded_table(
    policy: Policy,
) -> tuple[frozenset[bytes], frozenset[bytes], frozenset[bytes], tuple[bytes, ...]]:
    """Every guarded pattern in lower case, as `quick` asks it: more paths fit than are guarded.

    Of a pattern that is no plain path, `folder/**` or `**/name`, what stands before its first
    wildcard is kept, and every path that begins so is left to the whole gate.
    """
    globs = compiled(tuple(pattern.lower() for pattern in (*GUARDED, *policy.guarded)))
    beginnings = tuple(_beginning("/".join(other)) for other in globs.others)
    encoded = (
        frozenset(map(str.encode, side)) for side in (globs.paths, globs.folders, globs.names)
    )
    paths, folders, names = encoded
    return paths, folders, names, beginnings


def _beginning(pattern: str) -> bytes:
    return pattern.split("*", 1)[0].split("?", 1)[0].encode()


def _latest(moment: Moment) -> int:
    return max(record.seconds for record in moment.state.records)


def window(policy: Policy, at: int, latest: int = 0) -> tuple[int, int]:
    """From when to when no key begins or ceases to be valid, around `at`.

    `latest` is the time of the latest record, which is of a time to come until a day before it.
    """
    starts = [s.valid_after for s in policy.signers.signers if s.valid_after is not None]
    ends = [s.valid_before for s in policy.signers.signers if s.valid_before is not None]
    before = [*(s for s in starts if s <= at), *(e + 1 for e in ends if e < at)]
    after = [*(s - 1 for s in starts if s > at), *(e for e in ends if e >= at)]
    return max([0, latest - AHEAD, *before]), min(after, default=_EVER)
