from datetime import UTC, datetime, timedelta

import pytest

from core.orders.model import ActionType, CustomerSummary, OrderRow, SyncState
from gui.models.live_orders import LiveState
from gui.models.order_columns import CustomerCells, OrderCells, age_text, moment_text, order_columns
from gui.widgets.states import State

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


def make_row(state: SyncState, **changes: object) -> OrderRow:
    values = {
        "key": "o1",
        "customer": "ACME",
        "label": "AAG-1",
        "cells": ("PO 8812", "Coral"),
        "lines": 6,
        "pieces": 120,
        "state": state,
        "action": ActionType.INSERT,
        "item_id": None,
        "error": None,
    }
    return OrderRow(**{**values, **changes})


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=-5), "0 min"),
        (timedelta(minutes=59), "59 min"),
        (timedelta(minutes=60), "1 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(hours=48), "2 d"),
    ],
)
def test_that_an_age_is_told_in_one_unit(ago: timedelta, text: str) -> None:
    assert age_text(NOW - ago, NOW) == text


def test_that_an_unknown_age_says_nothing() -> None:
    assert age_text(None, NOW) == ""
    assert moment_text(None) == ""


def test_that_every_order_has_a_text_in_every_column() -> None:
    cells = OrderCells(make_row(SyncState.NEW), None)
    texts = {column.title: column.of_order(cells) for column in order_columns(("PO", "COLOUR", "LATER"))}
    assert texts == {
        "Order": "AAG-1",
        "PO": "PO 8812",
        "COLOUR": "Coral",
        "LATER": "",
        "Orders": "",
        "Lines": "6",
        "Pieces": "120",
        "Oldest": "",
        "State": "New",
        "Message": "",
    }


def test_that_a_customer_says_what_needs_a_person() -> None:
    state = next(column for column in order_columns(()) if column.key == "state")
    summary = CustomerSummary("ACME", 69, 317, 41220, 67, 2, NOW)
    assert state.of_customer(CustomerCells(summary, 67, 2, 1, "3 d")) == "2 failed · 1 finding"
    assert state.of_customer(CustomerCells(summary, 67, 0, 3, "3 d")) == "3 findings"
    assert state.of_customer(CustomerCells(summary, 67, 0, 0, "3 d")) == ""


def test_that_a_customer_without_a_name_is_named() -> None:
    summary = CustomerSummary("", 1, 1, 1, 1, 0, None)
    assert order_columns(())[0].of_customer(CustomerCells(summary, 1, 0, 0, "")) == "(no customer)"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (make_row(SyncState.NEW), ""),
        (make_row(SyncState.PENDING, action=ActionType.UPDATE), "Changes the item on the board"),
        (make_row(SyncState.NEW, action=ActionType.DELETE), "Archives the item on the board"),
        (make_row(SyncState.SYNCED, action=ActionType.UPDATE), ""),
        (make_row(SyncState.ERROR, error="The board has no label 'X'"), "The board has no label 'X'"),
        (make_row(SyncState.ERROR), "No message was stored"),
    ],
)
def test_that_the_message_says_what_is_meant_or_what_went_wrong(row: OrderRow, message: str) -> None:
    assert OrderCells(row, None).message == message


def test_that_only_orders_that_are_not_pending_say_why_they_cannot_be_checked() -> None:
    reasons = {state: OrderCells(make_row(state), None).why_not_checkable for state in SyncState}
    assert {state for state, reason in reasons.items() if not reason} == {SyncState.NEW, SyncState.PENDING}


def test_that_a_run_under_way_wins_over_the_stored_state() -> None:
    cells = OrderCells(make_row(SyncState.NEW), LiveState(State.UNKNOWN, "No answer came", None))
    assert (cells.state, cells.message) == (State.UNKNOWN, "No answer came")
    assert cells.why_not_checkable
