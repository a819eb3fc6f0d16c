"""Orders of a few columns, a practice board, and what every proof here asks: is all there, once?

Fidelity of values is proved elsewhere; narrow tables keep hundreds of crashes and faults cheap.
"""

import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.config.load import load_configuration
from core.config.model import Configuration
from core.config.token import PRACTICE_TOKEN
from core.demo.testing import ITEMS_BOARD, SUBITEMS_BOARD, HurriedClock
from core.orders.database import connect
from core.orders.model import Selection
from core.resources import resource_path
from core.sandbox.options import SandboxOptions
from core.sandbox.plans import Plan
from core.sandbox.testing import RunningBoard, running_board
from core.sync.control import RunControl
from core.sync.events import RunEvent
from core.sync.report import RunReport
from core.workspace import Workspace
from tests.prepared_files import copy_board, make_own_tables

PROFILE = "narrow"
EVERYTHING = Selection()
WIDE_LIMITS = Plan("wide", 100_000, 100_000, 100, 1_000_000_000)
CREATED = datetime(2026, 11, 22, 9, 0)  # noqa: DTZ001  the tables hold UTC without a zone

_metadata = sa.MetaData()


def _states() -> list[sa.Column[Any]]:
    return [
        sa.Column("sync_state", sa.String(20)),
        sa.Column("action_type", sa.String(20)),
        sa.Column("sync_attempted_at", sa.DateTime),
        sa.Column("sync_completed_at", sa.DateTime),
        sa.Column("sync_error_message", sa.Text),
        sa.Column("retry_count", sa.Integer),
        sa.Column("created_at", sa.DateTime),
        sa.Column("updated_at", sa.DateTime),
    ]


headers = sa.Table(
    "ORDER_LIST_DELTA",
    _metadata,
    sa.Column("record_uuid", sa.String(36), primary_key=True),
    sa.Column("monday_item_id", sa.String(40)),
    sa.Column("CUSTOMER NAME", sa.String(100), index=True, key="customer"),
    sa.Column("AAG ORDER NUMBER", sa.String(100), key="number"),
    sa.Column("CUSTOMER ALT PO", sa.String(100), key="alternative"),
    *_states(),
)
lines = sa.Table(
    "ORDER_LIST_LINES_DELTA",
    _metadata,
    sa.Column("line_uuid", sa.String(36), primary_key=True),
    sa.Column("record_uuid", sa.String(36), index=True),
    sa.Column("size_code", sa.String(100)),
    sa.Column("qty", sa.Integer),
    sa.Column("monday_subitem_id", sa.String(40)),
    sa.Column("monday_parent_id", sa.String(40)),
    *_states(),
)

_CONFIGURATION = """
default_profile = "narrow"
[profiles.narrow]
kind = "development"
api_url = "{api_url}"
token_source = "{token_source}"
board_id = "{board}"
database_url = "{database_url}"
mapping = "narrow"
limits = {{ records_per_request = {records_per_request} }}
[mappings.narrow]
group_name = "{{CUSTOMER NAME}}"
item_name = "{{AAG ORDER NUMBER}}"
subitem_name = "{{size_code}}"
item_key_column = "record_uuid"
subitem_key_column = "line_uuid"
items = [
    {{ source = "record_uuid", column = "record_uuid", type = "text" }},
    {{ source = "CUSTOMER ALT PO", column = "text_customer_alt_po", type = "text" }},
]
subitems = [
    {{ source = "line_uuid", column = "line_uuid", type = "text" }},
    {{ source = "qty", column = "numeric_order_qty", type = "numbers" }},
]
"""


@dataclass(frozen=True)
class Difference:
    """Where board and tables are not as they must be in the end."""

    text: str
    may_pass: bool = False
    """Whether it may be so as long as the work is not done."""


