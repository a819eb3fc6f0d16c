"""The account of a run: it balances whatever happens, and says which state each row gets."""

from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Problem
from core.orders.model import ActionType, RecordKind, SyncState
from core.sync.ledger import Ledger, outcome_of
from core.sync.order_account import Ended
from core.sync.outcome import Outcome
from core.sync.plan import OperationKind, Step, TargetKind
from core.sync.totals import RunTotals

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
PROBLEM = Problem("refused", "The board refused it", "a record", "Correct it.")


def ends_of(plan, ledger, *, failing=(), unknown=(), not_started=(), stop_after=None):
    """Carry out a plan's operations in order; the records named end otherwise. Returns all settlements."""
    settled = [ledger.validate(NOON)]
    operations = [
        (request.step, operation)
        for batch in plan.batches
        for request in batch.requests
        for operation in request.operations
    ]
    for step, operation in operations[:stop_after]:
        if step is Step.SUBITEMS and not ledger.may_send(operation):
            continue
        if operation.key in failing:
            settled.append(ledger.ended(operation, Ended(Outcome.FAILED, PROBLEM), NOON))
        elif operation.key in unknown:
            settled.append(ledger.ended(operation, Ended(Outcome.UNKNOWN, PROBLEM), NOON))
        elif operation.key in not_started:
            settled.append(ledger.ended(operation, Ended(Outcome.NOT_STARTED), NOON))
        else:
            settled.append(ledger.confirmed(operation, f"id of {operation.key}", NOON))
    settled.append(ledger.close(NOON))
    return settled


def states_of(settled) -> dict[str, SyncState]:
    """The last state written for each record."""
    return {change.key: change.state for part in settled for change in part.states}


@pytest.fixture
def one_order(make_order, plan_of):
    return plan_of(make_order("KNOWN", key="order", lines=3))


def lines_of(plan) -> list[str]:
    return [line.key for line in plan.batches[0].orders[0].lines]


def test_an_order_is_synced_when_its_item_and_all_its_lines_are_on_the_board(one_order):
    ledger = Ledger(one_order)
    states = states_of(ends_of(one_order, ledger))
    assert set(states.values()) == {SyncState.SYNCED}
    assert len(states) == 4
    orders, lines = ledger.counts()
    assert (orders.created, lines.created) == (1, 3)


def test_an_order_stays_pending_with_its_item_id_until_its_last_line_is_there(one_order):
    ledger = Ledger(one_order)
    ledger.validate(NOON)
    item = one_order.batches[0].item_requests[0].operations[0]
    (change,) = ledger.confirmed(item, "900", NOON).states
    assert (change.state, change.board_id) == (SyncState.PENDING, "900")


def test_an_order_with_a_failed_line_is_in_error_and_keeps_its_item_id(one_order):
    ledger = Ledger(one_order)
    failing = lines_of(one_order)[1]
    settled = ends_of(one_order, ledger, failing={failing})
    last = [change for part in settled for change in part.states if change.key == "order"][-1]
    assert (last.state, last.board_id) == (SyncState.ERROR, "id of order")
    assert "1 of 3 lines failed" in last.error
    assert states_of(settled)[failing] is SyncState.ERROR
    orders, lines = ledger.counts()
    assert (orders.failed, lines.failed, lines.created) == (1, 1, 2)
    assert [failure.key for failure in ledger.failures()] == [failing]


def test_lines_of_a_failed_item_are_skipped_and_their_rows_stay_as_they_are(one_order):
    ledger = Ledger(one_order)
    settled = ends_of(one_order, ledger, failing={"order"})
    assert states_of(settled) == {"order": SyncState.ERROR}
    orders, lines = ledger.counts()
    assert (orders.failed, lines.skipped) == (1, 3)
    waiting = [event for part in settled for event in part.events if event.target is TargetKind.LINE]
    assert {event.code for event in waiting} == {"waiting_for_parent"}


