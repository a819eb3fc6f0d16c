"""Values that point at tags or other items, by ids (reference/tags, -connect, -dependency).

They replace the whole set. Whether an id exists only the board knows.
"""

from typing import Any

from core.config.model import ColumnMapping
from core.mapping.source_values import as_text
from core.mapping.writers.registry import RefusedValueError, Written, writes
from core.monday.board import Column


@writes("tags")
def write_tags(value: Any, _column: Column, _rule: ColumnMapping) -> Written:
    """Ids of the account's tags, separated by commas (reference/tags)."""
    ids = _ids(value, "a tag")
    return Written({"tag_ids": ids}, _shown(ids))


@writes("board_relation")
def write_board_relation(value: Any, column: Column, _rule: ColumnMapping) -> Written:
    """Ids of items of the connected boards, separated by commas (reference/connect)."""
    ids = _ids(value, "an item")
    if len(ids) > 1 and column.settings.get("allowMultipleItems") is False:
        raise RefusedValueError(
            "too_many_items",
            f"{len(ids)} items, and column {column.title} connects one",
            "Leave one id, or allow several items in the column's settings on the board.",
        )
    return Written({"item_ids": ids}, _shown(ids))


@writes("dependency")
def write_dependency(value: Any, _column: Column, _rule: ColumnMapping) -> Written:
    """Ids of items of the same board, separated by commas, as text (reference/dependency)."""
    ids = _ids(value, "an item")
    return Written({"item_ids": list(map(str, ids))}, _shown(ids))


def _ids(value: Any, kind: str) -> list[int]:
    ids: dict[int, None] = {}
    for part in as_text(value).split(","):
        word = part.strip()
        if not (word.isascii() and word.isdigit()) or not int(word):
            raise RefusedValueError(
                "not_an_id",
                f"'{word}' is not the id of {kind}",
                "Write ids separated by commas, e.g. 112233, 112244; the rule can look them up.",
            )
        ids[int(word)] = None
    return list(ids)


def _shown(ids: list[int]) -> str:
    return ", ".join(map(str, ids))
