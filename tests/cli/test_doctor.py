"""What is installed, what is missing, and what mends it."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import ROOT, At, Clone, make_key

from codexa_git import __version__

NOON = 1767268800


class Told(dict[str, list[tuple[str, str, tuple[str, ...]]]]):
    """What was found, by what it is about: how it stands, in which words, and what to do."""

    def __init__(self, clone: Clone) -> None:
        super().__init__()
        answer = clone.codexa("doctor", "--json")
        self.status = answer.status
        found = json.loads(answer.out)
        assert found["format"] == 1
        for each in found["findings"]:
            assert list(each) == ["part", "about", "word", "now", "do"]
            self.setdefault(each["about"], []).append(
                (each["word"], each["now"], tuple(each["do"]))
            )

    def words(self, *besides: str) -> set[str]:
        """The words of all that was found, but for these matters."""
        return {w for about, found in self.items() for w, _, _ in found if about not in besides}


@pytest.fixture
def pushed(at: At, tmp_path: Path) -> Clone:
    clone = at("planned")
    git(clone.folder, "init", "-q", "--bare", str(tmp_path / "bare.git"))
    clone.git("remote", "add", "origin", str(tmp_path / "bare.git"))
    clone.git("push", "-q", "-u", "origin", "main", "change/CH-001")
    return clone


def test_all_is_well_where_nothing_is_wrong_and_nothing_is_written(pushed: Clone) -> None:
    before = (pushed.git("for-each-ref"), pushed.git("config", "--list", "--local"))
    told = Told(pushed)
    assert told.status == 0
    assert told.words() == {"well", "note"}
    assert pushed.did("doctor").endswith("\nall is well\n")
    assert (pushed.git("for-each-ref"), pushed.git("config", "--list", "--local")) == before


def test_the_screen_has_parts_and_fits(pushed: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    told = pushed.did("doctor")
    assert re.findall(r"^[a-z]+$", told, re.MULTILINE) == ["installed", "you", "base", "clone"]
    assert "  ✓ journal      nothing was left half done\n" in told
    monkeypatch.setenv("COLUMNS", "40")
    assert "  ✓ journal\n      nothing was left half done\n" in pushed.did("doctor")


def test_the_folder_that_this_program_runs_from_is_told(pushed: Clone) -> None:
    ((_, now, _),) = Told(pushed)["codexa-git"]
    assert f"{__version__} at {ROOT / 'codexa_git'}" in now


def test_outside_a_repository_the_programs_are_told_and_there_is_no_answer(tmp_path: Path) -> None:
    answer = Clone(tmp_path).codexa("doctor")
    assert answer.status == 3
    assert re.match(r"installed\n  ✓ git          \d+\.\d+\.\d+ at /", answer.out)
    assert "is not in a git repository" in answer.err


def test_a_repository_without_policy_is_no_answer(at: At) -> None:
    told = Told(at("plain"))
    assert told.status == 3
    ((word, now, do),) = told["base"]
    assert (word, now) == ("unknown", "no base branch here has adopted codexa-git")
    assert do[0].startswith("git codexa init")


class TestKeys:
    def test_a_key_that_any_process_can_use_is_said_so(self, at: At) -> None:
        clone = at("enforced")
        ((word, now, do),) = Told(clone)["key user.signingkey"]
        assert word == "note"
        assert "signs for you; any process of yours can use it: it has no passphrase" in now
        assert do == (f"ssh-keygen -p -f {clone.git('config', 'user.signingkey')}",)

    def test_one_with_a_passphrase_asks_for_it(self, at: At, tmp_path: Path) -> None:
        clone = at("enforced")
        own = Path(clone.git("config", "user.signingkey"))
        copy = tmp_path / "copy"
        copy.write_bytes(own.read_bytes())
        copy.chmod(0o600)
        copy.with_name("copy.pub").write_bytes(own.with_name("pm.pub").read_bytes())
        args = ["ssh-keygen", "-q", "-p", "-N", "secret", "-f", str(copy)]
        subprocess.run(args, check=True, capture_output=True)
        clone.git("config", "user.signingkey", str(copy))
        ((word, now, do),) = Told(clone)["key user.signingkey"]
        assert (word, do) == ("well", ())
        assert now.endswith("it asks for its passphrase")
        copy.chmod(0o644)
        ((word, now, do),) = Told(clone)["key user.signingkey"]
        assert (word, do) == ("problem", (f"chmod 600 {copy}",))

    def test_an_agent_that_holds_it_is_told_of(
        self, at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clone = at("enforced")
        socket = tmp_path / "agent"
        with subprocess.Popen(
            ["ssh-agent", "-D", "-a", str(socket)], stdout=subprocess.PIPE
        ) as agent:
            assert agent.stdout is not None
            agent.stdout.readline()
            monkeypatch.setenv("SSH_AUTH_SOCK", str(socket))
            own = clone.git("config", "user.signingkey")
            subprocess.run(["ssh-add", "-q", own], check=True, capture_output=True)
            ((word, now, do),) = Told(clone)["key user.signingkey"]
            assert (word, do) == ("note", ("ssh-add -c makes an agent ask",))
            assert "any process of yours can use it through the agent" in now
            clone.git("config", "--unset", "user.signingkey")
            told = Told(clone)
            agent.terminate()
        assert told.status == 1
        ((word, now, do),) = told["key"]
        assert (word, now) == ("problem", "your agent holds a key of yours that git does not name")
        assert do[0].startswith("git config user.signingkey 'key::ssh-ed25519 AAAA")

    def test_a_person_of_policy_without_their_key_cannot_sign(self, at: At) -> None:
        clone = at("enforced")
        clone.git("config", "--unset", "user.signingkey")
        told = Told(clone)
        assert told.status == 1
        assert told["key"][0][:2] == (
            "problem",
            "policy knows no key here as pm@demo.invalid's, so you cannot sign",
        )

    def test_a_key_that_is_over_is_no_matter_where_another_signs(
        self, at: At, tmp_path: Path
    ) -> None:
        clone, new = at("enforced"), make_key(tmp_path, "new", 9)
        old = clone.git("config", "user.signingkey")
        usual = Path(os.environ["HOME"], ".ssh", "id_ed25519.pub")
        usual.parent.mkdir(exist_ok=True)
        usual.write_text(Path(f"{old}.pub").read_text())
        words = ("people", "rotate", "pm@demo.invalid", "--overlap", "0", "--key")
        clone.did(*words, f"{new}.pub")
        clone.git("config", "user.signingkey", str(new))
        told = Told(clone)
        ((word, now, do),) = told["key ~/.ssh/id_ed25519.pub"]
        assert (word, do) == ("note", ())
        assert now.endswith(": outside of its time; another signs for you")
        assert told.status == 0
        clone.git("config", "--unset", "user.signingkey")
        told = Told(clone)
        assert told.status == 1
        ((word, now, do),) = told["key ~/.ssh/id_ed25519.pub"]
        assert (word, now[-20:]) == ("problem", " outside of its time")
        assert do[0].startswith("make another: ssh-keygen -t ed25519 -f ~/.ssh/codexa && ")
        assert do[0].endswith("pm@demo.invalid --key ~/.ssh/codexa.pub")

    def test_whom_policy_does_not_know_has_no_problem(self, at: At) -> None:
        clone = at("enforced")
        clone.git("config", "user.email", "dev@demo.invalid")
        told = Told(clone)
        assert told.status == 0
        assert told["you"][0][0] == "note"
        assert "knows as pm@demo.invalid's" in told["key user.signingkey"][0][1]

    def test_a_clone_without_a_testers_key_leaves_results_to_others(
        self, at: At, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clone = at("enforced")
        assert Told(clone)["tester"][0][0] == "well"
        for half in ("tester_ed25519", "tester_ed25519.pub"):
            (clone.folder / ".git" / "codexa" / half).unlink()
        assert Told(clone)["tester"][0][0] == "note"
        monkeypatch.setenv("CODEXA_TESTER_KEY", "/nowhere/key")
        assert Told(clone)["tester"][0][0] == "problem"


class TestClone:
    def test_what_was_left_half_done_waits_or_is_only_here(self, pushed: Clone) -> None:
        pushed.commit({"changes/CH-001/notes.md": "more\n"}, "notes")
        pushed.git("branch", "change/CH-002")
        pushed.git("update-ref", "refs/codexa/waiting/CH-001", "HEAD")
        (pushed.folder / ".git" / "codexa" / "journal").write_bytes(b"")
        told = Told(pushed)
        assert told.status == 1
        assert told["journal"][0][0] == "problem"
        assert told["waiting"][0][2] == ("commit or stash, then: git codexa advance CH-001",)
        assert told["pushed"] == [
            ("problem", "CH-001: 1 commit not pushed", ("git push origin change/CH-001",)),
            (
                "problem",
                "CH-002 follows nothing: nobody else has it",
                ("git push -u origin change/CH-002",),
            ),
        ]

    def test_an_abandoned_change_is_not_open_and_need_not_be_pushed(self, pushed: Clone) -> None:
        one = ("--context", "c", "--scope", "s", "--out-of-scope", "o", "--criterion", "`a` is `b`")
        pushed.git("switch", "-q", "main")
        pushed.did("open", "Never mind", *one)
        pushed.did("abandon", "-m", "never mind")
        pushed.git("branch", "--unset-upstream")
        assert "1 change abandoned" in pushed.did("board")
        assert Told(pushed)["pushed"] == [
            ("well", "1 open change, none ahead of its upstream", ()),
        ]

    def test_a_shallow_clone_and_replaced_objects_are_problems(
        self, pushed: Clone, tmp_path: Path
    ) -> None:
        url = f"file://{tmp_path / 'bare.git'}"
        git(tmp_path, "clone", "-q", "--depth", "1", "--branch", "main", url, "shallow")
        shallow = Clone(tmp_path / "shallow")
        assert Told(shallow)["history"][0][0] == "problem"
        pushed.git("replace", "HEAD", "main")
        assert Told(pushed)["history"][0][1].startswith("1 object replaced")

    def test_a_root_that_is_not_pinned_or_another_is_a_problem(self, at: At) -> None:
        clone = at("enforced")
        root = clone.git("config", "codexa.root")
        assert Told(clone)["root"][0][0] == "well"
        clone.git("config", "--unset", "codexa.root")
        assert Told(clone)["root"][0][::2] == (
            "problem",
            (f"if a person you trust told you the same: git codexa root --pin {root}",),
        )
        clone.git("config", "codexa.root", f"sha256:{'0' * 64}")
        told = Told(clone)
        assert told.status == 1
        assert told["base"][0][0] == "problem"

    def test_a_clock_that_is_behind_is_a_problem(
        self, at: At, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clone = at("enforced")
        assert [word for word, _, _ in Told(clone)["clock"]] == ["well", "note"]
        monkeypatch.setenv("SOURCE_DATE_EPOCH", str(NOON - 301))
        assert [word for word, _, _ in Told(clone)["clock"]] == ["problem", "note"]

    def test_hooks_are_told_by_who_put_them_there(self, at: At) -> None:
        clone = at("enforced")
        assert Told(clone)["hooks"][0][0] == "note"
        clone.did("hooks", "install")
        assert Told(clone)["hooks"][0][0] == "well"
        place = clone.folder / ".git" / "hooks" / "commit-msg"
        place.chmod(0o644)
        assert Told(clone)["hooks"][0][0::2] == ("problem", ("git codexa hooks install",))
        place.unlink()
        assert Told(clone)["hooks"][0][:2] == ("problem", "commit-msg not in .git/hooks")

    def test_a_server_that_can_be_seen_is_looked_at(self, pushed: Clone, tmp_path: Path) -> None:
        assert "takes every push" in Told(pushed)["server"][0][1]
        hook = tmp_path / "bare.git" / "hooks" / "pre-receive"
        hook.parent.mkdir(exist_ok=True)
        hook.write_text("#!/bin/sh\nexec codexa-git server judge\n")
        assert "takes every push" in Told(pushed)["server"][0][1]
        hook.chmod(0o755)
        assert "not again as it moves refs" in Told(pushed)["server"][0][1]
        other = hook.with_name("reference-transaction")
        other.write_text("#!/bin/sh\n# A hook of codexa-git\n")
        other.chmod(0o755)
        assert Told(pushed)["server"][0][0] == "well"
        other.rename(other.with_name("reference-transaction.codexa-noted"))
        assert "not again as it moves refs" in Told(pushed)["server"][0][1]
        other.symlink_to("../codexa/relied/../../hooks/reference-transaction.codexa-noted")
        assert Told(pushed)["server"][0][0] == "well"
        pushed.git("remote", "set-url", "origin", f"../{tmp_path.name}/bare.git")
        assert "cannot be seen" in Told(pushed)["server"][0][1]
        pushed.git(
            "remote", "set-url", "origin", os.path.relpath(tmp_path / "bare.git", pushed.folder)
        )
        (pushed.folder / "sub").mkdir()
        assert Told(Clone(pushed.folder / "sub"))["server"][0][0] == "well"
        pushed.git("remote", "set-url", "origin", "https://forge.invalid/demo.git")
        assert Told(pushed)["server"][0][1] == "whether origin enforces cannot be seen from here"


def test_what_is_not_installed_is_a_problem(
    at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clone = at("plain")
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / "git").symlink_to(_git())
    monkeypatch.setenv("PATH", str(folder))
    told = Told(clone)
    assert told.status == 1
    assert told["ssh-keygen"][0][0::2] == ("problem", ("install OpenSSH",))
    assert told["codexa-git"][0][0] == "note"


def _git() -> str:
    found = [Path(folder) / "git" for folder in os.environ["PATH"].split(":")]
    return str(next(place for place in found if place.exists()))


def program(place: Path) -> None:
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text("#!/bin/sh\n")
    place.chmod(0o755)


class TestPrograms:
    @pytest.mark.parametrize("name", ["git-codexa", "codexa-git"])
    def test_one_that_lies_in_the_work_tree_is_a_danger(
        self, at: At, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        clone = at("enforced")
        place = clone.folder / "tools" / name
        program(place)
        monkeypatch.setenv("PATH", f"{place.parent}:{os.environ['PATH']}")
        told = Told(clone)
        assert told.status == 1
        danger = f"found at {place}, in the work tree: a branch that brings that file is run"
        assert ("problem", danger) in [finding[:2] for finding in told[name]]
        ((word, now, do),) = told["PATH"]
        assert word == "problem"
        assert now.startswith(f"{place.parent} lies in the work tree")
        assert do == ("take it off PATH",)

    def test_one_that_a_link_leads_to_is_no_better(
        self, at: At, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clone = at("enforced")
        program(clone.folder / "tools" / "git-codexa")
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "git-codexa").symlink_to(clone.folder / "tools" / "git-codexa")
        monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:{os.environ['PATH']}")
        told = Told(clone)
        assert "problem" in [word for word, _, _ in told["git-codexa"]]
        assert "PATH" not in told

    def test_a_virtual_environment_in_the_work_tree_is_said_and_no_mistake(
        self, at: At, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        clone = at("enforced")
        clone.write(".venv/pyvenv.cfg", "")
        (clone.folder / ".venv" / "bin").mkdir()
        monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{clone.folder / '.venv' / 'bin'}")
        ((word, now, _),) = Told(clone)["PATH"]
        assert word == "note"
        assert "a branch that brings files there brings programs" in now

    @pytest.mark.parametrize(("entry", "shown"), [("bin", "bin"), ("", "an empty entry")])
    def test_a_place_that_depends_on_where_one_stands_is_a_danger(
        self, at: At, monkeypatch: pytest.MonkeyPatch, entry: str, shown: str
    ) -> None:
        clone = at("enforced")
        monkeypatch.setenv("PATH", f"{os.environ['PATH']}:{entry}")
        ((word, now, _),) = Told(clone)["PATH"]
        assert (word, now.partition(" is looked up")[0]) == ("problem", shown)


def test_the_names_of_json_are_described() -> None:
    page = ROOT / "docs" / "how-to" / "ask-from-a-script.md"
    described = page.read_text(encoding="utf-8")
    for name in ("findings", "part", "about", "word", "now", "do", "well", "note", "problem"):
        assert f"`{name}`" in described, name
