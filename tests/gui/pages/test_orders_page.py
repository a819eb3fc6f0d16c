import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from core.config.model import MappingSet, Profile, ProfileKind
from core.errors import Problem, StoreError
from core.mapping.findings import Finding
from core.orders.model import (
    PENDING_STATES,
    ActionType,
    CustomerSummary,
    OrderDetail,
    OrderFilter,
    OrderLine,
    OrderRow,
    RecordKind,
    Selection,
    SyncState,
)
from core.sync.events import RecordEnded
from core.sync.outcome import Outcome
from core.sync.plan import Batch, Plan, PlannedOrder, TargetKind
from gui.models.order_selection import SelectionTotals
from gui.models.order_tree import ROWS_AT_ONCE
from gui.pages.orders import OrdersPage
from gui.task_owner import TaskOwner

ARRIVED = datetime(2026, 11, 19, 8, 0, tzinfo=UTC)
PROFILE = Profile(
    name="demo",
    kind=ProfileKind.DEMO,
    api_url="practice-board",
    token_source="practice-board",
    board_id="1",
    database_url="sqlite://",
    mapping="m",
    display_columns=("PO NUMBER", "STYLE"),
    mapping_set=MappingSet(group_name="{C}", item_name="{C}", subitem_name="{S}"),
)


def make_row(number: int, customer: str = "ACME", **changes: Any) -> OrderRow:
    row = OrderRow(
        key=f"{customer}-{number}",
        customer=customer,
        label=f"AAG-{customer}-{number:03}",
        cells=(f"PO {number}", "STYLE"),
        lines=2,
        pieces=10,
        state=SyncState.NEW,
        action=ActionType.INSERT,
        item_id=None,
        error=None,
    )
    return replace(row, **changes)


class Orders:
    """A workspace whose database is a list; it notes what it was asked for."""

    profile = PROFILE

    def __init__(self, rows: Sequence[OrderRow]) -> None:
        self.rows = {row.key: row for row in rows}
        self.pages: list[tuple[str, int, int]] = []
        self.details: list[str] = []
        self.broken: Problem | None = None

    def _answer(self) -> None:
        if self.broken:
            raise StoreError(self.broken)

    def _matching(self, wanted: OrderFilter) -> list[OrderRow]:
        text = wanted.text.casefold()
        return [
            row
            for row in self.rows.values()
            if (not wanted.states or row.state in wanted.states)
            and (text in row.label.casefold() or text in row.customer.casefold())
        ]

    async def customers(self, wanted: OrderFilter) -> list[CustomerSummary]:
        self._answer()
        by_name: dict[str, list[OrderRow]] = {}
        for row in self._matching(wanted):
            by_name.setdefault(row.customer, []).append(row)
        return [
            CustomerSummary(
                name,
                len(rows),
                sum(row.lines for row in rows),
                sum(row.pieces for row in rows),
                sum(row.state in PENDING_STATES for row in rows),
                sum(row.state is SyncState.ERROR for row in rows),
                ARRIVED,
            )
            for name, rows in sorted(by_name.items())
        ]

    async def order_count(self, wanted: OrderFilter = OrderFilter()) -> int:  # noqa: B008  frozen
        self._answer()
        return len(self._matching(wanted))

    async def order_rows(
        self, customer: str, wanted: OrderFilter, *, offset: int = 0, limit: int = 200
    ) -> list[OrderRow]:
        self._answer()
        self.pages.append((customer, offset, limit))
        rows = [row for row in self._matching(wanted) if row.customer == customer]
        return rows[offset : offset + limit]

    async def order_detail(self, key: str) -> OrderDetail:
        self._answer()
        self.details.append(key)
        row = self.rows[key]
        lines = (OrderLine(f"{key}-l", key, {"size_code": "XL", "qty": 7}, row.state, row.action),)
        return OrderDetail(
            row, (("record_uuid", key), ("PO NUMBER", row.cells[0]), ("retry_count", 2)), lines
        )

    async def hold(self, keys: Sequence[str]) -> None:
        self._answer()
        for key in keys:
            self.rows[key] = replace(self.rows[key], state=SyncState.HELD)

    async def release(self, keys: Sequence[str]) -> None:
        for key in keys:
            self.rows[key] = replace(self.rows[key], state=SyncState.NEW)


