"""What several scenarios do with a clone before they begin."""

from collections.abc import Sequence

from scenarios.clone import Clone

ENOUGH = ("--context", "c", "--scope", "s", "--out-of-scope", "o", "--criterion", "`a` is `b`")
"""A brief that says as little as may be."""


def work_on(clone: Clone, changes: Sequence[str], *words: str) -> None:
    """They are under way, all that people decide decided; only closing is left of each."""
    for change in changes:
        clone.git("switch", "-q", "main")
        clone.did("open", f"Work {change}", *words, *ENOUGH)
        clone.did("advance")
        clone.did("approve")
    for change in changes:
        clone.git("switch", "-q", f"change/{change}")
        clone.commit({f"work-{change}.txt": f"{change}\n"}, f"the work of {change}")
        for _ in range(2):
            assert f"git codexa approve {change}" in clone.until().err
            clone.did("approve")


def observing(clone: Clone, more: str) -> Clone:
    """The same clone with more in its policy, and no root that would have to be held to."""
    clone.git("config", "codexa.branch", "main")
    clone.git("config", "--unset", "codexa.root")
    policy = clone.read("codexa.toml").replace('mode = "enforce"', 'mode = "observe"') + more
    clone.commit({"codexa.toml": policy}, "the policy says more")
    return clone
