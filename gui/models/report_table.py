"""Reports of past runs as table rows, and the failures of one."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QIcon

from core.sync.outcome import Outcome
from core.sync.plan import TargetKind
from core.sync.report import Counts, Failure, RunReport
from gui.icons import icon
from gui.models.durations import duration_text
from gui.models.record_table import RecordTable, TableColumn
from gui.models.run_sentences import counted, done_word, orders_and_lines
from gui.models.run_summary import ending, ending_severity, failed_count, unknown_count
from gui.widgets.states import State, state_icon
from gui.widgets.tables import number_text

_ICONS = {
    "ok": ("synced", "ok"),
    "info": ("undo", "muted"),
    "warn": ("warning", "warn"),
    "error": ("error", "error"),
}


def when_text(report: RunReport) -> str:
    """Return when a run began, in local time."""
    return f"{report.started_at.astimezone():%Y-%m-%d %H:%M}"


def kind_text(report: RunReport) -> str:
    """Return whether a run sent anything, or took a run back."""
    if report.undoes:
        return "Undo"
    return "Dry run" if report.dry_run else "Live"


def mapping_text(report: RunReport) -> str:
    """Return which version of which mapping a run sent by: "order_list 3"."""
    return f"{report.mapping} {report.mapping_version or ''}".strip()


class ReportTableModel(RecordTable[RunReport]):
    """Past runs, newest first; a search looks at what the rows say."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(_REPORT_COLUMNS, parent)
        self._reports: list[RunReport] = []
        self._words: list[str] = []

    def set_reports(self, reports: list[RunReport]) -> None:
        """Show other reports; the search stays."""
        self._reports = reports
        self.set_records(report for report in reports if self._matches(report))

    def set_search(self, text: str) -> None:
        """Show only runs that hold every word of `text` somewhere, or a customer of that name."""
        self._words = text.casefold().split()
        self.set_reports(self._reports)

    @property
    def total(self) -> int:
        """Reports, shown or not."""
        return len(self._reports)

    def _matches(self, report: RunReport) -> bool:
        customers = " ".join(customer.customer for customer in report.customers)
        said = f"{when_text(report)} {report.profile} {kind_text(report)} {ending(report)} {report.run_id}"
        text = f"{said} {customers}".casefold()
        return all(word in text for word in self._words)


def records_to_tell(report: RunReport) -> list[Failure]:
    """Return what failed, and after it what an undo has kept."""
    kept = (
        Failure(
            TargetKind.ORDER,
            order.key,
            order.label,
            order.customer,
            Outcome.SKIPPED,
            order.code,
            order.message,
            order.remedy,
        )
        for order in report.kept
    )
    return [*report.failures, *kept]


def told_title(report: RunReport) -> str:
    """Return the heading over `records_to_tell`."""
    failed, kept = len(report.failures), len(report.kept)
    if not failed and not kept:
        return "Nothing failed in this run"
    where = "not archived" if report.undoes else "not on the board"
    lines = sum(failure.kind is TargetKind.LINE for failure in report.failures)
    parts = [f"{orders_and_lines(failed - lines, lines)} {where}"] if failed else []
    parts += (
        [f"{counted(kept, 'order')} kept as they are" if kept > 1 else "1 order kept as it is"]
        if kept
        else []
    )
    return ", ".join(parts)


def failures_table(parent: QObject) -> RecordTable[Failure]:
    """Make the table of a report's failures."""
    return RecordTable(_FAILURE_COLUMNS, parent)


def _count(
    title: str, count: Callable[[RunReport], int], tooltip: Callable[[RunReport], str] | None = None
) -> TableColumn[RunReport]:
    return TableColumn(
        title, lambda report: number_text(count(report)), sort_key=count, number=True, tooltip=tooltip
    )


def _counted_as(count: Callable[[Counts], int], word: str = "") -> Callable[[RunReport], str]:
    """Return what a figure counts; `word` is what became of them, empty: what a run of its kind does."""

    def words(report: RunReport) -> str:
        said = orders_and_lines(count(report.orders), count(report.lines))
        return f"{said} {word or done_word(report)}"

    return words


def _ending_icon(report: RunReport) -> QIcon:
    return icon(*_ICONS[ending_severity(report)])


def _failure_icon(failure: Failure) -> QIcon:
    if failure.outcome is Outcome.SKIPPED:
        return icon("warning", "warn")
    return state_icon(State.UNKNOWN if failure.outcome is Outcome.UNKNOWN else State.FAILED)


def _outcome_text(failure: Failure) -> str:
    return "Kept" if failure.outcome is Outcome.SKIPPED else failure.outcome.value.capitalize()


def _selected(report: RunReport) -> int:
    return report.orders.selected + report.lines.selected


def _done(report: RunReport) -> int:
    return report.orders.synced + report.lines.synced


_REPORT_COLUMNS = (
    TableColumn[RunReport]("Started", when_text, sort_key=lambda report: report.started_at),
    TableColumn[RunReport]("Profile", lambda report: report.profile),
    TableColumn[RunReport]("Kind", kind_text),
    TableColumn[RunReport]("Mapping", mapping_text),
    _count("Selected", _selected, _counted_as(lambda counts: counts.selected, "selected")),
    # Of live runs, dry runs and undos in one column: the words are those of each run's balance.
    _count("Done", _done, _counted_as(lambda counts: counts.synced)),
    _count("Failed", failed_count, _counted_as(lambda counts: counts.failed, "failed")),
    _count("Unknown", unknown_count, _counted_as(lambda counts: counts.unknown, "unknown")),
    _count("Calls", lambda report: report.api.calls),
    TableColumn[RunReport](
        "Time",
        lambda report: duration_text(report.seconds),
        sort_key=lambda report: report.seconds,
        number=True,
    ),
    TableColumn[RunReport]("How it ended", ending, icon=_ending_icon),
)
_FAILURE_COLUMNS = (
    TableColumn[Failure](
        "Record", lambda failure: f"{failure.kind.value.capitalize()} {failure.label}", icon=_failure_icon
    ),
    TableColumn[Failure]("Customer", lambda failure: failure.customer or "not known"),
    TableColumn[Failure]("Outcome", _outcome_text),
    TableColumn[Failure]("What happened", lambda failure: failure.message),
    TableColumn[Failure]("What to do", lambda failure: failure.remedy),
)
