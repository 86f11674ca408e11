"""`init`, on every kind of repository that people have."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import PRODUCT, ROOT, At, Clone, Shelf

from codexa_git.policy.keys import ed25519_from_seed
from codexa_git.policy.signers import fingerprint, parse_signers

ADDED = [
    ".codexa/allowed_signers",
    ".gitattributes",
    "artifacts/README.md",
    "audit/README.md",
    "changes/README.md",
    "codexa.toml",
]


def added(clone: Clone) -> list[str]:
    """What the last commit of the base brought."""
    return clone.git("show", "--format=", "--name-only", "HEAD").split("\n")


def new(folder: Path, shelf: Shelf, *options: str) -> Clone:
    """A repository of one's own, with no commit."""
    folder.mkdir()
    git(folder, "init", "-q", *options)
    return Clone(folder).set_up("Demo PM", "pm@demo.invalid", shelf.pm)


def test_an_empty_repository_begins_with_the_policy(at: At) -> None:
    clone = at("empty")
    told = clone.did("init", "--yes")
    assert "codexa: init" in told
    assert added(clone) == ADDED
    assert clone.git("rev-list", "--count", "HEAD") == "1"
    assert clone.is_clean()


def test_work_staged_in_an_empty_repository_stays_staged(at: At) -> None:
    clone = at("empty")
    clone.write("mine.txt", "mine\n")
    clone.git("add", "mine.txt")
    clone.did("init", "--yes")
    assert added(clone) == ADDED
    assert clone.git("status", "--porcelain") == "A  mine.txt"


def test_history_stays_and_one_commit_is_added(at: At) -> None:
    clone = at("plain")
    for number in range(20):
        clone.commit({"README.md": f"{number}\n"}, f"year {number}")
    before = clone.tip()
    clone.did("init", "--yes")
    assert clone.tip("HEAD~1") == before
    assert added(clone) == ADDED
    assert clone.is_clean()


def test_a_second_time_changes_nothing(at: At) -> None:
    clone = at("plain")
    clone.did("init", "--yes")
    before = clone.tip()
    assert clone.did("init") == "main has adopted codexa-git already: nothing was missing\n"
    assert clone.tip() == before


def test_what_went_missing_is_put_back(at: At) -> None:
    clone = at("enforced")
    clone.commit({"audit/README.md": None}, "tidy up")
    assert "  audit/README.md\n" in clone.did("init")
    assert added(clone) == ["audit/README.md"]


@pytest.mark.parametrize("name", ["master", "trunk", "release/2.x", "v1_next", "a+b"])
def test_the_base_may_have_any_plain_name(name: str, at: At) -> None:
    clone = at("plain")
    clone.git("branch", "-m", name)
    clone.did("init", "--yes")
    assert f'branch = "{name}"' in clone.read("codexa.toml")
    assert "CH-001" in clone.did("open", "x")


@pytest.mark.parametrize("name", ["n\u00e4me", "a;b", "change/CH-001", "codexa/x"])
def test_a_name_that_no_policy_takes_is_refused_before_anything_is_written(
    name: str, at: At
) -> None:
    clone = at("plain")
    clone.git("branch", "-m", name)
    before = clone.tip()
    assert "cannot be the base branch" in clone.refused("init", "--yes")
    assert clone.tip() == before
    assert clone.is_clean()


def test_a_linked_worktree_adopts_for_all(at: At, tmp_path: Path) -> None:
    clone = at("plain")
    clone.git("switch", "-q", "-c", "elsewhere")
    clone.git("worktree", "add", "-q", str(tmp_path / "linked"), "main")
    linked = Clone(tmp_path / "linked")
    linked.did("init", "--yes")
    assert linked.is_clean()
    assert "the base of this repository is main" in clone.refused("init", "--yes")
    assert "CH-001" in clone.did("open", "x")


