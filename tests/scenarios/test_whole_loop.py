"""One change from end to end, as a person drives it."""

from scenarios.clone import At


def test_a_change_goes_from_open_to_landed(at: At) -> None:
    clone = at("landed")
    assert clone.log("main~1..change/CH-001") == [
        "CH-001 frame: Shouting, 2 criteria",
        "say how",
        "CH-001 spec: 2 tasks for 2 criteria, seed 7",
        "CH-001 spec: approved by Demo PM (pm), brief and plan",
        "CH-001 execute: T-01 shout",
        "CH-001 execute: T-02 say so",
        "CH-001 validate: 1 test passes, snapshot matches",
        "CH-001 validate: approved by Demo PM (pm), results",
        "CH-001 package: impact and packet",
        "CH-001 package: approved by Demo PM (pm), 10 files",
        "CH-001 cleanup: closed, evidence kept, 0 concerns open",
    ]
    assert clone.is_clean()
    assert clone.is_sound()
