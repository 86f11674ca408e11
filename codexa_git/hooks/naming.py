"""Names of refs on a server: which of them block the names that are needed, or pose as them."""

import re

from codexa_git.audit.ids import is_change_id

HEADS = "refs/heads/"
TAGS = "refs/tags/"
CHANGES = "refs/heads/change/"
LANDED = "refs/tags/landed/"
MILESTONES = "refs/tags/milestone/"
REPLACED = "refs/replace"

_CHANGE = r"^/change/|/change/ch-[0-9]+\Z"
_OID = r"[0-9a-f]{40}|[0-9a-f]{64}"


def posing(ref: str, base: str) -> str | None:
    """Why no ref may be called so, beside a base of this full name; `None`: it may."""
    if ref == REPLACED or ref.startswith(f"{REPLACED}/"):
        return "it would show other objects than those that were judged"
    if base.startswith(f"{ref}/") or ref.startswith(f"{base}/"):
        return f"it would leave no room for {base}"
    return _blocking(ref) or _look_alike(ref, base)


def _blocking(ref: str) -> str | None:
    if ref in ("refs/heads/change", "refs/tags/landed", "refs/tags/milestone", "refs/heads/codexa"):
        return f"it would leave no room for {ref}/..."
    if ref.startswith(CHANGES) and not is_change_id(ref.removeprefix(CHANGES)):
        return "below change/ there is one branch for each change, CH-### by name"
    if ref.startswith("refs/heads/codexa/") and ref.count("/") < _DEPTH_OF_BOOKMARKS:
        return f"it would leave no room for {ref}/..."
    return None


_DEPTH_OF_BOOKMARKS = 4  # refs/heads/codexa/CH-001/spec


def _poses_as_branch(tag: str, branch: str) -> bool:
    """True where git may take the tag for a branch, its own or a remote's, such as `origin/main`.

    What clones call their remotes is not known here, so whatever ends like one poses.
    """
    folded = f"/{tag.casefold()}"
    return folded.endswith(f"/{branch.casefold()}") or bool(re.search(_CHANGE, folded))


def _look_alike(ref: str, base: str) -> str | None:
    """Git takes a short name for a tag before a branch, and people take letter case for nothing."""
    if ref.startswith(TAGS) and _poses_as_branch(ref.removeprefix(TAGS), base.removeprefix(HEADS)):
        return "a tag of a branch's name is taken for that branch"
    branch = ref.removeprefix(HEADS)
    if ref.startswith(HEADS) and (
        branch.startswith(("refs/", "heads/")) or re.fullmatch(_OID, branch)
    ):
        return "a branch of this name is taken for something else"
    folded = ref.casefold()
    for true in (base, CHANGES, LANDED, MILESTONES):
        alike = folded == true.casefold() or (true.endswith("/") and folded.startswith(true))
        if alike and not ref.startswith(true):
            return f"it differs from {true} only in letter case"
    return None
