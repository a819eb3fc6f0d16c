"""The customers of the order tree with what has been read of their orders. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core.orders.model import CustomerSummary, OrderRow


@dataclass(slots=True)
class CustomerNode:
    """A customer's row and what has been read of the orders below it."""

    number: int
    """Names the customer for as long as it is shown, wherever it stands; never 0."""
    summary: CustomerSummary
    place: int = 0
    findings: int = 0
    rows: list[OrderRow] = field(default_factory=list)
    more: bool = True
    """Whether a row stands for orders that are not read yet."""
    asked: bool = False
    """Whether a page is under way."""
    failed: bool = False
    """Whether the last page could not be read."""

    @property
    def name(self) -> str:
        """The customer."""
        return self.summary.customer

    @property
    def child_count(self) -> int:
        """Rows below: the orders read, and one while there are more."""
        return len(self.rows) + self.more


class CustomerNodes:
    """The customers as they are shown, found by place, name and number.

    A change of customers is made in steps: `take` new summaries, then `insert` and `remove` until the places
    are those of `sorted_names`, then `drop` what is no longer wanted.
    """

    def __init__(self) -> None:
        self._shown: list[CustomerNode] = []
        self._by_number: dict[int, CustomerNode] = {}
        self._by_name: dict[str, CustomerNode] = {}
        self._numbers = 0
        self._given: list[str] = []

    def __len__(self) -> int:
        return len(self._shown)

    def __iter__(self) -> Iterator[CustomerNode]:
        return iter(self._shown)

    def at(self, place: int) -> CustomerNode:
        """Return the customer at a place."""
        return self._shown[place]

    def numbered(self, number: int) -> CustomerNode:
        """Return the customer with this number."""
        return self._by_number[number]

    def named(self, name: str) -> CustomerNode | None:
        """Return the customer of this name, or None."""
        return self._by_name.get(name)

    @property
    def names(self) -> tuple[str, ...]:
        """The customers as they are shown."""
        return tuple(node.name for node in self._shown)

    def take(self, wanted: Mapping[str, CustomerSummary]) -> None:
        """Take new summaries; customers that are new get a node, which is not shown yet."""
        self._given = list(wanted)
        for name, summary in wanted.items():
            if (known := self._by_name.get(name)) is not None:
                known.summary = summary
            else:
                self._numbers += 1
                node = CustomerNode(self._numbers, summary)
                self._by_name[name] = self._by_number[node.number] = node

    def insert(self, place: int, names: Sequence[str]) -> None:
        """Show customers from a place on."""
        self._shown[place:place] = [self._by_name[name] for name in names]
        self._renumber()

    def remove(self, first: int, last: int) -> None:
        """Show the customers of these places no longer."""
        del self._shown[first : last + 1]
        self._renumber()

    def drop(self, wanted: Iterable[str]) -> None:
        """Forget every customer but the wanted ones."""
        for name in set(self._by_name) - set(wanted):
            del self._by_number[self._by_name.pop(name).number]

    def clear(self) -> None:
        """Forget every customer."""
        self._shown.clear()
        self._by_number.clear()
        self._by_name.clear()
        self._given = []

    def sorted_names(self, key: Callable[[CustomerNode], Any] | None, *, descending: bool) -> list[str]:
        """Return the customers sorted by a key, or as they were given without one."""
        if key is None:
            return list(self._given)
        nodes = [self._by_name[name] for name in self._given]
        return [node.name for node in sorted(nodes, key=key, reverse=descending)]

    def arrange(self, names: Iterable[str]) -> None:
        """Show the same customers in another order."""
        self._shown = [self._by_name[name] for name in names]
        self._renumber()

    def _renumber(self) -> None:
        for place, node in enumerate(self._shown):
            node.place = place
