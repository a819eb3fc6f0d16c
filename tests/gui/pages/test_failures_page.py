from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtCore import Qt

from core.config.model import EngineColumns
from core.errors import Problem, StoreError
from core.mapping.findings import Finding
from core.orders.model import FailedRecord, RecordKind, Selection, SyncState
from core.workspace import FailureDetail
from gui.pages.failures import FailuresPage
from gui.pages.fix_panel import column_to_edit
from gui.task_owner import TaskOwner

ORDER = FailedRecord(
    RecordKind.ORDER, "o1", "o1", "ACME", "AAG-1", "The board has no label 'Cut & Sew'. Add it.", 1
)
OTHER = FailedRecord(
    RecordKind.ORDER, "o2", "o2", "Bolt", "AAG-2", "'31/02/2026' is not a date. Correct it.", 2
)
LINE = FailedRecord(
    RecordKind.LINE, "l1", "o3", "ACME", "AAG-3, size 32x34", "The board has no label '32x34'.", 1
)
ORPHAN = FailedRecord(RecordKind.LINE, "l9", "gone", "", "no order, size 2T", "The line names no order.", 1)
CODES = {
    ("order", "o1"): "label_not_on_board",
    ("line", "l1"): "label_not_on_board",
    ("order", "o2"): "not_a_date",
    ("line", "l9"): "line_without_header",
}
SOURCES = {"o1": "CATEGORY", "o2": "EX FACTORY DATE", "l1": "size_code", "l9": "record_uuid"}


class FailedOrders:
    """A workspace with failed records whose values can be corrected."""

    def __init__(self, *records: FailedRecord) -> None:
        self.records = list(records)
        self.profile = SimpleNamespace(columns=EngineColumns())
        self.values = {
            "o1": {"record_uuid": "o1", "sync_state": "ERROR", "CATEGORY": "Cut & Sew", "NOTE": "n" * 200},
            "o2": {"record_uuid": "o2", "sync_state": "ERROR", "EX FACTORY DATE": "31/02/2026"},
            "l1": {"line_uuid": "l1", "record_uuid": "o3", "size_code": "32x34"},
            "l9": {"line_uuid": "l9", "record_uuid": "gone", "size_code": "2T"},
        }
        self.edits: list[tuple[RecordKind, str, str, str]] = []
        self.plans: list[Selection] = []
        self.findings: tuple[Finding, ...] = ()
        self.edit_error: Exception | None = None

    async def failed_records(self) -> list[FailedRecord]:
        return list(self.records)

    async def finding_codes(self) -> dict[tuple[str, str], str]:
        return CODES

    async def failure_detail(self, record: FailedRecord) -> FailureDetail:
        source = SOURCES[record.key]
        return FailureDetail(
            record,
            Problem(CODES[record.kind.value, record.key], record.message, record.label, "Correct it."),
            source,
            self.values[record.key][source],
            tuple(self.values[record.key].items()),
            "",
            "",
        )

    async def edit_value(self, kind: RecordKind, key: str, column: str, value: str) -> None:
        if self.edit_error is not None:
            raise self.edit_error
        self.edits.append((kind, key, column, value))
        self.values[key][column] = value

    async def plan(self, selection: Selection) -> Any:
        self.plans.append(selection)
        return SimpleNamespace(findings=self.findings)


