"""Locations and countries (reference/location, reference/country)."""

from decimal import Decimal
from typing import Any

from core.resources import resource_path
from core.sandbox.column_values.registry import (
    ColumnType,
    ReadContext,
    WriteContext,
    register,
    require_object,
)
from core.sandbox.structure import Cell

LATITUDE, LONGITUDE = 90.0, 180.0  # degrees


def _read_countries() -> dict[str, str]:
    lines = resource_path("countries.tsv").read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines[1:])


COUNTRIES = _read_countries()  # English name by ISO 3166 code


def _degrees(value: Any, context: WriteContext) -> float:
    try:
        return float(value if isinstance(value, str) else Decimal(str(value)))
    except (ArithmeticError, ValueError):
        raise context.refuse(
            f"Column {context.column.id!r} takes degrees like 52.37, got {value!r}"
        ) from None


def _write_location(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"lat", "lng"}, optional={"address"})
    lat, lng = _degrees(value["lat"], context), _degrees(value["lng"], context)
    if not -LATITUDE < lat < LATITUDE or not -LONGITUDE <= lng <= LONGITUDE:
        raise context.refuse(f"Column {context.column.id!r}: {lat}, {lng} is no place on earth")
    return {"lat": lat, "lng": lng, "address": value.get("address") or "unknown", "changed_at": context.now}


def _simple_location(text: str, context: WriteContext) -> Cell | None:
    parts = text.split(" ", 2)
    if len(parts) < 2:  # noqa: PLR2004 - latitude and longitude; the address may be missing
        raise context.refuse(
            f"A simple location in column {context.column.id!r} is 'latitude longitude address'"
        )
    return _write_location(dict(zip(("lat", "lng", "address"), parts, strict=False)), context)


def _location_text(cell: Cell, _context: ReadContext) -> str:
    return str(cell["address"])


def _location_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    if cell is None:
        return {}
    return {
        "lat": cell["lat"],
        "lng": cell["lng"],
        "address": cell["address"],
        "updated_at": cell["changed_at"],
    }


def _write_country(value: Any, context: WriteContext) -> Cell | None:
    require_object(value, context, required={"countryCode", "countryName"})
    code, name = value["countryCode"], value["countryName"]
    if not isinstance(code, str) or COUNTRIES.get(code) != name:
        raise context.refuse(f"Column {context.column.id!r}: {code!r} and {name!r} name no country")
    return {"countryCode": code, "countryName": name, "changed_at": context.now}


def _country_text(cell: Cell, _context: ReadContext) -> str:
    return str(cell["countryName"])


def _country_fields(cell: Cell | None, _context: ReadContext) -> dict[str, Any]:
    if cell is None:
        return {}
    return {
        "country": {"code": cell["countryCode"], "name": cell["countryName"]},
        "updated_at": cell["changed_at"],
    }


register(
    ColumnType(
        "location",
        "location",
        "LocationValue",
        _write_location,
        _simple_location,
        text=_location_text,
        fields=_location_fields,
        cleared_by=({},),
    )
)
register(
    ColumnType(
        "country", "country", "CountryValue", _write_country, text=_country_text, fields=_country_fields
    )
)
