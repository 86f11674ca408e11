import pytest

from codexa_git.pages.facts import (
    Asked,
    Binding,
    BoundFile,
    ConcernFacts,
    CriterionFacts,
    Event,
    FileFacts,
    ImpactFacts,
    PacketFacts,
    QuestionFacts,
    ResultsFacts,
    Since,
    TaskFacts,
    Tested,
    WaiverFacts,
)

CLI = """\
diff --git a/src/totals/cli.py b/src/totals/cli.py
--- a/src/totals/cli.py
+++ b/src/totals/cli.py
@@ -1,4 +1,5 @@
 import sys
+import json
\x20
 from totals.reading import totals
\x20
@@ -12,5 +13,9 @@ def main(arguments: list[str]) -> int:
     found = totals(arguments)
-    print(found)
+    if "--json" in arguments:
+        print(json.dumps(found, sort_keys=True))
+        return 0
+    for name, total in sorted(found.items()):
+        print(f"{name}\\t{total}")
     return 0
"""
README = """\
@@ -8,3 +8,4 @@
     totals FILE
+    totals --json FILE    one JSON object, for scripts
\x20
 Totals are whole numbers.
\\ No newline at end of file
"""
IMPACT = """\
@@ -0,0 +1,2 @@
+# CH-004 Totals as JSON
+
"""


def _bound(path: str, what: str, before: str, after: str) -> BoundFile:
    return BoundFile(path, what, before, after, f"sha256:{before or after}{after or before}")


def _results() -> ResultsFacts:
    return ResultsFacts(
        tree="4f1c2ab09d8e7c6b5a4f1c2ab09d8e7c6b5a4f1c",
        commands=(("python -m pytest -q --junitxml {report}", "exited with 0"),),
        tests=(
            Tested("tests.test_cli::test_json_has_every_total", "passed"),
            Tested("tests.test_cli::test_json_of_an_empty_file", "passed"),
            Tested("tests.test_cli::test_text_is_the_default", "passed"),
            Tested("tests.test_reading::test_odd_lines", "passed"),
            Tested("tests.test_reading::test_slow_disk", "skipped", "needs a slow disk"),
        ),
        replayed="the same files and outcomes, seed 7",
        signed="signed by tester (agent)",
        covered="36 of 40 lines",
    )


@pytest.fixture
def packet_facts() -> PacketFacts:
    """A change as it usually is, on the day of its package."""
    return PacketFacts(
        change="CH-004",
        title="Totals as JSON",
        milestone="MS-01",
        stage="package",
        standing="as it was packaged",
        base="main",
        context=(
            "Scripts read our totals and parse text for it, which broke twice this month.\n\n"
            "They should get JSON that stays as it is, while people keep the text they know."
        ),
        asked=Asked(
            "Demo PM (pm)",
            "Read what follows. If it is what was agreed, approve the package.",
            "git codexa approve CH-004",
            ('git codexa concern raise CH-004 "what is wrong"',),
        ),
        criteria=(
            CriterionFacts(
                "AC-1",
                "totals --json prints one JSON object with every total",
                ("T-01",),
                (
                    "tests.test_cli::test_json_has_every_total",
                    "tests.test_cli::test_json_of_an_empty_file",
                ),
            ),
            CriterionFacts(
                "AC-2",
                "without the flag, text stays the default, as documented in the README",
                ("T-01", "T-02"),
                ("tests.test_cli::test_text_is_the_default",),
            ),
        ),
        tasks=(
            TaskFacts(
                "T-01",
                "print totals as JSON",
                ("AC-1", "AC-2"),
                (),
                "done by two declared commands, run-002",
                (FileFacts("src/totals/cli.py", "changed", 6, 1, CLI),),
            ),
            TaskFacts(
                "T-02",
                "say so in the README",
                ("AC-2",),
                ("T-01",),
                "done by a declared patch, run-002",
                (
                    FileFacts("README.md", "changed", 1, 0, README),
                    FileFacts("docs/totals.png", "added", None, None),
                ),
            ),
        ),
        others=(FileFacts("src/totals/__init__.py", "changed, now executable", 0, 0),),
        papers=(FileFacts("changes/CH-004/impact.md", "added", 2, 0, IMPACT),),
        bindings=(
            Binding(
                "the package",
                2,
                "sha256:9f2c41d0b7e6a5948372615049382716f5e4d3c2b1a09f8e7d6c5b4a39281706",
                (
                    _bound("README.md", "changed", "1f0c9a7be4d52c33", "8ab7e2c19d04f6e1"),
                    _bound("changes/CH-004/impact.md", "added", "", "77de01c4b39a5f20"),
                    _bound("docs/totals.png", "added", "", "c0ffee12ab34cd56"),
                    _bound("src/totals/__init__.py", "changed, now executable", "01", "01"),
                    _bound("src/totals/cli.py", "changed", "5e2d118c90ab7f64", "d41a6b07c8e95f32"),
                ),
                ("tests.test_reading::test_slow_disk",),
            ),
        ),
        since=(
            Since("the plan", "Demo PM (pm)", "2026-01-05 10:12", 1, True, "it stands", 4, ()),  # noqa: FBT003
            Since(
                "the package",
                "Demo PM (pm)",
                "2026-01-05T10:31:00Z",
                1,
                False,  # noqa: FBT003
                "it was given in round 1, and the change was sent back since",
                3,
                (
                    FileFacts("README.md", "changed since", 1, 0, README),
                    FileFacts("docs/totals.png", "new since", None, None),
                    FileFacts("docs/gone.md", "gone since", None, None),
                ),
            ),
        ),
        results=_results(),
        concerns=(
            ConcernFacts(
                "CN-1",
                "an empty file made --json fail",
                "tester (agent)",
                "test_json_of_an_empty_file passes since run-002",
            ),
        ),
        waivers=(
            WaiverFacts(("tests.test_x::test_y",), "no such disk here", "Demo PM (pm)", "too late"),
        ),
        questions=(
            QuestionFacts("Q-1", "Which encoding?", "Demo Dev (dev)", "UTF-8.", "Demo PM (pm)"),
            QuestionFacts("Q-2", "And a byte order mark?", "Demo Dev (dev)", None, ""),
        ),
        timeline=(
            Event("2026-01-05 09:02", "frame", "Demo PM", "Opened"),
            Event("2026-01-05 09:40", "spec", "pm-agent (agent)", "2 tasks for 2 criteria, seed 7"),
            Event("2026-01-05 10:12", "spec", "Demo PM (pm)", "Brief and plan approved", "Go on."),
            Event("2026-01-05 10:13", "execute", "implementer (agent)", "T-01 and T-02 done"),
            Event("2026-01-05 10:15", "validate", "tester (agent)", "4 tests pass, 1 skipped"),
            Event("2026-01-05 10:42", "validate", "Demo PM (pm)", "Results approved"),
            Event("2026-01-05 10:43", "package", "pm-agent (agent)", "Impact and packet made"),
        ),
    )


@pytest.fixture
def impact_facts(packet_facts: PacketFacts) -> ImpactFacts:
    """The same change, for `impact.md`."""
    facts = packet_facts
    return ImpactFacts(
        change=facts.change,
        title=facts.title,
        scope=("a flag --json of totals", "its help"),
        out_of_scope=("other formats",),
        criteria=facts.criteria,
        tasks=facts.tasks,
        others=facts.others,
        results=facts.results,
        concerns=facts.concerns,
        waivers=(WaiverFacts(("tests.test_x::test_y",), "no such disk here", "Demo PM (pm)"),),
    )
