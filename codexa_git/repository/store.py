"""One repository, opened: the only thing of git that the rest of the house sees."""

import os
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import NamedTuple, Self

from codexa_git.errors import RepositoryError
from codexa_git.repository.command import Finished, Git, complaint
from codexa_git.repository.raw import ID_LENGTHS
from codexa_git.repository.refs import Refs

_QUESTIONS = (
    *("--is-bare-repository", "--show-object-format", "--is-shallow-repository"),
    *("--path-format=absolute", "--git-dir", "--git-common-dir", "--show-toplevel"),
)


class Place(NamedTuple):
    """Where a repository lies, and how git is asked there, as another process can be told it."""

    git: Git
    git_dir: Path
    common_dir: Path
    work_tree: Path | None
    object_format: str
    shallow: bool


class Store(Refs):
    """A repository: where it lies, and its objects, refs and settings.

    `git_dir` is this worktree's own folder, `common_dir` the one that all worktrees share;
    `work_tree` is `None` for a bare repository. Close it, or open it in a `with`.
    """

    def __init__(
        self,
        git: Git,
        *,
        git_dir: Path,
        common_dir: Path,
        work_tree: Path | None,
        object_format: str,
        shallow: bool,
    ) -> None:
        super().__init__(git, common_dir / "objects", object_format)
        self.git_dir = git_dir
        self.common_dir = common_dir
        self.work_tree = work_tree
        self._shallow = shallow
        self._settings: dict[str, str] | None = None

    @classmethod
    def open(cls, start: Path, environment: Mapping[str, str] | None = None) -> "Store":
        """The repository that holds the folder `start`.

        `environment` is what a hook keeps of what git handed it (an index, a quarantine).
        """
        git = Git(start, environment=tuple((environment or {}).items()))
        finished = git.finish("rev-parse", *_QUESTIONS)
        answers = os.fsdecode(finished.out).split("\n")[:-1]
        # In a bare repository the last question alone fails, after the others were answered.
        if len(answers) not in (5, 6) or (finished.status != 0 and len(answers) == 6):
            raise _not_opened(start, finished)
        bare, object_format, shallow, git_dir, common_dir, *top = answers
        if object_format not in ID_LENGTHS:
            raise RepositoryError(f"{start} keeps its objects as {object_format}: not known here")
        work_tree = _work_tree(Path(git_dir), top, bare=bare == "true")
        return cls(
            git._replace(folder=work_tree or Path(git_dir)),
            git_dir=Path(git_dir),
            common_dir=Path(common_dir),
            work_tree=work_tree,
            object_format=object_format,
            shallow=shallow == "true",
        )

    @classmethod
    def at(cls, place: Place) -> "Store":
        """The repository at a place that another store of it told; no process is started."""
        git, git_dir, common_dir, work_tree, object_format, shallow = place
        return cls(
            git,
            git_dir=git_dir,
            common_dir=common_dir,
            work_tree=work_tree,
            object_format=object_format,
            shallow=shallow,
        )

    @property
    def place(self) -> Place:
        """Where this repository lies."""
        folders = self.git_dir, self.common_dir, self.work_tree
        return Place(self.git, *folders, self.object_format, self._shallow)

    def is_shallow(self) -> bool:
        """True for a clone whose history was cut off."""
        return self._shallow

    def incomplete(self) -> str | None:
        """Why this clone cannot show all of history, in one sentence; `None` where it can."""
        if self._shallow:
            return "this clone is shallow: git fetch --unshallow brings the rest"
        grafts = self.common_dir / "info" / "grafts"
        if grafts.is_file() and grafts.read_bytes().strip():
            return "this clone has grafts, which change what history looks like"
        promised = r"^(extensions\.partialclone|remote\..*\.promisor)$"
        status, _ = self.git.answer("config", "--get-regexp", promised)
        if status == 0:
            return "this clone is partial: objects are missing until they are asked for"
        return None

    def index_tree(self) -> str:
        """The tree that the index would commit; refused while paths in it are unmerged."""
        return self.git.line("write-tree")

    def config(self, key: str) -> str | None:
        """The value git would use for `key`; `None` where it has none.

        All settings are read at once, when the first is asked for.
        """
        if self._settings is None:
            out = self.git.run("config", "-z", "--list")
            lines = out.decode("utf-8", "surrogateescape").split("\0")[:-1]
            self._settings = {
                name: value for name, _, value in (ln.partition("\n") for ln in lines)
            }
        return self._settings.get(_canonical(_key(key)))

    def config_path(self, key: str) -> str | None:
        """The value of `key` as a path, `~` expanded."""
        out = self.git.run("config", "-z", "--type=path", "--get", _key(key), ok=(0, 1))
        return out.decode("utf-8", "surrogateescape").removesuffix("\0") if out else None

    def set_config(self, key: str, value: str) -> None:
        """The repository's own configuration says `value` for `key`."""
        self.git.run("config", "--local", "--", _key(key), value)
        self._settings = None

    def close(self) -> None:
        """End the child that reads objects; the store may be used again and starts another."""
        self._stream.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _work_tree(git_dir: Path, top: list[str], *, bare: bool) -> Path | None:
    if top:
        return Path(top[0])
    # Asked from within `.git`, git names no work tree although there is one beside it.
    return git_dir.parent if git_dir.name == ".git" and not bare else None


def _not_opened(start: Path, finished: Finished) -> RepositoryError:
    said = complaint(finished)
    if "not a git repository" in said:
        return RepositoryError(
            f"{start} is not in a git repository", hint="go to one, or make one: git init"
        )
    return RepositoryError(f"git cannot open the repository at {start}: {said}")


def _canonical(key: str) -> str:
    """A key as git lists it: the case of a subsection counts, that of the ends does not."""
    section, _, rest = key.partition(".")
    middle, dot, name = rest.rpartition(".")
    return f"{section.lower()}.{middle}{dot}{name.lower()}"


def _key(key: str) -> str:
    if key.startswith("-") or "." not in key:
        raise RepositoryError(f"{key!r} is not a configuration key")
    return key
