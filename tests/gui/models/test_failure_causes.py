from hypothesis import given, settings
from hypothesis import strategies as st

from core.orders.model import FailedRecord, RecordKind
from gui.models.failure_causes import Grouping, cause_of, cause_title, group_failures, resend_keys

LABEL = "The board has no label 'Cut & Sew' in column CATEGORY. Add the label."


def make_record(key: str = "o1", **changes: object) -> FailedRecord:
    values = {
        "kind": RecordKind.ORDER,
        "key": key,
        "order_key": key,
        "customer": "ACME",
        "label": f"label of {key}",
        "message": LABEL,
        "retry_count": 1,
    }
    return FailedRecord(**{**values, **changes})


def test_that_a_cause_is_named_in_words() -> None:
    assert cause_title("label_not_on_board") == "Label not on the board"


def test_that_a_code_of_the_boards_api_is_parted_into_words() -> None:
    assert cause_title("ColumnValueException") == "Column value"
    assert cause_title("ITEM_LIMIT") == "Item limit"


def test_that_records_with_one_code_are_one_group_the_largest_first() -> None:
    records = [make_record("a"), make_record("b"), make_record("c")]
    codes = {
        ("order", "a"): "not_a_date",
        ("order", "b"): "label_not_on_board",
        ("order", "c"): "label_not_on_board",
    }
    groups = group_failures(records, Grouping.CAUSE, codes)
    assert [(group.title, group.count) for group in groups] == [
        ("Label not on the board", 2),
        ("Not a date", 1),
    ]


def test_that_records_without_a_code_are_grouped_by_what_their_messages_share() -> None:
    first = make_record("a", message="Row 12: value 'x' refused. Try again.")
    second = make_record("b", message="Row 7: value 'y' refused. Try again.")
    assert cause_of(first, {}) == cause_of(second, {})
    assert cause_of(first, {})[1] == "Row …: value … refused"


def test_that_a_record_without_a_message_has_a_group_too() -> None:
    assert cause_of(make_record(message=""), {})[1] == "No reason given"


def test_that_lines_without_an_order_are_a_customer_of_their_own() -> None:
    records = [make_record("a"), make_record("l", kind=RecordKind.LINE, customer="")]
    groups = group_failures(records, Grouping.CUSTOMER, {})
    assert {group.title for group in groups} == {"ACME", "Lines without an order"}


def test_that_a_line_is_sent_again_with_its_order() -> None:
    lines = [
        make_record("l1", kind=RecordKind.LINE, order_key="o1"),
        make_record("l2", kind=RecordKind.LINE, order_key="o1"),
    ]
    assert resend_keys(lines) == ("o1",)


def test_that_a_line_without_an_order_is_sent_by_its_own_key() -> None:
    orphan = make_record("l1", kind=RecordKind.LINE, order_key="gone", customer="")
    assert resend_keys([orphan]) == ("l1",)


records = st.builds(
    lambda number, customer: make_record(f"k{number}", customer=customer, message=f"m{number % 3}"),
    st.integers(0, 30),
    st.sampled_from(["ACME", "Bolt", ""]),
)


@settings(deadline=None)
@given(st.lists(records, unique_by=lambda record: record.key), st.sampled_from(Grouping))
def test_that_every_record_is_in_exactly_one_group(found: list[FailedRecord], grouping: Grouping) -> None:
    groups = group_failures(found, grouping, {})
    grouped = [record for group in groups for record in group.records]
    assert sorted(record.key for record in grouped) == sorted(record.key for record in found)
    assert [group.count for group in groups] == sorted((group.count for group in groups), reverse=True)
