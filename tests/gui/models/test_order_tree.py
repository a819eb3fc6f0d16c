from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtCore import QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from core.orders.model import PENDING_STATES, ActionType, CustomerSummary, OrderFilter, OrderRow, SyncState
from core.sync.events import RecordEnded
from core.sync.outcome import Outcome
from core.sync.plan import TargetKind
from gui.models.order_columns import CustomerCells, OrderCells
from gui.models.order_selection import OrderSelection
from gui.models.order_tree import CELLS_ROLE, ROWS_AT_ONCE, OrderTreeModel
from gui.widgets.tables import number_text

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
CHECKED, PARTLY, UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.PartiallyChecked, Qt.CheckState.Unchecked


def make_row(number: int, customer: str = "ACME", state: SyncState = SyncState.NEW) -> OrderRow:
    return OrderRow(
        f"{customer}-{number}",
        customer,
        f"AAG-{number}",
        ("PO",),
        2,
        10,
        state,
        ActionType.INSERT,
        None,
        None,
    )


def make_summary(customer: str, orders: int, *, days: int = 1, failed: int = 0) -> CustomerSummary:
    oldest = NOW - timedelta(days=days)
    return CustomerSummary(customer, orders, 2 * orders, 10 * orders, orders - failed, failed, oldest)


def rows_of(customer: str, count: int, first: int = 0) -> list[OrderRow]:
    return [make_row(number, customer) for number in range(first, first + count)]


@pytest.fixture
def model(qapp) -> OrderTreeModel:
    """ACME with 3 orders, BOLT with 450, none of them read; Qt's own tester watches."""
    tree = OrderTreeModel(OrderSelection(), ("PO NUMBER",), now=lambda: NOW)
    tree.tester = QAbstractItemModelTester(tree, QAbstractItemModelTester.FailureReportingMode.Warning)
    show(tree, make_summary("ACME", 3, days=3), make_summary("BOLT", 450))
    return tree


def show(model: OrderTreeModel, *summaries: CustomerSummary) -> None:
    model._selection.set_pending(summaries)
    model.set_customers(summaries)


def read(model: OrderTreeModel, customer: str, rows: Sequence[OrderRow]) -> None:
    model.want_rows(model.customer_index(customer))
    model.add_rows(customer, model.read_count(customer), rows)


def texts(model: OrderTreeModel, parent: QModelIndex) -> list[str]:
    return [model.index(row, 0, parent).data() for row in range(model.rowCount(parent))]


def cell(model: OrderTreeModel, index: QModelIndex, key: str) -> QModelIndex:
    column = [column.key for column in model.columns].index(key)
    return index.siblingAtColumn(column)


def check_of(index: QModelIndex) -> Qt.CheckState | None:
    return index.data(Qt.ItemDataRole.CheckStateRole)


def wanted_by(model: OrderTreeModel) -> list[tuple[str, int, int]]:
    asked: list[tuple[str, int, int]] = []
    model.rows_wanted.connect(lambda *page: asked.append(page))
    return asked


# Reading in pages


def test_that_customers_are_shown_with_a_row_for_the_orders_not_read(model) -> None:
    assert texts(model, QModelIndex()) == ["ACME", "BOLT"]
    assert texts(model, model.customer_index("BOLT")) == ["Loading …"]


def test_that_no_order_is_asked_for_until_somebody_looks(model) -> None:
    asked = wanted_by(model)
    show(model, make_summary("ACME", 3), make_summary("CORE", 7))
    assert asked == []


def test_that_a_page_is_asked_for_once_until_it_has_come(model) -> None:
    asked = wanted_by(model)
    model.want_rows(model.customer_index("BOLT"))
    model.want_rows(model.customer_index("BOLT"))
    assert asked == [("BOLT", 0, ROWS_AT_ONCE)]
    model.add_rows("BOLT", 0, rows_of("BOLT", 200))
    placeholder = model.index(200, 0, model.customer_index("BOLT"))
    model.want_rows(placeholder)
    assert asked[1:] == [("BOLT", 200, ROWS_AT_ONCE)]


def test_that_the_last_page_takes_the_loading_row_away(model) -> None:
    read(model, "BOLT", rows_of("BOLT", 200))
    read(model, "BOLT", rows_of("BOLT", 200, 200))
    assert model.rowCount(model.customer_index("BOLT")) == 401
    read(model, "BOLT", rows_of("BOLT", 50, 400))
    assert model.rowCount(model.customer_index("BOLT")) == 450
    assert wanted_by(model) == []


def test_that_a_page_nobody_waits_for_is_left_out(model) -> None:
    model.add_rows("ACME", 0, rows_of("ACME", 3))
    assert model.read_rows("ACME") == ()


def test_that_a_page_that_could_not_be_read_says_so_and_can_be_asked_for_again(model) -> None:
    asked = wanted_by(model)
    model.want_rows(model.customer_index("ACME"))
    model.rows_failed("ACME")
    assert "could not be read" in texts(model, model.customer_index("ACME"))[0]
    model.want_rows(model.customer_index("ACME"))
    assert len(asked) == 2