@dataclass
class Desk:
    """The page over its orders, and what it told the window."""

    page: OrdersPage
    tasks: TaskOwner
    run: Callable[[Coroutine[Any, Any, Any]], Any]
    told: dict[str, list[Any]] = field(default_factory=dict)

    async def settle(self) -> None:
        """Wait until the page has nothing under way."""
        for _ in range(3):
            await asyncio.sleep(0.005)
            while self.tasks.running:
                await asyncio.sleep(0.005)

    async def open(self, orders: Orders) -> None:
        self.page.set_workspace(orders)  # type: ignore[arg-type]
        await self.page.reload()
        await self.settle()

    def customer(self, name: str) -> QModelIndex:
        return self.page._model.customer_index(name)

    def order(self, key: str, customer: str = "ACME") -> QModelIndex:
        return self.page._model.order_index(customer, key)

    async def unfold(self, name: str = "ACME") -> None:
        self.page._view.expand(self.customer(name))
        await self.settle()

    def press(self, index: QModelIndex, key: Qt.Key, modifier=Qt.KeyboardModifier.NoModifier) -> None:
        self.page._view.setCurrentIndex(index)
        QTest.keyClick(self.page._view, key, modifier)


@pytest.fixture
def desk(qtbot, theme, preferences, run_async) -> Iterator[Desk]:
    bugs: list[BaseException] = []
    tasks = TaskOwner(on_problem=lambda *_: None, on_bug=lambda _name, error: bugs.append(error))
    page = OrdersPage(tasks, preferences)
    qtbot.addWidget(page)
    page.resize(1100, 700)
    page.show()
    desk = Desk(page, tasks, run_async)
    for name in ("problem", "preview_requested", "push_requested", "selection_changed"):
        getattr(page, name).connect(desk.told.setdefault(name, []).append)
    yield desk
    assert bugs == []


def acme_and_bolt() -> Orders:
    return Orders([make_row(1), make_row(2), make_row(3), make_row(1, "BOLT")])


def test_that_the_page_says_that_no_profile_is_open(desk) -> None:
    assert "No profile" in desk.page._stack.empty.accessibleName()
    assert not desk.page.push_button.isEnabled()
    assert not desk.page._detail.isVisible()


def test_that_opening_reads_customers_and_no_order(desk) -> None:
    orders = acme_and_bolt()
    desk.run(desk.open(orders))
    assert desk.page._model.customers == ("ACME", "BOLT")
    assert orders.pages == []
    assert desk.page._filter._count.text() == "4 of 4 orders"


def test_that_unfolding_reads_one_page_and_scrolling_down_the_next(desk) -> None:
    orders = Orders([make_row(number) for number in range(450)])

    async def scenario() -> None:
        await desk.open(orders)
        await desk.unfold()
        assert orders.pages == [("ACME", 0, ROWS_AT_ONCE)]
        desk.page._view.scrollToBottom()
        await desk.settle()
        assert orders.pages[1:] == [("ACME", 200, ROWS_AT_ONCE)]

    desk.run(scenario())
    assert desk.page._model.read_count("ACME") == 400


def test_that_a_whole_customer_is_pushed_by_its_name(desk) -> None:
    orders = acme_and_bolt()

    async def scenario() -> None:
        await desk.open(orders)
        desk.press(desk.customer("ACME"), Qt.Key.Key_Space)
        assert desk.page.push_button.text() == "Push 3 orders"
        desk.page.push_button.click()
        await desk.settle()

    desk.run(scenario())
    assert desk.told["push_requested"] == [Selection(customers=("ACME",))]
    assert desk.told["selection_changed"] == [SelectionTotals(3, 6, 30, 1)]
    assert orders.pages == []


