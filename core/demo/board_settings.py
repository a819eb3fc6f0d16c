"""The settings of the practice board's columns, as `Column.settings` answers them.

Shapes: reference/status, reference/dropdown, reference/columns and the changelog entry on mirror columns.
"""

from collections.abc import Callable
from typing import Any

from core.demo import catalogue
from core.demo.data_brands import BRANDS
from core.demo.data_schema import size_codes

SUBITEMS_BOARD_ID = "7000000002"
PLANNING_BOARD_ID = "7000000003"
"""The board that PLANNING BOARD connects to; the practice account may not see it."""

_PRICE = {"symbol": "$", "custom_unit": None, "direction": "left", "precision": 4}
_FRACTION = {"symbol": "", "custom_unit": None, "direction": "right", "precision": 5}
_PIECES = {"symbol": "custom", "custom_unit": "pcs", "direction": "right", "precision": 0}
_NUMBER_UNITS = {"US DUTY RATE": _FRACTION, "US TARIFF RATE": _FRACTION}

# Status colours by name; a label's id is its colour's number (reference/status), 5 is the empty label.
_COLOUR_IDS = {
    "working_orange": 0,
    "done_green": 1,
    "stuck_red": 2,
    "dark_blue": 3,
    "purple": 4,
    "bright_blue": 7,
    "egg_yolk": 9,
    "american_gray": 17,
}
_STATUS_LABELS: dict[str, tuple[tuple[str, str], ...]] = {
    "UNIT OF MEASURE": tuple(
        zip(catalogue.UNITS_OF_MEASURE, ("bright_blue", "purple", "dark_blue", "egg_yolk"), strict=True)
    ),
    "ORDER STATUS": (
        ("RECEIVED", "bright_blue"),
        ("IN PRODUCTION", "working_orange"),
        ("SHIPPED", "done_green"),
        ("CANCELLED", "stuck_red"),
    ),
    "ADD TO PLANNING": (("YES", "done_green"), ("NO", "american_gray")),
    "PPS STATUS": (
        ("REQUESTED", "bright_blue"),
        ("IN REVIEW", "working_orange"),
        ("APPROVED", "done_green"),
        ("REJECTED", "stuck_red"),
    ),
    "ORDER LINE STATUS": (
        ("ORDERED", "bright_blue"),
        ("CUT", "egg_yolk"),
        ("SEWN", "working_orange"),
        ("PACKED", "purple"),
        ("SHIPPED", "done_green"),
    ),
}
_DONE_LABELS = frozenset({"APPROVED", "SHIPPED", "YES"})

_PLANNED = {
    "EX-FTY (Change Request)": "date_ex_fty_change_request",
    "REQUESTED XFD STATUS": "color_requested_xfd_status",
    "EX-FTY (Forecast)": "date_ex_fty_forecast",
    "EX-FTY (Partner PO)": "date_ex_fty_partner_po",
    "EX-FTY (Revised LS)": "date_ex_fty_revised_ls",
    "PRODUCTION TYPE": "dropdown_production_type",
    "AQL INSPECTION": "date_aql_inspection",
    "AQL TYPE": "dropdown_aql_type",
    "PLANNED CUT DATE": "date_planned_cut_date",
    "MO NUMBER": "text_mo_number",
    "PRODUCTION STATUS": "color_production_status",
    "FACTORY COUNTRY": "dropdown_factory_country",
    "FACTORY": "dropdown_factory",
    "ALLOCATION STATUS": "color_allocation_status",
    "PRODUCTION QTY": "numeric_production_qty",
    "TRIM ETA DATE": "date_trim_eta_date",
    "FABRIC ETA DATE": "date_fabric_eta_date",
    "TRIM STATUS": "color_trim_status",
    "FABRIC STATUS": "color_fabric_status",
}
"""Mirror columns of the planning board: title -> the column mirrored there."""
_SUMMED_LINES = {
    "QTY ORDERED": "numeric_order_qty",
    "QTY PACKED": "numeric_packed_qty",
    "QTY SHIPPED": "numeric_shipped_qty",
}
"""Mirror columns of the subitems: title -> the column summed there."""
_FORMULAS = {
    "Net Demand": "{numeric_fcst_qty} - {numeric_fcst_consumed_qty}",
    "REVENUE (FOB)": "{lookup_qty_ordered} * {numeric_final_fob_usd}",
    "ORDER QTY": "{lookup_qty_ordered}",
    "PACKED QTY": "{lookup_qty_packed}",
    "SHIPPED QTY": "{lookup_qty_shipped}",
}


