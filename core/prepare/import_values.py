"""Turns a cell of an order list into what its staging column holds, or says why it cannot."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import mssql, mysql

from core.prepare.structure import text_length

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_ISO = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?")
_DOTS = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?: (\d{2}:\d{2}(?::\d{2})?))?")
_NAMED = re.compile(r"(\d{1,2})[- ]([a-z]{3})[a-z]*[- ](\d{4})", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)", re.ASCII)
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,(\d{1,2}|\d{4,})", re.ASCII)
"""A comma before any number of digits but three can only be the decimal point; 1,200 may be either."""
_EXCEL_ERRORS = {"#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#SPILL!", "#CALC!"}
_LAST_SERIAL = 2_958_465
"""Excel's 9999-12-31."""
_SIGNIFICANT_DIGITS = 15
"""Excel keeps no more of a number; what follows is noise of binary fractions."""


class Refusal(Exception):  # noqa: N818  not an error of the program: a finding on one cell
    """Why a cell cannot be stored."""

    def __init__(self, code: str, what: str, remedy: str) -> None:
        """`what` follows the value: "is no whole number"; `remedy` is an instruction without a full stop."""
        super().__init__(what)
        self.code = code
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Converted:
    """A value for the database."""

    value: Any
    rounded: bool = False
    """Digits behind the point were lost: the column holds fewer."""


Converter = Callable[[Any], Converted]


def converter(type_: Any, epoch: datetime | None) -> Converter:
    """What turns a cell that is not empty into a value of this column type. It raises Refusal.

    `epoch` is day 0 of serial dates, None for a file that has none.
    """
    convert = _by_type(type_, epoch)

    def guarded(cell: Any) -> Converted:
        if isinstance(cell, str) and cell.strip() in _EXCEL_ERRORS:
            raise Refusal("cell_error", "is an error of Excel", "Correct the formula")
        return convert(cell)

    return guarded


def _by_type(type_: Any, epoch: datetime | None) -> Converter:
    """The first sort of type that fits: every Float is a Numeric, too."""
    low, high = _bounds(type_)
    sorts: tuple[tuple[Any, Converter], ...] = (
        (sa.Boolean | mssql.BIT, _truth),
        (sa.Integer, lambda cell: _whole(cell, low, high)),
        (sa.Float, lambda cell: Converted(float(_number(cell)))),
        (sa.Numeric, lambda cell: _decimal(cell, type_.precision, type_.scale)),
        (mssql.MONEY | mssql.SMALLMONEY, lambda cell: _decimal(cell, 19, 4)),
        (sa.DateTime, lambda cell: Converted(_moment(cell, epoch))),
        (sa.Date, lambda cell: Converted(_moment(cell, epoch).date())),
        (sa.String, lambda cell: _text(cell, text_length(type_))),
    )
    return next((convert for sort, convert in sorts if isinstance(type_, sort)), Converted)


def _bounds(type_: Any) -> tuple[int, int]:
    if isinstance(type_, mssql.TINYINT):
        return 0, 255
    if isinstance(type_, mysql.TINYINT):
        return -128, 127
    bits = 16 if isinstance(type_, sa.SmallInteger) else 64 if isinstance(type_, sa.BigInteger) else 32
    return -(2 ** (bits - 1)), 2 ** (bits - 1) - 1


def _number(cell: Any) -> Decimal:
    refusal = Refusal(
        "not_a_number",
        "is no number",
        "Write digits, with a point before decimals and nothing between thousands",
    )
    if isinstance(cell, bool) or not isinstance(cell, int | float | Decimal | str):
        raise refusal
    text = f"{cell:.{_SIGNIFICANT_DIGITS}g}" if isinstance(cell, float) else str(cell).strip()
    if isinstance(cell, str) and not _NUMBER.fullmatch(text):
        # Decimal would take 1_000, NaN and the digits of every script.
        if not _DECIMAL_COMMA.fullmatch(text):
            raise refusal
        text = text.replace(",", ".")
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise refusal from error
    if not number.is_finite():
        raise refusal
    return number


def _whole(cell: Any, low: int, high: int) -> Converted:
    number = _number(cell)
    if number != number.to_integral_value():
        raise Refusal("not_whole", "is no whole number", "Write a whole number, or leave the cell empty")
    if not low <= number <= high:
        raise Refusal(
            "out_of_range", f"is not between {low} and {high}", "Write a number that the column holds"
        )
    return Converted(int(number))


def _decimal(cell: Any, precision: int | None, scale: int | None) -> Converted:
    number = _number(cell)
    if precision is None:
        return Converted(number)
    scale = scale or 0
    step = Decimal(1).scaleb(-scale)
    stored = number.quantize(step, ROUND_HALF_UP) if number.adjusted() < precision else number
    if abs(stored) >= Decimal(10) ** (precision - scale):
        digits = precision - scale
        raise Refusal(
            "out_of_range",
            f"has more than {digits} digits before the point",
            "Write a number that the column holds",
        )
    return Converted(stored, stored != number)


def _truth(cell: Any) -> Converted:
    known = {"true": True, "false": False, "1": True, "0": False, "yes": True, "no": False}
    if (value := known.get(str(cell).strip().lower())) is None:
        raise Refusal("not_true_or_false", "is neither true nor false", "Write 1 or 0")
    return Converted(value)


def _moment(cell: Any, epoch: datetime | None) -> datetime:
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime.combine(cell, time())
    refusal = Refusal("not_a_date", "is no date that can be read in one way only", "Write it as 2026-11-22")
    try:
        if isinstance(cell, str):
            moment = _written_moment(cell.strip())
        elif epoch is not None and isinstance(cell, int | float) and not isinstance(cell, bool):
            moment = _serial_moment(cell, epoch)
        else:
            moment = None
    except ValueError as error:
        raise refusal from error
    if moment is None:
        raise refusal
    return moment


def _written_moment(text: str) -> datetime | None:
    """ISO, 22.11.2026 and 22-Nov-2026; with slashes nobody knows which number is the month."""
    if _ISO.fullmatch(text):
        return datetime.fromisoformat(text)
    if found := _DOTS.fullmatch(text):
        day, month, year, clock = found.groups()
        return datetime.combine(date(int(year), int(month), int(day)), time.fromisoformat(clock or "00:00"))
    if (found := _NAMED.fullmatch(text)) and found[2].lower() in _MONTHS:
        return datetime(int(found[3]), _MONTHS.index(found[2].lower()) + 1, int(found[1]))  # noqa: DTZ001  none is kept
    return None


def _serial_moment(days: float, epoch: datetime) -> datetime | None:
    if not 1 <= days <= _LAST_SERIAL:
        return None
    # Excel counts a 29 February 1900 that was none: day 60. From day 61 on, its day 0 is 1899-12-30.
    if epoch.year < 1900 and days < 60:  # noqa: PLR2004  see above
        days += 1
    return epoch + timedelta(milliseconds=round(days * 86_400_000))


def _text(cell: Any, length: int | None) -> Converted:
    if isinstance(cell, bool):
        text = str(cell).upper()
    elif isinstance(cell, float):
        text = f"{cell:.{_SIGNIFICANT_DIGITS}g}"
    elif isinstance(cell, datetime) and cell.time() == time():
        text = cell.date().isoformat()
    else:
        text = str(cell)
    if length is not None and len(text) > length:
        raise Refusal(
            "value_too_long", f"has {len(text)} characters, {length} are stored", "Shorten the text"
        )
    return Converted(text)
