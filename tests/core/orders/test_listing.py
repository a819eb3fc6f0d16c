"""What the Orders page lists."""

from datetime import UTC, datetime

import pytest

from core.demo.data import create_orders_database
from core.errors import ConfigurationError
from core.orders import schema
from core.orders.database import connect
from core.orders.model import ActionType, CustomerSummary, OrderFilter, Selection, SyncState
from core.orders.store import OrderStore

ALL = OrderFilter()


@pytest.fixture
def orders(make_orders):
    """Two customers: four orders of Bolt in four states, one of ACME without lines."""
    headers = [
        {"record_uuid": "o1", "CUSTOMER NAME": "Bolt", "PO NUMBER": "1", "monday_item_id": "77"},
        {"record_uuid": "o2", "CUSTOMER NAME": "Bolt", "sync_state": "PENDING"},
        {"record_uuid": "o3", "CUSTOMER NAME": "Bolt", "sync_state": "ERROR", "sync_error_message": "no"},
        {"record_uuid": "o4", "CUSTOMER NAME": "Bolt", "sync_state": "SYNCED", "action_type": "UPDATE"},
        {"record_uuid": "o5", "CUSTOMER NAME": "acme"},
    ]
    lines = [
        {"line_uuid": "l1", "record_uuid": "o1", "qty": 3},
        {"line_uuid": "l2", "record_uuid": "o1", "qty": 4},
        {"line_uuid": "l3", "record_uuid": "o3", "qty": None},
        {"line_uuid": "l4", "record_uuid": "gone", "qty": 9},
    ]
    return make_orders(headers, lines, more={"PO NUMBER": "TEXT"}, display=["PO NUMBER"])


def test_customers_are_counted_and_sorted_by_name_whatever_its_case(orders):
    assert orders.store.customers(ALL) == [
        CustomerSummary("acme", 1, 0, 0, 1, 0, datetime(2026, 11, 5, 9, tzinfo=UTC)),
        CustomerSummary("Bolt", 4, 3, 7, 2, 1, datetime(2026, 11, 1, 9, tzinfo=UTC)),
    ]


def test_a_filter_of_states_counts_only_their_orders_and_lines(orders):
    (bolt,) = orders.store.customers(OrderFilter(states=(SyncState.ERROR, SyncState.SYNCED)))
    assert (bolt.orders, bolt.lines, bolt.pieces, bolt.pending, bolt.failed) == (2, 1, 0, 0, 1)


def test_the_count_of_orders_is_that_of_all_customers(orders):
    assert orders.store.order_count(ALL) == 5
    assert orders.store.order_count(OrderFilter(states=(SyncState.ERROR, SyncState.SYNCED))) == 2


def test_orders_without_a_customer_are_one_customer_without_a_name(make_orders):
    store = make_orders(
        [{"record_uuid": "o1", "CUSTOMER NAME": None}, {"record_uuid": "o2", "CUSTOMER NAME": ""}]
    ).store
    (nobody,) = store.customers(ALL)
    assert (nobody.customer, nobody.orders) == ("", 2)
    assert [row.key for row in store.order_rows("", ALL, 0, 9)] == ["o1", "o2"]


def test_a_customer_that_is_spelt_in_two_ways_is_counted_whole_where_the_database_makes_them_one(make_orders):
    orders = make_orders(
        [{"record_uuid": "o1", "CUSTOMER NAME": "Bolt"}, {"record_uuid": "o2", "CUSTOMER NAME": "BOLT"}],
        [
            {"line_uuid": "l1", "record_uuid": "o2", "qty": 3},
            {"line_uuid": "l2", "record_uuid": "o2", "qty": 4},
        ],
    )
    found = [(each.orders, each.lines, each.pieces) for each in orders.store.customers(ALL)]
    assert sorted(found) == ([(1, 0, 0), (1, 2, 7)] if orders.on_sqlite else [(2, 2, 7)])
    rows = [
        row.key
        for each in orders.store.customers(ALL)
        for row in orders.store.order_rows(each.customer, ALL, 0, 9)
    ]
    assert sorted(rows) == ["o1", "o2"]


