"""Dates, spans, weeks, hours and time zones (reference/date, -timeline, -week, -hour, -world-clock)."""

import re
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from core.config.model import ColumnMapping
from core.mapping.source_values import as_text, parse_date
from core.mapping.writers.registry import RefusedValueError, Written, writes
from core.monday.board import Column

_HOUR = re.compile(r"(\d{1,2})(?::(\d{2}))?(?::\d{2}(?:\.\d+)?)?\s*([AaPp]\.?[Mm]\.?)?", re.ASCII)
_NOON, _HOURS, _MINUTES = 12, 24, 60
_SUNDAY_OFFSET = 1
"""Days by which a week that starts on Sunday is ahead of one that starts on Monday."""


@writes("date")
def write_date(value: Any, _column: Column, rule: ColumnMapping) -> Written:
    """A date; with a time of day, in UTC, only where the source has one and the rule wants it.

    A date alone belongs to no time zone and shifts for nobody, so midnight is no time (reference/date).
    """
    moment = _moment(value, rule)
    if rule.date_only or not isinstance(moment, datetime):
        text = _day_of(moment, rule).isoformat()
        return Written({"date": text}, text)
    utc = _in_utc(moment, value, rule)
    day, clock = utc.date().isoformat(), utc.time().isoformat("seconds")
    return Written({"date": day, "time": clock}, f"{day} {clock} UTC")


@writes("timeline")
def write_timeline(value: Any, _column: Column, rule: ColumnMapping) -> Written:
    """`start/end`, days without times, both required: one alone is both (reference/timeline).

    What the API does with an end before the start is not documented, so that is refused.
    """
    start_text, end_text = _halves(value, rule)
    start = _day(start_text if not _is_blank(start_text) else end_text, rule)
    end = _day(end_text, rule) if not _is_blank(end_text) else start
    if end < start:
        raise RefusedValueError(
            "ends_before_it_begins",
            f"The time span ends on {end}, before it begins on {start}",
            "Correct one of the two dates, or exchange them in the rule's template.",
        )
    first, last = start.isoformat(), end.isoformat()
    return Written({"from": first, "to": last}, f"{first} - {last}")


@writes("week")
def write_week(value: Any, _column: Column, rule: ColumnMapping) -> Written:
    """The week that a date lies in: 7 days from the account's first day of the week (reference/week)."""
    day = _day(value, rule)
    since_start = day.weekday() if rule.week_start == "monday" else (day.weekday() + _SUNDAY_OFFSET) % 7
    try:
        start = day - timedelta(days=since_start)
        first, last = start.isoformat(), (start + timedelta(days=6)).isoformat()
    except OverflowError:
        raise _not_a_date(value, rule) from None
    return Written({"week": {"startDate": first, "endDate": last}}, f"{first} - {last}")


@writes("hour")
def write_hour(value: Any, _column: Column, _rule: ColumnMapping) -> Written:
    """A time of day to the minute, 0:00 to 23:59; both keys are required (reference/hour)."""
    found = _hour_and_minute(value)
    if found is None:
        raise RefusedValueError(
            "not_a_time_of_day",
            f"'{as_text(value)}' is not a time of day",
            "Correct the value: a time like 16:05 or 4:05 PM.",
        )
    hour, minute = found
    return Written({"hour": hour, "minute": minute}, f"{hour:02}:{minute:02}")


@writes("world_clock")
def write_world_clock(value: Any, _column: Column, _rule: ColumnMapping) -> Written:
    """The IANA name of a time zone (reference/world-clock)."""
    name = as_text(value).strip()
    if name not in _zone_names():
        raise RefusedValueError(
            "not_a_time_zone",
            f"'{name}' is not the name of a time zone",
            "Write the IANA name of the zone, e.g. Europe/Amsterdam.",
        )
    return Written({"timezone": name}, name)


@lru_cache(maxsize=1)
def _zone_names() -> frozenset[str]:
    return frozenset(available_timezones())


@lru_cache(maxsize=64)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise RefusedValueError(
            "unknown_time_zone",
            f"The rule's time zone '{name}' does not exist",
            "Choose the IANA name of a time zone in Mappings, e.g. Europe/Amsterdam.",
        ) from None


def _moment(value: Any, rule: ColumnMapping) -> date | datetime:
    moment = parse_date(value, rule.date_format)
    if moment is None:
        raise _not_a_date(value, rule)
    return moment


def _not_a_date(value: Any, rule: ColumnMapping) -> RefusedValueError:
    expected = f"in the form {rule.date_format}" if rule.date_format else "like 2026-11-22"
    return RefusedValueError(
        "not_a_date", f"'{as_text(value)}' is not a date", f"Correct the value: a date {expected}."
    )


def _day(value: Any, rule: ColumnMapping) -> date:
    return _day_of(_moment(value, rule), rule)


def _day_of(moment: date | datetime, rule: ColumnMapping) -> date:
    if not isinstance(moment, datetime):
        return moment
    if moment.tzinfo and rule.time_zone:
        try:
            moment = moment.astimezone(_zone(rule.time_zone))
        except OverflowError:
            raise _not_a_date(moment, rule) from None
    return moment.date()


def _in_utc(moment: datetime, value: Any, rule: ColumnMapping) -> datetime:
    """The moment in UTC; one without a zone is of the rule's zone, or of UTC when the rule names none."""
    if not moment.tzinfo and not rule.time_zone:
        return moment
    try:
        if moment.tzinfo:
            return moment.astimezone(UTC)
        zone = _zone(rule.time_zone or "")
        utc = moment.replace(tzinfo=zone).astimezone(UTC)
        exists = utc.astimezone(zone).replace(tzinfo=None) == moment
    except OverflowError:  # within hours of the years 1 and 9999
        raise _not_a_date(value, rule) from None
    if not exists:
        raise RefusedValueError(
            "time_does_not_exist",
            f"'{as_text(value)}' does not exist in {rule.time_zone}: the clocks were put forward over it",
            "Correct the value.",
        )
    return utc


def _is_blank(part: Any) -> bool:
    return isinstance(part, str) and not part.strip()


def _halves(value: Any, rule: ColumnMapping) -> tuple[Any, Any]:
    """Start and end; a date format may have slashes of its own. One date alone is the start."""
    if not isinstance(value, str):
        return value, ""
    parts = value.split("/")
    own = (rule.date_format or "").count("/") + 1
    """Pieces that the slashes of one date make."""
    if len(parts) == 2 * own:
        return "/".join(parts[:own]), "/".join(parts[own:])
    if len(parts) == own + 1:
        if not parts[0].strip():
            return "", "/".join(parts[1:])
        if not parts[-1].strip():
            return "/".join(parts[:-1]), ""
    return value, ""


def _hour_and_minute(value: Any) -> tuple[int, int] | None:
    if isinstance(value, time | datetime):
        return value.hour, value.minute
    if isinstance(value, timedelta):  # MariaDB's TIME
        minutes = int(value.total_seconds()) // 60
        return divmod(minutes, _MINUTES) if 0 <= minutes < _HOURS * _MINUTES else None
    found = _HOUR.fullmatch(as_text(value).strip())
    if found is None or (found[2] is None and found[3] is None):
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    if found[3]:
        if not 1 <= hour <= _NOON:
            return None
        hour = hour % _NOON + (_NOON if found[3][0] in "Pp" else 0)
    return (hour, minute) if hour < _HOURS and minute < _MINUTES else None
