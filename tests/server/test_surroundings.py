"""What lies about a server's repository, or a pusher's, changes no answer; or nothing is taken."""

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from builders import git
from scenarios.clone import Clone
from server.conftest import Serve, Served

FREE = {"docs/STATUS_REPORT.md": "x\n"}
EVIL = {"greet.sh": "echo evil\n"}


def cut_off(bare: Path) -> None:
    (bare / "shallow").write_text(git(bare, "rev-parse", "main") + "\n")


def grafted(bare: Path) -> None:
    (bare / "info").mkdir(exist_ok=True)
    (bare / "info" / "grafts").write_text(git(bare, "rev-parse", "main") + "\n")


def partial(bare: Path) -> None:
    git(bare, "config", "extensions.partialClone", "hub")


def promised(bare: Path) -> None:
    git(bare, "config", "remote.Hub.promisor", "true")


def replaced(bare: Path) -> None:
    git(bare, "replace", "main", "main~1")


HIDDEN: dict[str, tuple[Callable[[Path], None], str]] = {
    "shallow": (cut_off, "its repository is shallow"),
    "grafts": (grafted, "its repository has grafts"),
    "partial": (partial, "its repository is partial"),
    "promisor": (promised, "its repository is partial"),
    "replace": (replaced, "this server shows other objects than those that are judged"),
}


def put_right(bare: Path) -> None:
    (bare / "shallow").unlink(missing_ok=True)
    (bare / "info" / "grafts").unlink(missing_ok=True)
    for section in ("extensions", "remote.Hub"):
        name = {"extensions": "partialClone", "remote.Hub": "promisor"}[section]
        git(bare, "config", f"{section}.{name}", "x")
        git(bare, "config", "--unset", f"{section}.{name}")
    for ref in git(bare, "for-each-ref", "--format=%(refname)", "refs/replace").split():
        git(bare, "update-ref", "-d", ref)


@pytest.mark.parametrize("how", HIDDEN)
def test_a_server_that_hides_something_takes_nothing(served: Serve, how: str) -> None:
    at = served("enforced")
    make, why = HIDDEN[how]
    make(at.bare)
    at.clone.git("switch", "-q", "-f", "main")
    at.clone.commit(FREE, "free")
    for ref in ("main", "main~1:refs/heads/feature"):
        told = at.refuses(ref)
        first = next(line for line in told.splitlines() if line.startswith("error: "))
        assert why in first
        assert "takes nothing" in first
    shown = at.clone.codexa("server", "status", str(at.bare))
    assert shown.status == 1
    assert "takes none   " in shown.out
    at.clone.did("server", "uninstall", str(at.bare))
    assert at.clone.codexa("server", "install", str(at.bare)).status != 0
    put_right(at.bare)
    at.clone.did("server", "install", str(at.bare))
    assert at.clone.codexa("server", "status", str(at.bare)).status == 0
    at.takes("main")


def test_what_replaces_an_object_can_be_taken_out_by_a_push(served: Serve) -> None:
    at = served("enforced")
    replaced(at.bare)
    at.clone.commit(FREE, "free")
    told = at.refuses("main")
    command = told.partition("hint: if nobody needs it: git push ")[2]
    at.clone.git("push", "-q", *command.split())
    at.takes("main")


def both(at: Served, environment: Mapping[str, str], lie: Callable[[], None] | None = None) -> None:
    """Where somebody lies so, what is no landing is refused with its rule, and a landing taken."""
    clone = at.clone
    clone.git("switch", "-q", "-f", "main")
    landed = clone.tip()
    bad = clone.commit(EVIL, "evil")
    before = at.refs()
    if lie is not None:
        lie()
    answer = at.tries(f"{bad}:refs/heads/main", **environment)
    assert answer.status != 0, answer
    assert f"main takes changes that land, and {bad[:12]} is none" in answer.err
    assert "  rule  L13" in answer.err
    assert at.refs() == before
    answer = at.tries(f"{landed}:refs/heads/main", "landed/CH-001", **environment)
    assert answer.status == 0, answer.err
    assert git(at.bare, "rev-parse", "main") == landed


HOSTILE = """\
[core]
	hooksPath = /nowhere
	attributesFile = {attributes}
	fsmonitor = false
	alternateRefsCommand = false
	quotePath = false
	pager = false
[diff]
	external = false
	orderFile = /nowhere
	ignoreSubmodules = all
	renames = copies
	noprefix = true
	algorithm = patience
	context = 0
[diff "evil"]
	textconv = false
	binary = true
	command = false
[merge "evil"]
	driver = false
[filter "evil"]
	clean = false
	smudge = false
	required = true
[log]
	showRoot = false
	diffMerges = off
[alias]
	cat-file = !false
	diff-tree = !false
[receive]
	fsckObjects = false
	shallowUpdate = true
[uploadpack]
	hideRefs = refs/heads
[url "/nowhere/"]
	insteadOf = /elsewhere/
[codexa]
	branch = other
	root = sha256:{zeros}
[i18n]
	logOutputEncoding = UTF-16
"""
ATTRIBUTES = "* -diff -text filter=evil diff=evil merge=evil export-ignore ident\n"


