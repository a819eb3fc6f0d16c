"""What a mapping's rules make of one order, and the checks of a mapping in one place. Pure."""

from dataclasses import dataclass

from core.config.model import MappingSet
from core.mapping.formatting import FormattedValue, RecordFormatter
from core.monday.board import BoardSchema
from core.orders.model import Order
from core.workspace.check_columns import RequiredColumns, check_columns
from core.workspace.check_sources import check_sources
from core.workspace.mapping_findings import MappingFinding, Place, Side

__all__ = [
    "MappingFinding",
    "MappingPreview",
    "Place",
    "RequiredColumns",
    "Side",
    "check_mapping",
    "check_sources",
    "preview_mapping",
]


@dataclass(frozen=True, slots=True)
class MappingPreview:
    """What each rule makes of one order: one value per rule, in rule order."""

    order_label: str
    items: tuple[FormattedValue, ...]
    subitems: tuple[FormattedValue, ...]


def preview_mapping(mapping: MappingSet, schema: BoardSchema, order: Order) -> MappingPreview:
    """Apply every rule to one order and to its first line."""
    items = RecordFormatter.of_items(mapping, schema.items)
    subitems = RecordFormatter.of_subitems(mapping, schema.subitems)
    line = order.lines[0] if order.lines else None
    return MappingPreview(
        order.label,
        items.format(order.key, order.label, order.values).values,
        subitems.format(line.key, order.label, line.values).values if line else (),
    )


def check_mapping(
    mapping: MappingSet, schema: BoardSchema, required: RequiredColumns | None = None
) -> tuple[MappingFinding, ...]:
    """Every rule against the board's columns; `check_sources` looks at the delta tables."""
    return check_columns(mapping, schema, required)
