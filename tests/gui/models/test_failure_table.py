from PySide6.QtTest import QAbstractItemModelTester

from core.orders.model import FailedRecord, RecordKind
from gui.models.failure_causes import FailureGroup
from gui.models.failure_table import FailureTableModel, groups_table, record_text


def make_record(key: str, **changes: object) -> FailedRecord:
    values = {
        "kind": RecordKind.ORDER,
        "key": key,
        "order_key": key,
        "customer": "ACME",
        "label": f"AAG-{key}",
        "message": f"message of {key}",
        "retry_count": 2,
    }
    return FailedRecord(**{**values, **changes})


def make_model(*records: FailedRecord) -> FailureTableModel:
    model = FailureTableModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_failures(records)
    return model


def labels(model: FailureTableModel) -> list[str]:
    return [row.record.label for row in model.records]


def test_that_a_line_is_called_a_line(theme) -> None:
    line = make_record("1", kind=RecordKind.LINE, label="AAG-1, size 32x34")
    assert make_model(line).index(0, 0).data() == "Line AAG-1, size 32x34"


def test_that_a_line_without_an_order_says_so() -> None:
    line = make_record("1", kind=RecordKind.LINE, label="no order, size 2T", customer="")
    assert record_text(line) == "Line of no order, size 2T"


def test_that_every_word_of_a_search_must_be_found() -> None:
    model = make_model(make_record("1"), make_record("2", customer="Bolt"))
    model.set_search("bolt MESSAGE")
    assert labels(model) == ["AAG-2"]
    model.set_search("bolt AAG-1")
    assert labels(model) == []
    assert model.total == 2


def test_that_the_value_concerned_is_filled_in_when_it_is_known(theme) -> None:
    first, second = make_record("1"), make_record("2")
    model = make_model(first, second)
    changed = []
    model.dataChanged.connect(lambda top, bottom: changed.append((top.row(), bottom.row())))
    model.set_value(second, "CATEGORY", "Cut & Sew")
    assert [model.index(1, column).data() for column in (2, 3)] == ["CATEGORY", "Cut & Sew"]
    assert changed == [(1, 1)]


def test_that_a_value_that_was_read_stays_when_the_records_come_again() -> None:
    record = make_record("1")
    model = make_model(record)
    model.set_value(record, "CATEGORY", "x")
    model.set_failures([make_record("1"), make_record("2")])
    assert [row.source for row in model.records] == ["CATEGORY", ""]


def test_that_a_record_is_found_by_its_key() -> None:
    model = make_model(make_record("1"), make_record("2"))
    assert model.row_of(RecordKind.ORDER, "2") == 1
    assert model.row_of(RecordKind.LINE, "2") == -1


def test_that_groups_show_words_and_counts() -> None:
    model = groups_table(None)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_records([FailureGroup("x", "Label not on the board", (make_record("1"),))])
    assert [model.index(0, column).data() for column in (0, 1)] == ["Label not on the board", "1"]
