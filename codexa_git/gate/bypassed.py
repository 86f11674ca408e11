"""Bypasses that nothing has looked at yet: each stays open until a change that names it has landed.

A bypass is named by a token made of its record's id, so nobody could have written it before. The
brief in which it stands was approved with the plan, and the tests ran on what the bypass brought.
"""

from codexa_git.audit.logger import parse_log
from codexa_git.audit.record import Record
from codexa_git.audit.words import ACT_LOG, RecordType
from codexa_git.change.paths import Places
from codexa_git.gate.carried import changes_in
from codexa_git.repository.store import Store

_LETTERS = 12


def bypass_token(record: Record) -> str:
    """What a brief says to cover this bypass: `bypass 3f2a91c04d1e`."""
    digits = record.id.removeprefix("sha256:")[:_LETTERS]
    return f"bypass {digits}"


def bypasses(store: Store, tree: str) -> tuple[Record, ...]:
    """Every bypass that a tree of the base tells of, oldest first.

    One record an act, whoever else has signed it.
    """
    acts: dict[str, Record] = {}
    for record in parse_log(store.read(tree, ACT_LOG) or b"", ACT_LOG, None):
        if record.type is RecordType.BYPASS_GRANTED:
            acts.setdefault(record.data["after"], record)
    return tuple(acts.values())


def open_bypasses(store: Store, tree: str) -> tuple[Record, ...]:
    """The same of those that no landed change's brief names."""
    acts = bypasses(store, tree)
    if not acts:
        return ()
    briefs = [store.read(tree, Places(change).brief) or b"" for change in changes_in(store, tree)]
    return tuple(
        record
        for record in acts
        if not any(bypass_token(record).encode() in brief for brief in briefs)
    )
