"""What is said of a commit on the base: what it is, and whether others have it."""

from codexa_git.cli.telling import say, say_commit
from codexa_git.repository.objects import Commit
from codexa_git.workflow.base.following import push_of
from codexa_git.workflow.base.ground import Ground


def say_on_base(ground: Ground, commit: Commit) -> None:
    """What was committed on the base; and where it is pushed, which what the base follows takes."""
    say_commit(ground.local_ref, commit)
    say_pushed(ground)


def say_pushed(ground: Ground) -> None:
    """Where what was made on the base has gone, or goes where a remote has no base yet."""
    if ground.ref != ground.local_ref:
        say(f"pushed to {ground.base}")
    elif (pushes := push_of(ground.store, ground.branch)) is not None:
        say(f"not pushed yet: {pushes}")
