"""The file store beside the API: takes the CSV of a bulk import and hands out its report.

The provider's addresses are pre-signed ones of an object store, which knows the signature and not the token;
its refusals are XML and do not count in the API's limits. Left open by the provider's pages, and read as such
a store behaves: the upload needs its length beforehand, the type `text/csv` and no Authorization header;
another upload to the same address replaces the file while the job waits, and changes nothing later.
"""

import csv
import hashlib
import hmac
import io
from collections.abc import Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape

from core.sandbox.bulk_csv import NAME, SUBITEM
from core.sandbox.bulk_jobs import BulkJobs, Job, Outcome, Row, RowKind, Stage
from core.sandbox.errors import Answer

UNSIGNED = "x-amz-checksum-crc32"  # documented: not part of the signature
CSV = "text/csv"
NOT_CREATED = (Outcome.INVALID, Outcome.FAILED, Outcome.SKIPPED)


def refused(status: int, code: str, message: str) -> Answer:
    """Return a refusal as an object store words it."""
    body = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return Answer(status, f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'.encode(), {}, "application/xml")


@dataclass(frozen=True)
class Transfer:
    """One request to the file store."""

    job_id: str
    signature: str
    headers: Mapping[str, str]  # lower-case names
    has_token: bool = False  # whether an Authorization header came along
    body: bytes = b""  # of an upload; cut at the largest file
    size: int = 0  # bytes that were sent


def take_upload(jobs: BulkJobs, transfer: Transfer) -> Answer:
    """Keep the file of a job and return the store's answer, a 200 with an ETag unless it is refused."""
    job = jobs.find(transfer.job_id)
    if job is None or not hmac.compare_digest(job.upload_key.encode(), transfer.signature.encode()):
        return refused(403, "SignatureDoesNotMatch", "The signature does not match the request")
    if (
        answer := _refusal(transfer, is_late=jobs.now >= job.started_at + jobs.settings.url_seconds)
    ) is not None:
        return answer
    if UNSIGNED in transfer.headers:
        return refused(
            403, "HeadersNotSigned", f"There were headers present which were not signed: {UNSIGNED}"
        )
    if transfer.headers.get("content-type") != CSV:
        return refused(403, "SignatureDoesNotMatch", f"The address is signed for the content type {CSV}")
    if "content-length" not in transfer.headers:
        return refused(411, "MissingContentLength", "You must provide the Content-Length HTTP header")
    if job.stage is Stage.WAITING:
        jobs.keep_file(job, transfer.body, transfer.size)
    tag = hashlib.md5(transfer.body, usedforsecurity=False).hexdigest()
    return Answer(200, b"", {"ETag": f'"{tag}"'}, CSV)


def give_report(jobs: BulkJobs, transfer: Transfer) -> Answer:
    """Return a job's report as CSV: a row for each row that was not created, with its number and the error.

    The provider tells neither layout nor whether ids are in it; this one has the file's columns and no ids.
    """
    job = jobs.find(transfer.job_id)
    if (
        job is None
        or not job.report_key
        or not hmac.compare_digest(job.report_key.encode(), transfer.signature.encode())
    ):
        return refused(403, "SignatureDoesNotMatch", "The signature does not match the request")
    assert job.ended_at is not None
    if (
        answer := _refusal(transfer, is_late=jobs.now >= job.ended_at + jobs.settings.url_seconds)
    ) is not None:
        return answer
    return Answer(200, _report(jobs, job).encode(), {}, CSV)


def _refusal(transfer: Transfer, *, is_late: bool) -> Answer | None:
    if transfer.has_token:
        return refused(400, "InvalidArgument", "Only one auth mechanism allowed")
    if is_late:
        return refused(403, "AccessDenied", "Request has expired")
    return None


def _report(jobs: BulkJobs, job: Job) -> str:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["row", *job.columns, "error"])
    marks = ", ".join("?" * len(NOT_CREATED))
    for row in jobs.rows(job, f"AND outcome IN ({marks}) ORDER BY number", NOT_CREATED):
        writer.writerow([row.number, *(_cell(row, title) for title in job.columns), row.message])
    return text.getvalue()


def _cell(row: Row, title: str) -> str:
    column_id, is_line = title, row.kind is RowKind.LINE
    if title.casefold().endswith(SUBITEM) != is_line:
        return ""
    if is_line:
        column_id = title[: -len(SUBITEM)]
    if column_id.casefold() == NAME:
        return row.name
    return next((text for key, text in row.cells.items() if key.casefold() == column_id.casefold()), "")
