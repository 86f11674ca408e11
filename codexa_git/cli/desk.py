"""What every command begins with: the repository here, the time, the person, and the change."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from codexa_git.audit.record import Actor
from codexa_git.change.memory import lending
from codexa_git.cli.clock import now
from codexa_git.cli.telling import say_commit, say_joined, shared, warn
from codexa_git.errors import CodexaError, RefusedError, RepositoryError
from codexa_git.repository.cached import Cached
from codexa_git.repository.command import Git, require_version
from codexa_git.repository.store import Store
from codexa_git.workflow.base.ground import Ground, reader, stand, user

if TYPE_CHECKING:
    # What only writes need is imported where it is needed: a command that reads starts without it.
    from codexa_git.workflow.changes.moment import Moment
    from codexa_git.workflow.decisions.signing import Sign


class Desk(NamedTuple):
    """The ground, who reads here, whether anything is written, and which changes were taken up.

    `reader` is `None` where git does not know who sits here, which only reading may leave so.
    """

    ground: Ground
    reader: Actor | None
    writes: bool
    looked_at: "list[Moment]"

    @property
    def store(self) -> Store:
        """The repository."""
        return self.ground.store

    @property
    def person(self) -> Actor:
        """Who sits here; where git does not know, asking is refused, with the way to tell it."""
        return self.reader or user(self.store, self.ground.policy)

    @property
    def sign(self) -> "Sign":
        """What signs for the person."""
        from codexa_git.workflow.decisions.signing import person_signs

        return person_signs(self.store, self.ground.policy, self.person, Path.home())

    def moment(self, change: str | None) -> "Moment":
        """The change that was named, or the one at hand.

        To write on, it may not be abandoned, git may not be in the middle of something on its
        branch, and a result that waits is put in its place first.
        """
        from codexa_git.repository.publication import require_quiet
        from codexa_git.workflow.changes.moment import at_hand, require_open

        moment = at_hand(self.ground, change)
        if not self.writes:
            return moment
        self.looked_at.append(moment)
        require_open(moment)
        require_quiet(self.store, moment.ref)
        return _put_right(self, _settled(_claimed(moment)))


def _claimed(moment: "Moment") -> "Moment":
    """The same, before anything binds a number that was never pushed and another may have."""
    from codexa_git.workflow.together.sharing import with_number

    now = with_number(moment)
    say_joined(moment, now, (), ())
    return now


def _settled(moment: "Moment") -> "Moment":
    from codexa_git.workflow.together.publishing import waiting_ref

    if moment.store.ref(waiting_ref(moment.change)) is None:
        return moment
    from codexa_git.workflow.together.settling import settle

    settled = settle(moment)
    if settled.put is not None:
        say_commit(moment.ref, settled.put)
    if settled.dropped is not None:
        warn(
            f"what waited for {moment.change} has no place on its branch any more:"
            f" {settled.dropped.subject}",
            f"what is missing is made again; it was: git show {settled.dropped.oid[:12]}",
        )
    return settled.moment


def _put_right(desk: Desk, moment: "Moment") -> "Moment":
    """The same, before a commit of the tool goes anywhere that somebody amended."""
    from codexa_git.workflow.together.unamending import amended

    if (found := amended(moment)) is None:
        return moment
    from codexa_git.cli.amended import put_right

    try:
        return put_right(moment, found)
    except RefusedError:
        desk.looked_at.clear()
        raise


@contextmanager
def opened(*, writes: bool = True) -> Iterator[Store]:
    """The repository that holds the current folder.

    Which git there is costs a process to ask, so it is asked before something is written, and where
    git did not answer as this version would.
    """
    try:
        store = Store.open(Path.cwd())
    except RepositoryError:
        require_version(Git(Path.cwd()))
        raise
    with store:
        if writes:
            require_version(store.git)
        yield store


@contextmanager
def sat_down(*, writes: bool = True) -> Iterator[Desk]:
    """The desk in this repository; what a killed command left is tidied up before writing."""
    with opened(writes=writes) as store, lending(Cached(store.common_dir / "codexa" / "papers")):
        if writes:
            _tidy_up(store)
        ground = stand(store, now(), dict(os.environ))
        # What only tells is told to anybody; what writes has somebody's name in it.
        who = (user if writes else reader)(store, ground.policy)
        if writes:
            from codexa_git.cli.footing import stand_firm

            stand_firm(ground)
        desk = Desk(ground, who, writes, [])
        try:
            yield desk
        except CodexaError as error:
            # What was done before the refusal is told all the same, and pushed.
            _push_again(desk, error.message)
            _send_notices(desk)
            raise
        _send_notices(desk)


def _push_again(desk: Desk, refused: str) -> None:
    """What a command that was killed had committed, and not pushed, is pushed by asking again."""
    context = click.get_current_context(silent=True)
    if context is None or context.params.get("no_push", True):
        return
    for moment in desk.looked_at:
        from codexa_git.workflow.changes.pushed import is_left_unpushed

        if is_left_unpushed(moment, desk.person):
            shared(moment, refused)


def _send_notices(desk: Desk) -> None:
    """Whoever policy names is told what happened; that this fails is a warning and no more."""
    outbox = desk.ground.cache / "outbox"
    if not (desk.writes and outbox.is_dir() and any(outbox.iterdir())):
        return
    from codexa_git.workflow.together.outbox import deliver

    for left in deliver(desk.ground):
        warn(str(left), "kept, and tried again by the next command that writes")


def _tidy_up(store: Store) -> None:
    from codexa_git.repository.crossing import arrive
    from codexa_git.repository.publication import recover

    recover(store)
    for left in arrive(store):
        remote, what = left.crossing.remote, left.crossing.reason.removeprefix("codexa: ")
        if left.problem is None:
            warn(f"what a killed command had pushed to {remote} is here now, too: {what}")
        else:
            warn(
                f"a killed command may have pushed this to {remote}: {what}; {left.problem}",
                "the next command that writes asks again",
            )
