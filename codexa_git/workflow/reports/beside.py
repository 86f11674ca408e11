"""What is told beside the findings of `verify`: what can still be taken off, and every bypass."""

from collections.abc import Sequence

from codexa_git.change.text import counted, visible
from codexa_git.errors import CodexaError
from codexa_git.gate.bypassed import bypasses, open_bypasses
from codexa_git.repository.store import Store
from codexa_git.verify.findings import Finding
from codexa_git.verify.mending import named_by_owners

_HEADS = "refs/heads/"


def to_take_off(
    store: Store, ref: str, tip: str, findings: Sequence[Finding]
) -> tuple[str, str] | None:
    """What of the base at `ref` nobody else has, as far as this clone knows, and the way back.

    `None` where nothing is to be named by owners, where a remote has it, or where nobody stands.
    """
    wrong = [f.commit for f in findings if f.breach.hint == named_by_owners(f.commit)]
    if not wrong or store.work_tree is None or not ref.startswith(_HEADS):
        return None
    contains = f"--contains={wrong[0]}"
    if store.git.run("for-each-ref", "--count=1", contains, "--", "refs/remotes"):
        return None
    after = store.apart(wrong[0], tip)[1]
    rest = f" and the {counted(after, 'commit')} after it" if after else ""
    told = f"no remote of this clone has {wrong[0][:12]}: unless somebody took it from here, it"
    branch, kept = ref.removeprefix(_HEADS), store.spare_branch("keep")
    return (
        f"{told}{rest} can be taken off, and owners need name nothing:",
        f"on {branch}: git branch {kept} && git reset --keep {wrong[0][:12]}~1",
    )


def bypassed(store: Store, tip: str) -> tuple[str, ...]:
    """Every bypass that the base's records tell of, in a line each, as it stays for ever."""
    try:
        tree = store.tree_of(tip)
        done, left = bypasses(store, tree), open_bypasses(store, tree)
    except CodexaError:
        return ()  # what cannot be read is a finding, and told as one
    return tuple(
        f"bypassed on {record.at[:10]}: {visible(record.data['reason'])}"
        f"{' (open until a change lands that names it)' if record in left else ''}"
        for record in done
    )
