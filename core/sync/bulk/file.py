"""A planned bulk import: the file byte for byte, one row an order or a line, a line below its order.

Both boards share the header: the columns of orders by their ids, those of lines with `.subitem` behind
(docs/importing-items-in-bulk, classic subitems).
"""

import csv
import hashlib
import io
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from core.mapping.bulk_cells import bulk_cell, plain_text
from core.monday.board import Board, BoardSchema
from core.monday.documents import START_IMPORT_MUTATION, mutation_document
from core.sync.bulk.status import POLL_SECONDS
from core.sync.plan import Operation, PlannedRequest, Reference, Step, TargetKind, request_body, seal

ROWS_PER_FILE = 10_000
FIRST_ROW = 2
"""The header is row 1."""
KEYS_PER_PAGE = 100
"""Orders whose ids are read back by one rule; the provider tells no limit of a rule's values."""
PAGES_PER_CALL = 15
"""Such pages in one call. By the practice board's table it costs less than a million points, all that the
smallest accounts have a minute (docs/rate-limits)."""
RELATION_COLUMNS = 5
"""Columns of one file that connect boards."""

_NAME = "name"
_OF_SUBITEMS = ".subitem"
_PREVIEWED_ROWS = 20
_ROWS_PER_SECOND = 200.0
"""What a job is thought to create; the provider names no speed, and a run learns it."""

Cells = Mapping[str, str]
"""Filled cells by header title."""


@dataclass(frozen=True)
class ImportRequest(PlannedRequest):
    """One job: its operations are the file's rows, in their order.

    `document` and `variables` are those of the start; `body` is the start followed by the file.
    """

    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    group: str | Reference = ""
    reason: str = ""
    """Why it goes this way, in words."""

    @cached_property
    def _rendered(self) -> tuple[str, dict[str, Any]]:
        return START_IMPORT_MUTATION, {"board_id": self.board_id, "group_id": self.group}

    @cached_property
    def file(self) -> bytes:
        """The file that is uploaded: CSV in UTF-8."""
        text = io.StringIO(newline="")
        writer = csv.writer(text)
        writer.writerow(self.header)
        writer.writerows(self.rows)
        return text.getvalue().encode()

    @property
    def body(self) -> bytes:
        """The request that starts the job, references unresolved, and below it the file."""
        return request_body(self.document, self.variables) + b"\n\n" + self.file

    @property
    def variables_text(self) -> str:
        """The start's variables as indented JSON, and what the file is: its hash, size and first rows."""
        variables = {
            name: value.name if isinstance(value, Reference) else value
            for name, value in self.variables.items()
        }
        about = {
            "why": self.reason,
            "sha256": hashlib.sha256(self.file).hexdigest(),
            "bytes": len(self.file),
            "rows": len(self.rows),
            "header": self.header,
            "first_rows": self.rows[:_PREVIEWED_ROWS],
        }
        return json.dumps({**variables, "file": about}, ensure_ascii=False, indent=2)

    @property
    def calls(self) -> int:
        """Calls that it is thought to cost: the start, the questions for its status, the ids read back."""
        items = sum(operation.target is TargetKind.ORDER for operation in self.operations)
        return forecast_calls(items, len(self.operations))

    @property
    def seconds(self) -> float:
        """Seconds that it is thought to take."""
        return forecast_seconds(len(self.rows))

    def journalled(self, ids: Mapping[Reference, str]) -> str:
        """What the journal keeps: the start and the file, and the values of the rows as mutations have them.

        By those an undo compares the board with what was sent. Raises KeyError for an unknown id.
        """
        start = json.loads(self.filled_body(ids))
        values = mutation_document([operation.mutation for operation in self.operations])[1]
        known = {name: value for name, value in values.items() if not isinstance(value, Reference)}
        kept = {**start, "variables": {**known, **start["variables"]}, "file": self.file.decode()}
        return json.dumps(kept, ensure_ascii=False)

    def of_orders(self, keys: Collection[str]) -> "ImportRequest | None":
        """The same request with these orders and their lines alone; None when nothing is left."""
        kept = [
            (operation, row)
            for operation, row in zip(self.operations, self.rows, strict=True)
            if order_key_of(operation) in keys
        ]
        if len(kept) == len(self.operations):
            return self
        if not kept:
            return None
        operations, rows = zip(*kept, strict=True)
        return _sealed(replace(self, operations=operations, rows=rows))


