"""What a plan does with an order's items: its own, and those on which it continues. Pure."""

from typing import Any

from core.config.model import MappingSet
from core.mapping.formatting import FormattedRecord
from core.mapping.writers import NAME_LIMIT, column_values_text
from core.monday.board import Board
from core.monday.documents import Mutation
from core.orders.model import ActionType, Order, SyncState
from core.orders.record_keys import continuation_key
from core.sync.plan import Operation, OperationKind, Reference, TargetKind
from core.sync.room import SubitemPlaces


class ItemOperations:
    """Creations and changes of items, for one board and mapping."""

    def __init__(self, mapping: MappingSet, board: Board) -> None:
        self._key_column = mapping.item_key_column or ""
        self._board_id = board.id

    def can_continue(self, order: Order, record: FormattedRecord) -> bool:
        """Whether the board gets the key, by which further items are told apart and found again."""
        return record.column_values.get(self._key_column) == order.key

    def own(self, order: Order, record: FormattedRecord, group: str | Reference) -> Operation | None:
        """What creates or changes the order's own item; None where it is as it should be."""
        changed = order.action is ActionType.UPDATE and order.state is not SyncState.SYNCED
        if order.item_id is not None and not changed:
            return None
        return Operation(
            _kind(order.item_id),
            TargetKind.ORDER,
            order.key,
            order.label,
            order.customer,
            self._mutation(record, group, order.item_id),
            record=record,
        )

    def continuations(
        self, order: Order, record: FormattedRecord, group: str | Reference, places: SubitemPlaces
    ) -> tuple[Operation, ...]:
        """What creates the items that `places` has opened, and changes those that are there.

        They have the values of the order's own item, and so they are written whenever those are.
        """
        item_ids: dict[int, str | None] = dict.fromkeys(places.opened)
        if order.continuations and self.own(order, record, group) is not None:
            item_ids |= {each.number: each.item_id for each in order.continuations}
        return tuple(
            self._continuation(order, record, group, number, item_id)
            for number, item_id in sorted(item_ids.items())
        )

    def _continuation(
        self,
        order: Order,
        record: FormattedRecord,
        group: str | Reference,
        number: int,
        item_id: str | None,
    ) -> Operation:
        key, suffix = continuation_key(order.key, number), f" ({number})"
        name = f"{record.name[: NAME_LIMIT - len(suffix)]}{suffix}"
        continued = record.renamed(name, self._key_column, key)
        return Operation(
            _kind(item_id),
            TargetKind.CONTINUATION,
            key,
            f"{order.label}{suffix}",
            order.customer,
            self._mutation(continued, group, item_id),
            order_key=order.key,
            record=continued,
        )

    def _mutation(self, record: FormattedRecord, group: str | Reference, item_id: str | None) -> Mutation:
        arguments: dict[str, Any] = {"board_id": self._board_id}
        if item_id is None:
            arguments |= {
                "group_id": group,
                "item_name": record.name,
                "column_values": column_values_text(record.column_values),
            }
        else:
            values = {"name": record.name, **record.column_values}
            arguments |= {"item_id": item_id, "column_values": column_values_text(values)}
        if record.creates_labels:
            arguments["create_labels_if_missing"] = True
        return Mutation("create_item" if item_id is None else "change_multiple_column_values", arguments)


def own_archiving(kind: OperationKind, order: Order, item_id: str) -> Operation:
    """What takes an order's own item off the board, and its subitems with it (reference/items)."""
    mutation = Mutation("archive_item", {"item_id": item_id})
    return Operation(kind, TargetKind.ORDER, order.key, order.label, order.customer, mutation)


def continuation_archivings(kind: OperationKind, order: Order) -> tuple[Operation, ...]:
    """What takes an order's continuation items off the board, and their subitems with them."""
    return tuple(
        Operation(
            kind,
            TargetKind.CONTINUATION,
            continuation_key(order.key, each.number),
            f"{order.label} ({each.number})",
            order.customer,
            Mutation("archive_item", {"item_id": each.item_id}),
            order_key=order.key,
        )
        for each in order.continuations
    )


def _kind(item_id: str | None) -> OperationKind:
    return OperationKind.CREATE_ITEM if item_id is None else OperationKind.CHANGE_ITEM
