"""Ordered faults: what the client sees, and whether the request took effect."""

import json
import threading

import httpx
import pytest

BOARD = "7000000001"
CREATE = 'mutation { create_item(board_id: 7000000001, item_name: "A") { id } }'


def test_that_a_reset_breaks_the_connection_before_anything_is_applied(caller) -> None:
    caller.running.faults.add("reset")
    with pytest.raises(httpx.TransportError):
        caller.send(CREATE)
    assert caller.running.items(BOARD) == []
    assert caller.running.requests[0].status is None
    assert caller.send(CREATE).status_code == 200


def test_that_a_dropped_answer_was_applied_and_is_replayed_under_its_key(caller) -> None:
    caller.running.faults.add("drop_answer")
    with pytest.raises(httpx.TransportError):
        caller.send(CREATE, key="k")
    assert len(caller.running.items(BOARD)) == 1
    assert caller.send(CREATE, key="k").headers["Idempotency-Replayed"] == "true"
    assert len(caller.running.items(BOARD)) == 1


def test_that_a_lost_answer_whose_key_was_evicted_runs_twice(caller) -> None:
    caller.running.faults.add("drop_answer")
    caller.running.faults.add("evict_idempotency", times=2)
    with pytest.raises(httpx.TransportError):
        caller.send(CREATE, key="k")
    assert "Idempotency-Replayed" not in caller.send(CREATE, key="k").headers
    assert len(caller.running.items(BOARD)) == 2


def test_that_a_delayed_request_is_applied_after_the_client_gave_up(caller) -> None:
    released = threading.Event()
    caller.running.faults.add("delay", until=released)
    with pytest.raises(httpx.ReadTimeout):
        caller.http.post(
            caller.running.url,
            json={"query": CREATE},
            headers={"Authorization": "practice-token"},
            timeout=0.1,
        )
    assert caller.running.items(BOARD) == []
    released.set()
    caller.running.wait_until(lambda requests: requests[0].finished is not None)
    assert len(caller.running.items(BOARD)) == 1


def test_that_a_delay_of_seconds_ends_by_itself(caller) -> None:
    caller.running.faults.add("delay", seconds=0.01)
    assert caller.send(CREATE).status_code == 200


@pytest.mark.parametrize("applied", [False, True])
def test_that_a_gateway_error_may_come_before_or_after_the_effect(caller, applied) -> None:
    caller.running.faults.add("status", status=502, body="<html>Bad gateway</html>", applied=applied)
    answer = caller.send(CREATE)
    assert (answer.status_code, answer.text) == (502, "<html>Bad gateway</html>")
    assert answer.headers["content-type"].startswith("text/html")
    assert len(caller.running.items(BOARD)) == int(applied)