def test_an_unknown_outcome_is_never_error_and_never_synced(one_order):
    ledger = Ledger(one_order)
    lost = lines_of(one_order)[0]
    settled = ends_of(one_order, ledger, unknown={lost})
    states = states_of(settled)
    assert (states[lost], states["order"]) == (SyncState.PENDING, SyncState.PENDING)
    orders, lines = ledger.counts()
    assert (orders.unknown, lines.unknown, lines.created) == (1, 1, 2)
    assert {failure.outcome for failure in ledger.failures()} == {Outcome.UNKNOWN}


def test_a_failed_line_makes_its_order_an_error_even_when_the_run_is_stopped_before_the_others(one_order):
    ledger = Ledger(one_order)
    first, *rest = lines_of(one_order)
    settled = ends_of(one_order, ledger, failing={first}, not_started=set(rest))
    assert states_of(settled)["order"] is SyncState.ERROR
    orders, lines = ledger.counts()
    assert (orders.failed, lines.failed, lines.not_started) == (1, 1, 2)


def test_what_was_not_started_leaves_its_rows_alone(one_order):
    ledger = Ledger(one_order)
    ledger.validate(NOON)
    closing = ledger.close(NOON)
    assert closing.states == []
    orders, lines = ledger.counts()
    assert (orders.not_started, lines.not_started) == (1, 3)


def test_a_refused_order_is_in_error_with_the_column_to_correct(make_order, plan_of):
    plan = plan_of(make_order("KNOWN", key="order", values={"DUE": "soon"}, lines=2))
    ledger = Ledger(plan)
    settled = ledger.validate(NOON)
    (finding,) = settled.findings
    assert (finding.kind, finding.key, finding.code, finding.source) == (
        RecordKind.ORDER,
        "order",
        "not_a_date",
        "DUE",
    )
    assert states_of([settled]) == {"order": SyncState.ERROR}


def test_a_line_without_a_header_is_in_error(make_line, plan_of):
    plan = plan_of(orphans=(make_line("nowhere", key="lost"),))
    ledger = Ledger(plan)
    assert states_of([ledger.validate(NOON)]) == {"lost": SyncState.ERROR}
    assert ledger.without_header().failed == 1


def test_an_order_that_needs_nothing_is_skipped_and_counts_as_synced_in_its_row(make_order, plan_of):
    plan = plan_of(make_order("KNOWN", key="order", item_id="900", state=SyncState.PENDING))
    ledger = Ledger(plan)
    assert states_of([ledger.validate(NOON)]) == {"order": SyncState.SYNCED}
    assert ledger.counts()[0].skipped == 1


def test_a_cancelled_order_that_never_reached_the_board_needs_nothing(make_order, plan_of):
    plan = plan_of(make_order("KNOWN", key="order", action=ActionType.DELETE, lines=2))
    ledger = Ledger(plan)
    settled = ends_of(plan, ledger)
    assert set(states_of(settled).values()) == {SyncState.SYNCED}
    orders, lines = ledger.counts()
    assert (orders.skipped, lines.skipped) == (1, 2)


def test_archiving_an_item_accounts_for_its_lines_too(make_order, plan_of):
    plan = plan_of(
        make_order(
            "KNOWN", key="order", item_id="9", state=SyncState.PENDING, action=ActionType.DELETE, lines=2
        )
    )
    ledger = Ledger(plan)
    states = states_of(ends_of(plan, ledger))
    assert set(states.values()) == {SyncState.SYNCED}
    orders, lines = ledger.counts()
    assert (orders.archived, lines.archived) == (1, 2)


def test_new_lines_of_an_order_that_is_on_the_board_count_it_as_changed(make_order, plan_of):
    plan = plan_of(make_order("KNOWN", item_id="900", state=SyncState.SYNCED, lines=2))
    ledger = Ledger(plan)
    ends_of(plan, ledger)
    orders, lines = ledger.counts()
    assert (orders.changed, lines.created) == (1, 2)


