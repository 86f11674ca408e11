"""What becomes of full outputs when a change is closed."""

import pytest
from scenarios.clone import BRIEF, At, recipes

EVIDENCE = "refs/codexa/evidence/CH-001"


@pytest.mark.parametrize(("logs", "kept"), [("archive", True), ("drop", False)])
def test_outputs_are_kept_or_gone_as_their_records_say(at: At, logs: str, kept: bool) -> None:  # noqa: FBT001
    clone = at("adopted")
    policy = clone.read("codexa.toml").replace('logs = "archive"', f'logs = "{logs}"')
    clone.write("codexa.toml", policy + "\n")
    clone.git("commit", "-q", "--allow-empty", "-am", "what to do with outputs")
    clone.did("enforce", "--demo")
    place = clone.folder.parent / "brief.md"
    place.write_text(BRIEF)
    clone.did("open", "Shouting", "--brief", str(place))
    clone.commit({"changes/CH-001/recipes.toml": recipes()}, "say how")
    for _ in range(3):
        clone.until()
        clone.did("approve")
    assert clone.git("for-each-ref", EVIDENCE) != "", "outputs are there until the change closes"
    assert "can land" in clone.until().out
    retained = clone.read("audit/CH-001/retention.jsonl")
    assert ("retention.archived" in retained, "retention.dropped" in retained) == (kept, not kept)
    assert (clone.git("for-each-ref", EVIDENCE) != "") == kept
    clone.did("land")
