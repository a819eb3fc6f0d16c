"""Cursors of paged item lists: opaque, valid for 60 minutes after the first page (reference/items-page)."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from core.sandbox.clock import Clock
from core.sandbox.errors import FieldError, invalid_argument

LIFETIME = timedelta(minutes=60)
MAX_PAGE = 500  # items


@dataclass(frozen=True)
class _Rest:
    item_ids: Sequence[int]
    began: datetime


class Cursors:
    """Hands out pages of item ids; the rest of a list waits behind its cursor."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._waiting: dict[str, _Rest] = {}
        self._numbers = count(1)

    def first_page(self, item_ids: Sequence[int], limit: int) -> tuple[list[int], str | None]:
        """Return the first `limit` ids and the cursor of the rest, None at the end. Raises FieldError."""
        return self._page(_Rest(item_ids, self._clock.now()), limit)

    def next_page(self, cursor: str, limit: int) -> tuple[list[int], str | None]:
        """Return the page a cursor stands for and the next cursor. Raises FieldError once it has expired."""
        rest = self._waiting.get(cursor)
        if rest is None or self._clock.now() - rest.began > LIFETIME:
            raise FieldError(
                "CursorException", "The cursor is unknown or has expired; start again without a cursor"
            )
        return self._page(rest, limit)

    def _page(self, rest: _Rest, limit: int) -> tuple[list[int], str | None]:
        if not 1 <= limit <= MAX_PAGE:
            raise invalid_argument(f"limit must lie between 1 and {MAX_PAGE}, got {limit}", limit=limit)
        page, remaining = list(rest.item_ids[:limit]), rest.item_ids[limit:]
        if not remaining:
            return page, None
        now = self._clock.now()
        self._waiting = {name: kept for name, kept in self._waiting.items() if now - kept.began <= LIFETIME}
        cursor = base64.urlsafe_b64encode(f"practice:{next(self._numbers)}".encode()).decode()
        self._waiting[cursor] = _Rest(remaining, rest.began)
        return page, cursor
