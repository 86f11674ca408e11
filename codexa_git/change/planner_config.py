"""The documented schema of `planner_config.json`, as a pydantic model; imported only when asked."""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from codexa_git.audit.ids import is_task_id
from codexa_git.change.outline import refuse
from codexa_git.change.planner import (
    FORMAT,
    LARGEST_SEED,
    MOST_COMMANDS,
    MOST_TRIES,
    PATCH,
    Planner,
    Recipe,
    is_command,
    sorted_recipes,
)


def _task(name: str) -> str:
    if not is_task_id(name):
        raise ValueError("a recipe is named by its task, such as T-01")
    return name


def _command(text: str) -> str:
    if not is_command(text):
        raise ValueError("a command is one line of plain text")
    return text


def _patch(path: str) -> str:
    if not PATCH.fullmatch(path):
        raise ValueError("a patch lies in the change's folder: changes/CH-001/patches/T-01.patch")
    return path


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")


class CommandRecipe(_Strict):
    """A task that commands do, one after the other, in the box."""

    kind: Literal["command"]
    run: list[Annotated[str, AfterValidator(_command)]] = Field(
        description="The commands, in order; each is split as a shell would, and no shell runs.",
        min_length=1,
        max_length=MOST_COMMANDS,
    )


class PatchRecipe(_Strict):
    """A task that a declared patch does."""

    kind: Literal["patch"]
    patch: Annotated[str, AfterValidator(_patch)] = Field(
        description="The path of the patch, among the change's papers."
    )
    again: list[Annotated[str, AfterValidator(_patch)]] = Field(
        default_factory=list,
        description="What is applied when the task is sent back: one patch for each further time.",
    )


class PersonRecipe(_Strict):
    """A task that a person does, with an editor and `git commit`."""

    kind: Literal["person"]


AnyRecipe = Annotated[CommandRecipe | PatchRecipe | PersonRecipe, Field(discriminator="kind")]


class PlannerConfig(_Strict):
    """What a plan was made from: with the same brief and this file, the plan is the same bytes."""

    format: int = Field(
        description="The form of this file; 1 is the only one.", ge=FORMAT, le=FORMAT
    )
    seed: int = Field(
        description="The number that settles every choice between equals.", ge=0, le=LARGEST_SEED
    )
    planner: Literal["scripted"] = Field(description="Who made the plan: the seeded planner.")
    ordering: Literal["sha256"] = Field(
        description="How tasks that may be done next are ordered: by SHA-256 over seed and id."
    )
    recipes: dict[Annotated[str, AfterValidator(_task)], AnyRecipe] = Field(
        description="How each task is done, by its id."
    )
    tries: int = Field(
        default=3,
        description="How often Execute and Validate may go round; policy's number where left out.",
        ge=1,
        le=MOST_TRIES,
    )


def planner_of(value: object, path: str) -> Planner:
    """The configuration that a JSON value is, by the documented schema.

    Raises:
        PaperError: it departs from the schema; the sentence says where, and how.
    """
    try:
        config = PlannerConfig.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"]) or "the file"
        sentence = f"{place[:80]!a}: {first['msg'].removeprefix('Value error, ').lower()}"
        refuse(path, None, sentence, hint="the schema is documented in docs/reference")
    tries = config.tries if "tries" in config.model_fields_set else None
    recipes = sorted_recipes(_recipe(task, recipe) for task, recipe in config.recipes.items())
    return Planner(config.seed, config.planner, config.ordering, recipes, tries)


def _recipe(task: str, recipe: CommandRecipe | PatchRecipe | PersonRecipe) -> Recipe:
    match recipe:
        case CommandRecipe():
            return Recipe(task, recipe.kind, tuple(recipe.run))
        case PatchRecipe():
            return Recipe(task, recipe.kind, (), recipe.patch, tuple(recipe.again))
        case PersonRecipe():
            return Recipe(task, recipe.kind)
