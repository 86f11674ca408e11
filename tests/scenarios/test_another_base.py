"""The base of a repository is called as it is: no message or hint says main where it is master."""

import re
import sys
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import BRIEF, PRODUCT, ROOT, Answer, Clone, Shelf, recipes
from scenarios.several import ENOUGH


@pytest.fixture
def master(tmp_path: Path, shelf: Shelf) -> Clone:
    """A repository whose branch is master, and which has adopted codexa-git there."""
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "master")
    clone = Clone(folder).set_up("Demo PM", "pm@demo.invalid", shelf.pm)
    clone.commit(PRODUCT, "begin")
    return clone


class Heard:
    """A clone whose every word is kept."""

    def __init__(self, clone: Clone) -> None:
        self.clone = clone
        self.words: list[str] = []

    def codexa(self, *words: str) -> Answer:
        """What a command answers; it may be a no."""
        answer = self.clone.codexa(*words)
        assert "Traceback" not in answer.err
        self.words.append(f"$ {' '.join(words)}\n{answer.out}{answer.err}")
        return answer

    def wrong(self) -> list[str]:
        """Every line that names a branch main, which at most a folder is called."""
        text = (
            "\n".join(self.words)
            .replace("main()", "")
            .replace(str(ROOT), "")
            .replace(sys.prefix, "")
        )
        lines = text.splitlines()
        return [line for line in lines if re.search(r"\bmain\b", line)]


TELLING = ("status", "board", "log", "doctor", "root", "verify", "digest", "check", "hooks status")


def test_no_word_of_a_whole_loop_names_another_branch(master: Clone, tmp_path: Path) -> None:
    heard = Heard(master)
    for words in ("init", "status", "verify", "check"):
        heard.codexa(*words.split(" "), *(["--yes"] if words == "init" else []))
    policy = master.read("codexa.toml").replace("run = []", 'run = ["sh check.sh"]')
    master.commit({"codexa.toml": policy}, "say how to test")
    heard.codexa("enforce", "--demo", "--yes")
    brief = tmp_path / "brief.md"
    brief.write_text(BRIEF)
    heard.codexa("open", "Shouting", "--brief", str(brief))
    heard.codexa("land")
    master.commit({"changes/CH-001/recipes.toml": recipes()}, "say how")
    for _ in range(3):
        heard.codexa("advance", "--until-blocked")
        heard.codexa("land")
        for words in TELLING:
            heard.codexa(*words.split(" "))
        heard.codexa("approve")
    heard.codexa("advance", "--until-blocked")
    assert heard.codexa("land").status == 0
    for words in (*TELLING, "report", "policy show", "people list", "replay CH-001", "land CH-001"):
        heard.codexa(*words.split(" "))
    assert heard.wrong() == []


def test_no_refusal_names_another_branch(master: Clone, tmp_path: Path) -> None:
    heard = Heard(master)
    heard.codexa("init", "--yes")
    git(tmp_path, "init", "-q", "--bare", "-b", "master", "remote.git")
    master.git("remote", "add", "origin", str(tmp_path / "remote.git"))
    heard.codexa("enforce", "--demo", "--yes")
    heard.codexa("server", "install", str(tmp_path / "remote.git"))
    master.git("push", "-qu", "origin", "master")
    heard.codexa("server", "install", str(tmp_path / "remote.git"))
    heard.codexa("open", "Another", *ENOUGH)
    master.git("switch", "-q", "master")
    for words in ("advance", "approve", "land", "sync", "check", "policy sign", "enforce --demo"):
        assert heard.codexa(*words.split(" ")).status != 0, words
    bad = master.commit({"greet.sh": "echo bye\n"}, "past the gates")
    for words in ("check", "verify", "status", f"incident {bad} -m oops", "policy show", "doctor"):
        heard.codexa(*words.split(" "))
    git(tmp_path / "remote.git", "update-ref", "--no-deref", "HEAD", "refs/heads/master")
    heard.codexa("server", "install", str(tmp_path / "remote.git"))
    master.git("switch", "-q", "--detach")
    for words in ("init --yes", "status", "advance", "check"):
        heard.codexa(*words.split(" "))
    assert heard.wrong() == []
