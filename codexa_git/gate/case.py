"""A case: two trees, the policy and the context, and what a requirement wants to know of them.

Everything is derived from the two trees, each thing once and only when asked. Nothing is written,
no clock is read, and who asks makes no difference.
"""

from collections.abc import Callable
from functools import cached_property

from codexa_git.audit.canonical import digest
from codexa_git.audit.logger import read_records
from codexa_git.audit.record import Record
from codexa_git.audit.words import Gate, Stage
from codexa_git.change.blocks import without
from codexa_git.change.folding import fold
from codexa_git.change.pages import PAGES, skeleton
from codexa_git.change.paths import Kind, Places, kind_of
from codexa_git.change.state import State
from codexa_git.errors import PaperError, RecordError
from codexa_git.gate.answers import Answer, Ask
from codexa_git.gate.carried import change_between
from codexa_git.gate.context import Context
from codexa_git.gate.light import beyond
from codexa_git.gate.subjects import Subject, bound
from codexa_git.policy.rules import Policy
from codexa_git.repository.objects import Difference, Entry, Mode
from codexa_git.repository.reading import REGULAR
from codexa_git.repository.store import Store
from codexa_git.values import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from codexa_git.change.brief import Brief
    from codexa_git.change.plan import Plan
    from codexa_git.change.planner import Planner
    from codexa_git.change.results import Results

_T = TypeVar("_T")

Question = Callable[["Case"], Answer]
"""One requirement, as it is asked of a case."""


