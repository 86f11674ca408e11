import pytest
from agents.conftest import LIMITS, Boxed

from codexa_git.agents.implementer import Recipe, RecipeKind, TaskRun, perform

PATCH = "--- /dev/null\n+++ b/made\n@@ -0,0 +1 @@\n+made\n"


def performed(boxed: Boxed, recipe: Recipe) -> TaskRun:
    return perform(
        recipe,
        tree=boxed.tree,
        home=boxed.home,
        environment=boxed.environment,
        limits=LIMITS,
        seed=7,
    )


def command(*run: str) -> Recipe:
    return Recipe(RecipeKind.COMMAND, run=run)


def test_commands_run_in_order_and_leave_their_work(boxed: Boxed) -> None:
    task = performed(boxed, command("sh -c 'printf %s $CODEXA_SEED > a'", "mv a b", "cat b"))

    assert (task.ok, task.reason) == (True, "")
    assert (boxed.tree / "b").read_text() == "7"
    assert task.output == b"$ sh -c 'printf %s $CODEXA_SEED > a'\n$ mv a b\n$ cat b\n7\n"


def test_the_first_command_that_fails_is_the_last(boxed: Boxed) -> None:
    task = performed(boxed, command("touch a", "false", "touch b"))

    assert (task.ok, task.reason) == (False, "'false' exited with 1")
    assert [run.command for run in task.commands] == ["touch a", "false"]
    assert [path.name for path in boxed.tree.iterdir()] == ["a"]


def test_a_patch_in_the_tree_is_applied(boxed: Boxed) -> None:
    (boxed.tree / "p.patch").write_text(PATCH)

    task = performed(boxed, Recipe(RecipeKind.PATCH, patch="p.patch"))

    assert task == TaskRun(ok=True, commands=(), output=b"patched made\n", reason="")
    assert (boxed.tree / "made").read_text() == "made\n"


@pytest.mark.parametrize(
    ("recipe", "reason"),
    [
        (command(), "the recipe names no command"),
        (command("echo 'open"), 'the command "echo \'open" cannot be split: No closing quotation'),
        (Recipe(RecipeKind.PATCH), "the recipe names no patch"),
        (Recipe(RecipeKind.PATCH, patch="none"), "the patch none is not in the tree"),
        (Recipe(RecipeKind.PATCH, patch="../x"), "'../x' is no path inside the tree"),
        (Recipe(RecipeKind.PATCH, patch="link"), "link cannot be read, or only through a link"),
        (Recipe(RecipeKind.PATCH, patch="bad"), "the patch changes no file"),
    ],
)
def test_a_recipe_that_cannot_be_done_is_a_reason(
    boxed: Boxed, recipe: Recipe, reason: str
) -> None:
    (boxed.tree / "link").symlink_to("/etc/passwd")
    (boxed.tree / "bad").write_text("")

    assert performed(boxed, recipe) == TaskRun(ok=False, commands=(), output=b"", reason=reason)
