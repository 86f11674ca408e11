"""What makes a server look other than its objects are: where that is so, it takes nothing.

A push is judged by the objects themselves. But git, which is asked first whether everything is
there that the push stands on, and whoever looks at the server later, see what is shown to them.
"""

from collections.abc import Iterable, Mapping

from codexa_git.errors import RepositoryError
from codexa_git.hooks.naming import REPLACED
from codexa_git.repository.store import Store


def require_own_refs(environment: Mapping[str, str]) -> None:
    """Nothing: the refs that git tells this hook of are those that move.

    Raises:
        RepositoryError: others would, in a namespace.
    """
    if space := environment.get("GIT_NAMESPACE"):
        raise RepositoryError(
            "this push goes to a namespace of refs, which is not what is judged: nothing is taken",
            details=(("now", f"GIT_NAMESPACE is {space}"),),
            hint="push without: unset GIT_NAMESPACE",
        )


def require_all_history(store: Store) -> None:
    """Nothing: this server shows all of its history.

    Raises:
        RepositoryError: it is shallow, partial or grafted.
    """
    if (why := store.incomplete()) is not None:
        # What a clone would do about it is nothing for a server.
        shown = why.partition(":")[0].replace("this clone", "its repository")
        raise RepositoryError(
            f"this server does not show all of history, so it takes nothing: {shown}",
            hint="who keeps it puts that right: git codexa server status says whether it is",
        )


def require_true_objects(refs: Iterable[str]) -> None:
    """Nothing: none of these refs of a server replaces an object by another.

    Raises:
        RepositoryError: one does.
    """
    found = sorted(ref for ref in refs if ref.startswith(f"{REPLACED}/"))
    if found:
        raise RepositoryError(
            "this server shows other objects than those that are judged, so it takes nothing",
            details=(("now", f"there is {found[0]}"),),
            hint=f"if nobody needs it: git push --delete origin {found[0]}",
        )
