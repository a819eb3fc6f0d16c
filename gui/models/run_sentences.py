"""One sentence for each event of a run, as the log shows it. Pure."""

from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from core.sync.events import (
    BudgetRead,
    CustomerEnded,
    RecordEnded,
    RequestAnswered,
    RequestSent,
    RunEvent,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    RunStopping,
    Waiting,
)
from core.sync.outcome import Outcome
from core.sync.plan import Step, TargetKind
from core.sync.report import RunReport
from gui.models.durations import duration_text


class Mark(Enum):
    """What stands before a sentence; the value is the word beside the icon."""

    NOTE = ""
    DONE = "Done"
    WARNING = "Warning"
    ERROR = "Error"
    UNKNOWN = "Unknown"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One line of the log without its time."""

    text: str
    mark: Mark = Mark.NOTE


def counted(count: int, word: str) -> str:
    """Return "1 order", "2 orders", "1,204 orders"."""
    return f"{count:,} {word}" if count == 1 else f"{count:,} {word}s"


def sentence(event: RunEvent, *, dry_run: bool = False) -> Sentence | None:  # noqa: C901, PLR0911  # one arm an event
    """Return the sentence of an event.

    None for a reading of the budget, which the gauges show, and for a record whose turn did not come: the
    summary counts those, and thousands of them would drive everything else out of the log.
    """
    match event:
        case RunStarted():
            return _started(event)
        case RequestSent():
            return _sent(event)
        case RequestAnswered():
            return _answered(event)
        case RecordEnded():
            return _record_ended(event, dry_run=dry_run)
        case Waiting():
            return Sentence(f"{event.reason[:1].upper()}{event.reason[1:]}, {duration_text(event.seconds)}")
        case BudgetRead():
            return None
        case CustomerEnded():
            return _customer_ended(event)
        case RunPaused():
            return Sentence("Paused: no further request leaves until the run is resumed")
        case RunResumed():
            return Sentence("Resumed")
        case RunStopping():
            return Sentence(
                f"Stopping. {_full_stop(event.reason)} What is under way is awaited.", Mark.WARNING
            )
        case RunFinished():
            return _finished(event.report)
        case _:
            assert_never(event)


def _started(event: RunStarted) -> Sentence:
    what = (
        f"{counted(event.orders, 'order')} and {counted(event.lines, 'line')}"
        f" of {counted(len(event.customers), 'customer')}, {counted(event.requests, 'request')} planned"
    )
    begin = "Dry run started, nothing is sent" if event.dry_run else f"Run started on {event.profile}"
    if event.undoes:
        begin = f"Undo of run {event.undoes[:8]} started on {event.profile}"
    return Sentence(f"{begin}: {what}")


def _sent(event: RequestSent) -> Sentence:
    what = f"{_operations(event.step, event.operations)}{_of(event.customer)}"
    if event.attempt == 1:
        return Sentence(f"Sent {what}")
    return Sentence(f"Sent {what} again, attempt {event.attempt}", Mark.WARNING)


def _answered(event: RequestAnswered) -> Sentence:
    what = f"{_operations(event.step, event.operations)}{_of(event.customer)}"
    parts = [f"Answered in {duration_text(event.seconds)}: {what}"]
    if event.refused:
        parts.append(f"{event.refused:,} refused")
    if event.complexity is not None:
        parts.append(f"{event.complexity:,} points")
    return Sentence(", ".join(parts), Mark.WARNING if event.refused else Mark.NOTE)


def _record_ended(event: RecordEnded, *, dry_run: bool) -> Sentence | None:
    record = f"{event.target.value.capitalize()} {event.label}"
    why = " ".join(_full_stop(part) for part in (event.message, event.remedy) if part)
    match event.outcome:
        case Outcome.CREATED | Outcome.CHANGED | Outcome.ARCHIVED:
            where = f", {_board_word(event.target)} {event.board_id}" if event.board_id else ""
            would_be = " would be" if dry_run else ""
            return Sentence(f"{record}{would_be} {event.outcome.value}{where}")
        case Outcome.FAILED:
            return Sentence(f"{record} failed. {why}".strip(), Mark.ERROR)
        case Outcome.UNKNOWN:
            return Sentence(f"{record}: the outcome is unknown. {why}".strip(), Mark.UNKNOWN)
        case Outcome.SKIPPED:
            return Sentence(f"{record} skipped. {why}".strip())
        case Outcome.NOT_STARTED:
            return None
        case _:
            assert_never(event.outcome)


def _customer_ended(event: CustomerEnded) -> Sentence:
    customer = event.customer or "Lines without an order"
    failed = f", {event.failed:,} failed" if event.failed else ""
    took = duration_text(event.seconds)
    return Sentence(
        f"{customer} ended: {event.synced:,} synced{failed}, in {took}",
        Mark.WARNING if event.failed else Mark.DONE,
    )


def _finished(report: RunReport) -> Sentence:
    took = duration_text(report.seconds)
    if report.stopped is not None:
        return Sentence(f"Run ended early after {took}. {report.stopped}", Mark.ERROR)
    synced = report.orders.synced + report.lines.synced
    failed = report.orders.failed + report.lines.failed
    done = "archived" if report.undoes else "would sync" if report.dry_run else "synced"
    words = f"{synced:,} {done}, {failed:,} failed"
    if report.cancelled:
        return Sentence(f"Run stopped by you after {took}: {words}", Mark.WARNING)
    kind = "Undo" if report.undoes else "Dry run" if report.dry_run else "Run"
    return Sentence(f"{kind} ended after {took}: {words}", Mark.WARNING if failed else Mark.DONE)


def _operations(step: Step, count: int) -> str:
    return counted(count, "record" if step is Step.IMPORT else step.value.removesuffix("s"))


def _of(customer: str) -> str:
    return f" of {customer}" if customer else ""


def _board_word(target: TargetKind) -> str:
    return {TargetKind.GROUP: "group", TargetKind.LINE: "subitem"}.get(target, "item")


def _full_stop(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
