"""Records in ERROR."""

import pytest

from core.orders.model import FailedRecord, RecordKind


def failed(orders, customers: list[str] | None = None) -> list[tuple[str, str]]:
    return [(record.key, record.customer) for record in orders.store.failed(customers)]


@pytest.fixture
def orders(make_orders):
    """Failed orders and lines of two customers and of none."""
    error = {"sync_state": "ERROR", "sync_error_message": "no label", "retry_count": 2}
    headers = [
        {"record_uuid": "zeta", "CUSTOMER NAME": "Zeta", **error},
        {"record_uuid": "by-line", "CUSTOMER NAME": "acme", "monday_item_id": "7", **error},
        {"record_uuid": "both", "CUSTOMER NAME": "acme", **error},
        {"record_uuid": "fine", "CUSTOMER NAME": "acme"},
    ]
    lines = [
        {"line_uuid": "l1", "record_uuid": "by-line", "size_code": "32/34", **error},
        {"line_uuid": "l2", "record_uuid": "both", **error},
        {"line_uuid": "l3", "record_uuid": "fine"},
        {"line_uuid": "orphan", "record_uuid": "gone", "size_code": "XL", **error, "retry_count": None},
        {"line_uuid": "stray", "record_uuid": None, **error},
    ]
    return make_orders(headers, lines)


def test_failures_come_by_customer_and_those_of_none_last(orders):
    assert failed(orders) == [
        ("both", "acme"),
        ("l1", "acme"),
        ("l2", "acme"),
        ("zeta", "Zeta"),
        ("orphan", ""),
        ("stray", ""),
    ]


def test_an_order_that_failed_only_because_of_a_line_is_told_by_the_line(orders):
    assert "by-line" not in [key for key, _ in failed(orders)]


def test_failures_of_chosen_customers_leave_out_all_others_and_lines_of_none(orders):
    assert failed(orders, ["Zeta"]) == [("zeta", "Zeta")]
    assert [key for key, _ in failed(orders, ["acme", "Zeta"])] == ["both", "l1", "l2", "zeta"]
    assert failed(orders, []) == []


def test_a_failure_says_which_record_why_and_how_often(orders):
    records = {record.key: record for record in orders.store.failed()}
    assert records["zeta"] == FailedRecord(
        RecordKind.ORDER, "zeta", "zeta", "Zeta", "AAG-zeta", "no label", 2
    )
    assert records["l1"] == FailedRecord(
        RecordKind.LINE, "l1", "by-line", "acme", "AAG-by-line, size 32/34", "no label", 2
    )
    assert records["orphan"] == FailedRecord(
        RecordKind.LINE, "orphan", "gone", "", "no order, size XL", "no label", 0
    )
    assert records["stray"].order_key == ""


def test_without_failures_the_list_is_empty(make_orders):
    assert make_orders([{"record_uuid": "o1"}]).store.failed() == []


def test_more_failed_lines_than_one_statement_takes_find_their_orders(make_orders):
    count = 1001
    orders = make_orders(
        [{"record_uuid": f"o{number}"} for number in range(count)],
        [
            {"line_uuid": f"l{number}", "record_uuid": f"o{number}", "sync_state": "ERROR"}
            for number in range(count)
        ],
    )
    assert {record.customer for record in orders.store.failed()} == {"ACME"}
    assert len(orders.store.failed()) == count
