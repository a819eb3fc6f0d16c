from datetime import datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from gui.models.run_log import LogLine, RunLogModel
from gui.models.run_sentences import Mark, Sentence

AT = datetime(2026, 3, 2, 9, 5, 7)  # noqa: DTZ001  local time is what the log shows


def lines(*texts: str, mark: Mark = Mark.NOTE) -> list[LogLine]:
    return [LogLine(AT, Sentence(text, mark)) for text in texts]


def shown(model: RunLogModel) -> list[str]:
    return [model.index(row, 1).data() for row in range(model.rowCount())]


def test_that_the_model_keeps_the_rules_of_item_models(qtmodeltester, theme) -> None:
    model = RunLogModel(kept=3)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.append(lines("a", "b"))
    model.append(lines("c", "d"))
    model.set_filter("c")
    model.append(lines("cc", "e", "f"))
    model.clear()
    assert model.rowCount() == 0


def test_that_the_oldest_lines_go() -> None:
    model = RunLogModel(kept=3)
    model.append(lines("a", "b"))
    model.append(lines("c", "d"))
    assert shown(model) == ["b", "c", "d"]


def test_that_a_delivery_larger_than_the_log_leaves_its_end() -> None:
    model = RunLogModel(kept=2)
    model.append(lines("a", "b", "c"))
    assert shown(model) == ["b", "c"]


def test_that_the_filter_holds_for_lines_that_come_later() -> None:
    model = RunLogModel()
    model.append(lines("Order A created", "Order B failed"))
    model.set_filter("FAILED")
    model.append(lines("Order C failed", "Order D created"))
    assert shown(model) == ["Order B failed", "Order C failed"]
    model.set_filter("")
    assert len(shown(model)) == 4


def test_that_an_error_has_an_icon_and_the_word(theme) -> None:
    model = RunLogModel()
    model.append(lines("Order A failed", mark=Mark.ERROR))
    index = model.index(0, 1)
    assert index.data() == "Error: Order A failed"
    assert not index.data(Qt.ItemDataRole.DecorationRole).isNull()


def test_that_one_delivery_is_one_insertion() -> None:
    model = RunLogModel()
    inserted = []
    model.rowsInserted.connect(lambda _parent, first, last: inserted.append((first, last)))
    model.append(lines(*"abcdef"))
    assert inserted == [(0, 5)]


def test_that_a_copied_line_has_its_day() -> None:
    assert lines("a")[0].copied == "2026-03-02 09:05:07\ta"


@settings(deadline=None)
@given(st.lists(st.lists(st.sampled_from("abc"), max_size=4), max_size=8), st.sampled_from(["", "a"]))
def test_that_the_log_is_the_end_of_all_that_was_told(deliveries: list[list[str]], wanted: str) -> None:
    model = RunLogModel(kept=5)
    model.set_filter(wanted)
    for delivery in deliveries:
        model.append(lines(*delivery))
    told = [text for delivery in deliveries for text in delivery][-5:]
    assert shown(model) == [text for text in told if wanted in text]
    assert model.line_count == len(told)