# Cells


def test_that_a_customer_shows_its_sums_right_aligned(model) -> None:
    index = model.customer_index("BOLT")
    assert [cell(model, index, key).data() for key in ("orders", "lines", "pieces", "oldest")] == [
        "450",
        "900",
        number_text(4500),
        "24 h",
    ]
    alignment = cell(model, index, "pieces").data(Qt.ItemDataRole.TextAlignmentRole)
    assert alignment & Qt.AlignmentFlag.AlignRight


def test_that_a_customer_with_failed_orders_is_marked(model) -> None:
    show(model, make_summary("ACME", 3, failed=2))
    state = cell(model, model.customer_index("ACME"), "state")
    assert state.data() == "2 failed"
    assert not state.data(Qt.ItemDataRole.DecorationRole).isNull()


def test_that_the_findings_of_a_preview_are_shown_at_their_customer(model) -> None:
    model.set_findings({"BOLT": 2})
    assert cell(model, model.customer_index("BOLT"), "state").data() == "2 findings"
    assert cell(model, model.customer_index("ACME"), "state").data() == ""


def test_that_findings_change_only_the_rows_whose_number_is_another_one(model) -> None:
    model.set_findings({"BOLT": 2})
    told: list[tuple[int, int]] = []
    model.dataChanged.connect(lambda first, last: told.append((first.row(), last.row())))
    model.set_findings({"BOLT": 2})
    assert told == []
    model.set_findings({})
    place = model.customer_index("BOLT").row()
    assert told == [(place, place)]


def test_that_an_order_shows_its_state_as_icon_and_word(model) -> None:
    read(model, "ACME", [make_row(1, state=SyncState.ERROR)])
    state = cell(model, model.order_index("ACME", "ACME-1"), "state")
    assert state.data() == "Failed"
    assert not state.data(Qt.ItemDataRole.DecorationRole).isNull()


def test_that_a_row_hands_out_its_record_whole(model) -> None:
    read(model, "ACME", rows_of("ACME", 2))
    parent = model.customer_index("ACME")
    assert isinstance(parent.data(CELLS_ROLE), CustomerCells)
    assert isinstance(model.index(0, 0, parent).data(CELLS_ROLE), OrderCells)
    assert model.index(2, 0, parent).data(CELLS_ROLE) is None


# Checking


def test_that_a_customer_is_checked_without_reading_its_orders(model) -> None:
    asked = wanted_by(model)
    assert model.setData(model.customer_index("BOLT"), CHECKED, Qt.ItemDataRole.CheckStateRole)
    assert check_of(model.customer_index("BOLT")) == CHECKED
    assert model._selection.totals.orders == 450
    assert asked == []


def test_that_clearing_one_order_leaves_its_customer_partly_checked(model) -> None:
    read(model, "ACME", rows_of("ACME", 3))
    model.setData(model.customer_index("ACME"), CHECKED, Qt.ItemDataRole.CheckStateRole)
    first = model.order_index("ACME", "ACME-0")
    assert check_of(first) == CHECKED
    model.setData(first, UNCHECKED, Qt.ItemDataRole.CheckStateRole)
    assert check_of(model.customer_index("ACME")) == PARTLY
    assert [check_of(model.order_index("ACME", f"ACME-{n}")) for n in range(3)] == [
        UNCHECKED,
        CHECKED,
        CHECKED,
    ]


def test_that_checking_a_partly_checked_customer_checks_it_whole(model) -> None:
    read(model, "ACME", rows_of("ACME", 3))
    model.toggle([model.order_index("ACME", "ACME-0")])
    model.toggle([model.customer_index("ACME")])
    assert check_of(model.customer_index("ACME")) == CHECKED


@pytest.mark.parametrize("state", [state for state in SyncState if state not in PENDING_STATES])
def test_that_an_order_that_is_not_pending_has_no_box_and_says_why(model, state) -> None:
    read(model, "ACME", [make_row(1, state=state)])
    index = model.order_index("ACME", "ACME-1")
    assert check_of(index) is None
    assert not model.setData(index, CHECKED, Qt.ItemDataRole.CheckStateRole)
    assert index.data(Qt.ItemDataRole.ToolTipRole) != index.data()


def test_that_toggling_several_rows_checks_all_and_then_clears_all(model) -> None:
    read(model, "ACME", rows_of("ACME", 3))
    rows = [model.order_index("ACME", f"ACME-{n}") for n in (0, 1)]
    model.toggle(rows[:1])
    model.toggle(rows)
    assert [check_of(row) for row in rows] == [CHECKED, CHECKED]
    model.toggle(rows)
    assert [check_of(row) for row in rows] == [UNCHECKED, UNCHECKED]


def test_that_checking_all_checks_every_customer(model) -> None:
    model.check_all(checked=True)
    assert model._selection.totals.orders == 453
    model.check_all(checked=False)
    assert model._selection.totals.orders == 0