class Case:
    """One change as it stands in `tree`, beside the base's `base_tree`."""

    def __init__(
        self, store: Store, policy: Policy, base_tree: str, tree: str, context: Context
    ) -> None:
        self.store = store
        self.policy = policy
        self.base_tree = base_tree
        self.tree = tree
        self.context = context
        self.change = change_between(store, base_tree, tree)
        self.places = Places(self.change)
        self.asked: dict[tuple[Stage | None, str, object], Ask] = {}
        self.known: dict[tuple[object, ...], Any] = {}

    def once(self, key: tuple[object, ...], make: Callable[[], _T]) -> _T:
        """What `make` answers under this key: made once, for a case never changes."""
        if key not in self.known:
            self.known[key] = make()
        found: _T = self.known[key]
        return found

    def as_of(self, records: tuple[Record, ...]) -> "Case":
        """The same trees, told by these of its records alone."""
        case = Case(self.store, self.policy, self.base_tree, self.tree, self.context)
        case.__dict__["state"] = fold(self.change, records)
        return case

    @property
    def advance(self) -> str:
        """The command that lets the Implementer or the Tester go on.

        While observing no approval is trusted, so that running anything has to be asked for.
        """
        asked = " --unapproved" if self.context.root is None else ""
        return f"git codexa advance {self.change}{asked}"

    def read(self, path: str) -> bytes | None:
        """The content of a regular file of the change's tree; `None` where there is none."""
        return self.once(("read", path), lambda: self.store.read(self.tree, path))

    def digest_of(self, path: str) -> str | None:
        """The digest of what `read` answers; `None` where there is nothing."""
        content = self.read(path)
        return None if content is None else self.once(("digest", path), lambda: digest(content))

    @cached_property
    def state(self) -> State:
        """What the records add up to; raises `RecordError` where they are not sound."""
        return fold(self.change, read_records(self.read, self.change))

    @cached_property
    def record_ids(self) -> frozenset[str]:
        """The id of every record of the change."""
        return frozenset(record.id for record in self.state.records)

    @cached_property
    def evidence(self) -> dict[str, str]:
        """Every path that a record names by digest, as `State.evidence` says."""
        return self.state.evidence

    @cached_property
    def differences(self) -> tuple[Difference, ...]:
        """Every path that differs between the two trees."""
        return self.store.difference(self.base_tree, self.tree)

    @cached_property
    def kinds(self) -> dict[str, Kind]:
        """What each differing path is to this change."""
        return {d.path: self._kind(d) for d in self.differences}

    def _kind(self, difference: Difference) -> Kind:
        if difference.path in PAGES and self._only_block_differs(difference):
            return Kind.LISTED
        return kind_of(difference.path, self.change)

    def _only_block_differs(self, difference: Difference) -> bool:
        if difference.new is None or difference.new.mode != Mode.FILE:
            return False
        if difference.old is not None and difference.old.mode != Mode.FILE:
            return False
        return self.page_outside(difference.path) == self.base_page(difference.path)

    def base_page(self, path: str) -> bytes:
        """A shared page as the base has it; what a new one starts from where it has none."""
        found = self.store.read(self.base_tree, path)
        return skeleton(path) if found is None else found

    def page_outside(self, path: str) -> bytes | None:
        """A shared page without this change's block; `None` where that cannot be told."""
        return self.once(("outside", path), lambda: self._outside(path))

    def _outside(self, path: str) -> bytes | None:
        try:
            content = self.read(path)
            found = None if content is None else without(content, self.change)
        except PaperError:
            return None
        # The same bytes are one object: what is found out about the one is known of the other.
        base = self.base_page(path)
        return base if found == base else found

    def of_kind(self, *kinds: Kind) -> tuple[Difference, ...]:
        """The differing paths of these kinds."""
        return self.once(
            kinds, lambda: tuple(d for d in self.differences if self.kinds[d.path] in kinds)
        )

    @cached_property
    def beyond_light(self) -> str | None:
        """Why this is no light change: it is not marked so, or policy does not cover its work.

        `None` where it is one.
        """
        if self.state.light is None:
            return "it was not opened as a light change"
        return beyond(self.store, self.policy, self.scope(Gate.RESULTS))

    @property
    def is_light(self) -> bool:
        """True for a change that was opened as a light one and is one still."""
        return self.beyond_light is None

    @property
    def no_light(self) -> str:
        """Why a change that was opened as a light one is judged as any other, in a clause."""
        why = self.beyond_light or "its plan is not one that people do by hand alone"
        return f"no light change any more: {why}"

    @property
    def plan_waits(self) -> bool:
        """True where the plan is signed together with the package, and not before.

        Only in a light change that runs nothing: whatever a task would run, somebody signs first.
        """
        try:
            return self.is_light and all(r.kind == "person" for r in self.planner.recipes)
        except PaperError:
            return False

    @cached_property
    def tested_tree(self) -> str:
        """The id of the tree without this change's papers, listed files and page blocks."""
        return self.store.tree_id(self.tree, self._untested(), self.base_tree)

    def write_tested_tree(self) -> str:
        """The same tree, there to be written out."""
        outside = [self.page_outside(path) for path in PAGES]
        self.store.hold_blobs([content for content in outside if content is not None])
        return self.store.hold_tree(self.tree, self._untested())

    def _untested(self) -> dict[str, Entry | None]:
        put_back = self.of_kind(Kind.LISTED, Kind.PAPER)
        changes: dict[str, Entry | None] = {d.path: d.old for d in put_back}
        for difference in self.of_kind(Kind.PRODUCT):
            if difference.path in PAGES and difference.new is not None:
                changes[difference.path] = self._page_as_tested(difference.path, difference.new)
        return changes

    def _page_as_tested(self, path: str, entry: Entry) -> Entry:
        outside = self.page_outside(path)
        return entry if outside is None else Entry(entry.mode, self.store.blob_id(outside))

    @cached_property
    def brief(self) -> "Brief":
        """The brief; raises `PaperError` where it is missing or malformed."""
        from codexa_git.change.brief import parse_brief  # noqa: PLC0415

        return parse_brief(self._paper(self.places.brief), self.places.brief)

    @cached_property
    def plan(self) -> "Plan":
        """The plan; raises `PaperError` where it is missing or malformed."""
        from codexa_git.change.plan import parse_tasks  # noqa: PLC0415

        return parse_tasks(self._paper(self.places.tasks), self.places.tasks)

    @cached_property
    def planner(self) -> "Planner":
        """What the plan was made from; raises `PaperError` where it is missing or malformed."""
        from codexa_git.change.planner_file import parse_planner  # noqa: PLC0415

        return parse_planner(self._paper(self.places.planner), self.places.planner)

    def _paper(self, path: str) -> bytes:
        content = self.read(path)
        if content is None:
            raise PaperError(path, None, "not written yet")
        return content

    @cached_property
    def results(self) -> "Results | None":
        """The Tester's file; `None` where there is none. Whether it is signed is asked elsewhere.

        Raises:
            RecordError: it is malformed.
        """
        from codexa_git.change.results import parse_results  # noqa: PLC0415

        content = self.read(self.places.results)
        return None if content is None else parse_results(content, self.places.results)

    @cached_property
    def results_digest(self) -> str:
        """The digest of the results file, which its record's signature covers."""
        entry = self.store.entry(self.tree, self.places.results)
        if entry and entry.mode in REGULAR:
            return f"sha256:{self.store.sha256(entry.oid)}"
        return digest(b"")

    def scope(self, gate: Gate) -> tuple[Difference, ...]:
        """The differing paths that an approval of this gate covers.

        The plan: the papers of Frame and Spec, and the patches that its recipes apply. Results: the
        tested paths. The package: every path but the closed list. Of a shared page, what stands
        outside the change's own block, which is on that list.
        """
        match gate:
            case Gate.PLAN:
                papers = self.of_kind(Kind.PAPER)
                return tuple(d for d in papers if self.places.is_plan_paper(d.path))
            case Gate.RESULTS:
                return tuple(map(self._as_read, self.of_kind(Kind.PRODUCT)))
            case Gate.PACKAGE:
                return tuple(map(self._as_read, self.of_kind(Kind.PRODUCT, Kind.PAPER)))

    def _as_read(self, difference: Difference) -> Difference:
        path, new = difference.path, difference.new
        if path not in PAGES or new is None or (outside := self.page_outside(path)) is None:
            return difference
        held = Entry(new.mode, self.store.hold_blobs([outside])[0])
        return Difference(path, difference.old, held)

    def subject(self, gate: Gate) -> Subject:
        """What an approval of this gate would bind now."""
        paths = bound(self.store, self.scope(gate))
        if gate is not Gate.RESULTS:
            return Subject(paths)
        if self.results is None:
            raise RecordError(f"{self.places.results} is not written yet")
        return Subject(paths, self.results.pairs, self.results_named)

    @property
    def results_named(self) -> tuple[str, ...]:
        """The tests that an approval of the results names: each that failed, waived or not."""
        return () if self.results is None else self.results.failed
