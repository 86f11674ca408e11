import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from benchmarks.__main__ import main
from benchmarks.generator.signing import Key
from benchmarks.memory import peak
from benchmarks.plots import main as draw
from benchmarks.rounds import NotMeasuredError
from codexa_git.policy.keys import ed25519_from_seed
from codexa_git.policy.signatures import check
from codexa_git.policy.signers import parse_signers
from codexa_git.repository.store import Store
from codexa_git.verify.findings import Answer, Report
from codexa_git.verify.verifying import Wish, verify
from codexa_git.workflow.base.ground import base_at
from codexa_git.workflow.base.settings import ROOT_SETTING

pytestmark = pytest.mark.slow

COMMITS, LANDINGS = 100, 5


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("generated") / "repository"
    words = ["generate", str(folder), "--commits", str(COMMITS), "--landings", str(LANDINGS)]
    assert main(words) == 0
    return folder


def judged(folder: Path) -> Report:
    with Store.open(folder) as store:
        branch, _, tip = base_at(store)
        wish = Wish(store.config(ROOT_SETTING), story=True)
        return verify(store, branch, tip.oid, wish, lambda *_: None)


def test_a_generated_history_has_the_commits_and_landings_asked_for(generated: Path) -> None:
    counted = ["git", "rev-list", "--count", "main"]
    found = subprocess.run(counted, cwd=generated, capture_output=True, check=True)
    assert int(found.stdout) == COMMITS
    assert judged(generated).landings == LANDINGS


def test_nothing_is_found_in_a_generated_history_nor_in_its_stories(generated: Path) -> None:
    report = judged(generated)
    assert report.findings == ()
    assert report.answer is Answer.YES
    assert report.pinned


def test_each_landing_signs_its_own_records_with_the_keys_of_the_first(generated: Path) -> None:
    with Store.open(generated) as store:
        tip = store.ref("refs/heads/main") or ""
        names = [f"CH-{number:03d}" for number in range(1, LANDINGS + 1)]
        signed = [
            line
            for name in names
            for log in ("commands", "handoff")
            for line in (
                store.read(store.tree_of(tip), f"audit/{name}/{log}.jsonl") or b""
            ).splitlines()
            if b'"signature":' in line
        ]
    assert len(signed) == 3 * LANDINGS == len(set(signed))


def test_a_generated_history_that_is_altered_is_found_out(generated: Path) -> None:
    with Store.open(generated) as store:
        branch, _, tip = base_at(store)
        path = "changes/CH-005/impact.md"
        content = store.read(tip.tree, path) or b""
        blob = store.write_blob(content.replace(b"n000005", b"n000009"))
        entry = store.entry(tip.tree, path)
        assert entry is not None
        tree = store.write_tree(tip.tree, {path: entry._replace(oid=blob)})
        made = store.write_commit(tree, tip.parents, tip.author, tip.committer, tip.message)
        wish = Wish(store.config(ROOT_SETTING))
        report = verify(store, branch, made, wish, lambda *_: None)
    assert {finding.commit for finding in report.findings} == {made}
    assert "A3" in {finding.breach.rule for finding in report.findings}


def test_a_signature_made_in_process_is_one_that_counts() -> None:
    content, public = ed25519_from_seed(b"\1" * 32)
    signers = parse_signers(f'pm@demo.invalid namespaces="codexa" {public}\n'.encode())
    made = Key(content).sign(b"payload")
    assert check(b"payload", made, "pm@demo.invalid", signers, 0).answer == "good"
    assert check(b"another", made, "pm@demo.invalid", signers, 0).answer == "bad"


def test_a_folder_that_is_there_is_not_generated_into(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["generate", str(tmp_path)])
    assert "is there already" in capsys.readouterr().err


RUN = """{"cases": [
  {"case": "one", "ratios": [
    {"ours": {"name": "verify <all>"}, "beside": {"name": "git log"}, "median": 3.5,
     "budget": 2.0, "within": false},
    {"ours": {"name": "one"}, "beside": {"name": "another"}, "median": 0.01,
     "budget": null, "within": null}]},
  {"case": "none", "ratios": []}]}
"""


def test_a_run_is_drawn_case_by_case_with_every_ratio_and_budget(tmp_path: Path) -> None:
    run = tmp_path / "run.json"
    run.write_text(RUN, encoding="utf-8")
    assert draw([str(run), str(tmp_path / "plots")]) == 0
    assert [place.name for place in (tmp_path / "plots").iterdir()] == ["one.svg"]
    drawn = ET.fromstring((tmp_path / "plots" / "one.svg").read_text(encoding="utf-8"))
    texts = ["".join(each.itertext()) for each in drawn.iter() if each.tag.endswith("text")]
    assert {"verify <all>", "beside git log", "3.5x", "1/100"} <= set(texts)
    dashed = [each for each in drawn.iter() if each.get("stroke-dasharray")]
    assert len(dashed) == 1


def test_the_most_memory_that_a_process_had_is_told(tmp_path: Path) -> None:
    holds = "import time; held = bytearray(80_000_000); time.sleep(0.5)"
    small = peak([sys.executable, "-c", "import time; time.sleep(0.5)"], tmp_path, os.environ)
    large = peak([sys.executable, "-c", holds], tmp_path, os.environ)
    assert large > small + 70


def test_the_memory_of_processes_that_share_the_work_is_counted_together(tmp_path: Path) -> None:
    child = "import time; held = bytearray(60_000_000); time.sleep(0.5)"
    both = f"import subprocess as s, sys; a = [sys.executable, '-c', {child!r}]; "
    alone = peak([sys.executable, "-c", child], tmp_path, os.environ)
    two = peak(
        [sys.executable, "-c", f"{both}p = [s.Popen(a), s.Popen(a)]; [x.wait() for x in p]"],
        tmp_path,
        os.environ,
    )
    assert two > 2 * alone


def test_a_process_that_fails_is_no_measurement(tmp_path: Path) -> None:
    with pytest.raises(NotMeasuredError):
        peak([sys.executable, "-c", "raise SystemExit(3)"], tmp_path, os.environ)
