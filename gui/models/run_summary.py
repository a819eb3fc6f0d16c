"""The end of a run in words: its balance, its cost, and what to do next. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from core.errors import Problem
from core.sync.outcome import Outcome
from core.sync.plan import TargetKind
from core.sync.report import Counts, CustomerReport, RunReport
from core.workspace.run_account import RUN_INTERRUPTED
from gui.models.durations import duration_text
from gui.models.run_progress import CustomerProgress, Tally, tally_of
from gui.models.run_sentences import counted, orders_and_lines
from gui.models.undo_summary import (
    undo_ending,
    undo_steps,
    undo_title,
    undone_sentences,
    undone_title,
    undone_words,
)

_PARTS = ("Selected", "Synced", "Failed", "Skipped", "Unknown", "Not started")


def done_part(*, dry_run: bool = False, undo: bool = False) -> str:
    """Return the word for records that are as they should be. Dry runs and undos sync nothing."""
    return "Archived" if undo else "Would sync" if dry_run else "Synced"


def balance_parts(*, dry_run: bool = False, undo: bool = False) -> tuple[str, ...]:
    """Return the words of a balance; the first is the sum of the others."""
    done = done_part(dry_run=dry_run, undo=undo)
    return tuple(done if part == "Synced" else part for part in _PARTS)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The head of a summary."""

    severity: str
    """A `gui.widgets.messages.Severity`."""
    title: str
    text: str


def balance(counts: Counts) -> tuple[int, ...]:
    """Return the figures for `balance_parts`."""
    return (
        counts.selected,
        counts.synced,
        counts.failed,
        counts.skipped,
        counts.unknown,
        counts.not_started,
    )


def ending(report: RunReport) -> str:
    """Return how a run ended, in a few words for a table, or that it was undone since."""
    return undone_words(report.undone) if report.undone else _ending(report)


def _ending(report: RunReport) -> str:
    if not report.balanced:
        return "Totals do not balance"
    if report.stopped is not None and report.stopped.code == RUN_INTERRUPTED:
        return "Interrupted"
    if report.stopped is not None:
        return f"Ended early: {report.stopped.title}"
    if report.cancelled:
        return "Stopped by a person"
    if failed_count(report) or unknown_count(report):
        return "Ended with failures" if failed_count(report) else "Ended with unknown outcomes"
    return undo_ending(report) if report.undoes else _good_ending(report)


def _good_ending(report: RunReport) -> str:
    if report.withheld:
        return "Some orders not touched"
    if not report.orders.synced + report.lines.synced:
        return "Nothing to do"
    return "Rehearsed" if report.dry_run else "Everything synced"


def ending_severity(report: RunReport) -> str:
    """Return how much the end of a run matters, as a `gui.widgets.messages.Severity`."""
    if report.undone is not None:
        return "warn" if report.undone.left else "info"
    if not report.balanced or report.stopped is not None:
        return "error"
    open_ends = (
        failed_count(report),
        unknown_count(report),
        not_started_count(report),
        len(report.withheld),
        len(report.kept),
    )
    return "warn" if report.cancelled or any(open_ends) else "ok"


def failed_count(report: RunReport) -> int:
    """Return orders and lines that failed."""
    return report.orders.failed + report.lines.failed


def unknown_count(report: RunReport) -> int:
    """Return orders and lines whose outcome is unknown."""
    return report.orders.unknown + report.lines.unknown


def not_started_count(report: RunReport) -> int:
    """Return orders and lines whose turn did not come."""
    return report.orders.not_started + report.lines.not_started


def verdict(report: RunReport, *, watched: bool = False) -> Verdict:
    """Return the head of a run's summary and what to do next.

    Of a run that was `watched` here a stop was this person's; a report that is read later can't tell whose.
    """
    if report.undone is None:
        return _verdict(report, "you" if watched else "a person")
    before = _verdict(replace(report, undone=None)).title
    text = " ".join(undone_sentences(report.undone))
    return Verdict(
        ending_severity(report),
        undone_title(report.undone),
        f"{text}\nThe figures below tell what the run did before. It had ended so: {before}.",
    )


def _verdict(report: RunReport, who: str = "a person") -> Verdict:
    if not report.balanced:
        return Verdict(
            "error",
            "The totals of this run do not balance",
            f"Run {report.run_id}: selected records are missing from the counts below. "
            "Compare the board with the orders before you send anything again, and report it.",
        )
    if report.stopped is not None:
        return Verdict("error", report.stopped.title, _subject_and_remedy(report.stopped))
    severity = ending_severity(report)
    steps = " ".join(undo_steps(report) if report.undoes else _next_steps(report))
    if report.undoes and not report.cancelled:
        return Verdict(severity, undo_title(report), steps)
    if report.cancelled:
        quiet = report.dry_run or report.undoes
        sent = "" if quiet else "Records already sent stay on the board; nothing is lost. "
        return Verdict(severity, f"{_kind(report)} was stopped by {who}", f"{sent}{steps}".strip())
    if severity != "ok":
        return Verdict(severity, f"{_kind(report)} ended with open ends", steps)
    return _success(report, severity, steps)