def test_another_branch_than_the_base_is_not_adopted_again(at: At) -> None:
    clone = at("adopted")
    clone.git("switch", "-q", "-c", "feature")
    told = clone.refused("init", "--yes")
    assert "the base of this repository is main" in told
    assert "hint: git switch main" in told
    assert clone.git("config", "codexa.branch") == "main"


def test_attributes_that_are_there_stay_and_get_their_line_end(at: At) -> None:
    clone = at("plain")
    clone.commit({".gitattributes": "*.sh text\n*.png binary"}, "attributes")
    clone.did("init", "--yes")
    lines = clone.read(".gitattributes").split("\n")
    assert lines[:3] == ["*.sh text", "*.png binary", "/audit/** -text linguist-generated"]


@pytest.mark.parametrize("content", ["nonsense = [", "rules = 1\nmode = 'what'\n"])
def test_a_malformed_policy_is_named_with_its_line_and_kept(content: str, at: At) -> None:
    clone = at("plain")
    clone.commit({"codexa.toml": content}, "a policy of my own")
    before = clone.tip()
    told = clone.refused("init", "--yes", status=3)
    assert told.startswith("error: the policy cannot be read: codexa.toml:")
    assert clone.tip() == before


@pytest.mark.parametrize(
    ("blocked", "path"),
    [("audit", "audit/README.md"), (".codexa", ".codexa/allowed_signers")],
)
def test_a_file_in_the_place_of_a_folder_is_not_taken_away(blocked: str, path: str, at: At) -> None:
    clone = at("plain")
    clone.commit({blocked: "mine\n"}, "mine")
    before = clone.tip()
    assert f"{path} has to be written, and {blocked} is something else" in clone.refused(
        "init", "--yes"
    )
    assert clone.tip() == before
    assert clone.read(blocked) == "mine"


@pytest.mark.parametrize("name", [".gitattributes", "changes"])
def test_a_link_is_not_taken_away(name: str, at: At) -> None:
    clone = at("plain")
    (clone.folder / name).symlink_to("README.md")
    clone.git("add", name)
    clone.git("commit", "-qm", "a link")
    before = clone.tip()
    assert "is something else here" in clone.refused("init", "--yes")
    assert clone.tip() == before


def test_uncommitted_work_elsewhere_is_left_alone(at: At) -> None:
    clone = at("plain")
    clone.write("greet.sh", "mine\n")
    clone.did("init", "--yes")
    assert clone.git("status", "--porcelain") == " M greet.sh"


@pytest.mark.parametrize("name", ["codexa.toml", ".gitattributes"])
def test_uncommitted_work_in_the_way_is_named_and_kept(name: str, at: At) -> None:
    clone = at("plain")
    clone.write(name, "mine\n")
    before = clone.tip()
    told = clone.refused("init", "--yes")
    assert f"'{name}' in" in told
    assert "not committed" in told
    assert (clone.folder / name).read_text() == "mine\n"
    assert clone.tip() == before


def test_without_a_name_git_is_told_how(at: At) -> None:
    clone = at("plain")
    clone.git("config", "--unset", "user.name")
    told = clone.refused("init", "--yes", status=3)
    assert "git does not know who you are" in told
    assert "git config user.name" in told


def test_without_a_key_one_is_made_where_it_is_wanted(at: At) -> None:
    clone = at("plain")
    clone.git("config", "--unset", "user.signingkey")
    answer = clone.process("init")
    assert answer.status == 1
    assert "You have no SSH key. Make one at " in answer.out
    assert "nobody answered, and nothing was written" in answer.err
    assert clone.git("status", "--porcelain") == ""
    assert "made a key at" in clone.did("init", "--yes")
    made = Path(os.environ["HOME"], ".ssh", "id_ed25519.pub").read_text().split()
    assert f"{made[0]} {made[1]}" in clone.read(".codexa/allowed_signers")


