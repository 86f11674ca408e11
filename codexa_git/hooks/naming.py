"""Names of refs on a server: which of them block the names that are needed, or pose as them."""

from codexa_git.audit.ids import is_change_id
from codexa_git.hooks.likeness import begins_like, foreign_in, reading, reads_as, reads_as_change

HEADS = "refs/heads/"
TAGS = "refs/tags/"
CHANGES = "refs/heads/change/"
LANDED = "refs/tags/landed/"
MILESTONES = "refs/tags/milestone/"
REPLACED = "refs/replace"
REMOTES = "refs/remotes"

_DEPTH_OF_BOOKMARKS = 4  # refs/heads/codexa/CH-001/spec
_CAPITALS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_-"
_HEADED = ("fetch", "orig", "merge", "cherry_pick", "revert", "rebase", "bisect")
_GITS_OWN = frozenset(
    (
        *("@", "head", *(f"{word}_head" for word in _HEADED)),
        *("auto_merge", "merge_autostash", "notes_merge_partial", "notes_merge_ref"),
    )
)
"""What git calls its own, beside the branches and tags, in any case; `@` is short for `HEAD`."""


def posing(ref: str, base: str) -> str | None:
    """Why no ref may be called so, beside a base of this full name; `None`: it may."""
    return _blocking(ref, base) or _posing_as_gits(ref) or _look_alike(ref, base)


def _blocking(ref: str, base: str) -> str | None:
    if _within(ref, REPLACED):
        return "it would show other objects than those that were judged"
    read, its = reading(ref), reading(base)
    if its.startswith(f"{read}/") or read.startswith(f"{its}/"):
        return f"it would leave no room for {base}"
    if ref in ("refs/heads/change", "refs/tags/landed", "refs/tags/milestone", "refs/heads/codexa"):
        return f"it would leave no room for {ref}/..."
    if ref.startswith(CHANGES) and not is_change_id(ref.removeprefix(CHANGES)):
        return f"below change/ is one branch for each change, CH-### by name{_by(ref)}".rstrip(",")
    if ref.startswith("refs/heads/codexa/") and ref.count("/") < _DEPTH_OF_BOOKMARKS:
        return f"it would leave no room for {ref}/..."
    return None


def _within(ref: str, folder: str) -> bool:
    return ref == folder or ref.startswith(f"{folder}/")


def _short(ref: str) -> str:
    """The name by which people call it: that of a branch or tag, else all that is below `refs/`."""
    folder = next((folder for folder in (HEADS, TAGS, "refs/") if ref.startswith(folder)), "")
    return ref.removeprefix(folder)


def _posing_as_gits(ref: str) -> str | None:
    """A name of git's own is what git shows in the place of the branch or tag, or the reverse."""
    if _within(ref, REMOTES):
        return f"{REMOTES}/ is where a clone notes what it fetched, and this is where it fetches"
    name = _short(ref)
    read = reading(name)
    last = read.rpartition("/")[2] if ref.startswith(TAGS) else read
    if last in _GITS_OWN or _is_a_head(name) or reads_as(last, "head"):
        return f"a name of git's own{_by(name)} is taken for what git means by it"
    return None


def _look_alike(ref: str, base: str) -> str | None:
    """Git takes a short name for other refs before a branch, and people go by how it reads."""
    name, true = _short(ref), base.removeprefix(HEADS)
    read = reading(name)
    if begins_like(read, "refs/"):
        return f"git may take it for another ref{_by(name)}, whose name it holds as a whole"
    if not ref.startswith(HEADS):
        if _reads_as_branch(read, reading(true), anywhere=ref.startswith(TAGS)):
            kind = "tag" if ref.startswith(TAGS) else "ref"
            return f"a {kind} of a branch's name{_by(name)} is taken for that branch"
    elif begins_like(read, "heads/") or _is_id(read):
        return f"a branch of this name{_by(name)} is taken for something else"
    elif ref != base and reads_as(read, reading(true)):
        return _differs(ref, base)
    folded = reading(ref)
    for folder in (base, CHANGES, LANDED, MILESTONES):
        if not ref.startswith(folder) and _begins_like(folded, reading(folder)):
            return _differs(ref, folder)
    return None


def _is_a_head(name: str) -> bool:
    """True for `FETCH_HEAD` and whatever else in capitals ends so."""
    return name.endswith("_HEAD") and len(name) > 5 and not name.strip(_CAPITALS)


def _is_id(name: str) -> bool:
    return len(name) in (40, 64) and not name.strip("0123456789abcdef")


def _begins_like(read: str, true: str) -> bool:
    """True where it reads as that ref, or as one below it where that is a folder."""
    above = len(HEADS) if true.startswith(HEADS) else len(TAGS)
    if read[:above] != true[:above]:
        return False
    as_it = begins_like if true.endswith("/") else reads_as
    return as_it(read[above:], true[above:])


def _reads_as_branch(read: str, branch: str, *, anywhere: bool) -> bool:
    """True where it may be taken for a branch; `anywhere`: for a remote's, too (`origin/main`).

    What clones call their remotes is not known here, so whatever ends like one poses.
    """
    cuts = [at + 1 for at, char in enumerate(read) if char == "/"] if anywhere else []
    ends = (read, *(read[cut:] for cut in cuts))
    return begins_like(read, "change/") or any(
        reads_as(end, branch) or reads_as_change(end) for end in ends
    )


def _differs(ref: str, true: str) -> str:
    if ref.isascii():
        if ref.lower().startswith(true.lower()):
            return f"it differs from {true} only in letter case"
        return f"it reads as {true}, and is another name: some of its letters look alike"
    return f"it reads as {true}, and is another name, with {foreign_in(ref)} in it"


def _by(name: str) -> str:
    """What in it nobody can tell from our letters, where there is some."""
    found = foreign_in(name)
    return f", with {found} in it," if found else ""
