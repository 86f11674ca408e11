import json

from scenarios.clone import At, Clone

from codexa_git.cli.refusals import told


def as_somebody_else(clone: Clone) -> Clone:
    clone.git("config", "user.name", "Demo Dev")
    clone.git("config", "user.email", "dev@demo.invalid")
    return clone


RULE = (
    "  rule  plan-approved: execute starts after a person has approved brief and plan,"
    " as they are now\n"
)
NOW = "  now   0 of 1 approvals by a pm; asked of Demo PM since today 12:00\n"


def test_whoever_has_the_move_gets_the_command(at: At) -> None:
    assert at("planned").refused("advance") == (
        "error: CH-001 cannot leave spec yet: its plan is not approved\n"
        f"{RULE}{NOW}hint: git codexa approve CH-001\n"
    )


def test_others_hear_whose_move_it_is_and_that_nothing_is_lost(at: At) -> None:
    assert as_somebody_else(at("planned")).refused("advance") == (
        "error: CH-001 cannot leave spec yet: its plan is not approved\n"
        f"{RULE}{NOW}hint: if that is you: git codexa approve CH-001\n"
        "hint: if not, nothing is lost: what was made is committed\n"
    )


def test_what_else_the_gate_lacks_is_named_and_later_gates_are_not(at: At) -> None:
    told = at("opened").refused("land")
    assert told.startswith("error: CH-001 cannot land: its plan does not cover its criteria\n")
    assert [line.split()[1] for line in told.splitlines() if line.startswith("  also")] == [
        "plan-seeded:",
        "design-recorded:",
        "plan-approved:",
    ]
    assert told.endswith("hint: git codexa advance CH-001\n")


def test_a_guard_comes_before_every_gate(at: At) -> None:
    clone = at("planned")
    clone.commit({".ci/run": "true\n"}, "CI")
    refused = clone.refused("advance")
    assert refused.startswith("error: CH-001 cannot advance: it touches a guarded path\n")
    assert "  now   .ci/run is guarded: only a policy commit may touch it\n" in refused


def test_json_tells_what_is_unmet_and_the_sentence_is_told_all_the_same(at: At) -> None:
    answer = at("planned").codexa("advance", "--json")
    assert answer.status == 1
    facts = json.loads(answer.out)
    assert (facts["ended"], facts["stage"], facts["commits"]) == ("blocked", "spec", [])
    assert [unmet["name"] for unmet in facts["unmet"]] == ["plan-approved"]
    assert facts["unmet"][0]["who"] == ["Demo PM"]
    assert answer.err.startswith("error: CH-001 cannot leave spec yet")


def test_a_strangers_text_can_neither_act_nor_pass_for_a_line() -> None:
    message = told(
        "a\x1b[2J\nhint: rm -rf ~", (("now", "b\nerror: c\u202e"),), ("d\thint: e\r\nhint: f",)
    )
    assert message == (
        "error: a\\x1b[2J\n  hint: rm -rf ~\n  now   b error: c\\u202e\nhint: d hint: e hint: f"
    )
