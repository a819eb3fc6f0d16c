"""One open profile, wired in one place: store, journal, board, planner and engine.

Every method is awaitable and keeps the event loop free: databases and planning run in worker threads.
"""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

from core.clock import SystemClock
from core.config.load import profile_of, read_text
from core.config.model import Configuration, Profile
from core.config.token import find_token
from core.monday.board import BoardSchema
from core.monday.client import MondayClient
from core.monday.limits import Governor
from core.orders.journal import Journal
from core.orders.model import (
    PENDING_STATES,
    CustomerSummary,
    FailedRecord,
    OrderDetail,
    OrderFilter,
    OrderRow,
    RecordKind,
    SyncState,
)
from core.orders.run_records import run_not_found
from core.orders.store import OrderStore
from core.prepare.import_summary import ImportSummary
from core.prepare.summary import PrepareSummary
from core.sync.ports import Clock
from core.sync.report import RunReport, report_from_json
from core.workspace.board_desk import BoardDesk
from core.workspace.board_structure import client_for
from core.workspace.checks import CheckResult, attempt, board_checks
from core.workspace.day_calls import CallsOfTheDay
from core.workspace.failures import FailureDetail, failure_detail
from core.workspace.mapping_desk import MappingDesk
from core.workspace.preparing import import_orders, prepare
from core.workspace.running import Running
from core.workspace.stores import open_store, worker_name

ALL_ORDERS = OrderFilter()


