"""Orders, plans and desks for the tests of the engine."""

from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from core.config.model import ColumnMapping, MappingSet
from core.demo.data import create_orders_database
from core.demo.testing import DemoDesk, demo_desk
from core.monday.board import Board, BoardSchema, Column, Group
from core.orders.model import ActionType, LoadedOrders, Order, OrderLine, SyncState
from core.sync.plan import Plan
from core.sync.planner import PlanOptions, make_plan

SIZES = {"labels": [{"id": 1, "label": "S"}, {"id": 2, "label": "M"}, {"id": 3, "label": "L"}]}
MAPPING = MappingSet(
    group_name="{CUSTOMER}",
    item_name="{STYLE} {NUMBER}",
    subitem_name="{size_code}",
    item_key_column="key",
    subitem_key_column="key",
    items=(
        ColumnMapping(source="record_uuid", column="key", type="text", required=True),
        ColumnMapping(source="STYLE", column="style", type="dropdown", on_unknown_label="create"),
        ColumnMapping(source="DUE", column="due", type="date"),
    ),
    subitems=(
        ColumnMapping(source="line_uuid", column="key", type="text", required=True),
        ColumnMapping(source="size_code", column="size", type="dropdown", required=True),
        ColumnMapping(source="qty", column="quantity", type="numbers"),
    ),
)
SCHEMA = BoardSchema(
    Board(
        "100",
        "Orders",
        (
            Column("key", "Key", "text"),
            Column("style", "Style", "dropdown", {"labels": [{"id": 1, "label": "POLO"}]}),
            Column("due", "Due", "date"),
        ),
        (Group("known_group", "KNOWN"),),
    ),
    Board(
        "200",
        "Subitems of Orders",
        (
            Column("key", "Key", "text"),
            Column("size", "Size", "dropdown", SIZES),
            Column("quantity", "Quantity", "numbers"),
        ),
    ),
)

MakeOrder = Callable[..., Order]
MakeLine = Callable[..., OrderLine]
MakePlan = Callable[..., Plan]


@pytest.fixture
def schema() -> BoardSchema:
    """An items board with one group, and its subitems board."""
    return SCHEMA


@pytest.fixture
def mapping() -> MappingSet:
    """A mapping onto `schema`."""
    return MAPPING


@pytest.fixture
def make_line() -> MakeLine:
    """Make a valid line; a test names what it is about."""
    numbers = count(1)

    def make(order_key: str = "order-1", *, size: str = "S", **fields: Any) -> OrderLine:
        key = fields.pop("key", f"line-{next(numbers)}")
        values = {"line_uuid": key, "size_code": size, "qty": 12}
        defaults = {"state": SyncState.PENDING, "action": ActionType.INSERT}
        return OrderLine(key=key, order_key=order_key, values=values, **{**defaults, **fields})

    return make


@pytest.fixture
def make_order(make_line: MakeLine) -> MakeOrder:
    """Make a valid order; `lines` may be a number of valid lines."""
    numbers = count(1)

    def make(customer: str = "ACME", *, lines: int | tuple[OrderLine, ...] = 0, **fields: Any) -> Order:
        number = next(numbers)
        key = fields.pop("key", f"order-{number}")
        values = {
            "record_uuid": key,
            "CUSTOMER": customer,
            "STYLE": "POLO",
            "NUMBER": f"PO-{number:03}",
            "DUE": "2026-12-01",
            **fields.pop("values", {}),
        }
        if isinstance(lines, int):
            lines = tuple(make_line(key) for _ in range(lines))
        defaults = {"state": SyncState.NEW, "action": ActionType.INSERT}
        return Order(
            key=key,
            customer=customer,
            label=f"PO-{number:03}",
            values=values,
            lines=lines,
            **{**defaults, **fields},
        )

    return make


@pytest.fixture
def plan_of(schema: BoardSchema, mapping: MappingSet) -> MakePlan:
    """Plan the given orders."""

    def make(*orders: Order, orphans: tuple[OrderLine, ...] = (), **options: Any) -> Plan:
        board = options.pop("schema", schema)
        return make_plan(LoadedOrders(orders, orphans), board, PlanOptions("test", mapping, **options))

    return make


@pytest.fixture(scope="session")
def demo_orders_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's orders database, to be copied."""
    path = tmp_path_factory.mktemp("demo") / "orders.db"
    create_orders_database(path)
    return path


@pytest.fixture
def desk(tmp_path: Path, demo_orders_database: Path) -> Iterator[DemoDesk]:
    """Demo orders, a practice board and a profile that leads from one to the other."""
    with demo_desk(tmp_path, demo_orders_database) as made:
        yield made
