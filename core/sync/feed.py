"""What a run is fed with: its plan as a whole, or in portions that are planned when their turn comes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from core.errors import Problem
from core.orders.journal_rows import RunScope
from core.orders.outline import SelectedOrder
from core.sync.events import CustomerTotals
from core.sync.lookup import KeyColumns
from core.sync.plan import Plan


@dataclass(frozen=True, slots=True)
class RunHead:
    """What is known of a run from its beginning."""

    profile: str
    mapping_hash: str
    keys: KeyColumns
    customers: tuple[CustomerTotals, ...]
    """In the order of their turn."""
    orders: int
    lines: int
    """Those without a header included."""
    requests: int
    """Of a run in portions an estimate."""
    scope: RunScope
    plan_hash: str = ""
    """Empty for a run in portions: its plan comes to be while it goes on, its hash is known at the end."""
    settles: str | None = None
    left_alone: int = 0
    resumes: str | None = None
    undoes: str = ""
    calls_before: int = field(default=0, compare=False)
    """Calls that were made to look, before the plan and before the run."""

    @classmethod
    def of(cls, plan: Plan) -> "RunHead":
        """The head of a run of this very plan."""
        return cls(
            plan.profile,
            plan.mapping_hash,
            KeyColumns(plan.board_id, plan.subitems_board_id, plan.item_key_column, plan.subitem_key_column),
            tuple(
                CustomerTotals(b.customer, len(b.orders), b.line_count, len(b.requests)) for b in plan.batches
            ),
            plan.order_count,
            plan.line_count,
            sum(1 for _ in plan.requests),
            plan.scope,
            plan.hash,
            plan.settles,
            plan.left_alone,
            plan.selection.resumes,
            plan.undoes,
            plan.calls_before,
        )

    @property
    def board_id(self) -> str:
        """The items board."""
        return self.keys.items_board


@dataclass(frozen=True, slots=True)
class Portion:
    """A part of a run: planned, and claimed."""

    plan: Plan
    withheld: Mapping[str, Problem] = field(default_factory=dict)
    """Orders that the run must not touch, by key, and why."""
    gone: tuple[SelectedOrder, ...] = ()
    """Orders that were selected when the run began and are not in the plan, for they changed since."""
    previewed: bool = False
    """Whether somebody may have looked at the plan: nothing is sent unless all of it is still what it was
    then. Without it each request is looked at when its turn has come."""
    continued: str | None = None
    """The customer whose other orders come with the next portion; None where every customer is complete."""


class Feed(Protocol):
    """Gives a run its portions, one after the other. At most two of them are in memory."""

    @property
    def head(self) -> RunHead:
        """What is known from the beginning."""
        ...

    async def next(self) -> Portion | None:
        """The next portion, at least one; None after the last. Raises DeltaDeskError."""
        ...

    async def ended(self, portion: Portion) -> None:
        """Take note that every record of a portion has its outcome. Raises StoreError."""
        ...

    @property
    def rest(self) -> Sequence[SelectedOrder]:
        """The orders that no portion had yet."""
        ...


class WholePlan:
    """A plan that was made, and perhaps looked at, before its run: the feed with one portion."""

    rest: Sequence[SelectedOrder] = ()

    def __init__(
        self, plan: Plan, withheld: Mapping[str, Problem] | None = None, *, calls_since: int = 0
    ) -> None:
        """`calls_since` were made to look again, since it was planned."""
        self.head = replace(RunHead.of(plan), calls_before=plan.calls_before + calls_since)
        self._portion: Portion | None = Portion(plan, withheld or {}, previewed=True)

    async def next(self) -> Portion | None:
        """The plan, once."""
        portion, self._portion = self._portion, None
        return portion

    async def ended(self, portion: Portion) -> None:
        """Nothing is to be done: whoever made the plan has its claims."""