def test_that_single_orders_are_previewed_by_their_keys(desk) -> None:
    async def scenario() -> None:
        await desk.open(acme_and_bolt())
        await desk.unfold()
        desk.press(desk.order("ACME-2"), Qt.Key.Key_Space)
        desk.page.preview_button.click()
        await desk.settle()

    desk.run(scenario())
    assert desk.told["preview_requested"] == [Selection(order_keys=("ACME-2",))]
    assert desk.customer("ACME").data(Qt.ItemDataRole.CheckStateRole) == Qt.CheckState.PartiallyChecked
    assert desk.page._view._check_header.box.checkState() == Qt.CheckState.PartiallyChecked


def test_that_nothing_checked_disables_the_push_and_says_why(desk) -> None:
    desk.run(desk.open(acme_and_bolt()))
    assert not desk.page.push_button.isEnabled()
    assert "Check the orders" in desk.page.push_button.toolTip()


def test_that_a_blocked_push_says_why_and_leaves_the_preview(desk) -> None:
    async def scenario() -> None:
        await desk.open(acme_and_bolt())
        desk.page._model.check_all(checked=True)
        desk.page.set_push_blocked("A run is under way")

    desk.run(scenario())
    assert (desk.page.push_button.isEnabled(), desk.page.push_button.toolTip()) == (
        False,
        "A run is under way",
    )
    assert desk.page.preview_button.isEnabled()


def test_that_the_header_box_checks_all_and_clears_all(desk) -> None:
    async def scenario() -> None:
        await desk.open(acme_and_bolt())
        box = desk.page._view._check_header.box
        box.click()
        assert (desk.page._selection.totals.orders, box.checkState()) == (4, Qt.CheckState.Checked)
        box.click()
        assert (desk.page._selection.totals.orders, box.checkState()) == (0, Qt.CheckState.Unchecked)

    desk.run(scenario())


def test_that_control_a_checks_all_shown_and_with_shift_clears(desk) -> None:
    control, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier

    async def scenario() -> None:
        await desk.open(acme_and_bolt())
        desk.press(desk.customer("ACME"), Qt.Key.Key_A, control)
        assert desk.page._selection.totals.orders == 4
        desk.press(desk.customer("ACME"), Qt.Key.Key_A, control | shift)
        assert desk.page._selection.totals.orders == 0

    desk.run(scenario())


def test_that_checking_a_searched_customer_checks_only_what_was_found(desk) -> None:
    async def scenario() -> None:
        await desk.open(acme_and_bolt())
        desk.page._filter.search.setText("acme-00")
        QTest.keyClick(desk.page._filter.search, Qt.Key.Key_Return)
        await desk.settle()
        desk.page._filter.search.setText("acme-002")
        QTest.keyClick(desk.page._filter.search, Qt.Key.Key_Return)
        await desk.settle()
        assert desk.page._filter._count.text() == "1 of 4 orders"
        desk.press(desk.customer("ACME"), Qt.Key.Key_Space)
        await desk.settle()
        assert desk.page._selection.totals == SelectionTotals(1, 2, 10, 1)
        desk.press(desk.customer("ACME"), Qt.Key.Key_Space)
        await desk.settle()

    desk.run(scenario())
    assert desk.page._selection.totals == SelectionTotals()


def test_that_a_search_unfolds_what_it_found_and_folds_it_again(desk) -> None:
    async def scenario() -> None:
        await desk.open(acme_and_bolt())
        desk.page._filter.search.setText("bolt-001")
        QTest.keyClick(desk.page._filter.search, Qt.Key.Key_Return)
        await desk.settle()
        assert desk.page._view.expanded_customers() == ["BOLT"]
        assert desk.order("BOLT-1", "BOLT").isValid()
        desk.page._filter.search.clear()
        await desk.settle()

    desk.run(scenario())
    assert desk.page._view.expanded_customers() == []
    assert desk.page._model.customers == ("ACME", "BOLT")


def test_that_a_search_without_a_match_offers_to_show_every_order(desk) -> None:
    async def scenario() -> None:
        await desk.open(acme_and_bolt())
        desk.page._filter.search.setText("nobody")
        QTest.keyClick(desk.page._filter.search, Qt.Key.Key_Return)
        await desk.settle()
        assert desk.page._stack.empty.accessibleName() == "No order matches"
        assert not desk.page._detail.isVisible()
        desk.page._stack.empty.button.click()
        await desk.settle()

    desk.run(scenario())
    assert desk.page._stack.tree_shown
    assert desk.page._filter.wanted == OrderFilter()
    assert desk.page._detail.isVisible()


