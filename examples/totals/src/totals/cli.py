"""The command line."""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from totals.reading import LineError, Row, read_rows
from totals.report import add_up, as_text


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the totals; 0 where every line was read, 2 where one could not be."""
    asked = _parser().parse_args(arguments)
    try:
        totals = add_up(_rows(asked.files or ["-"]))
    except LineError as error:
        return _refuse(str(error))
    except UnicodeDecodeError:
        return _refuse("the input is not UTF-8 text")
    except OSError as error:
        return _refuse(f"cannot read {error.filename}: {error.strerror}")
    print(as_text(totals), end="")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="totals", description="Add up amounts by name.")
    parser.add_argument("files", nargs="*", metavar="FILE", help="lines of name,amount; - is stdin")
    return parser


def _rows(files: Iterable[str]) -> Iterator[Row]:
    for file in files:
        if file == "-":
            yield from read_rows(sys.stdin, "stdin")
        else:
            with Path(file).open(encoding="utf-8", newline="") as lines:
                yield from read_rows(lines, file)


def _refuse(reason: str) -> int:
    print(f"totals: error: {reason}", file=sys.stderr)
    return 2
