"""Bulk import by a practice board that is a process of its own, and dies."""

import threading

import httpx
import pytest

from tests.core.sandbox.importer import START, STATUS, csv_of
from tests.core.sandbox.processes import processes

TOKEN = "process-token"
NAMES = [f"A{number}" for number in range(60)]
LONGEST_WAIT = 30.0  # seconds
READ = "{ boards(ids: [7000000001]) { items_page(limit: 100) { items { name } } } }"


@pytest.fixture
def start(tmp_path):
    with processes(tmp_path, TOKEN) as started:
        yield started


def ask(url: str, query: str, **variables: str) -> dict:
    answer = httpx.post(
        url, json={"query": query, "variables": variables}, headers={"Authorization": TOKEN}, timeout=30
    )
    return answer.json()["data"]


def ended(url: str, job_id: str) -> dict:
    """Return the job's status once it has ended."""
    waiting = threading.Event()
    for _ in range(int(LONGEST_WAIT / 0.1)):
        status = ask(url, STATUS, job=job_id)["fetch_job_status"]
        if status["status"] not in ("UPLOAD_PENDING", "PROCESSING"):
            return status
        waiting.wait(0.1)
    raise TimeoutError(f"The job did not end within {LONGEST_WAIT} seconds: {status}")


def test_that_a_killed_board_goes_on_with_its_jobs(start) -> None:
    process, told = start("--bulk-rows-per-second", "40")
    job = ask(told["url"], START, board="7000000001", group="topics")["ingest_items"]
    file = csv_of(("name",), *((name,) for name in NAMES))
    assert httpx.put(job["upload_url"], content=file, headers={"Content-Type": "text/csv"}).is_success
    assert ask(told["url"], STATUS, job=job["job_id"])["fetch_job_status"]["counts"]["submitted"] == 60
    process.kill()
    process.wait(timeout=30)
    _, told = start("--bulk-rows-per-second", "40")
    status = ended(told["url"], job["job_id"])
    assert (status["status"], status["counts"]["created"]) == ("COMPLETED", 60)
    items = ask(told["url"], READ)["boards"][0]["items_page"]["items"]
    assert [item["name"] for item in items] == NAMES


def test_that_the_budgets_of_imports_can_be_given(start) -> None:
    _, told = start("--bulk-items-per-hour", "59", "--bulk-starts-per-hour", "1")
    job = ask(told["url"], START, board="7000000001", group="topics")["ingest_items"]
    file = csv_of(("name",), *((name,) for name in NAMES))
    httpx.put(job["upload_url"], content=file, headers={"Content-Type": "text/csv"})
    assert ended(told["url"], job["job_id"])["failure_message"] == (
        "The import would create 60 items; 59 are left of this hour's budget"
    )
    assert ask(told["url"], START, board="7000000001", group="topics") == {"ingest_items": None}
