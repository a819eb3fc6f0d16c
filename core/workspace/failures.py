"""One failed record with everything the Failures page needs to explain and mend it."""

import json
from dataclasses import dataclass
from typing import Any

from core.errors import Problem
from core.mapping.source_values import as_text
from core.orders.journal import Exchange, Journal
from core.orders.model import FailedRecord
from core.orders.store import OrderStore


@dataclass(frozen=True, slots=True)
class FailureDetail:
    """Why a record failed, what to edit, and what was said between the application and the board."""

    record: FailedRecord
    problem: Problem
    source: str
    """The source column to edit, or a template of several; empty when it is not known."""
    value: str
    """Its present value as text."""
    fields: tuple[tuple[str, Any], ...]
    request: str
    """As sent, indented, secrets removed; empty when nothing was sent."""
    response: str


def failure_detail(store: OrderStore, journal: Journal, record: FailedRecord) -> FailureDetail:
    """Collect it. Synchronous: callers use a worker thread."""
    finding = journal.finding(record.kind, record.key)
    fields = store.record_fields(record.kind, record.key)
    subject = f"{record.kind.value} {record.label}"
    if finding is None:
        problem = Problem(
            "unexplained",
            record.message or "The record is in ERROR without a message",
            subject,
            "Correct the record, or send it again as it is.",
        )
        source = ""
    else:
        problem = Problem(finding.code, finding.message, subject, finding.remedy)
        source = finding.source
    # Only what the board refused has an exchange to show: a finding of ours was never sent.
    exchange = None if source else journal.exchange_of(record.kind, record.key)
    return FailureDetail(
        record,
        problem,
        source,
        as_text(dict(fields).get(source)) if source else "",
        fields,
        _indented(exchange, "request"),
        _indented(exchange, "answer"),
    )


def _indented(exchange: Exchange | None, part: str) -> str:
    if exchange is None:
        return ""
    text = exchange.request if part == "request" else exchange.answer
    try:
        return json.dumps(json.loads(text), ensure_ascii=False, indent=2)
    except ValueError:
        return text
