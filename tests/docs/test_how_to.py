"""What the how-to pages tell people to type, typed."""

import importlib.util
import io
import json
import os
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from builders import commit, git
from sessions import masked, session
from years import YEARS, lived_in

from codexa_git.cli.main import main
from codexa_git.policy.keys import ed25519_from_seed
from codexa_git.policy.parsing import parse_policy
from codexa_git.policy.rules import Milestone

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs" / "how-to"
BLOCK = re.compile(r"^```(sh|toml|console)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
GREETING = {
    "greeting.py": 'def greet(name=""):\n    return "hello"\n',
    "test_greeting.py": (
        "import unittest\n\nfrom greeting import greet\n\n\n"
        "class Greeting(unittest.TestCase):\n    def test_greets(self):\n"
        '        self.assertTrue(greet("Ada").startswith("hello"))\n'
    ),
}
BY_NAME = 'def greet(name=""):\n    return f"hello, {name}" if name else "hello"\n'
PICK = re.compile(r"cherry-pick [0-9a-f]{12}")
PLAIN = re.compile(r"""codexa-git (?:[^\n$`"'\\|&;<>()*?\[\]#~{}]|'[^'\n]*'|"[^"\n$`\\]*")+""")
BLOCKED = "codexa-git advance --until-blocked"
ADOPTS = (
    "codexa-git init && $EDITOR codexa.toml && git commit -qam tests && codexa-git enforce --yes"
)


def blocks(page: str, language: str) -> list[str]:
    text = (HOW_TO / page).read_text(encoding="utf-8")
    return [block for found, block in BLOCK.findall(text) if found == language]


def script(path: Path, text: str) -> str:
    path.write_text(f"#!/bin/sh\n{text}")
    path.chmod(0o755)
    return str(path)


class Desk:
    """A person at a repository: their commands, their editor, and what they would write with it."""

    def __init__(self, folder: Path, repository: Path) -> None:
        self.repository = repository
        programs, self.written = folder / "bin", folder / "written"
        programs.mkdir()
        self.written.mkdir()
        call = f'PYTHONPATH={ROOT} exec {sys.executable} -m codexa_git "$@"\n'
        for name in ("codexa-git", "git-codexa"):
            script(programs / name, call)
        editor = script(programs / "write", f'cp {self.written}/"$(basename "$1")" "$1"\n')
        self.environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
            "GIT_CONFIG_NOSYSTEM": "1",
            "PATH": f"{programs}:{os.environ['PATH']}",
            "EDITOR": editor,
        }
        for setting, value in (("name", "Your Name"), ("email", "you@example.org")):
            git(repository, "config", f"user.{setting}", value)

    def types(self, block: str) -> tuple[int, str]:
        """What a block of the page came to: status and output of its last command.

        A shell runs it, but for one command of ours in plain words, which runs in this process.
        """
        line = block.replace("\\\n", " ").strip()
        if PLAIN.fullmatch(line):
            return self._says(shlex.split(line)[1:])
        found = subprocess.run(
            ["sh", "-c", block],
            cwd=self.repository,
            env=self.environment,
            input="y\n" * 9,
            capture_output=True,
            text=True,
            check=False,
        )
        return found.returncode, found.stdout + found.stderr

    def _says(self, words: list[str]) -> tuple[int, str]:
        """What our command came to, which knows nothing of the environment of the tests."""
        out, err = io.StringIO(), io.StringIO()
        with pytest.MonkeyPatch.context() as patch:
            for name in os.environ.keys() - self.environment.keys():
                patch.delenv(name)
            for name, value in self.environment.items():
                patch.setenv(name, value)
            patch.chdir(self.repository)
            patch.setattr(sys, "stdin", io.StringIO("y\n" * 9))
            with redirect_stdout(out), redirect_stderr(err):
                status = main(words)
        return status, out.getvalue() + err.getvalue()

    def follows(self, page: str) -> list[str]:
        """What stopped `advance` on the way through a page, where a person was needed."""
        stopped = []
        typed = [one for block in blocks(page, "sh") for one in commands(block)]
        if not git(self.repository, "remote"):
            typed = [command for command in typed if command != "git push"]
        for command in typed:
            status, said = self.types(command)
            if command == BLOCKED and status == 1:
                stopped.append(said)
            else:
                assert status == 0, f"{command}: {said}"
        return stopped


