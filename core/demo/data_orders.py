"""The pending orders of the demo: pure functions of a seed and a moment. Nothing here is wrong yet.

Style, colour and purchase order of an order follow from its place in the list; sizes, quantities, dates,
prices and notes follow from the seed. So the number of a customer's orders and lines, and every key, is the
same for all seeds.
"""

import random
import re
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from core.demo.catalogue import (
    COUNTRIES_OF_ORIGIN,
    DROPS,
    FABRICS,
    NOTES,
    ORDER_TYPES,
    Brand,
    Destination,
    Style,
    customer_season_name,
    season_name,
    season_of,
)
from core.demo.data_brands import BRANDS
from core.demo.data_prices import price_columns
from core.demo.data_schema import header_columns, line_columns
from core.demo.data_values import Row, sometimes

_NAMESPACE = uuid.UUID("6c1d8a52-2f0e-5d43-9b57-4755c0de4755")


@dataclass(frozen=True, slots=True)
class DemoOrder:
    """One order with its lines."""

    header: Row
    lines: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class _Purchase:
    """What the orders of one purchase order share."""

    number: str
    arrived: datetime
    received: date
    ex_factory: date
    country_of_origin: str


@dataclass(frozen=True, slots=True)
class _Position:
    """One order before it is written out: its place in its brand and what follows from it."""

    brand: Brand
    purchase: _Purchase
    order_number: str
    style: Style
    colour: str
    destination: Destination
    place: int
    """Counts from 1 within the purchase order."""


def record_uuid(order_number: str) -> str:
    """The key of the order with this AAG ORDER NUMBER."""
    return str(uuid.uuid5(_NAMESPACE, order_number))


def line_uuid(order_number: str, position: int) -> str:
    """The key of an order's line; `position` counts from 1."""
    return str(uuid.uuid5(_NAMESPACE, f"{order_number}/{position}"))


