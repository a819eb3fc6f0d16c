"""Random histories of an order that grows, shrinks and changes while answers are lost: all is there, once."""

import random
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.demo.testing import HurriedClock
from core.orders.model import PENDING_STATES, Selection, SyncState
from tests.faults.continued_desk import continued_desk, differences
from tests.faults.narrow_desk import NarrowDesk, headers, lines, push
from tests.faults.processes import SEED, SOAK

HISTORIES = 40 if SOAK else 4
STEPS = 8
OPERATIONS = (*["create_item"] * 3, "create_subitem", "archive_item", "change_multiple_column_values")
LOSSES = ("reset", "drop_answer", "malformed_json", "alias_error")
ALL_OPEN = Selection(states=(*PENDING_STATES, SyncState.ERROR))


class History:
    """What happens to two orders, drawn step by step."""

    def __init__(self, desk: NarrowDesk, draw: random.Random) -> None:
        self._desk = desk
        self._draw = draw
        self.told: list[str] = []
        self.keys = desk.add_orders("ACME", 2, 5)

    async def step(self) -> None:
        """Change something in the tables, then run while the board may lose an answer."""
        for act in self._draw.sample((self._grow, self._shrink, self._change_lines, self._change), 2):
            act(self._draw.choice(self.keys))
        fault, operation = self._draw.choice(LOSSES), self._draw.choice(OPERATIONS)
        nth, times = self._draw.randint(1, 2), self._draw.choice((1, None))
        self.told.append(f"{fault} of {operation} from the {nth}., {times or 'all'} times")
        code = {"code": "ColumnValueException", "alias": 0} if fault == "alias_error" else {}
        self._desk.board.faults.add(fault, operation=operation, nth=nth, times=times, **code)
        if self._draw.random() < 0.5:
            self._desk.board.faults.add("evict_idempotency", times=None)
        await self.run()
        self._desk.board.faults.clear()

    async def run(self) -> None:
        report = await push(self._desk, HurriedClock(self._desk.board), ALL_OPEN)
        assert report.orders.balanced, self.told
        assert report.lines.balanced, self.told

    def _grow(self, key: str) -> None:
        count = self._draw.randint(1, 5)
        self.told.append(f"{count} lines more")
        values = dict(self._lines(key)[0]) | {
            "sync_state": "PENDING",
            "action_type": "INSERT",
            "monday_subitem_id": None,
            "monday_parent_id": None,
        }
        rows = [
            values | {"line_uuid": str(uuid.UUID(int=self._draw.getrandbits(128))), "size_code": f"Z{place}"}
            for place in range(count)
        ]
        with self._desk.engine.begin() as connection:
            connection.execute(sa.insert(lines), rows)

    def _shrink(self, key: str) -> None:
        self._of_some(key, "removed", lambda some: self._desk.change(lines, "DELETE", some))

    def _change_lines(self, key: str) -> None:
        quantity = self._draw.randint(100, 999)
        self._of_some(key, "changed", lambda some: self._desk.change(lines, "UPDATE", some, qty=quantity))

    def _of_some(self, key: str, what: str, act: Callable[[list[str]], None]) -> None:
        there = [row["line_uuid"] for row in self._lines(key) if row["action_type"] != "DELETE"]
        some = self._draw.sample(there, min(2, len(there)))
        self.told.append(f"{len(some)} lines {what}")
        act(some)

    def _change(self, key: str) -> None:
        self.told.append("order changed")
        value = f"value {self._draw.randint(100, 999)}"
        row = next(row for row in self._desk.rows(headers) if row["record_uuid"] == key)
        self._desk.change(headers, "UPDATE" if row["monday_item_id"] else "INSERT", [key], alternative=value)

    def _lines(self, key: str) -> list[sa.RowMapping]:
        return [row for row in self._desk.rows(lines) if row["record_uuid"] == key]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("number", range(HISTORIES))
async def test_whatever_happens_to_orders_that_continue_they_are_on_the_board_as_their_rows_say(
    tmp_path: Path, number: int
):
    draw = random.Random(SEED + number)
    with continued_desk(tmp_path, records_per_request=draw.choice((2, 3, 50))) as desk:
        history = History(desk, draw)
        for _ in range(STEPS):
            await history.step()
        await history.run()
        await history.run()
        assert differences(desk) == [], history.told
