"""How one record of a run ended."""

from enum import StrEnum


class Outcome(StrEnum):
    """How one record ended."""

    CREATED = "created"
    CHANGED = "changed"
    ARCHIVED = "archived"
    FAILED = "failed"
    SKIPPED = "skipped"
    """Nothing was tried, because something it depends on failed, or there was nothing to do."""
    UNKNOWN = "unknown"
    """Sent, and no answer told whether it arrived."""
    NOT_STARTED = "not started"
    """The run ended before its turn."""

    __hash__ = str.__hash__  # counted for each record; an enumeration's own is Python

    @property
    def synced(self) -> bool:
        """Whether the record is on the board as it should be."""
        return self in _SYNCED


_SYNCED = frozenset({Outcome.CREATED, Outcome.CHANGED, Outcome.ARCHIVED})
