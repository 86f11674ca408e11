"""A repository that has been lived in: years of merges and tags, husky, CI, and CODEOWNERS."""

from pathlib import Path

from builders import git

YEARS = range(2017, 2026)
CHECK = 'echo "husky: checked"\n'
HUSKY = '#!/usr/bin/env sh\n. "$(dirname "$0")/h"\n'
RUNS = 'n=$(basename "$0")\ns=$(dirname "$(dirname "$0")")/$n\n[ ! -f "$s" ] || sh -e "$s" "$@"\n'
FILES = {
    "greeting.py": 'def greet(name=""):\n    return "hello"\n',
    "test_greeting.py": (
        "import unittest\n\nfrom greeting import greet\n\n\n"
        "class Greeting(unittest.TestCase):\n    def test_greets(self):\n"
        '        self.assertTrue(greet("Ada").startswith("hello"))\n'
    ),
    "README.md": "# Greeting\n\nIt greets.\n",
    "notes/Größe.md": "old notes\r\nwith old line ends\r\n",
    "package.json": '{"scripts": {"prepare": "husky", "test": "python3 -m unittest"}}\n',
    ".husky/pre-commit": CHECK,
    ".github/workflows/ci.yml": "on: push\njobs: {}\n",
    ".github/CODEOWNERS": "*.py @you\n",
    ".gitattributes": "*.png binary\n",
}


def lived_in(folder: Path) -> None:
    """`folder` holds a work tree on `main` after nine years, with husky's hooks set up in it."""
    git(folder, "fast-import", "--quiet", "--force", input=_history().encode())
    git(folder, "reset", "-q", "--hard", "main")
    own = folder / ".husky" / "_"
    own.mkdir()
    for name, text in (("h", RUNS), ("pre-commit", HUSKY), (".gitignore", "*\n")):
        (own / name).write_text(text)
        (own / name).chmod(0o755)
    git(folder, "config", "core.hooksPath", ".husky/_")


def _history() -> str:
    """Each year some work on main, a branch that is merged, and a release with its tag."""
    parts = [_commit(2, "main", "the beginning", 2016, files=FILES)]
    main = 2
    for number, year in enumerate(YEARS):
        work, side, merge = (10 + number * 4 + step for step in range(3))
        text = {"README.md": f"# Greeting\n\nIt greets, {year}.\n"}
        parts.append(_commit(work, "main", f"the work of {year}", year, (main,), text))
        news = {f"news/{year}.md": f"What came in {year}.\n"}
        parts.append(_commit(side, f"news-{year}", f"news of {year}", year, (main,), news))
        subject = f"Merge branch 'news-{year}'"
        parts.append(_commit(merge, "main", subject, year, (work, side), news))
        parts.append(_tag(merge, f"v{number}.0", year))
        main = merge
    return "".join(parts)


def _commit(
    mark: int,
    branch: str,
    subject: str,
    year: int,
    parents: tuple[int, ...] = (),
    files: dict[str, str] | None = None,
) -> str:
    above = "".join(
        f"{word} :{parent}\n" for word, parent in zip(("from", "merge"), parents, strict=False)
    )
    return (
        f"commit refs/heads/{branch}\nmark :{mark}\ncommitter {_who(year)}\n{_data(subject)}{above}"
        + "".join(f'M 100644 inline "{p}"\n{_data(t)}' for p, t in (files or {}).items())
    )


def _tag(mark: int, name: str, year: int) -> str:
    return f"tag {name}\nfrom :{mark}\ntagger {_who(year)}\n{_data(name)}"


def _who(year: int) -> str:
    return f"Demo Dev <dev@demo.invalid> {(year - 1970) * 31_557_600} +0100"


def _data(text: str) -> str:
    return f"data {len(text.encode())}\n{text}\n"
