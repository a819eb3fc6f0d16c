"""Each operation of a request is judged by its own data and its own error."""

import pytest

from core.monday.client import Answer
from core.monday.errors import ApiFault, FaultKind, GraphError
from core.orders.journal import OperationState
from core.sync.verdicts import Verdict, all_alike, judge


@pytest.fixture
def operations(make_order, plan_of):
    (request,) = plan_of(*(make_order("KNOWN") for _ in range(3))).batches[0].item_requests
    return request.operations


def answer(data: dict, *errors: GraphError) -> Answer:
    return Answer(data, errors, 200, "request-1", "", 0.1, {}, replayed=False)


def error(
    alias: str, code: str, *, status: int | None = None, retry_after: float | None = None
) -> GraphError:
    return GraphError(f"{code} happened", alias, code, status, retry_after)


def test_an_alias_with_an_id_is_confirmed_whatever_happened_to_the_others(operations):
    given = answer({"a0": {"id": "7"}, "a1": None, "a2": {"id": 9}}, error("a1", "ColumnValueException"))
    assert [(j.verdict, j.board_id) for j in judge(given, operations)] == [
        (Verdict.CONFIRMED, "7"),
        (Verdict.REJECTED, None),
        (Verdict.CONFIRMED, "9"),
    ]


def test_an_alias_without_a_word_is_unknown_and_says_that_it_will_be_looked_up(operations):
    lost = judge(answer({"a0": {"id": "7"}, "a2": {"id": "9"}}), operations)[1]
    assert (lost.verdict, lost.problem.code) == (Verdict.UNKNOWN, "NO_WORD_ABOUT_IT")
    assert "looked up" in lost.problem.remedy


@pytest.mark.parametrize(
    ("code", "status", "verdict", "stops"),
    [
        ("ColumnValueException", None, Verdict.REJECTED, False),
        ("SomethingNobodyDocumented", None, Verdict.REJECTED, False),
        ("INTERNAL_SERVER_ERROR", 500, Verdict.UNKNOWN, False),
        ("FIELD_LIMIT_EXCEEDED", 429, Verdict.AGAIN, False),
        ("RESOURCE_LOCKED", 423, Verdict.AGAIN, False),
        ("DAILY_LIMIT_EXCEEDED", 429, Verdict.NOT_SENT, True),
        ("InvalidColumnIdException", None, Verdict.NOT_SENT, True),
        ("USER_ACCESS_DENIED", 403, Verdict.NOT_SENT, True),
    ],
)
def test_the_api_s_code_decides_what_becomes_of_a_record(operations, code, status, verdict, stops):
    judged = judge(answer({"a0": None}, error("a0", code, status=status)), operations[:1])[0]
    assert (judged.verdict, judged.stops) == (verdict, stops)
    assert judged.problem.request_id == "request-1"
    assert judged.problem.subject == "order PO-001"


def test_the_wait_that_the_board_asks_for_is_kept(operations):
    given = answer({"a0": None}, error("a0", "FIELD_LIMIT_EXCEEDED", retry_after=15.0))
    assert judge(given, operations[:1])[0].retry_after == 15.0


def test_a_verdict_about_a_whole_request_says_so(operations):
    fault = ApiFault(FaultKind.REQUEST, "CODE", "No", "Report this.")
    judged = all_alike(operations, Verdict.REJECTED, fault, "request-2")
    assert all(j.whole and j.problem.request_id == "request-2" for j in judged)
    assert [j.problem.subject for j in judged] == [f"order PO-00{n}" for n in (1, 2, 3)]
    singly = judge(answer({}, *(error(f"a{n}", "ColumnValueException") for n in range(3))), operations)
    assert not any(j.whole for j in singly)


def test_only_what_was_confirmed_or_refused_counts_as_settled_in_the_journal(operations):
    states = {verdict: all_alike(operations[:1], verdict, None)[0].journal_state for verdict in Verdict}
    assert states == {
        Verdict.CONFIRMED: OperationState.CONFIRMED,
        Verdict.REJECTED: OperationState.REJECTED,
        Verdict.UNKNOWN: OperationState.UNKNOWN,
        Verdict.AGAIN: OperationState.NOT_APPLIED,
        Verdict.GROUP_GONE: OperationState.NOT_APPLIED,
        Verdict.NOT_SENT: OperationState.NOT_APPLIED,
    }
