import fcntl
import os
from pathlib import Path

import pytest
from agents.conftest import LIMITS

from codexa_git.agents.environments import prepared
from codexa_git.errors import AgentError

# says how often it ran, in a file beside the cache whose path it is passed
SETUP = ("sh -c 'echo run >> $COUNT; cp -R . {env}/'",)
FILES = {"requirements.txt": b"one\n", "sub/more.txt": b"two\n"}


class Cache:
    def __init__(self, folder: Path) -> None:
        self.folder = folder / "cache"
        self.count = folder / "count"

    def path(self, setup: tuple[str, ...] = SETUP, files: dict[str, bytes] = FILES) -> Path:
        passing = {"COUNT": str(self.count)}
        with prepared(
            setup, files, self.folder, passing, LIMITS, self.folder.parent
        ) as environment:
            assert environment.path.is_dir()
            return environment.path

    def runs(self) -> int:
        return len(self.count.read_text().splitlines())


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path)


def test_an_environment_is_made_once_at_one_place_from_the_listed_files(cache: Cache) -> None:
    first, second = cache.path(), cache.path()

    assert first == second
    assert cache.runs() == 1
    assert (first / "sub" / "more.txt").read_bytes() == b"two\n"


def test_another_setup_or_another_byte_is_another_environment(cache: Cache) -> None:
    places = {
        cache.path(),
        cache.path(files={**FILES, "requirements.txt": b"1\n"}),
        cache.path(files={"requirements.txt": b"one\n"}),
        cache.path(setup=(*SETUP, "true")),
    }

    assert len(places) == 4


@pytest.mark.parametrize("damage", ["write", "add", "remove", "mode", "link"])
def test_an_environment_that_tests_have_changed_is_made_anew(cache: Cache, damage: str) -> None:
    path = cache.path()
    file = path / "requirements.txt"
    if damage == "write":
        file.write_bytes(b"two\n")
    elif damage == "add":
        (path / "sub" / "conftest.py").write_text("")
    elif damage == "mode":
        file.chmod(0o755)
    else:
        file.unlink()
    if damage == "link":
        file.symlink_to("sub/more.txt")

    assert cache.path() == path
    assert cache.runs() == 2
    assert file.read_bytes() == b"one\n"
    assert sorted(item.name for item in (path / "sub").iterdir()) == ["more.txt"]


def test_an_unfinished_environment_is_made_anew(cache: Cache) -> None:
    path = cache.path()
    path.parent.with_suffix(".digest").unlink()

    cache.path()

    assert cache.runs() == 2


def test_a_setup_that_fails_says_why_and_leaves_nothing(cache: Cache) -> None:
    setup = ("sh -c 'echo kept > {env}/x; echo lost in $PWD and {env}; exit 3'",)

    with pytest.raises(AgentError) as caught:
        cache.path(setup)

    message = caught.value.message
    assert message.startswith(f"the test setup {setup[0]!r} exited with 3")
    assert message.endswith("\nlost in <run> and <env>")
    assert [path.suffix for path in cache.folder.iterdir()] == [".lock"]


def test_files_do_not_leave_the_folder_of_the_setup(cache: Cache) -> None:
    with pytest.raises(AgentError, match="no path inside the tree"):
        cache.path(files={"../x": b""})


def test_an_environment_is_held_while_it_is_in_use(cache: Cache) -> None:
    passing = {"COUNT": str(cache.count)}
    with prepared(SETUP, FILES, cache.folder, passing, LIMITS, cache.folder.parent) as environment:
        lock = os.open(cache.folder / f"{environment.key}.lock", os.O_RDWR)
        with pytest.raises(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        os.close(lock)


def test_a_virtual_environment_works_from_where_it_was_made(cache: Cache) -> None:
    path = cache.path(setup=("python3 -m venv --without-pip {env}/venv",))

    assert (path / "venv" / "bin" / "python3").exists()
    assert str(path) in (path / "venv" / "bin" / "activate").read_text()
