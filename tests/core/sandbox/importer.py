"""A client of bulk import that checks every answer against the official schema."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from graphql import GraphQLSchema, build_schema, execute_sync, parse, validate

from core.sandbox.testing import RunningBoard
from tests.core.sandbox.conftest import Caller

OFFICIAL = Path(__file__).parents[4] / "shared" / "monday" / "schema-2026-10.graphql"
ORDERS = "7000000001"
SUBITEMS = "7000000002"
START = (
    "mutation ($board: ID!, $group: ID!) {"
    " ingest_items(board_id: $board, group_id: $group) { job_id upload_url } }"
)
STATUS = """query ($job: ID!) { fetch_job_status(job_id: $job) { __typename ... on ItemsJobStatus {
    status counts { submitted invalid skipped created updated failed } progress_percentage
    failure_reason failure_message fully_imported report_created report_url } } }"""


@cache
def official_schema() -> GraphQLSchema | None:
    """The official schema, None where its file is not at hand."""
    if not OFFICIAL.exists():
        return None
    return build_schema(OFFICIAL.read_text(encoding="utf-8"), assume_valid=True)


def assert_official(document: str, variables: dict[str, Any], data: dict[str, Any]) -> None:
    """Hold a document and the data of its answer against the official schema's types and enumerations."""
    schema = official_schema()
    if schema is None:
        return
    assert validate(schema, parse(document)) == []
    repeated = execute_sync(schema, parse(document), root_value=data, variable_values=variables)
    assert repeated.errors is None
    assert repeated.data == data


def csv_of(*rows: Sequence[str]) -> bytes:
    """The rows as CSV in UTF-8."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


@dataclass
class Importer:
    """Starts jobs, uploads their files and asks what became of them."""

    caller: Caller

    @property
    def board(self) -> RunningBoard:
        """The served board."""
        return self.caller.running

    def start(self, board_id: str = ORDERS, group_id: str = "topics") -> tuple[str, str]:
        """Start a job and return its id and upload address."""
        variables = {"board": board_id, "group": group_id}
        data = self.caller.data(START, **variables)
        assert_official(START, variables, data)
        return data["ingest_items"]["job_id"], data["ingest_items"]["upload_url"]

    def put(self, url: str, file: bytes, **headers: str) -> httpx.Response:
        """Upload a file as the provider's guide says; headers replace or add to its own."""
        return self.caller.http.put(url, content=file, headers={"Content-Type": "text/csv", **headers})

    def status(self, job_id: str) -> dict[str, Any]:
        """Return a job's status."""
        data = self.caller.data(STATUS, job=job_id)
        assert_official(STATUS, {"job": job_id}, data)
        return data["fetch_job_status"]

    def uploaded(self, *rows: Sequence[str], **where: str) -> str:
        """Start a job, upload the rows and return the job's id."""
        job_id, url = self.start(**where)
        answer = self.put(url, csv_of(*rows))
        assert answer.status_code == 200
        return job_id

    def imported(self, *rows: Sequence[str], **where: str) -> dict[str, Any]:
        """Import the rows, let a minute pass and return the job's status at its end."""
        job_id = self.uploaded(*rows, **where)
        self.board.advance(60)
        return self.status(job_id)

    def report(self, status: dict[str, Any]) -> list[list[str]]:
        """Return the rows of a job's report, the header first."""
        assert status["report_created"]
        answer = self.caller.http.get(status["report_url"])
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/csv")
        return list(csv.reader(io.StringIO(answer.text, newline="")))

    def problem(self, *rows: Sequence[str]) -> str:
        """Import a file of which one row is invalid, and return what the report says of it."""
        status = self.imported(*rows)
        assert (status["status"], status["counts"]["invalid"]) == ("COMPLETED", 1)
        return self.report(status)[1][-1]
