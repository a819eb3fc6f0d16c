"""The Failures page: what failed and why, one repair for each record, and sending again."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.errors import DeltaDeskError
from core.mapping.findings import Finding
from core.orders.model import FailedRecord, Selection, SyncState
from core.workspace import FailureDetail, Workspace
from gui.models.failure_causes import Codes, Grouping, group_failures, resend_keys
from gui.models.run_sentences import counted
from gui.pages.failures_view import FailuresView
from gui.pages.fix_panel import owned_columns
from gui.preferences import Preferences
from gui.task_owner import TaskOwner
from gui.theme import EDGE, GROUPS
from gui.widgets.buttons import disable_because, enable, plain_button
from gui.widgets.messages import EmptyState
from gui.widgets.page_stack import PageStack
from gui.widgets.tables import copy_selection, number_text
from gui.widgets.toolbar import PageHeader

VALUES_READ = 200
"""Of so many records of a group the value concerned is read for the table; others show it when chosen."""

_DETAIL, _VALUES, _SAVE = "failures: record", "failures: values", "failures: save"


class FailuresPage(QWidget):
    """Groups of failed records, the records of one, and the account and repair of one record."""

    problem = Signal(object)
    """A `Problem` for the window to show."""
    resend_requested = Signal(object)
    """A `Selection` of orders in ERROR to plan and run."""
    count_changed = Signal(int)
    """How many records are in ERROR."""

    def __init__(self, tasks: TaskOwner, preferences: Preferences) -> None:
        super().__init__()
        self._tasks = tasks
        self._preferences = preferences
        self._workspace: Workspace | None = None
        self._failed: tuple[FailedRecord, ...] = ()
        self._codes: Codes = {}
        self._detail: FailureDetail | None = None
        self.view = FailuresView()
        self.send_all = plain_button("Send all again", "retry")
        self._empty = EmptyState(
            "synced", "Nothing failed", "Records that the board refuses appear here with what to do."
        )
        self._header = PageHeader("Failures")
        self._stack = PageStack()
        self._lay_out()
        self._connect()
        self.first_focus: QWidget = self.view.groups_table
        self.view.restore(preferences)
        self._show_failed()

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Take another profile; its failures are read by `reload`."""
        self._workspace = workspace
        self._failed = ()
        self._show_failed()

    async def reload(self) -> None:
        """Read the failed records again; the chosen group and record stay chosen while they exist."""
        workspace = self._workspace
        if workspace is None:
            return
        failed, codes = tuple(await workspace.failed_records()), await workspace.finding_codes()
        if workspace is self._workspace:
            self._failed, self._codes = failed, codes
            self._show_failed()

    def focus_search(self) -> None:
        """Go to the search field."""
        self.view.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def copy(self) -> None:
        """Copy the selected records."""
        copy_selection(self.view.records_table, headers=True)

    # Showing

    @property
    def _grouping(self) -> Grouping:
        return Grouping.CUSTOMER if self.view.by_customer.isChecked() else Grouping.CAUSE

    def _show_failed(self) -> None:
        groups = group_failures(self._failed, self._grouping, self._codes)
        group = self._current_group()
        self.view.detail.fix.keep_typed({(each.kind, each.key) for each in self._failed})
        self.view.groups.set_records(groups)
        total = len(self._failed)
        causes = len(group_failures(self._failed, Grouping.CAUSE, self._codes))
        words = f"{counted(total, 'record')} with {counted(causes, 'cause')}" if total else ""
        self._header.set_subtitle(words)
        self.send_all.setText(f"Send all {number_text(total)} again" if total > 1 else "Send all again")
        self.send_all.setVisible(bool(total))
        self._stack.setCurrentWidget(self.view if total else self._empty)
        keys = [each.key for each in self.view.groups.records]
        self._choose_group(keys.index(group) if group in keys else 0)
        self.count_changed.emit(total)

    def _current_group(self) -> str:
        index = self.view.groups_table.currentIndex()
        group = self.view.groups.record(index.row()) if index.isValid() else None
        return group.key if group else ""

    def _choose_group(self, row: int) -> None:
        if self.view.groups.rowCount():
            # The table tells when another group is chosen; after a reset none is, so it always does then.
            self.view.groups_table.setCurrentIndex(self.view.groups.index(row, 0))
        else:
            self._show_group()

    def _show_group(self) -> None:
        group = self.view.groups.record(self.view.groups_table.currentIndex().row())
        chosen = self._chosen()
        self.view.records.set_failures(group.records if group else ())
        self._tell_count()
        of_what = "cause" if self._grouping is Grouping.CAUSE else "customer"
        self.view.send_group.setText(f"Send this {of_what} again")
        row = self.view.records.row_of(chosen.kind, chosen.key) if chosen else 0
        self._choose_record(max(row, 0))
        self._read_values()

    def _chosen(self) -> FailedRecord | None:
        row = self.view.records.record(self.view.records_table.currentIndex().row())
        return row.record if row else None

    def _choose_record(self, row: int) -> None:
        table = self.view.records_table
        if row < self.view.records.rowCount():
            table.setCurrentIndex(self.view.records.index(row, 0))
        else:
            self._show_record()

    def _show_record(self) -> None:
        record, workspace = self._chosen(), self._workspace
        selected = self._selected()
        if selected:
            enable(self.view.send_selected)
        else:
            disable_because(self.view.send_selected, "Select records first.")
        if record is None or workspace is None:
            self._detail = None
            self.view.show_detail(shown=False)
        elif self._detail is None or self._detail.record != record:
            self._tasks.replace(
                _DETAIL, workspace.failure_detail(record), done=self._show_detail, problem=self._trouble
            )

    def _show_detail(self, detail: FailureDetail) -> None:
        if self._workspace is None:
            return
        self._detail = detail
        columns = self._workspace.profile.columns
        self.view.detail.set_detail(detail, owned_columns(detail.record.kind, columns))
        self.view.show_detail(shown=True)
        self.view.records.set_value(detail.record, detail.source, detail.value)

    def _tell_count(self) -> None:
        shown, total = self.view.records.rowCount(), self.view.records.total
        self.view.count.setText(f"{number_text(shown)} of {number_text(total)}")

    def _search(self, text: str) -> None:
        chosen = self._chosen()
        self.view.records.set_search(text)
        self._tell_count()
        row = self.view.records.row_of(chosen.kind, chosen.key) if chosen else 0
        self._choose_record(max(row, 0))

    # Reading

    def _read_values(self) -> None:
        unread = [row.record for row in self.view.records.records if not row.source][:VALUES_READ]
        if unread and self._workspace is not None:
            self._tasks.replace(_VALUES, self._values(self._workspace, unread))

    async def _values(self, workspace: Workspace, records: Sequence[FailedRecord]) -> None:
        for record in records:
            detail = await workspace.failure_detail(record)
            self.view.records.set_value(record, detail.source, detail.value)

    # Repairing

    def _save(self, column: str, value: str, send: bool) -> None:  # noqa: FBT001  # a signal's argument
        if self._workspace is None or self._detail is None:
            return
        work = self._save_value(self._workspace, self._detail.record, column, value, send=send)
        if self._tasks.start(_SAVE, work, problem=self._trouble):
            self.view.detail.fix.set_busy(busy=True)

    async def _save_value(
        self, workspace: Workspace, record: FailedRecord, column: str, value: str, *, send: bool
    ) -> None:
        try:
            await workspace.edit_value(record.kind, record.key, column, value)
            if send:
                self._resend([record])
                return
            detail = await workspace.failure_detail(record)
            plan = await workspace.plan(_selection([record]))
        finally:
            self.view.detail.fix.set_busy(busy=False)
        if self._chosen() == record:
            self._show_detail(detail)
            self._say_verdict([finding for finding in plan.findings if finding.blocks])

    def _say_verdict(self, findings: Sequence[Finding]) -> None:
        fix = self.view.detail.fix
        if not findings:
            fix.set_verdict("Saved. Nothing stands in the way any more: send it again.", "ok", "synced")
            return
        first = findings[0]
        more = f" And {counted(len(findings) - 1, 'more finding')}." if len(findings) > 1 else ""
        fix.set_verdict(
            f"Saved, but it would fail again. {first.message}. {first.remedy}{more}", "warn", "warning"
        )

    # Sending again

    def _selected(self) -> list[FailedRecord]:
        rows = sorted(index.row() for index in self.view.records_table.selectionModel().selectedRows())
        found = [self.view.records.record(row) for row in rows]
        return [row.record for row in found if row is not None]

    def _resend(self, records: Sequence[FailedRecord]) -> None:
        if records:
            self.resend_requested.emit(_selection(records))

    def _resend_chosen(self) -> None:
        if self._detail is not None:
            self._resend([self._detail.record])

    def _resend_group(self) -> None:
        group = self.view.groups.record(self.view.groups_table.currentIndex().row())
        self._resend(group.records if group else ())

    def _trouble(self, error: BaseException) -> None:
        if isinstance(error, DeltaDeskError):
            self.problem.emit(error.problem)

    # Making it

    def _lay_out(self) -> None:
        self._header.add(self.send_all)
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.view)
        page = QVBoxLayout(self)
        page.setContentsMargins(EDGE, GROUPS, EDGE, GROUPS)
        page.setSpacing(GROUPS)
        page.addWidget(self._header)
        page.addWidget(self._stack, 1)

    def _connect(self) -> None:
        view = self.view
        view.by_cause.toggled.connect(self._show_failed)
        view.groups_table.selectionModel().currentRowChanged.connect(self._show_group)
        view.records_table.selectionModel().selectionChanged.connect(self._show_record)
        view.search.searched.connect(self._search)
        view.send_selected.clicked.connect(lambda: self._resend(self._selected()))
        view.send_group.clicked.connect(self._resend_group)
        view.detail.fix.save_requested.connect(self._save)
        view.detail.fix.send_requested.connect(self._resend_chosen)
        self.send_all.clicked.connect(lambda: self._resend(self._failed))

    def hideEvent(self, event: QHideEvent) -> None:
        """Remember the layout when the operator leaves the page."""
        super().hideEvent(event)
        self.view.remember(self._preferences)


def _selection(records: Sequence[FailedRecord]) -> Selection:
    return Selection(order_keys=resend_keys(records), states=(SyncState.ERROR,))
