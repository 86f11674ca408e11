"""One repository, opened: the only thing of git that the rest of the house sees."""

from collections.abc import Mapping

from codexa_git.errors import RepositoryError
from codexa_git.repository import filed
from codexa_git.repository.command import Finished, Git, complaint
from codexa_git.repository.opening import SETTINGS, Opening, Places, opening
from codexa_git.repository.refs import Refs, is_ref_name
from codexa_git.values import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path


class Place(NamedTuple):
    """Where a repository lies, and how git is asked there, as another process can be told it."""

    git: Git
    places: Places


class Store(Refs):
    """A repository: where it lies, and its objects, refs and settings.

    Close it, or open it in a `with`.
    """

    def __init__(self, git: Git, places: Places) -> None:
        super().__init__(git, f"{places.common_dir}/objects", places.object_format)
        self._places = places
        self._settings: dict[str, str] | None = None
        self.upstreams: dict[str, tuple[str, str, str]] = {}
        """What `remotes.upstream` found in the settings that were read."""

    # A server's hook asks for none of these, and importing `pathlib` takes longer than git does.

    @property
    def git_dir(self) -> "Path":
        """This worktree's own folder."""
        return _path(self._places.git_dir)

    @property
    def common_dir(self) -> "Path":
        """The folder that all worktrees share."""
        return _path(self._places.common_dir)

    @property
    def work_tree(self) -> "Path | None":
        """Where the files lie; `None` for a bare repository."""
        return _path(self._places.work_tree) if self._places.work_tree else None

    @classmethod
    def open(cls, start: "str | Path", environment: Mapping[str, str] | None = None) -> "Store":
        """The repository that holds the folder `start`.

        `environment` is what a hook keeps of what git handed it (an index, a quarantine).
        """
        return cls.opened(opening(start, environment or {}))

    @classmethod
    def opened(cls, asked: Opening) -> "Store":
        """The repository that was asked for."""
        places = asked.places()
        store = cls(asked.git._replace(folder=places.work_tree or places.git_dir), places)
        store._begun = dict(asked.begun)
        if asked.objects is not None:
            store._stream = asked.objects
        return store

    @classmethod
    def at(cls, place: Place) -> "Store":
        """The repository at a place that another store of it told; no process is started."""
        return cls(place.git, place.places)

    @property
    def place(self) -> Place:
        """Where this repository lies."""
        return Place(self.git, self._places)

    def is_shallow(self) -> bool:
        """True for a clone whose history was cut off."""
        return self._places.is_shallow

    def incomplete(self) -> str | None:
        """Why this clone cannot show all of history, in one sentence; `None` where it can."""
        if self._places.is_shallow:
            return "this clone is shallow: git fetch --unshallow brings the rest"
        if self._kept_beside("info/grafts").strip():
            return "this clone has grafts, which change what history looks like"
        if any(_promises(key) for key in self._all_settings()):
            return "this clone is partial: objects are missing until they are asked for"
        return None

    def borrows(self) -> tuple[str, ...]:
        """The folders of other repositories whose objects are this one's too, as it names them."""
        lines = self._kept_beside("objects/info/alternates").decode("utf-8", "replace").split("\n")
        return tuple(line for line in lines if line and not line.startswith("#"))

    def _kept_beside(self, name: str) -> bytes:
        """What a file of the repository's own holds; nothing where there is none."""
        try:
            with open(f"{self._places.common_dir}/{name}", "rb") as file:  # noqa: PTH123
                return file.read()
        except FileNotFoundError:
            return b""

    def index_tree(self) -> str:
        """The tree that the index would commit; refused while paths in it are unmerged."""
        return self.git.line("write-tree")

    def head(self) -> tuple[str | None, str | None]:
        """The branch HEAD stands on (`None`: detached) and its commit (`None`: unborn)."""
        name = filed.head(self._places.git_dir)
        return (name, self.ref(name)) if name and is_ref_name(name) else super().head()

    def config(self, key: str) -> str | None:
        """The value git would use for `key`; `None` where it has none.

        All settings are read at once, when the first is asked for.
        """
        return self._all_settings().get(_canonical(_key(key)))

    def own_config(self, key: str) -> str | None:
        """The value in the repository's own configuration, whatever its user's or system's say."""
        return _settings(self.git.finish(*SETTINGS, "--local", "--includes")).get(
            _canonical(_key(key))
        )

    def settings(self) -> "Iterable[str]":
        """The keys of all settings, as git lists them."""
        return self._all_settings()

    def _all_settings(self) -> dict[str, str]:
        if self._settings is None:
            self._settings = _settings(self._finished(*SETTINGS))
        return self._settings

    def config_path(self, key: str) -> str | None:
        """The value of `key` as a path, `~` expanded."""
        out = self.git.run("config", "-z", "--type=path", "--get", _key(key), ok=(0, 1))
        return out.decode("utf-8", "surrogateescape").removesuffix("\0") if out else None

    def set_config(self, key: str, value: str) -> None:
        """The repository's own configuration says `value` for `key`."""
        self.git.run("config", "--local", "--", _key(key), value)
        self._settings = None
        self.upstreams.clear()

    def close(self) -> None:
        """End the child that reads objects; the store may be used again and starts another.

        What was asked for, and never of use, is heard out.
        """
        self._stream.close()
        while self._begun:
            self._begun.popitem()[1]()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _path(text: str) -> "Path":
    from pathlib import Path  # noqa: PLC0415

    return Path(text)


def _settings(finished: Finished) -> dict[str, str]:
    if finished.status != 0:
        raise RepositoryError(f"git config: {complaint(finished)}")
    lines = finished.out.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return {name: value for name, _, value in (line.partition("\n") for line in lines)}


def _promises(key: str) -> bool:
    """True for a setting by which objects may stay with a remote until they are asked for."""
    is_remote = key.startswith("remote.") and key.endswith(".promisor")
    return is_remote or key == "extensions.partialclone"


def _canonical(key: str) -> str:
    """A key as git lists it: the case of a subsection counts, that of the ends does not."""
    section, _, rest = key.partition(".")
    middle, dot, name = rest.rpartition(".")
    return f"{section.lower()}.{middle}{dot}{name.lower()}"


def _key(key: str) -> str:
    if key.startswith("-") or "." not in key:
        raise RepositoryError(f"{key!r} is not a configuration key")
    return key
