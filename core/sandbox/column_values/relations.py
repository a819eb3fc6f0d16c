"""Values that point at tags or other items (reference/tags, -connect, -dependency)."""

from typing import Any

from core.sandbox.column_values.registry import (
    ColumnType,
    ReadContext,
    WriteContext,
    register,
    require_object,
)
from core.sandbox.structure import Cell, Item


def _identifiers(value: Any, context: WriteContext) -> list[int]:
    if not isinstance(value, list):
        raise context.refuse(f"Column {context.column.id!r} takes a list of ids")
    for identifier in value:
        if isinstance(identifier, bool) or not str(identifier).isdecimal():
            raise context.refuse(f"Column {context.column.id!r} takes ids, got {identifier!r}")
    return [int(identifier) for identifier in value]


def _write_tags(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"tag_ids"})
    ids = _identifiers(value["tag_ids"], context)
    if unknown := [identifier for identifier in ids if identifier not in context.lookup.tags()]:
        raise context.refuse(f"Column {context.column.id!r}: no tag with id {unknown[0]}")
    return {"tag_ids": ids} if ids else None


def _tag_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    return {"tag_ids": cell["tag_ids"] if cell else []}


def _linked_items(value: Any, context: WriteContext) -> list[Item]:
    require_object(value, context, required={"item_ids"})
    items = []
    for identifier in _identifiers(value["item_ids"], context):
        item = context.lookup.item(identifier)
        if item is None or item.state != "active":
            raise context.refuse(f"Column {context.column.id!r}: no item with id {identifier}")
        items.append(item)
    return items


def _write_board_relation(value: Any, context: WriteContext) -> Cell | None:
    items = _linked_items(value, context)
    connected = {str(board_id) for board_id in context.settings.get("boardIds", [])}
    if strangers := [item for item in items if item.board_id not in connected]:
        raise context.refuse(
            f"Column {context.column.id!r} is not connected to board {strangers[0].board_id}"
        )
    if len(items) > 1 and context.settings.get("allowMultipleItems") is False:
        raise context.refuse(f"Column {context.column.id!r} links one item only")
    return {"item_ids": [item.id for item in items], "changed_at": context.now} if items else None


def _write_dependency(value: Any, context: WriteContext) -> Cell | None:
    items = _linked_items(value, context)
    if strangers := [item for item in items if item.board_id != context.board_id]:
        raise context.refuse(f"Column {context.column.id!r}: item {strangers[0].id} is on another board")
    return {"item_ids": [item.id for item in items], "changed_at": context.now} if items else None


def _link_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    return {
        "linked_item_ids": cell["item_ids"] if cell else [],
        "updated_at": cell["changed_at"] if cell else None,
    }


def _no_text(_cell: Cell, _context: ReadContext) -> None:
    return None


register(ColumnType("tags", "tag", "TagsValue", _write_tags, fields=_tag_fields, cleared_by=({},)))
register(
    ColumnType(
        "board_relation",
        "board-relation",
        "BoardRelationValue",
        _write_board_relation,
        text=_no_text,
        empty_text=None,
        fields=_link_fields,
        hidden_value=True,
        several_only=True,
    )
)
register(
    ColumnType(
        "dependency",
        "dependency",
        "DependencyValue",
        _write_dependency,
        text=_no_text,
        empty_text=None,
        fields=_link_fields,
        hidden_value=True,
        cleared_by=({},),
    )
)