def commands(block: str) -> list[str]:
    return block.replace("\\\n", " ").splitlines()


def first_policy() -> str:
    """The policy of the page about adoption, with the Python that runs these tests."""
    (policy,) = blocks("adopt-in-a-repository.md", "toml")
    assert '"python3 -m pytest' in policy
    return policy.replace("python3", sys.executable)


def enforced(desk: Desk) -> None:
    """The repository enforces the policy of the page about adoption."""
    policy = first_policy()
    (desk.written / "codexa.toml").write_text(policy)
    assert desk.types(ADOPTS)[0] == 0


@pytest.fixture
def desk(tmp_path: Path, repository: Path) -> Desk:
    commit(repository, GREETING, "a greeting")
    return Desk(tmp_path, repository)


@pytest.fixture(params=["alone", "with a remote"])
def placed(desk: Desk, tmp_path: Path, request: pytest.FixtureRequest) -> Desk:
    """A person at a clone with a bare remote, or at a repository that has none."""
    if request.param == "with a remote":
        bare = str(tmp_path / "bare.git")
        git(tmp_path, "clone", "-q", "--bare", str(desk.repository), bare)
        git(desk.repository, "remote", "add", "origin", bare)
        git(desk.repository, "fetch", "-q")
        git(desk.repository, "branch", "-q", "-u", "origin/main", "main")
    return desk


def test_who_follows_the_adoption_lands_a_change_and_can_leave_again(placed: Desk) -> None:
    desk = placed
    page = "adopt-in-a-repository.md"
    policy = first_policy()
    (desk.written / "codexa.toml").write_text(policy)
    (desk.written / "greeting.py").write_text(BY_NAME)
    blocked = desk.follows(page)
    assert "plan-approved" in blocked[0]
    assert "package-approved" in blocked[1]
    assert len(blocked) == 2
    assert git(desk.repository, "show", "landed/CH-001:greeting.py") == BY_NAME.rstrip("\n")
    assert git(desk.repository, "log", "-2", "--format=%s").splitlines() == [
        "leave codexa-git",
        "Merge CH-001: greet by name",
    ]
    if git(desk.repository, "remote"):
        ours = git(desk.repository, "rev-parse", "main", "landed/CH-001")
        bare = Path(git(desk.repository, "remote", "get-url", "origin"))
        assert ours == git(bare, "rev-parse", "main", "landed/CH-001")


def test_who_approves_and_withdraws_leaves_the_plan_waiting_again(desk: Desk) -> None:
    enforced(desk)
    opened = "codexa-git open greet --context c --scope s --out-of-scope o --criterion 'it greets'"
    assert desk.types(opened)[0] == 0
    assert "plan-approved" in desk.types(BLOCKED)[1]
    assert desk.follows("approve-with-your-key.md") == []
    subjects = git(desk.repository, "log", "-2", "--format=%s").splitlines()
    assert [subject.partition(": ")[2] for subject in subjects] == [
        "approval withdrawn by Your Name (owner)",
        "approved by Your Name (pm), brief and plan",
    ]
    assert "0 of 1 approvals" in desk.types("codexa-git status")[1]


def test_who_reviews_has_a_packet_and_proves_the_signature_without_the_tool(desk: Desk) -> None:
    enforced(desk)
    opened = "codexa-git open greet --context c --scope s --out-of-scope o --criterion 'it greets'"
    assert desk.types(opened)[0] == 0
    assert "plan-approved" in desk.types(BLOCKED)[1]
    answers = [desk.types(f"set -e\n{block}") for block in blocks("review-a-change.md", "sh")]
    assert [status for status, _ in answers] == [0, 0, 0, 0], answers
    made, whole, signed, proved = (said for _, said in answers)
    assert made == ".git/codexa/packets/CH-001.html\n"
    assert "approve the plan" in (desk.repository / made.strip()).read_text()
    assert "+++ b/changes/CH-001/brief.md" in whole
    assert "would sign the plan" in signed
    assert "signed the plan" in signed
    assert 'Good "codexa" signature for you@example.org' in proved
    assert git(desk.repository, "status", "--porcelain") == ""


