"""What a preparation makes of an order list, the first time and every time after it."""

import re
import uuid

import pytest

from core.demo.data_schema import size_codes, source_columns
from core.orders.claims import Claims
from tests.core.prepare.desk import HEADERS, LINES, STAGING, Desk, order


def counts(summary):
    """The counts that are not zero."""
    whole = summary.to_json()
    names = ("new", "changed", "unchanged", "cancelled", "revived", "claimed", "withheld", "refused")
    return {name: whole[name] for name in names if whole[name]}


def test_the_first_preparation_makes_every_order_new(desk: Desk):
    desk.load(order(1), order(2, sizes={"M": 12}), order(3, **{"CUSTOMER NAME": "SUMMERSALT"}))

    summary = desk.prepare()

    assert counts(summary) == {"new": 3}
    assert (summary.staging_rows, summary.lines_inserted, summary.orders_written) == (3, 7, 3)
    assert {name: (made.orders, made.lines) for name, made in summary.customers.items()} == {
        "GREYSON CLOTHIERS": (2, 4),
        "SUMMERSALT": (1, 3),
    }
    headers = desk.headers()
    assert {row["sync_state"] for row in headers.values()} == {"NEW"}
    assert {row["action_type"] for row in headers.values()} == {"INSERT"}
    assert {row["retry_count"] for row in headers.values()} == {0}
    assert headers["AAG-4755-001"]["NOTES"] == "as agreed"
    lines = desk.lines("AAG-4755-001")
    assert {size: line["qty"] for size, line in lines.items()} == {"XS": 3, "32x34": 4, "3/6 MTHS": 5}
    assert {(line["sync_state"], line["action_type"]) for line in lines.values()} == {("PENDING", "INSERT")}


def test_identifiers_are_uuids_and_stay(desk: Desk):
    desk.load(order(1), order(2))
    desk.prepare()
    before = {(HEADERS, row["record_uuid"]) for row in desk.rows(HEADERS)}
    before |= {(LINES, row["line_uuid"]) for row in desk.rows(LINES)}
    desk.load(order(2, NOTES="other"), order(1, sizes={"XS": 8, "32x34": 1, "3/6 MTHS": 2}))

    desk.prepare()

    after = {(HEADERS, row["record_uuid"]) for row in desk.rows(HEADERS)}
    after |= {(LINES, row["line_uuid"]) for row in desk.rows(LINES)}
    assert after == before
    assert len(after) == 8
    assert all(str(uuid.UUID(key)) == key for _, key in after)


def test_every_column_of_the_order_list_arrives(desk: Desk):
    filled = {}
    for column in source_columns():
        if column.group == "size":
            filled[column.name] = len(filled) + 1
        elif column.sql_type.startswith("NVARCHAR"):
            filled[column.name] = f"value {len(filled)}"
        elif column.sql_type.startswith("DATETIME"):
            filled[column.name] = "2026-11-22 09:00:00"
        else:
            filled[column.name] = len(filled)
    desk.load(filled)

    desk.prepare()

    (header,) = desk.rows(HEADERS)
    for column in source_columns():
        if column.group != "size":
            given, stored = filled[column.name], header[column.name]
            assert str(stored).startswith(str(given)), column.name
    assert {row["size_code"]: row["qty"] for row in desk.rows(LINES)} == {
        size: filled[size] for size in size_codes()
    }


def test_preparing_again_finds_nothing(desk: Desk):
    desk.load(order(1), order(2))
    desk.prepare()
    before = desk.everything()

    summary = desk.prepare()

    assert counts(summary) == {"unchanged": 2}
    assert (summary.lines_inserted, summary.lines_updated, summary.lines_deleted) == (0, 0, 0)
    assert desk.everything() == before


def test_the_order_of_the_rows_is_no_change(desk: Desk):
    desk.load(order(1), order(2), order(3))
    desk.prepare()
    desk.load(order(3), order(1), order(2))

    assert counts(desk.prepare()) == {"unchanged": 3}


def test_a_changed_quantity_updates_its_line_and_its_order(desk: Desk):
    desk.load(order(1), order(2))
    desk.prepare()
    desk.synced()
    desk.load(order(1, sizes={"XS": 30, "32x34": 4, "3/6 MTHS": 5}), order(2))

    summary = desk.prepare()

    assert counts(summary) == {"changed": 1, "unchanged": 1}
    assert summary.lines_updated == 1
    states = {number: (row["sync_state"], row["action_type"]) for number, row in desk.headers().items()}
    assert states == {"AAG-4755-001": ("NEW", "UPDATE"), "AAG-4755-002": ("SYNCED", "INSERT")}
    lines = desk.lines("AAG-4755-001")
    assert (lines["XS"]["qty"], lines["XS"]["sync_state"], lines["XS"]["action_type"]) == (
        30,
        "PENDING",
        "UPDATE",
    )
    assert lines["32x34"]["sync_state"] == "SYNCED"


