"""Tasks that fail, each in its own way: the run stops, says why, and keeps what was done before."""

import json

import pytest
from scenarios.clone import At, Clone, recipes

UNIX_SOCKET = "python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind(\"s\")'"

FAILURES = {
    "exits with 1": ("sh -c 'echo oops; exit 1'", "exited with 1"),
    "takes too long": ("sleep 60", "did not end within 1 seconds"),
    "floods": ("yes", "printed more than 160000 bytes"),
    "dies by a signal": ("sh -c 'kill -9 $$'", "was ended by SIGKILL"),
    "is not there": ("nosuchprogram", "could not be started (ENOENT)"),
    "leaves a socket": (UNIX_SOCKET, "'s' is neither a file, a folder nor a link"),
    "leaves a repository": ("git init -q .", "'.git' is a name that git keeps for itself"),
    "leaves a link that escapes": ("ln -s /etc/passwd p", "'p' is a link that leads out"),
    "touches policy": ("sh -c 'echo > codexa.toml'", "which only a policy commit may touch"),
    "touches another change": (
        "sh -c 'mkdir changes/CH-002; echo > changes/CH-002/brief.md'",
        "touched changes/CH-002/brief.md, which is outside its stage",
    ),
    "touches its own plan": ("sh -c 'echo > changes/CH-001/tasks.md'", "is outside its stage"),
    "writes records": ("sh -c 'echo >> audit/CH-001/handoff.jsonl'", "is outside its stage"),
    "names a file in two lines": (
        'python3 -c \'open("a" + chr(10) + "b", "w")\'',
        "it left a path that cannot be put on record: 'a\\nb'",
    ),
    "names a file in no language": (
        "python3 -c 'open(bytes([255]), \"w\")'",
        "'\\udcff' is not UTF-8",
    ),
}


def with_second_task(clone: Clone, command: str) -> None:
    """The clone's plan is approved, and its second task runs this command."""
    clone.git("switch", "-q", "main")
    policy = clone.read("codexa.toml")
    short = policy.replace("timeout = 600", "timeout = 1").replace("= 10000000", "= 10000")
    clone.commit({"codexa.toml": short}, "short")
    clone.git("switch", "-q", "change/CH-001")
    clone.git("rebase", "-q", "main")
    run = f"run = {json.dumps([command])}"
    clone.commit({"changes/CH-001/recipes.toml": recipes(second=run)}, "say how")
    clone.did("advance")
    clone.did("approve")


@pytest.mark.parametrize("how", FAILURES)
def test_a_task_fails_that(how: str, at: At) -> None:
    command, why = FAILURES[how]
    clone = at("opened")
    with_second_task(clone, command)
    answer = clone.codexa("advance")
    assert answer.status == 1
    assert "run-001 stopped at T-02, see artifacts/work/CH-001/run-001/T-02.log" in answer.err
    assert clone.log()[-2] == "CH-001 execute: T-01 shout"
    assert clone.log()[-1].startswith("CH-001 execute: T-02 failed: ")
    assert why in clone.log()[-1]
    assert clone.is_clean()
    assert clone.git("diff", "--name-only", "HEAD~1", "HEAD", "--", ":!audit", ":!artifacts") == (
        "changes/CH-001/status.md"
    )
    assert "CN-1  open    T-02 failed: " in clone.did("concern", "list")


def test_advance_takes_a_failed_run_up_again_and_the_concern_closes(at: At) -> None:
    clone = at("opened")
    with_second_task(clone, "sh -c 'exit 1'")
    clone.refused("advance")
    clone.refused("advance")
    assert clone.did("concern", "list").count("\n") == 1
    path = "changes/CH-001/recipes.toml"
    clone.commit({path: clone.read(path).replace("exit 1", "echo shout.sh >> README.md")}, "mend")
    assert "hint: git codexa advance CH-001 --replan" in clone.refused("advance")
    clone.did("advance", "--replan")
    clone.did("approve")
    assert "results-approved" in clone.until().err
    assert "CN-1  closed" in clone.did("concern", "list")


def test_what_failed_is_not_run_again_unasked_and_the_ways_on_are_told(at: At) -> None:
    clone = at("opened")
    with_second_task(clone, "sh -c 'exit 1'")
    clone.refused("advance")
    before = clone.tip()
    clone.commit({"changes/CH-001/notes.md": "why?\n"}, "no part of the plan")
    for words in (("advance",), ("advance", "--until-blocked")):
        told = clone.refused(*words)
        assert "now   T-02 failed, see artifacts/work/CH-001/run-001/T-02.log" in told
        assert "hint: mend changes/CH-001/recipes.toml, or leave T-02 to people there" in told
        assert "then: git codexa advance CH-001 --replan (or: git codexa advance" in told
    assert clone.tip("HEAD~1") == before, "no other run, and no other commit"
    assert "mend changes/CH-001/recipes.toml" in clone.did("status")
    assert "run-002 stopped at T-02" in clone.refused("advance", "--retry")
    assert clone.did("concern", "list").count("\n") == 1


def test_what_failed_is_tried_again_on_other_files(at: At) -> None:
    clone = at("opened")
    with_second_task(clone, "sh tools.sh")
    clone.refused("advance")
    clone.commit({"tools.sh": "echo shout.sh >> README.md\n"}, "what it needs")
    assert "T-02 say so" in clone.did("advance")


def test_what_failed_may_be_left_to_people(at: At) -> None:
    clone = at("opened")
    failing = recipes(second="""run = ["sh -c 'exit 1'"]""")
    clone.commit({"changes/CH-001/recipes.toml": failing}, "say how")
    clone.did("advance")
    clone.did("approve")
    clone.refused("advance")
    clone.commit({"README.md": "# Greet\nshout.sh shouts\n"}, "T-02 say so")
    assert "leave T-02 to people there" in clone.refused("advance")
    clone.commit({"changes/CH-001/recipes.toml": recipes(second="")}, "T-02 is for people")
    clone.did("advance", "--replan")
    clone.did("approve")
    clone.commit({}, "T-02 was done before")
    assert "results-approved" in clone.until().err
    assert '"by":"person"' in clone.read("audit/CH-001/handoff.jsonl")
    assert "CN-1  closed" in clone.did("concern", "list")
    assert clone.did("replay", "CH-001").startswith("CH-001 replays")


def test_a_patch_that_is_not_there_is_told_before_anyone_signs(at: At) -> None:
    clone = at("opened")
    path = "changes/CH-001/patches/T-01.patch"
    text = recipes(first='patch = "patches/T-01.patch"')
    clone.commit({"changes/CH-001/recipes.toml": text}, "say how")
    clone.did("advance")
    for command in ("advance", "approve"):
        told = clone.refused(command)
        assert f"{path} is not there, which the plan is to apply" in told
        assert f"hint: git add {path} && git commit" in told
    patch = "--- /dev/null\n+++ b/shout.sh\n@@ -0,0 +1 @@\n+echo HELLO\n"
    clone.commit({path: f"diff --git a/shout.sh b/shout.sh\nnew file mode 100644\n{patch}"}, "it")
    clone.did("approve")
    assert "T-01 shout" in clone.did("advance")


def test_what_a_task_leaves_running_is_ended(at: At) -> None:
    clone = at("opened")
    with_second_task(clone, "sh -c 'sleep 100 & sleep 100 & echo shout.sh > README.md'")
    assert "T-02 say so" in clone.did("advance")