def test_who_declares_tasks_finds_them_done_by_patch_and_command(desk: Desk) -> None:
    enforced(desk)
    (recipes,) = blocks("declare-tasks.md", "toml")
    (desk.written / "greeting.py").write_text(BY_NAME)
    (desk.written / "recipes.toml").write_text(recipes)
    blocked = desk.follows("declare-tasks.md")
    assert "plan-approved" in blocked[0]
    assert "package-approved" in blocked[1]
    assert (desk.repository / "greeting.py").read_text() == BY_NAME
    assert (desk.repository / "README.md").read_text() == "# Demo\nSee greeting.py.\n"


def test_who_changes_the_policy_has_it_signed_and_a_hotfix_on_record(desk: Desk) -> None:
    enforced(desk)
    longer = (desk.repository / "codexa.toml").read_text() + "timeout = 1200\n"
    (desk.written / "codexa.toml").write_text(longer)
    (desk.written / "greeting.py").write_text(BY_NAME)
    assert desk.follows("change-the-policy.md") == []
    assert git(desk.repository, "log", "-2", "--first-parent", "--format=%s").splitlines() == [
        "bypass: people were not greeted, and no approver was awake",
        "policy: let tests take longer",
    ]
    assert git(desk.repository, "show", "main:codexa.toml").endswith("timeout = 1200")
    assert (
        "policy    let tests take longer  (signed by Your Name)"
        in desk.types("codexa-git policy log")[1]
    )


def test_who_adds_and_takes_out_people_finds_them_in_the_policy(desk: Desk) -> None:
    enforced(desk)
    for number, name in enumerate(("ada", "ada-new"), 40):
        _, public = ed25519_from_seed(bytes([number]) * 32)
        (desk.repository / f"{name}.pub").write_text(f"{public}\n")
    assert desk.follows("people-and-keys.md") == []
    subjects = git(desk.repository, "log", "-5", "--format=%s").splitlines()
    assert subjects[::-1] == [
        "policy: add Ada Example, pm",
        "policy: more for Ada Example, pm and owner",
        "policy: another key for ada@example.org",
        "policy: Ada Example is no owner any more",
        "policy: take out Ada Example: has left",
    ]
    assert "ada@" not in git(desk.repository, "show", "main:.codexa/allowed_signers")


def test_who_puts_hooks_in_is_refused_by_git_itself_and_can_take_them_out(desk: Desk) -> None:
    enforced(desk)
    typed, looked, taken_out = (
        one for block in blocks("hooks.md", "sh") for one in commands(block)
    )
    assert desk.types(typed)[0] == 0
    assert desk.types(looked)[0] == 0
    opened = "codexa-git open greet --context c --scope s --out-of-scope o --criterion 'it greets'"
    assert desk.types(opened)[0] == 0
    status, said = desk.types("echo >> README.md; git commit -qam early")
    assert status == 1
    assert "CH-001 cannot change README.md yet: its plan is not approved" in said
    assert desk.types(taken_out)[0] == 0
    assert desk.types("git commit -qam early")[0] == 0


def test_who_plans_with_the_backlog_sees_what_was_taken(desk: Desk) -> None:
    page = "plan-with-the-backlog.md"
    enforced(desk)
    (milestone,) = blocks(page, "toml")
    assert desk.follows(page) == []
    assert desk.types("codexa-git backlog list")[1].splitlines()[:3] == [
        "  1  BL-002  say goodbye  (MS-01, CH-001)",
        "  2  BL-003  mend the spelling",
        "  3  BL-001  greet by name  (MS-01, FR-29)",
    ]
    assert "CH-001  say goodbye" in desk.types("codexa-git milestone MS-01")[1]
    policy = desk.repository / "codexa.toml"
    text = f"{policy.read_text()}\n{milestone}".encode()
    signers = (desk.repository / ".codexa" / "allowed_signers").read_bytes()
    assert parse_policy(text, signers).milestones == (Milestone("MS-01", "2026-11-23"),)


