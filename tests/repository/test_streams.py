from collections.abc import Iterator
from contextlib import closing
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


@pytest.mark.parametrize("answer", ["", "printf 'x blob 9\\nfour'"])
@pytest.mark.parametrize(
    ("ends", "hints"),
    [("kill -9 $$", ("something ended git from outside: ask again",)), ("exit 128", ())],
)
def test_a_child_that_somebody_killed_is_worth_asking_again(
    answer: str, ends: str, hints: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "git"
    fake.write_text(f"#!/bin/sh\nread question\n{answer}\n{ends}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    stream = ObjectStream(Git(tmp_path))
    with pytest.raises(RepositoryError) as raised:
        list(stream.read(["ab" * 20]))
    assert raised.value.hints == hints
    stream.close()


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


def foreseen(folder: Path, *names: str) -> list[tuple[str, str, bytes]]:
    with closing(ObjectStream(Git(folder))) as stream:
        stream.foresee(names)
        found = list(stream.foreseen())
        assert not stream.has_foreseen
        return found


def test_what_is_foreseen_is_told_with_its_id_and_what_is_not_here_is_left_out(
    repository: Path,
) -> None:
    tree = git(repository, "rev-parse", "HEAD^{tree}")
    found = foreseen(repository, "HEAD^{tree}", "HEAD:no/such", "ab" * 20, tree)
    with closing(ObjectStream(Git(repository))) as stream:
        (whole,) = stream.read([tree])
    assert whole is not None
    assert found == [(tree, *whole)] * 2


def test_answers_that_nobody_heard_are_not_taken_for_later_ones(repository: Path) -> None:
    tree = git(repository, "rev-parse", "HEAD^{tree}")
    with closing(ObjectStream(Git(repository))) as stream:
        stream.foresee(["HEAD", tree])
        (found,) = stream.read([tree])
        assert found is not None
        assert found[0] == "tree"
        assert list(stream.foreseen()) == []
        stream.close()
        stream.foresee(["HEAD", tree])
        assert [kind for _, kind, _ in first_of(stream.foreseen())] == ["commit"]
        assert list(stream.read([tree])) == [found]


def first_of(answers: Iterator[tuple[str, str, bytes]]) -> list[tuple[str, str, bytes]]:
    """The first, after which nobody listens any more."""
    return [next(answers)]


def test_no_more_is_foreseen_than_a_pipe_takes(repository: Path) -> None:
    assert 0 < len(foreseen(repository, *["HEAD"] * 5_000)) < 1_000


def test_nothing_too_large_is_foreseen(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codexa_git.repository.streams.LARGEST", 1)
    assert foreseen(repository, "HEAD", "HEAD^{tree}") == []


def test_a_child_that_fails_foresees_nothing_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake = tmp_path / "git"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    for answer in ("printf 'x blob 9\\nfour'", "printf 'x\\n'", "exit 0"):
        fake.write_text(f"#!/bin/sh\nread question\n{answer}\n")
        fake.chmod(0o755)
        assert foreseen(tmp_path, "HEAD") == []
