"""What a plan does with the lines of an order, and with lines that have none. Pure."""

from core.mapping.findings import Finding
from core.mapping.formatting import FormattedRecord, RecordFormatter
from core.mapping.writers import column_values_text
from core.monday.board import Board
from core.monday.documents import Mutation
from core.orders.model import ActionType, Order, OrderLine, RecordKind
from core.sync.plan import Operation, OperationKind, PlannedLine, Reference, TargetKind
from core.sync.room import SubitemPlaces


class LineOperations:
    """Creations, changes and archivings of subitems, for one board and mapping."""

    def __init__(self, formatter: RecordFormatter, board: Board | None) -> None:
        """`board` is that of the subitems; without one no line has a place."""
        self._formatter = formatter
        self._board = board

    def planned(self, order: Order, line: OrderLine, places: SubitemPlaces) -> PlannedLine:
        """What is done with one line; a new one takes a place."""
        label = line_label(order, line)
        if self._board is None:
            return PlannedLine(line.key, label, None)  # the order's own finding says so once
        if line.action is ActionType.DELETE:
            if line.subitem_id is None:
                return PlannedLine(line.key, label, None)
            mutation = Mutation("archive_item", {"item_id": line.subitem_id})
            operation = _operation(order, line, label, OperationKind.ARCHIVE_SUBITEM, mutation)
            return PlannedLine(line.key, label, operation, continuation=line.continuation_id)
        record = self._formatter.format(line.key, label, line.values)
        if record.blocked:
            return PlannedLine(line.key, label, None, record.findings)
        values = column_values_text(record.column_values)
        labels = {"create_labels_if_missing": True} if record.creates_labels else {}
        continuation: str | Reference | None = line.continuation_id
        if line.subitem_id is None:
            kind = OperationKind.CREATE_SUBITEM
            continuation = places.take()
            parent = continuation or order.item_id or Reference(TargetKind.ORDER, order.key)
            mutation = Mutation(
                "create_subitem",
                {"parent_item_id": parent, "item_name": record.name, "column_values": values, **labels},
            )
        elif line.action is ActionType.UPDATE:
            kind = OperationKind.CHANGE_SUBITEM
            values = column_values_text({"name": record.name, **record.column_values})
            mutation = Mutation(
                "change_multiple_column_values",
                {"board_id": self._board.id, "item_id": line.subitem_id, "column_values": values, **labels},
            )
        else:
            return PlannedLine(line.key, label, None, record.findings)
        operation = _operation(order, line, label, kind, mutation, record)
        return PlannedLine(line.key, label, operation, record.findings, continuation)


def line_label(order: Order, line: OrderLine) -> str:
    """The line as an operator names it."""
    size = line.values.get("size_code")
    return f"{order.label}, size {size}" if size is not None else f"{order.label}, line {line.key}"


def orphan(line: OrderLine) -> PlannedLine:
    """A line without a header: nothing is sent, and its finding says why."""
    finding = Finding(
        RecordKind.LINE,
        line.key,
        line.key,
        "line_without_header",
        f"The line names the order {line.order_key or '(none)'}, which is not in the headers table",
        "Correct the line's record_uuid, or prepare the orders again; then send again.",
        source="record_uuid",
    )
    return PlannedLine(line.key, line.key, None, (finding,))


def _operation(
    order: Order,
    line: OrderLine,
    label: str,
    kind: OperationKind,
    mutation: Mutation,
    record: FormattedRecord | None = None,
) -> Operation:
    return Operation(
        kind,
        TargetKind.LINE,
        line.key,
        label,
        order.customer,
        mutation,
        order_key=order.key,
        record=record,
    )
