"""The file of a bulk import: rows, header, hash, and what the preview shows of it."""

import csv
import io
import json
from dataclasses import replace
from hashlib import sha256

import pytest

from core.errors import DeltaDeskError
from core.sync.bulk.file import ImportRequest
from core.sync.plan import PlannedHashes, Reference, TargetKind, verify


@pytest.fixture
def request_of(plan_of):
    """The import of some orders of one customer."""

    def make(*orders) -> ImportRequest:
        (batch,) = plan_of(*orders, bulk_import="always").batches
        (request,) = batch.item_requests
        assert isinstance(request, ImportRequest)
        return request

    return make


def records(request: ImportRequest) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(request.file.decode(), newline="")))


def test_each_line_has_a_row_below_its_order(request_of, make_order):
    first, second = make_order(key="a", lines=2), make_order(key="b")
    rows = records(request_of(first, second))
    assert [(row["key"], row["key.subitem"]) for row in rows] == [
        ("a", ""),
        ("", first.lines[0].key),
        ("", first.lines[1].key),
        ("b", ""),
    ]
    assert [(row["name"], row["name.subitem"]) for row in rows[:2]] == [("POLO PO-001", ""), ("", "S")]


def test_the_header_names_columns_by_their_ids_those_of_lines_with_a_suffix(request_of, make_order):
    assert request_of(make_order(lines=1)).header == (
        "name",
        "key",
        "style",
        "due",
        "name.subitem",
        "key.subitem",
        "size.subitem",
        "quantity.subitem",
    )


def test_a_file_of_orders_alone_has_no_columns_of_lines(request_of, make_order):
    assert request_of(make_order()).header == ("name", "key", "style", "due")


def test_the_hash_is_of_the_start_and_of_the_file(request_of, make_order):
    request = request_of(make_order(lines=1))
    assert request.hash == sha256(request.body).hexdigest()
    assert request.body.endswith(request.file)


def test_a_file_that_is_not_the_planned_one_is_refused(request_of, make_order):
    request = request_of(make_order(lines=1))
    planned = PlannedHashes([request])
    verify(request, planned)
    other = replace(request, rows=(("another", *request.rows[0][1:]), *request.rows[1:]))
    with pytest.raises(DeltaDeskError, match="not the one that was planned"):
        verify(other, planned)


def test_the_plans_hash_covers_the_file(plan_of, make_order):
    one = plan_of(make_order(key="a"), bulk_import="always")
    other = plan_of(make_order(key="b"), bulk_import="always")
    assert one.hash != other.hash


def test_a_part_has_the_rows_of_its_orders_and_a_hash_of_its_own(request_of, make_order):
    whole = request_of(make_order(key="a", lines=1), make_order(key="b", lines=2))
    part = whole.of_orders({"b"})
    assert part is not None
    assert [operation.order_key or operation.key for operation in part.operations] == ["b"] * 3
    assert part.rows == whole.rows[2:]
    verify(part, PlannedHashes([whole]))
    assert whole.of_orders({"a", "b"}) is whole
    assert whole.of_orders(set()) is None


def test_the_start_is_sent_with_the_groups_id(request_of, make_order):
    request = request_of(make_order("NEW"))
    body = json.loads(request.filled_body({Reference(TargetKind.GROUP, "NEW"): "group_1"}))
    assert body["variables"] == {"board_id": "100", "group_id": "group_1"}
    assert "ingest_items" in body["query"]


def test_the_preview_shows_the_reason_the_hash_and_the_first_rows(request_of, make_order):
    request = request_of(*(make_order(lines=1) for _ in range(30)))
    shown = json.loads(request.variables_text)
    assert shown["group_id"] == "group:ACME"
    about = shown["file"]
    assert about["why"].startswith("By bulk import")
    assert (about["rows"], len(about["first_rows"])) == (60, 20)
    assert about["sha256"] == sha256(request.file).hexdigest()
