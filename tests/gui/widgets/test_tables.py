import pytest
from PySide6.QtCore import QItemSelection, QItemSelectionModel, Qt
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QApplication, QListView, QTableView, QTreeView

from gui.theme import Density
from gui.widgets import tables
from gui.widgets.tables import KeyValueTable, copy_selection, number_text, prepare_table

ROWS = [["SMS-1", "1,200", "Ruffle"], ["SMS-2", "18", 'Coral\t"bright"'], ["SMS-3", "7", "Plain"]]


@pytest.fixture
def model(qapp):
    model = QStandardItemModel(0, 3)
    model.setHorizontalHeaderLabels(["Order", "Pieces", "Style"])
    for row in ROWS:
        model.appendRow([QStandardItem(text) for text in row])
    return model


@pytest.fixture
def view(qtbot, theme, model):
    view = QTableView()
    qtbot.addWidget(view)
    view.setModel(model)
    prepare_table(view, "Orders")
    view.show()
    QApplication.clipboard().setText("untouched")
    return view


def test_that_a_table_has_a_name_whole_rows_and_lets_tab_go(view):
    assert view.accessibleName() == "Orders"
    assert view.selectionBehavior() is QTableView.SelectionBehavior.SelectRows
    assert not view.tabKeyNavigation()
    assert view.horizontalHeader().isSortIndicatorClearable()


def test_that_rows_follow_the_density(view, theme):
    assert view.rowHeight(0) == 28
    theme.set_density(Density.COMPACT)
    assert view.rowHeight(0) == 22


@pytest.mark.parametrize("kind", [QTreeView, QListView])
def test_that_rows_of_trees_and_lists_follow_the_density(qtbot, theme, model, kind):
    view = kind()
    qtbot.addWidget(view)
    view.setModel(model)
    prepare_table(view, "Orders")
    view.show()
    assert view.visualRect(model.index(0, 0)).height() == 28
    theme.set_density(Density.COMPACT)
    QApplication.processEvents()
    assert view.visualRect(model.index(0, 0)).height() == 22


def test_that_a_closed_table_is_no_longer_told_of_the_theme(qtbot, theme, model):
    view = QTableView()
    prepare_table(view, "Orders")
    view.deleteLater()
    QApplication.sendPostedEvents(view, 52)
    theme.set_density(Density.COMPACT)
    assert theme.density is Density.COMPACT


def test_that_a_selection_pastes_into_a_spreadsheet(view):
    view.selectRow(1)
    assert copy_selection(view, headers=True) == 'Order\tPieces\tStyle\nSMS-2\t18\t"Coral\t""bright"""'
    assert QApplication.clipboard().text().startswith("Order\t")


def test_that_columns_are_copied_as_they_are_seen(view):
    view.horizontalHeader().moveSection(2, 0)
    view.hideColumn(1)
    view.selectRow(0)
    assert copy_selection(view) == "Ruffle\tSMS-1"


def test_that_cells_apart_keep_their_columns(view, model):
    view.setSelectionBehavior(QTableView.SelectionBehavior.SelectItems)
    selection = QItemSelection(model.index(2, 0), model.index(2, 0))
    selection.merge(
        QItemSelection(model.index(0, 1), model.index(0, 1)), QItemSelectionModel.SelectionFlag.Select
    )
    view.selectionModel().select(selection, QItemSelectionModel.SelectionFlag.ClearAndSelect)
    assert copy_selection(view) == '\t"1,200"'.replace('"', "") + "\nSMS-3\t"


def test_that_nothing_selected_leaves_the_clipboard_alone(view):
    assert copy_selection(view) == ""
    assert QApplication.clipboard().text() == "untouched"


def test_that_too_much_for_the_clipboard_leaves_it_alone(view, monkeypatch):
    monkeypatch.setattr(tables, "COPY_LIMIT", 5)
    view.selectAll()
    assert copy_selection(view) == ""
    assert QApplication.clipboard().text() == "untouched"


def test_that_rows_of_a_tree_are_copied_from_top_to_bottom(qtbot, theme, model):
    view = QTreeView()
    qtbot.addWidget(view)
    model.item(0).appendRow([QStandardItem("line 1"), QStandardItem("XS"), QStandardItem("6")])
    view.setModel(model)
    prepare_table(view, "Orders")
    view.expandAll()
    view.show()
    view.selectAll()
    assert [line.split("\t")[0] for line in copy_selection(view).split("\n")] == [
        "SMS-1", "line 1", "SMS-2", "SMS-3",
    ]  # fmt: skip


def test_that_numbers_are_grouped(theme):
    assert number_text(41220) == "41,220"


def test_that_fields_and_values_are_shown_read_only_with_their_full_text(qtbot, theme):
    table = KeyValueTable(name="Fields of the order")
    qtbot.addWidget(table)
    table.set_rows([("CUSTOMER NAME", "SUMMERSALT"), ("∆", "x" * 500)])
    table.set_rows([("CUSTOMER NAME", "SUMMERSALT")])
    assert table.rows() == [("CUSTOMER NAME", "SUMMERSALT")]
    assert table.item(0, 1).toolTip() == "SUMMERSALT"
    assert table.editTriggers() == KeyValueTable.EditTrigger.NoEditTriggers
    assert not table.item(0, 0).data(Qt.ItemDataRole.CheckStateRole)
    assert table.accessibleName() == "Fields of the order"
