from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from PySide6.QtTest import QAbstractItemModelTester

from core.sync.outcome import Outcome
from core.sync.plan import TargetKind
from core.sync.report import ApiUse, Counts, CustomerReport, Failure, RunReport
from gui.models.report_table import ReportTableModel, failures_table
from gui.pages.history import HistoryPage
from gui.task_owner import TaskOwner

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SYNCED = RunReport(
    run_id="run-1",
    profile="demo",
    dry_run=False,
    started_at=AT,
    finished_at=AT,
    orders=Counts(selected=2, created=2),
    lines=Counts(selected=4, created=4),
    customers=(CustomerReport("ACME", Counts(selected=2, created=2), Counts(selected=4, created=4)),),
    failures=(),
    api=ApiUse(calls=3),
    seconds=8.0,
    mapping="order_list",
    mapping_version=3,
)
FAILED = replace(
    SYNCED,
    run_id="run-2",
    started_at=AT + timedelta(days=1),
    lines=Counts(selected=4, created=3, failed=1),
    customers=(
        CustomerReport("Bolt", Counts(selected=2, created=2), Counts(selected=4, created=3, failed=1)),
    ),
    failures=(
        Failure(
            TargetKind.LINE, "l1", "AAG-3, size 2T", "Bolt", Outcome.FAILED, "x", "No label '2T'", "Add it."
        ),
    ),
)


class PastRuns:
    def __init__(self, *reports: RunReport) -> None:
        self.reports = list(reports)

    async def recent_reports(self, limit: int = 50) -> list[RunReport]:
        return self.reports[:limit]


@pytest.fixture
def page(qtbot, theme, preferences):
    def make(*reports: RunReport) -> HistoryPage:
        owner = TaskOwner(on_problem=lambda *_told: None, on_bug=lambda *_told: None)
        page = HistoryPage(owner, preferences)
        qtbot.addWidget(page)
        page.set_workspace(PastRuns(*reports))
        return page

    return make


def rows(page: HistoryPage) -> list[list[str]]:
    model = page.runs
    return [[model.index(row, column).data() for column in range(1, 11)] for row in range(model.rowCount())]


def test_that_a_run_is_a_row_with_its_counts_and_its_end(page, run_async) -> None:
    shown = page(SYNCED)
    run_async(shown.reload())
    assert rows(shown) == [
        ["demo", "Live", "order_list 3", "6", "6", "0", "0", "3", "8.0 s", "Everything synced"]
    ]


def test_that_the_first_run_is_explained_with_its_failures(page, run_async) -> None:
    shown = page(FAILED, SYNCED)
    run_async(shown.reload())
    assert shown.failures.index(0, 0).data() == "line AAG-3, size 2T"
    assert shown.failures.index(0, 4).data() == "Add it."
    assert not shown.failures_button.isHidden()
    shown.runs_table.setCurrentIndex(shown.runs.index(1, 0))
    assert shown.failures.rowCount() == 0
    assert shown.failures_button.isHidden()


def test_that_failures_are_one_click_away(page, run_async, qtbot) -> None:
    shown = page(FAILED)
    run_async(shown.reload())
    with qtbot.waitSignal(shown.failures_requested):
        shown.failures_button.click()


def test_that_the_chosen_run_stays_chosen_when_a_newer_one_arrives(page, run_async) -> None:
    shown = page(SYNCED)
    run_async(shown.reload())
    shown._workspace.reports.insert(0, FAILED)
    run_async(shown.reload())
    assert shown.runs.record(shown.runs_table.currentIndex().row()) == SYNCED


def test_that_a_search_finds_runs_by_customer_and_by_how_they_ended(page, run_async) -> None:
    shown = page(FAILED, SYNCED)
    run_async(shown.reload())
    for text, run_id in (("bolt", "run-2"), ("everything", "run-1")):
        shown.search.setText(text)
        shown.search.returnPressed.emit()
        assert [report.run_id for report in shown.runs.records] == [run_id]
        assert shown._count.text() == "1 of 2"


def test_that_a_profile_without_runs_says_what_will_be_here(page, run_async) -> None:
    shown = page()
    run_async(shown.reload())
    assert shown._stack.currentWidget() is shown._empty


def test_that_the_models_keep_the_rules_of_item_models(theme) -> None:
    runs, failures = ReportTableModel(), failures_table(None)
    for model in (runs, failures):
        QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    runs.set_reports([FAILED, SYNCED])
    runs.sort(3)
    runs.set_search("demo")
    failures.set_records(FAILED.failures)
    assert (runs.rowCount(), failures.rowCount()) == (2, 1)
