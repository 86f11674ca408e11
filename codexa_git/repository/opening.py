"""A repository that is about to be opened: where it lies, asked of git while others are still busy.

Little is imported here, so that a hook can ask before it imports what will judge.
"""

import os
from collections.abc import Callable, Mapping
from types import MappingProxyType

from codexa_git.errors import RepositoryError
from codexa_git.repository.command import Finished, Git, complaint
from codexa_git.repository.streams import ObjectStream
from codexa_git.values import NamedTuple

SETTINGS = ("config", "-z", "--list")
"""What tells of all settings at once."""

_ENDS = "%(refname)%00%(objectname)%00%(symref)"

_QUESTIONS = (
    *("--is-bare-repository", "--show-object-format", "--is-shallow-repository"),
    *("--path-format=absolute", "--git-dir", "--git-common-dir", "--show-toplevel"),
)
_FORMATS = {40: "sha1", 64: "sha256"}


class Places(NamedTuple):
    """Where a repository lies, and of what kind it is; see `Store`."""

    git_dir: str
    common_dir: str
    work_tree: str | None
    object_format: str
    is_shallow: bool


def ends_of(*refs: str) -> tuple[str, ...]:
    """What tells where these refs, and all in these folders, lead to."""
    return ("for-each-ref", f"--format={_ENDS}", "--", *refs)


class Foreseen(NamedTuple):
    """What will most likely be asked: questions put to git, and what names objects (`main:a/b`).

    Nothing follows from it: a question that was not foreseen is put when it comes up, and an object
    is known by its id, whatever name it was asked for by.
    """

    questions: tuple[tuple[str, ...], ...] = ()
    objects: tuple[str, ...] = ()


_NOTHING = Foreseen()


class Opening(NamedTuple):
    """What was asked of git in one folder; what `places` and each question give is its answer."""

    git: Git
    places: Callable[[], Places]
    begun: Mapping[tuple[str, ...], Callable[[], Finished]] = MappingProxyType({})
    objects: ObjectStream | None = None


def opening(start: str | os.PathLike[str], environment: Mapping[str, str]) -> Opening:
    """The repository that holds the folder `start`, asked for.

    `environment` is what a hook keeps of what git handed it (an index, a quarantine).
    """
    git = Git(start, environment=tuple(environment.items()))
    asked = git.begin("rev-parse", *_QUESTIONS)
    return Opening(git, lambda: _places(start, asked()))


def served(
    folder: str, environment: Mapping[str, str], oid: str, foreseen: Foreseen = _NOTHING
) -> Opening:
    """The repository in whose folder git started a server's hook, and what is foreseen asked for.

    Git has told what else there is to ask: `GIT_DIR` is that folder, and the ids of what is pushed
    (`oid` is one) are as long as this repository's are. Where that is not so, git is asked.
    """
    git = Git(folder, environment=tuple(environment.items()))
    begun = {asked: git.begin(*asked) for asked in (SETTINGS, *foreseen.questions)}
    is_told = environment.get("GIT_DIR") == folder and len(oid) in _FORMATS
    if not is_told or os.path.lexists(f"{folder}/commondir"):
        return opening(folder, environment)._replace(begun=begun)
    objects = ObjectStream(git)
    objects.foresee(foreseen.objects)
    is_shallow = os.path.lexists(f"{folder}/shallow")
    places = Places(folder, folder, None, _FORMATS.get(len(oid), ""), is_shallow)
    return Opening(git, lambda: places, begun, objects)


def _places(start: str | os.PathLike[str], finished: Finished) -> Places:
    answers = os.fsdecode(finished.out).split("\n")[:-1]
    # In a bare repository the last question alone fails, after the others were answered.
    if len(answers) not in (5, 6) or (finished.status != 0 and len(answers) == 6):
        raise _not_opened(start, finished)
    bare, object_format, shallow, git_dir, common_dir, *top = answers
    if object_format not in _FORMATS.values():
        raise RepositoryError(f"{start} keeps its objects as {object_format}: not known here")
    work_tree = _work_tree(git_dir, top, bare=bare == "true")
    return Places(git_dir, common_dir, work_tree, object_format, shallow == "true")


def _work_tree(git_dir: str, top: list[str], *, bare: bool) -> str | None:
    if top:
        return top[0]
    # Asked from within `.git`, git names no work tree although there is one beside it.
    folder, name = os.path.split(git_dir)
    return folder if name == ".git" and not bare else None


def _not_opened(start: str | os.PathLike[str], finished: Finished) -> RepositoryError:
    said = complaint(finished)
    if "not a git repository" in said:
        return RepositoryError(
            f"{start} is not in a git repository", hint="go to one, or make one: git init"
        )
    return RepositoryError(f"git cannot open the repository at {start}: {said}")
