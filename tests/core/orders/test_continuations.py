"""Where the further items of orders are, and what hangs under them: kept, read with the order, forgotten."""

from datetime import UTC, datetime

import pytest

from core.orders.database import writing
from core.orders.model import Continuation, RecordKind, Selection, StateChange, SyncState
from core.orders.record_keys import CONTINUATION, continuation_key, order_and_number, record_key

AT = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
EVERY_STATE = Selection(states=tuple(SyncState))


def order(key: str, state: str = "NEW", **values) -> dict:
    return {"record_uuid": key, "sync_state": state, **values}


def line(key: str, state: str, subitem_id: str | None, **values) -> dict:
    return {
        "line_uuid": key,
        "record_uuid": "o1",
        "sync_state": state,
        "monday_subitem_id": subitem_id,
        **values,
    }


@pytest.fixture
def orders(make_orders):
    """An order with two lines under its own item, three under a second one, and one that is new."""
    lines = [
        line("own", "PENDING", "1"),
        line("own done", "SYNCED", "2"),
        line("further", "PENDING", "3", monday_parent_id="81"),  # as preparation writes it
        line("further done", "SYNCED", "4"),
        line("further archived", "SYNCED", "5", action_type="DELETE"),
        line("new", "PENDING", None),
    ]
    made = make_orders([order("o1", monday_item_id="81"), order("o2")], lines)
    apply(made, kept("o1", 2, "82"), *(under("82", key, subitem) for key, subitem in FURTHER))
    return made


FURTHER = (("further done", "4"), ("further archived", "5"))


def kept(order_key: str, number: int, item_id: str | None) -> StateChange:
    return StateChange(RecordKind.ORDER, order_key, SyncState.PENDING, item_id, at=AT, continuation=number)


def under(item_id: str, line_key: str, subitem_id: str) -> StateChange:
    return StateChange(
        RecordKind.LINE, line_key, SyncState.SYNCED, subitem_id, item_id, at=AT, continues=True
    )


def apply(orders, *changes: StateChange) -> None:
    with writing(orders.engine) as connection:
        orders.store.apply(connection, changes)


def loaded(orders, selection: Selection = EVERY_STATE) -> dict:
    return {each.key: each for each in orders.store.load(selection).orders}


def below(orders) -> list[tuple]:
    return orders.rows("SELECT subitem_id, item_id FROM deltadesk_continued_subitem ORDER BY subitem_id")


def test_an_order_comes_with_its_further_items_and_its_lines_know_theirs(orders):
    apply(orders, under("82", "further", "3"))
    found = loaded(orders)
    assert found["o1"].continuations == (Continuation(2, "82"),)
    assert {each.key: each.continuation_id for each in found["o1"].lines} == {
        "own": None,
        "own done": None,
        "further": "82",
        "further done": "82",
        "further archived": "82",
        "new": None,
    }
    assert found["o2"].continuations == ()


def test_subitems_of_lines_that_do_not_come_along_count_where_they_hang(orders):
    found = loaded(orders, Selection())["o1"]
    assert found.other_subitems == 2  # "own done" and "further done"
    assert found.continuations[0].other_subitems == 1


def test_keeping_a_further_item_changes_nothing_of_the_order_s_row(orders):
    before = orders.order("o1", "sync_state", "monday_item_id", "updated_at")
    apply(orders, kept("o1", 3, "83"))
    assert orders.order("o1", "sync_state", "monday_item_id", "updated_at") == before
    assert [each.number for each in loaded(orders)["o1"].continuations] == [2, 3]


def test_a_further_item_that_is_kept_twice_is_there_once_with_its_subitems(orders):
    before = below(orders)
    apply(orders, kept("o1", 2, "82"))
    assert loaded(orders)["o1"].continuations[0].item_id == "82"
    assert below(orders) == before != []


def test_a_line_under_the_order_s_own_item_needs_no_note(orders):
    apply(orders, under("81", "new", "9"))
    assert orders.line("new", "monday_subitem_id", "monday_parent_id") == ("9", "81")
    assert "9" not in {subitem for subitem, _ in below(orders)}


def test_a_further_item_that_is_forgotten_takes_its_notes_along_and_leaves_others(orders):
    apply(orders, kept("o1", 3, "83"), kept("o1", 2, None))
    assert [each.number for each in loaded(orders)["o1"].continuations] == [3]
    assert below(orders) == []


def test_an_order_that_is_new_again_has_no_further_items(orders):
    apply(orders, StateChange(RecordKind.ORDER, "o1", SyncState.NEW, at=AT, afresh=True))
    assert loaded(orders)["o1"].continuations == ()
    assert below(orders) == []


def test_a_key_leads_back_to_its_order_by_what_the_journal_says_it_is():
    key = continuation_key("a/b", 12)
    assert order_and_number(key) == ("a/b", 12)
    assert record_key(CONTINUATION, key) == "a/b"
    assert record_key("order", key) == key  # an order's own key may look the same
