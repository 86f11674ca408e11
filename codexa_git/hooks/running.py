"""One handler a git hook."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from pathlib import Path
from typing import assert_never

from codexa_git.errors import RefusedError, UsageError
from codexa_git.repository.store import Store


class Hook(StrEnum):
    """The hooks that codexa-git answers in a clone."""

    COMMIT_MSG = "commit-msg"
    PRE_COMMIT = "pre-commit"
    PRE_MERGE_COMMIT = "pre-merge-commit"
    PRE_PUSH = "pre-push"
    PRE_REBASE = "pre-rebase"


def run_hook(
    store: Store,
    hook: Hook,
    arguments: Sequence[str],
    at: int,
    *,
    environment: Mapping[str, str],
    given: Callable[[], bytes],
) -> tuple[RefusedError, ...]:
    """What the hook tells and does not refuse (the policy observes); `given` reads standard input.

    Raises:
        RefusedError: it refuses.
        UsageError: git does not call this hook so.
    """
    match hook:
        case Hook.COMMIT_MSG:
            from codexa_git.hooks.committing import before_commit  # noqa: PLC0415

            return before_commit(store, at, environment, Path(_argument(hook, arguments)))
        case Hook.PRE_COMMIT | Hook.PRE_MERGE_COMMIT:
            from codexa_git.hooks.committing import before_commit  # noqa: PLC0415

            merging = hook is Hook.PRE_MERGE_COMMIT
            return before_commit(store, at, environment, None, merging=merging)
        case Hook.PRE_PUSH:
            from codexa_git.hooks.pushing import before_push, updates_of  # noqa: PLC0415

            return before_push(store, at, updates_of(given(), environment))
        case Hook.PRE_REBASE:
            from codexa_git.hooks.rebasing import before_rebase  # noqa: PLC0415

            return before_rebase(store, at, *_rebase(arguments, environment))
        case _:
            assert_never(hook)


def _argument(hook: Hook, arguments: Sequence[str]) -> str:
    if not arguments:
        raise UsageError(f"{hook} is told one file, as git tells it")
    return arguments[0]


def _rebase(
    arguments: Sequence[str], environment: Mapping[str, str]
) -> tuple[str | None, str | None]:
    """The upstream and the branch, from git or from the pre-commit framework.

    The framework tells neither where `git rebase` names no branch. Nothing can be asked then, and
    `pre-push` refuses what comes of it.
    """
    told = [environment.get(f"PRE_COMMIT_PRE_REBASE_{word}") for word in ("UPSTREAM", "BRANCH")]
    onto, branch, *_ = (*arguments, None, None) if arguments else (*told,)
    return onto or None, branch or None
