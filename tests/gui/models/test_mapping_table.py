import pytest
from PySide6.QtCore import QPersistentModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from core.config.model import ColumnMapping, MappingSet
from core.mapping.findings import Severity
from core.mapping.suggestions import Suggestion
from core.monday.board import Board, BoardSchema, Column
from core.orders.model import ActionType, Order, SyncState
from core.workspace.mapping import check_mapping, preview_mapping
from gui.models.board_columns import column_choices, unmapped
from gui.models.mapping_findings import checked_mapping, with_name_rules
from gui.models.mapping_lines import (
    CLEARED,
    LEFT_AS_IT_IS,
    REFUSED,
    free_lines,
    rule_lines,
    set_findings,
)
from gui.models.mapping_table import BOARD_COLUMN, MappingTableModel, Show

LABELS = {"labels": [{"id": 1, "label": "DENIM"}]}
BOARD = Board(
    "1",
    "Orders",
    (
        Column("key", "Record UUID", "text"),
        Column("category", "CATEGORY", "dropdown", LABELS),
        Column("style", "Style", "dropdown", LABELS),
        Column("price", "PRICE", "numbers"),
        Column("note", "NOTE", "text"),
    ),
)


def make_rule(column, type_="text", **changes):
    return ColumnMapping(**{"column": column, "type": type_, "source": column.upper(), **changes})


def make_mapping(*items, **changes):
    values = {"group_name": "{C}", "item_name": "{C}", "subitem_name": "{S}", "item_key_column": "key"}
    return MappingSet(**{**values, "items": items, **changes})


MAPPING = make_mapping(
    make_rule("key"),
    make_rule("category", "dropdown"),
    make_rule("style", "dropdown", on_unknown_label="create"),
    make_rule("price", "numbers", on_empty="clear"),
    make_rule("note"),
)
VALUES = {"KEY": "o1", "CATEGORY": "Cut & Sew", "STYLE": "Parka", "PRICE": None, "NOTE": ""}


def lines_of(mapping=MAPPING, values=VALUES):
    order = Order("o1", "ACME", "AAG-1", values, SyncState.NEW, ActionType.INSERT)
    schema = BoardSchema(BOARD, None)
    checked = checked_mapping(
        mapping, preview_mapping(with_name_rules(mapping), schema, order), check_mapping(mapping, schema)
    )
    return rule_lines("items", mapping, BOARD, checked, checked.findings)


@pytest.fixture
def model(qapp):
    model = MappingTableModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    return model


def texts(model, column=0):
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_that_a_line_tells_source_sample_result_column_and_policy(model):
    model.set_lines(lines_of())
    assert [model.index(0, column).data() for column in range(model.columnCount())] == [
        "KEY", "o1", "", "o1", "Record UUID", "optional",
    ]  # fmt: skip


def test_that_what_happens_to_a_cell_is_said_where_no_value_is_written():
    by_column = {line.rule.column: line for line in lines_of()}
    assert by_column["category"].becomes == REFUSED
    assert by_column["style"].becomes == "Parka (new label)"
    assert by_column["price"].becomes == CLEARED
    assert by_column["note"].becomes == LEFT_AS_IT_IS


def test_that_a_finding_stands_in_the_row_below_its_rule(model):
    model.set_lines(lines_of())
    assert [model.finding_at(row) is not None for row in range(6)] == [
        False,
        False,
        True,
        False,
        False,
        False,
    ]
    told = model.index(2, 0).data()
    assert told.startswith("In this order: The board has no label 'Cut & Sew'")
    assert not model.index(2, 0).data(Qt.ItemDataRole.DecorationRole).isNull()
    assert model.index(2, 0).data(Qt.ItemDataRole.AccessibleTextRole).startswith("Error: ")
    assert model.line_at(2) is model.line_at(1)
    assert model.row_of(2) == 3


def test_that_a_column_the_board_lacks_goes_by_its_id_and_is_told_once(model):
    model.set_lines(lines_of(make_mapping(make_rule("key"), make_rule("gone"))))
    line = model.lines[1]
    assert (line.column_title, line.on_board) == ("gone", False)
    assert [finding.code for finding in line.findings] == ["column_not_on_board"]


def test_that_without_a_board_or_a_check_the_rules_are_shown_as_they_are():
    line = rule_lines("items", MAPPING, None, None, ())[1]
    assert (line.column_title, line.column_type, line.sample, line.becomes) == (
        "category",
        "dropdown",
        "",
        "",
    )
    assert line.on_board


def test_that_what_is_wrong_with_the_whole_side_stands_above_its_rules(model):
    mapping = make_mapping(make_rule("note"))
    findings = check_mapping(mapping, BoardSchema(BOARD, None))
    model.set_lines(lines_of(mapping), set_findings("items", findings))
    assert texts(model)[0].startswith("The key column key has no rule")
    assert model.line_at(0) is None
    assert model.finding_at(0) is not None
    assert model.span_of(0) == (0, model.columnCount())


