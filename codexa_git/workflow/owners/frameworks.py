"""The pre-commit framework, and prek, which reads the same file: our entries in it.

The file is people's: entries are put behind its last one, and no other byte changes. It is edited
as text, because writing YAML back would lose comments and order. A file of another form than the
usual one is left alone.
"""

import re

PRE_COMMIT = ".pre-commit-config.yaml"

KINDS = ("commit-msg", "pre-commit", "pre-merge-commit", "pre-push", "pre-rebase")
"""The kinds of hooks that codexa-git answers, as git and the framework name them."""

_CALL = "git-codexa hooks run"
_NAMED = re.compile(
    rb"^[ \t]*(?:-[ \t]+)?id:[ \t]*codexa-(?:%s)\b" % "|".join(KINDS).encode(), re.MULTILINE
)
"""Our hooks where the file names this repository, instead of calling what is installed."""

_REPOS = re.compile(rb"repos:[ \t]*(?:#[^\n]*)?\r?\n?")
_ITEM = re.compile(rb"([ ]*)-(?: |\r?\n)")
_BLANK = re.compile(rb"[ \t]*(?:#[^\n]*)?\r?\n?")


def entries() -> str:
    """One `repo: local` with an entry for each kind of hook, as YAML that begins at no indent."""
    lines = ["- repo: local", "  hooks:"]
    for kind in KINDS:
        lines += [
            f"    - id: codexa-{kind}",
            f"      name: codexa-git {kind}",
            f"      entry: {_CALL} {kind}",
            "      language: system",
            f"      stages: [{kind}]",
            "      always_run: true",
        ]
        # The framework tells commit-msg the file of the message in the place of names.
        lines += [] if kind == "commit-msg" else ["      pass_filenames: false"]
    return "".join(f"{line}\n" for line in lines)


def with_entries(content: bytes) -> bytes | None:
    """The file with our entries behind its last; `None` where it has them, or has another form."""
    if _CALL.encode() in content or _NAMED.search(content):
        return None
    place = _end_of_repos(content.splitlines(keepends=True))
    if place is None:
        return None
    at, indent = place
    end = b"\r\n" if b"\r\n" in content else b"\n"
    ours = b"".join(indent + line.encode() + end for line in entries().splitlines())
    before, after = content[:at], content[at:]
    return before + (b"" if before.endswith(b"\n") else end) + ours + after


def _end_of_repos(lines: list[bytes]) -> tuple[int, bytes] | None:
    """Behind which byte the list of repositories ends, and how far its items are set in."""
    starts = [n for n, line in enumerate(lines) if _REPOS.fullmatch(line)]
    if len(starts) != 1:
        return None
    indent: bytes | None = None
    last = starts[0]
    for number, line in enumerate(lines[starts[0] + 1 :], starts[0] + 1):
        if _BLANK.fullmatch(line):
            continue
        item = _ITEM.match(line)
        if indent is None:
            if item is None:
                return None
            indent = item[1]
        elif not _belongs(line, indent):
            break
        last = number
    if indent is None:
        return None
    return sum(map(len, lines[: last + 1])), indent


def _belongs(line: bytes, indent: bytes) -> bool:
    """True for a line of the list: an item of it, or what is set in deeper."""
    depth = len(line) - len(line.lstrip(b" "))
    return depth > len(indent) or (depth == len(indent) and _ITEM.match(line) is not None)