class Harness:
    """The page with everything it tells."""

    def __init__(self, preferences, workspace: FailedOrders, run_async) -> None:
        self.bugs: list[BaseException] = []
        self.tasks = TaskOwner(
            on_problem=lambda _name, error: self.bugs.append(error),
            on_bug=lambda _name, error: self.bugs.append(error),
        )
        self.workspace = workspace
        self.page = FailuresPage(self.tasks, preferences)
        self.view, self.fix = self.page.view, self.page.view.detail.fix
        self.problems: list[Problem] = []
        self.resent: list[Selection] = []
        self.counts: list[int] = []
        self.page.problem.connect(self.problems.append)
        self.page.resend_requested.connect(self.resent.append)
        self.page.count_changed.connect(self.counts.append)
        self.page.set_workspace(workspace)
        self._run_async = run_async

    def do(self, *steps: Any) -> None:
        """Take steps on the event loop; each ends when the page's work has ended."""
        import asyncio

        async def scenario() -> None:
            for step in steps:
                result = step()
                if asyncio.iscoroutine(result):
                    await result
                while self.tasks.running:
                    await asyncio.sleep(0.002)

        self._run_async(scenario())

    def groups(self) -> list[list[str]]:
        model = self.view.groups
        return [[model.index(row, column).data() for column in (0, 1)] for row in range(model.rowCount())]

    def labels(self) -> list[str]:
        return [row.record.label for row in self.view.records.records]

    def choose(self, label: str) -> None:
        for group in range(self.view.groups.rowCount()):
            self.page._choose_group(group)
            if label in self.labels():
                self.page._choose_record(self.labels().index(label))
                return
        raise AssertionError(f"{label} is not shown")


@pytest.fixture
def harness(qtbot, theme, preferences, run_async):
    made: list[Harness] = []

    def make(*records: FailedRecord) -> Harness:
        harness = Harness(preferences, FailedOrders(*records), run_async)
        qtbot.addWidget(harness.page)
        made.append(harness)
        return harness

    yield make
    assert not [bug for harness in made for bug in harness.bugs]


def test_that_causes_are_named_in_words_with_their_counts(harness) -> None:
    page = harness(ORDER, OTHER, LINE)
    page.do(page.page.reload)
    assert page.groups() == [["Label not on the board", "2"], ["Not a date", "1"]]
    assert page.labels() == ["AAG-1", "AAG-3, size 32x34"]
    assert page.counts[-1] == 3


def test_that_records_are_grouped_by_customer_with_one_switch(harness) -> None:
    page = harness(ORDER, OTHER, LINE, ORPHAN)
    page.do(page.page.reload, page.view.by_customer.click)
    assert page.groups() == [["ACME", "2"], ["Bolt", "1"], ["Lines without an order", "1"]]


def test_that_the_arrow_keys_go_from_causes_to_customers(harness, qtbot) -> None:
    page = harness(ORDER)
    page.do(page.page.reload)
    page.page.show()
    page.page.activateWindow()
    page.view.by_cause.setFocus()
    qtbot.waitUntil(page.view.by_cause.hasFocus)
    qtbot.keyClick(page.view.by_cause, Qt.Key.Key_Right)
    assert page.groups() == [["ACME", "1"]]


def test_that_the_table_tells_column_and_value(harness) -> None:
    page = harness(ORDER)
    page.do(page.page.reload)
    assert [page.view.records.index(0, column).data() for column in (2, 3)] == ["CATEGORY", "Cut & Sew"]


def test_that_the_first_record_is_explained_at_once(harness) -> None:
    page = harness(ORDER)
    page.do(page.page.reload)
    assert page.view.detail.record_label.text() == "Order AAG-1 · ACME"
    assert page.view.detail.panel.words().splitlines() == [ORDER.message, "AAG-1", "Correct it."]
    assert (page.fix.column.currentText(), page.fix.value) == ("CATEGORY", "Cut & Sew")


def test_that_a_corrected_value_is_saved_checked_and_can_be_sent(harness) -> None:
    page = harness(ORDER)
    page.do(page.page.reload)
    page.fix.set_value("SWIMWEAR")
    page.do(page.fix.save_button.click)
    assert page.workspace.edits == [(RecordKind.ORDER, "o1", "CATEGORY", "SWIMWEAR")]
    assert page.workspace.plans == [Selection(order_keys=("o1",), states=(SyncState.ERROR,))]
    assert "Nothing stands in the way" in page.fix.verdict.text()
    assert page.resent == []


def test_that_a_check_that_still_finds_something_says_what(harness) -> None:
    page = harness(ORDER)
    page.workspace.findings = (
        Finding(
            RecordKind.ORDER, "o1", "AAG-1", "label_not_on_board", "The board has no label 'X'", "Add it."
        ),
    )
    page.do(page.page.reload)
    page.fix.set_value("X")
    page.do(page.fix.save_button.click)
    assert page.fix.verdict.text() == "Saved, but it would fail again. The board has no label 'X'. Add it."


