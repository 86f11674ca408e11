"""`verify` as people use it: clones of every kind, what they cannot show, and how it is said."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from builders import git
from scenarios.clone import STATES, At, Clone, make_key

from codexa_git.repository.store import Store
from codexa_git.verify.walk import enforced_line
from codexa_git.workflow.base.ground import base_at

NOWHERE = f"sha256:{'0' * 64}"


def facts(clone: Clone, *words: str, status: int = 0) -> Any:  # noqa: ANN401
    answer = clone.codexa("verify", "--json", *words)
    assert answer.status == status, answer
    return json.loads(answer.out)


def rules(clone: Clone, *words: str) -> list[tuple[str, str]]:
    told = facts(clone, *words, status=1)
    return [(finding["rule"], finding["commit"]) for finding in told["findings"]]


def cloned(clone: Clone, folder: Path, *words: str) -> Clone:
    clone.git("switch", "-q", "main")
    git(folder.parent, "clone", "-q", *words, f"file://{clone.folder}", str(folder))
    made = Clone(folder)
    made.git("config", "codexa.branch", "main")
    return made


def pinned(clone: Clone) -> str:
    return clone.git("config", "codexa.root")


@pytest.mark.parametrize("story", [(), ("--story",)], ids=["landings", "story"])
def test_a_true_history_has_no_finding(at: At, story: tuple[str, ...]) -> None:
    clone = at("landed")
    told = facts(clone, *story)
    assert (told["answer"], told["commits"], told["landings"]) == ("yes", 1, 1)
    assert told["pinned"]
    assert told["root"] == pinned(clone)


@pytest.mark.parametrize(
    ("story", "more"), [((), ""), (("--story",), ", and the commits within them")]
)
def test_it_says_in_few_words_what_was_looked_at(at: At, story: tuple[str, ...], more: str) -> None:
    clone = at("landed")
    assert facts(clone, *story)["story"] is bool(story)
    assert clone.did("verify", *story).splitlines() == [
        f"main at {clone.tip('main')[:7]}, from the trust root: 1 commit, 1 landing{more}",
        f"  {pinned(clone)}",
        "no findings",
    ]


def test_a_clone_says_first_that_its_root_is_not_pinned(at: At, tmp_path: Path) -> None:
    clone = at("landed")
    other = cloned(clone, tmp_path / "clone")
    answer = other.codexa("verify", "--story")
    assert answer.status == 0
    assert answer.out.startswith("not pinned: the root is only what the base itself says\n")
    assert not facts(other)["pinned"]
    assert facts(other, "--root", pinned(clone))["pinned"]


def test_another_root_is_one_finding_at_the_commit_that_made_it(at: At) -> None:
    clone = at("landed")
    made = clone.git("rev-parse", "main~1")
    assert rules(clone, "--root", NOWHERE) == [("P6", made)]


def test_a_bare_repository_is_judged_as_any_other(at: At, tmp_path: Path) -> None:
    clone = at("landed")
    bare = cloned(clone, tmp_path / "bare.git", "--bare")
    assert facts(bare, "--story", "--root", pinned(clone))["landings"] == 1


def test_replaced_objects_are_not_believed_and_told_of(at: At) -> None:
    clone = at("landed")
    evil = clone.git("commit-tree", "main~1^{tree}", "-p", "main~1", "-m", "evil")
    clone.git("replace", "main", evil)
    told = facts(clone)
    assert told["landings"] == 1
    assert told["notes"] == [
        "refs/replace is set here: git shows other commits than those that were judged"
    ]


def shallow(clone: Clone, folder: Path) -> Clone:
    return cloned(clone, folder, "--depth=1")


def partial(clone: Clone, folder: Path) -> Clone:
    clone.git("config", "uploadpack.allowFilter", "true")
    return cloned(clone, folder, "--filter=blob:none")


def grafted(clone: Clone, folder: Path) -> Clone:
    made = cloned(clone, folder)
    grafts = made.folder / ".git" / "info" / "grafts"
    grafts.parent.mkdir(exist_ok=True)
    grafts.write_text(f"{made.tip('main')}\n")
    return made


@pytest.mark.parametrize("kind", [shallow, partial, grafted])
def test_a_clone_that_cannot_show_all_of_history_is_undecided(
    at: At, tmp_path: Path, kind: Callable[[Clone, Path], Clone]
) -> None:
    clone = kind(at("landed"), tmp_path / "clone")
    told = clone.refused("verify", status=3)
    assert told.startswith("error: undecided: this clone ")


def test_what_enforces_nothing_is_undecided(at: At) -> None:
    assert "no trust root" in at("adopted").refused("verify", status=3)


def test_an_object_that_is_gone_is_undecided(at: At) -> None:
    clone = at("landed")
    gone = clone.git("rev-parse", "main:audit/CH-001/handoff.jsonl")
    for pack in (clone.folder / ".git/objects/pack").iterdir():
        content = pack.read_bytes()
        pack.unlink()
        if pack.suffix == ".pack":
            git(clone.folder, "unpack-objects", "-q", input=content)
    (clone.folder / ".git/objects" / gone[:2] / gone[2:]).unlink()
    told = facts(clone, status=3)
    assert [f["undecided"] for f in told["findings"]] == [True]
    assert gone in told["findings"][0]["says"]


def test_what_came_by_itself_is_found_and_named(at: At) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    free = clone.commit({"PROGRESS.md": "# Progress\n"}, "free")
    evil = clone.commit({"greet.sh": "echo evil\n"}, "evil")
    policy = clone.commit({"codexa.toml": clone.read("codexa.toml") + "\n# more\n"}, "policy")
    assert rules(clone) == [("L13", evil), ("P9", policy)]
    told = clone.codexa("verify").out
    assert free[:12] not in told
    assert f"\n{evil[:12]}\n  L13  greet.sh came to main without a landing" in told
    assert told.endswith("2 findings at 2 commits\n")


def test_what_nobody_else_has_can_be_taken_off_and_the_line_says_how(
    at: At, tmp_path: Path
) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    before = clone.tip()
    evil = clone.commit({"greet.sh": "echo evil\n"}, "evil")
    later = clone.commit({"PROGRESS.md": "# Progress\n"}, "free")
    clone.git("branch", "keep", before)  # what was kept the last time
    told = clone.codexa("verify").out
    assert f"no remote of this clone has {evil[:12]}: unless somebody took it from here" in told
    assert "and the 1 commit after it can be taken off" in " ".join(told.split())
    *_, way, _ = told.splitlines()
    for command in way.partition("on main: ")[2].split(" && "):
        clone.git(*command.split()[1:])
    assert (clone.tip(), clone.tip("keep-2")) == (before, later)
    clone.did("verify")
    clone.git("reset", "-q", "--hard", evil)
    git(tmp_path, "init", "-q", "--bare", "bare.git")
    clone.git("remote", "add", "elsewhere", str(tmp_path / "bare.git"))
    clone.git("push", "-q", "elsewhere", "main")
    assert "can be taken off" not in clone.codexa("verify").out


def test_a_landing_that_was_pushed_unapproved_is_found(at: At) -> None:
    clone = at("packaged")
    clone.git("switch", "-q", "main")
    clone.git("merge", "-q", "--no-ff", "-m", "Merge CH-001", "change/CH-001")
    found = rules(clone)
    assert {commit for _, commit in found} == {clone.tip("main")}
    assert {"A3", "L5"} <= {rule for rule, _ in found}


def test_it_starts_where_it_last_found_nothing(at: At) -> None:
    clone = at("landed")
    first = clone.tip("main")
    assert facts(clone, "--since-verified")["commits"] == 1
    clone.git("switch", "-q", "main")
    clone.commit({"PROGRESS.md": "# Progress\n"}, "free")
    told = facts(clone, "--since-verified")
    assert (told["since"], told["commits"], told["landings"]) == (first, 1, 0)
    assert facts(clone)["commits"] == 2
    assert f"since {clone.tip()[:7]}, verified here: 0 commits" in clone.did(
        "verify", "--since-verified"
    )


def test_what_was_verified_without_its_story_is_no_start_with_it(at: At) -> None:
    clone = at("landed")
    clone.did("verify")
    assert facts(clone, "--story", "--since-verified")["commits"] == 1
    assert facts(clone, "--story", "--since-verified")["commits"] == 0
    assert facts(clone, "--since-verified")["commits"] == 0


def test_a_base_that_was_rewound_is_found(at: At) -> None:
    clone = at("landed")
    verified = clone.tip("main")
    clone.did("verify")
    clone.git("switch", "-q", "main")
    clone.git("reset", "-q", "--hard", "main~1")
    other = clone.commit({"PROGRESS.md": "# Progress\n"}, "free")
    assert facts(clone)["answer"] == "yes"
    assert rules(clone, "--since-verified") == [("L1", other)]
    assert verified[:12] in clone.codexa("verify", "--since-verified").out


def test_a_start_that_somebody_wrote_is_not_believed(at: At) -> None:
    clone = at("landed")
    clone.did("verify")
    kept = clone.folder / ".git" / "codexa" / "verified"
    content = kept.read_bytes()
    kept.write_bytes(content[:-1] + (b"1" if content.endswith(b"0") else b"0"))
    assert facts(clone, "--since-verified")["commits"] == 1


def test_an_unpinned_answer_is_no_start(at: At, tmp_path: Path) -> None:
    other = cloned(at("landed"), tmp_path / "clone")
    facts(other)
    assert not (other.folder / ".git" / "codexa" / "verified").exists()


def test_a_repository_of_sha_256_is_judged_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_DEFAULT_HASH", "sha256")
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "-q")
    clone = Clone(folder).set_up("Demo PM", "pm@demo.invalid", make_key(tmp_path, "pm", 1))
    for state in list(STATES)[1:]:
        if "hand" not in state:
            STATES[state][1](clone)
    assert len(clone.tip("main")) == 64
    assert facts(clone, "--story")["landings"] == 1


def test_settings_and_places_change_nothing(at: At, monkeypatch: pytest.MonkeyPatch) -> None:
    clone = at("landed")
    before = facts(clone)
    for setting in ("diff.renames=copies", "log.showSignature=true", "diff.ignoreSubmodules=all"):
        clone.git("config", *setting.split("="))
    (clone.folder / ".git" / "info").mkdir(exist_ok=True)
    (clone.folder / ".git" / "info" / "attributes").write_text("* binary diff=evil -diff\n")
    monkeypatch.setenv("TZ", "Pacific/Chatham")
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", "/nowhere")
    monkeypatch.setattr(Clone, "git", lambda *_: pytest.fail("git has another GIT_DIR now"))
    assert facts(clone) == before


@pytest.mark.parametrize(
    "words",
    [
        ("--root", "main"),
        ("--json", "--format", "sarif"),
        ("--records", "main", "--story"),
        ("--format", "xml"),
    ],
)
def test_what_is_no_question_is_refused(at: At, words: tuple[str, ...]) -> None:
    at("landed").refused("verify", *words, status=2)


def test_memory_does_not_hold_what_was_judged(at: At) -> None:
    clone = at("landed")
    with Store.open(clone.folder) as store:
        branch, _, tip = base_at(store)
        made, line = enforced_line(store, tip.oid)
        store.load([made.oid, *line])
        store.forget(made=True)
        assert branch == "main"
        assert len(store._kept) == 1
        assert not store._trees
        assert not store._commits
        assert not store._held


def hints(clone: Clone) -> dict[str, str | None]:
    return {found["rule"]: found["hint"] for found in facts(clone, status=1)["findings"]}


def test_nobody_is_told_to_approve_what_has_landed(at: At) -> None:
    clone = at("packaged")
    clone.git("switch", "-q", "main")
    clone.git("merge", "-q", "--no-ff", "-m", "Merge CH-001", "change/CH-001")
    bad = clone.tip()[:12]
    told = hints(clone)
    assert told["A3"] == (
        "git codexa revert CH-001 takes it back; what its owners say of it:"
        f" git codexa incident {bad} -m ..."
    )
    assert not [hint for hint in told.values() if "approve" in (hint or "")]


def test_what_changed_policy_on_the_base_is_for_its_owners_to_name(at: At) -> None:
    clone = at("landed")
    clone.git("switch", "-q", "main")
    bad = clone.commit({"codexa.toml": clone.read("codexa.toml") + "\n# more\n"}, "policy")
    assert hints(clone) == {"P9": f"git codexa incident {bad[:12]} -m ..."}
