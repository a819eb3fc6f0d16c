"""A lease per order in the shared database, so that several desktops and headless workers share one queue.

Taken by compare-and-set: the table's primary key and the conditions of an UPDATE decide between workers,
whatever machine they are on. Time is the database's own, so that clocks of machines need not agree.
Synchronous.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy import exc
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement, GenericFunction

from core.errors import StoreError
from core.orders import own_tables
from core.orders.database import reading, writing
from core.orders.journal_rows import OPEN_STATES
from core.orders.record_keys import record_key

LEASE = timedelta(minutes=5)
"""How long a claim holds without a sign of life."""

_KEYS_PER_STATEMENT = 500
_TRIES = 5


class utc_now(GenericFunction[datetime]):  # noqa: N801  named as it is written in SQL
    """The database's time in UTC, without a zone."""

    type = sa.DateTime()
    inherit_cache = True


@compiles(utc_now, "sqlite")
def _sqlite_now(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


@compiles(utc_now, "mssql")
def _mssql_now(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "SYSUTCDATETIME()"


@compiles(utc_now, "mysql")
@compiles(utc_now, "mariadb")
def _mariadb_now(_element: Any, _compiler: Any, **_options: Any) -> str:
    return "UTC_TIMESTAMP(6)"


class exact_key(FunctionElement[str]):  # noqa: N801  as above
    """A key of another table, fit to be compared with the claims' own keys.

    The tables may have different collations, which servers refuse to compare (MariaDB's error 1267, SQL
    Server's 468), or another type: SQL Server's UNIQUEIDENTIFIER.
    """

    type = sa.Unicode()
    inherit_cache = True


@compiles(exact_key, "sqlite")
def _sqlite_key(element: exact_key, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(element.clauses, **options)


@compiles(exact_key, "mssql")
def _mssql_key(element: exact_key, compiler: SQLCompiler, **options: Any) -> str:
    key = compiler.process(element.clauses, **options)
    return f"CAST({key} AS NVARCHAR(36)) COLLATE Latin1_General_100_BIN2"


@compiles(exact_key, "mysql")
@compiles(exact_key, "mariadb")
def _mariadb_key(element: exact_key, compiler: SQLCompiler, **options: Any) -> str:
    key = compiler.process(element.clauses, **options)
    return f"CONVERT({key} USING utf8mb4) COLLATE utf8mb4_bin"


def database_now(connection: sa.Connection) -> datetime:
    """The database's time in UTC, without a zone."""
    now: datetime = connection.execute(sa.select(utc_now())).scalar_one()
    return now


@dataclass(frozen=True, slots=True)
class Claim:
    """Who has an order, and until when (UTC, without a zone)."""

    owner: str
    until: datetime


class Claims:
    """The claims of one owner: one run of one worker."""

    def __init__(self, engine: sa.Engine, owner: str, lease: timedelta = LEASE) -> None:
        self._engine = engine
        self._owner = owner
        self._lease = lease

    def take(self, keys: Sequence[str]) -> frozenset[str]:
        """Claim orders and return those that were free, expired or one's own already."""
        taken: set[str] = set()
        for chunk in _chunks(keys):
            taken |= self._take_patiently(chunk)
        return frozenset(taken)

    def _take_patiently(self, keys: Sequence[str]) -> set[str]:
        """Try again where workers that claim at the same moment block each other, which ends one of them."""
        for _ in range(_TRIES - 1):
            try:
                return self._take_chunk(keys)
            except StoreError as error:
                if error.problem.code != "database_locked":
                    raise
        return self._take_chunk(keys)

    def renew(self) -> int:
        """Show a sign of life for every claim still held; how many those are.

        One whose time is over is held as long as nobody has taken it: the database's clock may have jumped.
        """
        claim = own_tables.claim
        with writing(self._engine) as connection:
            now = database_now(connection)
            result = connection.execute(
                sa.update(claim)
                .where(claim.c.owner == self._owner)
                .values(held_until=now + self._lease, heartbeat_at=now)
            )
        return result.rowcount

    def lost(self, keys: Collection[str]) -> int:
        """How many of these orders this run has lost to another worker, or by giving them back."""
        claim = own_tables.claim
        held = 0
        with reading(self._engine) as connection:
            for chunk in _chunks(list(dict.fromkeys(keys))):
                query = (
                    sa.select(sa.func.count())
                    .select_from(claim)
                    .where(claim.c.record_uuid.in_(chunk), claim.c.owner == self._owner)
                )
                held += connection.execute(query).scalar_one()
        return len(set(keys)) - held

    def give_back(self, keys: Collection[str]) -> int:
        """Give the claims on these orders back, but for one where none would be left; how many those are."""
        claim = own_tables.claim
        mine = claim.c.owner == self._owner
        given = 0
        with writing(self._engine) as connection:
            query = sa.select(claim.c.record_uuid).where(mine).limit(len(keys) + 1)
            held = set(connection.scalars(query))
            last = next(iter(held), None) if held <= set(keys) else None
            for chunk in _chunks([key for key in keys if key != last]):
                result = connection.execute(sa.delete(claim).where(mine, claim.c.record_uuid.in_(chunk)))
                given += result.rowcount
        return given

    def release(self) -> None:
        """Give every claim back."""
        claim = own_tables.claim
        with writing(self._engine) as connection:
            connection.execute(sa.delete(claim).where(claim.c.owner == self._owner))

    def _take_chunk(self, keys: Sequence[str]) -> set[str]:
        claim = own_tables.claim
        with writing(self._engine) as connection:
            now = database_now(connection)
            until = now + self._lease
            connection.execute(
                sa.update(claim)
                .where(
                    claim.c.record_uuid.in_(keys),
                    sa.or_(claim.c.held_until < now, claim.c.owner == self._owner),
                )
                .values(owner=self._owner, held_until=until, heartbeat_at=now)
            )
            known = set(
                connection.scalars(sa.select(claim.c.record_uuid).where(claim.c.record_uuid.in_(keys)))
            )
        free = [key for key in keys if key not in known]
        self._insert(free)
        with reading(self._engine) as connection:
            return set(
                connection.scalars(
                    sa.select(claim.c.record_uuid).where(
                        claim.c.record_uuid.in_(keys), claim.c.owner == self._owner
                    )
                )
            )

    def _insert(self, keys: Sequence[str]) -> None:
        """Insert claims on free orders: all in one statement, one by one where another worker was faster."""
        if not keys:
            return
        try:
            self._insert_rows(keys)
        except StoreError as error:
            if not isinstance(error.__cause__, exc.IntegrityError):
                raise
            if len(keys) == 1:
                return
            middle = len(keys) // 2
            self._insert(keys[:middle])
            self._insert(keys[middle:])

    def _insert_rows(self, keys: Sequence[str]) -> None:
        with writing(self._engine) as connection:
            now = database_now(connection)
            connection.execute(
                sa.insert(own_tables.claim),
                [
                    {
                        "record_uuid": key,
                        "owner": self._owner,
                        "held_until": now + self._lease,
                        "heartbeat_at": now,
                    }
                    for key in keys
                ],
            )


def claimed(key: sa.ColumnElement[str]) -> sa.ColumnElement[bool]:
    """The condition that somebody holds an unexpired claim on the order with this key."""
    claim = own_tables.claim
    return sa.exists().where(claim.c.record_uuid == exact_key(key), claim.c.held_until >= utc_now())


def holders(engine: sa.Engine, keys: Sequence[str]) -> Mapping[str, Claim]:
    """The unexpired claims on these orders."""
    claim = own_tables.claim
    found: dict[str, Claim] = {}
    with reading(engine) as connection:
        now = database_now(connection)
        for chunk in _chunks(keys):
            query = sa.select(claim.c.record_uuid, claim.c.owner, claim.c.held_until).where(
                claim.c.record_uuid.in_(chunk), claim.c.held_until >= now
            )
            found.update({row[0]: Claim(row[1], row[2]) for row in connection.execute(query)})
    return found


def _chunks(keys: Sequence[str]) -> Iterator[list[str]]:
    iterator = iter(keys)
    while chunk := list(islice(iterator, _KEYS_PER_STATEMENT)):
        yield chunk


def sent_unheard(engine: sa.Engine, board_id: str) -> frozenset[str]:
    """Keys of the orders and lines in requests to a board of which nobody knows yet what became of them."""
    operation, request, run = own_tables.operation, own_tables.request, own_tables.run
    query = (
        sa.select(operation.c.target, operation.c.record_key)
        .join(request, request.c.request_uuid == operation.c.request_uuid)
        .join(run, run.c.run_id == request.c.run_id)
        .where(
            run.c.board_id == board_id,
            request.c.state.in_(OPEN_STATES),
            operation.c.target != "group",
            operation.c.state.in_(OPEN_STATES),
        )
    )
    with reading(engine) as connection:
        return frozenset(record_key(target, key) for target, key in connection.execute(query))


def owners(engine: sa.Engine) -> frozenset[str]:
    """Everybody who holds an unexpired claim."""
    claim = own_tables.claim
    with reading(engine) as connection:
        now = database_now(connection)
        return frozenset(
            connection.scalars(sa.select(claim.c.owner).where(claim.c.held_until >= now).distinct())
        )


def forget_owners(engine: sa.Engine, gone: Sequence[str]) -> None:
    """Give back every claim of these owners."""
    claim = own_tables.claim
    with writing(engine) as connection:
        for chunk in _chunks(gone):
            connection.execute(sa.delete(claim).where(claim.c.owner.in_(chunk)))
