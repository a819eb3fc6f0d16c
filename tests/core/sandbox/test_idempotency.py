"""Idempotency keys (docs/idempotency)."""

import threading
from dataclasses import replace

import pytest

from core.sandbox.testing import running_board

BOARD = "7000000001"
CREATE = 'mutation { create_item(board_id: 7000000001, item_name: "A") { id } }'


def test_that_the_same_key_replays_the_answer_without_a_second_effect(caller) -> None:
    first, second = caller.send(CREATE, key="k"), caller.send(CREATE, key="k")
    assert first.content == second.content
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert len(caller.running.items(BOARD)) == 1


def test_that_a_key_runs_again_after_30_minutes(caller) -> None:
    caller.send(CREATE, key="k")
    caller.running.advance(30 * 60 - 1)
    assert "Idempotency-Replayed" in caller.send(CREATE, key="k").headers
    caller.running.advance(2)
    assert "Idempotency-Replayed" not in caller.send(CREATE, key="k").headers
    assert len(caller.running.items(BOARD)) == 2


def test_that_an_answer_with_field_errors_is_replayed_too(caller) -> None:
    bad = CREATE.replace('"A"', '""')
    caller.send(bad, key="k")
    replayed = caller.send(CREATE, key="k")
    assert replayed.headers["Idempotency-Replayed"] == "true"
    assert caller.running.items(BOARD) == []


def test_that_a_request_refused_as_a_whole_is_not_kept(caller) -> None:
    caller.send("mutation { nothing }", key="k")
    caller.running.faults.add("rate_limit")
    caller.send(CREATE, key="k")
    assert "Idempotency-Replayed" not in caller.send(CREATE, key="k").headers
    assert len(caller.running.items(BOARD)) == 1


def test_that_a_key_on_a_query_is_ignored(caller) -> None:
    for _ in range(2):
        assert "Idempotency-Replayed" not in caller.send("{ me { id } }", key="k").headers


def test_that_a_key_that_is_being_processed_conflicts(caller) -> None:
    released = threading.Event()
    caller.running.faults.add("delay", until=released)
    first = threading.Thread(target=caller.send, args=(CREATE,), kwargs={"key": "k"})
    first.start()
    caller.running.wait_until(lambda requests: len(requests) == 1)
    conflict = caller.send(CREATE, key="k")
    released.set()
    first.join()
    assert (conflict.status_code, conflict.headers["Retry-After"]) == (409, "1")
    assert conflict.json()["errors"][0]["extensions"]["code"] == "IDEMPOTENCY_CONFLICT"
    assert caller.send(CREATE, key="k").headers["Idempotency-Replayed"] == "true"
    assert len(caller.running.items(BOARD)) == 1


@pytest.mark.parametrize("budget", [0, 50_000_000])
def test_that_an_answer_beyond_the_budget_or_over_1_mb_is_silently_not_kept(
    options, caller_of, budget
) -> None:
    with running_board(replace(options, idempotency_budget_bytes=budget)) as board:
        caller = caller_of(board)
        document = CREATE
        if budget:
            values = '"{\\"key\\": \\"' + "x" * 60_000 + '\\"}"'
            document = (
                "mutation {"
                + "".join(
                    f'a{number}: create_item(board_id: 7000000001, item_name: "A", column_values: {values})'
                    ' { column_values(ids: ["key"]) { text value } }'
                    for number in range(9)
                )
                + "}"
            )
        caller.send(document, key="k")
        assert "Idempotency-Replayed" not in caller.send(document, key="k").headers


def test_that_a_kept_answer_survives_a_restart(options, caller_of) -> None:
    with running_board(options) as board:
        caller_of(board).send(CREATE, key="k")
    with running_board(options) as board:
        assert caller_of(board).send(CREATE, key="k").headers["Idempotency-Replayed"] == "true"
        assert len(board.items(BOARD)) == 1