def test_that_a_narrowed_view_asks_for_the_shown_orders_instead_of_checking_whole_customers(model) -> None:
    model.shown_filter = OrderFilter("AAG")
    asked: list[list[str]] = []
    model.narrowed_check_wanted.connect(asked.append)
    model.toggle([model.customer_index("ACME")])
    model.check_all(checked=True)
    assert asked == [["ACME"], ["ACME", "BOLT"]]
    assert model._selection.totals.orders == 0


# Changes from outside


def test_that_new_sums_keep_the_rows_and_the_places_of_those_that_stay(model) -> None:
    read(model, "BOLT", rows_of("BOLT", 200))
    here = QPersistentModelIndex(model.order_index("BOLT", "BOLT-7"))
    show(model, make_summary("AAA", 1), make_summary("BOLT", 450))
    assert texts(model, QModelIndex()) == ["AAA", "BOLT"]
    assert here.data() == "AAG-7"
    assert here.parent().row() == 1


def test_that_rows_read_again_keep_the_places_of_those_that_stay(model) -> None:
    read(model, "ACME", rows_of("ACME", 3))
    here = QPersistentModelIndex(model.order_index("ACME", "ACME-2"))
    model.replace_rows("ACME", [make_row(1), make_row(2, state=SyncState.HELD), make_row(9)])
    assert (here.row(), cell(model, QModelIndex(here), "state").data()) == (1, "Held")
    assert texts(model, model.customer_index("ACME")) == ["AAG-1", "AAG-2", "AAG-9"]


def test_that_a_loading_row_comes_back_when_there_are_more_orders_than_read(model) -> None:
    read(model, "ACME", rows_of("ACME", 3))
    show(model, make_summary("ACME", 5))
    model.replace_rows("ACME", rows_of("ACME", 3))
    assert texts(model, model.customer_index("ACME"))[-1] == "Loading …"


def test_that_sorting_moves_customers_and_a_cleared_sort_gives_the_first_order_back(model) -> None:
    read(model, "ACME", rows_of("ACME", 3))
    here = QPersistentModelIndex(model.order_index("ACME", "ACME-2"))
    orders = [column.key for column in model.columns].index("orders")
    model.sort(orders, Qt.SortOrder.DescendingOrder)
    assert texts(model, QModelIndex()) == ["BOLT", "ACME"]
    assert (here.data(), here.parent().data()) == ("AAG-2", "ACME")
    model.sort(-1)
    assert texts(model, QModelIndex()) == ["ACME", "BOLT"]


def test_that_new_sums_stay_sorted(model) -> None:
    model.sort([column.key for column in model.columns].index("orders"), Qt.SortOrder.DescendingOrder)
    show(model, make_summary("ACME", 3), make_summary("CORE", 10), make_summary("DUNE", 5))
    assert texts(model, QModelIndex()) == ["CORE", "DUNE", "ACME"]


def test_that_one_delivery_of_events_is_one_change_of_the_orders_and_one_of_the_customers(model) -> None:
    read(model, "ACME", rows_of("ACME", 3))
    changes: list[tuple[str | None, int, int]] = []
    model.dataChanged.connect(
        lambda first, last: changes.append((first.parent().data(), first.row(), last.row()))
    )
    model.apply(
        [
            RecordEnded(TargetKind.ORDER, f"ACME-{n}", "AAG", "ACME", Outcome.FAILED, message="Refused")
            for n in (0, 2)
        ]
    )
    assert changes == [("ACME", 0, 2), (None, 0, 0)]
    assert cell(model, model.order_index("ACME", "ACME-2"), "message").data() == "Refused"
    assert cell(model, model.customer_index("ACME"), "state").data() == "2 failed"


def test_that_an_order_a_run_has_sent_can_no_longer_be_checked(model) -> None:
    read(model, "ACME", rows_of("ACME", 3))
    model.apply([RecordEnded(TargetKind.ORDER, "ACME-0", "AAG", "ACME", Outcome.CREATED)])
    assert check_of(model.order_index("ACME", "ACME-0")) is None


@pytest.mark.parametrize(
    ("shown", "narrowed"),
    [
        (OrderFilter(), False),
        (OrderFilter(states=(*PENDING_STATES, SyncState.ERROR)), False),
        (OrderFilter("AAG"), True),
        (OrderFilter(states=(SyncState.NEW, SyncState.ERROR)), True),
    ],
)
def test_that_a_filter_narrows_when_it_can_hide_pending_orders(model, shown, narrowed) -> None:
    model.shown_filter = shown
    assert model.narrowed is narrowed


def test_that_another_profile_begins_with_its_own_columns_and_no_rows(model) -> None:
    model.begin(("STYLE", "COLOUR"))
    assert model.rowCount() == 0
    titles = [model.headerData(n, Qt.Orientation.Horizontal) for n in range(model.columnCount())]
    assert "PO NUMBER" not in titles
    assert {"STYLE", "COLOUR"} < set(titles)