def test_changed_values_alone_update_the_order_and_leave_its_lines(desk: Desk):
    desk.load(order(1))
    desk.prepare()
    desk.synced()
    desk.load(order(1, NOTES="other"))

    summary = desk.prepare()

    assert counts(summary) == {"changed": 1}
    header = desk.headers()["AAG-4755-001"]
    assert (header["NOTES"], header["sync_state"], header["action_type"]) == ("other", "NEW", "UPDATE")
    assert header["monday_item_id"]
    assert {line["sync_state"] for line in desk.lines().values()} == {"SYNCED"}


@pytest.mark.parametrize(("before", "after"), [(None, ""), ("", None), ("a", "A"), ("a", "a "), ("e", "é")])
def test_a_change_that_a_collation_overlooks_is_a_change(desk: Desk, before, after):
    desk.load(order(1, NOTES=before))
    desk.prepare()
    desk.load(order(1, NOTES=after))

    assert counts(desk.prepare()) == {"changed": 1}
    assert desk.headers()["AAG-4755-001"]["NOTES"] == after


def test_values_that_move_to_another_column_are_a_change(desk: Desk):
    desk.load(order(1, NOTES="a", DROP=None))
    desk.prepare()
    desk.load(order(1, NOTES=None, DROP="a"))

    assert counts(desk.prepare()) == {"changed": 1}


def test_an_order_without_an_item_stays_an_insert(desk: Desk):
    desk.load(order(1))
    desk.prepare()
    desk.load(order(1, NOTES="other", sizes={"XS": 9}))

    desk.prepare()

    header = desk.headers()["AAG-4755-001"]
    assert (header["sync_state"], header["action_type"]) == ("NEW", "INSERT")
    assert desk.lines()["XS"]["action_type"] == "INSERT"


def test_an_added_order_leaves_the_others_alone(desk: Desk):
    desk.load(order(1))
    desk.prepare()
    desk.synced()
    desk.load(order(1), order(2))

    assert counts(desk.prepare()) == {"new": 1, "unchanged": 1}
    assert desk.headers()["AAG-4755-001"]["sync_state"] == "SYNCED"
    assert desk.headers()["AAG-4755-002"]["sync_state"] == "NEW"


def test_an_order_with_no_quantity_is_not_made(desk: Desk):
    desk.load(order(1, sizes={"XS": 0, "M": None}), order(2))

    assert counts(desk.prepare()) == {"new": 1, "unchanged": 1}
    assert set(desk.headers()) == {"AAG-4755-002"}


def test_a_size_that_disappears_is_archived(desk: Desk):
    desk.load(order(1))
    desk.prepare()
    desk.synced()
    desk.load(order(1, sizes={"XS": 3, "32x34": 4}))

    summary = desk.prepare()

    assert (counts(summary), summary.lines_deleted) == ({"changed": 1}, 1)
    line = desk.lines()["3/6 MTHS"]
    assert (line["sync_state"], line["action_type"], line["qty"]) == ("PENDING", "DELETE", 5)
    assert line["monday_subitem_id"]


def test_a_size_that_is_back_before_it_was_archived_keeps_its_subitem(desk: Desk):
    desk.load(order(1))
    desk.prepare()
    desk.synced()
    subitem = desk.lines()["XS"]["monday_subitem_id"]
    desk.load(order(1, sizes={"32x34": 4, "3/6 MTHS": 5}))
    desk.prepare()
    desk.load(order(1, sizes={"XS": 7, "32x34": 4, "3/6 MTHS": 5}))

    desk.prepare()

    line = desk.lines()["XS"]
    assert (line["action_type"], line["qty"], line["monday_subitem_id"]) == ("UPDATE", 7, subitem)


@pytest.mark.parametrize("retired", [False, True])
def test_a_size_that_is_back_after_it_was_archived_gets_a_new_subitem(desk: Desk, retired):
    desk.load(order(1))
    desk.prepare()
    desk.synced()
    before = desk.lines()["XS"]["line_uuid"]
    desk.load(order(1, sizes={"32x34": 4, "3/6 MTHS": 5}))
    desk.prepare()
    desk.synced()
    if retired:
        desk.retire()
    desk.load(order(1))

    desk.prepare()

    line = desk.lines()["XS"]
    assert (line["line_uuid"], line["sync_state"], line["action_type"]) == (before, "PENDING", "INSERT")
    assert (line["qty"], line["monday_subitem_id"]) == (3, None)
    assert line["monday_parent_id"] == desk.headers()["AAG-4755-001"]["monday_item_id"]
    desk.synced()
    assert counts(desk.prepare()) == {"unchanged": 1}