def test_that_synced_orders_are_hidden_until_their_state_is_chosen(desk, preferences) -> None:
    orders = Orders([make_row(1), make_row(2, "DONE", state=SyncState.SYNCED)])

    async def scenario() -> None:
        await desk.open(orders)
        assert desk.page._model.customers == ("ACME",)
        desk.page._filter.set_states([SyncState.SYNCED])
        await desk.settle()

    desk.run(scenario())
    assert desk.page._model.customers == ("DONE",)
    assert preferences.text("orders/states") == "SYNCED"


def test_that_removing_the_last_chip_shows_every_state(desk) -> None:
    async def scenario() -> None:
        await desk.open(Orders([make_row(1), make_row(2, "DONE", state=SyncState.SYNCED)]))
        desk.page._filter._chips.removed.emit("open")
        await desk.settle()

    desk.run(scenario())
    assert desk.page._model.customers == ("ACME", "DONE")


def test_that_a_reload_keeps_checks_place_and_unfolded_customers(desk) -> None:
    orders = acme_and_bolt()

    async def scenario() -> None:
        await desk.open(orders)
        await desk.unfold()
        desk.press(desk.order("ACME-2"), Qt.Key.Key_Space)
        orders.rows["ACME-1"] = make_row(1, state=SyncState.SYNCED)
        orders.rows["AAA-1"] = make_row(1, "AAA")
        await desk.page.reload()
        await desk.settle()

    desk.run(scenario())
    assert desk.page._model.customers == ("AAA", "ACME", "BOLT")
    assert desk.page._view.currentIndex().data() == "AAG-ACME-002"
    assert desk.page._view.expanded_customers() == ["ACME"]
    assert desk.page._selection.totals.orders == 1


def test_that_an_order_that_left_the_pending_states_leaves_the_selection(desk) -> None:
    orders = acme_and_bolt()

    async def scenario() -> None:
        await desk.open(orders)
        await desk.unfold()
        desk.press(desk.order("ACME-2"), Qt.Key.Key_Space)
        orders.rows["ACME-2"] = make_row(2, state=SyncState.SYNCED)
        await desk.page.reload()

    desk.run(scenario())
    assert desk.told["selection_changed"][-1] == SelectionTotals()


def test_that_unreadable_orders_are_said_in_the_page_until_they_can_be_read(desk) -> None:
    orders = acme_and_bolt()

    async def scenario() -> None:
        orders.broken = Problem("no_database", "The database does not answer", "ORDERS", "Start it.")
        await desk.open(orders)
        assert "The database does not answer" in desk.page._panel.words()
        assert desk.page._panel.isVisible()
        orders.broken = None
        await desk.page.reload()

    desk.run(scenario())
    assert not desk.page._panel.isVisible()
    assert desk.page._model.customers == ("ACME", "BOLT")


def test_that_a_page_that_could_not_be_read_is_a_problem_and_can_be_read_later(desk) -> None:
    orders = acme_and_bolt()
    problem = Problem("no_database", "The database does not answer", "ORDERS", "Start it.")

    async def scenario() -> None:
        await desk.open(orders)
        orders.broken = problem
        await desk.unfold()
        assert problem in desk.told["problem"]
        orders.broken = None
        await desk.page.reload()

    desk.run(scenario())
    assert desk.page._model.read_count("ACME") == 3


def test_that_the_current_order_is_told_in_the_detail_pane(desk) -> None:
    orders = acme_and_bolt()

    async def scenario() -> None:
        await desk.open(orders)
        await desk.unfold()
        desk.page._view.setCurrentIndex(desk.order("ACME-2"))
        await desk.settle()

    desk.run(scenario())
    detail = desk.page._detail
    assert detail.order_key == "ACME-2"
    assert ("PO NUMBER", "PO 2") in detail._fields.rows()
    assert [detail._lines.index(0, column).data() for column in range(3)] == ["XL", "7", "New"]
    assert ("Failed attempts", "2") in detail._history.rows()


