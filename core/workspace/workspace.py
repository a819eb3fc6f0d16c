"""One open profile, wired in one place: store, journal, board, planner and engine.

Every method is awaitable and keeps the event loop free: databases and planning run in worker threads.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
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
    LoadedOrders,
    OrderDetail,
    OrderFilter,
    OrderRow,
    RecordKind,
    Selection,
    SyncState,
)
from core.orders.run_records import run_not_found
from core.orders.store import OrderStore
from core.prepare.import_summary import ImportSummary
from core.prepare.summary import PrepareSummary
from core.sync.control import RunControl
from core.sync.engine import Engine
from core.sync.events import RunEvent
from core.sync.plan import Plan
from core.sync.planner import PlanOptions, make_plan
from core.sync.ports import Clock, SendingLimits
from core.sync.reconcile import Reconciled, reconcile
from core.sync.report import RunReport, report_from_json
from core.workspace.board_desk import BoardDesk
from core.workspace.board_structure import client_for
from core.workspace.checks import CheckResult, attempt, board_checks
from core.workspace.claiming import claimed, forget_dead_neighbours, living_workers
from core.workspace.day_calls import CallsOfTheDay
from core.workspace.failures import FailureDetail, failure_detail
from core.workspace.mapping_desk import MappingDesk
from core.workspace.preparing import import_orders, prepare
from core.workspace.resuming import Resuming
from core.workspace.stores import open_store, worker_name
from core.workspace.undoing import Undoing

ALL_ORDERS = OrderFilter()
EVERYTHING = Selection()


class Workspace(MappingDesk, BoardDesk, Resuming, Undoing):
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

    # Plan and run

    async def plan(self, selection: Selection) -> Plan:
        """Read the board and the selected orders, and plan them. Raises BoardError or StoreError."""
        schema = await self.board(refresh=True)
        reconciled = await self.reconcile()
        loaded = await asyncio.to_thread(self._store.load, selection)
        left_alone = {operation.key for operation in reconciled.undecided}
        options = replace(PlanOptions.of(self.profile), day=await self._calls_of_the_day.read())
        kept = await asyncio.to_thread(_without, loaded, left_alone)
        return await asyncio.to_thread(
            make_plan,
            kept,
            schema,
            options,
            selection=selection,
            left_alone=_records(loaded) - _records(kept),
        )

    async def reconcile(self) -> Reconciled:
        """Ask the board what became of requests that a crash or a lost answer left open."""
        unresolved = await asyncio.to_thread(self._journal.unresolved, self.profile.board_id)
        if await self.reconcile_undos(unresolved):
            unresolved = await asyncio.to_thread(self._journal.unresolved, self.profile.board_id)
        if not unresolved:
            return Reconciled()
        mapping = self.profile.mapping_set
        return await reconcile(
            unresolved,
            await self.board(),
            {
                RecordKind.ORDER: mapping.item_key_column,
                RecordKind.LINE: mapping.subitem_key_column,
            },
            self._client,
            self._journal,
            self.clock,
            alive=await asyncio.to_thread(living_workers, self._store),
        )

    async def run(
        self,
        plan: Plan,
        control: RunControl,
        emit: Callable[[RunEvent], None],
        *,
        dry_run: bool = False,
    ) -> RunReport:
        """Carry out a plan, each order claimed first. Raises StoreError when it cannot be journalled."""
        if plan.undoes and not dry_run:
            plan = await self.begin_undo(plan)
        limits = self.profile.limits
        engine = Engine(
            self._client,
            self._journal,
            self.governor,
            self.clock,
            limits=SendingLimits(
                limits.attempts, limits.retry_total_seconds, search_lag_seconds=limits.search_lag_seconds
            ),
        )
        unresolved = await self._left_in_error(plan)
        mapping = await self._mapping_name(plan.mapping_hash)
        if dry_run:
            return await engine.run(plan, control, emit, dry_run=True, unresolved=unresolved, mapping=mapping)
        await self.keep_account(plan.settles)
        lease = timedelta(seconds=limits.claim_seconds)
        async with claimed(self._store, plan, worker_name(), lease, control) as withheld:
            return await engine.run(
                plan, control, emit, unresolved=unresolved, withheld=withheld, mapping=mapping
            )

    async def share(
        self,
        control: RunControl,
        emit: Callable[[RunEvent], None],
        *,
        size: int = 100,
        selection: Selection = EVERYTHING,
    ) -> Sequence[RunReport]:
        """Take the selected orders from the queue portion by portion and leave the rest to other workers.

        Ends when nothing is left of them that this worker has not tried; one report for each portion. Raises
        as `plan` and `run` do.
        """
        # Only the whole of a resumption settles the interrupted run, not its first portion.
        resumed = selection.resumes
        await self.keep_account(resumed)
        selection = replace(selection, limit=None, unclaimed=True, resumes=None)
        tried: set[str] = set()
        reports: list[RunReport] = []
        while not control.stopping:
            await asyncio.to_thread(forget_dead_neighbours, self._store)
            # What was tried and is pending still stands in front of the queue: it must not hide the rest.
            wanted = replace(selection, limit=size + len(tried))
            loaded = await asyncio.to_thread(self._store.load, wanted)
            keys = [order.key for order in loaded.orders if order.key not in tried][:size]
            if not keys:
                break
            plan = await self.plan(replace(selection, customers=None, order_keys=tuple(keys)))
            tried.update(keys)
            reports.append(await self.run(plan, control, emit))
            if reports[-1].stopped is not None:  # it would stop the next portion too
                return reports
        if resumed and reports and not control.stopping:
            await self.settle_run(resumed, reports[-1].run_id)
        return reports

    async def _left_in_error(self, plan: Plan) -> int:
        """Records of the plan's customers that stay in ERROR because it does not select them."""
        if plan.selection.order_keys is not None:
            return 0
        in_error = {record.key for record in await self.failed_records(plan.selection.customers)}
        return await asyncio.to_thread(_count_left_out, in_error, plan) if in_error else 0

    async def recent_reports(self, limit: int = 50) -> Sequence[RunReport]:
        """Reports of finished runs, newest first."""
        return [report_from_json(data) for data in await asyncio.to_thread(self._journal.reports, limit)]

    async def report(self, run_id: str) -> RunReport:
        """The report of one run, by its id or the beginning of it. Raises ConfigurationError."""
        found = await asyncio.to_thread(self._journal.reports, 2, run_id)
        if len(found) != 1:
            raise run_not_found(run_id, several=bool(found))
        return report_from_json(found[0])

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


def _count_left_out(keys: set[str], plan: Plan) -> int:
    planned = {line.key for line in plan.orphans}
    for batch in plan.batches:
        for order in batch.orders:
            planned.add(order.key)
            planned.update(line.key for line in order.lines)
    return len(keys - planned)


def _records(loaded: LoadedOrders) -> int:
    return len(loaded.orders) + len(loaded.orphans)


def _without(loaded: LoadedOrders, keys: set[str]) -> LoadedOrders:
    """Leave out records whose outcome nobody can tell: sending them again might make them twice."""
    if not keys:
        return loaded
    return LoadedOrders(
        tuple(
            order
            for order in loaded.orders
            if order.key not in keys and not any(line.key in keys for line in order.lines)
        ),
        tuple(line for line in loaded.orphans if line.key not in keys),
    )
