from pathlib import Path

import pytest
from builders import git

from codexa_git.errors import RepositoryError
from codexa_git.repository.command import Git
from codexa_git.repository.streams import Large, ObjectStream


def test_no_child_is_started_before_a_question(repository: Path) -> None:
    stream = ObjectStream(Git(repository))
    assert stream._child is None
    stream.close()
    tree = git(repository, "rev-parse", "HEAD^{tree}")
    (found,) = stream.read([tree])
    assert found is not None
    assert found[0] == "tree"
    stream.close()
    assert stream._child is None


def test_a_child_that_answers_half_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "git"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    stream = ObjectStream(Git(tmp_path))
    for answer in ("printf 'x blob 9\\nfour'", "printf 'x\\n'", "exit 0"):
        fake.write_text(f"#!/bin/sh\nread question\n{answer}\n")
        fake.chmod(0o755)
        with pytest.raises(RepositoryError, match="git"):
            list(stream.read(["ab" * 20]))
        assert stream._child is None


def test_what_is_too_large_is_told_of_and_not_taken_in(repository: Path) -> None:
    stream = ObjectStream(Git(repository))
    tree = git(repository, "rev-parse", "HEAD^{tree}")
    (whole,) = stream.read([tree])
    assert whole is not None
    assert not isinstance(whole, Large)
    size = len(whole[1])
    asked = [tree, "ab" * 20] * 100
    assert list(stream.read(asked, size)) == [whole, None] * 100
    assert list(stream.read(asked, size - 1)) == [Large("tree", size), None] * 100
    assert list(stream.read([tree], None)) == [whole]
    assert b"".join(stream.blocks(tree)) == whole[1]
    stream.close()


def test_whoever_stops_listening_leaves_no_answer_behind(repository: Path) -> None:
    stream = ObjectStream(Git(repository))
    tree, other = git(repository, "rev-parse", "HEAD^{tree}"), "ab" * 20
    answers = stream.read([tree, tree, other])
    next(answers)
    answers.close()
    assert list(stream.read([other])) == [None]
    stream.close()


def test_thousands_of_questions_at_once_are_all_answered(repository: Path) -> None:
    stream = ObjectStream(Git(repository))
    tree = git(repository, "rev-parse", "HEAD^{tree}")
    found = list(stream.read([tree, "ab" * 20] * 5_000))
    assert [answer and answer[0] for answer in found] == ["tree", None] * 5_000
    stream.close()