@pytest.mark.parametrize(
    "left", [(), (order(1, sizes={"XS": 0}),), (order(1, sizes={"XS": None, "32x34": "0"}),)]
)
def test_a_cancelled_order_is_archived_with_its_lines(desk: Desk, left):
    desk.load(order(1), order(2))
    desk.prepare()
    desk.synced()
    desk.load(*left, order(2))

    summary = desk.prepare()

    assert counts(summary) == {"cancelled": 1, "unchanged": 1}
    assert (summary.lines_deleted, summary.customers["GREYSON CLOTHIERS"].lines) == (3, 3)
    header = desk.headers()["AAG-4755-001"]
    assert (header["sync_state"], header["action_type"]) == ("NEW", "DELETE")
    assert {line["action_type"] for line in desk.lines("AAG-4755-001").values()} == {"DELETE"}
    assert counts(desk.prepare())["unchanged"] in {1, 2}
    assert counts(desk.prepare()).keys() == {"unchanged"}


def test_an_order_that_is_back_after_its_item_was_archived_gets_a_new_item(desk: Desk):
    desk.load(order(1), order(2))
    desk.prepare()
    desk.synced()
    before = desk.headers()["AAG-4755-001"]["record_uuid"]
    desk.load(order(2))
    desk.prepare()
    desk.synced()
    desk.load(order(1), order(2))

    summary = desk.prepare()

    assert counts(summary) == {"revived": 1, "unchanged": 1}
    header = desk.headers()["AAG-4755-001"]
    assert (header["record_uuid"], header["sync_state"], header["action_type"]) == (before, "NEW", "INSERT")
    assert header["monday_item_id"] is None
    lines = desk.lines("AAG-4755-001").values()
    assert {(line["action_type"], line["sync_state"]) for line in lines} == {("INSERT", "PENDING")}
    assert {(line["monday_subitem_id"], line["monday_parent_id"]) for line in lines} == {(None, None)}
    desk.synced()
    assert counts(desk.prepare()) == {"unchanged": 2}


def test_an_order_that_is_back_before_its_item_was_archived_keeps_it(desk: Desk):
    desk.load(order(1), order(2))
    desk.prepare()
    desk.synced()
    item = desk.headers()["AAG-4755-001"]["monday_item_id"]
    subitems = {line["monday_subitem_id"] for line in desk.lines("AAG-4755-001").values()}
    desk.load(order(2))
    desk.prepare()
    desk.load(order(1), order(2))

    summary = desk.prepare()

    assert counts(summary) == {"changed": 1, "unchanged": 1}
    header = desk.headers()["AAG-4755-001"]
    assert (header["action_type"], header["monday_item_id"]) == ("UPDATE", item)
    lines = desk.lines("AAG-4755-001").values()
    assert {line["monday_subitem_id"] for line in lines} == subitems
    assert {line["action_type"] for line in lines} == {"UPDATE"}


def test_a_held_order_stays_held(desk: Desk):
    desk.load(order(1), order(2))
    desk.prepare()
    desk.sql(f"UPDATE {HEADERS} SET sync_state = 'HELD'")
    desk.load(order(1, NOTES="other"))

    summary = desk.prepare()

    assert counts(summary) == {"changed": 1, "cancelled": 1}
    states = {number: (row["sync_state"], row["action_type"]) for number, row in desk.headers().items()}
    assert states == {"AAG-4755-001": ("HELD", "INSERT"), "AAG-4755-002": ("HELD", "DELETE")}
    assert desk.headers()["AAG-4755-001"]["NOTES"] == "other"


def test_an_order_that_retention_took_out_comes_back_as_an_update(desk: Desk):
    desk.load(order(1), order(2))
    desk.prepare()
    desk.synced()
    before = desk.headers()["AAG-4755-001"]
    subitem = desk.lines("AAG-4755-001")["XS"]["monday_subitem_id"]
    assert counts(desk.prepare()) == {"unchanged": 2}
    desk.retire()
    desk.load(order(1, sizes={"XS": 9, "32x34": 4}), order(2))

    assert counts(desk.prepare()) == {"changed": 1, "unchanged": 1}

    ((number, header),) = desk.headers().items()
    assert number == "AAG-4755-001"
    assert (header["action_type"], header["sync_state"]) == ("UPDATE", "NEW")
    assert (header["record_uuid"], header["monday_item_id"]) == (
        before["record_uuid"],
        before["monday_item_id"],
    )
    lines = desk.lines()
    assert {size: line["action_type"] for size, line in lines.items()} == {
        "XS": "UPDATE",
        "3/6 MTHS": "DELETE",
    }
    assert lines["XS"]["monday_subitem_id"] == subitem
    assert lines["XS"]["monday_parent_id"] == before["monday_item_id"]


