"""The account of an order that continues on further items: one order, whatever becomes of each of them."""

from datetime import UTC, datetime

import pytest

from core.errors import Problem
from core.orders.model import ActionType, Continuation, RecordKind, SyncState
from core.sync.ledger import Ledger
from core.sync.order_account import Ended
from core.sync.outcome import Outcome
from core.sync.plan import Step

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PROBLEM = Problem("refused", "The board refused it", "a record", "Correct it.")
FAILED, UNKNOWN, NOT_STARTED = (
    Ended(Outcome.FAILED, PROBLEM),
    Ended(Outcome.UNKNOWN, PROBLEM),
    Ended(Outcome.NOT_STARTED),
)


@pytest.fixture
def plan(make_order, plan_of):
    """Seven lines where an item takes three."""
    return plan_of(
        make_order("KNOWN", key="order", lines=7), subitem_limit=3, beyond_subitem_limit="continue"
    )


@pytest.fixture
def cancelled(make_order, plan_of):
    """The same order, on the board and cancelled."""
    order = make_order(
        "KNOWN",
        key="order",
        lines=2,
        item_id="900",
        action=ActionType.DELETE,
        state=SyncState.PENDING,
        continuations=(Continuation(2, "902"),),
    )
    return plan_of(order)


def carry_out(plan, ends: dict[str, Ended] | None = None, *, only: Step | None = None):
    """The ledger of a run in which the named records end otherwise, and all it settled."""
    ends = ends or {}
    ledger = Ledger(plan)
    settled = [ledger.validate(NOON)]
    for request in plan.requests:
        for operation in request.operations:
            if not ledger.may_send(operation) or (only and request.step is not only):
                continue
            if operation.key in ends:
                settled.append(ledger.ended(operation, ends[operation.key], NOON))
            else:
                settled.append(ledger.confirmed(operation, f"id of {operation.key}", NOON))
    settled.append(ledger.close(NOON))
    return ledger, [change for part in settled for change in part.states]


def of_rows(changes) -> dict[tuple[RecordKind, str], SyncState]:
    return {(each.kind, each.key): each.state for each in changes if each.continuation is None}


def counted(ledger) -> tuple[dict, dict]:
    orders, lines = ledger.counts()
    assert orders.balanced
    assert lines.balanced
    return orders, lines


def test_an_order_is_synced_when_all_its_items_and_lines_are_there(plan):
    ledger, changes = carry_out(plan)
    orders, lines = counted(ledger)
    assert (orders.selected, orders.created, lines.created) == (1, 1, 7)
    assert set(of_rows(changes).values()) == {SyncState.SYNCED}
    noted = [(each.continuation, each.board_id) for each in changes if each.continuation]
    assert noted == [(2, "id of order/2"), (3, "id of order/3")]


def test_each_line_is_written_with_the_item_that_it_hangs_under(plan):
    _, changes = carry_out(plan)
    above = [(each.parent_id, each.continues) for each in changes if each.kind is RecordKind.LINE]
    assert above == [
        *[("id of order", False)] * 3,
        *[("id of order/2", True)] * 3,
        ("id of order/3", True),
    ]


def test_an_order_of_which_a_further_item_is_refused_has_failed_once_and_the_lines_below_it_wait(plan):
    ledger, changes = carry_out(plan, {"order/2": FAILED})
    orders, lines = counted(ledger)
    assert (orders.failed, lines.created, lines.skipped) == (1, 4, 3)
    assert [(failure.key, failure.message) for failure in ledger.failures()] == [("order", PROBLEM.title)]
    assert of_rows(changes)[RecordKind.ORDER, "order"] is SyncState.ERROR


def test_an_order_of_which_a_further_item_is_unheard_of_is_unknown_and_stays_pending(plan):
    ledger, changes = carry_out(plan, {"order/3": UNKNOWN})
    orders, lines = counted(ledger)
    assert (orders.unknown, lines.created, lines.skipped) == (1, 6, 1)
    assert of_rows(changes)[RecordKind.ORDER, "order"] is SyncState.PENDING


def test_a_refused_further_item_weighs_more_than_an_unheard_one(plan):
    ledger, _ = carry_out(plan, {"order/2": UNKNOWN, "order/3": FAILED})
    assert counted(ledger)[0].failed == 1


def test_further_items_are_not_sent_after_the_order_s_own_was_refused(plan):
    ledger, changes = carry_out(plan, {"order": FAILED})
    orders, lines = counted(ledger)
    assert (orders.failed, lines.skipped) == (1, 7)
    assert [each for each in changes if each.continuation] == []


def test_a_further_item_that_is_there_all_the_same_is_kept(plan):
    ledger = Ledger(plan)
    ledger.validate(NOON)
    own, further, _ = [operation for request in plan.requests for operation in request.operations][:3]
    ledger.ended(own, FAILED, NOON)
    changes = ledger.confirmed(further, "902", NOON).states
    assert [(each.key, each.continuation, each.board_id) for each in changes] == [("order", 2, "902")]
    assert counted(ledger)[0].failed == 1


@pytest.mark.parametrize("left", [{"order/2": NOT_STARTED}, {}])
def test_what_was_not_come_to_is_not_started_and_the_order_with_it(plan, left):
    ledger, changes = carry_out(plan, left, only=Step.ITEMS)
    orders, lines = counted(ledger)
    assert (orders.not_started, lines.not_started) == (1, 7)
    assert of_rows(changes)[RecordKind.ORDER, "order"] is SyncState.PENDING


def test_the_lines_of_a_cancelled_order_are_done_when_its_last_item_is_archived(cancelled):
    ledger, changes = carry_out(cancelled)
    orders, lines = counted(ledger)
    assert (orders.archived, lines.archived) == (1, 2)
    assert [(each.continuation, each.board_id) for each in changes if each.continuation] == [(2, None)]
    assert set(of_rows(changes).values()) == {SyncState.SYNCED}


@pytest.mark.parametrize("stays", ["order", "order/2"])
def test_a_cancelled_order_of_which_an_item_stays_has_failed(cancelled, stays):
    ledger, changes = carry_out(cancelled, {stays: FAILED})
    orders, lines = counted(ledger)
    assert (orders.failed, lines.skipped) == (1, 2)
    assert of_rows(changes)[RecordKind.ORDER, "order"] is SyncState.ERROR
    assert not [each for each in changes if each.kind is RecordKind.LINE]


def test_a_cancelled_order_whose_own_item_was_never_made_is_archived_with_what_there_is(make_order, plan_of):
    order = make_order(
        "KNOWN", action=ActionType.DELETE, state=SyncState.PENDING, continuations=(Continuation(2, "902"),)
    )
    ledger, _ = carry_out(plan_of(order))
    assert counted(ledger)[0].archived == 1
