"""Countries and locations (reference/country, reference/location)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from core.config.model import ColumnMapping
from core.mapping.source_values import as_text, canonical_number, parse_number
from core.mapping.writers.registry import RefusedValueError, Written, sendable_text, writes
from core.monday.board import Column
from core.resources import resource_path

_LATITUDE, _LONGITUDE = 90, 180


@dataclass(frozen=True, slots=True)
class Countries:
    """The countries that the board knows."""

    names: Mapping[str, str]
    """ISO 3166 code in capitals -> English name."""
    codes: Mapping[str, str]
    """Name, case-folded -> code."""


@cache
def countries() -> Countries:
    """The table of countries; read once."""
    rows = resource_path("countries.tsv").read_text(encoding="utf-8").splitlines()[1:]
    names = dict(row.split("\t") for row in rows)
    return Countries(names, {name.casefold(): code for code, name in names.items()})


@writes("country")
def write_country(value: Any, _column: Column, _rule: ColumnMapping) -> Written:
    """A country by its ISO 3166 code or English name; the API checks that both agree (reference/country)."""
    text = as_text(value).strip()
    known = countries()
    # A code is two plain letters: in capitals `ß` would be another country's.
    code = (
        text.upper() if text.isascii() and text.upper() in known.names else known.codes.get(text.casefold())
    )
    if code is None:
        raise RefusedValueError(
            "not_a_country",
            f"'{text}' is neither the code nor the English name of a country",
            "Write the ISO code (NL) or the English name (Netherlands), or let the rule look it up.",
        )
    name = known.names[code]
    return Written({"countryCode": code, "countryName": name}, name)


@writes("location")
def write_location(value: Any, _column: Column, _rule: ColumnMapping) -> Written:
    """`latitude longitude address`: degrees with a decimal point; the address may be missing.

    The latitude lies between -90 and 90, neither included, the longitude from -180 to 180; the address is not
    checked, and without one the cell reads "unknown" (reference/location).
    """
    parts = sendable_text(value).split(None, 2)
    numbers = [parse_number(part) for part in parts[:2]]
    latitude, longitude = numbers if len(numbers) == 2 else (None, None)  # noqa: PLR2004  a pair
    if latitude is None or longitude is None or abs(latitude) >= _LATITUDE or abs(longitude) > _LONGITUDE:
        raise RefusedValueError(
            "not_a_location",
            f"'{as_text(value)}' does not begin with a place on earth",
            "Write latitude, longitude and address with blanks between: 52.37 4.89 Amsterdam.",
        )
    lat, lng = canonical_number(latitude), canonical_number(longitude)
    if len(parts) == 2:  # noqa: PLR2004  no address
        return Written({"lat": lat, "lng": lng}, f"{lat} {lng}")
    address = parts[2].strip()
    return Written({"lat": lat, "lng": lng, "address": address}, address)