def timestamp(moment: datetime) -> str:
    """A moment as the tables hold it: UTC, microseconds, no zone."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def generate_orders(*, seed: int, now: datetime) -> Iterator[DemoOrder]:
    """Every order of every brand, brand by brand, all of them valid. `now` is aware, in UTC."""
    rng = random.Random(seed)  # noqa: S311  the same seed must give the same orders
    for brand in BRANDS:
        positions = list(_positions(rng, brand, now))
        counts = spread(rng, brand.lines, [_line_range(brand, position.style) for position in positions])
        for position, line_count in zip(positions, counts, strict=True):
            yield _order(rng, position, line_count)


def spread(rng: random.Random, total: int, ranges: Sequence[tuple[int, int]]) -> list[int]:
    """Random numbers that add up to `total`, each within its range (both ends included).

    Raises ValueError when the ranges cannot add up to it.
    """
    if not sum(low for low, _ in ranges) <= total <= sum(high for _, high in ranges):
        raise ValueError(f"{len(ranges)} ranges cannot add up to {total}")
    parts = [rng.randint(low, high) for low, high in ranges]
    while difference := total - sum(parts):
        step = 1 if difference > 0 else -1
        movable = [i for i, (low, high) in enumerate(ranges) if low <= parts[i] + step <= high]
        parts[rng.choice(movable)] += step
    return parts


def _line_range(brand: Brand, style: Style) -> tuple[int, int]:
    fewest, most = brand.lines_per_order
    sizes = len(style.sizes)
    return min(fewest, sizes), min(most, sizes)


def _positions(rng: random.Random, brand: Brand, now: datetime) -> Iterator[_Position]:
    """The brand's orders: each style in each colour, dealt out over its purchase orders in turn."""
    per_purchase = -(-brand.orders // len(brand.po_numbers))
    purchases = [_purchase(rng, number, now) for number in brand.po_numbers]
    for index in range(brand.orders):
        purchase, place = purchases[index // per_purchase], index % per_purchase + 1
        digits = re.sub(r"\D", "", purchase.number)[-5:]
        yield _Position(
            brand=brand,
            purchase=purchase,
            order_number=f"AAG-{digits}-{place:03}",
            style=brand.styles[index // len(brand.colours) % len(brand.styles)],
            colour=brand.colours[index % len(brand.colours)],
            destination=rng.choice(brand.destinations),
            place=place,
        )


def _purchase(rng: random.Random, number: str, now: datetime) -> _Purchase:
    arrived = now - timedelta(minutes=rng.randint(90, 6 * 24 * 60), microseconds=rng.randrange(1_000_000))
    return _Purchase(
        number=number,
        arrived=arrived,
        received=arrived.date() - timedelta(days=rng.randint(1, 9)),
        ex_factory=arrived.date() + timedelta(days=rng.randint(75, 130)),
        country_of_origin=rng.choice(COUNTRIES_OF_ORIGIN),
    )


def _order(rng: random.Random, position: _Position, line_count: int) -> DemoOrder:
    key = record_uuid(position.order_number)
    # Rows of one purchase order arrive in one load, a few milliseconds apart.
    created = timestamp(position.purchase.arrived + timedelta(milliseconds=17 * position.place))
    lines = tuple(_lines(rng, position, key, created, line_count))
    filled: Row = {
        "record_uuid": key,
        "sync_state": "NEW",
        "action_type": "INSERT",
        "retry_count": 0,
        "created_at": created,
        "updated_at": created,
        **_details(rng, position),
        **_codes(position),
        **_logistics(rng, position),
        **price_columns(rng, position.style, position.destination, position.purchase.country_of_origin),
        "TOTAL QTY": sum(int(line["qty"] or 0) for line in lines),
    }
    return DemoOrder(_complete(filled, header_columns()), lines)


def _lines(rng: random.Random, position: _Position, key: str, created: str, line_count: int) -> Iterator[Row]:
    """A run of neighbouring sizes, most pieces in the middle."""
    sizes = position.style.sizes
    start = rng.randint(0, len(sizes) - line_count)
    volume = rng.choice((24, 36, 60, 96, 150))
    middle = (line_count - 1) / 2
    for index, size in enumerate(sizes[start : start + line_count]):
        share = 1 - abs(index - middle) / (line_count + 1)
        filled: Row = {
            "line_uuid": line_uuid(position.order_number, index + 1),
            "record_uuid": key,
            "size_code": size,
            "qty": max(6, round(volume * share) + rng.randint(-4, 4)),
            "sync_state": "PENDING",
            "action_type": "INSERT",
            "retry_count": 0,
            "created_at": created,
            "updated_at": created,
        }
        yield _complete(filled, line_columns())


def _details(rng: random.Random, position: _Position) -> Row:
    brand, purchase, style, colour = position.brand, position.purchase, position.style, position.colour
    half, year = season_of(purchase.ex_factory)
    colour_code = f"{brand.code}{brand.colours.index(colour) + 1:02}"
    alias = f"{brand.code}-{style.code}-{colour_code}"
    return {
        "AAG ORDER NUMBER": position.order_number,
        "CUSTOMER NAME": brand.name,
        "SOURCE_CUSTOMER_NAME": brand.source_name,
        "ORDER DATE PO RECEIVED": _day(purchase.received),
        "PO NUMBER": purchase.number,
        "CUSTOMER ALT PO": sometimes(rng, 0.25, f"ALT-{purchase.number}"),
        "AAG SEASON": season_name(half, year),
        "CUSTOMER SEASON": customer_season_name(brand.season_style, half, year),
        "DROP": DROPS[(position.place - 1) // len(brand.colours) % len(DROPS)],
        "MONTH": purchase.ex_factory.strftime("%m-%Y"),
        "RANGE / COLLECTION": rng.choice(brand.collections),
        "PROMO GROUP / CAMPAIGN (HOT 30/GLOBAL EDIT)": sometimes(rng, 0.06, "GLOBAL EDIT"),
        "CATEGORY": style.category,
        "PATTERN ID": f"PTN-{style.code}",
        "PLANNER": f"PLANNING {brand.code}",
        "MAKE OR BUY": "MAKE" if purchase.country_of_origin == "CHINA" else "BUY",
        "ORIGINAL ALIAS/RELATED ITEM": sometimes(rng, 0.3, alias),
        "PRICING ALIAS/RELATED ITEM": alias,
        "ALIAS/RELATED ITEM": alias,
        "CUSTOMER STYLE": style.code,
        "STYLE DESCRIPTION": f"{style.description} ({FABRICS[style.fabric]})",
        "CUSTOMER'S COLOUR CODE (CUSTOM FIELD) CUSTOMER PROVIDES THIS": colour_code,
        "CUSTOMER COLOUR DESCRIPTION": colour,
        "BULK AGREEMENT NUMBER": sometimes(rng, 0.4, f"BA{year % 100}{half}{brand.code}"),
        "LONGSON ALIAS": sometimes(rng, 0.15, f"L-{alias}"),
        "UNIT OF MEASURE": style.unit,
    }


def _codes(position: _Position) -> Row:
    """The codes by which the planning and the ERP systems know the brand, the style and the season."""
    brand, style, purchase = position.brand, position.style, position.purchase
    half, year = season_of(purchase.ex_factory)
    group, kind = style.category[:3], style.category[:4]
    make_or_buy = "M" if purchase.country_of_origin == "CHINA" else "B"
    season_code = f"{half}{year % 100}"
    return {
        "INFOR WAREHOUSE CODE": position.destination.warehouse[:3],
        "INFOR FACILITY CODE": position.destination.country,
        "INFOR BUSINESS UNIT AREA": brand.gender[:1] + brand.code,
        "INFOR CUSTOMER CODE": f"C{brand.code}",
        "INFOR ORDER TYPE": "N01",
        "INFOR SEASON CODE": season_code,
        "ITEM TYPE CODE": "FG",
        "PRODUCT GROUP CODE": group,
        "ITEM GROUP CODE": kind,
        "GENDER GROUP CODE": brand.gender,
        "FABRIC TYPE CODE": style.fabric,
        "INFOR MAKE/BUY CODE": make_or_buy,
        "INFOR ITEM TYPE CODE": "FG",
        "INFOR PRODUCT GROUP CODE": group,
        "INFOR ITEM GROUP CODE": kind,
        "INFOR GENDER GROUP CODE": brand.gender,
        "INFOR FABRIC TYPE CODE": style.fabric,
        "INFOR COLOUR CODE": position.colour[:3].strip(),
        "FACILITY CODE": position.destination.country,
        "CUSTOMER CODE": brand.code,
        "AAG SEASON CODE": season_code,
        "MAKE OR BUY FLAG": make_or_buy,
        "MAKE/BUY CODE": make_or_buy,
        "BUAR (BUSINESS AREA UNIT)": brand.gender[:1] + brand.code,
        "PATTERN/STYLE NAME": style.description,
        "_SOURCE_TABLE": re.sub(r"\W+", "_", brand.source_name.upper()) + "_ORDER_LIST",
    }


def _logistics(rng: random.Random, position: _Position) -> Row:
    purchase, destination = position.purchase, position.destination
    ex_factory = purchase.ex_factory + timedelta(days=rng.choice((0, 0, 7, 14)))
    order_type = rng.choices(ORDER_TYPES, weights=(80, 8, 6, 3, 3))[0]
    return {
        "DESTINATION": destination.country,
        "DESTINATION WAREHOUSE": destination.warehouse,
        "ALLOCATION (CHANNEL)": rng.choice(("WHOLESALE", "ECOM", "RETAIL")),
        "COLLECTION DELIVERY": sometimes(rng, 0.3, f"D{rng.randint(1, 3)}"),
        "ETA CUSTOMER WAREHOUSE DATE": _day(ex_factory + timedelta(days=destination.transit_days)),
        "EX FACTORY DATE": _day(ex_factory),
        "DELIVERY TERMS": destination.delivery_terms,
        "PLANNED DELIVERY METHOD": destination.method,
        "NOTES": sometimes(rng, 0.45, rng.choice(NOTES)),
        "ORDER TYPE": order_type,
        "ORTP (ORDER TYPE)": "N01",
        "VALIDATION": "OK",
        "INFOR DELIVERY CODE": destination.method[:1] + destination.country,
        "COUNTRY OF ORIGIN": purchase.country_of_origin,
        "INVOICE METHOD": destination.delivery_terms,
        "Warehouse": destination.warehouse,
        "INVOICE MONTH": sometimes(rng, 0.2, ex_factory.strftime("%m")),
        "INVOICE YEAR": ex_factory.year,
    }


def _day(day: date) -> str:
    return f"{day.isoformat()} 00:00:00"


def _complete(filled: Row, columns: Sequence[str]) -> Row:
    """The row with NULL in every column that is not filled. Raises ValueError on a column the table lacks."""
    if unknown := filled.keys() - set(columns):
        raise ValueError(f"The table has no column {', '.join(sorted(unknown))}")
    return {column: filled.get(column) for column in columns}
