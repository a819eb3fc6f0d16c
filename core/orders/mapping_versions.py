"""The saved versions of a mapping set, each under a number of its own. Synchronous."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import exc

from core.errors import StoreError
from core.orders.database import reading, writing
from core.orders.moments import plain
from core.orders.own_tables import mapping_version

_TRIES = 10
"""How often a number is asked for that another worker may take first."""
_NOTE_LENGTH = 400


@dataclass(frozen=True, slots=True)
class VersionContent:
    """What a version holds."""

    hash: str
    content: str
    """The mapping set as canonical JSON."""
    rules_text: str
    """The rules as the configuration file had them, comments included."""


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One saved version, without its content."""

    number: int
    """From 1, for each profile and mapping set."""
    hash: str
    saved_at: datetime
    """Aware, UTC."""
    worker: str
    """Machine and process that saved it."""
    note: str
    """A remark of whoever saved it, empty without one."""


class MappingVersions:
    """The versions of one mapping set in one profile. Raises StoreError when the database does not answer."""

    def __init__(self, engine: sa.Engine, profile: str, mapping: str, worker: str) -> None:
        self._engine = engine
        self._profile = profile
        self._mapping = mapping
        self._worker = worker

    def all(self) -> Sequence[VersionRow]:
        """Every version, newest first."""
        table = mapping_version
        columns = (
            table.c.version,
            table.c.content_hash,
            table.c.saved_at,
            table.c.worker,
            table.c.note,
        )
        query = sa.select(*columns).where(self._mine()).order_by(table.c.version.desc())
        with reading(self._engine) as connection:
            return [
                VersionRow(number, digest, saved_at.replace(tzinfo=UTC), worker, note or "")
                for number, digest, saved_at, worker, note in connection.execute(query)
            ]

    def content(self, number: int) -> VersionContent | None:
        """What a version holds, None when there is none of this number."""
        table = mapping_version
        query = sa.select(table.c.content_hash, table.c.content, table.c.rules_text).where(
            self._mine(), table.c.version == number
        )
        with reading(self._engine) as connection:
            row = connection.execute(query).one_or_none()
        return VersionContent(*row) if row else None

    def number_of(self, digest: str) -> int | None:
        """The newest version with this content, None when it was never saved."""
        with reading(self._engine) as connection:
            return self._number_of(connection, digest)

    def record(self, version: VersionContent, at: datetime, *, note: str = "", again: bool = False) -> int:
        """Keep a mapping's content and return its number.

        Content that is kept already gives its number; `again` makes a new one unless it is the newest. Two
        workers may do so at once: the table's key decides which number is whose.
        """
        for attempt in range(_TRIES):
            try:
                with writing(self._engine) as connection:
                    return self._record(connection, version, at, note=note, again=again)
            except StoreError as error:
                if not isinstance(error.__cause__, exc.IntegrityError) or attempt == _TRIES - 1:
                    raise
        raise AssertionError("unreachable")

    def _record(
        self, connection: sa.Connection, version: VersionContent, at: datetime, *, note: str, again: bool
    ) -> int:
        table = mapping_version
        newest: int = connection.scalar(sa.select(sa.func.max(table.c.version)).where(self._mine())) or 0
        known = self._number_of(connection, version.hash)
        if known is not None and (known == newest or not again):
            return known
        connection.execute(
            sa.insert(table).values(
                profile=self._profile,
                mapping=self._mapping,
                version=newest + 1,
                content_hash=version.hash,
                saved_at=plain(at),
                worker=self._worker,
                note=note[:_NOTE_LENGTH] or None,
                content=version.content,
                rules_text=version.rules_text,
            )
        )
        return newest + 1

    def _number_of(self, connection: sa.Connection, digest: str) -> int | None:
        table = mapping_version
        query = sa.select(sa.func.max(table.c.version)).where(self._mine(), table.c.content_hash == digest)
        found: int | None = connection.scalar(query)
        return found

    def _mine(self) -> sa.ColumnElement[bool]:
        table = mapping_version
        return sa.and_(table.c.profile == self._profile, table.c.mapping == self._mapping)
