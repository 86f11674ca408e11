"""One repository, opened: the only thing of git that the rest of the house sees."""

import os
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Self

from codexa_git.errors import RepositoryError
from codexa_git.repository.command import Finished, Git, complaint
from codexa_git.repository.opening import SETTINGS, Opening, opening
from codexa_git.repository.raw import ID_LENGTHS
from codexa_git.repository.refs import Refs

if TYPE_CHECKING:
    from pathlib import Path


class Store(Refs):
    """A repository: where it lies, and its objects, refs and settings.

    Close it, or open it in a `with`.
    """

    def __init__(
        self,
        git: Git,
        *,
        git_dir: str,
        common_dir: str,
        work_tree: str | None,
        object_format: str,
        shallow: bool,
    ) -> None:
        super().__init__(git, f"{common_dir}/objects", object_format)
        self._git_dir = git_dir
        self._common_dir = common_dir
        self._work_tree = work_tree
        self._shallow = shallow
        self._settings: dict[str, str] | None = None
        self._asked: Callable[[], Finished] | None = None

    # A server's hook asks for none of these, and importing `pathlib` takes longer than git does.

    @property
    def git_dir(self) -> "Path":
        """This worktree's own folder."""
        return _path(self._git_dir)

    @property
    def common_dir(self) -> "Path":
        """The folder that all worktrees share."""
        return _path(self._common_dir)

    @property
    def work_tree(self) -> "Path | None":
        """Where the files lie; `None` for a bare repository."""
        return None if self._work_tree is None else _path(self._work_tree)

    @classmethod
    def open(cls, start: "str | Path", environment: Mapping[str, str] | None = None) -> "Store":
        """The repository that holds the folder `start`.

        `environment` is what a hook keeps of what git handed it (an index, a quarantine).
        """
        return cls.opened(opening(start, environment or {}, settings=False))

    @classmethod
    def opened(cls, asked: Opening) -> "Store":
        """The repository that was asked for."""
        finished = asked.places()
        answers = os.fsdecode(finished.out).split("\n")[:-1]
        # In a bare repository the last question alone fails, after the others were answered.
        if len(answers) not in (5, 6) or (finished.status != 0 and len(answers) == 6):
            raise _not_opened(asked.start, finished)
        bare, object_format, shallow, git_dir, common_dir, *top = answers
        if object_format not in ID_LENGTHS:
            raise RepositoryError(
                f"{asked.start} keeps its objects as {object_format}: not known here"
            )
        work_tree = _work_tree(git_dir, top, bare=bare == "true")
        store = cls(
            asked.git._replace(folder=work_tree or git_dir),
            git_dir=git_dir,
            common_dir=common_dir,
            work_tree=work_tree,
            object_format=object_format,
            shallow=shallow == "true",
        )
        store._asked = asked.settings
        return store

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
            asked, self._asked = self._asked or self.git.begin(*SETTINGS), None
            finished = asked()
            if finished.status != 0:
                raise RepositoryError(f"git config: {complaint(finished)}")
            lines = finished.out.decode("utf-8", "surrogateescape").split("\0")[:-1]
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


def _path(text: str) -> "Path":
    from pathlib import Path  # noqa: PLC0415

    return Path(text)


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


def _canonical(key: str) -> str:
    """A key as git lists it: the case of a subsection counts, that of the ends does not."""
    section, _, rest = key.partition(".")
    middle, dot, name = rest.rpartition(".")
    return f"{section.lower()}.{middle}{dot}{name.lower()}"


def _key(key: str) -> str:
    if key.startswith("-") or "." not in key:
        raise RepositoryError(f"{key!r} is not a configuration key")
    return key