def test_a_second_clone_is_shown_what_an_owner_types_for_its_tester(at: At, tmp_path: Path) -> None:
    first = at("enforced")
    git(tmp_path, "clone", "-q", str(first.folder), "second")
    second = Clone(tmp_path / "second").set_up("Demo Dev", "dev@demo.invalid", tmp_path / "no-key")
    told = second.did("init")
    assert "nothing was missing" in told
    assert "tests cannot be signed here until an owner enrols this clone's Tester" in told
    first.did(*shlex.split(told.rpartition("    git codexa ")[2]))
    second.git("pull", "-q")
    assert "tests cannot be signed here" not in second.did("init")


def test_a_bare_repository_is_adopted_from_a_clone(tmp_path: Path, shelf: Shelf) -> None:
    clone = new(tmp_path / "bare.git", shelf, "--bare")
    assert "is bare: adopt it in a clone" in clone.refused("init", "--yes")


def test_a_detached_head_is_no_branch_to_land_on(at: At) -> None:
    clone = at("plain")
    clone.git("checkout", "-q", "--detach")
    told = clone.refused("init", "--yes")
    assert "HEAD is detached" in told
    assert "hint: git switch main\n" in told


def test_outside_a_repository_it_says_how_to_make_one(tmp_path: Path) -> None:
    told = Clone(tmp_path).refused("init", "--yes", status=3)
    assert "is not in a git repository" in told
    assert "git init" in told


def test_a_subfolder_and_the_git_folder_mean_the_repository(at: At) -> None:
    clone = at("plain")
    (clone.folder / "sub").mkdir()
    Clone(clone.folder / "sub").did("init", "--yes")
    assert added(clone) == ADDED
    assert "nothing was missing" in Clone(clone.folder / ".git").did("init")


def test_sha256_repositories_work(tmp_path: Path, shelf: Shelf) -> None:
    clone = new(tmp_path / "sha256", shelf, "--object-format=sha256")
    clone.commit(PRODUCT, "begin")
    clone.did("init", "--yes")
    policy = clone.read("codexa.toml").replace("run = []", 'run = ["sh check.sh"]')
    clone.commit({"codexa.toml": policy + "\n"}, "say how to test")
    clone.did("enforce", "--demo", "--yes")
    words = ["--context", "c", "--scope", "s", "--out-of-scope", "o"]
    clone.did("open", "x", *words, "--criterion", "`sh shout.sh` prints `HELLO`")
    clone.did("advance")
    clone.did("approve")
    clone.commit({"shout.sh": "echo HELLO\n"}, "shout")
    for _ in range(2):
        assert "git codexa approve CH-001" in clone.until().err
        clone.did("approve")
    assert "can land" in clone.until().out
    clone.did("land")
    assert len(clone.tip("main")) == 64


def test_what_was_adopted_and_not_pushed_says_so(at: At, tmp_path: Path) -> None:
    bare = tmp_path / "bare.git"
    clone = at("plain")
    git(tmp_path, "clone", "-q", "--bare", str(clone.folder), str(bare))
    clone.git("remote", "add", "origin", str(bare))
    clone.git("fetch", "-q", "origin")
    clone.git("branch", "-q", "-u", "origin/main")
    clone.did("init", "--yes")
    refused = clone.refused("open", "x", status=3)
    assert "main has adopted codexa-git here, but origin/main has not yet" in refused
    assert "hint: git push origin main" in refused
    clone.git("push", "-q", "origin", "main")
    clone.did("open", "x")


def test_where_the_base_only_observes_the_way_to_a_root_is_told(at: At, tmp_path: Path) -> None:
    clone = at("adopted")
    way = "hint: an owner signs one: git codexa enforce\n"
    assert way in clone.refused("verify", status=3)
    bare = tmp_path / "server.git"
    git(tmp_path, "clone", "-q", "--bare", str(clone.folder), str(bare))
    assert way in clone.refused("server", "install", str(bare), status=3)


def test_people_of_the_demo_are_refused_with_the_way_to_try_it(at: At) -> None:
    told = at("adopted").refused("enforce")
    assert "hint: or, to try it where nothing is at stake: git codexa enforce --demo\n" in told


