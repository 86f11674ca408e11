"""What a server's hook will most likely ask of git, told before anything is imported that asks it.

It is a guess at what is usual: one or two refs, the base where HEAD points. No answer follows from
it, for whatever was not foreseen is asked when it comes up.
"""

from codexa_git.repository.opening import Foreseen, ends_of

_MOST = 3
_CHANGES = "refs/heads/change/"
_POLICY = ("^{commit}", "^{tree}", ":codexa.toml", ":.codexa", ":.codexa/allowed_signers", ":audit")
_BEFORE = 12
"""So many commits before what was pushed are looked at, most likely, on the way to the base."""
_LOGS = ("handoff", "commands", "concerns", "retention")


def foreseen(folder: str, pushed: bytes) -> Foreseen:
    """What is worth asking at once for this push to the repository in this folder."""
    lines = [line.split(" ") for line in pushed.decode("utf-8", "replace").splitlines()]
    base = _head(folder)
    names = {base, *(words[-1] for words in lines)}
    if base is None or len(lines) > _MOST or not all(map(_is_plain, names)):
        return Foreseen()
    refs = sorted(name for name in names if name is not None)
    objects = [name for words in lines for name in _objects(words)]
    return Foreseen((ends_of(*refs, "refs/replace"),), (*objects, *(base + at for at in _POLICY)))


def _head(folder: str) -> str | None:
    """The branch that HEAD names, where it is a plain file that does."""
    try:
        with open(f"{folder}/HEAD", encoding="ascii", errors="replace") as file:  # noqa: PTH123
            text = file.read(1000)
    except OSError:
        return None
    return text[5:-1] if text.startswith("ref: refs/heads/") and text.endswith("\n") else None


def _is_plain(name: str | None) -> bool:
    """True for a name that means itself wherever it stands, in a pattern or before a colon."""
    return name is not None and name.startswith("refs/") and not name.strip(_PLAIN)


_PLAIN = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./"


def _objects(words: list[str]) -> list[str]:
    """The commits of one ref, and what is looked at in them."""
    old, new, ref = (*words, "", "")[:3]
    ids = [oid for oid in (old, new) if len(oid) in (40, 64) and oid.strip("0")]
    if not all(map(_is_id, ids)):
        return []
    tops = [name for oid in ids for name in (oid, f"{oid}^{{tree}}")]
    if not ref.startswith(_CHANGES) or new not in ids:
        return tops
    change = ref.removeprefix(_CHANGES)
    audit = f"{new}:audit"
    own = [f"{new}:changes", f"{new}:changes/{change}", f"{new}:changes/{change}/status.md"]
    logs = [f"{audit}/{change}/{name}.jsonl" for name in _LOGS]
    before = [f"{ids[0]}~{number}" for number in range(1, _BEFORE + 1)] if old in ids else []
    return [*tops, audit, f"{audit}/{change}", *logs, *own, *before]


def _is_id(text: str) -> bool:
    return not text.strip("0123456789abcdef")
