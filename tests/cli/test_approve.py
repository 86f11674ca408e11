import json

from scenarios.clone import At

PLAN = """\
    changes/CH-001/brief.md
    changes/CH-001/design.md
    changes/CH-001/planner_config.json
    changes/CH-001/recipes.toml
    changes/CH-001/tasks.md
"""


def test_what_was_signed_is_shown(at: At) -> None:
    clone = at("planned")
    subject = json.loads(clone.did("approve", "--dry-run", "--json"))["signs"][0]["subject"]
    told = clone.did("approve")
    commit, _, rest = told.partition("\n")
    assert commit == (
        f"[change/CH-001 {clone.tip()[:7]}] CH-001 spec: approved by Demo PM (pm), brief and plan"
    )
    assert rest == f"signed the plan, round 1: 5 files, subject {subject[7:19]}\n{PLAN}"


def test_a_dry_run_signs_and_writes_nothing(at: At) -> None:
    clone = at("planned")
    before = clone.git("for-each-ref")
    told = clone.did("approve", "--dry-run")
    assert told.startswith("would sign the plan, round 1: 5 files, subject ")
    assert told.endswith(PLAN)
    assert clone.git("for-each-ref") == before
    assert clone.is_clean()


def test_asked_again_only_what_changed_since_is_shown(at: At) -> None:
    clone = at("approved")
    signed = clone.tip()[:12]
    brief = clone.read("changes/CH-001/brief.md")
    clone.commit({"changes/CH-001/brief.md": brief.replace("hear well", "hear")}, "shorter")
    told = clone.did("approve", "--dry-run").splitlines()
    assert told[1:] == [
        "  1 of these files has changed since you signed it (today 12:00):",
        "    changes/CH-001/brief.md",
        f"  git diff {signed} change/CH-001 -- changes/CH-001/brief.md",
    ]
    assert "-Some do not hear well.\n+Some do not hear." in clone.git(*told[-1].split()[1:])


def test_a_new_round_in_which_no_file_changed_says_so(at: At) -> None:
    clone = at("approved")
    clone.did("rework", "--to", "spec", "-m", "think again")
    assert "no file changed since you signed it (today 12:00)\n" in clone.did("approve")


def test_where_nothing_waits_a_dry_run_is_refused_too(at: At) -> None:
    told = at("approved").refused("approve", "--dry-run")
    assert told == (
        "error: nothing in CH-001 waits for you, Demo PM: tasks-complete comes first\n"
        "  now   T-01, T-02 not done\n"
        "hint: git codexa advance CH-001\n"
    )


def test_json_names_the_commit_and_what_it_binds(at: At) -> None:
    clone = at("packaged")
    told = json.loads(clone.did("approve", "--json"))
    assert (told["format"], told["change"], told["commit"]) == (1, "CH-001", clone.tip())
    (bound,) = told["signs"]
    assert bound["gate"] == "package"
    assert "shout.sh" in bound["files"]
    assert bound["before"] is None
