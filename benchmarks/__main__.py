"""`python -m benchmarks [name ...]`: measure all cases, or these.

`python -m benchmarks generate DIR` makes a repository with many landings, and nothing else.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from benchmarks.cycle import whole_cycle
from benchmarks.elsewhere import elsewhere
from benchmarks.floors import floors
from benchmarks.generator import generate
from benchmarks.hooks import hooks
from benchmarks.many import many_open
from benchmarks.pushing import pushing
from benchmarks.reading import beside_openspec, beside_specify
from benchmarks.report import Result, as_json, as_text
from benchmarks.rounds import NotMeasuredError, Ratio
from benchmarks.scratch import Scratch, scratch
from benchmarks.signatures import one_signature
from benchmarks.verifying import LARGE, MEDIUM, linting, remembering, verifying, walking

CASES: dict[str, Callable[[Scratch, int | None], list[Ratio]]] = {
    "floors": floors,
    "openspec": beside_openspec,
    "specify": beside_specify,
    "cycle": whole_cycle,
    "many": many_open,
    "hooks": hooks,
    "elsewhere": elsewhere,
    "push": pushing,
    "signature": one_signature,
    "verify": verifying,
    "memory": remembering,
    "walks": walking,
    "linters": linting,
}
LARGE_CASES: dict[str, Callable[[Scratch, int | None], list[Ratio]]] = {
    "verify-large": partial(verifying, size=LARGE),
    "memory-large": partial(remembering, sizes=(MEDIUM, LARGE)),
    "walks-large": partial(walking, size=LARGE),
}
"""What takes the better part of an hour, and is measured only where it is named."""


def main(arguments: list[str]) -> int:
    """0 where every budget is kept, 1 where one is not; a case not measured says neither."""
    if arguments[:1] == ["generate"]:
        return make(arguments[1:])
    every = CASES | LARGE_CASES
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(every)}")
    keep = "where generated repositories are looked for, and kept"
    parser.add_argument("--histories", type=Path, metavar="DIR", help=keep)
    parser.add_argument("--rounds", type=int, help="how many rounds count, in every case")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the run there as well")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.names if name not in every]:
        parser.error(f"no case is called {unknown[0]}; there are {', '.join(every)}")
    if given.histories:
        given.histories.mkdir(parents=True, exist_ok=True)
    kept = given.histories and given.histories.resolve()
    results = [result(name, given.rounds, kept) for name in given.names or CASES]
    print(as_text(results))
    if given.json:
        given.json.write_text(json.dumps(as_json(results), indent=2) + "\n", encoding="utf-8")
    over = any(ratio.within is False for each in results for ratio in each.ratios)
    return 1 if over else 0


def make(arguments: list[str]) -> int:
    """0 once a repository is generated, with a folder of its own for whoever signs there."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks generate")
    parser.add_argument("folder", type=Path, metavar="DIR", help="is made, and must not be there")
    parser.add_argument("--commits", type=int, default=LARGE[0], help="all that main leads to")
    parser.add_argument("--landings", type=int, default=LARGE[1], help="changes that landed")
    given = parser.parse_args(arguments)
    if given.folder.exists():
        parser.error(f"{given.folder} is there already")
    with tempfile.TemporaryDirectory(prefix="codexa-bench-") as folder:
        place = scratch(Path(folder))
        place.identity()
        try:
            generate(place, given.folder.resolve(), given.commits, given.landings, _tell)
        except NotMeasuredError as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    print("\nlook: git codexa verify --story", file=sys.stderr)
    return 0


def _tell(done: int, landings: int) -> None:
    if done % 50 == 0 or done == landings:
        print(f"\r{done:,} of {landings:,} landings", end="", file=sys.stderr, flush=True)


def result(name: str, rounds: int | None, histories: Path | None = None) -> Result:
    """One case, measured in a folder of its own."""
    print(f"measuring {name}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="codexa-bench-") as folder:
        try:
            case = (CASES | LARGE_CASES)[name]
            return Result(name, tuple(case(scratch(Path(folder), histories), rounds)))
        except NotMeasuredError as error:
            return Result(name, not_measured=str(error).replace(folder, "..."))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
