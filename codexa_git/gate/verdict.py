"""`evaluate`: the one function that says whether a change may leave its stages.

The command line, hooks, server, CI and `verify` all call it, with two trees. A verdict is a value
and lists every requirement: met or not, proved, attested or claimed, why, who can meet it, and how.
"""

from collections.abc import Callable
from functools import lru_cache, partial

from codexa_git.audit.words import ORDER, Stage
from codexa_git.errors import PaperError, RecordError
from codexa_git.gate import guarding, preceding
from codexa_git.gate.answers import Answer, Ask, Basis, no, undecided
from codexa_git.gate.case import Case, Question
from codexa_git.gate.context import Context
from codexa_git.policy.rules import Policy
from codexa_git.repository.store import Store
from codexa_git.values import NamedTuple

ALWAYS: dict[str, Question] = {
    "records-sound": guarding.records_sound,
    "not-abandoned": guarding.not_abandoned,
    "own-files-only": guarding.own_files_only,
    "paths-plain": guarding.paths_plain,
    "guarded-paths": guarding.guarded_paths,
    "no-gitlinks": guarding.no_gitlinks,
    "plan-before-product": preceding.plan_before_product,
    "listed-as-recorded": guarding.listed_as_recorded,
}
"""What is asked in any stage."""


class Verdict(NamedTuple):
    """What every requirement answered, through one stage's gate."""

    change: str
    through: Stage
    asks: tuple[Ask, ...]

    def of(self, stage: Stage | None) -> tuple[Ask, ...]:
        """The requirements of one stage's gate; of `None`, what is asked in any stage."""
        return tuple(ask for ask in self.asks if ask.stage is stage)

    def passes(self, stage: Stage | None) -> bool:
        """True where every requirement of that gate is met."""
        return all(ask.met for ask in self.of(stage))

    @property
    def yes(self) -> bool:
        """True where everything asked is met."""
        return all(ask.met for ask in self.asks)

    @property
    def lands(self) -> bool:
        """True where everything is met through Cleanup and nothing is merely claimed."""
        sure = all(ask.answer.basis is not Basis.CLAIMED for ask in self.asks)
        return self.through is Stage.CLEANUP and self.yes and sure

    @property
    def unmet(self) -> tuple[Ask, ...]:
        """What is not met, in the order asked."""
        return tuple(ask for ask in self.asks if not ask.met)

    @property
    def undecided(self) -> bool:
        """True where something could not be decided."""
        return any(ask.answer.met is None for ask in self.asks)

    @property
    def stage(self) -> Stage:
        """The first stage whose gate is not passed (`through` where all are)."""
        return next((s for s in ORDER if self.of(s) and not self.passes(s)), self.through)


def evaluate(
    policy: Policy,
    base_tree: str,
    tree: str,
    context: Context,
    *,
    store: Store,
    through: Stage = Stage.CLEANUP,
) -> Verdict:
    """What the gates answer for the change that `tree` carries beside `base_tree`.

    Pure: the same trees, policy and context give the same verdict, whoever asks.

    Raises:
        RefusedError: the trees carry no change, or more than one.
    """
    return judge(Case(store, policy, base_tree, tree, context), through)


def judge(case: Case, through: Stage = Stage.CLEANUP) -> Verdict:
    """The verdict on a case that is already at hand."""
    from codexa_git.gate import testing  # noqa: PLC0415
    from codexa_git.gate.requirements import REQUIREMENTS  # noqa: PLC0415

    asks = list(asked_always(case))
    for stage in ORDER[: through.number + 1]:
        asks += [_ask(name, stage, q, case) for name, q in REQUIREMENTS[stage].items()]
        asks += [
            _ask(requirement.name, stage, partial(testing.custom, requirement=requirement), case)
            for requirement in case.policy.requirements
            if requirement.stage is stage
        ]
    return Verdict(case.change, through, tuple(asks))


def asked_always(case: Case) -> tuple[Ask, ...]:
    """What is asked in any stage, and answered of this case; no stage's own gate is asked."""
    return tuple(_ask(name, None, question, case) for name, question in ALWAYS.items())


def _ask(name: str, stage: Stage | None, question: Question, case: Case) -> Ask:
    """The answer, asked once of a case: a case never changes, so neither does what it says."""
    # Two requirements may bear one name: what was asked is the question itself.
    asked = question.keywords["requirement"] if isinstance(question, partial) else question
    key = (stage, name, asked)
    if key not in case.asked:
        case.asked[key] = Ask(name, stage, _sentence(question), _answer(question, case))
    return case.asked[key]


def _sentence(question: Question) -> str:
    return _told(question.func if isinstance(question, partial) else question)


@lru_cache(maxsize=64)
def _told(question: Callable[..., Answer]) -> str:
    return (question.__doc__ or "").split("\n", 1)[0].rstrip(".")


def _answer(question: Question, case: Case) -> Answer:
    try:
        return question(case)
    except PaperError as error:
        edit, where = f"$EDITOR {error.path}", (error.path,)
        return no(error.message, command=edit, where=where, line=error.line)
    except RecordError as error:
        return undecided(error.message)
