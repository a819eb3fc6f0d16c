"""Which orders and lines a selection brings to a plan."""

import pytest

from core.orders.claims import Claims
from core.orders.model import ActionType, Selection, SyncState

RETRY = (SyncState.ERROR,)


def line(key: str, order: str | None, state: str = "PENDING", **more: object) -> dict[str, object]:
    return {"line_uuid": key, "record_uuid": order, "sync_state": state, **more}


def order(key: str, state: str = "NEW", **more: object) -> dict[str, object]:
    return {"record_uuid": key, "sync_state": state, **more}


def loaded(orders, **selection: object) -> dict[str, list[str]]:
    """Order key -> keys of its lines, in the order of the plan."""
    found = orders.store.load(Selection(**selection))
    return {each.key: sorted(line.key for line in each.lines) for each in found.orders}


def orphans(orders, **selection: object) -> list[str]:
    return [each.key for each in orders.store.load(Selection(**selection)).orphans]


@pytest.fixture
def orders(make_orders):
    """Orders in every state with lines in many states, and two lines without a header."""
    headers = [
        order("new"),
        order("pending", "PENDING", **{"CUSTOMER NAME": "Bolt"}),
        order("error", "ERROR", monday_item_id="7"),
        order("held", "HELD"),
        order("synced", "SYNCED"),
        order("changed", "SYNCED", **{"CUSTOMER NAME": "Bolt"}),
        order("odd", "???"),
    ]
    lines = [
        line("n1", "new"),
        line("n2", "new", "SYNCED"),
        line("p1", "pending", "NEW"),
        line("e1", "error", "ERROR"),
        line("e2", "error"),
        line("e3", "error", "SYNCED"),
        line("h1", "held"),
        line("s1", "synced", "SYNCED"),
        line("c1", "changed"),
        line("c2", "changed", "ERROR"),
        line("x1", "odd"),
        line("gone1", "gone"),
        line("gone2", None, "ERROR"),
    ]
    return make_orders(headers, lines)


def test_pending_orders_come_with_their_open_lines_and_synced_ones_because_of_a_pending_line(orders):
    assert loaded(orders) == {"new": ["n1"], "pending": ["p1"], "changed": ["c1"]}


def test_held_orders_and_unknown_states_are_never_selected(orders):
    for states in ((SyncState.NEW, SyncState.PENDING), RETRY):
        assert not {"held", "odd"} & set(loaded(orders, states=states))


def test_a_retry_brings_failed_orders_with_all_their_open_lines_and_synced_ones_with_a_failed_line(orders):
    assert loaded(orders, states=RETRY) == {"error": ["e1", "e2"], "changed": ["c1", "c2"]}


def test_customers_are_the_chosen_ones_and_no_customer_means_no_order(orders):
    assert loaded(orders, customers=("Bolt",)) == {"pending": ["p1"], "changed": ["c1"]}
    assert loaded(orders, customers=("Bolt", "ACME")) == loaded(orders)
    assert loaded(orders, customers=()) == {}
    assert loaded(orders, customers=("Bol", "'")) == {}


def test_a_customer_s_other_case_is_the_same_customer_where_the_database_says_so(orders):
    same = {} if orders.on_sqlite else loaded(orders, customers=("Bolt",))
    assert loaded(orders, customers=("bolt",)) == same


def test_more_customers_than_one_statement_takes_are_chosen_oldest_first(make_orders):
    names = [f"C{number:04}" for number in range(1200)]
    orders = make_orders(
        [
            order(
                f"o{name}",
                created_at=f"2026-11-01 {9 - place % 3:02}:00:00.000000",
                **{"CUSTOMER NAME": name},
            )
            for place, name in enumerate(names)
        ]
    )
    chosen = tuple(names[100:])
    found = list(loaded(orders, customers=chosen))
    assert found == sorted((f"o{name}" for name in chosen), key=lambda key: (-(int(key[2:]) % 3), key))
    assert list(loaded(orders, customers=chosen, limit=5)) == found[:5]
    keys = tuple(f"o{name}" for name in names[:700])
    assert set(loaded(orders, customers=chosen, order_keys=keys)) == set(keys[100:])


def test_claimed_orders_are_left_out_where_only_free_ones_are_wanted(orders):
    Claims(orders.engine, "another").take(["new"])
    assert loaded(orders, unclaimed=True) == {"pending": ["p1"], "changed": ["c1"]}
    assert "new" in loaded(orders)


@pytest.mark.parametrize("table", ["HEADERS", "LINES"])
def test_claims_are_known_whatever_the_collation_of_the_tables(table, orders):
    if orders.engine.dialect.name == "mariadb":
        orders.sql(f"ALTER TABLE `{table}` CONVERT TO CHARACTER SET latin1 COLLATE latin1_swedish_ci")
    Claims(orders.engine, "another").take(["new"])
    assert loaded(orders, unclaimed=True) == {"pending": ["p1"], "changed": ["c1"]}


