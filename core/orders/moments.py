"""Points in time as the tables hold them: UTC, without a zone."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

_REMEMBERED = 64


@lru_cache(maxsize=_REMEMBERED)
def plain(moment: datetime) -> datetime:
    """A moment as the tables hold it; a run writes one into the rows of a whole request."""
    return moment.astimezone(UTC).replace(tzinfo=None)


class _SqliteMoment(sqlite.DATETIME):
    """SQLite holds text; a run writes one moment into the rows of a whole request, and spells it once."""

    cache_ok = True

    def bind_processor(self, dialect: sa.Dialect) -> Callable[[datetime | None], str | None]:
        spell = super().bind_processor(dialect)
        assert spell is not None
        return lru_cache(maxsize=_REMEMBERED)(spell)


MOMENT = sa.DateTime().with_variant(_SqliteMoment(), "sqlite")  # type: ignore[no-untyped-call]
