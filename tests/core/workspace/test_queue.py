"""The shared queue: each order is taken once, and what it reads grows with the orders alone."""

import pytest

from core.orders.claims import Claims
from core.orders.model import Selection
from core.orders.store import OrderStore
from core.workspace.queue import Queue

CUSTOMER = "ATELIER ÉTOILE"
MINE = Selection((CUSTOMER,), unclaimed=True)


@pytest.fixture
def keys(workspace) -> list[str]:
    """The customer's pending orders, oldest first."""
    return workspace._store.selected_keys(MINE)


def all_of(queue: Queue, size: int) -> list[str]:
    taken: list[str] = []
    while some := queue.take(size):
        assert len(some) <= size
        taken += some
    return taken


def test_every_order_is_taken_once_oldest_first_though_all_stay_pending(workspace, keys):
    assert all_of(Queue(workspace._store, MINE), 7) == keys


def test_what_another_worker_has_is_passed_over_and_taken_when_it_is_given_back(workspace, keys):
    others = Claims(workspace._store.engine, "elsewhere:1:run")
    others.take(keys[:5])
    queue = Queue(workspace._store, MINE)
    assert queue.take(4) == tuple(keys[5:9])
    others.release()
    assert all_of(queue, 10) == [*keys[9:], *keys[:5]]


def test_an_order_that_somebody_claims_or_sends_after_the_queue_was_read_is_not_taken(desk, workspace, keys):
    queue = Queue(workspace._store, MINE)
    assert queue.take(2) == tuple(keys[:2])
    Claims(workspace._store.engine, "elsewhere:1:run").take(keys[2:4])
    desk.rows("UPDATE ORDER_LIST_DELTA SET sync_state = 'SYNCED' WHERE record_uuid = ?", keys[4])
    desk.rows("UPDATE ORDER_LIST_LINES_DELTA SET sync_state = 'SYNCED' WHERE record_uuid = ?", keys[4])
    assert queue.take(3) == tuple(keys[5:8])


def test_a_limit_bounds_what_is_handed_out_in_all_and_what_others_had_does_not_count(workspace, keys):
    queue = Queue(workspace._store, MINE, 5)
    assert [queue.take(3), queue.take(3), queue.take(3)] == [tuple(keys[:3]), tuple(keys[3:5]), ()]
    assert queue.has_more()
    queue.not_had(2)
    assert queue.take(3) == tuple(keys[5:7])


def test_where_all_was_handed_out_there_is_no_more_though_it_stays_pending(workspace, keys):
    queue = Queue(workspace._store, MINE, len(keys))
    assert queue.take(len(keys)) == tuple(keys)
    assert not queue.has_more()


def test_the_keys_that_are_asked_for_grow_with_the_orders_and_not_with_their_square(
    workspace, keys, monkeypatch
):
    asked = 0
    selected_keys = OrderStore.selected_keys

    def counted(self: OrderStore, selection: Selection) -> list[str]:
        nonlocal asked
        found = selected_keys(self, selection)
        asked += len(found)
        return found

    monkeypatch.setattr(OrderStore, "selected_keys", counted)
    all_of(Queue(workspace._store, MINE), 2)
    # Read at the beginning and at the end, and each order when its turn comes.
    assert asked == 3 * len(keys)
