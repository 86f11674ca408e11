"""`verify`: everything that ever came to the base, judged again from the trust root.

1. The clone shows all of history: one that is shallow, partial or grafted is no answer.
2. The root is the first commit of the first-parent line that enforces (P6): pinned, and signed.
3. Each commit after it is judged by itself, from two trees and its first parent's policy.
4. Nothing is believed but the objects, which are hashed as they are read, and the pin.
"""

from collections.abc import Iterator
from typing import NamedTuple

from codexa_git import __version__
from codexa_git.errors import PolicyError, RepositoryError
from codexa_git.policy.rules import RULES
from codexa_git.repository.cached import keep, recall
from codexa_git.repository.store import Store
from codexa_git.verify.findings import Breach, Finding, Report
from codexa_git.verify.grounds import footing, unborne
from codexa_git.verify.mending import as_it_stands
from codexa_git.verify.walk import Judged, Watch, enforced_line


class Wish(NamedTuple):
    """What is asked for: a root to trust, the commits within changes too, a start that is known.

    `accept` are ids of incidents: what is wrong with the commits that they name is settled. `now`
    is the time by the clock of whoever asks.
    """

    root: str | None = None
    story: bool = False
    since_verified: bool = False
    accept: tuple[str, ...] = ()
    now: int | None = None


def verify(store: Store, branch: str, tip: str, wish: Wish, watch: Watch, jobs: int = 1) -> Report:
    """The report on the base `branch`, whose tip is the commit `tip`, of whatever form.

    Up to `jobs` processes judge where there is enough to judge; the report is the same.

    Raises:
        RepositoryError: this clone cannot show all of history, or an object of it is missing.
        PolicyError: nothing enforces here and no root is named, so nothing holds the base.
    """
    # A server judges pushes in one process, and has no need of several.
    from codexa_git.verify.slices import Task, shared  # noqa: PLC0415

    require_whole(store)
    try:
        made, line = enforced_line(store, tip)
    except PolicyError:
        if wish.root is None:
            raise
        told, nothing = Finding(tip, None, unborne(wish.root)), Judged(0, 0, ())
        return _report(store, branch, tip, wish, wish.root, None, nothing, (told,))
    stands = footing(store, branch, made, wish.root)
    if stands.trusted is None:
        wrong = () if stands.breach is None else (Finding(made.oid, None, stands.breach),)
        nothing = Judged(0, 0, ())
        return _report(store, branch, tip, wish, wish.root or "none", None, nothing, wrong)
    root = stands.trusted.id
    since: str | None = None
    rewound: tuple[Finding, ...] = ()
    if wish.since_verified:
        since, rewound = _start(store, root, wish, [made.oid, *line])
    rest = line[line.index(since) + 1 :] if since in line else line
    task = Task(store.place, root, branch, wish.story, since or made.oid, "\n".join(rest), wish.now)
    judged = shared(store, task, watch, jobs)
    found = (*rewound, *unsettled(judged, wish.accept))
    if not found and wish.root is not None:
        _remember(store, root, wish, tip, line)
    return _report(store, branch, tip, wish, root, since, judged, found)


def require_whole(store: Store) -> None:
    """Nothing: this clone shows all of history.

    Raises:
        RepositoryError: it is shallow, partial or grafted.
    """
    if (why := store.incomplete()) is not None:
        raise RepositoryError(f"undecided: {why}")


def unsettled(judged: Judged, accept: tuple[str, ...]) -> tuple[Finding, ...]:
    """The findings at commits that no accepted incident names."""
    settled = {
        oid for one in judged.incidents if not set(accept).isdisjoint(one.ids) for oid in one.names
    }
    return tuple(finding for finding in judged.findings if finding.commit not in settled)


def _report(
    store: Store,
    branch: str,
    tip: str,
    wish: Wish,
    root: str,
    since: str | None,
    judged: Judged,
    found: tuple[Finding, ...],
) -> Report:
    accepted = tuple(finding for finding in judged.findings if finding not in found)
    found, accepted = (
        tuple(as_it_stands(finding, judged.incidents) for finding in some)
        for some in (found, accepted)
    )
    return Report(
        branch,
        tip,
        root,
        wish.root is not None,
        since,
        judged.commits,
        judged.landings,
        found,
        tuple(_notes(store, wish, judged)),
        judged.incidents,
        accepted,
        wish.story,
    )


def _notes(store: Store, wish: Wish, judged: Judged) -> Iterator[str]:
    if store.replaces():
        yield "refs/replace is set here: git shows other commits than those that were judged"
    known = {name for one in judged.incidents for name in one.ids}
    for name in wish.accept:
        if name not in known:
            yield f"no incident {name} was judged here, so nothing is accepted by it"


def _about(root: str, wish: Wish) -> str:
    """What a tip was verified under: another root, rule set or version does not count."""
    accepted = f" accepting {' '.join(sorted(wish.accept))}" if wish.accept else ""
    return f"{root} rules {RULES} version {__version__} story {wish.story}{accepted}"


def _start(
    store: Store, root: str, wish: Wish, line: list[str]
) -> tuple[str | None, tuple[Finding, ...]]:
    """L1: the tip that this machine verified, which every later landing has to stand on."""
    known = recall(store.common_dir / "codexa" / _name(wish), _about(root, wish))
    if not isinstance(known, str):
        return None, ()
    if known in line:
        return known, ()
    told = f"the base no longer holds {known[:12]}, which was verified here: it was rewound"
    hint = f"git log {known[:12]}; where that was meant: rm .git/codexa/{_name(wish)}"
    return None, (Finding(line[-1], None, Breach("L1", told, hint=hint)),)


def _remember(store: Store, root: str, wish: Wish, tip: str, line: list[str]) -> None:
    """This machine knows the tip as verified; what it knew stays where the base went back."""
    for asked in {wish, wish._replace(story=False)}:
        file, about = store.common_dir / "codexa" / _name(asked), _about(root, asked)
        if recall(file, about) in (None, *line):
            keep(file, about, tip)


def _name(wish: Wish) -> str:
    return "verified-story" if wish.story else "verified"