def test_who_verifies_a_clone_gets_every_form_of_the_answer(desk: Desk, tmp_path: Path) -> None:
    (desk.written / "greeting.py").write_text(BY_NAME)
    policy = first_policy()
    (desk.written / "codexa.toml").write_text(policy)
    adoption = blocks("adopt-in-a-repository.md", "sh")
    for command in (one for block in adoption for one in commands(block)):
        if "leave codexa-git" not in command and "git rm" not in command:
            desk.types(command)
    page = "verify-a-clone.md"
    assert git(desk.repository, "tag", "--list") == "landed/CH-001"
    root = json.loads(desk.types("codexa-git root --json")[1])["root"]
    clone = tmp_path / "clone"
    git(desk.repository, "switch", "-q", "main")
    git(tmp_path, "clone", "-q", f"file://{desk.repository}", str(clone))
    # Whoever verifies has no key here, and git has no name for them.
    desk.repository = clone
    for command in (one for block in blocks(page, "sh") for one in commands(block)):
        status, said = desk.types(command.replace("sha256:…", root))
        assert status == 0, f"{command}: {said}"
        assert "not pinned" not in said, command
        if "--since-verified" in command:
            assert ", verified here: 0 commits" in said
    assert "complete: its seal covers" in desk.types(blocks(page, "sh")[-1])[1]
    assert "no findings" in desk.types("codexa-git verify --story")[1]
    assert desk.types("codexa-git verify --format sarif")[1].startswith("{")


def test_who_checks_in_any_ci_gets_every_form_of_the_answer(desk: Desk) -> None:
    enforced(desk)
    opened = "codexa-git open greet --context c --scope s --out-of-scope o --criterion 'it greets'"
    assert desk.types(opened)[0] == 0
    assert "plan-approved" in desk.types(BLOCKED)[1]
    desk.environment["CODEXA_ROOT"] = git(desk.repository, "config", "codexa.root")
    whole, spec, *forms = (one for block in blocks("any-ci.md", "sh") for one in commands(block))
    status, said = desk.types(whole)
    assert status == 1
    assert "not to be merged" in said
    assert desk.types(spec)[0] == 1
    assert [desk.types(form)[0] for form in forms] == [1, 1, 1, 1]
    assert desk.types("codexa-git approve")[0] == 0
    assert desk.types(spec)[0] == 0


def test_who_keeps_a_server_puts_the_hook_in_and_takes_it_out(desk: Desk) -> None:
    enforced(desk)
    git(desk.repository, "clone", "-q", "--bare", str(desk.repository), "../project.git")
    page = "server.md"
    putting, taking = blocks(page, "sh")
    status, said = desk.types(putting)
    assert status == 0, said
    assert "signed by you@example.org" in said
    assert "pre-receive  installed" in said
    commit(desk.repository, {"greeting.py": BY_NAME}, "straight to the base")
    status, said = desk.types("git push -q ../project.git HEAD:main")
    assert status == 1
    for line in (ln for ln in (HOW_TO / page).read_text().splitlines() if "remote:   rule" in ln):
        assert line in said
    assert desk.types(taking) == (0, "pre-receive and reference-transaction are out\n")
    assert desk.types("git push -q ../project.git HEAD:main")[0] == 0


