"""Failed records as table rows, and the groups they are in."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QIcon

from core.orders.model import FailedRecord, RecordKind
from gui.models.failure_causes import FailureGroup
from gui.models.record_table import RecordTable, TableColumn
from gui.widgets.states import State, state_icon
from gui.widgets.tables import number_text


@dataclass(frozen=True, slots=True)
class FailureRow:
    """A failed record and, once it has been read, the value concerned."""

    record: FailedRecord
    source: str = ""
    value: str = ""


def record_text(record: FailedRecord) -> str:
    """Return a record's name with its kind: "Order AAG-1" or "Line AAG-1, size 32x34"."""
    if record.kind is RecordKind.LINE and not record.customer:
        return f"Line of {record.label}"
    return f"{record.kind.value.capitalize()} {record.label}"


def groups_table(parent: QObject) -> RecordTable[FailureGroup]:
    """Make the table of groups: their words and how many records each has."""
    return RecordTable(
        (
            TableColumn[FailureGroup]("Group", lambda group: group.title),
            TableColumn[FailureGroup](
                "Records",
                lambda group: number_text(group.count),
                sort_key=lambda group: group.count,
                number=True,
            ),
        ),
        parent,
    )


class FailureTableModel(RecordTable[FailureRow]):
    """Records of a group that hold every word of a search."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_COLUMNS, parent)
        self._all: list[FailureRow] = []
        self._words: list[str] = []

    def set_failures(self, records: Sequence[FailedRecord]) -> None:
        """Show the records of another group; the search stays."""
        known = {(row.record.kind, row.record.key): row for row in self._all}
        self._all = [
            known[record.kind, record.key]
            if (record.kind, record.key) in known and known[record.kind, record.key].record == record
            else FailureRow(record)
            for record in records
        ]
        self.set_records(row for row in self._all if self._matches(row))

    def set_search(self, text: str) -> None:
        """Show only records that hold every word of `text` somewhere, whatever its case."""
        self._words = text.casefold().split()
        self.set_records(row for row in self._all if self._matches(row))

    def set_value(self, record: FailedRecord, source: str, value: str) -> None:
        """Fill in which value of a record is concerned."""
        row = FailureRow(record, source, value)
        for rows in (self._all, self._given, self._shown):
            for place, old in enumerate(rows):
                if old.record is record:
                    rows[place] = row
        if row in self._shown:
            place = self._shown.index(row)
            self.dataChanged.emit(self.index(place, 0), self.index(place, self.columnCount() - 1))

    def row_of(self, kind: RecordKind, key: str) -> int:
        """Return the row of a record, or -1 where it is not shown."""
        for place, row in enumerate(self._shown):
            if (row.record.kind, row.record.key) == (kind, key):
                return place
        return -1

    @property
    def total(self) -> int:
        """Records of the group, shown or not."""
        return len(self._all)

    def _matches(self, row: FailureRow) -> bool:
        record = row.record
        text = f"{record.label} {record.customer} {record.message} {row.source} {row.value}".casefold()
        return all(word in text for word in self._words)


def _icon(_row: FailureRow) -> QIcon:
    return state_icon(State.FAILED)


_COLUMNS = (
    TableColumn[FailureRow]("Record", lambda row: record_text(row.record), icon=_icon),
    TableColumn[FailureRow]("Customer", lambda row: row.record.customer or "not known"),
    TableColumn[FailureRow]("Column", lambda row: row.source),
    TableColumn[FailureRow]("Value", lambda row: row.value),
    TableColumn[FailureRow](
        "Attempts",
        lambda row: number_text(row.record.retry_count),
        sort_key=lambda row: row.record.retry_count,
        number=True,
    ),
    TableColumn[FailureRow]("What happened", lambda row: row.record.message),
)
