from collections.abc import Sequence

from core.orders.model import (
    PENDING_STATES,
    ActionType,
    CustomerSummary,
    OrderFilter,
    OrderRow,
    Selection,
    SyncState,
)
from gui.models import order_selection
from gui.models.order_selection import Check, OrderSelection, SelectionTotals, load_pending


def make_row(number: int, customer: str = "ACME", state: SyncState = SyncState.NEW) -> OrderRow:
    key = f"{customer}-{number}"
    return OrderRow(key, customer, f"AAG-{number}", (), 2, 10 * number, state, ActionType.INSERT, None, None)


def make_summary(customer: str, rows: Sequence[OrderRow]) -> CustomerSummary:
    return CustomerSummary(
        customer, len(rows), sum(r.lines for r in rows), sum(r.pieces for r in rows), len(rows), 0, None
    )


class Store:
    """Rows by customer, served as the workspace serves them; it notes what was asked."""

    def __init__(self, **rows: list[OrderRow]) -> None:
        self.rows = rows
        self.asked: list[tuple[str, int]] = []

    async def order_rows(
        self, customer: str, wanted: OrderFilter, *, offset: int, limit: int
    ) -> Sequence[OrderRow]:
        self.asked.append((customer, offset))
        shown = [
            row
            for row in self.rows.get(customer, [])
            if row.state in wanted.states and wanted.text in row.label
        ]
        return shown[offset : offset + limit]

    def summaries(self) -> list[CustomerSummary]:
        return [
            make_summary(customer, [row for row in rows if row.state in PENDING_STATES])
            for customer, rows in self.rows.items()
        ]


ACME = [make_row(number) for number in (1, 2, 3)]
BOLT = [make_row(number, "BOLT") for number in (1, 2)]


def selection_over(store: Store) -> OrderSelection:
    selection = OrderSelection()
    selection.set_pending(store.summaries())
    return selection


def both() -> tuple[Store, OrderSelection]:
    store = Store(ACME=list(ACME), BOLT=list(BOLT))
    return store, selection_over(store)


async def test_that_a_whole_customer_is_selected_by_name_without_loading_a_row() -> None:
    store, selection = both()
    selection.check_customer("ACME", checked=True)
    assert selection.totals == SelectionTotals(orders=3, lines=6, pieces=60, customers=1)
    assert await selection.resolve(store.order_rows) == Selection(customers=("ACME",))
    assert store.asked == []


async def test_that_a_customer_less_one_order_becomes_the_keys_of_the_others() -> None:
    store, selection = both()
    selection.check_customer("ACME", checked=True)
    selection.check_rows([ACME[1]], checked=False)
    assert selection.check_of("ACME") is Check.PART
    assert selection.totals == SelectionTotals(orders=2, lines=4, pieces=40, customers=1)
    assert await selection.resolve(store.order_rows) == Selection(order_keys=("ACME-1", "ACME-3"))


async def test_that_whole_customers_beside_single_orders_become_keys() -> None:
    store, selection = both()
    selection.check_customer("ACME", checked=True)
    selection.check_rows([BOLT[0]], checked=True)
    assert selection.totals == SelectionTotals(orders=4, lines=8, pieces=70, customers=2)
    resolved = await selection.resolve(store.order_rows)
    assert resolved == Selection(order_keys=("ACME-1", "ACME-2", "ACME-3", "BOLT-1"))


async def test_that_checking_every_order_one_by_one_is_checking_the_customer() -> None:
    store, selection = both()
    for row in ACME:
        selection.check_rows([row], checked=True)
    assert selection.check_of("ACME") is Check.ALL
    assert await selection.resolve(store.order_rows) == Selection(customers=("ACME",))


def test_that_clearing_every_order_one_by_one_is_clearing_the_customer() -> None:
    _, selection = both()
    selection.check_customer("ACME", checked=True)
    for row in ACME:
        selection.check_rows([row], checked=False)
    assert selection.check_of("ACME") is Check.NONE
    assert selection.totals == SelectionTotals()


def test_that_an_excluded_order_can_be_checked_again() -> None:
    _, selection = both()
    selection.check_customer("ACME", checked=True)
    selection.check_rows([ACME[0]], checked=False)
    assert not selection.is_checked(ACME[0])
    selection.check_rows([ACME[0]], checked=True)
    assert selection.is_checked(ACME[0])
    assert selection.check_of("ACME") is Check.ALL


def test_that_orders_that_are_not_pending_cannot_be_checked() -> None:
    _, selection = both()
    failed = make_row(9, state=SyncState.ERROR)
    selection.check_rows([failed], checked=True)
    selection.check_customer("ACME", checked=True)
    assert not selection.is_checked(failed)
    assert selection.totals.orders == 3


def test_that_a_customer_with_nothing_pending_cannot_be_checked() -> None:
    _, selection = both()
    selection.check_customer("NOBODY", checked=True)
    assert selection.totals == SelectionTotals()


def test_that_the_check_of_all_is_part_until_every_customer_is_whole() -> None:
    _, selection = both()
    everyone = ["ACME", "BOLT", "NOBODY"]
    assert selection.check_of_all(everyone) is Check.NONE
    selection.check_customer("ACME", checked=True)
    assert selection.check_of_all(everyone) is Check.PART
    selection.check_customer("BOLT", checked=True)
    assert selection.check_of_all(everyone) is Check.ALL


async def test_that_a_refresh_drops_single_orders_that_are_no_longer_pending() -> None:
    store, selection = both()
    selection.check_rows([ACME[0], ACME[1]], checked=True)
    store.rows["ACME"][0] = make_row(1, state=SyncState.SYNCED)
    await selection.refresh(store.summaries(), store.order_rows)
    # ACME-2 and ACME-3 are pending now, and ACME-2 is checked.
    assert selection.check_of("ACME") is Check.PART
    assert selection.totals == SelectionTotals(orders=1, lines=2, pieces=20, customers=1)


async def test_that_a_refresh_keeps_the_orders_that_were_left_out() -> None:
    store, selection = both()
    selection.check_customer("ACME", checked=True)
    selection.check_rows([ACME[0], ACME[1]], checked=False)
    store.rows["ACME"] = [make_row(1), make_row(2, state=SyncState.SYNCED), make_row(3), make_row(4)]
    await selection.refresh(store.summaries(), store.order_rows)
    assert await selection.resolve(store.order_rows) == Selection(order_keys=("ACME-3", "ACME-4"))
    assert selection.totals.orders == 2


async def test_that_a_refresh_drops_a_customer_with_nothing_left() -> None:
    store, selection = both()
    selection.check_customer("BOLT", checked=True)
    store.rows["BOLT"] = []
    await selection.refresh(store.summaries(), store.order_rows)
    assert selection.customers == ()


async def test_that_pending_orders_are_loaded_page_by_page(monkeypatch) -> None:
    monkeypatch.setattr(order_selection, "LOAD_AT_ONCE", 2)
    store, _ = both()
    assert await load_pending(store.order_rows, "ACME") == ACME
    assert store.asked == [("ACME", 0), ("ACME", 2)]


async def test_that_only_pending_orders_that_the_filter_shows_are_loaded() -> None:
    store, _ = both()
    shown = OrderFilter("AAG-2", (SyncState.NEW, SyncState.ERROR))
    assert await load_pending(store.order_rows, "ACME", shown) == [ACME[1]]
    assert await load_pending(store.order_rows, "ACME", OrderFilter(states=(SyncState.HELD,))) == []