def column_settings(title: str, column_type: str) -> dict[str, Any]:
    """The settings of the practice board's column with this title; empty for types that need none.

    Raises KeyError on a title that the practice board does not have.
    """
    settings = _SETTINGS.get(column_type)
    return settings(title) if settings else {}


def _status(title: str) -> dict[str, Any]:
    return {
        "labels": [
            {
                "id": _COLOUR_IDS[colour],
                "label": label,
                "color": colour,
                "index": index,
                "is_done": label in _DONE_LABELS,
            }
            for index, (label, colour) in enumerate(_STATUS_LABELS[title])
        ]
    }


def _dropdown(title: str) -> dict[str, Any]:
    labels = [{"id": number, "label": label} for number, label in enumerate(DROPDOWN_LABELS[title], start=1)]
    return {"labels": labels, "limit_select": True, "label_limit_count": 1}


def _numbers(title: str) -> dict[str, Any]:
    unit = _PIECES if title.upper().endswith("QTY") else _NUMBER_UNITS.get(title, _PRICE)
    return {"unit": dict(unit)}


def _mirror(title: str) -> dict[str, Any]:
    if title in _SUMMED_LINES:
        relation, board, column = "subtasks_order_lines", SUBITEMS_BOARD_ID, _SUMMED_LINES[title]
    else:
        relation, board, column = "board_relation_planning_board", PLANNING_BOARD_ID, _PLANNED[title]
    return {
        "relation_column": {relation: True},
        "displayed_linked_columns": [{"board_id": board, "column_ids": [column]}],
    }


def _formula(title: str) -> dict[str, Any]:
    return {"formula": _FORMULAS[title]}


def _board_relation(_title: str) -> dict[str, Any]:
    return {"boardIds": [PLANNING_BOARD_ID], "allowMultipleItems": True}


def _people(_title: str) -> dict[str, Any]:
    return {"max_people_allowed": "0"}


def _rating(_title: str) -> dict[str, Any]:
    return {"limit": 5}


def _subtasks(_title: str) -> dict[str, Any]:
    return {"boardIds": [SUBITEMS_BOARD_ID]}


_SETTINGS: dict[str, Callable[[str], dict[str, Any]]] = {
    "board_relation": _board_relation,
    "dropdown": _dropdown,
    "formula": _formula,
    "mirror": _mirror,
    "numbers": _numbers,
    "people": _people,
    "rating": _rating,
    "status": _status,
    "subtasks": _subtasks,
}


def _seasons() -> list[tuple[str, int]]:
    return [(half, year) for year in catalogue.SEASON_YEARS for half in catalogue.SEASON_HALVES]


DROPDOWN_LABELS: dict[str, tuple[str, ...]] = {
    "ORDER TYPE": catalogue.ORDER_TYPES,
    "CUSTOMER": tuple(sorted(brand.name for brand in BRANDS)),
    "AAG SEASON": tuple(catalogue.season_name(*season) for season in _seasons()),
    "CUSTOMER SEASON": tuple(
        catalogue.customer_season_name(style, *season)
        for style in catalogue.CUSTOMER_SEASON_STYLES
        for season in _seasons()
    ),
    "DROP": catalogue.DROPS,
    "STYLE": tuple(sorted(style.code for brand in BRANDS for style in brand.styles)),
    "COLOR": tuple(sorted({colour for brand in BRANDS for colour in brand.colours})),
    "CATEGORY": catalogue.CATEGORIES,
    "DELIVERY TERMS": catalogue.DELIVERY_TERMS,
    "HS CODE": tuple(catalogue.US_DUTY_RATES),
    "Size": size_codes(),
}
"""Labels of each dropdown column, in the order of their ids (from 1)."""
