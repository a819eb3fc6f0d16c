"""Whose requests may still be under way, and for how long. What the board then tells is in tests/faults."""

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest

from core.orders.journal import UnresolvedOperation
from core.sync.plan import OperationKind
from core.sync.reconcile import EXECUTION, IN_FLIGHT, in_flight, is_creation

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HERE = socket.gethostname()


def sent(
    worker: str, *, ago: timedelta = timedelta(seconds=5), run_finished: bool = False
) -> UnresolvedOperation:
    kind = OperationKind.CREATE_ITEM.value
    return UnresolvedOperation("request-1", 0, "order", "order-1", kind, worker, NOON - ago, run_finished)


@pytest.fixture
def dead_process() -> int:
    """The id of a process that has just ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_request_of_a_living_process_is_under_way():
    assert in_flight(sent(f"{HERE}:{os.getpid()}"), NOON)


def test_the_request_of_a_dead_process_is_not(dead_process):
    assert not in_flight(sent(f"{HERE}:{dead_process}"), NOON)


def test_another_machine_s_request_counts_as_under_way_for_as_long_as_its_attempts_can_last():
    assert in_flight(sent("elsewhere:1"), NOON)
    assert not in_flight(sent("elsewhere:1", ago=IN_FLIGHT + timedelta(seconds=1)), NOON)


def test_a_finished_run_has_nothing_under_way():
    assert not in_flight(sent(f"{HERE}:{os.getpid()}", run_finished=True), NOON)


def test_the_board_gets_longer_than_its_own_limit_for_one_call():
    assert timedelta(seconds=60) < EXECUTION < IN_FLIGHT


def test_only_creations_would_show_twice():
    kinds = {kind for kind in OperationKind if is_creation(sent_kind(kind))}
    assert kinds == {
        OperationKind.CREATE_GROUP,
        OperationKind.CREATE_ITEM,
        OperationKind.CREATE_SUBITEM,
    }


def sent_kind(kind: OperationKind) -> UnresolvedOperation:
    return UnresolvedOperation("request-1", 0, "order", "order-1", kind.value, "w", NOON, run_finished=True)
