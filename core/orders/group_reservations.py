"""Who makes which group: a row for each board and title. Synchronous."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import exc

from core.errors import StoreError
from core.orders import own_tables
from core.orders.database import writing
from core.orders.journal_rows import OperationState
from core.orders.workers import has_ended

GROUP_RESERVATION = timedelta(minutes=2)
"""After this long without an id, another worker may make the group: twice the API's limit for one call.

At once where its maker has ended before it asked the board.
"""


def reserve(engine: sa.Engine, board_id: str, title: str, run_id: str, at: datetime) -> str | bool:
    """Ask to be the one who creates a group.

    The id when it is known; True when this run may create it; False while another worker is doing so. The
    unique key of the table decides between workers, whatever machine they are on.
    """
    group = own_tables.group
    now = at.astimezone(UTC).replace(tzinfo=None)
    try:
        with writing(engine) as connection:
            connection.execute(
                sa.insert(group).values(board_id=board_id, title=title, owner=run_id, reserved_at=now)
            )
    except StoreError as error:
        if not isinstance(error.__cause__, exc.IntegrityError):
            raise
    else:
        return True
    mine = _row(board_id, title)
    with writing(engine) as connection:
        row = connection.execute(
            sa.select(group.c.group_id, group.c.owner, own_tables.run.c.worker)
            .join(own_tables.run, own_tables.run.c.run_id == group.c.owner, isouter=True)
            .where(mine)
        ).one_or_none()
        if row is None:
            return False
        if row.group_id is not None:
            return str(row.group_id)
        if row.owner == run_id:
            return True
        free = [group.c.reserved_at < now - GROUP_RESERVATION]
        if row.worker is not None and has_ended(row.worker):
            free.append(sa.and_(group.c.owner == row.owner, ~_asked_for(row.owner, title)))
        taken = connection.execute(
            sa.update(group)
            .where(mine, group.c.group_id.is_(None), sa.or_(*free))
            .values(owner=run_id, reserved_at=now)
        )
        return taken.rowcount == 1


def _asked_for(run_id: str, title: str) -> sa.ColumnElement[bool]:
    """The condition that a run sent the group's creation and nobody knows yet what became of it."""
    operation = own_tables.operation
    return sa.exists().where(
        operation.c.run_id == run_id,
        operation.c.target == "group",
        operation.c.record_key == title,
        operation.c.state.in_([OperationState.SENT.value, OperationState.UNKNOWN.value]),
    )


def remember(engine: sa.Engine, board_id: str, title: str, group_id: str) -> None:
    """Keep the id of a group that was made."""
    with writing(engine) as connection:
        connection.execute(sa.update(own_tables.group).where(_row(board_id, title)).values(group_id=group_id))


def forget(engine: sa.Engine, board_id: str, title: str) -> None:
    """Give a title free again."""
    with writing(engine) as connection:
        connection.execute(sa.delete(own_tables.group).where(_row(board_id, title)))


def _row(board_id: str, title: str) -> sa.ColumnElement[bool]:
    group = own_tables.group
    return sa.and_(group.c.board_id == board_id, group.c.title == title)