def test_a_limit_takes_the_oldest(orders):
    assert list(loaded(orders, limit=2)) == ["new", "pending"]
    assert list(loaded(orders, limit=0)) == []
    assert list(loaded(orders, limit=1, customers=("Bolt",))) == ["pending"]


def test_keys_choose_orders_that_have_a_wanted_state_oldest_first(orders):
    assert list(loaded(orders, order_keys=("changed", "new", "held", "nowhere"))) == ["new", "changed"]
    assert loaded(orders, order_keys=()) == {}
    assert list(loaded(orders, order_keys=("changed", "new"), limit=1)) == ["new"]
    assert loaded(orders, order_keys=("new", "pending"), customers=("Bolt",)) == {"pending": ["p1"]}


def test_many_keys_come_oldest_first_and_once_each_over_all_portions(make_orders):
    keys = [f"o{number:04}" for number in range(1100)]
    orders = make_orders(
        [
            order(key, created_at=f"2026-11-01 {9 - place % 3:02}:00:00.000000")
            for place, key in enumerate(keys)
        ]
    )
    found = list(loaded(orders, order_keys=(*reversed(keys), *keys[:3])))
    assert found == sorted(keys, key=lambda key: (-(int(key[1:]) % 3), key))
    assert list(loaded(orders, order_keys=tuple(keys), limit=5)) == found[:5]


def test_open_lines_without_a_header_stand_beside_the_orders(orders):
    assert orphans(orders) == ["gone1"]
    assert orphans(orders, states=RETRY) == ["gone2"]


def test_lines_without_a_header_belong_to_no_customer_and_to_no_part(orders):
    assert orphans(orders, customers=("ACME",)) == []
    assert orphans(orders, limit=5) == []


def test_a_line_without_a_header_can_be_chosen_by_its_own_key(orders):
    assert orphans(orders, order_keys=("gone1", "new")) == ["gone1"]
    assert orphans(orders, order_keys=("gone2",)) == []
    assert orphans(orders, order_keys=("gone2",), states=RETRY) == ["gone2"]


def test_a_repaired_line_that_had_no_header_brings_its_order(make_orders):
    orders = make_orders(
        [order("o1", "SYNCED"), order("o2", "SYNCED"), order("o3")],
        [line("l1", "o2", "ERROR"), line("l3", "o3")],
    )
    assert loaded(orders, order_keys=("l1",), states=RETRY) == {"o2": ["l1"]}
    assert orphans(orders, order_keys=("l1",), states=RETRY) == []
    assert loaded(orders, order_keys=("o3", "l3")) == {"o3": ["l3"]}


def test_only_mapped_columns_are_read_and_values_are_as_the_driver_returns_them(make_orders):
    name = "EX WORKS ('%' \"∆\" [32] :x)"
    orders = make_orders(
        [order("o1", UNMAPPED="x", **{name: 12.5})],
        [line("l1", "o1", qty=3, size_code="32/34", action_type="DELETE")],
        more={name: "NUMERIC"},
        header_columns=[name],
        line_columns=["qty"],
    )
    (found,) = orders.store.load(Selection()).orders
    assert found.values == {name: 12.5, "AAG ORDER NUMBER": "AAG-o1", "CUSTOMER NAME": "ACME"}
    assert found.lines[0].values == {"qty": 3, "size_code": "32/34"}
    assert (found.label, found.customer, found.action) == ("AAG-o1", "ACME", ActionType.INSERT)
    assert (found.lines[0].order_key, found.lines[0].action) == ("o1", ActionType.DELETE)


def test_board_ids_and_messages_come_along(orders):
    (found, _) = orders.store.load(Selection(states=RETRY)).orders
    assert (found.item_id, found.state) == ("7", SyncState.ERROR)


def test_a_mapped_engine_column_is_a_value_too(make_orders):
    orders = make_orders(
        [order("o1")], [line("l1", "o1")], header_columns=["record_uuid"], line_columns=["line_uuid"]
    )
    (found,) = orders.store.load(Selection()).orders
    assert found.values["record_uuid"] == "o1"
    assert found.lines[0].values["line_uuid"] == "l1"


def test_lines_that_are_on_the_board_and_do_not_come_along_are_counted(make_orders):
    headers = [order("here", monday_item_id="9"), order("not yet")]
    lines = [
        line("comes", "here"),
        line("comes changed", "here", monday_subitem_id="1", action_type="UPDATE"),
        line("done", "here", "SYNCED", monday_subitem_id="2"),
        line("failed", "here", "ERROR", monday_subitem_id="3"),
        line("done, action unnamed", "here", "SYNCED", monday_subitem_id="4", action_type=None),
        line("archived", "here", "SYNCED", monday_subitem_id="5", action_type="DELETE"),
        line("held", "here", "HELD"),
        line("new", "not yet"),
    ]
    found = make_orders(headers, lines).store.load(Selection()).orders
    assert {each.key: each.other_subitems for each in found} == {"here": 3, "not yet": 0}