def test_every_key_that_enforcing_takes_over_is_listed_before_anything_is_signed(
    at: At, tmp_path: Path
) -> None:
    clone = at("adopted")
    key = tmp_path / "tester.pub"
    key.write_text(ed25519_from_seed(bytes([9]) * 32)[1])
    clone.did("people", "tester", "--key", str(key))
    mine = clone.git("config", "user.signingkey")
    clone.git("config", "user.signingkey", str(tmp_path / "none"))
    answer = clone.codexa("enforce", "--demo", "--yes")
    assert answer.status == 3
    signers = parse_signers(clone.raw(".codexa/allowed_signers", "main")).signers
    assert len(signers) == 3
    assert [line.strip() for line in answer.out.splitlines()] == [
        "trusted from here on, as enrolled while observing:",
        "pm@demo.invalid, owner and pm",
        fingerprint(signers[0].key),
        "tester@agents.invalid, tester, signs results and nothing else",
        fingerprint(signers[1].key),
        fingerprint(signers[2].key),
    ]
    clone.git("config", "user.signingkey", mine)
    assert "trust root" in clone.did("enforce", "--demo", "--yes")


@pytest.mark.parametrize(("answer", "enforces"), [(b"n\n", False), (b"y\n", True), (b"", False)])
def test_who_sits_at_a_terminal_is_asked_whether_the_keys_are_right(
    at: At, answer: bytes, *, enforces: bool
) -> None:
    clone = at("adopted")
    before = clone.tip("main")
    ours, theirs = os.openpty()
    os.write(ours, answer or b"\x04")
    words = [sys.executable, "-m", "codexa_git", "enforce", "--demo"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        words, cwd=clone.folder, stdin=theirs, capture_output=True, env=environment, check=False
    )
    os.close(ours)
    os.close(theirs)
    assert b"Is each of these keys whose it says?" in done.stdout
    assert done.returncode == (0 if enforces else 1), done.stderr
    assert (clone.tip("main") != before) is enforces


def test_where_nobody_can_answer_no_root_is_made_and_yes_is_asked_for(
    at: At, tmp_path: Path
) -> None:
    clone = at("adopted")
    git(tmp_path, "clone", "-q", "--bare", str(clone.folder), str(tmp_path / "hub.git"))
    clone.git("remote", "add", "hub", str(tmp_path / "hub.git"))
    clone.git("fetch", "-q", "hub")
    clone.git("branch", "-q", "-u", "hub/main")
    before = clone.git("for-each-ref"), clone.git("config", "--list")
    answer = clone.process("enforce", "--demo")
    assert answer.status == 1
    assert "pm@demo.invalid, owner and pm" in answer.out
    assert answer.err.splitlines() == [
        "error: nobody answered, and nothing was written",
        "hint: git codexa enforce --demo --yes asks nothing",
    ]
    assert (clone.git("for-each-ref"), clone.git("config", "--list")) == before
    there = git(tmp_path / "hub.git", "rev-parse", "main")
    assert clone.process("enforce", "--demo", "--yes").status == 0
    assert git(tmp_path / "hub.git", "rev-parse", "main") == clone.tip("main") != there


def test_the_push_that_everything_waits_for_is_the_last_word_of_init(
    at: At, tmp_path: Path
) -> None:
    clone = at("plain")
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "bare.git")
    clone.git("remote", "add", "hub", str(tmp_path / "bare.git"))
    told = clone.did("init", "--yes").splitlines()[-2:]
    assert told[0] == "next, so that main has it for everybody: git push -u hub main"
    assert told[1] == 'then: git codexa open "what should change"'
    clone.git(*told[0].partition(": git ")[2].split())
    clone.git("rm", "-q", "audit/README.md")
    clone.git("commit", "-q", "-m", "tidy up")
    clone.git("push", "-q", "hub", "main")
    assert clone.did("init").splitlines()[-1] == "next: git push hub main"
    says = clone.read("codexa.toml").replace("run = []", 'run = ["sh check.sh"]')
    clone.commit({"codexa.toml": says}, "say how to test")
    clone.git("push", "-q", "hub", "main")
    assert "git push" not in clone.did("enforce", "--demo", "--yes")
    assert git(tmp_path / "bare.git", "rev-parse", "main") == clone.tip("main")


