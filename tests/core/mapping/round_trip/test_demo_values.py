"""The demo's orders through the demo's mapping: what the board then holds is what the source has, by type."""

import re
from collections.abc import Mapping
from typing import Any

import pytest

from core.config.load import load_configuration
from core.config.model import ColumnMapping
from core.demo.data import demo_orders
from core.mapping.formatting import RecordFormatter
from core.resources import shipped_configuration
from tests.core.mapping.round_trip.conftest import Desk
from tests.core.mapping.round_trip.kinds import BATCH

ORDERS = demo_orders()[::6]
"""A part of every customer's orders."""


@pytest.fixture(scope="module")
def mapping():
    return load_configuration(shipped_configuration()).profiles["demo"].mapping_set


def source_value(rule: ColumnMapping, order: Mapping[str, Any]) -> Any:
    if rule.source is not None:
        return order[rule.source] if order[rule.source] is not None else rule.default
    return re.sub(r"\{([^}]+)\}", lambda field: str(order[field[1]]), rule.origin)


def test_every_mapped_value_of_the_demo_arrives_on_the_board_as_the_source_has_it(desk: Desk, mapping):
    compared = set()
    formatter = RecordFormatter.of_items(mapping, desk.board())
    for start in range(0, len(ORDERS), BATCH):
        orders = [order.header for order in ORDERS[start : start + BATCH]]
        items = desk.items[: len(orders)]
        records = [formatter.format("", "", order) for order in orders]
        assert not [finding for record in records for finding in record.findings]
        answer = desk.write(
            [
                desk.change(item, record.column_values, creates_labels=record.creates_labels)
                for item, record in zip(items, records, strict=True)
            ]
        )
        assert "errors" not in answer
        for column_type in {rule.type for rule in mapping.items}:
            rules = [rule for rule in mapping.items if rule.type == column_type]
            kind = desk.kinds[column_type]
            held = desk.read(kind, items, [rule.column for rule in rules])
            for order, cells in zip(orders, held, strict=True):
                for rule in rules:
                    value = source_value(rule, order)
                    if rule.type == "checkbox":
                        assert cells[rule.column] == (value in rule.true_words)
                    elif value is not None:
                        assert cells[rule.column] == kind.expected(value), rule.column
                    compared.add((rule.column, value is not None))
    assert len({column for column, filled in compared if filled}) >= 45
