"""Dates, spans, hours and time zones (reference/date, -timeline, -week, -hour, -world-clock)."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from core.sandbox.column_values.registry import (
    ColumnType,
    ReadContext,
    WriteContext,
    register,
    require_object,
)
from core.sandbox.structure import Cell

DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d")
WEEK_DAYS = {"monday": 0, "sunday": 6}
LAST_HOUR, LAST_MINUTE = 23, 59


def _day(value: Any, context: WriteContext) -> date:
    if isinstance(value, str) and DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise context.refuse(f"Column {context.column.id!r} takes a date like 2026-11-22, got {value!r}")


def _write_date(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"date"}, optional={"time", "icon"})
    moment = value.get("time")
    if moment == "":
        moment = None
    if moment is not None and not (isinstance(moment, str) and TIME.fullmatch(moment)):
        raise context.refuse(
            f"Column {context.column.id!r} takes a time like 09:30:00 in UTC, got {moment!r}"
        )
    return {
        "date": _day(value["date"], context).isoformat(),
        "time": moment,
        "icon": value.get("icon"),
        "changed_at": context.now,
    }


def _simple_date(text: str, context: WriteContext) -> Cell | None:
    if text == "":
        return None
    day, _, moment = text.partition(" ")
    return _write_date({"date": day, "time": moment or None}, context)


def _zone(name: str) -> Any:
    return UTC if name in {"UTC", "Etc/UTC"} else ZoneInfo(name)


def local_date(cell: Cell, context: ReadContext) -> tuple[str, str | None]:
    """Return date and time (HH:MM) in the reading user's time zone; a date without a time does not shift."""
    if cell.get("time") is None:
        return str(cell["date"]), None
    moment = datetime.fromisoformat(f"{cell['date']}T{cell['time']}").replace(tzinfo=UTC)
    local = moment.astimezone(_zone(context.account.time_zone))
    return local.date().isoformat(), local.strftime("%H:%M")


def _date_text(cell: Cell, context: ReadContext) -> str:
    return " ".join(part for part in local_date(cell, context) if part)


def _date_fields(cell: Cell | None, context: ReadContext) -> dict[str, Any]:
    if cell is None:
        return {"date": "", "time": ""}
    day, moment = local_date(cell, context)
    return {"date": day, "time": moment or "", "icon": cell.get("icon"), "updated_at": cell["changed_at"]}


def _write_timeline(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"from", "to"}, optional={"visualization_type"})
    first, last = _day(value["from"], context), _day(value["to"], context)
    if first > last:
        raise context.refuse(f"A timeline in column {context.column.id!r} ends before it begins")
    return {"from": first.isoformat(), "to": last.isoformat(), "changed_at": context.now}


def _timeline_text(cell: Cell, _context: ReadContext) -> str:
    return f"{cell['from']} - {cell['to']}"


def _timeline_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    if cell is None:
        return {}
    return {
        "from": f"{cell['from']}T00:00:00+00:00",
        "to": f"{cell['to']}T00:00:00+00:00",
        "updated_at": cell["changed_at"],
    }


def _write_week(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"week"})
    week = value["week"]
    require_object(week, context, required={"startDate", "endDate"})
    start, end = _day(week["startDate"], context), _day(week["endDate"], context)
    first_day = context.account.first_day_of_the_week
    if start.weekday() != WEEK_DAYS[first_day] or end - start != timedelta(days=6):
        raise context.refuse(f"A week in column {context.column.id!r} has 7 days and starts on a {first_day}")
    return {"week": {"startDate": start.isoformat(), "endDate": end.isoformat()}, "changed_at": context.now}


def _week_text(cell: Cell, _context: ReadContext) -> str:
    return f"{cell['week']['startDate']} - {cell['week']['endDate']}"


def _week_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    return {"start_date": cell["week"]["startDate"], "end_date": cell["week"]["endDate"]} if cell else {}


def _write_hour(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"hour", "minute"})
    hour, minute = value["hour"], value["minute"]
    for number, last in ((hour, LAST_HOUR), (minute, LAST_MINUTE)):
        if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number <= last:
            raise context.refuse(
                f"Column {context.column.id!r} takes an hour 0-23 and a minute 0-59, got {value!r}"
            )
    return {"hour": hour, "minute": minute, "changed_at": context.now}


def _hour_text(cell: Cell, _context: ReadContext) -> str:
    return f"{cell['hour']:02}:{cell['minute']:02}"


def _hour_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    return {"hour": cell["hour"], "minute": cell["minute"], "updated_at": cell["changed_at"]} if cell else {}


def _write_world_clock(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"timezone"})
    if value["timezone"] not in available_timezones():
        raise context.refuse(
            f"Column {context.column.id!r} takes an IANA time zone, got {value['timezone']!r}"
        )
    return {"timezone": value["timezone"], "changed_at": context.now}


def _world_clock_text(cell: Cell, _context: ReadContext) -> str:
    return str(cell["timezone"]).rpartition("/")[2].replace("_", " ")


def _world_clock_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    return {"timezone": cell["timezone"], "updated_at": cell["changed_at"]} if cell else {}


register(
    ColumnType("date", "date", "DateValue", _write_date, _simple_date, text=_date_text, fields=_date_fields)
)
register(
    ColumnType(
        "timeline",
        "timerange",
        "TimelineValue",
        _write_timeline,
        text=_timeline_text,
        fields=_timeline_fields,
        cleared_by=({},),
    )
)
register(
    ColumnType(
        "week", "week", "WeekValue", _write_week, text=_week_text, fields=_week_fields, cleared_by=({},)
    )
)
register(ColumnType("hour", "hour", "HourValue", _write_hour, text=_hour_text, fields=_hour_fields))
register(
    ColumnType(
        "world_clock",
        "timezone",
        "WorldClockValue",
        _write_world_clock,
        text=_world_clock_text,
        fields=_world_clock_fields,
    )
)
