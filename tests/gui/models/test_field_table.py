from types import SimpleNamespace

from PySide6.QtCore import Qt

from core.mapping.findings import Finding, Severity
from core.mapping.formatting import FormattedValue
from core.monday.documents import Mutation
from core.orders.model import RecordKind
from core.sync.plan import Operation, OperationKind, Reference, TargetKind
from gui.models.field_table import FieldRow, field_rows, field_table, first_of


def make_operation(arguments: dict[str, object], *fields: FormattedValue, key: str = "o1") -> Operation:
    mutation = Mutation("create_item", arguments)
    record = SimpleNamespace(values=fields)
    return Operation(
        OperationKind.CREATE_ITEM, TargetKind.ORDER, key, "AAG-1", "ACME", mutation, record=record
    )


def make_field(**changes: object) -> FormattedValue:
    values = {
        "origin": "STYLE",
        "source_text": "sw",
        "shown": "SW",
        "column_id": "text1",
        "column_title": "Style",
        "column_type": "text",
        "json": "SW",
        "written": True,
    }
    return FormattedValue(**{**values, **changes})


def test_that_a_reference_is_told_as_the_id_it_stands_for() -> None:
    (row,) = field_rows(make_operation({"group_id": Reference(TargetKind.GROUP, "ACME")}))
    assert (row.becomes, row.column) == ("the new group's id", "Group")
    assert "group:ACME" in row.note


def test_that_a_further_item_of_an_order_is_told_as_the_id_it_will_have() -> None:
    reference = Reference(TargetKind.CONTINUATION, "o1/2")
    (row,) = field_rows(make_operation({"parent_item_id": reference}))
    assert (row.becomes, row.column) == ("the new item's id", "Parent item")
    assert row.note == "Known once next item:o1/2 exists"


def test_that_a_known_id_and_the_name_are_shown_and_the_board_and_the_payload_are_not() -> None:
    arguments = {"board_id": "1", "group_id": "g1", "item_name": "SW 1", "column_values": "{}"}
    assert [(row.column, row.becomes) for row in field_rows(make_operation(arguments))] == [
        ("Group", "g1"),
        ("Name", "SW 1"),
    ]


def test_that_a_mapped_value_keeps_its_source_beside_what_it_becomes() -> None:
    assert field_rows(make_operation({}, make_field())) == (FieldRow("STYLE", "sw", "SW", "Style", "text"),)


def test_that_empty_cells_say_whether_they_are_left_or_cleared_and_new_labels_that_they_are_new() -> None:
    fields = (
        make_field(shown="", written=False),
        make_field(shown=""),
        make_field(shown="Coral", creates_label="Coral"),
    )
    assert [row.note for row in field_rows(make_operation({}, *fields))] == [
        "Empty: left as it is",
        "Empty: cleared",
        "New label 'Coral'",
    ]


def test_that_a_finding_is_told_with_icon_and_remedy(qapp) -> None:
    finding = Finding(
        RecordKind.ORDER, "o1", "AAG-1", "cut", "The value was cut", "Shorten it.", severity=Severity.WARNING
    )
    table = field_table()
    table.set_records(field_rows(make_operation({}, make_field(finding=finding))))
    cell = table.index(0, table.columnCount() - 1)
    assert cell.data() == "The value was cut"
    assert "Shorten it." in cell.data(Qt.ItemDataRole.ToolTipRole)
    assert not cell.data(Qt.ItemDataRole.DecorationRole).isNull()


def test_that_the_column_type_is_told_as_icon_and_in_the_tooltip(qapp) -> None:
    table = field_table()
    table.set_records(field_rows(make_operation({"item_id": "9"}, make_field())))
    tooltips = [table.index(row, 3).data(Qt.ItemDataRole.ToolTipRole) for row in range(2)]
    assert tooltips == ["Item (id)", "Style (text)"]
    assert not table.index(1, 3).data(Qt.ItemDataRole.DecorationRole).isNull()


def test_that_the_operation_of_a_record_is_found_by_its_key() -> None:
    operations = [make_operation({}, key="a"), make_operation({}, key="b")]
    assert (first_of(operations, "b"), first_of(operations, "z")) == (1, None)
