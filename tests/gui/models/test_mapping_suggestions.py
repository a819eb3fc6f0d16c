import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from core.config.model import ColumnMapping
from core.mapping.suggestions import Suggestion
from gui.models.mapping_suggestions import SuggestionsModel, still_open, suggestion_words


def suggestion(source, column, confidence):
    return Suggestion(source, column, column.upper(), "text", confidence, "the titles are alike")


ALL = (suggestion("A", "a", 0.7), suggestion("B", "b", 0.95), suggestion("C", "c", 0.5))


@pytest.fixture
def model(qapp):
    model = SuggestionsModel(ALL)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return model


def test_that_the_threshold_checks_what_is_at_least_so_sure(model):
    model.set_threshold(70)
    assert [each.source for each in model.checked] == ["A", "B"]
    model.set_threshold(71)
    assert [each.source for each in model.checked] == ["B"]


def test_that_single_rows_are_checked_and_unchecked(model):
    model.set_threshold(90)
    role = Qt.ItemDataRole.CheckStateRole
    assert model.setData(model.index(2, 0), Qt.CheckState.Checked, role)
    assert model.setData(model.index(1, 0), Qt.CheckState.Unchecked, role)
    assert [each.source for each in model.checked] == ["C"]
    assert not model.setData(model.index(0, 0), "A", Qt.ItemDataRole.EditRole)


def test_that_a_suggestion_tells_how_sure_it_is_and_why():
    assert suggestion_words(ALL[1]) == "95 %: the titles are alike"


def test_that_what_was_mapped_meanwhile_is_no_longer_suggested_and_the_surest_comes_first():
    rules = (ColumnMapping(column="c", type="text", source="X"),)
    assert [each.source for each in still_open(ALL, rules)] == ["B", "A"]
    rules = (ColumnMapping(column="x", type="text", source="B"),)
    assert [each.source for each in still_open(ALL, rules)] == ["A", "C"]
