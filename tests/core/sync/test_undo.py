"""What an undo writes, and what it reads out of the journal, without a board."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Problem
from core.monday.documents import Mutation, arguments_of, mutation_document
from core.orders.journal import OperationState
from core.orders.model import Order, RecordKind, SyncState
from core.orders.run_records import PastRun, SentOperation
from core.sync.board_items import BoardItem
from core.sync.ledger import Ended, Ledger
from core.sync.outcome import Outcome
from core.sync.plan import Plan, request_body
from core.sync.planner import PlanOptions
from core.sync.run_work import RunWork, work_of
from core.sync.undo import Situation, archived_orders, kept_orders, plan_undo, without

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
RUN = PastRun("run-1", "100", dry_run=False, worker="", started_at=NOON, finished=True)
LAST = replace(RUN, run_id="run-2", started_at=NOON + timedelta(hours=1))
PROBLEM = Problem("changed_by_hand", "Changed", "order", "Look.")


def sent(key: str, kind: str, index: int, board_id: str | None, state: str = "CONFIRMED") -> SentOperation:
    target = "line" if "subitem" in kind else "order"
    return SentOperation("run-1", "r", index, target, key, kind, OperationState(state), board_id, NOON)


def body(*mutations: Mutation) -> dict[str, str]:
    return {"r": request_body(*mutation_document(mutations)).decode()}


def item(name: str, group: str = "known_group") -> Mutation:
    values = json.dumps({"key": name})
    return Mutation(
        "create_item", {"board_id": "100", "group_id": group, "item_name": name, "column_values": values}
    )


def subitem(parent: str, name: str) -> Mutation:
    return Mutation("create_subitem", {"parent_item_id": parent, "item_name": name, "column_values": "{}"})


@pytest.fixture
def order(make_order) -> Order:
    return make_order("KNOWN", key="order", lines=2, item_id="900", state=SyncState.SYNCED)


@pytest.fixture
def plan(order, schema, mapping) -> Plan:
    """The undo of a run that made the order's item."""
    operations = [sent("order", "create item", 0, "900")]
    there = BoardItem(
        "900", "PO", active=True, board_id="100", group_id="known_group", cells={}, has_updates=False
    )
    bodies = {"r": request_body(*mutation_document([replace_values(item("PO"))])).decode()}
    situation = Situation({"order": order}, {"900": there}, ())
    return plan_undo(work_of(RUN, operations, bodies), situation, schema, PlanOptions("test", mapping))


def replace_values(mutation: Mutation) -> Mutation:
    return Mutation(mutation.field, {**mutation.arguments, "column_values": "{}"})


def test_the_arguments_of_each_operation_are_read_back_from_the_request_that_carried_it():
    mutations = [item("A"), item("B"), replace(item("C", "other"), field="create_item")]
    for sent_together in (mutations, mutations[:2], mutations[:1]):
        _, variables = mutation_document(sent_together)
        read = [arguments_of(one.field, variables, index) for index, one in enumerate(sent_together)]
        assert read == [one.arguments for one in sent_together]


def test_subitems_belong_to_the_item_that_they_were_sent_under():
    operations = [
        sent("a", "create item", 0, "900"),
        sent("b", "create item", 1, "901"),
        sent("line-1", "create subitem", 2, "31"),
        sent("line-2", "create subitem", 3, "32"),
        sent("line-3", "create subitem", 4, "33"),
    ]
    bodies = body(item("A"), item("B"), subitem("900", "S"), subitem("901", "M"), subitem("700", "L"))
    work = work_of(RUN, operations, bodies)
    assert [(made.order_key, [s.board_id for s in made.subitems]) for made in work.made] == [
        ("a", ["31"]),
        ("b", ["32"]),
    ]
    assert work.changed_keys == {"line-3"}  # its item was there before
    assert work.item_ids == ("900", "901")


def test_what_had_no_effect_is_no_work_and_what_nobody_knows_or_can_read_is_left_alone():
    operations = [
        sent("refused", "create item", 0, None, "REJECTED"),
        sent("lost", "create item", 1, None, "UNKNOWN"),
        sent("made", "create item", 2, "900"),
        sent("changed", "change item", 3, "901"),
    ]
    work = work_of(RUN, operations, {"r": "no JSON any more"})
    assert (work.made, work.unknown, work.unreadable) == ((), {"lost"}, {"made"})
    assert work.changed_keys == {"changed"}


def test_an_undo_plans_one_archiving_and_is_bound_to_its_hashes(plan):
    (request,) = plan.requests
    (operation,) = request.operations
    assert (operation.mutation.field, operation.mutation.arguments) == ("archive_item", {"item_id": "900"})
    assert plan.hashes.operations == {operation.hash}
    assert plan.undoes == "run-1"


def test_an_archived_item_makes_its_order_and_lines_new_in_the_same_transaction(plan):
    ledger = Ledger(plan)
    assert ledger.validate(NOON).states == []
    (operation,) = next(iter(plan.requests)).operations
    changes = ledger.confirmed(operation, "900", NOON).states
    assert {(change.kind, change.state, change.afresh, change.board_id) for change in changes} == {
        (RecordKind.ORDER, SyncState.NEW, True, None),
        (RecordKind.LINE, SyncState.NEW, True, None),
    }
    assert len(changes) == 3
    orders, lines = ledger.counts()
    assert (orders.archived, lines.archived, orders.balanced, lines.balanced) == (1, 2, True, True)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.UNKNOWN, Outcome.NOT_STARTED])
