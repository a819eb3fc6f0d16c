"""Finds what an import made: reads a group page by page, items and subitems by their key columns."""

from collections.abc import Mapping
from typing import Any

from core.monday.client import Answer, CallFailedError
from core.monday.documents import GROUP_KEYS_QUERY, NEXT_KEYS_QUERY
from core.sync.bulk.file import READ_ITEMS
from core.sync.bulk.status import StatusApi, fault_of
from core.sync.lookup import KeyColumns
from core.sync.plan import TargetKind, request_body

RecordKey = tuple[TargetKind, str]


class GroupReading:
    """Reads one group, `READ_ITEMS` items a call."""

    def __init__(self, api: StatusApi, keys: KeyColumns, group_id: str) -> None:
        self._api = api
        self._keys = keys
        self._group_id = group_id

    async def read(self) -> dict[RecordKey, str]:
        """Ids of the group's items and subitems by their keys; of several with one key the first.

        Raises CallFailedError: an answer that is not whole must never read as "not there".
        """
        columns = {"key": [self._keys.item_key], "subitem_key": [self._keys.subitem_key]}
        first = {"ids": [self._keys.items_board], "group": [self._group_id], "limit": READ_ITEMS}
        answer = await self._ask(GROUP_KEYS_QUERY, {**first, **columns})
        groups = _first(answer.data.get("boards")).get("groups")
        page = _first(groups).get("items_page")
        if isinstance(groups, list) and not groups:
            return {}  # the group is gone, and its items with it
        found: dict[RecordKey, str] = {}
        while True:
            if not isinstance(page, Mapping) or not isinstance(page.get("items"), list):
                raise CallFailedError(fault_of((), "The answer to a look-up has no items"))
            for item in page["items"]:
                self._take(item, found)
            if not page.get("cursor"):
                return found
            more = {"cursor": page["cursor"], "limit": READ_ITEMS, **columns}
            answer = await self._ask(NEXT_KEYS_QUERY, more)
            page = answer.data.get("next_items_page")

    async def _ask(self, document: str, variables: Mapping[str, Any]) -> Answer:
        answer = await self._api.execute(request_body(document, variables))
        if answer.errors:
            raise CallFailedError(
                fault_of(answer.errors, ""), request_id=answer.request_id, budgets=answer.budgets
            )
        return answer

    def _take(self, item: Mapping[str, Any], found: dict[RecordKey, str]) -> None:
        if key := _text(item, self._keys.item_key):
            found.setdefault((TargetKind.ORDER, key), str(item["id"]))
        for subitem in item.get("subitems") or ():
            key = _text(subitem, self._keys.subitem_key)
            if key and subitem.get("state") == "active":
                found.setdefault((TargetKind.LINE, key), str(subitem["id"]))


def _first(values: Any) -> Mapping[str, Any]:
    return values[0] if isinstance(values, list) and values else {}


def _text(item: Mapping[str, Any], column: str | None) -> str:
    values = item.get("column_values") or ()
    return next((str(value["text"]) for value in values if value["id"] == column and value["text"]), "")
