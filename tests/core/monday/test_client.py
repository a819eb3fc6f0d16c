"""One request and its answer, over real HTTP on loopback."""

import asyncio
import contextlib
import gc
import json
import logging
import shutil
import socket
import ssl
import subprocess
import traceback
from typing import Any

import httpx
import pytest

from core.errors import BoardError, ExitCode
from core.monday.client import CallFailedError, board_error
from core.monday.errors import ApiFault, FaultKind
from core.monday.rate_headers import Budget
from core.redaction import known_secrets

BODY = b'{"query": "mutation { a0: archive_item(item_id: 1) { id } }"}'


@pytest.fixture
def client(api, make_client):
    """A client of the server."""
    return make_client(api.url)


async def failure(client: Any) -> CallFailedError:
    """How a call without a usable answer ends; nothing about it shows the token."""
    with pytest.raises(CallFailedError) as caught:
        await client.execute(BODY)
    told = "".join(traceback.format_exception(caught.value)) + repr(caught.value) + repr(caught.value.fault)
    assert not any(secret in told for secret in known_secrets())
    assert caught.value.fault.remedy
    return caught.value


def graph_error(
    code: str = "ColumnValueException", *, path: list[str] | None = None, **more: Any
) -> dict[str, Any]:
    error: dict[str, Any] = {"message": f"{code} happened", "extensions": {"code": code, **more}}
    return error if path is None else error | {"path": path}


# --- What is sent


@pytest.mark.parametrize("status", [200, 500])
async def test_a_request_is_let_go_with_its_answer_without_the_help_of_the_cycle_collector(
    api, client, status
):
    api.answer({"data": {}}, status=status)
    gc.collect()
    gc.disable()
    try:
        with contextlib.suppress(CallFailedError):
            await client.execute(BODY)
        assert [each for each in gc.get_objects() if type(each) in {httpx.Request, httpx.Response}] == []
    finally:
        gc.enable()


async def test_a_request_carries_token_version_and_idempotency_key(api, client):
    api.answer({"data": {}})
    await client.execute(BODY, idempotency_key="key-1")
    await client.execute(BODY)
    first, second = api.asked
    assert first.headers["authorization"] == api.token
    assert first.headers["content-type"] == "application/json"
    assert first.headers["api-version"] == "2026-10"
    assert first.headers["idempotency-key"] == "key-1"
    assert "idempotency-key" not in second.headers
    assert first.body == json.loads(BODY)


async def test_every_call_counts_also_one_that_fails(api, client):
    api.answer({"data": {}})
    api.answer(status=500)
    await client.execute(BODY)
    await failure(client)
    assert client.calls == 2


