"""Which branch is judged: the pinned root says so, and nothing that anybody can push."""

import json
from pathlib import Path
from typing import Any

import pytest
from builders import git
from scenarios.clone import At, Clone

NOPE = {"greet.sh": "echo evil\n"}


def facts(clone: Clone, *words: str, status: int) -> Any:  # noqa: ANN401
    answer = clone.codexa("verify", "--json", *words)
    assert answer.status == status, answer
    return json.loads(answer.out)


def found(clone: Clone, *words: str, status: int = 1) -> list[tuple[str, str]]:
    told = facts(clone, *words, status=status)
    assert told["branch"] == "main"
    return [(finding["rule"], finding["commit"]) for finding in told["findings"]]


def root_of(clone: Clone) -> str:
    return clone.git("config", "codexa.root")


def fresh(clone: Clone, folder: Path, *words: str) -> Clone:
    """A clone that knows nothing but what was pushed."""
    git(folder.parent, "clone", "-q", *words, f"file://{clone.folder}", str(folder))
    return Clone(folder)


def policy(clone: Clone, old: str, new: str) -> dict[str, str | bytes | None]:
    text = clone.read("codexa.toml", "main")
    assert old in text
    return {"codexa.toml": text.replace(old, new)}


@pytest.fixture
def pushed(at: At) -> Clone:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    return clone


def to_nope(clone: Clone) -> str:
    """The unsigned commit on `main` that names `nope`, where the true root and free work stand."""
    clone.git("switch", "-q", "-c", "nope", "main~1")
    text = clone.read("codexa.toml", "main")
    other = f'branch = "nope"\n{_unnamed(text)}'
    clone.commit({"codexa.toml": other, "PROGRESS.md": "# free\n"}, "nope is the base")
    clone.git("switch", "-q", "main")
    return clone.commit({"codexa.toml": other}, "nope is the base")


def _unnamed(text: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if "branch =" not in line)


def test_the_tip_of_a_base_cannot_name_another(pushed: Clone, tmp_path: Path) -> None:
    evil, root = to_nope(pushed), root_of(pushed)
    clone = fresh(pushed, tmp_path / "clone")
    assert found(clone, "--root", root) == [("P9", evil)]
    assert found(clone) == [("P9", evil)]
    clone.did("root", "--pin", root)
    assert clone.git("config", "codexa.branch") == "main"
    assert found(clone) == [("P9", evil)]


def test_a_clone_of_the_other_branch_alone_is_not_taken_for_the_base(
    pushed: Clone, tmp_path: Path
) -> None:
    to_nope(pushed)
    clone = fresh(pushed, tmp_path / "clone", "--branch", "nope")
    assert facts(clone, "--root", root_of(pushed), status=1)["branch"] == "main"
    alone = fresh(pushed, tmp_path / "alone", "--branch", "nope", "--single-branch")
    assert "base branch main is not here" in alone.refused(
        "verify", "--root", root_of(pushed), status=3
    )


def test_a_copy_of_the_base_that_is_configured_is_no_base(pushed: Clone, tmp_path: Path) -> None:
    to_nope(pushed)
    clone = fresh(pushed, tmp_path / "clone")
    clone.git("config", "codexa.branch", "nope")
    told = facts(clone, "--root", root_of(pushed), status=1)
    made = pushed.git("rev-parse", "main~2")
    assert [(f["rule"], f["commit"]) for f in told["findings"]] == [("P6", made)]
    assert "is that of the branch main" in told["findings"][0]["says"]


@pytest.mark.parametrize(
    ("content", "rules"),
    [(None, ["P9", "P2"]), ("rules = 2\n", ["P9", "P3"]), ("\0", ["P9", "P2"])],
    ids=["gone", "other rules", "no text"],
)
def test_a_tip_without_a_policy_is_judged_as_any_history(
    pushed: Clone, tmp_path: Path, content: str | None, rules: list[str]
) -> None:
    product = pushed.commit(NOPE, "evil")
    gone = pushed.commit({"codexa.toml": content}, "no policy")
    clone = fresh(pushed, tmp_path / "clone")
    expected = [("L13", product), *((rule, gone) for rule in rules)]
    assert found(clone, "--root", root_of(pushed)) == expected
    assert found(clone) == expected