@pytest.mark.parametrize(
    ("limit", "code"),
    [
        ("minute", "RATE_LIMIT_EXCEEDED"),
        ("concurrency", "maxConcurrencyExceeded"),
        ("complexity", "COMPLEXITY_BUDGET_EXHAUSTED"),
        ("daily", "DAILY_LIMIT_EXCEEDED"),
        ("ip", "IP_RATE_LIMIT_EXCEEDED"),
        ("field", "FIELD_LIMIT_EXCEEDED"),
    ],
)
def test_that_each_kind_of_429_can_be_ordered(caller, limit, code) -> None:
    caller.running.faults.add("rate_limit", limit=limit, retry_in_seconds=7)
    answer = caller.send(CREATE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    extensions = answer.json()["errors"][0]["extensions"]
    assert (extensions["code"], extensions["retry_in_seconds"]) == (code, 7)
    if limit in {"minute", "concurrency", "complexity"}:
        assert "r=0;t=7" in answer.headers["RateLimit"]
    assert caller.running.items(BOARD) == []


def test_that_a_locked_board_answers_423(caller) -> None:
    caller.running.faults.add("locked", headers={"Retry-After": "2"})
    answer = caller.send(CREATE)
    assert (answer.status_code, answer.headers["Retry-After"]) == (423, "2")
    assert answer.json()["errors"][0]["message"] == "Resource is currently locked, please try again later"
    assert caller.running.items(BOARD) == []


def test_that_answers_arrive_spoilt_after_they_were_applied(caller) -> None:
    caller.running.faults.add("malformed_json", nth=1)
    caller.running.faults.add("empty_body", nth=2)
    caller.running.faults.add("wrong_content_type", nth=3)
    half, empty, wrong = (caller.send(CREATE) for _ in range(3))
    with pytest.raises(json.JSONDecodeError):
        half.json()
    assert empty.content == b""
    assert wrong.headers["content-type"].startswith("text/html")
    assert "data" in json.loads(wrong.content)
    assert {answer.status_code for answer in (half, empty, wrong)} == {200}
    assert len(caller.running.items(BOARD)) == 3


@pytest.mark.parametrize("alias", [1, "b", None])
def test_that_one_alias_fails_and_the_others_run(caller, alias) -> None:
    details = {"error_status": 423, "code": "LOCKED", "message": "Locked", "retry_in_seconds": 3}
    operation = "create_group" if alias is None else None
    caller.running.faults.add("alias_error", alias=alias, operation=operation, **details)
    document = (
        'mutation { a: create_item(board_id: 7000000001, item_name: "A") { id }'
        ' b: create_group(board_id: 7000000001, group_name: "B") { id } }'
    )
    answer = caller.ask(document)
    assert answer["data"]["a"] is not None
    assert answer["data"]["b"] is None
    (error,) = answer["errors"]
    assert (error["path"], error["message"], error["extensions"]["retry_in_seconds"]) == (["b"], "Locked", 3)
    assert len(caller.running.groups(BOARD)) == 2


def test_that_a_document_is_refused_as_a_whole(caller) -> None:
    caller.running.faults.add("refuse_document", code="API_TEMPORARILY_BLOCKED", message="Paused")
    answer = caller.send(CREATE)
    assert answer.status_code == 200
    assert "data" not in answer.json()
    assert answer.json()["errors"][0]["extensions"]["code"] == "API_TEMPORARILY_BLOCKED"
    assert caller.running.items(BOARD) == []


def test_that_the_subitems_field_reads_null_at_its_limit(caller) -> None:
    item = caller.make_item()
    caller.make_subitem(item)
    caller.running.faults.add("field_limit", operation="items")
    answer = caller.ask("query ($ids: [ID!]) { items(ids: $ids) { id subitems { id } } }", ids=[item])
    assert answer["data"] == {"items": [{"id": item, "subitems": None}]}
    assert answer["errors"][0]["path"] == ["items", 0, "subitems"]
    assert answer["errors"][0]["extensions"]["retry_in_seconds"] == 15


def test_that_searches_lag_behind_while_ids_do_not(caller) -> None:
    caller.running.faults.add("index_lag", seconds=30)
    item = caller.make_item(key="K1")
    by_value = (
        "{ items_page_by_column_values(board_id: 7000000001,"
        ' columns: [{column_id: "key", column_values: ["K1"]}]) { items { id } } }'
    )
    by_rule = (
        "{ boards(ids: [7000000001]) { items_page(query_params:"
        ' {rules: [{column_id: "key", compare_value: ["K1"]}]}) { items { id } } } }'
    )
    assert caller.data(by_value)["items_page_by_column_values"]["items"] == []
    assert caller.data(by_rule)["boards"][0]["items_page"]["items"] == []
    assert caller.data("query ($ids: [ID!]) { items(ids: $ids) { id } }", ids=[item])["items"] == [
        {"id": item}
    ]
    caller.running.advance(30)
    assert caller.data(by_value)["items_page_by_column_values"]["items"] == [{"id": item}]
    assert caller.data(by_rule)["boards"][0]["items_page"]["items"] == [{"id": item}]


def test_that_a_fault_strikes_the_requests_it_is_about_only(caller) -> None:
    faults = caller.running.faults
    faults.add("status", operation="create_item", nth=2, times=2, status=500)
    faults.add("status", operation_name="Nightly", status=503)
    faults.add("status", predicate=lambda request: request.variables.get("n") == "odd", status=504)
    assert caller.send("{ me { id } }").status_code == 200
    assert [caller.send(CREATE).status_code for _ in range(4)] == [200, 500, 500, 200]
    assert caller.send("query ($n: String) { users(name: $n) { id } }", n="odd").status_code == 504
    faults.clear()
    faults.add("status", times=None, status=500)
    assert {caller.send("{ me { id } }").status_code for _ in range(3)} == {500}


def test_that_two_requests_at_once_never_share_one_fault(caller) -> None:
    caller.running.faults.add("status", status=500)
    statuses = []
    threads = [
        threading.Thread(target=lambda: statuses.append(caller.send(CREATE).status_code)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 200, 200, 500]


def test_that_faults_are_ordered_over_http_with_the_token(board, http) -> None:
    address = board.page_url + "practice/faults"
    order = {"faults": [{"kind": "status", "status": 500, "operation": "create_item"}]}
    assert http.post(address, json=order).status_code == 401
    assert board.faults.all() == []
    headers = {"Authorization": board.token}
    assert http.post(address, json=order, headers=headers).json() == {"faults": ["status"]}
    assert http.post(board.url, json={"query": CREATE}, headers=headers).status_code == 500
    assert http.request("DELETE", address, headers=headers).json() == {"faults": []}


@pytest.mark.parametrize(
    "order",
    [
        {},
        {"faults": [{"kind": "earthquake"}]},
        {"faults": [{"kind": "reset", "colour": "red"}]},
        {"faults": [{"kind": "rate_limit", "limit": "weekly"}]},
        {"faults": [5]},
    ],
)
def test_that_an_unknown_fault_is_refused(board, http, order) -> None:
    answer = http.post(board.page_url + "practice/faults", json=order, headers={"Authorization": board.token})
    assert answer.status_code == 400
    assert board.faults.all() == []
