"""The light path's rule: which work is small enough that its plan may be signed with its package.

Asked of the bytes alone, again by whoever judges: the mark that a change was opened with says only
that the short way was meant. What the rule does not cover is judged as any other change is.
"""

from collections.abc import Sequence

from codexa_git.policy.rules import Policy, is_guarded, is_light
from codexa_git.repository.objects import Difference, Mode
from codexa_git.repository.store import Store

WIDE = 200
"""Bytes that one line of the limit stands for, so that nobody hides a page in one line."""


def beyond(store: Store, policy: Policy, work: Sequence[Difference]) -> str | None:
    """Why policy's `[light]` does not cover this work, in a clause; `None` where it does."""
    if not policy.light.paths:
        return "policy lets no path go the light way"
    for difference in work:
        if problem := _problem(policy, difference):
            return f"{difference.path} {problem}"
    patches = store.patches(work)
    for path, patch in patches.items():
        if patch is None:
            return f"{path} is no text whose lines could be counted"
    lines = sum(_weight(patch or b"") for patch in patches.values())
    if lines > policy.light.lines:
        return f"it changes {lines} lines, and policy allows {policy.light.lines}"
    return None


def _problem(policy: Policy, difference: Difference) -> str | None:
    if is_guarded(policy, difference.path):
        return "is guarded"
    if not is_light(policy, difference.path):
        return "is no path that policy lets go the light way"
    modes = [side.mode for side in (difference.old, difference.new) if side is not None]
    if any(mode != Mode.FILE for mode in modes) and modes != [Mode.EXECUTABLE] * 2:
        return "changes more than the text of a file"
    return None


def _weight(patch: bytes) -> int:
    """The lines added and removed; a long one counts as the lines that it would fill."""
    lines = (line for line in patch.split(b"\n") if line.startswith((b"+", b"-")))
    return sum(1 + max(len(line) - 2, 0) // WIDE for line in lines)
