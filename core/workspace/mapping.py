"""The mapping against the live board, and what its rules make of one order. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from core.config.model import ColumnMapping, MappingSet
from core.mapping.findings import Severity
from core.mapping.formatting import FormattedValue, RecordFormatter
from core.mapping.writers import writer_for
from core.monday.board import Board, BoardSchema
from core.orders.model import Order, RecordKind

Side = Literal["items", "subitems"]


@dataclass(frozen=True, slots=True)
class MappingPreview:
    """What each rule makes of one order: one value per rule, in rule order."""

    order_label: str
    items: tuple[FormattedValue, ...]
    subitems: tuple[FormattedValue, ...]


@dataclass(frozen=True, slots=True)
class MappingFinding:
    """One thing wrong with a mapping set, or worth knowing."""

    board: Side
    index: int | None
    """The rule's place in its set, from 0; None when the set as a whole is meant."""
    severity: Severity
    code: str
    message: str
    remedy: str


def preview_mapping(mapping: MappingSet, schema: BoardSchema, order: Order) -> MappingPreview:
    """Apply every rule to one order and to its first line."""
    items = RecordFormatter(RecordKind.ORDER, mapping.items, mapping.item_name, schema.items)
    subitems = RecordFormatter(RecordKind.LINE, mapping.subitems, mapping.subitem_name, schema.subitems)
    line = order.lines[0] if order.lines else None
    return MappingPreview(
        order.label,
        items.format(order.key, order.label, order.values).values,
        subitems.format(line.key, order.label, line.values).values if line else (),
    )


def check_mapping(mapping: MappingSet, schema: BoardSchema) -> tuple[MappingFinding, ...]:
    """Every rule against the board's columns."""
    return (
        *_check("items", mapping.items, mapping.item_key_column, schema.items),
        *_check("subitems", mapping.subitems, mapping.subitem_key_column, schema.subitems),
    )


def _check(
    side: Side, rules: Sequence[ColumnMapping], key_column: str | None, board: Board | None
) -> Iterator[MappingFinding]:
    seen: dict[str, int] = {}
    for index, rule in enumerate(rules):
        first = seen.setdefault(rule.column, index)
        if first != index:
            yield MappingFinding(
                side,
                index,
                Severity.ERROR,
                "column_mapped_twice",
                f"Two rules write {rule.column}: number {first + 1} and number {index + 1}",
                "Remove one of them.",
            )
        if board is not None:
            yield from _against_board(side, index, rule, board)
    if board is None and rules:
        yield MappingFinding(
            side,
            None,
            Severity.ERROR,
            "no_subitems_board",
            "The board has no subitems column",
            "Add a subitems column to the board.",
        )
    if key_column is None:
        yield MappingFinding(
            side,
            None,
            Severity.WARNING,
            "no_key_column",
            f"No key column is named for {side}: after a lost answer nobody can tell what arrived",
            "Add a text column to the board, map the key to it and name it as key column.",
        )
    elif key_column not in seen:
        yield MappingFinding(
            side,
            None,
            Severity.ERROR,
            "key_column_not_mapped",
            f"The key column {key_column} has no rule, so keys would never reach the board",
            f"Map {'record_uuid' if side == 'items' else 'line_uuid'} to it.",
        )


def _against_board(side: Side, index: int, rule: ColumnMapping, board: Board) -> Iterator[MappingFinding]:
    column = board.column(rule.column)
    if column is None:
        yield MappingFinding(
            side,
            index,
            Severity.ERROR,
            "column_not_on_board",
            f"The board {board.name} has no column '{rule.column}' (from {rule.origin})",
            "Choose another board column in Mappings, or add the column to the board.",
        )
        return
    if column.type != rule.type:
        yield MappingFinding(
            side,
            index,
            Severity.ERROR,
            "column_type_differs",
            f"{column.title} is a {column.type} column on the board, the mapping says {rule.type}",
            f'Set type = "{column.type}" in the mapping, or choose another column.',
        )
    if not column.writable or writer_for(column.type) is None:
        yield MappingFinding(
            side,
            index,
            Severity.ERROR,
            "column_not_writable",
            f"{column.title} is a {column.type} column, which cannot be written",
            "Choose another board column in Mappings.",
        )