def test_every_failed_record_tells_its_code_message_and_remedy(one_order):
    ledger = Ledger(one_order)
    ends_of(one_order, ledger, failing={"order"})
    (failure,) = ledger.failures()
    assert (failure.code, failure.message, failure.remedy) == (
        "refused",
        "The board refused it",
        "Correct it.",
    )


FATES = st.sampled_from(["confirmed", "failing", "unknown", "not_started"])
ORDER = st.fixed_dictionaries(
    {
        "customer": st.sampled_from(["A", "B", "KNOWN"]),
        "lines": st.lists(
            st.sampled_from(["S", "M", "WRONG"]),
            max_size=4,
        ),
        "action": st.sampled_from(list(ActionType)),
        "state": st.sampled_from([SyncState.NEW, SyncState.PENDING, SyncState.SYNCED, SyncState.ERROR]),
        "item_id": st.sampled_from([None, "900"]),
        "due": st.sampled_from(["2026-12-01", "soon", None]),
        "line_action": st.sampled_from(list(ActionType)),
        "subitem_id": st.sampled_from([None, "31"]),
    }
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(ORDER, max_size=6), orphans=st.integers(0, 2), data=st.data())
def test_selected_is_always_the_sum_of_all_outcomes(make_order, make_line, plan_of, drawn, orphans, data):
    orders = [
        make_order(
            entry["customer"],
            key=f"order {number}",
            lines=tuple(
                make_line(
                    f"order {number}", size=size, action=entry["line_action"], subitem_id=entry["subitem_id"]
                )
                for size in entry["lines"]
            ),
            action=entry["action"],
            state=entry["state"],
            item_id=entry["item_id"],
            values={"DUE": entry["due"]},
        )
        for number, entry in enumerate(drawn)
    ]
    plan = plan_of(*orders, orphans=tuple(make_line("nowhere") for _ in range(orphans)))
    fates: dict[str, set[str]] = {"failing": set(), "unknown": set(), "not_started": set()}
    for request in plan.requests:
        for operation in request.operations:
            fate = data.draw(FATES, label=operation.label)
            if fate != "confirmed":
                fates[fate].add(operation.key)
    stop_after = data.draw(st.integers(0, 40), label="operations until the run is stopped")
    ledger = Ledger(plan)
    ends_of(plan, ledger, stop_after=stop_after, **fates)
    run = RunTotals()
    run.add(ledger)
    totals = run.orders, run.lines
    assert all(counts.balanced for counts in totals)
    assert (totals[0].selected, totals[1].selected) == (plan.order_count, plan.line_count)
    customers = run.customers
    assert all(customer.orders.balanced and customer.lines.balanced for customer in customers)
    assert sum(customer.orders.selected for customer in customers) == plan.order_count
    assert sum(customer.lines.selected for customer in customers) == plan.line_count
    bad = sum(counts.failed + counts.unknown for counts in totals)
    assert bool(run.failures) == bool(bad)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(fates=st.lists(FATES, min_size=4, max_size=4))
def test_an_order_is_synced_only_if_nothing_of_it_failed_or_is_missing(one_order, fates):
    ledger = Ledger(one_order)
    keys = ["order", *lines_of(one_order)]
    named = {
        name: {key for key, fate in zip(keys, fates, strict=True) if fate == name}
        for name in ("failing", "unknown", "not_started")
    }
    states = states_of(ends_of(one_order, ledger, **named))
    everything_arrived = set(fates) == {"confirmed"}
    assert (states.get("order") is SyncState.SYNCED) == everything_arrived
    item_failed = fates[0] == "failing"
    line_failed = fates[0] == "confirmed" and "failing" in fates[1:]
    assert (states.get("order") is SyncState.ERROR) == (item_failed or line_failed)


def test_kinds_of_operations_map_onto_outcomes_without_a_gap():
    for kind in OperationKind:
        if kind is not OperationKind.CREATE_GROUP:
            assert outcome_of(kind).synced
