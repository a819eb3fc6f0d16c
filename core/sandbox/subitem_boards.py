"""The hidden board on which a classic board keeps its subitems (reference/subitems)."""

from core.sandbox.column_values.palette import GROUP_COLORS
from core.sandbox.session import Session
from core.sandbox.state import SPACING
from core.sandbox.structure import Board, Column, Group


def subitems_board(session: Session, board: Board) -> Board:
    """Return the board of a board's subitems; made, with its subtasks column, at the first subitem."""
    if board.subitems_board_id is None:
        add_subtasks_column(session, board)
        board = session.board(board.id)
    return session.board(board.subitems_board_id)


def add_subtasks_column(
    session: Session, board: Board, title: str = "Subitems", column_id: str = "subtasks"
) -> Column:
    """Give a board its subtasks column and the hidden board behind it."""
    hidden = Board(
        id=str(session.store.next_id()),
        name=f"Subitems of {board.name}",
        kind=board.kind,
        subitems_of=board.id,
        created_at=session.now,
        columns={
            "name": Column("name", "Name", "name", {}, 0),
            "person": Column("person", "Owner", "people", {}, 1),
            "status": Column("status", "Status", "status", {"labels": starting_labels()}, 2),
            "date0": Column("date0", "Date", "date", {}, 3),
        },
        groups={"topics": Group("topics", "Subitems", GROUP_COLORS[0], SPACING)},
    )
    session.store.add_board(hidden)
    column = Column(column_id, title, "subtasks", {"boardIds": [hidden.id]}, len(board.columns))
    session.store.put_column(board.id, column)
    return column


def starting_labels() -> list[dict[str, object]]:
    """Return the labels a new status column begins with."""
    rows = ((0, "Working on it", "working_orange"), (1, "Done", "done_green"), (2, "Stuck", "stuck_red"))
    return [
        {
            "id": number,
            "label": label,
            "color": color,
            "index": place,
            "is_deactivated": False,
            "is_done": label == "Done",
        }
        for place, (number, label, color) in enumerate(rows)
    ]
