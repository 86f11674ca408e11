import os
from pathlib import Path

import pytest
from builders import git

from codexa_git.repository.room import clean_room
from codexa_git.repository.store import Store


def test_the_room_sees_the_objects_and_nobodys_settings(
    repository: Path, store: Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "user").write_text("[demo]\n\tuser = 1\n")
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "user"))
    git(repository, "config", "demo.local", "1")
    with clean_room(store.git, store.objects, store.object_format) as room:
        assert room.git.run("cat-file", "blob", git(repository, "rev-parse", "HEAD:README.md"))
        names = room.git.run("config", "--list", "--name-only").decode().split()
        assert not [name for name in names if name.startswith(("demo.", "user."))]
        assert room.git.line("rev-parse", "--is-bare-repository") == "true"


def test_what_is_put_in_the_room_is_git_own_and_goes_with_it(bare: Store) -> None:
    with clean_room(bare.git, bare.objects, bare.object_format) as room:
        oid = room.put("blob", b"x\n")
        assert room.git.run("cat-file", "blob", oid) == b"x\n"
        room.git.run("fsck", "--strict")
        place = room.folder
        made = room.git.line("hash-object", "-w", "--stdin")
    assert not place.exists()
    assert not bare.exists(oid)
    assert bare.git.answer("cat-file", "-e", made)[0] != 0


def test_alternates_with_odd_names_are_followed(tmp_path: Path) -> None:
    odd = tmp_path / 'o"d:d\\x é'
    odd.mkdir()
    git(odd, "init", "-q")
    with (
        Store.open(odd) as store,
        clean_room(store.git, store.objects, store.object_format) as room,
    ):
        oid = store.write_blob(b"x")
        assert room.git.run("cat-file", "blob", oid) == b"x"
        assert os.path.realpath(room.folder) == str(room.folder)
