"""What resolvers know while one request runs: the GraphQL context."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from core.sandbox.bulk_jobs import BulkJobs, JobFault
from core.sandbox.clock import Clock, iso
from core.sandbox.cursors import Cursors
from core.sandbox.errors import FieldError, board_not_found, not_found
from core.sandbox.plans import Plan
from core.sandbox.state import Store
from core.sandbox.structure import Account, Board, Item


@dataclass
class ComplexityReading:
    """The minute's complexity budget around one request, in points."""

    query: int = 0
    before: int = 0
    reset_in_x_seconds: int = 60

    @property
    def after(self) -> int:
        """What is left once the request is paid."""
        return max(0, self.before - self.query)


def no_fault(_field: str, _alias: str) -> FieldError | None:
    """Let every field pass."""
    return None


def no_job_fault(_alias: str) -> JobFault:
    """Let a bulk import go its way."""
    return JobFault()


@dataclass
class Session:
    """One request's view of the account."""

    store: Store
    account: Account
    clock: Clock
    cursors: Cursors
    plan: Plan
    page_url: str  # where a person sees the boards
    api_version: str
    jobs: BulkJobs
    subitems_per_item: int
    calls_today: float = 0.0  # of the plan's calls a day, this request included
    complexity: ComplexityReading = field(default_factory=ComplexityReading)
    index_lag_seconds: float = 0.0
    field_fault: Callable[[str, str], FieldError | None] = no_fault  # by field name and alias
    job_fault: Callable[[str], JobFault] = no_job_fault  # by alias of `ingest_items`

    @property
    def now(self) -> str:
        """The present moment as the API writes it."""
        return iso(self.clock.now())

    def board(self, board_id: object) -> Board:
        """Return an existing board. Raises FieldError."""
        board = self.store.board(board_id)
        if board is None or board.state == "deleted":
            raise board_not_found(board_id)
        return board

    def item(self, item_id: object) -> Item:
        """Return an active item or subitem. Raises FieldError."""
        item = self.store.item(item_id)
        if item is None or item.state != "active":
            raise not_found("item", item_id)
        return item

    def is_indexed(self, item: Item) -> bool:
        """Return whether the search index knows the item by now."""
        if not self.index_lag_seconds:
            return True
        created = datetime.fromisoformat(item.created_at)
        return self.clock.now() - created >= timedelta(seconds=self.index_lag_seconds)
