"""States written back, orders held and released, values corrected."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from core.config.model import StateWords
from core.errors import ConfigurationError, StoreError
from core.orders.database import writing
from core.orders.model import RecordKind, Selection, StateChange, SyncState

AT = datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
WRITTEN_AT = "2026-11-22 12:30:00.000000"
ORDER, LINE = RecordKind.ORDER, RecordKind.LINE


def apply(orders, *changes: StateChange | None) -> None:
    """Write changes in one transaction; None makes the caller fail at this place."""
    with writing(orders.engine) as connection:
        for change in changes:
            if change is None:
                raise KeyError
            orders.store.apply(connection, [change])


@pytest.fixture
def orders(make_orders):
    """Three orders, one with a line."""
    headers = [
        {"record_uuid": "o1", "PO NUMBER": "4755"},
        {"record_uuid": "o2", "sync_state": "HELD"},
        {"record_uuid": "o3", "sync_state": "SYNCED", "monday_item_id": "77"},
    ]
    lines = [{"line_uuid": "l1", "record_uuid": "o1", "size_code": "XX-SMALL", "qty": 3}]
    return make_orders(headers, lines, more={"PO NUMBER": "TEXT"})


# --- States


def test_a_synced_order_gets_its_item_moments_and_no_message(orders):
    apply(orders, StateChange(ORDER, "o1", SyncState.ERROR, error="no label", at=AT - timedelta(hours=1)))
    apply(orders, StateChange(ORDER, "o1", SyncState.SYNCED, "8000000001", at=AT))
    columns = (
        "sync_state",
        "monday_item_id",
        "sync_error_message",
        "sync_attempted_at",
        "sync_completed_at",
        "updated_at",
    )
    assert orders.order("o1", *columns) == (
        "SYNCED", "8000000001", None, WRITTEN_AT, WRITTEN_AT, WRITTEN_AT,
    )  # fmt: skip


def test_several_changes_at_once_each_reach_their_own_record_and_the_last_one_of_a_record_stays(orders):
    changes = [
        StateChange(ORDER, "o1", SyncState.PENDING, "71", at=AT),
        StateChange(ORDER, "o3", SyncState.SYNCED, "73", at=AT),
        StateChange(ORDER, "o2", SyncState.ERROR, error="no label", at=AT),
        StateChange(LINE, "l1", SyncState.SYNCED, "91", "71", at=AT),
        StateChange(ORDER, "o2", SyncState.ERROR, error="no size", at=AT),
        StateChange(ORDER, "o1", SyncState.SYNCED, at=AT),
    ]
    with writing(orders.engine) as connection:
        orders.store.apply(connection, changes)
    columns = ("sync_state", "monday_item_id", "sync_error_message", "retry_count")
    assert orders.order("o1", *columns) == ("SYNCED", "71", None, 0)
    assert orders.order("o2", *columns) == ("ERROR", None, "no size", 2)
    assert orders.order("o3", *columns) == ("SYNCED", "73", None, 0)
    assert orders.line("l1", "sync_state", "monday_subitem_id") == ("SYNCED", "91")


def test_a_synced_line_gets_its_subitem_and_its_order_s_item(orders):
    apply(orders, StateChange(LINE, "l1", SyncState.SYNCED, "9000000001", "8000000001", at=AT))
    assert orders.line("l1", "sync_state", "monday_subitem_id", "monday_parent_id") == (
        "SYNCED",
        "9000000001",
        "8000000001",
    )
    assert orders.order("o1", "sync_state") == ("NEW",)


def test_an_error_keeps_the_ids_counts_the_attempt_and_leaves_the_completion_alone(orders):
    apply(orders, StateChange(ORDER, "o3", SyncState.ERROR, error="no label", at=AT))
    apply(orders, StateChange(ORDER, "o3", SyncState.ERROR, error="no label", at=AT))
    columns = ("sync_state", "monday_item_id", "sync_error_message", "retry_count", "sync_completed_at")
    assert orders.order("o3", *columns) == ("ERROR", "77", "no label", 2, None)


def test_a_count_that_is_null_begins_at_zero(make_orders):
    orders = make_orders([{"record_uuid": "o1", "retry_count": None}])
    apply(orders, StateChange(ORDER, "o1", SyncState.ERROR, error="x", at=AT))
    assert orders.order("o1", "retry_count") == (1,)


def test_moments_are_written_in_utc(orders):
    local = AT.astimezone(timezone(timedelta(hours=11)))
    apply(orders, StateChange(ORDER, "o1", SyncState.SYNCED, at=local))
    assert orders.order("o1", "sync_completed_at") == (WRITTEN_AT,)


def test_states_are_written_in_the_profile_s_words(make_orders, make_names):
    names = make_names(state_words=StateWords(SYNCED="DONE"))
    orders = make_orders([{"record_uuid": "o1"}], names=names)
    apply(orders, StateChange(ORDER, "o1", SyncState.SYNCED, at=AT))
    assert orders.order("o1", "sync_state") == ("DONE",)


def test_a_message_is_cut_to_what_its_column_holds(orders):
    apply(orders, StateChange(ORDER, "o1", SyncState.ERROR, error="x" * 61, at=AT))
    assert orders.order("o1", "sync_error_message") == ("x" * 59 + "…",)
    apply(orders, StateChange(ORDER, "o1", SyncState.ERROR, error="x" * 60, at=AT))
    assert orders.order("o1", "sync_error_message") == ("x" * 60,)


def test_a_message_is_kept_whole_where_its_column_has_no_limit(make_orders):
    orders = make_orders([{"record_uuid": "o1"}], more={"sync_error_message": "TEXT"})
    apply(orders, StateChange(ORDER, "o1", SyncState.ERROR, error="x" * 5000, at=AT))
    assert orders.order("o1", "sync_error_message") == ("x" * 5000,)


def test_changes_of_a_transaction_that_fails_are_not_written(orders):
    with pytest.raises(KeyError):
        apply(orders, StateChange(ORDER, "o1", SyncState.SYNCED, at=AT), None)
    assert orders.order("o1", "sync_state") == ("NEW",)


# --- Hold and release


def test_orders_are_held_and_released_and_only_from_the_states_that_allow_it(orders):
    pending = (SyncState.NEW, SyncState.PENDING, SyncState.ERROR)
    assert orders.store.set_state(["o1", "o2", "o3", "gone"], pending, SyncState.HELD) == 1
    assert [orders.order(key, "sync_state")[0] for key in ("o1", "o2", "o3")] == ["HELD", "HELD", "SYNCED"]
    assert not orders.store.load(Selection()).orders
    assert orders.store.set_state(["o1", "o2", "o3"], (SyncState.HELD,), SyncState.NEW) == 2
    assert [order.key for order in orders.store.load(Selection()).orders] == ["o1", "o2"]


def test_no_order_is_moved_without_keys(orders):
    assert orders.store.set_state([], (SyncState.NEW,), SyncState.HELD) == 0


def test_more_orders_than_one_statement_takes_are_held(make_orders):
    keys = [f"o{number}" for number in range(1001)]
    store = make_orders([{"record_uuid": key} for key in keys]).store
    assert store.set_state(keys, (SyncState.NEW,), SyncState.HELD) == 1001


def test_a_word_that_the_table_does_not_allow_is_told(make_orders):
    allowed = "TEXT CHECK (sync_state IN ('NEW', 'PENDING', 'SYNCED', 'ERROR'))"
    orders = make_orders([{"record_uuid": "o1"}], more={"sync_state": allowed})
    with pytest.raises(StoreError, match=r"(?i)constraint"):
        orders.store.set_state(["o1"], (SyncState.NEW,), SyncState.HELD)
    assert orders.order("o1", "sync_state") == ("NEW",)


# --- Corrections


def edits(orders) -> list[tuple[object, ...]]:
    columns = "at, worker, record_kind, record_key, column_name, value_before, value_after"
    return orders.rows(f"SELECT {columns} FROM deltadesk_edit")


def test_a_corrected_value_is_written_and_who_changed_what_is_kept(orders):
    orders.store.edit_value(LINE, "l1", "size_code", "XXS", AT)
    assert orders.line("l1", "size_code", "updated_at", "sync_state") == ("XXS", WRITTEN_AT, "PENDING")
    assert edits(orders) == [(WRITTEN_AT, "desk:1", "line", "l1", "size_code", "XX-SMALL", "XXS")]


def test_a_value_that_was_null_is_kept_as_null(make_orders):
    orders = make_orders([{"record_uuid": "o1", "PO NUMBER": None}])
    orders.store.edit_value(ORDER, "o1", "PO NUMBER", "4755", AT)
    assert [row[-2:] for row in edits(orders)] == [(None, "4755")]


@pytest.mark.parametrize("column", ["it's", '"quoted"', "100%", "∆", "[32]", "a:b", "A/B (USD)", "select"])
def test_a_column_of_any_name_can_be_corrected(column, make_orders):
    orders = make_orders([{"record_uuid": "o1", column: "before"}, {"record_uuid": "o2", column: "other"}])
    orders.store.edit_value(ORDER, "o1", column, "it's; -- 100%", AT)
    assert orders.order("o1", column) == ("it's; -- 100%",)
    assert orders.order("o2", column) == ("other",)
    assert edits(orders)[0][4] == column


def test_a_number_column_holds_a_number_after_a_correction(orders):
    orders.store.edit_value(LINE, "l1", "qty", "12", AT)
    assert orders.line("l1", "qty") == (12,)


@pytest.mark.parametrize(
    ("board_id", "before", "after"),
    [
        (None, "INSERT", "INSERT"),
        (None, "UPDATE", "UPDATE"),
        ("77", "INSERT", "UPDATE"),
        ("77", "UPDATE", "UPDATE"),
        ("77", "DELETE", "DELETE"),
    ],
)
def test_a_corrected_record_that_is_on_the_board_is_changed_there_unless_it_is_to_go(
    board_id, before, after, make_orders
):
    orders = make_orders(
        [{"record_uuid": "o1", "PO NUMBER": "1", "monday_item_id": board_id, "action_type": before}],
        [{"line_uuid": "l1", "record_uuid": "o1", "monday_subitem_id": board_id, "action_type": before}],
    )
    orders.store.edit_value(ORDER, "o1", "PO NUMBER", "2", AT)
    orders.store.edit_value(LINE, "l1", "qty", "2", AT)
    assert orders.order("o1", "action_type") == (after,)
    assert orders.line("l1", "action_type") == (after,)


def test_a_line_can_be_given_to_another_order(orders):
    orders.store.edit_value(LINE, "l1", "record_uuid", "o3", AT)
    assert orders.line("l1", "record_uuid") == ("o3",)


@pytest.mark.parametrize(
    ("kind", "column"),
    [
        (ORDER, "record_uuid"),
        (ORDER, "sync_state"),
        (ORDER, "action_type"),
        (ORDER, "monday_item_id"),
        (ORDER, "sync_error_message"),
        (ORDER, "retry_count"),
        (ORDER, "created_at"),
        (ORDER, "updated_at"),
        (ORDER, "NO SUCH COLUMN"),
        (LINE, "line_uuid"),
        (LINE, "monday_subitem_id"),
        (LINE, "monday_parent_id"),
        (LINE, "sync_completed_at"),
    ],
)
def test_what_the_engine_owns_or_the_table_lacks_cannot_be_corrected(kind, column, orders):
    with pytest.raises(ConfigurationError) as caught:
        orders.store.edit_value(kind, "o1" if kind is ORDER else "l1", column, "x", AT)
    assert caught.value.problem.code == "column_not_editable"
    assert edits(orders) == []


def test_a_record_that_is_gone_cannot_be_corrected_and_leaves_no_trace(orders):
    with pytest.raises(ConfigurationError) as caught:
        orders.store.edit_value(LINE, "gone", "qty", "1", AT)
    assert (caught.value.problem.code, caught.value.problem.subject) == ("record_gone", "line gone")
    assert edits(orders) == []


def test_all_columns_of_a_record_are_read(orders):
    assert dict(orders.store.record_fields(ORDER, "o1"))["PO NUMBER"] == "4755"
    assert dict(orders.store.record_fields(LINE, "l1"))["size_code"] == "XX-SMALL"
    with pytest.raises(ConfigurationError) as caught:
        orders.store.record_fields(ORDER, "gone")
    assert caught.value.problem.code == "record_gone"
