"""The outline of a selection names what loading it would bring."""

import pytest
import sqlalchemy as sa

from benchmarks.many_orders import open_desk, write_orders
from core.demo.data_schema import LINES_TABLE
from core.orders.model import PENDING_STATES, Selection, SyncState
from core.orders.outline import SelectedOrder


@pytest.fixture
def orders(make_orders):
    """Orders of three customers in several states, with open and synced lines."""
    headers = [
        {"record_uuid": "a", "sync_state": "NEW", "CUSTOMER NAME": "Acme"},
        {"record_uuid": "b", "sync_state": "ERROR", "CUSTOMER NAME": "Bolt"},
        {"record_uuid": "c", "sync_state": "SYNCED", "CUSTOMER NAME": "Bolt"},
        {"record_uuid": "d", "sync_state": "HELD", "CUSTOMER NAME": "Acme"},
        {"record_uuid": "e", "sync_state": "PENDING", "CUSTOMER NAME": None},
    ]
    states = {
        "a": ("PENDING", "SYNCED", "ERROR"),
        "b": ("ERROR", "PENDING"),
        "c": ("PENDING",),
        "d": ("PENDING",),
    }
    lines = [
        {"line_uuid": f"{key}{number}", "record_uuid": key, "sync_state": state}
        for key, of_order in states.items()
        for number, state in enumerate(of_order)
    ]
    return make_orders(headers, lines)


@pytest.mark.parametrize(
    "selection",
    [
        Selection(),
        Selection(states=(SyncState.ERROR,)),
        Selection(states=(SyncState.ERROR, *PENDING_STATES)),
        Selection(customers=("Bolt", "")),
        Selection(order_keys=("e", "c", "b0")),
        Selection(limit=2),
    ],
)
def test_it_has_each_order_that_is_loaded_in_the_same_order_with_the_number_of_its_lines(orders, selection):
    loaded = orders.store.load(selection).orders
    assert loaded
    assert orders.store.selected_orders(selection) == [
        SelectedOrder(order.key, order.customer, len(order.lines)) for order in loaded
    ]


def test_it_is_empty_where_nothing_is_selected(orders):
    assert orders.store.selected_orders(Selection(order_keys=())) == []


@pytest.mark.parametrize("read", ["selected_orders", "load"])
def test_lines_are_found_by_their_orders_not_among_all_that_wait(tmp_path, read):
    """By the index over states each portion of a large selection would read all pending lines again."""
    write_orders(tmp_path / "orders.db", 50)
    store = open_desk(tmp_path / "orders.db").store
    plans: list[str] = []

    @sa.event.listens_for(store.engine, "after_cursor_execute")
    def _explain(_connection, cursor, statement, values, *_rest):
        if f'FROM "{LINES_TABLE}"' in statement and "EXISTS" not in statement:
            plan = cursor.connection.execute(f"EXPLAIN QUERY PLAN {statement}", values)
            plans.extend(row[-1] for row in plan)

    getattr(store, read)(Selection())
    store.engine.dispose()
    assert any("record_uuid" in plan for plan in plans)
    assert not any("sync_state" in plan for plan in plans)