def test_an_order_without_a_moment_is_listed(make_orders):
    store = make_orders([{"record_uuid": "o1", "created_at": None}]).store
    assert store.customers(ALL)[0].oldest is None
    assert len(store.order_rows("ACME", ALL, 0, 9)) == 1


def test_orders_come_oldest_first_page_by_page(make_orders):
    headers = [
        {"record_uuid": f"o{number:02}", "created_at": f"2026-11-{28 - number:02} 09:00:00.000000"}
        for number in range(25)
    ]
    store = make_orders(headers).store
    pages = [[row.key for row in store.order_rows("ACME", ALL, offset, 10)] for offset in (0, 10, 20, 30)]
    assert [len(page) for page in pages] == [10, 10, 5, 0]
    assert [key for page in pages for key in page] == [f"o{number:02}" for number in range(24, -1, -1)]


def test_a_row_shows_label_cells_lines_pieces_state_action_item_and_error(orders):
    first, _, failed, synced = orders.store.order_rows("Bolt", ALL, 0, 9)
    assert (first.label, first.cells, first.lines, first.pieces) == ("AAG-o1", ("1",), 2, 7)
    assert (first.state, first.action, first.item_id) == (SyncState.NEW, ActionType.INSERT, "77")
    assert (failed.state, failed.error, failed.cells, failed.pieces) == (SyncState.ERROR, "no", ("",), 0)
    assert synced.action is ActionType.UPDATE


def test_an_order_without_a_label_is_named_by_its_key(make_orders):
    store = make_orders([{"record_uuid": "o1", "AAG ORDER NUMBER": None, "action_type": "???"}]).store
    (row,) = store.order_rows("ACME", ALL, 0, 9)
    assert (row.label, row.action) == ("order o1", ActionType.INSERT)


def test_rows_of_a_filter_are_those_of_its_states(orders):
    wanted = OrderFilter(states=(SyncState.NEW, SyncState.ERROR))
    assert [row.key for row in orders.store.order_rows("Bolt", wanted, 0, 9)] == ["o1", "o3"]


def test_a_detail_has_every_column_of_the_header_and_all_lines_whatever_their_state(make_orders):
    states = ("SYNCED", "ERROR", "PENDING", "HELD")
    lines = [
        {"line_uuid": f"l{place}", "record_uuid": "o1", "sync_state": state, "size_code": str(30 + place)}
        for place, state in enumerate(states)
    ]
    orders = make_orders([{"record_uuid": "o1", "UNMAPPED": "kept"}], lines)
    detail = orders.store.order_detail("o1")
    assert dict(detail.fields)["UNMAPPED"] == "kept"
    assert tuple(name for name, _ in detail.fields) == orders.store.tables.header_columns
    assert [line.state.value for line in detail.lines] == list(states)
    assert detail.row.lines == 4


def test_an_order_that_is_gone_is_told(orders):
    with pytest.raises(ConfigurationError) as caught:
        orders.store.order_detail("gone")
    assert (caught.value.problem.code, caught.value.problem.subject) == ("record_gone", "order gone")
    assert "F5" in caught.value.problem.remedy


def test_the_demo_lists_every_customer_with_the_orders_it_was_made_with(tmp_path, make_names):
    totals = create_orders_database(tmp_path / "demo.db")
    engine = connect(f"sqlite:///{tmp_path / 'demo.db'}")
    schema.upgrade(engine)
    store = OrderStore(
        engine,
        make_names("ORDER_LIST_DELTA", "ORDER_LIST_LINES_DELTA"),
        label=lambda row: str(row["AAG ORDER NUMBER"]),
        label_columns=["AAG ORDER NUMBER"],
        display_columns=["PO NUMBER", "∆"],
        header_columns=["EX WORKS (USD)", "RANGE / COLLECTION"],
        line_columns=["qty"],
        worker="desk:1",
    )
    listed = {each.customer: (each.orders, each.lines) for each in store.customers(ALL)}
    assert listed == dict(totals.customers)
    assert sum(len(store.order_rows(name, ALL, 0, 1000)) for name in listed) == totals.orders
    assert len(store.load(Selection()).orders) == totals.orders
    assert len(store.load(Selection()).orphans) == totals.lines - sum(
        each.lines for each in store.customers(ALL)
    )
    engine.dispose()
