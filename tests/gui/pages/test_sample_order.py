from datetime import UTC, datetime

import pytest

from core.orders.model import (
    PENDING_STATES,
    ActionType,
    CustomerSummary,
    OrderFilter,
    OrderRow,
    SyncState,
)
from gui.pages.sample_order import SampleOrderPicker, find_orders


def make_row(customer, number):
    key = f"{customer}-{number}"
    return OrderRow(key, customer, f"AAG-{number}", (), 1, 1, SyncState.NEW, ActionType.INSERT, None, None)


class Orders:
    """Two customers with forty orders each; notes the filters it was asked with."""

    def __init__(self):
        self.asked = []

    async def customers(self, wanted):
        self.asked.append(wanted)
        arrived = datetime(2026, 11, 19, tzinfo=UTC)
        return [CustomerSummary(name, 40, 40, 40, 40, 0, arrived) for name in ("ACME", "BOLT", "CORD")]

    async def order_rows(self, customer, wanted, *, offset, limit):
        return [make_row(customer, number) for number in range(40)][offset : offset + limit]


async def test_that_pending_orders_are_offered_and_only_so_many():
    orders = Orders()
    found = await find_orders(orders, "")
    assert orders.asked == [OrderFilter(states=PENDING_STATES)]
    assert [row.customer for row in found] == ["ACME"] * 40 + ["BOLT"] * 10


async def test_that_typing_finds_orders_in_every_state():
    orders = Orders()
    await find_orders(orders, "bolt")
    assert orders.asked == [OrderFilter("bolt")]


@pytest.fixture
def picker(qtbot, theme):
    picker = SampleOrderPicker()
    picker.set_found([make_row("ACME", 1), make_row("ACME", 2)])
    picker.show_order("AAG-1")
    qtbot.addWidget(picker)
    picker.show()
    picker.activateWindow()
    qtbot.waitUntil(picker.isActiveWindow)
    picker.setFocus()
    return picker


def test_that_the_oldest_pending_order_says_what_it_is(picker):
    assert picker.currentText() == "AAG-1, the oldest pending"
    assert picker.key is None


def test_that_typing_asks_and_choosing_tells_the_key(qtbot, picker):
    picker.lineEdit().selectAll()
    with qtbot.waitSignal(picker.searched) as asked:
        qtbot.keyClicks(picker.lineEdit(), "acme")
    assert asked.args == ["acme"]
    picker.set_found([make_row("ACME", 7)])
    assert picker.currentText() == "acme"
    with qtbot.waitSignal(picker.chosen) as chosen:
        picker.activated.emit(1)
    assert chosen.args == ["ACME-7"]
    picker.show_order("AAG-7")
    assert picker.key == "ACME-7"
    assert picker.currentText() == "AAG-7"


def test_that_text_left_behind_gives_way_to_the_order_shown(qtbot, picker):
    picker.lineEdit().selectAll()
    with qtbot.assertNotEmitted(picker.searched, wait=400):
        qtbot.keyClicks(picker.lineEdit(), "xyz")
        picker.completer().popup().hide()
        picker.lineEdit().clearFocus()
    assert picker.currentText() == "AAG-1, the oldest pending"


def test_that_another_profile_begins_with_its_oldest_order(picker):
    picker.activated.emit(1)
    picker.forget()
    assert picker.key is None
    assert picker.currentText() == ""