def test_who_drops_evidence_finds_it_gone_on_its_day(desk: Desk) -> None:
    page = "keep-and-drop-evidence.md"
    (retention,) = blocks(page, "toml")
    policy = first_policy()
    (recipes,) = blocks("declare-tasks.md", "toml")
    (desk.written / "codexa.toml").write_text(f"{policy}\n{retention}")
    (desk.written / "greeting.py").write_text(BY_NAME)
    (desk.written / "recipes.toml").write_text(recipes)
    desk.environment["SOURCE_DATE_EPOCH"] = "1767268800"
    assert desk.types(ADOPTS)[0] == 0
    desk.follows("declare-tasks.md")
    typed = f"codexa-git approve && {BLOCKED} && codexa-git land && git switch -q main"
    assert desk.types(typed)[0] == 0
    listing, sweeping, reading = (commands(block) for block in blocks(page, "sh"))
    assert "until 2026-01-31" in desk.types(listing[0])[1]
    assert "tests-001/1.log" in desk.types(listing[1])[1]
    desk.environment["SOURCE_DATE_EPOCH"] = "1769860800"
    assert desk.types(sweeping[0]) == (0, "CH-001  1 output would go\n")
    assert "gone from this clone: CH-001" in desk.types(sweeping[1])[1]
    assert git(desk.repository, "for-each-ref", "refs/codexa") == ""
    assert "retention.swept" in desk.types(reading[0])[1]
    assert "retention.archived" in desk.types(reading[1])[1]


GOODBYE = (
    'def greet(name=""):\n    return "hello"\n\n\ndef goodbye(name):\n    return f"bye, {name}"\n'
)
TEST_GOODBYE = (
    "import unittest\n\nfrom greeting import goodbye, greet\n\n\n"
    "class Greeting(unittest.TestCase):\n    def test_greets(self):\n"
    '        self.assertTrue(greet("Ada").startswith("hello"))\n\n'
    "    def test_goodbye(self):\n"
    '        self.assertEqual(goodbye("Ada"), "bye, Ada")\n'
)


def measuring(page: str) -> str:
    """The policy of the page about adoption with the tests of this page, installed from here."""
    (policy,), (tests,) = blocks("adopt-in-a-repository.md", "toml"), blocks(page, "toml")
    spec = importlib.util.find_spec("coverage")
    assert spec is not None
    assert spec.origin is not None
    installed = Path(spec.origin).parent
    put = f"sh -c 'cp -r {installed} {{env}}/lib/python3.*/site-packages/'"
    asked = "{env}/bin/python -m pip install --quiet coverage==7.17.3"
    assert asked in tests
    without_pip = tests.replace("-m venv {env}", "-m venv --without-pip {env}")
    return policy.partition("[tests]")[0] + without_pip.replace(asked, put)


def test_who_measures_coverage_is_held_until_a_test_runs_the_new_line(desk: Desk) -> None:
    page = "measure-coverage.md"
    (desk.written / "codexa.toml").write_text(measuring(page))
    (desk.written / "greeting.py").write_text(GOODBYE)
    (desk.written / "test_greeting.py").write_text(TEST_GOODBYE)
    assert desk.types("codexa-git init")[0] == 0
    blocked = desk.follows(page)
    assert "plan-approved" in blocked[0]
    assert "50 % (1 of 2), and policy asks for 80 %" in blocked[1]
    assert "package-approved" in blocked[2]
    told = "tests run 100 % of the lines, 100 % of those touched"
    assert told in desk.types("codexa-git status")[1]


def reads(desk: Desk, page: str) -> None:
    """Every command of the page goes well, or says what its session says that it does."""
    for language, block in BLOCK.findall((HOW_TO / page).read_text(encoding="utf-8")):
        for command in commands(block) if language == "sh" else ():
            status, said = desk.types(command)
            assert status == 0, f"{command}: {said}"
        for typed in session(block) if language == "console" else ():
            _, said = desk.types(typed.command)
            assert masked(said) == masked(typed.said), typed.command


def has_key(home: Path) -> None:
    """The person has an SSH key where people have theirs."""
    private, public = ed25519_from_seed(bytes([7]) * 32)
    folder = home / ".ssh"
    folder.mkdir(parents=True, mode=0o700)
    (folder / "id_ed25519").write_bytes(private)
    (folder / "id_ed25519").chmod(0o600)
    (folder / "id_ed25519.pub").write_text(f"{public}\n")


def light(desk: Desk) -> None:
    """The repository enforces, and the policy says what is light."""
    enforced(desk)
    (rule,) = blocks("small-changes.md", "toml")
    policy = (desk.repository / "codexa.toml").read_text()
    (desk.written / "codexa.toml").write_text(f"{policy}\n{rule}")