def has_open_failures(report: RunReport) -> bool:
    """Tell whether the Failures page has something for the operator after this run."""
    sent = not report.dry_run and not report.undoes
    return bool(report.unresolved or (failed_count(report) and sent))


def cost_text(report: RunReport) -> str:
    """Return what the run took: calls, points, time, pace, new groups."""
    parts = [
        counted(report.api.calls, "call"),
        f"{report.api.complexity:,} points of complexity",
        duration_text(report.seconds),
    ]
    if (pace := report.records_per_minute) is not None:
        parts.append(f"{pace:,.0f} records a minute")
    if report.groups_created:
        parts.append(counted(report.groups_created, "new group"))
    if report.api.rejected:
        parts.append(f"{counted(report.api.rejected, 'call')} refused by a rate limit")
    return " · ".join(parts)


def totals_of(report: RunReport) -> tuple[Tally, Tally]:
    """Return the orders and the lines of a run that has ended, as its bar shows them."""
    return tally_of(report.orders), tally_of(report.lines)


def customers_of(report: RunReport) -> list[CustomerProgress]:
    """Return the customers of a run that has ended, as the table of a run shows them."""
    return [_customer(customer) for customer in report.customers]


def _customer(customer: CustomerReport) -> CustomerProgress:
    row = CustomerProgress(customer.customer, tally_of(customer.orders, customer.lines))
    row.state = row.final_state
    return row


def _success(report: RunReport, severity: str, steps: str) -> Verdict:
    if not report.orders.synced + report.lines.synced:
        return Verdict(severity, "There was nothing to do", steps)
    if report.dry_run:
        text = f"Nothing was sent: this was a dry run. {steps}".strip()
        return Verdict(severity, "Every record can be sent", text)
    return Verdict(severity, "Every selected record is on the board", steps or "There is nothing left to do.")


def _kind(report: RunReport) -> str:
    if report.undoes:
        return "The undo"
    return "The dry run" if report.dry_run else "The run"


def _subject_and_remedy(problem: Problem) -> str:
    support = f"Request id for the board's support: {problem.request_id}" if problem.request_id else ""
    return "\n".join(part for part in (problem.subject, problem.remedy, support) if part)


def _failed_text(report: RunReport, failed: str) -> str:
    """Return "5 orders and 2 lines failed", and which orders did so for their lines alone."""
    orders, lines = report.orders.failed, report.lines.failed
    own = sum(
        failure.kind is TargetKind.ORDER and failure.outcome is Outcome.FAILED for failure in report.failures
    )
    for_lines = orders - own
    if not lines or for_lines <= 0:
        return f"{orders_and_lines(orders, lines)} {failed}"
    line = "a line" if own else "it" if lines == 1 else "them"
    more = (
        f"{for_lines:,} more {'order' if for_lines == 1 else 'orders'}"
        if own
        else counted(for_lines, "order")
    )
    return f"{orders_and_lines(own, lines)} {failed}, and {more} because of {line}"


def _next_steps(report: RunReport) -> Iterator[str]:
    """Yield one instruction for each kind of record that is not on the board."""
    failed, unknown = failed_count(report), unknown_count(report)
    if failed and report.dry_run:
        yield f"{_failed_text(report, 'would fail')}: correct what the log says about each, then try again."
    elif failed:
        yield f"{_failed_text(report, 'failed')}: open Failures, repair and send again."
    for reason in report.withheld:
        yield f"{counted(reason.orders, 'order')} not touched: {reason.message}. {reason.remedy}"
    if skipped := report.orders.skipped + report.lines.skipped:
        why = "their order failed, or there was nothing to do" if failed or unknown else "nothing to do"
        if report.withheld:
            why = "not touched by this run, or their order failed, or there was nothing to do"
        yield f"{counted(skipped, 'record')} skipped: {why}."
    if unknown:
        yield f"{counted(unknown, 'outcome')} unknown: the next run asks the board before it sends anything."
    if waiting := not_started_count(report):
        yield f"{counted(waiting, 'record')} not started: push the orders again."
    if report.unresolved:
        yield f"{counted(report.unresolved, 'record')} of earlier runs still failed."