def hostile(folder: Path) -> Path:
    """A file of settings, every one of which would change an answer that asked git for it."""
    attributes, settings = folder / "attributes", folder / "settings"
    attributes.write_text(ATTRIBUTES)
    settings.write_text(HOSTILE.format(attributes=attributes, zeros="0" * 64))
    return settings


@pytest.mark.parametrize("whose", ["GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "HOME"])
def test_settings_of_who_pushes_over_a_path_change_no_answer(
    served: Serve, tmp_path: Path, whose: str
) -> None:
    """Git runs the server's side as them, so that its hook has to be the repository's own."""
    at = served("landed")
    settings = hostile(tmp_path)
    if whose == "HOME":
        settings = settings.rename(tmp_path / ".gitconfig")
        both(at, {"HOME": str(tmp_path), "GIT_CONFIG_GLOBAL": str(settings)})
    else:
        both(at, {whose: str(settings), "GIT_CONFIG_NOSYSTEM": "0"})


@pytest.mark.parametrize("where", ["server", "clone"])
def test_settings_and_attributes_of_a_repository_change_no_answer(
    served: Serve, tmp_path: Path, where: str
) -> None:
    at = served("landed")
    folder = at.bare if where == "server" else at.clone.folder / ".git"
    text = hostile(tmp_path).read_text()
    for own in (text[text.index("[codexa]") : text.index("[i18n]")], "	hooksPath = /nowhere\n"):
        text = text.replace(own, "")
    text = text.replace("[receive]\n	fsckObjects = false\n	shallowUpdate = true\n", "")

    def lie() -> None:
        with (folder / "config").open("a") as config:
            config.write(text)
        (folder / "info").mkdir(exist_ok=True)
        (folder / "info" / "attributes").write_text(ATTRIBUTES)

    both(at, {}, lie)


def test_hooks_of_who_pushes_do_not_stand_in_for_the_servers(served: Serve, tmp_path: Path) -> None:
    """A folder of hooks for all of one's clones is common, and would leave a server without any."""
    at = served("enforced")
    assert git(at.bare, "config", "--local", "core.hooksPath") == "hooks"
    moved = at.bare.rename(tmp_path / "moved.git")
    at.clone.git("remote", "set-url", "origin", str(moved))
    at.bare = moved
    at.clone.commit(EVIL, "evil")
    settings = tmp_path / "settings"
    settings.write_text("[core]\n\thooksPath = /nowhere\n")
    assert "L13" in at.tries("main", GIT_CONFIG_GLOBAL=str(settings)).err
    git(at.bare, "config", "--unset", "core.hooksPath")
    shown = at.clone.codexa("server", "status", str(at.bare))
    assert shown.status == 1
    assert "not set      core.hooksPath" in shown.out
    at.clone.git("reset", "-q", "--hard", "HEAD~1")
    at.clone.did("server", "install", str(at.bare))
    assert git(at.bare, "config", "--local", "core.hooksPath") == "hooks"


def test_a_folder_of_hooks_within_the_repository_is_kept(served: Serve) -> None:
    at = served("enforced")
    at.clone.did("server", "uninstall", str(at.bare))
    git(at.bare, "config", "core.hooksPath", "own")
    at.clone.did("server", "install", str(at.bare))
    assert git(at.bare, "config", "core.hooksPath") == "own"
    at.clone.commit(EVIL, "evil")
    assert "L13" in at.refuses("main")


def test_nothing_is_taken_into_a_namespace(served: Serve) -> None:
    """The refs told are judged, and others would move."""
    at = served("enforced")
    at.clone.commit(FREE, "free")
    before = at.refs()
    answer = at.tries("main", GIT_NAMESPACE="other")
    assert answer.status != 0
    assert "this push goes to a namespace of refs" in answer.err
    assert at.refs() == before
    at.takes("main")


def test_what_is_borrowed_is_judged_and_named(served: Serve, tmp_path: Path) -> None:
    """The evil commit lies with another repository already, and none of its objects is sent."""
    at = served("landed")
    git(tmp_path, "clone", "-q", "--bare", str(at.clone.folder), "lender.git")
    at.clone.git("switch", "-q", "-f", "main")
    at.clone.commit(EVIL, "evil")
    at.clone.git("push", "-q", "--no-verify", str(tmp_path / "lender.git"), "HEAD:refs/heads/evil")
    at.clone.git("reset", "-q", "--hard", "HEAD~1")
    lender = tmp_path / "lender.git" / "objects"
    (at.bare / "objects" / "info" / "alternates").write_text(f"# others\n{lender}\n")
    shown = at.clone.did("server", "status", str(at.bare))
    assert f"borrows      {lender}\n" in shown
    assert "# others" not in shown
    both(at, {})


def test_an_object_that_is_lent_under_a_wrong_id_is_not_believed(
    served: Serve, tmp_path: Path
) -> None:
    at = served("landed")
    git(tmp_path, "clone", "-q", "--bare", str(at.clone.folder), "lender.git")
    lender = tmp_path / "lender.git"
    packs = list((lender / "objects" / "pack").glob("*.pack"))
    for pack in packs:
        kept = pack.rename(tmp_path / pack.name)
        pack.with_suffix(".idx").unlink()
        git(lender, "unpack-objects", "-q", input=kept.read_bytes())
    oid = git(lender, "rev-parse", "main:audit/CH-001/commands.jsonl")
    place = lender / "objects" / oid[:2] / oid[2:]
    place.unlink()
    place.write_bytes(zlib.compress(b"blob 3\0{}\n"))
    (at.bare / "objects" / "info" / "alternates").write_text(f"{lender / 'objects'}\n")
    told = at.refuses("main")
    assert oid in told or oid[:12] in told, told


@pytest.mark.parametrize("how", ["--depth=1", "--filter=blob:none", "--shared", "--reference"])
def test_a_clone_that_lacks_something_pushes_like_any_other(
    served: Serve, tmp_path: Path, how: str
) -> None:
    at = served("enforced")
    git(at.bare, "config", "uploadpack.allowFilter", "true")
    words = [how, str(at.clone.folder)] if how == "--reference" else [how]
    url = str(at.bare) if how in ("--shared", "--reference") else f"file://{at.bare}"
    git(tmp_path, "clone", "-q", *words, url, "lacking")
    lacking = Served(Clone(tmp_path / "lacking"), at.bare)
    lacking.clone.commit(EVIL, "evil")
    assert "L13" in lacking.refuses("main")
    lacking.clone.git("reset", "-q", "--hard", "HEAD~1")
    lacking.clone.commit(FREE, "free")
    lacking.takes("main")


def in_place_of(clone: Clone, how: str, bad: str) -> None:
    """Git in this clone shows no bad commit: another is in its place, or it is nobody's parent."""
    if how == "replace":
        clone.git("replace", bad, f"{bad}~1")
    else:
        grafts = clone.folder / ".git" / "info" / "grafts"
        grafts.parent.mkdir(exist_ok=True)
        grafts.write_text(f"{clone.tip('main')} {clone.tip(f'{bad}~1')}\n")


@pytest.mark.parametrize("how", ["replace", "grafts"])
def test_what_a_pushers_clone_hides_is_seen_by_the_server(served: Serve, how: str) -> None:
    at = served("enforced")
    before = at.refs()
    bad = at.clone.commit(EVIL, "evil")
    at.clone.commit(FREE, "free")
    in_place_of(at.clone, how, bad)
    answer = at.tries("+main")
    assert answer.status != 0
    if how == "replace":
        assert f"{bad[:12]} is none" in answer.err
    assert at.refs() == before


def test_no_clone_cuts_the_servers_history_off(served: Serve, tmp_path: Path) -> None:
    """Whatever the settings of who pushes say of it."""
    at = served("enforced")
    at.clone.git("switch", "-q", "-c", "side")
    at.clone.commit({"a": "1\n"}, "one")
    at.clone.commit({"a": "2\n"}, "two")
    url = f"file://{at.clone.folder}"
    git(tmp_path, "clone", "-q", "--depth=1", "--branch=side", url, "cut")
    cut = Served(Clone(tmp_path / "cut"), at.bare)
    cut.clone.git("remote", "set-url", "origin", str(at.bare))
    settings = tmp_path / "settings"
    settings.write_text("[receive]\n\tshallowUpdate = true\n")
    before = at.refs()
    for environment in ({}, {"GIT_CONFIG_GLOBAL": str(settings)}):
        answer = cut.tries("side", **environment)
        assert "shallow update not allowed" in answer.err
    assert at.refs() == before
    assert not (at.bare / "shallow").exists()


SURROUNDED = (
    {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR", "LANGUAGE": "tr", "TZ": "Pacific/Chatham"},
    {"GIT_GRAFT_FILE": "/nowhere", "GIT_REPLACE_REF_BASE": "refs/evil/", "GIT_SHALLOW_FILE": "x"}
    | {"GIT_ALTERNATE_OBJECT_DIRECTORIES": "/nowhere", "GIT_NO_REPLACE_OBJECTS": "0"},
    {"GIT_EXTERNAL_DIFF": "false", "GIT_DIFF_OPTS": "-u0", "GIT_LITERAL_PATHSPECS": "x"}
    | {"GIT_ATTR_SOURCE": "HEAD", "GIT_ATTR_NOSYSTEM": "1", "GIT_DEFAULT_HASH": "sha256"},
    {"GIT_CONFIG_PARAMETERS": "'core.hooksPath'='/nowhere'"},
)


@pytest.mark.parametrize("environment", SURROUNDED, ids=lambda names: next(iter(names)))
def test_a_landing_is_the_same_in_every_surrounding(
    served: Serve, environment: dict[str, str]
) -> None:
    both(served("landed"), environment)