def test_that_what_was_typed_is_still_there_after_a_look_at_another_cause(harness) -> None:
    page = harness(ORDER, OTHER)
    page.do(page.page.reload)
    page.do(lambda: page.choose("AAG-1"))
    page.fix.set_value("SWIMWEAR")
    page.do(lambda: page.choose("AAG-2"))
    assert page.fix.value == "31/02/2026"
    assert not page.fix.changed
    page.do(lambda: page.choose("AAG-1"))
    assert (page.fix.column.currentText(), page.fix.value) == ("CATEGORY", "SWIMWEAR")
    page.do(page.fix.save_button.click)
    assert page.workspace.edits == [(RecordKind.ORDER, "o1", "CATEGORY", "SWIMWEAR")]
    page.do(lambda: page.choose("AAG-2"), lambda: page.choose("AAG-1"))
    assert page.fix.value == "SWIMWEAR"
    assert not page.fix.changed


def test_that_what_was_typed_for_another_column_stays_with_its_record_and_column(harness) -> None:
    page = harness(ORDER, OTHER)
    page.do(page.page.reload)
    page.do(lambda: page.choose("AAG-1"))
    page.fix.column.setCurrentText("NOTE")
    page.fix.set_value("short")
    page.fix.column.setCurrentText("CATEGORY")
    assert page.fix.value == "Cut & Sew"
    page.do(lambda: page.choose("AAG-2"), lambda: page.choose("AAG-1"))
    assert (page.fix.column.currentText(), page.fix.value) == ("NOTE", "short")
    page.fix.set_value("n" * 200)
    page.do(lambda: page.choose("AAG-2"), lambda: page.choose("AAG-1"))
    assert page.fix.column.currentText() == "CATEGORY"


def test_that_what_was_typed_is_forgotten_with_the_failure_and_with_the_profile(harness) -> None:
    page = harness(ORDER, OTHER)
    page.do(page.page.reload, lambda: page.choose("AAG-1"))
    page.fix.set_value("SWIMWEAR")
    page.workspace.records.remove(ORDER)
    page.do(page.page.reload)
    page.workspace.records.append(ORDER)
    page.do(page.page.reload, lambda: page.choose("AAG-1"))
    assert page.fix.value == "Cut & Sew"
    page.fix.set_value("SWIMWEAR")
    page.page.set_workspace(FailedOrders(ORDER))
    page.do(page.page.reload)
    assert page.fix.value == "Cut & Sew"


def test_that_the_repair_takes_no_more_room_than_it_needs_on_a_large_screen(harness) -> None:
    page = harness(ORDER)
    page.page.resize(2560, 1440)
    page.page.show()
    page.do(page.page.reload)
    assert page.fix.height() <= page.fix.sizeHint().height()


def test_that_save_and_send_again_saves_before_it_asks_to_send(harness) -> None:
    page = harness(ORDER)
    page.do(page.page.reload)
    page.fix.set_value("SWIMWEAR")
    assert page.fix.send_button.text() == "Save and send again"
    page.do(page.fix.send_button.click)
    assert page.workspace.edits == [(RecordKind.ORDER, "o1", "CATEGORY", "SWIMWEAR")]
    assert page.resent == [Selection(order_keys=("o1",), states=(SyncState.ERROR,))]


def test_that_an_unchanged_record_is_sent_again_without_saving(harness) -> None:
    page = harness(ORDER)
    page.do(page.page.reload)
    assert page.fix.send_button.text() == "Send again"
    assert not page.fix.save_button.isEnabled()
    page.do(page.fix.send_button.click)
    assert page.workspace.edits == []
    assert page.resent == [Selection(order_keys=("o1",), states=(SyncState.ERROR,))]


def test_that_a_line_is_sent_again_with_its_order(harness) -> None:
    page = harness(LINE)
    page.do(page.page.reload, page.fix.send_button.click)
    assert page.resent[0].order_keys == ("o3",)


