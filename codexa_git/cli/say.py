"""`say`: slash commands, from a terminal or from a comment on a pull request."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import BinaryIO

import click

from codexa_git.change.slash import Said, parse_comment
from codexa_git.cli.desk import Desk, sat_down
from codexa_git.cli.going import Way, go_on, how_at
from codexa_git.cli.progress import watched
from codexa_git.cli.telling import say, say_waits, shared
from codexa_git.errors import CodexaError, Exit, RefusedError, SignatureError, UsageError
from codexa_git.pages.comment import refused_comment
from codexa_git.workflow.changes.moment import Moment
from codexa_git.workflow.decisions.signing import enrolled_key
from codexa_git.workflow.moves.advancing import Advanced
from codexa_git.workflow.reports.replying import answered_without_change
from codexa_git.workflow.reports.saying import Hand, carry_out, commenter

_MOST = 1_000_000


@click.command("say", epilog='Example: git codexa say "/approve CH-001"')
@click.argument("text", required=False)
@click.option("--comment-file", type=click.File("rb"), help="A pull request's comment, as a file.")
@click.option("--author", metavar="LOGIN", help="Who wrote the comment, as the forge says.")
@click.option("--pull-request", type=click.IntRange(1), help="The pull request's number.")
@click.option("--no-push", is_flag=True, help="Do not push the change's branch.")
def say_(
    text: str | None,
    comment_file: BinaryIO | None,
    author: str | None,
    pull_request: int | None,
    *,
    no_push: bool,
) -> int:
    """Do what a slash command asks, and answer in Markdown.

    Without TEXT, standard input is read. A comment has no key: what needs a signature is only
    asked for, and on record.
    """
    if comment_file is None:
        if author is not None or pull_request is not None:
            raise UsageError(
                "--author and --pull-request belong to a --comment-file",
                hint="leave them out: git knows who sits here",
            )
        return _said(partial(_given, text), None, None, pushes=not no_push)
    if text is not None or author is None or pull_request is None:
        raise UsageError(
            "a comment takes a --comment-file, its --author and its --pull-request",
            hint="git codexa say -h",
        )
    try:
        return _said(partial(comment_file.read, _MOST), author, pull_request, pushes=not no_push)
    except CodexaError as error:
        say(refused_comment(error.message, error.hints).rstrip("\n"))
        raise


def _given(text: str | None) -> bytes:
    if text is None or text == "-":
        return sys.stdin.buffer.read(_MOST)
    return text.encode("utf-8", "surrogateescape")


def _said(
    comment: Callable[[], bytes], author: str | None, pull_request: int | None, *, pushes: bool
) -> int:
    person = None if author is None else commenter(author)
    with sat_down() as desk, watched() as tell:
        slash = parse_comment(comment())
        actor = person or desk.person
        source = "local" if person is None else "comment"
        try:
            moment = desk.moment(slash.change)
        except (UsageError, RefusedError):
            alone = answered_without_change(desk.ground, slash)
            if alone is None:
                raise
            say(alone.rstrip("\n"))
            return Exit.YES
        hand = Hand(
            actor,
            desk.sign if person is None and _has_key(desk) else None,
            partial(_step, desk, tell=tell, pushes=pushes),
        )
        done = carry_out(moment, Said(slash, source, actor.name, pull_request), hand)
        say(done.text.rstrip("\n"))
        if done.waits:
            say_waits(done.moment, done.waits)
            return Exit.NO
        if pushes and desk.looked_at:  # else a step has pushed it already
            shared(done.moment)
    return Exit.YES


def _has_key(desk: Desk) -> bool:
    try:
        enrolled_key(desk.store, desk.ground.policy, desk.person, Path.home())
    except SignatureError:
        return False
    return True


def _step(desk: Desk, moment: Moment, *, tell: Callable[[str], None], pushes: bool) -> Advanced:
    way = Way(partial(how_at, desk, tell=tell), whole=False, pushes=pushes, quiet=True)
    return go_on(desk, moment, way)[0]
