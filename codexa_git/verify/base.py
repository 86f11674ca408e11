"""What is wrong with one commit of the base, under its first parent's policy."""

from collections.abc import Iterator, Sequence
from enum import StrEnum

from codexa_git.audit.ids import is_change_id
from codexa_git.audit.words import LOG_NAMES, log_path
from codexa_git.gate.lineage import Deed, Lineage
from codexa_git.gate.sharing import SHARED, TOO_LARGE, damage, held, in_the_way, spoilt
from codexa_git.policy.rules import is_free
from codexa_git.repository.objects import Commit, Difference
from codexa_git.repository.reading import REGULAR
from codexa_git.verify.acts import MOST_PATHS, guarded, unsigned, unusable, wrong_deed
from codexa_git.verify.findings import Breach
from codexa_git.verify.grounds import Policies, Step
from codexa_git.verify.swallowing import swallows

AS_A_CHANGE = 'bring it as a change: git codexa open "what should change"'
"""The way on of what is no landing and might be one."""

_LOGS = frozenset(log_path(None, name) for name in LOG_NAMES)


class Sort(StrEnum):
    """What a commit of the base is, as its two trees tell."""

    LANDING = "landing"
    GOVERNING = "governing"
    FREE = "free"
    OTHER = "other"


def sort_of(step: Step, added: Sequence[str], differences: Sequence[Difference]) -> Sort:
    """What the commit is: by the audit folders that it adds, else by the paths that it changes."""
    if added:
        return Sort.LANDING
    if guarded(step, differences, _LOGS):
        return Sort.GOVERNING
    is_all_free = all(_is_free(step, difference) for difference in differences)
    return Sort.FREE if is_all_free else Sort.OTHER


def _is_free(step: Step, difference: Difference) -> bool:
    """True for a free path, as long as it is a file: a link or submodule leads somewhere else.

    Nothing free stands where closings write: one commit would keep every change from landing.
    """
    new = difference.new
    is_file = new is None or new.mode in REGULAR
    return is_free(step.policy, difference.path) and is_file and in_the_way(difference) is None


def breaches(
    step: Step, added: Sequence[str], deed: Deed | None = None, *, suspect: bool = True
) -> Iterator[Breach]:
    """Everything that is wrong with one commit of the base, whatever sort of commit it is.

    `deed` is what is answered of it as an act of the owners. A landing that is not `suspect` is
    known to bring commits of its own change alone.
    """
    differences = () if added else step.store.difference(step.parent.tree, step.commit.tree)
    match sort_of(step, added, differences):
        case Sort.LANDING if len(added) > 1:
            yield two_at_once(added)
        case Sort.LANDING:
            from codexa_git.verify.landings import landing_breaches  # noqa: PLC0415

            yield from landing_breaches(step)
        case Sort.GOVERNING:
            yield from governing(step, differences, deed)
        case Sort.FREE:
            yield from blocks_kept(step, differences)
        case Sort.OTHER:
            yield from not_free(step, differences)
    if not added or (suspect and len(added) == 1):
        yield from swallows(step, added[0] if added else None)


def two_at_once(added: Sequence[str]) -> Breach:
    """L2: a landing adds exactly one change's audit folder."""
    told = f"{len(added)} changes at once: {', '.join(added[:5])}"
    return Breach("L2", told, f"audit/{added[0]}", hint="one landing, one change")


def governing(step: Step, differences: Sequence[Difference], deed: Deed | None) -> Iterator[Breach]:
    """What is wrong with a commit that changes what only owners change."""
    if deed is not None:
        yield from wrong_deed(deed)
    else:
        named = guarded(step, differences, _LOGS)
        yield from unsigned(named, differences)
        yield from not_free(step, [d for d in differences if d.path not in named])
    yield from unusable(Policies(step.store), step, differences)


def blocks_kept(step: Step, differences: Sequence[Difference]) -> Iterator[Breach]:
    """L6: a change's block in a shared page that is free is as its landing left it, or gone.

    A page that is changed can be read: else the next commit could mend it to other blocks.
    """
    for difference in differences:
        if difference.path in SHARED:
            sides = (step.parent.tree, step.commit.tree)
            before, after = (held(step.store, tree, difference.path) for tree in sides)
            if told := _spoilt(before or b"", after):
                mend = f"git show {step.parent.oid[:12]}:{difference.path}"
                yield Breach("L6", f"{difference.path} {told}", difference.path, hint=mend)


def _spoilt(before: bytes, after: bytes | None) -> str | None:
    if after is None:
        return TOO_LARGE
    return damage(before, after) or spoilt(before, after, is_change_id, may_go=True)


def upon_unsigned(lineage: Lineage, commits: Sequence[Commit]) -> Iterator[Breach]:
    """P17: it landed upon a change of policy that the owners neither signed nor named since."""
    if commits:
        known = [commit for commit in commits if lineage.can_tell(commit)]
        first = (known or commits)[0].oid[:12]
        told = f"it landed after {first} had changed the policy, which no owner signed"
        hint = f"git codexa incident {first} -m ..."
        yield Breach("P17", told, hint=hint, undecided=not known)


def not_free(step: Step, differences: Sequence[Difference]) -> Iterator[Breach]:
    """L13: what comes to the base by itself touches only paths that are free, as files."""
    wrong = [difference for difference in differences if not _is_free(step, difference)]
    for difference in wrong[:MOST_PATHS]:
        path, hint = difference.path, AS_A_CHANGE
        why = "is not free"
        if is_free(step.policy, path):
            placed = in_the_way(difference)
            why = placed or "is no file"
            hint = "put a plain file there, or nothing" if placed else hint
        told = f"{path} came to {step.branch} without a landing, and {why}"
        yield Breach("L13", told, path, hint=hint)
    if len(wrong) > MOST_PATHS:
        more = len(wrong) - MOST_PATHS
        yield Breach("L13", f"{more} more paths came with it, and are not free")
