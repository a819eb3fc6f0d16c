"""The few demo records that are wrong on purpose, so that findings and repairs have something to show."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from core.demo.catalogue import Style
from core.demo.data_brands import (
    COPPER_RIDGE,
    LINDEN_AND_LOOM,
    NORTHLINE,
    PETAL_AND_PINE,
    SUMMERSALT,
    WHITE_FOX,
)
from core.demo.data_orders import DemoOrder, line_uuid, record_uuid
from core.demo.data_schema import HEADERS_TABLE, LINES_TABLE
from core.demo.data_values import Row


class WrongKind(StrEnum):
    """What is the matter with a record."""

    UNKNOWN_LABEL = "unknown label"
    NAME_TOO_LONG = "name too long"
    BAD_DATE = "bad date"
    MISSING_VALUE = "missing value"
    ORPHAN_LINE = "orphan line"
    UNKNOWN_SIZE = "unknown size"


@dataclass(frozen=True, slots=True)
class WrongOnPurpose:
    """One wrong record, and the one cell that repairs it."""

    kind: WrongKind
    table: str
    key_column: str
    key: str
    """`record_uuid` of an order, `line_uuid` of a line."""
    order_number: str
    """AAG ORDER NUMBER of the order, or of the order that the line belongs to."""
    customer: str
    problem: str
    """A sentence."""
    column: str
    bad_value: str | None
    good_value: str
    """Written to `column`, it makes the record valid."""


def _wrong_order(
    kind: WrongKind,
    order_number: str,
    customer: str,
    problem: str,
    *,
    column: str,
    bad_value: str | None,
    good_value: str,
) -> WrongOnPurpose:
    return WrongOnPurpose(
        kind,
        HEADERS_TABLE,
        "record_uuid",
        record_uuid(order_number),
        order_number,
        customer,
        problem,
        column,
        bad_value,
        good_value,
    )


def _wrong_line(
    kind: WrongKind,
    order_number: str,
    position: int,
    customer: str,
    problem: str,
    *,
    column: str,
    bad_value: str,
    good_value: str,
) -> WrongOnPurpose:
    return WrongOnPurpose(
        kind,
        LINES_TABLE,
        "line_uuid",
        line_uuid(order_number, position),
        order_number,
        customer,
        problem,
        column,
        bad_value,
        good_value,
    )


def _overlong_style(style: Style, colour: str, order_number: str, length: int) -> str:
    """A style that makes the item's name, `{style} {colour} {order number}`, `length` characters long."""
    room = length - len(f" {colour} {order_number}")
    pasted = f"{style.code} {style.description}, as on the line sheet: body and trim matched, "
    return (pasted * (room // len(pasted) + 1))[: room - 1] + "."


_FOX_STYLE, _FOX_COLOUR, _FOX_ORDER = WHITE_FOX.styles[2], WHITE_FOX.colours[1], "AAG-77120-018"

WRONG_ON_PURPOSE = (
    _wrong_order(
        WrongKind.UNKNOWN_LABEL,
        "AAG-20417-007",
        SUMMERSALT.name,
        "CATEGORY says 'Cut & Sew', a label that the board does not have.",
        column="CATEGORY",
        bad_value="Cut & Sew",
        good_value="SWIMWEAR",
    ),
    _wrong_order(
        WrongKind.NAME_TOO_LONG,
        _FOX_ORDER,
        WHITE_FOX.name,
        "CUSTOMER STYLE holds whole sentences: the item's name would have 300 characters, 255 is the limit.",
        column="CUSTOMER STYLE",
        bad_value=_overlong_style(_FOX_STYLE, _FOX_COLOUR, _FOX_ORDER, 300),
        good_value=_FOX_STYLE.code,
    ),
    _wrong_order(
        WrongKind.BAD_DATE,
        "AAG-18821-003",
        COPPER_RIDGE.name,
        "EX FACTORY DATE says 31/02/2026, a day that does not exist.",
        column="EX FACTORY DATE",
        bad_value="31/02/2026",
        good_value="2027-02-26 00:00:00",
    ),
    _wrong_order(
        WrongKind.MISSING_VALUE,
        "AAG-88245-004",
        NORTHLINE.name,
        "AAG SEASON is empty, and its column mapping requires a value.",
        column="AAG SEASON",
        bad_value=None,
        good_value="2027 FW",
    ),
    _wrong_line(
        WrongKind.ORPHAN_LINE,
        "AAG-61108-005",
        1,
        PETAL_AND_PINE.name,
        "The line's header never arrived under this record_uuid: it belongs to order AAG-61108-005.",
        column="record_uuid",
        bad_value=record_uuid("a header that never arrived"),
        good_value=record_uuid("AAG-61108-005"),
    ),
    _wrong_line(
        WrongKind.UNKNOWN_SIZE,
        "AAG-0614-006",
        1,
        LINDEN_AND_LOOM.name,
        "The size says 'XX-SMALL', a label that the board does not have; the order list writes XXS.",
        column="size_code",
        bad_value="XX-SMALL",
        good_value="XXS",
    ),
)
"""One record of each kind, each at another customer; GREYSON CLOTHIERS has none."""


def spoil(orders: Iterable[DemoOrder]) -> tuple[tuple[Row, ...], tuple[Row, ...]]:
    """Header rows and line rows of the orders, with every wrong value of `WRONG_ON_PURPOSE` put in.

    The order that lost its line keeps a TOTAL QTY that counts it: the repair makes the sum right again.
    """
    wrong_cells = {wrong.key: wrong for wrong in WRONG_ON_PURPOSE}
    headers: list[Row] = []
    lines: list[Row] = []

    def as_stored(row: Row, key: str) -> Row:
        wrong = wrong_cells.get(key)
        return row | {wrong.column: wrong.bad_value} if wrong else row

    for order in orders:
        headers.append(as_stored(order.header, str(order.header["record_uuid"])))
        lines.extend(as_stored(line, str(line["line_uuid"])) for line in order.lines)
    return tuple(headers), tuple(lines)
