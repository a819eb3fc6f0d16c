"""The shared queue as one worker takes it: portion by portion, each order once."""

from collections import deque

from core.orders.model import Selection
from core.orders.store import OrderStore
from core.workspace.claiming import forget_dead_neighbours


class Queue:
    """The orders of a selection that no worker has claimed, and this one has not tried. Synchronous."""

    def __init__(self, store: OrderStore, selection: Selection, limit: int | None = None) -> None:
        """`limit`: hand out at most so many orders in all."""
        self._store = store
        self.selection = selection
        self._left = limit
        self._waiting: deque[str] = deque()
        """Keys as they were when the queue was last read from its beginning."""
        self._tried: set[str] = set()

    def take(self, size: int) -> tuple[str, ...]:
        """The keys of the next orders, at most `size`; none where nothing is left, or the limit is reached.

        The queue is read as a whole only when everything of it was tried: others may have given orders back.
        Raises StoreError.
        """
        if self._left is not None:
            size = min(size, self._left)
        taken = self._next(size)
        self._tried.update(taken)
        if self._left is not None:
            self._left -= len(taken)
        return tuple(taken)

    def not_had(self, orders: int) -> None:
        """So many of the orders that were handed out were another worker's after all: others may come."""
        if self._left is not None:
            self._left += orders

    def has_more(self) -> bool:
        """Whether orders are left that were not handed out, the limit notwithstanding. Raises StoreError."""
        return any(key not in self._tried for key in self._store.selected_keys(self.selection))

    def _next(self, size: int) -> list[str]:
        forget_dead_neighbours(self._store)
        taken: list[str] = []
        while len(taken) < size and (self._waiting or (not taken and self._read())):
            some = [self._waiting.popleft() for _ in range(min(size - len(taken), len(self._waiting)))]
            taken += self._free(some)
        return taken

    def _read(self) -> bool:
        keys = self._store.selected_keys(self.selection)
        self._waiting.extend(key for key in keys if key not in self._tried)
        return bool(self._waiting)

    def _free(self, keys: list[str]) -> list[str]:
        """Those of the keys that are still to be sent, and that nobody has claimed meanwhile."""
        some = Selection(order_keys=tuple(keys), states=self.selection.states, unclaimed=True)
        return self._store.selected_keys(some)
