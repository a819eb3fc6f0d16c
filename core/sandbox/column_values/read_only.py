"""Types that the API fills itself or does not let anybody write."""

from typing import Any

from core.sandbox.column_values.registry import ColumnType, ReadContext, register
from core.sandbox.structure import Cell


def _creation_fields(_cell: Cell | None, context: ReadContext) -> dict[str, Any]:
    return {"created_at": context.item.created_at, "creator_id": context.item.creator_id}


def _update_fields(_cell: Cell | None, context: ReadContext) -> dict[str, Any]:
    return {"updated_at": context.item.updated_at, "updater_id": context.item.creator_id}


def _item_id_fields(_cell: Cell | None, context: ReadContext) -> dict[str, Any]:
    return {"item_id": str(context.item.id)}


def _group_fields(_cell: Cell | None, context: ReadContext) -> dict[str, Any]:
    return {"group_id": context.item.group_id}


def _display_fields(_cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    return {"display_value": ""}


def _vote_fields(_cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    return {"vote_count": 0, "voter_ids": [], "voters": []}


register(ColumnType("creation_log", "pulse-log", "CreationLogValue", fields=_creation_fields))
register(ColumnType("last_updated", "pulse-updated", "LastUpdatedValue", fields=_update_fields))
register(ColumnType("item_id", "pulse-id", "ItemIdValue", fields=_item_id_fields))
register(ColumnType("group", "group", "GroupValue", fields=_group_fields))
register(ColumnType("formula", "formula", "FormulaValue", fields=_display_fields))
register(
    ColumnType("mirror", "lookup", "MirrorValue", empty_text=None, fields=_display_fields, hidden_value=True)
)
register(ColumnType("subtasks", "subtasks", "SubtasksValue", empty_text=None, hidden_value=True))
register(ColumnType("vote", "votes", "VoteValue", fields=_vote_fields))
register(ColumnType("button", "button", "ButtonValue"))
register(ColumnType("progress", "columns-battery", "ProgressValue"))
register(ColumnType("time_tracking", "duration", "TimeTrackingValue"))
register(ColumnType("integration", "integration", "IntegrationValue"))
register(ColumnType("doc", "doc", "DocValue"))
register(ColumnType("direct_doc", "direct-doc", "DirectDocValue"))
register(ColumnType("person", "person", "PersonValue"))
register(ColumnType("team", "team", "TeamValue"))
register(ColumnType("auto_number", "autonumber", "UnsupportedValue"))
register(ColumnType("item_assignees", "item-assignees", "UnsupportedValue"))
register(ColumnType("unsupported", "unsupported", "UnsupportedValue"))
