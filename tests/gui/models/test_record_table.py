from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from gui.models.record_table import RECORD_ROLE, RecordTable, TableColumn

COLUMNS = (
    TableColumn[tuple[str, int]]("Name", lambda record: record[0]),
    TableColumn[tuple[str, int]](
        "Count", lambda record: str(record[1]), sort_key=lambda record: record[1], number=True
    ),
)
RECORDS = [("b", 10), ("A", 9), ("c", 100)]


def table() -> RecordTable[tuple[str, int]]:
    model = RecordTable(COLUMNS)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_records(RECORDS)
    return model


def names(model: RecordTable[tuple[str, int]]) -> list[str]:
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_that_text_sorts_without_case_and_numbers_by_their_value() -> None:
    model = table()
    model.sort(0)
    assert names(model) == ["A", "b", "c"]
    model.sort(1, Qt.SortOrder.DescendingOrder)
    assert names(model) == ["c", "b", "A"]


def test_that_the_third_click_gives_the_first_order_back() -> None:
    model = table()
    model.sort(0)
    model.sort(-1)
    assert names(model) == ["b", "A", "c"]


def test_that_the_order_stays_when_records_change() -> None:
    model = table()
    model.sort(0)
    model.set_records([("z", 1), ("a", 2)])
    assert names(model) == ["a", "z"]


def test_that_a_chosen_row_follows_its_record() -> None:
    model = table()
    chosen = QPersistentModelIndex(model.index(0, 0))
    model.sort(1, Qt.SortOrder.DescendingOrder)
    assert chosen.data(RECORD_ROLE) == ("b", 10)


def test_that_numbers_are_right_aligned_with_their_title() -> None:
    model = table()
    role = Qt.ItemDataRole.TextAlignmentRole
    assert model.index(0, 1).data(role) == model.headerData(1, Qt.Orientation.Horizontal, role)


def test_that_a_row_past_the_end_is_nothing() -> None:
    assert table().record(3) is None
    assert table().record(-1) is None
