"""Who makes which group: a row for each board and title. Synchronous.

No clock decides: a worker that waits measures itself for how long it has seen the same reservation.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy import exc

from core.errors import StoreError
from core.orders import own_tables
from core.orders.database import reading, writing
from core.orders.journal_rows import OPEN_STATES
from core.orders.moments import plain
from core.orders.workers import has_ended

GROUP_RESERVATION = timedelta(minutes=2)
"""A reservation that was seen unchanged for so long may be taken over: twice the API's limit for one call."""


@dataclass(frozen=True, slots=True)
class Reservation:
    """Where the making of a group stands."""

    group_id: str | None = None
    """The group's id, once it is known."""
    mine: bool = False
    """Whether the caller may create it."""
    holder: str = ""
    """Who makes it and since when, in a form to be compared alone; empty where nobody does."""


def reserve(
    engine: sa.Engine, board_id: str, title: str, run_id: str, at: datetime, *, silent: str = ""
) -> Reservation:
    """Ask to be the one who creates a group.

    `silent` is a holder that the caller has seen unchanged for `GROUP_RESERVATION`: its turn is over. So is
    that of a worker which has ended before it asked the board. The unique key of the table decides between
    workers, whatever machine they are on.
    """
    group, run = own_tables.group, own_tables.run
    now = plain(at)
    try:
        with writing(engine) as connection:
            connection.execute(
                sa.insert(group).values(board_id=board_id, title=title, owner=run_id, reserved_at=now)
            )
    except StoreError as error:
        if not isinstance(error.__cause__, exc.IntegrityError):
            raise
    else:
        return Reservation(mine=True)
    mine = _row(board_id, title)
    with writing(engine) as connection:
        row = connection.execute(
            sa.select(group.c.group_id, group.c.owner, group.c.reserved_at, run.c.worker, run.c.finished_at)
            .join(run, run.c.run_id == group.c.owner, isouter=True)
            .where(mine)
        ).one_or_none()
        if row is None:
            return Reservation()
        if row.group_id is not None or row.owner == run_id:
            return Reservation(row.group_id, mine=row.group_id is None)
        holder = f"{row.owner} {row.reserved_at.isoformat()}"
        free: list[sa.ColumnElement[bool]] = []
        if holder == silent:
            free.append(sa.true())
        if row.finished_at is not None or (row.worker is not None and has_ended(row.worker)):
            free.append(~_asked_for(row.owner, title))
        if not free:
            return Reservation(holder=holder)
        taken = connection.execute(
            sa.update(group)
            .where(
                mine,
                group.c.group_id.is_(None),
                group.c.owner == row.owner,
                group.c.reserved_at == row.reserved_at,
                sa.or_(*free),
            )
            .values(owner=run_id, reserved_at=now)
        )
        return Reservation(mine=True) if taken.rowcount == 1 else Reservation(holder=holder)


def hold(engine: sa.Engine, board_id: str, titles: Collection[str], run_id: str, at: datetime) -> bool:
    """Show a sign of life for groups that a run is about to create; False when it lost one of them."""
    group = own_tables.group
    mine = sa.and_(
        group.c.board_id == board_id,
        group.c.title.in_(titles),
        group.c.owner == run_id,
        group.c.group_id.is_(None),
    )
    with writing(engine) as connection:
        connection.execute(sa.update(group).where(mine).values(reserved_at=plain(at)))
    with reading(engine) as connection:
        held = connection.execute(sa.select(sa.func.count()).select_from(group).where(mine)).scalar_one()
    return bool(held == len(set(titles)))


def _asked_for(run_id: str, title: str) -> sa.ColumnElement[bool]:
    """The condition that a run sent the group's creation and nobody knows yet what became of it."""
    operation, request = own_tables.operation, own_tables.request
    return sa.exists().where(
        request.c.run_id == run_id,
        request.c.state.in_(OPEN_STATES),
        operation.c.request_uuid == request.c.request_uuid,
        operation.c.target == "group",
        operation.c.record_key == title,
        operation.c.state.in_(OPEN_STATES),
    )


def remember(engine: sa.Engine, board_id: str, title: str, group_id: str) -> None:
    """Keep the id of a group that was made."""
    with writing(engine) as connection:
        connection.execute(sa.update(own_tables.group).where(_row(board_id, title)).values(group_id=group_id))


def give_back(engine: sa.Engine, board_id: str, title: str, run_id: str) -> None:
    """Give a title free that a run has reserved, where it still has it."""
    with writing(engine) as connection:
        connection.execute(
            sa.delete(own_tables.group).where(_row(board_id, title), own_tables.group.c.owner == run_id)
        )


def forget(engine: sa.Engine, board_id: str, title: str, group_id: str) -> None:
    """Give a title free whose group is gone from the board, where the row still names that group."""
    with writing(engine) as connection:
        connection.execute(
            sa.delete(own_tables.group).where(_row(board_id, title), own_tables.group.c.group_id == group_id)
        )


def _row(board_id: str, title: str) -> sa.ColumnElement[bool]:
    group = own_tables.group
    return sa.and_(group.c.board_id == board_id, group.c.title == title)
