"""A mapping set against the board, and what its rules make of one order."""

import pytest

from core.mapping.findings import Severity

CUSTOMER = "ATELIER ÉTOILE"


async def codes(workspace, mapping) -> list[tuple[str, int | None, str]]:
    return [(found.board, found.index, found.code) for found in await workspace.check_mapping(mapping)]


def with_item(mapping, index: int, **update):
    items = list(mapping.items)
    items[index] = items[index].model_copy(update=update)
    return mapping.model_copy(update={"items": tuple(items)})


async def test_the_shipped_mapping_fits_the_demo_s_board(workspace, mapping):
    assert await codes(workspace, mapping) == []


async def test_two_rules_for_one_column_are_told_with_their_numbers(workspace, mapping):
    twice = with_item(mapping, 4, column=mapping.items[0].column)
    findings = await workspace.check_mapping(twice)
    double = next(found for found in findings if found.code == "column_mapped_twice")
    assert (double.index, "number 1 and number 5" in double.message) == (4, True)


@pytest.mark.parametrize(
    ("update", "code"),
    [
        ({"column": "no_such_column"}, "column_not_on_board"),
        ({"type": "numbers"}, "column_type_differs"),
    ],
)
async def test_a_rule_that_does_not_fit_its_column_is_told(workspace, mapping, update, code):
    assert ("items", 3, code) in await codes(workspace, with_item(mapping, 3, **update))


async def test_a_column_that_cannot_be_written_is_told(workspace, mapping):
    board = (await workspace.board()).items
    read_only = next(column for column in board.columns if not column.writable)
    wrong = with_item(mapping, 3, column=read_only.id, type=read_only.type)
    assert ("items", 3, "column_not_writable") in await codes(workspace, wrong)


async def test_a_set_without_a_key_column_is_only_warned_about(workspace, mapping):
    keyless = mapping.model_copy(update={"subitem_key_column": None})
    (finding,) = await workspace.check_mapping(keyless)
    assert (finding.board, finding.code, finding.severity) == ("subitems", "no_key_column", Severity.WARNING)


async def test_a_key_column_without_a_rule_is_an_error(workspace, mapping):
    unmapped = mapping.model_copy(update={"items": mapping.items[1:]})
    assert ("items", None, "key_column_not_mapped") in await codes(workspace, unmapped)


async def test_a_preview_shows_each_rule_s_value_for_the_named_order(workspace, mapping):
    (row, *_rest) = await workspace.order_rows(CUSTOMER)
    preview = await workspace.preview_mapping(mapping, row.key)
    assert preview.order_label == row.label
    assert [value.column_id for value in preview.items] == [rule.column for rule in mapping.items]
    shown = {value.origin: value.shown for value in preview.items}
    assert shown["CUSTOMER NAME"] == CUSTOMER
    assert [value.column_id for value in preview.subitems] == [rule.column for rule in mapping.subitems]


async def test_a_preview_of_a_rule_for_a_column_that_the_table_lacks_is_empty_there(workspace, mapping):
    (row, *_rest) = await workspace.order_rows(CUSTOMER)
    edited = with_item(mapping, 3, source="NOT THERE YET")
    preview = await workspace.preview_mapping(edited, row.key)
    assert preview.items[3].source_text == ""


async def test_without_a_key_the_oldest_order_is_previewed(workspace, mapping):
    assert (await workspace.preview_mapping(mapping)).order_label


async def test_without_any_order_the_preview_is_empty(desk, workspace, mapping):
    desk.rows("DELETE FROM ORDER_LIST_DELTA")
    preview = await workspace.preview_mapping(mapping)
    assert (preview.order_label, preview.items, preview.subitems) == ("", (), ())
