import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from core.monday.board import READ_ONLY_TYPES, Board, Column
from gui.models.board_columns import BoardColumnsModel, column_choices, unmapped

BOARD = Board(
    "1",
    "Orders",
    (
        Column("name", "Name", "name"),
        Column("qty", "QTY PACKED", "mirror"),
        Column("style", "STYLE", "dropdown"),
        Column("plan", "PLANNING BOARD", "board_relation"),
        Column("subs", "Subitems", "subtasks"),
        Column("old", "Old", "text", archived=True),
        Column("note", "NOTES", "long_text"),
    ),
)


@pytest.fixture
def model(qapp):
    model = BoardColumnsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_choices(column_choices(BOARD, {"style": "CUSTOMER STYLE"}))
    return model


def test_that_columns_that_can_be_written_come_first_and_the_others_say_why_not():
    reasons = {choice.title: choice.reason for choice in column_choices(BOARD, {"style": "CUSTOMER STYLE"})}
    assert list(reasons.items()) == [
        ("PLANNING BOARD", ""),
        ("NOTES", ""),
        ("Name", "The name is written by the name template."),
        ("QTY PACKED", "A mirror column shows values of another board; change them there."),
        ("STYLE", "Already written from CUSTOMER STYLE."),
        ("Subitems", "The subitems column is filled by the order's lines, one subitem each."),
        ("Old", "The column is archived on the board; restore it there to write it."),
    ]


@pytest.mark.parametrize("column_type", sorted(READ_ONLY_TYPES | {"something_new"}))
def test_that_no_read_only_type_can_be_chosen(column_type):
    (choice,) = column_choices(Board("1", "B", (Column("x", "X", column_type),)), {})
    assert choice.reason


def test_that_without_a_board_there_is_nothing_to_choose():
    assert column_choices(None, {}) == ()


def test_that_unmapped_leaves_out_mapped_columns_the_name_and_the_subitems():
    choices = column_choices(BOARD, {"style": "CUSTOMER STYLE"})
    assert [choice.title for choice in unmapped(choices)] == ["PLANNING BOARD", "NOTES", "QTY PACKED", "Old"]


def test_that_a_column_that_cannot_be_chosen_is_disabled_and_tells_the_reason(model):
    row = model.row_of("qty")
    title, reason = model.index(row, 0), model.index(row, 1)
    assert not title.flags() & Qt.ItemFlag.ItemIsEnabled
    assert reason.data().startswith("A mirror column shows values of another board")
    assert (
        title.data(Qt.ItemDataRole.AccessibleTextRole)
        == "QTY PACKED (mirror): A mirror column shows values of another board; change them there."
    )
    free = model.index(model.row_of("note"), 0)
    assert free.flags() & Qt.ItemFlag.ItemIsEnabled
    assert free.siblingAtColumn(1).data() == "long text"
    assert model.row_of("gone") == -1