def test_a_base_whose_records_went_too_is_still_found(pushed: Clone, tmp_path: Path) -> None:
    pushed.git("rm", "-q", "-r", "audit", "codexa.toml", ".codexa")
    pushed.git("commit", "-q", "-m", "all gone")
    gone = pushed.tip()
    pushed.commit(NOPE, "evil")
    clone = fresh(pushed, tmp_path / "clone")
    told = found(clone, "--root", root_of(pushed))
    assert {commit for _, commit in told} == {gone, pushed.tip()}


def test_a_base_that_was_made_anew_is_not_the_pinned_one(pushed: Clone, tmp_path: Path) -> None:
    root = root_of(pushed)
    pushed.git("switch", "-q", "--orphan", "other")
    made = pushed.commit(NOPE, "anew")
    pushed.git("branch", "-M", "other", "main")
    pushed.git("branch", "-D", "-q", "change/CH-001")
    clone = fresh(pushed, tmp_path / "clone", "--single-branch")
    told = facts(clone, "--root", root, status=1)
    assert [(f["rule"], f["commit"]) for f in told["findings"]] == [("P6", made)]


def test_a_root_that_no_branch_bears_is_not_pinned(pushed: Clone, tmp_path: Path) -> None:
    clone = fresh(pushed, tmp_path / "clone")
    told = clone.refused("root", "--pin", f"sha256:{'0' * 64}")
    assert "no branch here bears the trust root" in told
    assert "codexa." not in (clone.folder / ".git" / "config").read_text()


@pytest.mark.parametrize("words", [("status",), ("land", "CH-001"), ("advance", "CH-001")])
def test_who_has_pinned_is_not_led_to_another_base(
    pushed: Clone, tmp_path: Path, words: tuple[str, ...]
) -> None:
    root = root_of(pushed)
    to_nope(pushed)
    clone = fresh(pushed, tmp_path / "clone")
    clone.git("config", "codexa.root", root)
    clone.git("config", "user.name", "Demo PM")
    clone.git("config", "user.email", "pm@demo.invalid")
    told = clone.refused(*words, status=3)
    assert "the policy on main is that of the base nope" in told
    assert "hint: git codexa verify" in told


def test_who_writes_in_a_new_clone_pins_no_root_for_another_branch(
    pushed: Clone, tmp_path: Path
) -> None:
    root = root_of(pushed)
    to_nope(pushed)
    clone = fresh(pushed, tmp_path / "clone")
    clone.set_up("Demo PM", "pm@demo.invalid", Path(pushed.git("config", "user.signingkey")))
    told = clone.refused("open", "more", status=3)
    assert "is that of the branch main" in told
    assert root not in (clone.folder / ".git" / "config").read_text()


def test_a_base_that_says_it_only_observes_again_takes_no_landing(pushed: Clone) -> None:
    pushed.commit(policy(pushed, 'mode = "enforce"', 'mode = "observe"'), "observe")
    told = pushed.refused("status")
    assert "main no longer enforces, and this clone has pinned its trust root" in told


def test_the_root_is_shown_to_who_has_no_name(pushed: Clone, tmp_path: Path) -> None:
    clone = fresh(pushed, tmp_path / "clone")
    root = root_of(pushed)
    assert clone.did("root").splitlines()[0] == f"root    {root}"
    assert "pinned  yes" in clone.did("root", "--pin", root)


def test_a_server_takes_no_root_of_another_branch(pushed: Clone, tmp_path: Path) -> None:
    to_nope(pushed)
    bare = fresh(pushed, tmp_path / "bare.git", "--bare")
    told = bare.refused("server", "install", ".", "--branch", "nope", "--root", root_of(pushed))
    assert "is that of the branch main" in told
