import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from gui.models.run_customers import RunCustomersModel
from gui.models.run_progress import CustomerProgress, CustomerState, Tally
from gui.widgets.progress import BAR_ROLE, PassCounts


def make_model() -> tuple[RunCustomersModel, list[CustomerProgress]]:
    model = RunCustomersModel(lambda: 12.0)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows = [CustomerProgress(name, Tally(total=10)) for name in ("ACME", "Bolt", "Crow")]
    model.begin(dry_run=False)
    model.update_customers({row.customer for row in rows}, rows)
    return model, rows


def cell(model: RunCustomersModel, row: int, title: str, role: int = Qt.ItemDataRole.DisplayRole):
    titles = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    return model.index(row, titles.index(title)).data(role)


def test_that_a_row_says_state_counts_and_time(theme) -> None:
    model, rows = make_model()
    rows[0].tally = Tally(10, synced=6, failed=1, unknown=1, skipped=2)
    rows[0].state, rows[0].seconds = CustomerState.DONE, 3.0
    model.update_customers({"ACME"}, rows)
    shown = [
        cell(model, 0, title) for title in ("State", "Records", "Synced", "Failed", "Skipped", "Unknown")
    ]
    assert shown == ["Done", "10", "6", "1", "2", "1"]
    assert cell(model, 0, "Time") == "3.0 s"
    assert cell(model, 0, "Progress", BAR_ROLE) == PassCounts(10, 8, 1, 1)


def test_that_a_running_customer_counts_its_time_by_the_clock(theme) -> None:
    model, rows = make_model()
    rows[1].started_at = 2.0
    model.tick()
    assert cell(model, 1, "Time") == "10 s"


def test_that_a_delivery_repaints_the_rows_of_its_customers_and_no_others() -> None:
    model, rows = make_model()
    changed = []
    model.dataChanged.connect(lambda first, last: changed.append((first.row(), last.row())))
    model.update_customers({"ACME", "Bolt"}, rows)
    assert changed == [(0, 0), (1, 1)]


def test_that_a_customer_who_was_not_announced_gets_a_row_at_the_end() -> None:
    model, rows = make_model()
    rows.append(CustomerProgress(""))
    model.update_customers({""}, rows)
    assert model.index(3, 0).data() == "Lines without an order"


def test_that_sorted_rows_stay_where_they_are_while_the_run_goes_on() -> None:
    model, rows = make_model()
    model.sort(0, Qt.SortOrder.DescendingOrder)
    rows[0].tally.synced = 10
    model.update_customers({"ACME"}, rows)
    assert [model.index(row, 0).data() for row in range(3)] == ["Crow", "Bolt", "ACME"]


@pytest.mark.parametrize(("kind", "word"), [("dry_run", "Would sync"), ("undo", "Archived")])
def test_that_a_dry_run_or_an_undo_does_not_claim_to_sync(kind: str, word: str) -> None:
    model, _rows = make_model()
    model.begin(**{"dry_run": False, kind: True})
    titles = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    assert word in titles
    assert "Synced" not in titles


def test_that_a_customer_whose_turn_did_not_come_is_neutral_and_took_no_time(theme) -> None:
    model, rows = make_model()
    rows[0].state = CustomerState.NOT_STARTED
    model.update_customers({"ACME"}, rows)
    assert (cell(model, 0, "State"), cell(model, 0, "Time")) == ("Not started", "")
    tone = cell(model, 0, "State", Qt.ItemDataRole.ForegroundRole)
    assert tone == theme.tokens.color("muted")


def test_that_the_counts_say_what_they_count() -> None:
    model, _rows = make_model()
    horizontal, tip = Qt.Orientation.Horizontal, Qt.ItemDataRole.ToolTipRole
    tips = {
        model.headerData(column, horizontal): model.headerData(column, horizontal, tip)
        for column in range(model.columnCount())
    }
    assert tips["Records"] == "Orders and lines together"
    assert tips["Failed"] == "Orders and lines together: an order fails with any of its lines"