def order_key_of(operation: Operation) -> str:
    """The key of the order that it creates, or whose line it creates."""
    return operation.order_key or operation.key


def polls_of(rows: int) -> int:
    """Questions for the status of a job of so many rows.

    The first tells when the job should have ended, the second finds it ended. It may take one less, where an
    earlier job of the run told the pace, or some more, where the board is far slower than thought.
    """
    return 1 if rows <= _ROWS_PER_SECOND * POLL_SECONDS else 2


def forecast_calls(items: int, rows: int) -> int:
    """Calls of a job of so many rows, `items` of them orders."""
    return 1 + polls_of(rows) + -(-items // (KEYS_PER_PAGE * PAGES_PER_CALL))


def forecast_seconds(rows: int) -> float:
    """Seconds of a job of so many rows."""
    return max(POLL_SECONDS, rows / _ROWS_PER_SECOND)


class RowWriter:
    """Writes the cells of orders and lines for one board."""

    def __init__(self, schema: BoardSchema, item_key: str, subitem_key: str) -> None:
        """The last two are the key columns, without which nothing could be found again."""
        self._boards = {TargetKind.ORDER: schema.items, TargetKind.LINE: schema.subitems}
        self._keys = {TargetKind.ORDER: item_key, TargetKind.LINE: subitem_key}
        self.unsaid: dict[str, None] = {}
        """Titles of columns for whose sake records were refused: an import cannot fill them as needed."""

    def cells(self, operation: Operation) -> Cells | None:
        """The row's cells by header title; None where an import would not make the record as it is to be."""
        record, board = operation.record, self._boards[operation.target]
        if record is None or board is None or record.creates_labels or plain_text(record.name) is None:
            return None
        if record.column_values.get(self._keys[operation.target]) != operation.key:
            return None
        suffix = "" if operation.target is TargetKind.ORDER else _OF_SUBITEMS
        found = {_NAME + suffix: record.name}
        for column_id, value in record.column_values.items():
            text = _cell(board, column_id, value)
            if text is None:
                column = board.column(column_id)
                self.unsaid[column.title if column else column_id] = None
                return None
            if text:
                found[column_id + suffix] = text
        return found


def _cell(board: Board, column_id: str, value: Any) -> str | None:
    column = board.column(column_id)
    return None if column is None or column_id == _NAME else bulk_cell(value, column)


def make_import(
    key: str,
    customer: str,
    board_id: str,
    group: str | Reference,
    records: Sequence[tuple[Operation, Cells]],
    reason: str,
) -> ImportRequest:
    """The sealed request of one job; `records` are orders, each followed by its lines."""
    titles = dict.fromkeys(title for _, cells in records for title in cells)
    of_items = [title for title in titles if not title.endswith(_OF_SUBITEMS) and title != _NAME]
    of_lines = [title for title in titles if title.endswith(_OF_SUBITEMS) and title != _NAME + _OF_SUBITEMS]
    lines = (_NAME + _OF_SUBITEMS, *of_lines) if _NAME + _OF_SUBITEMS in titles else ()
    header = (_NAME, *of_items, *lines)
    rows = tuple(tuple(cells.get(title, "") for title in header) for _, cells in records)
    return _sealed(
        ImportRequest(
            key=key,
            step=Step.IMPORT,
            customer=customer,
            board_id=board_id,
            operations=tuple(operation for operation, _ in records),
            header=header,
            rows=rows,
            group=group,
            reason=reason,
        )
    )


def _sealed(request: ImportRequest) -> ImportRequest:
    sealed = seal(request)
    assert isinstance(sealed, ImportRequest)
    return sealed