def test_an_item_is_known_although_retention_took_its_order_out_at_once(desk: Desk):
    desk.load(order(1))
    desk.prepare()
    desk.synced()
    item = desk.headers()["AAG-4755-001"]["monday_item_id"]
    desk.prepare()
    desk.retire()
    desk.load(order(2))

    assert counts(desk.prepare()) == {"new": 1, "cancelled": 1}

    header = desk.headers()["AAG-4755-001"]
    assert (header["action_type"], header["sync_state"], header["monday_item_id"]) == ("DELETE", "NEW", item)
    assert (header["CUSTOMER NAME"], header["PO NUMBER"]) == ("GREYSON CLOTHIERS", "4755")


def test_a_claimed_order_is_left_for_the_next_time(desk: Desk):
    desk.load(order(1), order(2), order(3))
    desk.prepare()
    claims = Claims(desk.engine, "somebody")
    headers = desk.headers()
    claims.take([headers["AAG-4755-001"]["record_uuid"], headers["AAG-4755-002"]["record_uuid"]])
    desk.load(order(1, NOTES="other"), order(3, NOTES="other"))

    assert counts(desk.prepare()) == {"claimed": 2, "changed": 1}
    headers = desk.headers()
    assert headers["AAG-4755-001"]["NOTES"] == "as agreed"
    assert headers["AAG-4755-002"]["action_type"] == "INSERT"

    claims.release()
    assert counts(desk.prepare()) == {"changed": 1, "cancelled": 1, "unchanged": 1}
    assert desk.headers()["AAG-4755-001"]["NOTES"] == "other"


def test_customers_get_their_canonical_names(desk: Desk, tmp_path):
    names = tmp_path / "names.csv"
    names.write_text("source,canonical\nGreyson Clothiers, GREYSON \n", encoding="utf-8-sig")
    desk.load(order(1), order(2, **{"CUSTOMER NAME": "SUMMERSALT"}))
    desk.prepare()

    summary = desk.prepare(customer_names=names)

    assert counts(summary) == {"changed": 1, "unchanged": 1}
    assert list(summary.customers) == ["GREYSON"]
    assert desk.headers()["AAG-4755-001"]["CUSTOMER NAME"] == "GREYSON"
    assert counts(desk.prepare()) == {"unchanged": 2}


def test_a_key_typed_in_other_letters_is_the_same_order(desk: Desk):
    desk.load(order(1))
    desk.prepare()
    desk.load(order(1, **{"CUSTOMER COLOUR DESCRIPTION": " Maltese Blue "}))

    assert counts(desk.prepare()) == {"changed": 1}
    assert len(desk.rows(HEADERS)) == 1


def test_keys_that_only_a_collation_takes_for_the_same_are_two_orders(desk: Desk):
    desk.load(
        order(1, **{"CUSTOMER STYLE": "AB", "CUSTOMER COLOUR DESCRIPTION": "C"}),
        order(1, **{"CUSTOMER STYLE": "A", "CUSTOMER COLOUR DESCRIPTION": "BC"}),
        order(1, **{"CUSTOMER STYLE": "A", "CUSTOMER COLOUR DESCRIPTION": "BÇ"}),
    )

    assert counts(desk.prepare()) == {"new": 3}
    assert counts(desk.prepare()) == {"unchanged": 3}


def test_a_dry_run_changes_nothing_and_shows_its_sql(desk: Desk):
    desk.load(order(1), order(2))
    desk.prepare()
    desk.load(order(1, NOTES="other"), order(3))
    before = desk.everything()

    summary = desk.prepare(dry_run=True)

    assert summary.dry_run
    assert counts(summary) == {"changed": 1, "cancelled": 1, "new": 1}
    assert desk.everything() == before
    assert any(re.match(r"UPDATE", sql) and "NOTES" in sql for sql in summary.statements)
    assert not any("\\:" in sql for sql in summary.statements)
    assert "statements" in summary.to_json()
    assert "statements" not in desk.prepare().to_json()


def test_the_work_tables_are_empty_afterwards(desk: Desk):
    desk.load(order(1), order(1), order(2, **{"PO NUMBER": None}))

    desk.prepare()

    for table in ("deltadesk_staged", "deltadesk_staged_line", "deltadesk_lock"):
        assert desk.rows(table) == []
    assert len(desk.rows(STAGING)) == 3