class Workspace(MappingDesk, BoardDesk, Running):
    """One open profile."""

    def __init__(
        self,
        configuration: Configuration,
        profile: Profile,
        store: OrderStore,
        client: MondayClient,
        configuration_text: str,
        clock: Clock,
        *,
        token_origin: str = "",
    ) -> None:
        """Use `open`."""
        self.configuration = configuration
        self.profile = profile
        self.clock = clock
        limits = profile.limits
        self.governor = Governor(
            self.clock, writers_per_board=limits.writers_per_board, share=limits.budget_share
        )
        self._store = store
        self._client = client
        self._calls_of_the_day = CallsOfTheDay(client, self.governor, clock)
        # The first request should fit an account of any size: what is read before it tells what there is.
        client.on_reading = lambda budgets, complexity, seconds: self.governor.observe(
            budgets, complexity, clock.monotonic() - seconds
        )
        self._token_origin = token_origin
        self._text = configuration_text
        self._journal = Journal(store, worker_name())
        self._schema: BoardSchema | None = None

    @classmethod
    async def open(
        cls,
        configuration: Configuration,
        profile_name: str | None = None,
        *,
        api_url: str | None = None,
        clock: Clock | None = None,
    ) -> "Workspace":
        """Open the database and the API of a profile; `api_url` stands in for the profile's own.

        Raises ConfigurationError or StoreError; nothing stays open then. The board is first asked when it is
        needed.
        """
        profile = profile_of(configuration, profile_name)
        text = await asyncio.to_thread(read_text, Path(configuration.path))
        store = await asyncio.to_thread(open_store, profile, text, configuration.path)
        try:
            found = await asyncio.to_thread(find_token, profile.token_sources)
            client = await asyncio.to_thread(client_for, profile, found.token, api_url)
        except BaseException:
            store.engine.dispose()
            raise
        return cls(
            configuration, profile, store, client, text, clock or SystemClock(), token_origin=found.origin
        )

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()
        await asyncio.to_thread(self._store.engine.dispose)

    # Orders

    async def customers(self, wanted: OrderFilter = ALL_ORDERS) -> Sequence[CustomerSummary]:
        """Every customer with matching orders, by name."""
        return await asyncio.to_thread(self._store.customers, wanted)

    async def order_count(self, wanted: OrderFilter = ALL_ORDERS) -> int:
        """How many orders match; cheap beside `customers`."""
        return await asyncio.to_thread(self._store.order_count, wanted)

    async def order_rows(
        self, customer: str, wanted: OrderFilter = ALL_ORDERS, *, offset: int = 0, limit: int = 200
    ) -> Sequence[OrderRow]:
        """A page of one customer's orders, oldest first."""
        return await asyncio.to_thread(self._store.order_rows, customer, wanted, offset, limit)

    async def order_detail(self, key: str) -> OrderDetail:
        """Everything about one order. Raises ConfigurationError when it is gone."""
        return await asyncio.to_thread(self._store.order_detail, key)

    async def hold(self, keys: Sequence[str]) -> None:
        """Keep orders from being sent until they are released."""
        before = (*PENDING_STATES, SyncState.ERROR)
        await asyncio.to_thread(self._store.set_state, keys, before, SyncState.HELD)

    async def release(self, keys: Sequence[str]) -> None:
        """Let held orders be sent again."""
        await asyncio.to_thread(self._store.set_state, keys, (SyncState.HELD,), SyncState.NEW)

    # Failures

    async def failed_records(self, customers: Sequence[str] | None = None) -> Sequence[FailedRecord]:
        """Every order and line in ERROR, lines without a header last."""
        return await asyncio.to_thread(self._store.failed, customers)

    async def finding_codes(self) -> dict[tuple[str, str], str]:
        """(record kind, key) -> rule, of every record that the application put into ERROR."""
        return await asyncio.to_thread(self._journal.finding_codes)

    async def failure_detail(self, record: FailedRecord) -> FailureDetail:
        """Why one record failed. Raises ConfigurationError when it is gone."""
        return await asyncio.to_thread(failure_detail, self._store, self._journal, record)

    async def edit_value(self, kind: RecordKind, key: str, column: str, value: str) -> None:
        """Correct one value of a record in the delta table; who changed what is kept."""
        now = self.clock.now()
        await asyncio.to_thread(self._store.edit_value, kind, key, column, value, now)

    # Board

    async def board(self, *, refresh: bool = False) -> BoardSchema:
        """The board's structure, read once and kept. Raises BoardError."""
        if self._schema is None or refresh:
            self._schema = await self._client.board_schema(self.profile.board_id)
            self._required = None
        return self._schema

    async def group_contents(self, title: str) -> tuple[int, int]:
        """How many items and subitems the board holds in a group, asked now. Raises BoardError."""
        group = (await self.board(refresh=True)).items.group(title)
        if group is None:
            return 0, 0
        return await self._client.group_contents(self.profile.board_id, group.id)

    def source_columns(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """All columns of the headers table, and of the lines table."""
        return self._store.tables.header_columns, self._store.tables.line_columns

    # Orders in

    async def import_orders(
        self, path: Path, *, append: bool = False, progress: Callable[[int], None] | None = None
    ) -> ImportSummary:
        """Load a CSV or Excel order list into the staging table, in place of what it held or after it.

        `progress` gets the number of rows read. Cancelled, it takes everything back. Raises
        ConfigurationError or StoreError, nothing changed.
        """
        return await import_orders(self._store.engine, self.profile, path, append=append, progress=progress)

    async def prepare(self, *, dry_run: bool = False) -> PrepareSummary:
        """Bring new, changed and cancelled orders from the staging table into the delta tables.

        A dry run counts and takes everything back. Raises ConfigurationError or StoreError, nothing changed.
        """
        folder = Path(self.configuration.path).parent
        return await asyncio.to_thread(prepare, self._store.engine, self.profile, folder, dry_run=dry_run)

    # Reports

    async def recent_reports(self, limit: int = 50) -> Sequence[RunReport]:
        """Reports of finished runs, newest first, with what was undone of them since. Raises StoreError."""
        found = await asyncio.to_thread(self._journal.reports, limit)
        return await self.with_undos([report_from_json(data) for data in found])

    async def report(self, run_id: str) -> RunReport:
        """The report of one run, by its id or the beginning of it, with what was undone of it since.

        Raises ConfigurationError, or StoreError.
        """
        found = await asyncio.to_thread(self._journal.reports, 2, run_id)
        if len(found) != 1:
            raise run_not_found(run_id, several=bool(found))
        (report,) = await self.with_undos([report_from_json(found[0])])
        return report

    # Check

    async def check(self) -> tuple[CheckResult, ...]:
        """Look at database, token, board, columns and permissions."""
        results = [await attempt("database", self._check_database)]
        board = await attempt("api", self._check_api)
        results.append(board)
        if board.ok:
            findings = await self.check_configuration()
            results.extend(board_checks(await self.board(), self.profile.mapping_set, findings))
        return tuple(results)

    async def _check_database(self) -> str:
        customers = await self.customers()
        return f"{sum(c.orders for c in customers)} orders of {len(customers)} customers"

    async def _check_api(self) -> str:
        schema = await self.board(refresh=True)
        return (
            f"token{f' from {self._token_origin}' if self._token_origin else ''} accepted, "
            f"user {schema.user or 'unnamed'}, account {schema.account or 'unnamed'}"
        )