def test_an_order_whose_item_may_still_be_there_is_not_written(plan, outcome):
    ledger = Ledger(plan)
    ledger.validate(NOON)
    (operation,) = next(iter(plan.requests)).operations
    settled = ledger.ended(operation, Ended(outcome, PROBLEM), NOON)
    assert (settled.states, settled.findings) == ([], [])
    assert ledger.close(NOON).states == []
    orders, lines = ledger.counts()
    assert (orders.archived, orders.balanced, lines.balanced) == (0, True, True)


def test_an_order_that_is_taken_out_of_an_undo_is_kept_with_its_reason_and_nothing_is_sent_for_it(plan):
    narrowed = without(plan, {"order": PROBLEM})
    assert list(narrowed.requests) == archived_orders(narrowed) == []
    assert [(order.key, order.code) for order in kept_orders(narrowed)] == [("order", "changed_by_hand")]
    ledger = Ledger(narrowed)
    assert ledger.validate(NOON).states == []
    assert ledger.kept() == tuple(kept_orders(narrowed))
    assert ledger.counts()[0].skipped == 1


def test_an_order_that_is_gone_from_the_table_is_kept_under_its_items_name(schema, mapping):
    work = work_of(RUN, [sent("order", "create item", 0, "900")], body(item("PO-1")))
    plan = plan_undo(work, Situation({}, {}, ()), schema, PlanOptions("test", mapping))
    assert [(order.label, order.code) for order in kept_orders(plan)] == [("PO-1", "order_not_in_table")]


def test_an_order_with_an_undecided_line_waits_until_its_outcome_is_known(order, schema, mapping):
    work = work_of(RUN, [sent("order", "create item", 0, "900")], body(item("PO-1")))
    situation = Situation({"order": order}, {}, (), frozenset({order.lines[0].key}))
    plan = plan_undo(work, situation, schema, PlanOptions("test", mapping))
    assert [order.code for order in kept_orders(plan)] == ["outcome_unknown"]


def test_a_run_that_touched_nothing_leaves_nothing_to_undo(schema, mapping):
    plan = plan_undo(RunWork(RUN, ()), Situation({}, {}, ()), schema, PlanOptions("test", mapping))
    assert (plan.order_count, plan.undone_before) == (0, 0)


def of(operation: SentOperation, run_id: str, hours: int) -> SentOperation:
    """The same operation as another run sent it, in a request of its own."""
    at = NOON + timedelta(hours=hours)
    return replace(operation, run_id=run_id, request_uuid=f"request of {run_id}", sent_at=at)


def test_lines_that_a_resumption_made_belong_to_the_item_of_the_run_that_it_resumed():
    operations = [
        sent("order", "create item", 0, "900"),
        of(sent("line-1", "create subitem", 0, "31"), "run-2", 1),
        of(sent("line-2", "create subitem", 1, "32"), "run-2", 1),
    ]
    bodies = body(item("PO"))
    bodies["request of run-2"] = body(subitem("900", "S"), subitem("700", "M"))["r"]
    work = work_of(LAST, operations, bodies, [RUN])
    (made,) = work.made
    assert [subitem.board_id for subitem in made.subitems] == ["31"]
    assert work.changed_keys == {"line-2"}  # its item is neither run's
    assert (work.runs, work.run) == ((RUN, LAST), LAST)


some_operations = st.lists(
    st.tuples(
        st.sampled_from(["run-1", "run-2", "beside"]),
        st.sampled_from(["create subitem", "change item", "change subitem", "undo item"]),
        st.sampled_from(["CONFIRMED", "REJECTED", "NOT_APPLIED"]),
        st.integers(-1, 2).filter(bool),
    ),
    max_size=5,
)


@given(operations=some_operations)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_an_order_is_archived_unless_it_was_changed_or_a_run_beside_added_to_it(
    order, schema, mapping, operations
):
    there = BoardItem(
        "900", "PO", active=True, board_id="100", group_id="known_group", cells={}, has_updates=False
    )
    made = sent("order", "create item", 0, "900")
    # Subitems get no id here: what the board shows of them is not this test's question.
    further = [
        of(sent(order.lines[0].key if "sub" in kind else "order", kind, 9, None, state), run_id, hours)
        for run_id, kind, state, hours in operations
    ]
    chain = [made, *(each for each in further if each.run_id != "beside")]
    beside = [each for each in further if each.run_id == "beside"]
    work = work_of(LAST, chain, {"r": body(replace_values(item("PO")))["r"]}, [RUN])
    plan = plan_undo(
        work, Situation({"order": order}, {"900": there}, beside), schema, PlanOptions("test", mapping)
    )
    touched = any(
        each.sent_at >= NOON
        and each.may_have_applied
        and each.kind != "undo item"
        and (each.run_id == "beside" or each.kind.startswith("change"))
        for each in further
    )
    assert bool(archived_orders(plan)) is not touched
    assert {kept.code for kept in kept_orders(plan)} == ({"changed_by_later_run"} if touched else set())
    assert plan.runs == (RUN, LAST)
    assert plan.undoes == "run-2"
