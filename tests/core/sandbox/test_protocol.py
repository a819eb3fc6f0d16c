"""The HTTP conversation: envelope, headers, refusals, partial data."""

import pytest

from core.sandbox.errors import FieldError


def test_that_a_request_without_the_token_is_refused_with_401(board, http) -> None:
    for headers in ({}, {"Authorization": "wrong"}, {"Authorization": "Bearer practice-token"}):
        answer = http.post(board.url, json={"query": "{ me { id } }"}, headers=headers)
        assert answer.status_code == 401
        assert answer.json()["errors"][0]["message"] == "Not Authenticated"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"{}",
        b'{"query": ""}',
        b'{"query": 5}',
        b'{"query": "{ me { id } }", "variables": "{}"}',
    ],
)
def test_that_a_body_without_a_query_or_with_variables_as_text_is_a_bad_request(board, http, body) -> None:
    headers = {"Authorization": board.token, "Content-Type": "application/json"}
    answer = http.post(board.url, content=body, headers=headers)
    assert answer.status_code == 400
    assert "data" not in answer.json()


def test_that_every_answer_carries_a_request_id_the_version_and_the_limits(caller) -> None:
    for answer in (caller.send("{ me { id } }"), caller.send("{ nothing }"), caller.send("{")):
        assert answer.json()["extensions"]["request_id"]
        assert answer.headers["API-Version"] == "2026-10"
        assert answer.headers["RateLimit-Policy"] == (
            '"minuteRate";q=2500;w=60, "concurrency";q=100;qu="concurrent-requests",'
            ' "complexityMinute";q=10000000;w=60;qu="content-bytes"'
        )
        assert answer.headers["RateLimit"].startswith('"minuteRate";r=')


@pytest.mark.parametrize(
    ("asked", "served"),
    [("2027-01", "2027-01"), ("2026-09", "2026-10"), ("2026-07", "2026-07"), (None, "2026-10")],
)
def test_that_a_version_that_never_was_becomes_the_current_one(caller, asked, served) -> None:
    headers = {"Authorization": "practice-token"} | ({"API-Version": asked} if asked else {})
    answer = caller.http.post(caller.running.url, json={"query": "{ version { value } }"}, headers=headers)
    assert answer.headers["API-Version"] == served
    assert answer.json()["data"]["version"]["value"] == served


def test_that_a_malformed_version_is_an_error(caller) -> None:
    answer = caller.send("{ me { id } }", headers={"API-Version": "2026"})
    assert answer.status_code == 200
    assert answer.json()["errors"][0]["extensions"]["code"] == "InvalidVersionException"


def test_that_an_unknown_field_rejects_the_whole_request_before_anything_runs(caller) -> None:
    document = 'mutation { a: create_item(board_id: 7000000001, item_name: "A") { id colour } }'
    answer = caller.ask(document)
    assert "data" not in answer
    assert answer["errors"][0]["extensions"] == {
        "code": "undefinedField",
        "status_code": 200,
        "typeName": "Item",
        "fieldName": "colour",
    }
    assert caller.running.items("7000000001") == []


@pytest.mark.parametrize(
    "document",
    [
        "mutation { create_item(board_id: 7000000001) { id } }",
        "mutation { create_item(board_id: 7000000001, item_name: null) { id } }",
        "mutation ($n: Int!) { create_item(board_id: 7000000001, item_name: $n) { id } }",
        'mutation ($n: String!) { create_item(board_id: 7000000001, item_name: "A") { id } }',
        'mutation { create_item(board_id: 7000000001, item_name: "raw\nbreak") { id } }',
        'mutation { create_item(board_id: 7000000001, item_name: "A") { id }',
        "query A { me { id } } query B { me { id } }",
    ],
)
def test_that_a_document_that_does_not_validate_runs_nothing(caller, document) -> None:
    answer = caller.ask(document)
    assert "data" not in answer
    assert answer["errors"]
    assert caller.running.items("7000000001") == []


def test_that_a_syntax_error_is_worded_as_a_parse_error(caller) -> None:
    assert caller.ask("{ me")["errors"][0]["message"].startswith("Parse error on ")


def test_that_variables_that_do_not_fit_reject_the_whole_request(caller) -> None:
    document = "mutation ($n: String!) { create_item(board_id: 7000000001, item_name: $n) { id } }"
    for variables in ({}, {"n": None}, {"n": 5}):
        answer = caller.ask(document, **variables)
        assert "data" not in answer
        assert "$n" in answer["errors"][0]["message"]
    assert caller.running.items("7000000001") == []


def test_that_the_operation_name_chooses(caller) -> None:
    body = {"query": "query A { me { id } } query B { account { id } }", "operationName": "B"}
    answer = caller.http.post(caller.running.url, json=body, headers={"Authorization": "practice-token"})
    assert answer.json()["data"] == {"account": {"id": "4100001"}}


def test_that_aliased_mutations_run_in_text_order_and_fail_one_by_one(caller) -> None:
    document = (
        "mutation {"
        ' a: create_item(board_id: 7000000001, item_name: "first") { name }'
        ' b: create_item(board_id: 7000000001, item_name: "bad",'
        ' column_values: "{\\"qty\\": \\"x\\"}") { name }'
        ' c: create_item(board_id: 7000000001, item_name: "third") { name } }'
    )
    answer = caller.ask(document)
    assert answer["data"] == {"a": {"name": "first"}, "b": None, "c": {"name": "third"}}
    (error,) = answer["errors"]
    assert error["path"] == ["b"]
    assert error["locations"] == [{"line": 1, "column": document.index("b:") + 1}]
    assert error["extensions"]["code"] == "ColumnValueException"
    assert [item["name"] for item in caller.running.items("7000000001")] == ["first", "third"]


def test_that_ids_are_taken_as_numbers_and_as_text(caller) -> None:
    item = caller.make_item()
    assert caller.data(f'{{ a: items(ids: [{item}]) {{ id }} b: items(ids: "{item}") {{ id }} }}') == {
        "a": [{"id": item}],
        "b": [{"id": item}],
    }


def test_that_a_bug_in_the_board_is_an_internal_error_without_its_details(caller, monkeypatch) -> None:
    def fail(*_arguments):
        raise RuntimeError("detail")

    monkeypatch.setattr("core.sandbox.state.Store.tags", fail)
    error = caller.error("{ tags { id } }")
    assert (error["message"], error["extensions"]["status_code"]) == ("Internal server error", 500)


def test_that_80_orders_fit_one_request(caller) -> None:
    document = "mutation {" + "".join(
        f'a{number}: create_item(board_id: 7000000001, item_name: "{number}") {{ id }}'
        for number in range(80)
    )
    assert len(caller.data(document + "}")) == 80
    assert len(caller.running.items("7000000001")) == 80


def test_that_field_errors_tell_when_to_retry() -> None:
    error = FieldError("FIELD_LIMIT_EXCEEDED", "Too many", status=429, retry_in_seconds=15)
    assert error.extensions["retry_in_seconds"] == 15


def test_that_received_requests_are_remembered_without_the_token(caller) -> None:
    caller.send('mutation M { a: create_group(board_id: 7000000001, group_name: "A") { id } }', key="key-1")
    (request,) = caller.running.requests
    assert (request.method, request.path, request.status) == ("POST", "/v2", 200)
    assert "authorization" not in request.headers
    assert caller.running.token not in str(request)
    assert request.idempotency_key == "key-1"
    assert [(root.alias, root.name) for root in request.fields] == [("a", "create_group")]
    assert (request.started, request.finished) == (1, 1)
    caller.running.forget_requests()
    assert caller.running.requests == []
