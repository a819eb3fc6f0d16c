"""The keys of continuation items: on the board, in the journal, and back to the order that they belong to.

A continuation item has a key of its own, `<record_uuid>/<number>`, by which it is found again and never taken
for the order's own item.
"""

CONTINUATION = "next item"
"""How the journal names what an operation on a continuation item is about."""


def continuation_key(order_key: str, number: int) -> str:
    """The key of an order's continuation item."""
    return f"{order_key}/{number}"


def order_and_number(key: str) -> tuple[str, int]:
    """The order's key and the number that `continuation_key` was made of."""
    order_key, _, number = key.rpartition("/")
    return order_key, int(number)


def record_key(target: str, key: str) -> str:
    """The key of the group, order or line that an operation of the journal belongs to."""
    return order_and_number(key)[0] if target == CONTINUATION else key