async def test_a_proxy_of_the_environment_is_not_asked_for_loopback(api, make_client, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{closed.getsockname()[1]}")
        monkeypatch.delenv("NO_PROXY", raising=False)
        monkeypatch.delenv("no_proxy", raising=False)
        api.answer({"data": {"a0": None}})
        answer = await make_client(api.url).execute(BODY)
    assert answer.http_status == 200


# --- Answers with data


async def test_an_answer_is_data_request_id_and_text(api, client):
    api.answer({"data": {"a0": {"id": "1"}, "complexity": {"after": 5}}, "extensions": {"request_id": "r-1"}})
    answer = await client.execute(BODY)
    assert answer.data["a0"] == {"id": "1"}
    assert answer.complexity == {"after": 5}
    assert (answer.request_id, answer.http_status, answer.errors) == ("r-1", 200, ())
    assert json.loads(answer.text)["data"]["a0"] == {"id": "1"}
    assert not answer.replayed
    assert answer.seconds >= 0


async def test_an_answer_from_the_idempotency_cache_is_marked(api, client):
    api.answer({"data": {}}, headers={"Idempotency-Replayed": "true"})
    assert (await client.execute(BODY)).replayed


async def test_budgets_are_read_from_answers_and_refusals(api, client):
    headers = {"RateLimit-Policy": '"minuteRate";q=1000;w=60', "RateLimit": '"minuteRate";r=0;t=9'}
    api.answer({"data": {}}, headers=headers)
    api.answer({"errors": [graph_error("Rate Limit Exceeded")]}, status=429, headers=headers)
    assert (await client.execute(BODY)).budgets == {"minuteRate": Budget(1000, 60, 0, 9.0)}
    assert (await failure(client)).budgets == {"minuteRate": Budget(1000, 60, 0, 9.0)}


@pytest.mark.parametrize(
    ("status", "data", "errors", "kept"),
    [
        (200, {"a0": None, "a1": {"id": "1"}}, [graph_error(path=["a0"])], {"a0": None, "a1": {"id": "1"}}),
        (200, {"a0": None}, [graph_error(path=["a0"])], {"a0": None}),
        (200, None, [graph_error(path=["a0"])], {}),
        (200, [], [graph_error(path=["a0"])], {}),
        (422, None, [graph_error("DATA_VALIDATIONS_ERROR", path=["a0"])], {}),
        (
            500,
            {"a0": {"id": "1"}, "a1": None},
            [graph_error("Internal Server Error")],
            {"a0": {"id": "1"}, "a1": None},
        ),
        (
            429,
            {"a0": {"id": "1"}, "a1": None},
            [graph_error("Rate Limit Exceeded")],
            {"a0": {"id": "1"}, "a1": None},
        ),
        (
            200,
            {"a0": {"id": "1"}, "a1": None},
            [graph_error("COMPLEXITY_BUDGET_EXHAUSTED")],
            {"a0": {"id": "1"}, "a1": None},
        ),
    ],
)
async def test_what_was_carried_out_is_judged_alias_by_alias(status, data, errors, kept, api, client):
    api.answer({"data": data, "errors": errors}, status=status)
    answer = await client.execute(BODY)
    assert answer.data == kept
    assert [error.code for error in answer.errors] == [error["extensions"]["code"] for error in errors]


# --- Refusals and broken answers


@pytest.mark.parametrize(
    ("reply", "kind", "code", "applied"),
    [
        ({"status": 401, "content": {"errors": ["Not Authenticated"]}}, FaultKind.AUTH, "HTTP_401", False),
        ({"status": 401}, FaultKind.AUTH, "HTTP_401", False),
        ({"status": 403, "body": b"<html>no</html>"}, FaultKind.CONFIGURATION, "HTTP_403", False),
        ({"status": 404, "body": b"not here"}, FaultKind.CONFIGURATION, "HTTP_404", False),
        ({"status": 423}, FaultKind.LOCKED, "HTTP_423", False),
        ({"status": 429}, FaultKind.BUDGET, "HTTP_429", False),
        (
            {"status": 409, "content": {"errors": [graph_error("IDEMPOTENCY_CONFLICT")]}},
            FaultKind.TRANSIENT,
            "IDEMPOTENCY_CONFLICT",
            True,
        ),
        (
            {"status": 500, "body": b"<html>Internal Server Error</html>"},
            FaultKind.TRANSIENT,
            "HTTP_500",
            True,
        ),
        ({"status": 500, "content": {"data": {"a0": None}}}, FaultKind.TRANSIENT, "HTTP_500", True),
        ({"status": 502, "body": b"Bad Gateway"}, FaultKind.TRANSIENT, "HTTP_502", True),
        ({"status": 200, "body": b'{"data": {"a0": {"id"'}, FaultKind.TRANSIENT, "UNREADABLE_ANSWER", True),
        ({"status": 200, "body": b""}, FaultKind.TRANSIENT, "UNREADABLE_ANSWER", True),
        ({"status": 200, "content": []}, FaultKind.TRANSIENT, "UNREADABLE_ANSWER", True),
        ({"status": 200, "content": {"status": "ok"}}, FaultKind.TRANSIENT, "UNREADABLE_ANSWER", True),
        ({"status": 200, "content": {"data": None}}, FaultKind.TRANSIENT, "UNREADABLE_ANSWER", True),
        ({"status": 200, "body": b"[" * 200_000}, FaultKind.TRANSIENT, "UNREADABLE_ANSWER", True),
        ({"status": 302, "headers": {"Location": "/login"}}, FaultKind.TRANSIENT, "UNREADABLE_ANSWER", True),
        (
            {"status": 200, "content": {"data": None, "errors": [graph_error("undefinedField")]}},
            FaultKind.CONFIGURATION,
            "undefinedField",
            False,
        ),
        (
            {
                "status": 200,
                "content": {
                    "data": {"a0": None, "complexity": {"after": 1}},
                    "errors": [graph_error("COMPLEXITY_BUDGET_EXHAUSTED")],
                },
            },
            FaultKind.BUDGET,
            "COMPLEXITY_BUDGET_EXHAUSTED",
            False,
        ),
        (
            {
                "status": 429,
                "content": {"data": None, "errors": [graph_error("FIELD_LIMIT_EXCEEDED", path=["a0"])]},
            },
            FaultKind.BUDGET,
            "FIELD_LIMIT_EXCEEDED",
            False,
        ),
        ({"status": 200, "silent": True}, FaultKind.TRANSIENT, "CONNECTION_LOST", True),
        ({"status": 200, "body": b'{"da', "cut": True}, FaultKind.TRANSIENT, "CONNECTION_LOST", True),
        (
            {"status": 200, "body": b"not gzip", "headers": {"Content-Encoding": "gzip"}},
            FaultKind.TRANSIENT,
            "CONNECTION_LOST",
            True,
        ),
    ],
)
async def test_a_call_without_a_usable_answer_says_whether_it_may_have_been_applied(
    reply, kind, code, applied, api, client
):
    api.answer(**reply)
    failed = await failure(client)
    assert (failed.fault.kind, failed.fault.code, failed.fault.may_have_applied) == (kind, code, applied)


async def test_no_answer_in_time_may_have_been_applied(api, make_client):
    api.answer(hangs=True)
    failed = await failure(make_client(api.url, timeout_seconds=0.2))
    assert (failed.fault.code, failed.fault.may_have_applied) == ("NO_ANSWER_IN_TIME", True)
    assert failed.http_status is None


async def test_a_refused_connection_was_certainly_not_applied(make_client):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        failed = await failure(make_client(f"http://127.0.0.1:{closed.getsockname()[1]}/v2"))
    assert (failed.fault.kind, failed.fault.code) == (FaultKind.TRANSIENT, "CANNOT_CONNECT")
    assert not failed.fault.may_have_applied


@pytest.mark.parametrize(
    "url", ["", "api.example.invalid/v2", "ftp://127.0.0.1/v2", "http://", "http://127.0.0.1:port/"]
)
async def test_what_is_no_address_is_named_and_was_not_sent(url, make_client):
    failed = await failure(make_client(url))
    assert (failed.fault.kind, failed.fault.may_have_applied) == (FaultKind.CONFIGURATION, False)
    assert failed.fault.code == "API_URL_INVALID"
    assert f"'{url}' is not an address" in failed.fault.message


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
async def test_a_certificate_that_nobody_vouches_for_is_a_setting_to_correct(make_client, tmp_path, caplog):
    subject = ["-subj", "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", *subject],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    caplog.set_level(logging.CRITICAL, logger="asyncio")  # the server tells of the client's refusal
    server = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    failed = await failure(make_client(f"https://127.0.0.1:{port}/v2"))
    server.close()
    await server.wait_closed()
    assert (failed.fault.kind, failed.fault.code) == (FaultKind.CONFIGURATION, "TLS_NOT_TRUSTED")
    assert not failed.fault.may_have_applied


# --- Delays


@pytest.mark.parametrize(
    ("header", "inside", "seconds"),
    [
        ("7", None, 7.0),
        ("7", 15, 7.0),
        (None, 15, 15.0),
        ("0.5", None, 0.5),
        ("Sun, 22 Nov 2026 12:00:00 GMT", 15, 15.0),
        ("-3", None, 0.0),
        (None, None, None),
    ],
)
async def test_the_server_s_delay_is_taken_from_the_header_first(header, inside, seconds, api, client):
    error = graph_error("Rate Limit Exceeded", **({} if inside is None else {"retry_in_seconds": inside}))
    api.answer({"errors": [error]}, status=429, headers={} if header is None else {"Retry-After": header})
    assert (await failure(client)).fault.retry_after == seconds


async def test_a_delay_is_read_also_where_the_body_is_not_the_api_s(api, client):
    api.answer(status=503, body=b"<html>busy</html>", headers={"Retry-After": "12"})
    failed = await failure(client)
    assert (failed.fault.retry_after, failed.http_status) == (12.0, 503)


# --- Secrets


async def test_a_message_that_repeats_the_token_shows_it_nowhere(api, client):
    api.answer({"errors": [{"message": f"invalid token {api.token}"}]}, status=401)
    failed = await failure(client)
    assert api.token not in failed.fault.message
    api.replies.clear()
    api.answer({"errors": [{"message": f"invalid token {api.token}"}]}, status=401)
    with pytest.raises(BoardError) as caught:
        await client.query("query { me { id } }")
    assert api.token not in "".join(traceback.format_exception(caught.value))


def test_the_token_is_in_no_repr(make_client):
    assert repr(make_client("https://u:hunter2@127.0.0.1/v2")) == "MondayClient('https://u:•••@127.0.0.1/v2')"


# --- Queries


@pytest.mark.parametrize(
    ("reply", "code", "exit_code"),
    [
        ({"status": 401, "content": {"errors": ["Not Authenticated"]}}, "HTTP_401", ExitCode.USAGE),
        ({"status": 500}, "HTTP_500", ExitCode.UNREACHABLE),
        (
            {
                "content": {
                    "data": {"boards": None},
                    "errors": [graph_error("FIELD_LIMIT_EXCEEDED", path=["boards"])],
                }
            },
            "FIELD_LIMIT_EXCEEDED",
            ExitCode.UNREACHABLE,
        ),
        (
            {"content": {"data": None, "errors": [graph_error("InvalidBoardIdException", path=["boards"])]}},
            "InvalidBoardIdException",
            ExitCode.USAGE,
        ),
    ],
)
async def test_a_query_that_fails_is_told_to_an_operator(reply, code, exit_code, api, client):
    api.answer(**reply)
    with pytest.raises(BoardError) as caught:
        await client.query("query { boards { id } }")
    assert (caught.value.problem.code, caught.value.exit_code) == (code, exit_code)
    assert caught.value.problem.remedy
    assert caught.value.problem.subject == api.url


def test_a_board_error_carries_the_request_id_for_the_provider_s_support():
    error = board_error(ApiFault(FaultKind.AUTH, "X", "bad token", "Check it."), "https://api", "r-1")
    assert error.problem.title == "The board's API refuses the token: bad token"
    assert error.problem.request_id == "r-1"


BOARD = {
    "id": "1",
    "name": "Orders",
    "columns": [{"id": "s", "title": "Subitems", "type": "subtasks", "settings": {"boardIds": [2]}}],
    "groups": [{"id": "g1", "title": "ACME"}, {"id": "g2", "title": "ACME"}, {"id": "g3", "title": "Bolt"}],
}
SUBITEMS = {"id": "2", "name": "Subitems of Orders", "columns": [], "groups": []}


async def test_a_board_is_read_with_its_subitems_board_and_account_in_two_calls(api, client):
    me = {"id": "5", "name": "Operations", "account": {"name": "Mill", "plan": {"tier": "pro"}}}
    api.answer({"data": {"me": me, "boards": [BOARD]}})
    api.answer({"data": {"boards": [SUBITEMS]}})
    schema = await client.board_schema("1")
    assert (schema.items.name, schema.subitems.name) == ("Orders", "Subitems of Orders")
    assert (schema.account, schema.user, schema.tier) == ("Mill", "Operations", "pro")
    assert [asked.body["variables"] for asked in api.asked] == [{"ids": ["1"]}, {"ids": ["2"]}]


async def test_a_board_without_subitems_column_needs_one_call_and_an_account_may_stay_unnamed(api, client):
    api.answer({"data": {"me": None, "boards": [SUBITEMS]}})
    schema = await client.board_schema("2")
    assert (schema.subitems, schema.account, schema.user, schema.tier) == (None, "", "", "")
    assert client.calls == 1


@pytest.mark.parametrize("boards", [[], None])
@pytest.mark.parametrize("ask", ["board_schema", "group_ids"])
async def test_a_board_that_nobody_sees_is_a_setting_to_correct(ask, boards, api, client):
    api.answer({"data": {"boards": boards}})
    with pytest.raises(BoardError) as caught:
        await getattr(client, ask)("9")
    assert caught.value.problem.code == "board_not_found"
    assert caught.value.problem.subject == "board 9"
    assert caught.value.exit_code is ExitCode.USAGE


async def test_groups_are_known_by_title_the_first_of_several(api, client):
    api.answer({"data": {"boards": [{"groups": BOARD["groups"]}]}})
    assert await client.group_ids("1") == {"ACME": "g1", "Bolt": "g3"}


async def test_a_group_s_items_and_subitems_are_counted_page_by_page(api, client):
    page = {
        "cursor": "c1",
        "items": [{"id": "1", "subitems": [{"id": "2"}, {"id": "3"}]}, {"id": "4", "subitems": None}],
    }
    api.answer({"data": {"boards": [{"groups": [{"items_page": page}]}]}})
    api.answer(
        {"data": {"next_items_page": {"cursor": None, "items": [{"id": "5", "subitems": [{"id": "6"}]}]}}}
    )
    assert await client.group_contents("1", "g1") == (3, 3)
    assert api.asked[1].body["variables"]["cursor"] == "c1"


@pytest.mark.parametrize("boards", [None, [], [{"groups": []}], [{"groups": [{"items_page": None}]}]])
async def test_a_group_that_is_not_there_holds_nothing(boards, api, client):
    api.answer({"data": {"boards": boards}})
    assert await client.group_contents("1", "gone") == (0, 0)