def test_that_a_hidden_detail_pane_reads_nothing(desk) -> None:
    orders = acme_and_bolt()

    async def scenario() -> None:
        await desk.open(orders)
        desk.page.details_button.setChecked(False)
        await desk.unfold()
        desk.page._view.setCurrentIndex(desk.order("ACME-2"))
        await desk.settle()

    desk.run(scenario())
    assert orders.details == []


def test_that_fields_are_filtered_by_name_and_value(desk) -> None:
    async def scenario() -> None:
        await desk.open(acme_and_bolt())
        await desk.unfold()
        desk.page._view.setCurrentIndex(desk.order("ACME-2"))
        await desk.settle()

    desk.run(scenario())
    desk.page._detail._field_search.setText("po 2")
    QTest.keyClick(desk.page._detail._field_search, Qt.Key.Key_Return)
    assert desk.page._detail._fields.rows() == [("PO NUMBER", "PO 2")]
    assert desk.page._detail._field_count.text() == "1 of 3"


def test_that_a_failed_order_tells_its_stored_message_as_a_finding(desk) -> None:
    row = make_row(1, state=SyncState.ERROR, error="The board has no label 'X'")

    async def scenario() -> None:
        await desk.open(Orders([row]))
        await desk.unfold()
        desk.page._view.setCurrentIndex(desk.order("ACME-1"))
        await desk.settle()

    desk.run(scenario())
    assert [finding.message for finding in desk.page._detail._findings.records] == [row.error]


def test_that_the_findings_of_a_preview_reach_customers_and_detail(desk) -> None:
    found = Finding(RecordKind.ORDER, "ACME-1", "AAG", "not_a_date", "'x' is not a date", "Correct it.")
    order = PlannedOrder("ACME-1", "AAG", ActionType.INSERT, None, None, findings=(found,))
    plan = Plan("demo", "1", "Board", "", batches=(Batch("ACME", "ACME", "g", (order,), (), ()),))

    async def scenario() -> None:
        await desk.open(acme_and_bolt())
        await desk.unfold()
        desk.page._view.setCurrentIndex(desk.order("ACME-1"))
        await desk.settle()
        desk.page.set_plan(plan)
        await desk.settle()

    desk.run(scenario())
    state = [column.key for column in desk.page._model.columns].index("state")
    assert desk.customer("ACME").siblingAtColumn(state).data() == "1 finding"
    assert desk.page._detail._findings.records == (found,)


def test_that_hold_and_release_change_the_order_and_the_selection(desk) -> None:
    orders = acme_and_bolt()

    async def scenario() -> None:
        await desk.open(orders)
        await desk.unfold()
        desk.press(desk.order("ACME-2"), Qt.Key.Key_Space)
        await desk.settle()
        desk.page._detail.hold_button.click()
        await desk.settle()
        assert orders.rows["ACME-2"].state is SyncState.HELD
        assert desk.page._selection.totals == SelectionTotals()
        assert desk.page._detail.hold_button.text() == "Release"
        desk.page._detail.hold_button.click()
        await desk.settle()

    desk.run(scenario())
    assert orders.rows["ACME-2"].state is SyncState.NEW


def test_that_a_refused_hold_is_a_problem_for_the_window(desk) -> None:
    orders = acme_and_bolt()
    problem = Problem("read_only", "The database is read-only", "ORDERS", "Ask for the rights.")

    async def scenario() -> None:
        await desk.open(orders)
        orders.broken = problem
        desk.page._hold(["ACME-1"])
        await desk.settle()

    desk.run(scenario())
    assert desk.told["problem"] == [problem]


def test_that_events_of_a_run_change_the_shown_rows_in_place(desk) -> None:
    async def scenario() -> None:
        await desk.open(acme_and_bolt())
        await desk.unfold()
        desk.page.apply(
            [RecordEnded(TargetKind.ORDER, "ACME-2", "AAG", "ACME", Outcome.FAILED, message="Refused")]
        )

    desk.run(scenario())
    state = [column.key for column in desk.page._model.columns].index("state")
    assert desk.order("ACME-2").siblingAtColumn(state).data() == "Failed"


