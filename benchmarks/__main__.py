"""`python -m benchmarks [name ...]`: measure all cases, or these."""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.cycle import whole_cycle
from benchmarks.elsewhere import elsewhere
from benchmarks.floors import floors
from benchmarks.hooks import hooks
from benchmarks.many import many_open
from benchmarks.pushing import pushing
from benchmarks.reading import beside_openspec, beside_specify
from benchmarks.report import Result, as_json, as_text
from benchmarks.rounds import NotMeasuredError, Ratio
from benchmarks.scratch import Scratch, scratch

CASES: dict[str, Callable[[Scratch, int | None], list[Ratio]]] = {
    "floors": floors,
    "openspec": beside_openspec,
    "specify": beside_specify,
    "cycle": whole_cycle,
    "many": many_open,
    "hooks": hooks,
    "elsewhere": elsewhere,
    "push": pushing,
}


def main(arguments: list[str]) -> int:
    """0 where every budget is kept, 1 where one is not; a case not measured says neither."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="name", help=f"one of {', '.join(CASES)}")
    parser.add_argument("--rounds", type=int, help="how many rounds count, in every case")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the run there as well")
    given = parser.parse_args(arguments)
    if unknown := [name for name in given.names if name not in CASES]:
        parser.error(f"no case is called {unknown[0]}; there are {', '.join(CASES)}")
    results = [result(name, given.rounds) for name in given.names or CASES]
    print(as_text(results))
    if given.json:
        given.json.write_text(json.dumps(as_json(results), indent=2) + "\n", encoding="utf-8")
    over = any(ratio.within is False for each in results for ratio in each.ratios)
    return 1 if over else 0


def result(name: str, rounds: int | None) -> Result:
    """One case, measured in a folder of its own."""
    print(f"measuring {name}", file=sys.stderr)
    with tempfile.TemporaryDirectory(prefix="codexa-bench-") as folder:
        try:
            return Result(name, tuple(CASES[name](scratch(Path(folder)), rounds)))
        except NotMeasuredError as error:
            return Result(name, not_measured=str(error).replace(folder, "..."))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
