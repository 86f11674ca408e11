"""A file of nothing but noise is looked at until enough is named, and no further."""

from time import process_time

from codexa_git.audit.logger import log_path
from codexa_git.verify.lines import unsound

HANDOFF = log_path("CH-001", "handoff")
COMMANDS = log_path("CH-001", "commands")


def test_millions_of_bad_lines_take_no_longer_than_fifty() -> None:
    files = {HANDOFF: b"\n" * 6_000_000, COMMANDS: b"x\n"}
    began = process_time()
    found = unsound(files.get, "CH-001")
    assert process_time() - began < 5
    assert [(breach.path, breach.line) for breach in found] == [
        (HANDOFF, number) for number in range(1, 51)
    ]