def test_that_the_menu_of_an_order_copies_it_as_json(desk) -> None:
    async def scenario() -> None:
        await desk.open(acme_and_bolt())
        await desk.unfold()
        desk.page._view.setCurrentIndex(desk.order("ACME-2"))
        await desk.settle()

    desk.run(scenario())
    menu = desk.page._menu.menu_at(desk.order("ACME-2"))
    entries = {action.text().replace("&", ""): action for action in menu.actions() if action.text()}
    assert {"Details", "Copy cell", "Copy rows", "Copy as JSON", "Hold"} <= set(entries)
    assert "Open on the board" not in entries
    entries["Copy as JSON"].trigger()
    assert '"label": "AAG-ACME-002"' in QGuiApplication.clipboard().text()


def test_that_an_order_on_the_board_can_be_opened_there(desk) -> None:
    opened: list[str] = []
    desk.page._menu.board_wanted.disconnect()
    desk.page._menu.board_wanted.connect(opened.append)

    async def scenario() -> None:
        await desk.open(Orders([make_row(1, state=SyncState.ERROR, item_id="881", error="x")]))
        await desk.unfold()
        desk.page._view.setCurrentIndex(desk.order("ACME-1"))
        await desk.settle()

    desk.run(scenario())
    menu = desk.page._menu.menu_at(desk.order("ACME-1"))
    next(action for action in menu.actions() if "board" in action.text()).trigger()
    assert opened == ["881"]


def test_that_hidden_columns_and_widths_are_kept_and_can_be_reset(qtbot, desk, preferences) -> None:
    desk.run(desk.open(acme_and_bolt()))
    desk.page._columns._fill()
    actions = {action.text(): action for action in desk.page._columns.actions()}
    actions["PO NUMBER"].setChecked(False)
    desk.page._columns.remember()
    again = OrdersPage(desk.tasks, preferences)
    qtbot.addWidget(again)
    again.set_workspace(acme_and_bolt())  # type: ignore[arg-type]
    place = [column.title for column in again._model.columns].index("PO NUMBER")
    assert again._view.header().isSectionHidden(place)
    again._columns.reset()
    assert not again._view.header().isSectionHidden(place)
    assert again._view.header().sectionSize(place) == again._model.columns[place].width


def test_that_the_place_of_the_details_is_remembered(qtbot, desk, preferences) -> None:
    assert desk.page._splitter.orientation() is Qt.Orientation.Vertical
    desk.page._detail.turn_button.click()
    again = OrdersPage(desk.tasks, preferences)
    qtbot.addWidget(again)
    assert again._splitter.orientation() is Qt.Orientation.Horizontal


def test_that_no_count_stays_when_the_profile_is_left(desk) -> None:
    desk.run(desk.open(acme_and_bolt()))
    desk.page.set_workspace(None)
    assert desk.page._filter._count.text() == ""


def test_that_tab_goes_along_the_tools_before_it_goes_down_to_the_chips(qtbot, desk) -> None:
    page = desk.page
    page.activateWindow()
    page.focus_search()
    qtbot.waitUntil(page._filter.search.hasFocus)
    for button in (page._filter.filter_button, page.columns_button, page.details_button):
        qtbot.keyClick(page.focusWidget(), Qt.Key.Key_Tab)
        assert page.focusWidget() is button
    qtbot.keyClick(page.focusWidget(), Qt.Key.Key_Tab)
    assert page._filter._chips.isAncestorOf(page.focusWidget())


def test_that_another_profile_starts_with_nothing_checked(desk) -> None:
    async def scenario() -> None:
        await desk.open(acme_and_bolt())
        desk.page._model.check_all(checked=True)
        await desk.open(Orders([make_row(1, "CORE")]))

    desk.run(scenario())
    assert desk.told["selection_changed"][-1] == SelectionTotals()
    assert desk.page._model.customers == ("CORE",)


def test_that_focus_search_puts_the_cursor_into_the_search_field(desk) -> None:
    desk.page.activateWindow()
    desk.page.focus_search()
    assert desk.page.focusWidget() is desk.page._filter.search
