"""How the orders on the page stand while a run is under way, told from its events alone. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from core.orders.model import OrderRow
from core.sync.events import RecordEnded
from core.sync.outcome import Outcome
from core.sync.plan import OperationKind, TargetKind
from gui.widgets.states import State


@dataclass(frozen=True, slots=True)
class LiveState:
    """What is shown of an order in place of what the database said before the run."""

    state: State
    message: str
    item_id: str | None


@dataclass(slots=True)
class _Progress:
    item: Outcome | None = None
    item_id: str | None = None
    lines: dict[str, Outcome] = field(default_factory=dict)
    message: str = ""
    undone: bool = False
    """The item was archived to be made afresh."""

    @property
    def outcomes(self) -> AbstractSet[Outcome]:
        return {*self.lines.values(), *([self.item] if self.item else [])}


class LiveOrders:
    """Gathers how orders and their lines ended."""

    def __init__(self) -> None:
        self._orders: dict[str, _Progress] = {}
        self._failed: defaultdict[str, set[str]] = defaultdict(set)

    def take(self, events: Iterable[RecordEnded]) -> Mapping[str, AbstractSet[str]]:
        """Note how records ended and return the keys of the orders they touch, by customer."""
        touched: defaultdict[str, set[str]] = defaultdict(set)
        for event in events:
            order_key = event.key if event.target is TargetKind.ORDER else event.order_key
            if event.target is TargetKind.GROUP or not order_key or event.outcome is Outcome.NOT_STARTED:
                continue
            progress = self._orders.setdefault(order_key, _Progress())
            if event.target is TargetKind.ORDER:
                progress.item = event.outcome
                progress.item_id = event.board_id
                progress.undone = event.kind is OperationKind.UNDO_ITEM and event.outcome.synced
            else:
                progress.lines[event.key] = event.outcome
            if event.outcome in {Outcome.FAILED, Outcome.UNKNOWN}:
                progress.message = progress.message or event.message
                self._failed[event.customer].add(order_key)
            touched[event.customer].add(order_key)
        return touched

    def failed(self, customer: str) -> int:
        """Orders of a customer that failed, or whose outcome is unknown, since the rows were read."""
        return len(self._failed.get(customer, ()))

    def of(self, row: OrderRow) -> LiveState | None:
        """Return how an order stands by now; None where the run has not come to it or left it as it was."""
        progress = self._orders.get(row.key)
        if progress is None or progress.outcomes == {Outcome.SKIPPED}:
            return None
        state, message = self._standing(progress, row.lines)
        return LiveState(state, message, progress.item_id or row.item_id)

    def clear(self) -> None:
        """Forget everything: the rows were read again."""
        self._orders.clear()
        self._failed.clear()

    @staticmethod
    def _standing(progress: _Progress, line_count: int) -> tuple[State, str]:
        outcomes = progress.outcomes
        if Outcome.FAILED in outcomes:
            return State.FAILED, progress.message
        if Outcome.UNKNOWN in outcomes:
            return State.UNKNOWN, progress.message
        if progress.undone:
            return State.NEW, ""
        if progress.item is Outcome.ARCHIVED or len(progress.lines) >= line_count:
            return State.SYNCED, ""
        return State.SENDING, f"{len(progress.lines)} of {line_count} lines"