def test_a_root_that_nobody_else_has_yet_says_how_it_gets_there(at: At, tmp_path: Path) -> None:
    clone = at("adopted")
    git(tmp_path, "init", "-q", "--bare", "-b", "main", "bare.git")
    clone.git("remote", "add", "hub", str(tmp_path / "bare.git"))
    told = clone.did("enforce", "--demo", "--yes")
    assert told.splitlines()[-1] == "next: git push -u hub main"
    assert told.count("git push") == 1
    told = clone.did("people", "add", "Demo QA", "qa@demo.invalid", "--role", "qa")
    assert "not pushed yet: git push -u hub main\n" in told
    clone.git("push", "-q", "-u", "hub", "main")
    assert "pushed to hub/main\n" in clone.did("people", "revoke", "qa@demo.invalid")


def test_tests_for_unittest_are_proposed_with_what_their_results_tell(at: At) -> None:
    clone = at("plain")
    case = "import unittest\n\n\nclass A(unittest.TestCase):\n    def test_a(self):\n        pass\n"
    clone.commit({"tests/test_a.py": case}, "a test")
    answer = clone.codexa("init", "--yes")
    command = "python3 -m unittest discover -s tests"
    assert f'run = ["{command}"]' in clone.read("codexa.toml")
    assert f"warning: {command} writes no JUnit report, and is one test as a whole\n" in answer.err
    assert "hint: each by its name: pytest runs the same files" in answer.err


class TestAnAddressThatPolicyDoesNotName:
    """`user.email` is changed after `init`, or was never the one of the listed person."""

    def test_enforce_says_which_is_used_and_how_to_be_the_listed_one(self, at: At) -> None:
        clone = at("adopted")
        clone.git("config", "user.email", "else@demo.invalid")
        told = clone.refused("enforce", "--demo", "--yes").splitlines()
        assert told[0].startswith("error: else@demo.invalid is no owner in this policy")
        begins, _, command = told[1].rpartition(": git ")
        assert begins == "hint: git's user.email says else@demo.invalid; if you are Demo PM"
        assert told[2:] == ["hint: ask Demo PM"]
        clone.git(*command.split(" "))
        clone.did("enforce", "--demo", "--yes")

    def test_init_where_there_is_a_policy_says_so_too(self, at: At) -> None:
        clone = at("adopted")
        assert "names nobody" not in clone.codexa("init", "--yes").err
        clone.git("config", "user.email", "else@demo.invalid")
        answer = clone.codexa("init", "--yes")
        assert answer.status == 0
        told, hint = answer.err.splitlines()
        says = "names nobody else@demo.invalid: what you sign would not count"
        assert told == f"warning: the policy {says}"
        assert hint.startswith("hint: git's user.email says else@demo.invalid; if you are Demo PM")
        assert hint.endswith(": git config user.email pm@demo.invalid")

    def test_who_approves_is_told_the_same(self, at: At) -> None:
        clone = at("planned")
        clone.git("config", "user.email", "else@demo.invalid")
        told = clone.refused("approve")
        assert "if you are Demo PM: git config user.email pm@demo.invalid" in told
        clone.git("config", "user.email", "pm@demo.invalid")
        clone.did("approve")

    def test_a_listed_person_without_the_role_is_only_told_whom_to_ask(
        self, at: At, shelf: Shelf
    ) -> None:
        clone = at("adopted")
        person = ("Demo Dev", "dev@demo.invalid", "--role", "pm", "--key", f"{shelf.dev}.pub")
        clone.did("people", "add", *person)
        clone.set_up("Demo Dev", "dev@demo.invalid", shelf.dev)
        assert clone.refused("enforce", "--demo", "--yes").splitlines()[1:] == ["hint: ask Demo PM"]
