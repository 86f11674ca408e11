"""What is said where a person made a small mistake: of which file, which word, and what to do."""

import pytest
from scenarios.clone import At, Shelf


def test_a_policy_that_is_edited_and_not_committed_is_not_the_one_that_is_read(at: At) -> None:
    clone = at("adopted")
    whole = clone.read("codexa.toml")
    clone.commit({"codexa.toml": whole.replace('run = ["sh check.sh"]', "run = []")}, "no tests")
    assert "uncommitted changes are not read" not in clone.refused("enforce", "--demo", "--yes")
    clone.write("codexa.toml", f"{whole}\n")
    told = clone.refused("enforce", "--demo", "--yes")
    assert "tests.run is missing" in told
    assert "hint: the policy on main is meant: uncommitted changes are not read" in told


def test_a_brief_that_is_edited_and_not_committed_is_not_the_one_that_is_read(at: At) -> None:
    clone = at("enforced")
    clone.did("open", "Shouting")
    path = "changes/CH-001/brief.md"
    said = f"{path} has uncommitted changes, and only what is committed is read"
    assert said not in clone.refused("advance")
    clone.write(path, clone.read(path) + "more\n")
    assert said in clone.refused("advance")


def test_a_heading_that_is_almost_a_sections_is_named(at: At) -> None:
    clone = at("opened")
    path = "changes/CH-001/brief.md"
    text = clone.read(path).replace("## Context", "## Contxt") + "\n"
    clone.commit({path: text}, "a slip")
    told = clone.refused("advance")
    assert "context is not written yet; line 3 says 'Contxt', perhaps for Context" in told


def test_what_is_wrong_with_an_address_is_said_of_the_address(at: At, shelf: Shelf) -> None:
    clone = at("adopted")
    words = ("people", "add", "Demo Dev", "dev demo.invalid", "--role", "dev")
    told = clone.refused(*words, "--key", f"{shelf.dev}.pub", status=2)
    assert "'dev demo.invalid' cannot sign so" in told
    assert "allowed_signers:1" not in told


def test_nobody_is_renamed_in_passing(at: At) -> None:
    clone = at("adopted")
    before = clone.tip()
    told = clone.refused("people", "add", "Demo P", "pm@demo.invalid", "--role", "dev", status=2)
    assert "pm@demo.invalid is Demo PM here" in told
    assert clone.tip() == before


def test_a_day_in_quotes_is_told_to_lose_them(at: At) -> None:
    clone = at("adopted")
    text = clone.read("codexa.toml")
    clone.commit({"codexa.toml": f'{text}\n\n[milestone.MS-01]\nstart = "2026-11-20"\n'}, "soon")
    assert "it is a day, without quotes: 2026-11-30" in clone.refused("status", status=3)


@pytest.mark.parametrize(
    "words",
    [
        ("backlog", "add", "shout", "--first", "--priority", "3"),
        ("digest", "--daily", "--weekly"),
        ("report", "--week", "0"),
        ("report", "--week", "100"),
    ],
)
def test_what_contradicts_itself_is_wrong_usage(at: At, words: tuple[str, ...]) -> None:
    clone = at("enforced")
    before = clone.git("for-each-ref")
    clone.refused(*words, status=2)
    assert clone.git("for-each-ref") == before


def test_one_owner_signs(at: At) -> None:
    assert "1 of them signs\n" in at("enforced").did("policy", "show")


def test_a_failing_test_says_where_all_of_its_output_is_and_alone_is_not_to_be_waived(
    at: At,
) -> None:
    clone = at("approved by hand")
    clone.commit({"shout.sh": "echo nothing\n"}, "T-01 shout")
    clone.commit({"README.md": "# Greet\nshout.sh\n"}, "T-02 say so")
    told = clone.until().err
    told = told if "tests-pass-or-waived" in told else clone.refused("advance")
    place = told.partition("all it printed: git show ")[2].split("\n")[0]
    assert place == "refs/codexa/evidence/CH-001:tests-001/1.log"
    assert clone.git("cat-file", "-t", place) == "blob"
    assert "git codexa waive" not in told


@pytest.mark.parametrize("typed", ["CH-1", "ch-001", "CH-0001", "1"])
def test_an_id_that_is_nearly_one_is_told_the_one_that_is_meant(at: At, typed: str) -> None:
    assert "hint: did you mean CH-001?" in at("opened").refused("status", typed, status=2)


@pytest.mark.parametrize("typed", ["CH-", "CH-0", "CH-1x", "CH-12345678901"])
def test_an_id_that_is_far_from_any_is_told_the_form(at: At, typed: str) -> None:
    told = at("opened").refused("status", typed, status=2)
    assert "hint: a change id looks like CH-001" in told


def test_an_unknown_command_is_told_the_nearest(at: At) -> None:
    told = at("plain").refused("advnace", status=2)
    assert "hint: did you mean git codexa advance?\nhint: git codexa -h" in told
    assert "did you mean" not in at("plain").refused("zzzz", status=2)
    told = at("plain").refused("hooks", "uninstal", status=2)
    assert told.startswith("error: no such command 'uninstal'\n")
    assert "hint: did you mean git codexa hooks uninstall?\n" in told


@pytest.mark.parametrize("command", [("status",), ("replay",), ("audit",)])
def test_a_change_that_is_not_here_may_be_on_the_remote(at: At, command: tuple[str, ...]) -> None:
    clone = at("opened")
    assert "git fetch" not in clone.refused(*command, "CH-007", status=2)
    clone.git("remote", "add", "origin", "nowhere.git")
    told = clone.refused(*command, "CH-007", status=2)
    assert "there is no change CH-007 here\nhint: git fetch, where others opened it" in told