def test_who_mends_a_typo_lands_it_by_one_signature_and_can_undo_it_and_end_another(
    desk: Desk,
) -> None:
    light(desk)
    reads(desk, "small-changes.md")
    assert git(desk.repository, "show", "main:README.md") == "# A greeting"
    reads(desk, "undo-a-landing.md")
    assert git(desk.repository, "show", "main:README.md") == "# Demo"
    reads(desk, "end-a-change.md")
    assert git(desk.repository, "log", "-2", "--first-parent", "--format=%s", "main").split(
        "\n"
    ) == [
        "Merge CH-002: revert CH-001: mend the title",
        "Merge CH-001: mend the title",
    ]


def test_who_goes_from_observing_to_enforcing_keeps_history_husky_and_ci(
    tmp_path: Path, repository: Path
) -> None:
    page = "from-observe-to-enforce.md"
    lived_in(repository)
    desk = Desk(tmp_path, repository)
    has_key(Path(desk.environment["HOME"]))
    before = git(repository, "log", "-1", "--format=%H", "main")
    (policy,) = blocks(page, "toml")
    (desk.written / "codexa.toml").write_text(policy)
    (desk.written / "greeting.py").write_text(BY_NAME)
    reads(desk, page)
    line = git(repository, "rev-list", "--first-parent", "main").split("\n")
    assert before in line
    assert len(git(repository, "tag", "--list", "v*").split("\n")) == len(YEARS)
    assert git(repository, "show", "main:.github/workflows/ci.yml") == "on: push\njobs: {}"
    assert git(repository, "show", "main:.gitattributes").startswith("*.png binary\n")
    assert desk.types("codexa-git hooks uninstall")[0] == 0
    assert "husky: checked" in desk.types("git commit -q --allow-empty -m again")[1]
    assert not list((repository / ".husky" / "_").glob("*codexa*"))


def test_two_people_at_one_change_have_what_both_said_and_did(desk: Desk, tmp_path: Path) -> None:
    enforced(desk)
    remote, second = tmp_path / "remote.git", tmp_path / "ada"
    git(tmp_path, "init", "-q", "--bare", "-b", "main", str(remote))
    git(desk.repository, "remote", "add", "origin", str(remote))
    git(desk.repository, "push", "-qu", "origin", "main")
    opened = "codexa-git open greet --context c --scope s --out-of-scope o --criterion 'it greets'"
    assert desk.types(opened)[0] == 0
    assert "plan-approved" in desk.types(BLOCKED)[1]
    git(tmp_path, "clone", "-q", str(remote), str(second))
    git(second, "switch", "-q", "change/CH-001")
    git(second, "config", "codexa.root", git(desk.repository, "config", "codexa.root"))
    (tmp_path / "of-ada").mkdir()
    ada = Desk(tmp_path / "of-ada", second)
    git(second, "config", "user.name", "Ada Example")
    git(second, "config", "user.email", "ada@example.org")
    (second / "greeting.py").write_text(BY_NAME.replace("name else", "name.strip() else"))
    (desk.repository / "greeting.py").write_text(BY_NAME)
    (desk.written / "greeting.py").write_text(
        BY_NAME.replace("if name", "if name.strip()").replace("{name}", "{name.strip()}")
    )
    typed, said = blocks("work-together.md", "console"), ""
    for who, block in zip((ada, desk, ada, desk, desk), typed, strict=True):
        for each in session(block):
            apart = PICK.search(said)
            command = PICK.sub(apart[0], each.command) if apart else each.command
            _, said = who.types(command)
            assert masked(said) == masked(each.said), each.command
    assert desk.types(blocks("work-together.md", "sh")[0])[0] == 0
    assert git(desk.repository, "log", "-3", "--format=%an: %s").splitlines() == [
        "Your Name: T-01 greet by name",
        "Ada Example: say hello to somebody",
        "Your Name: CH-001 spec: approved by Your Name (pm), brief and plan",
    ]
    assert git(remote, "rev-parse", "change/CH-001") == git(desk.repository, "rev-parse", "HEAD")
