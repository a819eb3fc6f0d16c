import pytest

from core.orders.model import ActionType, OrderRow, SyncState
from core.sync.events import RecordEnded
from core.sync.outcome import Outcome
from core.sync.plan import OperationKind, TargetKind
from gui.models.live_orders import LiveOrders, LiveState
from gui.widgets.states import State

ROW = OrderRow("o1", "ACME", "AAG-1", (), 2, 30, SyncState.NEW, ActionType.INSERT, None, None)


def item(outcome: Outcome, message: str = "") -> RecordEnded:
    return RecordEnded(TargetKind.ORDER, "o1", "AAG-1", "ACME", outcome, board_id="77", message=message)


def line(key: str, outcome: Outcome = Outcome.CREATED, message: str = "") -> RecordEnded:
    return RecordEnded(
        TargetKind.LINE, key, "AAG-1, size M", "ACME", outcome, order_key="o1", message=message
    )


def after(*events: RecordEnded) -> LiveState | None:
    live = LiveOrders()
    live.take(events)
    return live.of(ROW)


def test_that_an_order_is_sending_until_all_its_lines_have_ended() -> None:
    assert after(item(Outcome.CREATED)) == LiveState(State.SENDING, "0 of 2 lines", "77")
    assert after(item(Outcome.CREATED), line("l1")) == LiveState(State.SENDING, "1 of 2 lines", "77")
    assert after(item(Outcome.CREATED), line("l1"), line("l2")) == LiveState(State.SYNCED, "", "77")


def test_that_an_archived_order_waits_for_no_line() -> None:
    assert after(item(Outcome.ARCHIVED)) == LiveState(State.SYNCED, "", "77")


def test_that_one_failed_line_makes_the_order_failed() -> None:
    state = after(
        item(Outcome.CREATED),
        line("l1", Outcome.FAILED, "No such label"),
        line("l2", Outcome.UNKNOWN, "Lost"),
    )
    assert state == LiveState(State.FAILED, "No such label", "77")


def test_that_an_unknown_outcome_is_neither_failed_nor_synced() -> None:
    state = after(item(Outcome.CREATED), line("l1"), line("l2", Outcome.UNKNOWN, "No answer came"))
    assert state == LiveState(State.UNKNOWN, "No answer came", "77")


@pytest.mark.parametrize("outcome", [Outcome.NOT_STARTED, Outcome.SKIPPED])
def test_that_an_order_the_run_left_alone_stays_as_it_was(outcome: Outcome) -> None:
    assert after(item(outcome)) is None


def test_that_failed_orders_are_counted_once_by_customer() -> None:
    live = LiveOrders()
    touched = live.take([item(Outcome.CREATED), line("l1", Outcome.FAILED), line("l2", Outcome.FAILED)])
    assert touched == {"ACME": {"o1"}}
    assert (live.failed("ACME"), live.failed("BOLT")) == (1, 0)


def test_that_groups_touch_no_order() -> None:
    live = LiveOrders()
    assert live.take([RecordEnded(TargetKind.GROUP, "ACME", "ACME", "ACME", Outcome.CREATED)]) == {}


def test_that_everything_is_forgotten_when_the_rows_were_read_again() -> None:
    live = LiveOrders()
    live.take([item(Outcome.FAILED, "Refused")])
    live.clear()
    assert live.of(ROW) is None
    assert live.failed("ACME") == 0


def test_that_the_order_of_an_undone_item_is_new_again() -> None:
    undone = RecordEnded(
        TargetKind.ORDER, "o1", "AAG-1", "ACME", Outcome.ARCHIVED, OperationKind.UNDO_ITEM, "77"
    )
    assert after(undone) == LiveState(State.NEW, "", "77")
