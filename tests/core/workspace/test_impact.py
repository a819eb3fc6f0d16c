"""How many pending payloads another mapping changes, and what they become."""

import asyncio

import pytest

from core.orders.model import RecordKind, Selection
from core.workspace import portions
from core.workspace.impact import ImpactKind, impact

CUSTOMER = "ATELIER ÉTOILE"


@pytest.fixture(autouse=True)
def _small_portions(monkeypatch) -> None:
    monkeypatch.setattr(portions, "PORTION", 60)


def with_rule(mapping, of: str, **update):
    assert any(rule.source == of for rule in mapping.items)
    items = tuple(rule.model_copy(update=update) if rule.source == of else rule for rule in mapping.items)
    return mapping.model_copy(update={"items": items})


async def test_the_same_mapping_changes_nothing(workspace, mapping):
    found = await workspace.mapping_impact(mapping)
    assert found.none
    assert (found.orders, found.lines) == (469, 2932)
    assert found.unchanged + found.stays_invalid == 469 + 2932
    assert str(found) == "None of 469 pending orders and 2,932 lines changes"


async def test_a_changed_transform_changes_the_orders_whose_value_it_changes(workspace, desk, mapping):
    wanted = with_rule(mapping, "CUSTOMER NAME", required=True)
    wanted = with_rule(wanted, "STYLE DESCRIPTION", transforms=("lower",))
    (filled,) = desk.rows(
        'SELECT count(*) AS n FROM ORDER_LIST_DELTA WHERE "STYLE DESCRIPTION" <> lower("STYLE DESCRIPTION")'
    )
    found = await workspace.mapping_impact(wanted)
    assert filled["n"] > 400
    assert found.changed == found.columns[0].count
    assert filled["n"] - 4 <= found.changed <= filled["n"]  # four orders are refused with either mapping
    assert (found.columns[0].record, found.columns[0].column) == (RecordKind.ORDER, "STYLE DESCRIPTION")
    assert len(found.columns) == 1
    assert len(found.samples) == 3
    for sample in found.samples:
        assert (sample.kind, sample.column) == (ImpactKind.CHANGED, "STYLE DESCRIPTION")
        assert sample.after == sample.before.lower() != sample.before


async def test_a_stricter_rule_makes_orders_invalid_with_the_reason(workspace, desk, mapping):
    (empty,) = desk.rows(
        "SELECT count(*) AS n FROM ORDER_LIST_DELTA WHERE coalesce(trim(\"CUSTOMER ALT PO\"), '') = ''"
    )
    found = await workspace.mapping_impact(with_rule(mapping, "CUSTOMER ALT PO", required=True))
    assert 0 < found.becomes_invalid <= empty["n"]
    assert (found.changed, found.becomes_valid) == (0, 0)
    sample = next(each for each in found.samples if each.kind is ImpactKind.BECOMES_INVALID)
    assert (sample.column, sample.before) == ("CUSTOMER ALT PO", "")
    assert "requires a value" in sample.after


async def test_a_more_lenient_rule_makes_a_refused_order_valid(workspace, mapping):
    found = await workspace.mapping_impact(with_rule(mapping, "CATEGORY", on_unknown_label="create"))
    assert (found.changed, found.becomes_invalid, found.becomes_valid) == (0, 0, 1)
    (sample,) = found.samples
    assert (sample.kind, sample.column, sample.after) == (ImpactKind.BECOMES_VALID, "CATEGORY", "Cut & Sew")
    assert "no label 'Cut & Sew'" in sample.before


async def test_names_and_groups_count_as_changes(workspace, mapping):
    named = mapping.model_copy(
        update={"subitem_name": "Size {size_code}", "group_name": "{CUSTOMER NAME} {AAG SEASON}"}
    )
    found = await workspace.mapping_impact(named, selection=Selection((CUSTOMER,)))
    counts = {(each.record, each.column): each.count for each in found.columns}
    assert counts == {
        (RecordKind.ORDER, "Group"): found.orders,
        (RecordKind.LINE, "Name"): found.lines,
    }
    assert found.changed == found.orders + found.lines


async def test_a_rule_that_is_taken_away_or_added_names_its_column(workspace, mapping):
    without = mapping.model_copy(
        update={"items": tuple(rule for rule in mapping.items if rule.source != "PATTERN ID")}
    )
    found = await workspace.mapping_impact(without)
    assert [each.column for each in found.columns] == ["PATTERN ID"]
    assert all(sample.before and not sample.after for sample in found.samples)


async def test_columns_that_only_the_new_mapping_reads_are_loaded(workspace, mapping):
    found = await workspace.mapping_impact(
        with_rule(mapping, "PATTERN ID", source="CUSTOMER NAME"), selection=Selection((CUSTOMER,), limit=2)
    )
    assert {sample.after for sample in found.samples} == {CUSTOMER}


async def test_portions_give_the_same_impact_as_the_whole(workspace, mapping):
    wanted = with_rule(mapping, "STYLE DESCRIPTION", transforms=("upper",))
    whole = workspace._store.load(Selection())
    at_once = await asyncio.to_thread(impact, mapping, wanted, await workspace.board(), [whole])
    in_parts = await workspace.mapping_impact(wanted)
    assert (at_once.changed, at_once.columns) == (in_parts.changed, in_parts.columns)
