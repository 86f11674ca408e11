"""`reference/lifecycle.md` and `reference/requirements.md`: the tables that gates are made of."""

import ast
import inspect
import sys
from collections.abc import Iterator
from types import FunctionType

from codexa_git.audit.words import ORDER, Gate, Stage
from codexa_git.change.stages import LIFECYCLE, Move
from codexa_git.change.state import notified
from codexa_git.gate.answers import Basis
from codexa_git.gate.case import Question
from codexa_git.gate.requirements import REQUIREMENTS
from codexa_git.gate.verdict import ALWAYS
from docs.writers.text import code, fenced, first_sentence, page, table

_MEANS = {
    Basis.PROVED: "a digest, a diff or a signature that anyone can compute again",
    Basis.ATTESTED: "the signed word of a principal whose role may say it",
    Basis.CLAIMED: "a record that nobody signed for; no landing rests on it",
}


def lifecycle() -> str:
    """The page of the lifecycle."""
    return page(
        "Lifecycle",
        "What can happen to a change as a whole. A handoff goes one stage on, and the tool writes"
        " it when the stage's [requirements](requirements.md) are met. A rework goes back to a"
        " stage and starts a new round there. What the table leaves empty is refused.",
        table(("in", *map(code, Move)), _moves()),
        fenced("\n".join(_diagram()), "mermaid"),
        "Cleanup is left by landing. `abandon` ends a change in any stage.",
        "## Who is told",
        "A handoff into a stage names whom it notifies. Three stages are left only with a signed"
        " approval, unless [policy](policy.md) does not ask for it.",
        table(("stage", "a handoff into it notifies", "is left with the approval"), _people()),
    )


def _moves() -> Iterator[tuple[str, ...]]:
    for stage in ORDER:
        yield (code(stage), *(code(LIFECYCLE.get((stage, move), "")) for move in Move))


def _diagram() -> Iterator[str]:
    yield "stateDiagram-v2"
    yield f"    [*] --> {ORDER[0]}: open"
    for (stage, move), target in LIFECYCLE.items():
        if move is Move.HANDOFF:
            yield f"    {stage} --> {target}: handoff"
    for (stage, move), target in LIFECYCLE.items():
        if move is not Move.HANDOFF and stage is not target:
            yield f"    {stage} --> {target}: rework"
    yield f"    {ORDER[-1]} --> [*]: land"


def _people() -> Iterator[tuple[str, ...]]:
    for stage in ORDER:
        gates = [code(gate) for gate in Gate if gate.stage is stage]
        yield code(stage), ", ".join(map(code, notified(stage))), ", ".join(gates)


def requirements() -> str:
    """The page of the requirements."""
    return page(
        "Requirements",
        "Every question that a verdict asks, in the order in which it is asked. `advance` asks"
        " through the present stage; `land` asks them all, of the landed bytes. A yes rests on",
        "\n".join(f"- **{basis}**: {_MEANS[basis]};" for basis in Basis)[:-1] + ".",
        "Where more than one is named, the answer says which. A question that cannot be answered,"
        " as when a record is malformed, is *undecided*, and that is no yes.",
        "## In any stage",
        _table(ALWAYS),
        *(part for stage in ORDER for part in _gate(stage)),
        "Policy may add requirements to Validate ([`gate.validate.require`](policy.md)): each is a"
        " command that the Tester runs, and a yes to it is attested.",
    )


def _gate(stage: Stage) -> tuple[str, str]:
    return f"## To leave {stage}", _table(REQUIREMENTS[stage])


def _table(questions: dict[str, Question]) -> str:
    rows = [(code(n), first_sentence(q), ", ".join(bases(q))) for n, q in questions.items()]
    return table(("requirement", "the rule", "its yes is"), rows)


def bases(question: Question) -> tuple[Basis, ...]:
    """What a yes to this question can rest on: read from every `yes(…)` that its code can reach.

    Raises:
        LookupError: its code never says yes, so this reading of it is out of date.
    """
    found = {basis for function in _reached(question) for basis in _said(function)}
    if not found:
        raise LookupError(f"{question!r} never says yes")
    return tuple(basis for basis in Basis if basis in found)


def _reached(question: object) -> Iterator[FunctionType]:
    """The function, and those of the gates that it may hand the answer over to."""
    waiting, seen = [question], set()
    while waiting:
        function = waiting.pop()
        if not isinstance(function, FunctionType) or function in seen:
            continue
        seen.add(function)
        yield function
        scope = vars(sys.modules[function.__module__])
        called = [call.func for call in _calls(function) if isinstance(call.func, ast.Name)]
        waiting += [f for name in called if _answers(f := scope.get(name.id))]


def _answers(function: object) -> bool:
    ours = getattr(function, "__module__", "").startswith("codexa_git.gate.")
    builder = getattr(function, "__module__", "") == "codexa_git.gate.answers"
    returns = getattr(function, "__annotations__", {}).get("return")
    return ours and not builder and getattr(returns, "__name__", "") in ("Answer", "Basis")


def _said(function: FunctionType) -> Iterator[Basis]:
    for call in _calls(function):
        if isinstance(call.func, ast.Name) and call.func.id == "yes" and len(call.args) == 1:
            yield Basis.PROVED
    for node in ast.walk(_tree(function)):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) == "Basis":
            yield Basis[node.attr]


def _calls(function: FunctionType) -> list[ast.Call]:
    return [node for node in ast.walk(_tree(function)) if isinstance(node, ast.Call)]


def _tree(function: FunctionType) -> ast.Module:
    return ast.parse(inspect.getsource(function))
