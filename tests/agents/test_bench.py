import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from builders import git

from codexa_git.agents.bench import clean_path, explicit_environment, remove, workbench
from codexa_git.errors import AgentError


def made(folder: Path, *marks: str) -> str:
    folder.mkdir(parents=True)
    folder.chmod(0o755)
    for mark in marks:
        (folder / mark).write_text("")
    return str(folder)


def test_a_workbench_is_private_and_gone_afterwards() -> None:
    with workbench() as bench:
        assert stat.S_IMODE(bench.root.stat().st_mode) == 0o700
        assert (bench.tree.parent, bench.home.parent) == (bench.root, bench.root)
        assert (bench.home / "tmp").is_dir()

    assert not bench.root.exists()


def test_a_workbench_is_gone_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), workbench() as bench:
        _ = 1 / 0

    assert not bench.root.exists()


def test_folders_that_are_read_only_long_and_very_deep_are_removed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    locked = root / "locked" / "inner"
    locked.mkdir(parents=True)
    (locked / "file").write_text("")
    locked.chmod(0o500)
    locked.parent.chmod(0o000)
    deep = "import os\nfor _ in range(1500): os.mkdir('d' * 99); os.chdir('d' * 99)"
    subprocess.run([sys.executable, "-c", deep], cwd=root, check=True)

    remove(root)

    assert not root.exists()


def test_what_lies_behind_a_link_is_not_removed(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir(mode=0o500)
    root = tmp_path / "root"
    root.mkdir()
    (root / "folder").symlink_to(kept)
    (root / "nowhere").symlink_to(tmp_path / "none")

    remove(root)

    assert not root.exists()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o500


def test_a_folder_that_is_not_there_cannot_be_removed(tmp_path: Path) -> None:
    with pytest.raises(AgentError, match="cannot be removed"):
        remove(tmp_path / "none")


def test_only_plain_folders_stay_on_the_path(tmp_path: Path) -> None:
    plain = made(tmp_path / "plain" / "bin")
    made(tmp_path / "venv", "pyvenv.cfg")
    inside = [
        made(tmp_path / "venv" / "bin"),
        made(tmp_path / "node_modules" / ".bin"),
        str(tmp_path / "missing"),
        "relative/bin",
        "",
        ".",
    ]
    open_to_all = made(tmp_path / "open")
    Path(open_to_all).chmod(0o777)
    disguised = tmp_path / "disguised"
    disguised.symlink_to(inside[0])

    path = os.pathsep.join([*inside, plain, open_to_all, str(disguised), plain, "/x\0y"])

    assert clean_path(path, tmp_path / "none") == plain


def test_no_worktree_of_the_repository_at_hand_stays_on_the_path(
    repository: Path, tmp_path: Path
) -> None:
    linked, module = tmp_path / "linked", repository / "module"
    git(repository, "worktree", "add", "-q", str(linked))
    git(repository, "-c", "protocol.file.allow=always", "submodule", "add", "-q", "./", "module")
    apart = tmp_path / "apart"
    apart.symlink_to(made(linked / "bin"))
    inside = [
        str(repository),
        made(repository / "tools" / "bin"),
        made(repository / ".git" / "codexa" / "bin"),
        str(linked),
        str(apart),
        made(module / "bin"),
    ]
    other = tmp_path / "tools"
    git(tmp_path, "clone", "-q", str(repository), str(other))
    outside = [made(other / "bin"), made(tmp_path / "plain")]

    path = os.pathsep.join([*inside, *outside])

    assert clean_path(path, repository / ".git") == os.pathsep.join(outside)


def test_a_git_file_that_names_nothing_of_ours_drops_nothing(tmp_path: Path) -> None:
    for number, content in enumerate((b"", b"\xff\xfe", b"gitdir: ../none\n", b"x" * 20_000)):
        folder = made(tmp_path / str(number))
        (tmp_path / str(number) / ".git").write_bytes(content)
        assert clean_path(folder, tmp_path / "none" / ".git") == folder


def test_a_path_that_has_nothing_left_becomes_the_systems() -> None:
    assert clean_path("relative", Path("/none")) == "/usr/local/bin:/usr/bin:/bin"


def test_the_environment_follows_from_its_arguments_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("GIT_DIR", "VIRTUAL_ENV", "PYTHONPATH", "NODE_PATH", "LC_MESSAGES", "SECRET"):
        monkeypatch.setenv(name, "/user")
    monkeypatch.setenv("PATH", "/usr/bin")

    found = explicit_environment(tmp_path / "tree", tmp_path / "home", 7, 1_700_000_000, tmp_path)

    assert found == {
        "CI": "true",
        "CODEXA_SEED": "7",
        "HOME": str(tmp_path / "home"),
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
        "LOGNAME": "codexa",
        "NO_COLOR": "1",
        "PATH": "/usr/bin",
        "PWD": str(tmp_path / "tree"),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "3471678957",
        "SOURCE_DATE_EPOCH": "1700000000",
        "TERM": "dumb",
        "TMPDIR": str(tmp_path / "home" / "tmp"),
        "TZ": "UTC",
        "USER": "codexa",
    }


def test_every_seed_gives_a_hash_seed_that_python_takes(tmp_path: Path) -> None:
    seeds = [
        explicit_environment(tmp_path, tmp_path, n, 0, tmp_path)["PYTHONHASHSEED"]
        for n in range(99)
    ]

    assert len(set(seeds)) == 99
    assert all(0 <= int(seed) < 1 << 32 for seed in seeds)
    none = explicit_environment(tmp_path, tmp_path, None, 0, tmp_path)
    assert none == explicit_environment(tmp_path, tmp_path, 0, 0, tmp_path)
