"""Pushes and undos of a narrow desk, what a person writes on its board in between, and how it must end."""

import json

import httpx

from core.demo.testing import ITEMS_BOARD, SUBITEMS_BOARD
from core.orders.model import Selection
from core.sync.control import RunControl
from core.sync.plan import Plan
from core.sync.report import RunReport
from core.workspace import Workspace
from tests.faults.continued_desk import known_continuations
from tests.faults.narrow_desk import NarrowDesk, headers, lines

_CHANGE = """mutation ($board: ID!, $item: ID!, $values: JSON!) {
    change_multiple_column_values(board_id: $board, item_id: $item, column_values: $values) { id }
}"""


async def carry_out(workspace: Workspace, plan: Plan, *, dry_run: bool = False) -> RunReport:
    """A plan, carried out to its end."""
    return await workspace.run(plan, RunControl(), lambda _event: None, dry_run=dry_run)


async def push(workspace: Workspace) -> RunReport:
    """All that is pending, planned and sent."""
    return await carry_out(workspace, await workspace.plan(Selection()))


async def undo(workspace: Workspace, run: RunReport) -> RunReport:
    """A run, planned to be undone and undone."""
    return await carry_out(workspace, await workspace.plan_undo(run.run_id))


def write_by_hand(
    desk: NarrowDesk, item_id: str, column: str, value: str, *, board: str = ITEMS_BOARD
) -> None:
    """A person on the board writes a value."""
    variables = {"board": board, "item": item_id, "values": json.dumps({column: value})}
    answer = httpx.post(
        desk.board.url,
        json={"query": _CHANGE, "variables": variables},
        headers={"Authorization": desk.board.token},
    ).json()
    assert "errors" not in answer, answer


def is_undone(desk: NarrowDesk) -> bool:
    """Whether nothing is on the board and every record is as if never sent."""
    records = {
        (row["sync_state"], row["action_type"], row[board_id])
        for table, board_id in ((headers, "monday_item_id"), (lines, "monday_subitem_id"))
        for row in desk.rows(table)
    }
    on_board = desk.board.items(ITEMS_BOARD) + desk.board.items(SUBITEMS_BOARD)
    return not on_board and records == {("NEW", "INSERT", None)} and not known_continuations(desk)
