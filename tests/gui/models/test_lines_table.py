from typing import Any

from PySide6.QtCore import Qt

from core.config.model import EngineColumns
from core.orders.model import ActionType, OrderLine, SyncState
from gui.models.lines_table import lines_table


def make_line(
    size: str, quantity: Any, state: SyncState = SyncState.PENDING, error: str | None = None
) -> OrderLine:
    values = {"SIZE": size, "QTY": quantity}
    return OrderLine(f"l-{size}", "o1", values, state, ActionType.INSERT, "991", error)


def shown(lines: list[OrderLine], sort: int | None = None) -> list[list[str]]:
    table = lines_table(EngineColumns(size_code="SIZE", qty="QTY"))
    table.set_records(lines)
    if sort is not None:
        table.sort(sort, Qt.SortOrder.AscendingOrder)
    return [[table.index(row, column).data() for column in range(5)] for row in range(table.rowCount())]


def test_that_size_and_quantity_come_from_the_columns_of_the_profile(qapp) -> None:
    assert shown([make_line("XL", 7)]) == [["XL", "7", "Pending", "991", ""]]


def test_that_lines_keep_the_order_of_the_table_and_sort_by_number(qapp) -> None:
    lines = [make_line("S", 10), make_line("M", "9"), make_line("L", None)]
    assert [row[0] for row in shown(lines)] == ["S", "M", "L"]
    assert [row[0] for row in shown(lines, sort=1)] == ["L", "M", "S"]


def test_that_only_a_failed_line_shows_its_message(qapp) -> None:
    lines = [
        make_line("S", 1, SyncState.ERROR, "Refused"),
        make_line("M", 1, SyncState.SYNCED, "Old message"),
    ]
    assert [row[2:] for row in shown(lines)] == [["Failed", "991", "Refused"], ["Synced", "991", ""]]