@dataclass
class NarrowDesk:
    """Tables, board and the profile between them."""

    folder: Path
    board: RunningBoard
    engine: sa.Engine
    configuration_file: Path
    _made: int = field(default=0)

    @property
    def configuration(self) -> Configuration:
        """The configuration of the one profile."""
        return load_configuration(self.configuration_file)

    def add_orders(self, customer: str, orders: int, lines_each: int) -> list[str]:
        """Add new orders; returns their keys, in the order in which they will be sent."""
        keys = [str(uuid.uuid4()) for _ in range(orders)]
        common = {"action_type": "INSERT", "retry_count": 0}
        with self.engine.begin() as connection:
            connection.execute(
                sa.insert(headers),
                [
                    {
                        "record_uuid": key,
                        "customer": customer,
                        "number": f"{customer} {place}",
                        "alternative": "first",
                        "sync_state": "NEW",
                        "created_at": CREATED + timedelta(seconds=self._made + place),
                        **common,
                    }
                    for place, key in enumerate(keys)
                ],
            )
            connection.execute(
                sa.insert(lines),
                [
                    {
                        "line_uuid": str(uuid.uuid4()),
                        "record_uuid": key,
                        "size_code": f"S{size}",
                        "qty": size + 1,
                        "sync_state": "PENDING",
                        "created_at": CREATED,
                        **common,
                    }
                    for key in keys
                    for size in range(lines_each)
                ],
            )
        self._made += orders
        return keys

    def change(self, table: sa.Table, action: str, keys: Sequence[str], **values: Any) -> None:
        """Mark records as changed or cancelled since they were sent."""
        key = table.primary_key.columns.values()[0]
        with self.engine.begin() as connection:
            connection.execute(
                sa.update(table)
                .where(key.in_(keys))
                .values(sync_state="PENDING", action_type=action, **values)
            )

    def rows(self, table: sa.Table, customers: Sequence[str] | None = None) -> list[sa.RowMapping]:
        """A table's rows, all or those of some customers."""
        query = sa.select(table)
        if customers is not None:
            mine = sa.select(headers.c.record_uuid).where(headers.c.customer.in_(customers))
            query = query.where(table.c.record_uuid.in_(mine))
        with self.engine.connect() as connection:
            return list(connection.execute(query).mappings())

    def differences(self, customers: Sequence[str] | None = None) -> list[str]:
        """Everything lost, there twice, an orphan, or not as its row says; empty when all is right."""
        return [difference.text for difference in self._differences(customers)]

    def contradictions(self, customers: Sequence[str]) -> list[str]:
        """Of the differences those that may not be seen even while a run is under way, or after one died.

        What is there twice, or as an orphan; and what is not as its row says though the row is SYNCED.
        """
        return [difference.text for difference in self._differences(customers) if not difference.may_pass]

    def _differences(self, customers: Sequence[str] | None) -> Iterator[Difference]:
        orders, order_lines = self.rows(headers, customers), self.rows(lines, customers)
        items, subitems = self._on_board(customers)
        on_items, on_subitems = _by_key(items, "record_uuid"), _by_key(subitems, "line_uuid")
        yield from self._wrong_groups(orders)
        for row in orders:
            values = {"text_customer_alt_po": row["alternative"]}
            there = on_items.pop(row["record_uuid"], [])
            yield from _compare("order", row["number"], row, "monday_item_id", there, values)
        order_of = {row["record_uuid"]: row for row in orders}
        for row in order_lines:
            there = on_subitems.pop(row["line_uuid"], [])
            label = f"{row['record_uuid']} {row['size_code']}"
            order = order_of[row["record_uuid"]]
            if order["action_type"] == "DELETE":
                if there:
                    yield Difference(
                        f"line {label}: there without its order", order["sync_state"] != "SYNCED"
                    )
                continue
            values = {"numeric_order_qty": str(row["qty"])}
            yield from _compare("line", label, row, "monday_subitem_id", there, values)
            for one in there:
                if one["parent_id"] != order["monday_item_id"]:
                    yield Difference(f"line {label}: under the wrong item", order["monday_item_id"] is None)
        for key in (*on_items, *on_subitems):
            yield Difference(f"orphan on the board: {key}")

    def _on_board(self, customers: Sequence[str] | None) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Items and subitems, all or those of some customers."""
        if customers is None:
            return self.board.items(ITEMS_BOARD), self.board.items(SUBITEMS_BOARD)
        ours = {group["id"] for group in self.board.groups(ITEMS_BOARD) if group["title"] in customers}
        items = self.board.items(ITEMS_BOARD, ours)
        return items, [subitem for item in items for subitem in self.board.subitems(item["id"])]

    def _wrong_groups(self, orders: Iterable[sa.RowMapping]) -> Iterator[Difference]:
        titles = Counter(group["title"] for group in self.board.groups(ITEMS_BOARD))
        for customer in sorted({row["customer"] for row in orders}):
            if titles[customer] != 1:
                yield Difference(f"group {customer}: there {titles[customer]} times", titles[customer] == 0)


def _by_key(records: Iterable[Mapping[str, Any]], column: str) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for record in records:
        found.setdefault(str(record["column_values"].get(column)), []).append(record)
    return found


def _compare(
    kind: str,
    label: str,
    row: sa.RowMapping,
    id_column: str,
    there: Sequence[Mapping[str, Any]],
    values: Mapping[str, str],
) -> Iterator[Difference]:
    wanted = 0 if row["action_type"] == "DELETE" else 1
    is_open = row["sync_state"] != "SYNCED"
    if len(there) != wanted:
        text = f"{kind} {label}: there {len(there)} times instead of {wanted}"
        yield Difference(text, is_open and len(there) < 2)
    if is_open:
        yield Difference(f"{kind} {label}: state {row['sync_state']}: {row['sync_error_message']}", is_open)
    for one in there:
        if one["id"] != row[id_column]:
            text = f"{kind} {label}: the row names {row[id_column]}, the board {one['id']}"
            yield Difference(text, is_open and row[id_column] is None)
        for column, value in values.items():
            if one["column_values"].get(column) != value:
                found = one["column_values"].get(column)
                yield Difference(f"{kind} {label}: {column} is {found!r}, not {value!r}", is_open)


def write_desk(
    folder: Path,
    board: RunningBoard,
    *,
    database_url: str | None = None,
    token_source: str = "practice-board",
    records_per_request: int = 50,
) -> NarrowDesk:
    """A desk in `folder` before a board; its database is a new SQLite file unless an empty one is named."""
    if database_url is None:
        (folder / "orders.db").touch()
        database_url = f"sqlite:///{(folder / 'orders.db').as_posix()}"
    engine = connect(database_url)
    make_own_tables(engine)
    _metadata.create_all(engine)
    file = folder / "narrow.toml"
    text = _CONFIGURATION.format(
        api_url=board.url,
        token_source=token_source,
        board=ITEMS_BOARD,
        database_url=database_url.replace('"', '\\"'),
        records_per_request=records_per_request,
    )
    file.write_text(text, encoding="utf-8")
    return NarrowDesk(folder, board, engine, file)


@contextmanager
def narrow_desk(folder: Path, *, token: str = PRACTICE_TOKEN, **settings: Any) -> Iterator[NarrowDesk]:
    """A desk as `write_desk` makes it, with a served board that accepts `token`."""
    options = SandboxOptions(
        state=folder / "board.db",
        fixture=resource_path("boards", "orders.json"),
        token=token,
        limits=WIDE_LIMITS,
    )
    copy_board(options.state)
    with running_board(options) as board:
        desk = write_desk(folder, board, **settings)
        try:
            yield desk
        finally:
            desk.engine.dispose()


async def push(
    desk: NarrowDesk,
    clock: HurriedClock,
    selection: Selection = EVERYTHING,
    emit: Callable[[RunEvent], None] = lambda _event: None,
) -> RunReport:
    """Plan a selection and run it, as the command does."""
    workspace = await Workspace.open(desk.configuration, PROFILE, clock=clock)
    try:
        return await workspace.run(await workspace.plan(selection), RunControl(), emit)
    finally:
        await workspace.close()
