"""Finds what an import made: ids of items and subitems by the texts of their key columns."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from core.monday.client import Answer, CallFailedError
from core.monday.documents import GROUP_KEYS_QUERY, NEXT_KEYS_QUERY, alias, keys_query
from core.sync.bulk.file import KEYS_PER_PAGE, PAGES_PER_CALL
from core.sync.bulk.status import StatusApi, fault_of
from core.sync.lookup import KeyColumns
from core.sync.plan import TargetKind, request_body

READ_ITEMS = 500
"""Items a page of a group: the most that the API gives (reference/items-page)."""
_PAGE_ITEMS = KEYS_PER_PAGE + KEYS_PER_PAGE // 10
"""More than the keys asked for: a few duplicates made by hand cost no further call."""

RecordKey = tuple[TargetKind, str]
Found = dict[RecordKey, str]
"""Ids by keys."""


class GroupReading:
    """Reads what one group holds, orders with their lines.

    Of several items with one key the first counts. Raises CallFailedError: an answer that is not whole must
    never read as "not there".
    """

    def __init__(self, api: StatusApi, keys: KeyColumns, group_id: str) -> None:
        self._api = api
        self._keys = keys
        self._group = {"ids": [keys.items_board], "group": [group_id]}
        self._columns = {"key": [keys.item_key], "subitem_key": [keys.subitem_key]}

    async def search(self, order_keys: Sequence[str]) -> Found:
        """What the board's search finds of these orders, many hundreds a call, whatever else the group holds.

        The search may not know yet what was made just now.
        """
        found: Found = {}
        for asked in _portions(order_keys, KEYS_PER_PAGE * PAGES_PER_CALL):
            filters = {
                alias(place): {"rules": [{"column_id": self._keys.item_key, "compare_value": page}]}
                for place, page in enumerate(_portions(asked, KEYS_PER_PAGE))
            }
            group = await self._ask_group(keys_query(len(filters)), {"limit": _PAGE_ITEMS, **filters})
            if group is None:
                break
            for name in filters:
                await self._take_all(group.get(name), _PAGE_ITEMS, found)
        return found

    async def whole(self) -> Found:
        """All that the group holds, `READ_ITEMS` items a call."""
        found: Found = {}
        group = await self._ask_group(GROUP_KEYS_QUERY, {"limit": READ_ITEMS})
        if group is not None:
            await self._take_all(group.get("items_page"), READ_ITEMS, found)
        return found

    async def _ask_group(self, document: str, variables: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The group's part of an answer; None where the group is gone, and its items with it."""
        answer = await self._ask(document, {**self._group, **self._columns, **variables})
        groups = _first(answer.data.get("boards")).get("groups")
        return None if isinstance(groups, list) and not groups else _first(groups)

    async def _take_all(self, page: Any, limit: int, found: Found) -> None:
        """Take over a page and those behind it."""
        while True:
            if not isinstance(page, Mapping) or not isinstance(page.get("items"), list):
                raise CallFailedError(fault_of((), "The answer to a look-up has no items"))
            for item in page["items"]:
                self._take(item, found)
            await asyncio.sleep(0)  # the window's loop gets its turns
            if not page.get("cursor"):
                return
            more = {"cursor": page["cursor"], "limit": limit, **self._columns}
            answer = await self._ask(NEXT_KEYS_QUERY, more)
            page = answer.data.get("next_items_page")

    async def _ask(self, document: str, variables: Mapping[str, Any]) -> Answer:
        answer = await self._api.execute(request_body(document, variables))
        if answer.errors:
            raise CallFailedError(
                fault_of(answer.errors, ""), request_id=answer.request_id, budgets=answer.budgets
            )
        return answer

    def _take(self, item: Mapping[str, Any], found: Found) -> None:
        if key := _text(item, self._keys.item_key):
            found.setdefault((TargetKind.ORDER, key), str(item["id"]))
        for subitem in item.get("subitems") or ():
            key = _text(subitem, self._keys.subitem_key)
            if key and subitem.get("state") == "active":
                found.setdefault((TargetKind.LINE, key), str(subitem["id"]))


def _portions(keys: Sequence[str], size: int) -> Iterator[list[str]]:
    for start in range(0, len(keys), size):
        yield list(keys[start : start + size])


def _first(values: Any) -> Mapping[str, Any]:
    return values[0] if isinstance(values, list) and values else {}


def _text(item: Mapping[str, Any], column: str | None) -> str:
    values = item.get("column_values") or ()
    return next((str(value["text"]) for value in values if value["id"] == column and value["text"]), "")
