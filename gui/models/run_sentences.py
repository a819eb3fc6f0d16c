"""One sentence for each event of a run, as the log shows it. Pure."""

from collections.abc import Sequence
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
from gui.models.run_progress import CustomerState, RunProgress


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


def orders_and_lines(orders: int, lines: int) -> str:
    """Return "2 orders and 1 line", naming only what there is; "no record" without any."""
    parts = [counted(count, word) for count, word in ((orders, "order"), (lines, "line")) if count]
    return " and ".join(parts) or "no record"


def runs_text(run_ids: Sequence[str]) -> str:
    """Return runs by the beginnings of their ids: "run 1a2b3c4d", "runs 1a2b3c4d and 5e6f7a8b"."""
    names = [run_id[:8] for run_id in run_ids]
    return f"run {names[0]}" if len(names) == 1 else f"runs {', '.join(names[:-1])} and {names[-1]}"


def done_word(run: RunReport | RunProgress | None) -> str:
    """Return what became of a run's records that are as they should be, as its balance has it."""
    if run is None or not (run.undoes or run.dry_run):
        return "synced"
    return "archived" if run.undoes else "would sync"


def sentence(event: RunEvent, run: RunProgress | None = None) -> Sentence | None:  # noqa: C901, PLR0911  # one arm an event
    """Return the sentence of an event. `run` is what is known of the run with this event, None: nothing.

    None for a reading of the budget, which the gauges show, and for a record whose turn did not come: the
    summary counts those, and thousands of them would drive everything else out of the log.
    """
    match event:
        case RunStarted():
            return _started(event, run)
        case RequestSent():
            return _sent(event)
        case RequestAnswered():
            return _answered(event)
        case RecordEnded():
            return _record_ended(event, dry_run=run is not None and run.dry_run)
        case Waiting():
            return Sentence(f"{event.reason[:1].upper()}{event.reason[1:]}, {duration_text(event.seconds)}")
        case BudgetRead():
            return None
        case CustomerEnded():
            return _customer_ended(event, run)
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


def _started(event: RunStarted, run: RunProgress | None) -> Sentence:
    what = (
        f"{orders_and_lines(event.orders, event.lines)}"
        f" of {counted(len(event.customers), 'customer')}, {counted(event.requests, 'request')} planned"
    )
    begin = "Dry run started, nothing is sent" if event.dry_run else f"Run started on {event.profile}"
    if event.undoes:
        undone = runs_text((*(run.undoes_also if run else ()), event.undoes))
        begin = f"Undo of {undone} started on {event.profile}"
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
            return Sentence(f"{record}{would_be} {_done(event)}{where}")
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


def _done(event: RecordEnded) -> str:
    """Return what was done with a record. An order whose item was left as it was got lines."""
    only_lines = event.target is TargetKind.ORDER and event.kind is None
    return "completed" if event.outcome is Outcome.CHANGED and only_lines else event.outcome.value


def _customer_ended(event: CustomerEnded, run: RunProgress | None) -> Sentence:
    customer = event.customer or "Lines without an order"
    row = run.customers.get(event.customer) if run else None
    state = row.state if row else CustomerState.DONE
    if state is CustomerState.NOT_STARTED:
        return Sentence(f"{customer} not started")
    unknown = row.tally.unknown if row else 0
    parts = [f"{counted(event.synced, 'record')} {done_word(run)}"]
    parts += [
        f"{count:,} {word}" for count, word in ((event.failed, "failed"), (unknown, "unknown")) if count
    ]
    end = "not finished" if state is CustomerState.STOPPED else "ended"
    mark = Mark.WARNING if event.failed or state is CustomerState.STOPPED else Mark.DONE
    if row is None or row.seconds is not None or state is not CustomerState.STOPPED:
        parts.append(f"in {duration_text(event.seconds)}")
    return Sentence(f"{customer} {end}: {', '.join(parts)}", Mark.UNKNOWN if unknown else mark)


def _finished(report: RunReport) -> Sentence:
    took = duration_text(report.seconds)
    if report.stopped is not None:
        return Sentence(f"Run ended early after {took}. {report.stopped}", Mark.ERROR)
    orders, lines = report.orders, report.lines
    failed = orders.failed + lines.failed
    unknown = orders.unknown + lines.unknown
    words = f"{orders_and_lines(orders.synced, lines.synced)} {done_word(report)}"
    words += f", {orders_and_lines(orders.failed, lines.failed)} failed" if failed else ""
    words += f", {orders_and_lines(orders.unknown, lines.unknown)} unknown" if unknown else ""
    if report.cancelled:
        return Sentence(f"Run stopped by you after {took}: {words}", Mark.WARNING)
    kind = "Undo" if report.undoes else "Dry run" if report.dry_run else "Run"
    return Sentence(f"{kind} ended after {took}: {words}", Mark.WARNING if failed or unknown else Mark.DONE)


def _operations(step: Step, count: int) -> str:
    return counted(count, "record" if step is Step.IMPORT else step.value.removesuffix("s"))


def _of(customer: str) -> str:
    return f" of {customer}" if customer else ""


def _board_word(target: TargetKind) -> str:
    return {TargetKind.GROUP: "group", TargetKind.LINE: "subitem"}.get(target, "item")


def _full_stop(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."
