"""A desk whose board takes few subitems an item, and whose profile lets orders continue on further items."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.config.token import PRACTICE_TOKEN
from core.demo.testing import ITEMS_BOARD, SUBITEMS_BOARD
from core.resources import resource_path
from core.sandbox.options import SandboxOptions
from core.sandbox.testing import running_board
from tests.faults.narrow_desk import WIDE_LIMITS, NarrowDesk, headers, lines, write_desk
from tests.prepared_files import copy_board


@contextmanager
def continued_desk(folder: Path, subitem_limit: int = 3, **settings: Any) -> Iterator[NarrowDesk]:
    """A desk as `write_desk` makes it, whose board holds to the same limit as its profile."""
    options = SandboxOptions(
        state=folder / "board.db",
        fixture=resource_path("boards", "orders.json"),
        token=PRACTICE_TOKEN,
        limits=WIDE_LIMITS,
        subitems_per_item=subitem_limit,
    )
    copy_board(options.state)
    with running_board(options) as board:
        desk = write_desk(folder, board, **settings)
        set_limits(desk, f'subitem_limit = {subitem_limit}, beyond_subitem_limit = "continue"')
        try:
            yield desk
        finally:
            desk.engine.dispose()


def set_limits(desk: NarrowDesk, more: str) -> None:
    """Put further keys into the profile's limits, in place of those that were put there before."""
    text = desk.configuration_file.read_text(encoding="utf-8")
    text = re.sub(r"(limits = \{ records_per_request = \d+).*", rf"\1, {more} }}", text)
    desk.configuration_file.write_text(text, encoding="utf-8")


def items_of(desk: NarrowDesk, order_key: str) -> dict[int, dict[str, Any]]:
    """An order's items on the board, by number; two with one key are a failure of their own."""
    found: dict[int, dict[str, Any]] = {}
    for item in desk.board.items(ITEMS_BOARD):
        key, _, number = str(item["column_values"].get("record_uuid")).partition("/")
        if key == order_key:
            assert int(number or 1) not in found, f"there twice: {key}/{number}"
            found[int(number or 1)] = item
    return dict(sorted(found.items()))


def known_continuations(desk: NarrowDesk) -> dict[tuple[str, int], str]:
    """What the application's own table holds."""
    with desk.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT record_uuid, number, item_id FROM deltadesk_continuation")
        return {(key, number): item_id for key, number, item_id in rows}


def differences(desk: NarrowDesk, subitem_limit: int = 3) -> list[str]:
    """Everything lost, there twice, an orphan, under a wrong or too full item, or not as its row says."""
    found: list[str] = []
    known = known_continuations(desk)
    subitems = {
        subitem["column_values"]["line_uuid"]: subitem for subitem in desk.board.items(SUBITEMS_BOARD)
    }
    if len(subitems) < len(desk.board.items(SUBITEMS_BOARD)):
        found.append("a line is there twice")
    left = {item["id"] for item in desk.board.items(ITEMS_BOARD)}
    for row in desk.rows(headers):
        items = items_of(desk, row["record_uuid"])
        left -= {item["id"] for item in items.values()}
        found.extend(_order_differences(row, items, known))
        ids = {item["id"] for item in items.values()}
        for line in desk.rows(lines):
            if line["record_uuid"] == row["record_uuid"]:
                found.extend(_line_differences(line, subitems.pop(line["line_uuid"], None), ids))
    found.extend(f"orphan item {item_id}" for item_id in left)
    found.extend(f"orphan subitem {key}" for key in subitems)
    above = Counter(subitem["parent_id"] for subitem in desk.board.items(SUBITEMS_BOARD))
    found.extend(
        f"item {item} has {count} subitems" for item, count in above.items() if count > subitem_limit
    )
    return found


def _order_differences(
    row: Mapping[str, Any], items: Mapping[int, Mapping[str, Any]], known: Mapping[tuple[str, int], str]
) -> Iterator[str]:
    key, label = row["record_uuid"], row["number"]
    if row["sync_state"] != "SYNCED":
        yield f"order {label}: {row['sync_state']}: {row['sync_error_message']}"
    mine = {number: item_id for (order, number), item_id in known.items() if order == key}
    if row["action_type"] == "DELETE":
        if items or mine:
            yield f"order {label}: items {list(items)} are there, {list(mine)} are known"
        return
    own, further = items.get(1), {number: item["id"] for number, item in items.items() if number > 1}
    if own is None or own["id"] != row["monday_item_id"]:
        yield f"order {label}: the row names {row['monday_item_id']}, the board has {own and own['id']}"
    if further != mine:
        yield f"order {label}: continues on {further}, known are {mine}"
    for number, item in items.items():
        name = label if number == 1 else f"{label} ({number})"
        value = item["column_values"].get("text_customer_alt_po")
        if (item["name"], value) != (name, row["alternative"]):
            yield f"order {label}: item {number} is {item['name']!r} with {value!r}"
        if own is not None and item["group_id"] != own["group_id"]:
            yield f"order {label}: item {number} is in another group"


def _line_differences(
    row: Mapping[str, Any], there: Mapping[str, Any] | None, item_ids: set[str]
) -> Iterator[str]:
    label = f"line {row['size_code']}"
    if row["sync_state"] != "SYNCED":
        yield f"{label}: {row['sync_state']}: {row['sync_error_message']}"
    if row["action_type"] == "DELETE":
        if there is not None:
            yield f"{label}: still there"
        return
    if there is None:
        if item_ids:
            yield f"{label}: not there"
        return
    if there["parent_id"] not in item_ids or there["parent_id"] != row["monday_parent_id"]:
        yield f"{label}: under {there['parent_id']}, its row says {row['monday_parent_id']}"
    if there["id"] != row["monday_subitem_id"]:
        yield f"{label}: the row names {row['monday_subitem_id']}, the board {there['id']}"
    if there["column_values"].get("numeric_order_qty") != str(row["qty"]):
        yield f"{label}: quantity {there['column_values'].get('numeric_order_qty')}"