def test_that_a_finding_that_is_only_a_warning_looks_like_one():
    mapping = make_mapping(make_rule("note"), item_key_column=None)
    (finding,) = set_findings("items", check_mapping(mapping, BoardSchema(BOARD, None)))
    assert finding.severity is Severity.WARNING
    assert finding.tone == "warn"


@pytest.mark.parametrize(
    ("text", "show", "sources"),
    [
        ("cat", Show.ALL, ["CATEGORY"]),
        ("CREATE", Show.ALL, ["STYLE"]),
        ("denim", Show.MAPPED, []),
        ("parka", Show.MAPPED, ["STYLE"]),
        ("", Show.PROBLEMS, ["CATEGORY"]),
        ("note", Show.PROBLEMS, []),
    ],
)
def test_that_the_filter_shows_rules_by_any_of_their_words(model, text, show, sources):
    model.set_lines(lines_of())
    model.set_filter(text, show)
    shown = [model.index(row, 0).data() for row in range(model.rowCount()) if model.finding_at(row) is None]
    assert shown == sources
    assert model.shown == len(sources)
    model.set_filter("", Show.ALL)
    assert model.shown == 5


def test_that_sorting_takes_findings_along_and_the_third_click_gives_the_order_back(model):
    model.set_lines(lines_of())
    model.sort(BOARD_COLUMN, Qt.SortOrder.DescendingOrder)
    assert [text.split(":")[0] for text in texts(model)] == [
        "STYLE", "KEY", "PRICE", "NOTE", "CATEGORY", "In this order",
    ]  # fmt: skip
    model.sort(-1)
    assert texts(model)[0] == "KEY"


def test_that_a_row_stays_the_same_row_while_findings_come_and_go(model):
    model.set_lines(lines_of())
    style = QPersistentModelIndex(model.index(model.row_of(2), 0))
    model.set_lines(lines_of(values={**VALUES, "CATEGORY": "DENIM"}))
    assert style.isValid()
    assert (style.row(), style.data()) == (2, "STYLE")


def test_that_two_rules_for_one_column_are_two_rows(model):
    model.set_lines(
        lines_of(make_mapping(make_rule("key"), make_rule("note"), make_rule("note", source="KEY")))
    )
    assert [model.line_at(row).index for row in range(model.rowCount())] == [0, 1, 2, 2]
    assert "Two rules write note" in texts(model)[3]


def free_of(*suggestions):
    board = Board("1", "Orders", (*BOARD.columns, Column("packed", "PACKED", "mirror")))
    choices = unmapped(column_choices(board, {"key": "KEY"}))
    return free_lines(choices, {each.column_id: each for each in suggestions}, {"NOTES": "fragile"})


NOTE = Suggestion("NOTES", "note", "NOTE", "text", 0.9, "the titles are alike")


def test_that_free_columns_stand_below_the_rules_the_surest_suggestion_first_what_is_read_only_last(model):
    model.set_lines(lines_of(), (), free_of(NOTE))
    heading = next(row for row in range(model.rowCount()) if model.span_of(row)[1] == model.columnCount()
                   and model.finding_at(row) is None)  # fmt: skip
    assert model.index(heading, 0).data() == "Board columns without a rule: 4 can be written"
    assert not model.flags(model.index(heading, 0)) & Qt.ItemFlag.ItemIsSelectable
    titles = [model.free_at(row).choice.title for row in range(heading + 1, model.rowCount())]
    assert titles == ["NOTE", "CATEGORY", "Style", "PRICE", "PACKED"]
    row = model.row_of_free("note")
    assert [model.index(row, column).data() for column in range(model.columnCount())] == [
        "NOTES", "fragile", "90 %: the titles are alike", "", "NOTE", "Accept",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "show", "titles"),
    [
        ("", Show.NOT_MAPPED, ["NOTE", "CATEGORY", "Style", "PRICE", "PACKED"]),
        ("fragile", Show.ALL, ["NOTE"]),
        ("mirror", Show.NOT_MAPPED, ["PACKED"]),
        ("", Show.MAPPED, []),
        ("", Show.PROBLEMS, []),
    ],
)
def test_that_free_columns_are_searched_and_filtered(model, text, show, titles):
    model.set_lines(lines_of(), (), free_of(NOTE))
    model.set_filter(text, show)
    shown = [line for row in range(model.rowCount()) if (line := model.free_at(row))]
    assert [line.choice.title for line in shown] == titles


def test_that_each_filter_says_how_many_it_has(model):
    model.set_lines(lines_of(), (), free_of())
    assert list(model.counts().values()) == [10, 5, 5, 1]
