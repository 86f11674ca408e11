"""A remote takes it and the refs here follow, whenever the command that meant it is killed."""

import fcntl
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from builders import commit, git

from codexa_git.errors import RepositoryError
from codexa_git.repository.crossing import Crossing, Left, arrive, cross
from codexa_git.repository.objects import RefUpdate
from codexa_git.repository.remotes import Push
from codexa_git.repository.store import Store

ROOT = Path(__file__).parents[2]
CLAIM = "refs/heads/change/CH-001"
# Killed by the remote's own hook, so before or after that has taken it and at no other moment.
CROSS = """\
import json, os, sys
from pathlib import Path
from codexa_git.repository.crossing import Crossing, cross
from codexa_git.repository.objects import RefUpdate
from codexa_git.repository.remotes import Push
from codexa_git.repository.store import Store
Path(sys.argv[1]).write_text(str(os.getpid()))
ref, tip = sys.argv[2:]
with Store.open(Path.cwd()) as store:
    cross(store, Crossing("origin", (Push(tip, ref, None),), (RefUpdate(ref, tip, None),), "open",
        (("branch.change/CH-001.remote", "origin"),)))
"""


@pytest.fixture
def origin(repository: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "origin.git"
    git(tmp_path, "clone", "-q", "--bare", str(repository), str(folder))
    git(repository, "remote", "add", "origin", str(folder))
    return folder


@pytest.fixture
def tip(repository: Path) -> str:
    return commit(repository, {"a": "1"}, "open")


def crossing(tip: str, old: str | None = None) -> Crossing:
    settings = (("branch.change/CH-001.remote", "origin"),)
    return Crossing(
        "origin", (Push(tip, CLAIM, None),), (RefUpdate(CLAIM, tip, old),), "open", settings
    )


def at(folder: Path, ref: str = CLAIM) -> str:
    return git(folder, "for-each-ref", "--format=%(objectname)", ref)


def notes(repository: Path) -> list[Path]:
    return sorted((repository / ".git" / "codexa" / "crossing").glob("*"))


def killed(repository: Path, origin: Path, tip: str, hook: str, *, group: bool = False) -> None:
    """A command, or its whole group, is killed once the remote it pushes to got to this hook."""
    pid = origin / "pid"
    place = origin / "hooks" / hook
    sign = "-" if group else ""
    place.write_text(f'#!/bin/sh\nkill -9 "{sign}$(cat {pid})"\nexit 1\n')
    place.chmod(0o755)
    done = subprocess.run(
        [sys.executable, "-c", CROSS, str(pid), CLAIM, tip],
        cwd=repository,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        check=False,
        start_new_session=True,
    )
    assert done.returncode == -9
    place.unlink()


def test_the_refs_here_move_once_the_remote_has_taken_it(
    repository: Path, store: Store, origin: Path, tip: str
) -> None:
    assert cross(store, crossing(tip)) == []
    assert at(origin) == at(repository) == tip
    assert git(repository, "config", "branch.change/CH-001.remote") == "origin"
    assert notes(repository) == []
    assert arrive(store) == ()


def test_what_the_remote_refuses_moves_nothing_here(
    repository: Path, store: Store, origin: Path, tip: str
) -> None:
    git(origin, "update-ref", CLAIM, "main")
    (refusal,) = cross(store, crossing(tip))
    assert refusal.ref == CLAIM
    assert (at(repository), notes(repository)) == ("", [])


def test_a_remote_that_is_away_leaves_nothing_behind(
    repository: Path, store: Store, origin: Path, tip: str
) -> None:
    origin.rename(origin.with_name("away.git"))
    with pytest.raises(RepositoryError):
        cross(store, crossing(tip))
    assert (at(repository), notes(repository)) == ("", [])


def test_what_was_taken_before_the_kill_arrives_with_the_next_command(
    repository: Path, store: Store, origin: Path, tip: str
) -> None:
    killed(repository, origin, tip, "post-receive")
    assert (at(origin), at(repository)) == (tip, "")
    assert arrive(store) == (Left(crossing(tip)),)
    assert at(repository) == tip
    assert git(repository, "config", "branch.change/CH-001.remote") == "origin"
    assert (notes(repository), arrive(store)) == ([], ())


def test_what_arrives_late_is_known_to_be_on_the_remote(
    repository: Path, store: Store, origin: Path, tip: str
) -> None:
    killed(repository, origin, tip, "post-receive", group=True)
    assert at(repository, "refs/remotes/origin/change/CH-001") == ""
    arrive(store)
    assert at(repository, "refs/remotes/origin/change/CH-001") == tip


def test_it_arrives_too_where_the_remote_has_gone_on_from_there(
    repository: Path, store: Store, origin: Path, tip: str, tmp_path: Path
) -> None:
    killed(repository, origin, tip, "post-receive")
    git(tmp_path, "clone", "-q", "-b", "change/CH-001", str(origin), "other")
    commit(tmp_path / "other", {"a": "2"}, "further")
    git(tmp_path / "other", "push", "-q")
    assert arrive(store) == (Left(crossing(tip)),)
    assert at(repository) == tip != at(origin)


def test_what_was_not_taken_before_the_kill_is_dropped(
    repository: Path, store: Store, origin: Path, tip: str
) -> None:
    killed(repository, origin, tip, "pre-receive")
    assert at(origin) == ""
    assert len(notes(repository)) == 1
    assert arrive(store) == ()
    assert (at(repository), notes(repository)) == ("", [])


def test_what_another_took_instead_is_dropped(
    repository: Path, store: Store, origin: Path, tip: str
) -> None:
    killed(repository, origin, tip, "pre-receive")
    git(origin, "update-ref", CLAIM, "main")
    assert arrive(store) == ()
    assert (at(repository), notes(repository)) == ("", [])


def test_a_remote_that_cannot_be_asked_is_asked_again(
    repository: Path, store: Store, origin: Path, tip: str
) -> None:
    killed(repository, origin, tip, "post-receive")
    away = origin.rename(origin.with_name("away.git"))
    (left,) = arrive(store)
    assert left.crossing == crossing(tip)
    assert left.problem is not None
    assert "cannot be asked" in left.problem
    assert at(repository) == ""
    away.rename(origin)
    assert arrive(store) == (Left(crossing(tip)),)
    assert at(repository) == tip


def test_a_ref_that_somebody_moved_since_stays_where_it_is(
    repository: Path, store: Store, origin: Path, tip: str
) -> None:
    killed(repository, origin, tip, "post-receive")
    git(repository, "update-ref", CLAIM, f"{tip}^")
    assert arrive(store) == (Left(crossing(tip)),)
    assert at(repository) == git(repository, "rev-parse", f"{tip}^")


def test_who_is_still_at_work_is_left_alone(
    repository: Path, store: Store, origin: Path, tip: str
) -> None:
    killed(repository, origin, tip, "post-receive")
    (note,) = notes(repository)
    with note.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert arrive(store) == ()
        assert notes(repository) == [note]
    assert arrive(store) != ()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"format": 2}', b'{"format": 1}'])
def test_a_note_that_is_none_of_ours_is_named(
    repository: Path, store: Store, tip: str, content: bytes
) -> None:
    folder = repository / ".git" / "codexa" / "crossing"
    folder.mkdir(parents=True)
    (folder / tip).write_bytes(content)
    with pytest.raises(RepositoryError, match="is not one that this version wrote") as error:
        arrive(store)
    assert error.value.hints[0].endswith(f"rm {folder / tip}")


def test_a_note_that_was_killed_half_written_is_dropped(
    repository: Path, store: Store, tip: str
) -> None:
    folder = repository / ".git" / "codexa" / "crossing"
    folder.mkdir(parents=True)
    (folder / f"{tip}.123").write_text(json.dumps({"format": 1})[:5])
    assert arrive(store) == ()
    assert notes(repository) == []