def test_that_a_line_without_an_order_is_mended_by_its_record_uuid(harness) -> None:
    page = harness(ORPHAN)
    page.do(page.page.reload)
    assert page.fix.column.currentText() == "record_uuid"
    page.fix.set_value("o7")
    page.do(page.fix.send_button.click)
    assert page.workspace.edits == [(RecordKind.LINE, "l9", "record_uuid", "o7")]
    assert page.resent[0].order_keys == ("l9",)


def test_that_columns_of_the_engine_are_not_offered(harness) -> None:
    page = harness(ORDER)
    page.do(page.page.reload)
    offered = [page.fix.column.itemText(row) for row in range(page.fix.column.count())]
    assert offered == ["CATEGORY", "NOTE"]


def test_that_another_column_can_be_corrected_in_several_lines(harness) -> None:
    page = harness(ORDER)
    page.do(page.page.reload)
    page.fix.column.setCurrentText("NOTE")
    assert page.fix.value == "n" * 200
    page.fix.set_value("first\nsecond")
    page.do(page.fix.save_button.click)
    assert page.workspace.edits == [(RecordKind.ORDER, "o1", "NOTE", "first\nsecond")]
    assert page.fix.column.currentText() == "NOTE"


def test_that_a_value_that_cannot_be_saved_is_a_problem_and_stays_typed(harness) -> None:
    page = harness(ORDER)
    problem = Problem("database_locked", "The database is locked", "order AAG-1", "Try again.")
    page.workspace.edit_error = StoreError(problem)
    page.do(page.page.reload)
    page.fix.set_value("SWIMWEAR")
    page.do(page.fix.save_button.click)
    assert page.problems == [problem]
    assert page.fix.value == "SWIMWEAR"
    assert page.fix.save_button.isEnabled()


def test_that_the_selected_the_cause_and_all_are_sent_again(harness) -> None:
    page = harness(ORDER, OTHER, LINE)
    page.do(page.page.reload)
    page.view.records_table.selectAll()
    page.do(page.view.send_selected.click, page.view.send_group.click, page.page.send_all.click)
    assert [selection.order_keys for selection in page.resent] == [
        ("o1", "o3"),
        ("o1", "o3"),
        ("o1", "o2", "o3"),
    ]


def test_that_group_and_record_stay_chosen_when_failures_are_read_again(harness) -> None:
    page = harness(ORDER, OTHER, LINE)
    page.do(page.page.reload, lambda: page.choose("AAG-2"))
    page.workspace.records.insert(0, ORPHAN)
    page.do(page.page.reload)
    assert page.page._chosen() == OTHER


def test_that_a_search_narrows_the_records_and_tells_how_many(harness) -> None:
    page = harness(ORDER, LINE)
    page.do(page.page.reload)
    page.view.search.setText("32x34 label")
    page.do(page.view.search.returnPressed.emit)
    assert page.labels() == ["AAG-3, size 32x34"]
    assert page.view.count.text() == "1 of 2"


def test_that_fields_request_and_response_are_folded_away(harness) -> None:
    page = harness(ORDER)
    page.do(page.page.reload)
    assert page.view.detail._more.isHidden()
    page.view.detail.more_button.click()
    assert not page.view.detail._more.isHidden()
    assert ("CATEGORY", "Cut & Sew") in page.view.detail.fields.rows()
    assert page.view.detail.request.code().startswith("Nothing was sent")


def test_that_nothing_failed_is_said(harness) -> None:
    page = harness()
    page.do(page.page.reload)
    assert page.page._stack.currentWidget() is page.page._empty
    assert page.page._empty.accessibleDescription() == (
        "Records that the board refuses appear here with what to do."
    )
    assert page.page.send_all.isHidden()


def test_that_another_profile_begins_without_failures(harness) -> None:
    page = harness(ORDER)
    page.do(page.page.reload)
    page.page.set_workspace(None)
    assert page.counts[-1] == 0
    assert page.view.groups.rowCount() == 0


def test_that_of_a_template_the_longest_value_is_edited() -> None:
    values = {"STYLE": "long text", "COLOUR": "red", "PO": "1"}
    assert column_to_edit("{STYLE} {COLOUR}", values) == "STYLE"
    assert column_to_edit("PO", values) == "PO"
    assert column_to_edit("", values) == ""
