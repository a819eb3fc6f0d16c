"""Several processes on one queue in MariaDB: each order reaches the board once, whoever dies."""

import json
import os
import signal
import subprocess
import sys
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.config.token import PRACTICE_TOKEN
from core.orders.database import connect
from core.resources import resource_path
from core.sandbox.options import Latency, SandboxOptions
from core.sandbox.plans import Plan
from core.sandbox.testing import RunningBoard, running_board
from tests.database_servers import MariaDbServer, mariadb  # noqa: F401  a fixture
from tests.faults.processes import SOAK

ORDERS = 2000 if SOAK else 800
CUSTOMERS = 8
WORKERS = 4
LEASE_SECONDS = 5

HEADERS = """CREATE TABLE ORDER_LIST_DELTA (
    record_uuid CHAR(36) PRIMARY KEY, sync_state VARCHAR(20), action_type VARCHAR(20),
    monday_item_id VARCHAR(40), sync_attempted_at DATETIME(6), sync_completed_at DATETIME(6),
    sync_error_message TEXT, retry_count INT, created_at DATETIME(6), updated_at DATETIME(6),
    `CUSTOMER NAME` VARCHAR(100), `AAG ORDER NUMBER` VARCHAR(100))"""
LINES = """CREATE TABLE ORDER_LIST_LINES_DELTA (
    line_uuid CHAR(36) PRIMARY KEY, record_uuid CHAR(36), size_code VARCHAR(100), qty INT,
    sync_state VARCHAR(20), action_type VARCHAR(20), monday_subitem_id VARCHAR(40),
    monday_parent_id VARCHAR(40),
    sync_attempted_at DATETIME(6), sync_completed_at DATETIME(6), sync_error_message TEXT, retry_count INT,
    created_at DATETIME(6), updated_at DATETIME(6), INDEX (record_uuid))"""

CONFIGURATION = """
default_profile = "queue"
[profiles.queue]
kind = "development"
api_url = "{api_url}"
token_source = "env:DELTADESK_QUEUE_TOKEN"
board_id = "7000000001"
database_url = "{database_url}"
mapping = "queue"
[profiles.queue.limits]
claim_seconds = {lease}
[mappings.queue]
group_name = "{{CUSTOMER NAME}}"
item_name = "{{AAG ORDER NUMBER}}"
subitem_name = "{{size_code}}"
item_key_column = "record_uuid"
subitem_key_column = "line_uuid"
items = [{{ source = "record_uuid", column = "record_uuid", type = "text" }}]
subitems = [{{ source = "line_uuid", column = "line_uuid", type = "text" }}]
"""


@dataclass(frozen=True)
class Queue:
    """One queue and the board that it is emptied onto."""

    folder: Path
    url: str
    board: RunningBoard

    def start_worker(self) -> subprocess.Popen[str]:
        """A `deltadesk run --share` of its own."""
        environment = {
            **os.environ,
            "DELTADESK_HOME": str(self.folder / "home"),
            "DELTADESK_QUEUE_TOKEN": PRACTICE_TOKEN,
        }
        command = [
            sys.executable,
            "-c",
            "from core.cli import main; main()",
            "run",
            "--share",
            "--portion",
            "50",
        ]
        return subprocess.Popen(
            [*command, "--yes", "--json", "--config", str(self.folder / "queue.toml")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def keys_on_board(self) -> Counter[str]:
        """How often each order is on the board."""
        return Counter(item["column_values"]["record_uuid"] for item in self.board.items("7000000001"))

    def scalar(self, statement: str) -> int:
        """One number from the database."""
        engine = connect(self.url)
        try:
            with engine.connect() as connection:
                return int(connection.execute(sa.text(statement)).scalar_one())
        finally:
            engine.dispose()


@pytest.fixture
def queue(tmp_path: Path, mariadb: MariaDbServer) -> Iterator[Queue]:  # noqa: F811  the fixture
    """Orders with a line each, of eight customers, and an empty board."""
    mariadb_url = mariadb.create_database("shared_queue")
    engine = connect(mariadb_url)
    with engine.begin() as connection:
        connection.exec_driver_sql(HEADERS)
        connection.exec_driver_sql(LINES)
        orders = [
            {"key": str(uuid.uuid4()), "customer": f"CUSTOMER {n % CUSTOMERS}", "number": f"Q-{n:04}"}
            for n in range(ORDERS)
        ]
        connection.execute(
            sa.text(
                "INSERT INTO ORDER_LIST_DELTA (record_uuid, sync_state, action_type, retry_count, created_at,"
                " `CUSTOMER NAME`, `AAG ORDER NUMBER`)"
                " VALUES (:key, 'NEW', 'INSERT', 0, '2026-11-22 09:00:00', :customer, :number)"
            ),
            orders,
        )
        connection.execute(
            sa.text(
                "INSERT INTO ORDER_LIST_LINES_DELTA (line_uuid, record_uuid, size_code, qty, sync_state,"
                " action_type, retry_count, created_at)"
                " VALUES (UUID(), :key, 'M', 1, 'PENDING', 'INSERT', 0, '2026-11-22 09:00:00')"
            ),
            orders,
        )
    engine.dispose()
    options = SandboxOptions(
        state=tmp_path / "board.db",
        fixture=resource_path("boards", "orders.json"),
        token=PRACTICE_TOKEN,
        limits=Plan("queue", 10_000, 10_000, 100, 1_000_000_000),
        latency=Latency(mutation_ms=1),
        record_requests=ORDERS,
    )
    with running_board(options) as board:
        text = CONFIGURATION.format(
            api_url=board.url, database_url=mariadb_url.replace('"', '\\"'), lease=float(LEASE_SECONDS)
        )
        (tmp_path / "queue.toml").write_text(text, encoding="utf-8")
        yield Queue(tmp_path, mariadb_url, board)


@pytest.mark.timeout(600)
def test_that_four_workers_push_each_order_once_and_one_s_orders_are_taken_over_when_it_is_killed(
    queue: Queue,
):
    workers = [queue.start_worker() for _ in range(WORKERS)]
    # A quarter of the requests that the whole queue needs, structure reads included.
    queue.board.wait_until(lambda received: len(received) > ORDERS // 40)
    victim = workers.pop()
    victim.send_signal(signal.SIGKILL)
    victim.communicate()
    reports = []
    for worker in workers:
        output, errors = worker.communicate(timeout=500)
        assert worker.returncode in {0, 1}, (output, errors)
        reports.append(json.loads(output))
    last = (
        queue.start_worker()
    )  # what the killed one had under way, where the others ended before it was known
    output, errors = last.communicate(timeout=500)
    assert last.returncode == 0, (output, errors)
    on_board = queue.keys_on_board()
    assert len(on_board) == ORDERS
    assert set(on_board.values()) == {1}
    lines = Counter(item["column_values"]["line_uuid"] for item in queue.board.items("7000000002"))
    assert (len(lines), set(lines.values())) == (ORDERS, {1})
    assert queue.scalar("SELECT COUNT(*) FROM ORDER_LIST_DELTA WHERE sync_state = 'SYNCED'") == ORDERS
    assert queue.scalar("SELECT COUNT(*) FROM deltadesk_claim") == 0
    assert sum(report["orders"]["created"] > 0 for report in reports) == WORKERS - 1
    titles = Counter(group["title"] for group in queue.board.groups("7000000001"))
    assert all(titles[f"CUSTOMER {n}"] == 1 for n in range(CUSTOMERS))
