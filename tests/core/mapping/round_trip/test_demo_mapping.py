"""The demo's mapping over the demo's orders and board: what is mapped, and what is found wrong."""

import json

import pytest

from core.config.load import load_configuration
from core.demo.data import demo_rows
from core.demo.data_schema import HEADERS_TABLE
from core.demo.data_wrong import WRONG_ON_PURPOSE
from core.mapping.formatting import RecordFormatter
from core.monday.board import Board, parse_board
from core.resources import resource_path, shipped_configuration


@pytest.fixture(scope="module")
def mapping():
    return load_configuration(shipped_configuration()).profiles["demo"].mapping_set


@pytest.fixture(scope="module")
def board() -> Board:
    return parse_board(
        json.loads(resource_path("boards", "orders.json").read_text(encoding="utf-8"))["boards"][0]
    )


def test_at_least_45_item_columns_are_mapped_each_once_and_with_the_board_s_type(mapping, board):
    mapped = {rule.column: rule.type for rule in mapping.items}
    assert len(mapped) == len(mapping.items) >= 45
    assert mapped == {identifier: board.column(identifier).type for identifier in mapped}


def test_types_that_the_field_columns_lack_are_mapped_where_the_orders_have_something_for_them(mapping):
    assert {rule.type for rule in mapping.items} >= {"timeline", "week", "country", "checkbox", "link"}


def test_only_the_orders_that_are_wrong_on_purpose_are_refused(mapping, board):
    formatter = RecordFormatter.of_items(mapping, board)
    records = {
        header["record_uuid"]: formatter.format(header["record_uuid"], "", header)
        for header in demo_rows().headers
    }
    wrong = {each.key for each in WRONG_ON_PURPOSE if each.table == HEADERS_TABLE}
    assert {key for key, record in records.items() if record.blocked} == wrong


def test_an_order_of_the_demo_says_where_from_when_and_to_whom_in_columns_of_their_own_types(mapping, board):
    header = demo_rows().headers[0]
    values = RecordFormatter.of_items(mapping, board).format("", "", header).column_values
    received, arrives = (
        header[name][:10] for name in ("ORDER DATE PO RECEIVED", "ETA CUSTOMER WAREHOUSE DATE")
    )
    assert values["timerange_order_window"] == {"from": received, "to": arrives}
    assert (
        values["week_in_dc_week"]["week"]["startDate"]
        <= arrives
        <= values["week_in_dc_week"]["week"]["endDate"]
    )
    assert values["country_country_of_origin"]["countryName"].upper() == header["COUNTRY OF ORIGIN"]
    assert values["link_customer_portal"]["text"] == header["PO NUMBER"]
    made = header["MAKE OR BUY FLAG"] == "M"
    assert values["boolean_own_production"] == ({"checked": "true"} if made else None)
