"""The Orders page: what waits to be pushed, by customer, checked for a preview or a push."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPersistentModelIndex, QPoint, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.errors import DeltaDeskError, Problem
from core.mapping.findings import Finding
from core.orders.model import PENDING_STATES, CustomerSummary, OrderDetail, OrderFilter, OrderRow, Selection
from core.sync.events import RecordEnded
from core.sync.plan import Plan
from core.workspace import Workspace
from gui.models.order_selection import OrderSelection, SelectionTotals, load_pending
from gui.models.order_tree import ROWS_AT_ONCE, OrderTreeModel
from gui.pages.column_menu import ColumnMenu
from gui.pages.detail_splitter import DetailSplitter
from gui.pages.order_context_menu import OrderContextMenu
from gui.pages.order_detail import OrderDetailPane
from gui.pages.order_filter_bar import OrderFilterBar
from gui.pages.order_stack import OrderStack
from gui.pages.order_tree_view import OrderTreeView
from gui.preferences import Preferences
from gui.task_owner import TaskOwner
from gui.theme import EDGE, GROUPS, RELATED
from gui.widgets.buttons import disable_because, enable, plain_button, primary_button
from gui.widgets.messages import MessagePanel, Severity
from gui.widgets.tables import number_text
from gui.widgets.toolbar import PageHeader

_PENDING = OrderFilter(states=PENDING_STATES)
_LAYOUT, _DETAILS = "orders/layout", "orders/details"
_UNFOLDED_BY_SEARCH = 20
"""A search that finds no more customers than this shows their orders at once."""


def orders_words(count: int) -> str:
    """Return "1 order" or "69 orders"."""
    return f"{number_text(count)} order" + ("" if count == 1 else "s")


class OrdersPage(QWidget):
    """Customers and their orders. Nothing is read that is not shown; the selection survives a reload."""

    problem = Signal(object)
    """A `Problem` for the window to show."""
    preview_requested = Signal(object)
    """The `Selection` to preview."""
    push_requested = Signal(object)
    """The `Selection` to push."""
    prepare_requested = Signal()
    """The operator wants new and changed orders brought in from the staging table."""
    selection_changed = Signal(object)
    """The `SelectionTotals` of what is checked."""

    def __init__(self, tasks: TaskOwner, preferences: Preferences) -> None:
        super().__init__()
        self._tasks = tasks
        self._preferences = preferences
        self._workspace: Workspace | None = None
        self._selection = OrderSelection()
        self._model = OrderTreeModel(self._selection, parent=self)
        self._findings: Mapping[str, Sequence[Finding]] = {}
        self._totals = SelectionTotals()
        self._blocked = ""
        self._unfolded: set[str] = set()
        self._make_widgets()
        self._lay_out()
        self._connect()
        self.first_focus: QWidget = self._view
        self._view_of_model(())
        self._show_totals()
        self._show_details(self.details_button.isChecked())

    # What the application calls

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Show the orders of another profile, with nothing checked. `reload` reads them."""
        self._workspace = workspace
        self._selection.clear()
        self._selection.set_pending(())
        self._findings = {}
        self._detail.set_profile(workspace.profile if workspace else None)
        self.prepare_button.setVisible(workspace is not None and workspace.profile.prepare is not None)
        self._filter.forget_counts()
        self._view_of_model(workspace.profile.display_columns if workspace else ())
        self._show_totals()
        if workspace is None:
            self._stack.show_no_profile()
            self._show_details(self.details_button.isChecked())

    async def reload(self) -> None:
        """Read the customers and the unfolded orders again; what is checked and where one looked stays."""
        workspace, wanted = self._workspace, self._filter.wanted
        if workspace is None:
            return
        self._filter.set_busy()
        try:
            shown, pending, in_all = await asyncio.gather(
                workspace.customers(wanted), workspace.customers(_PENDING), workspace.order_count()
            )
            await self._selection.refresh(pending, workspace.order_rows)
            rows = await self._read_again(workspace, wanted, shown)
        except DeltaDeskError as error:
            self._show_unread(error.problem)
            return
        if workspace is self._workspace and wanted == self._filter.wanted:
            self._take(wanted, shown, in_all, rows)

    def apply(self, events: Sequence[RecordEnded]) -> None:
        """Show how records of a run ended, in place."""
        self._model.apply(events)

    def set_plan(self, plan: Plan | None) -> None:
        """Show the findings of the last preview at their orders and customers."""
        found: dict[str, list[Finding]] = {}
        for batch in plan.batches if plan else ():
            for order in batch.orders:
                of_lines = (each for line in order.lines for each in line.findings)
                if findings := [*order.findings, *of_lines]:
                    found[order.key] = findings
        self._findings = found
        batches = plan.batches if plan else ()
        self._model.set_findings({batch.customer: len(batch.findings) for batch in batches})
        if self._detail.order_key in found:
            self._look_at_current()

    def set_push_blocked(self, reason: str) -> None:
        """Keep the operator from pushing, and say why; an empty reason allows it again."""
        self._blocked = reason
        self._show_totals()

    def focus_search(self) -> None:
        """Put the cursor into the search field."""
        self._filter.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._filter.search.selectAll()

    # Building

    def _make_widgets(self) -> None:
        self._header = PageHeader("Orders")
        self.preview_button = plain_button("Preview", "preview")
        self.preview_button.setToolTip("Show every request before anything is sent")
        self.push_button = primary_button("Push", "arrow-right")
        self.prepare_button = plain_button("Prepare", "retry")
        self.prepare_button.setToolTip("Look for new and changed orders in the staging table")
        self._header.add(self.prepare_button)
        self._header.add(self.preview_button)
        self._header.add(self.push_button)
        self._filter = OrderFilterBar(self._preferences)
        self.columns_button = plain_button("Columns", "columns")
        self.columns_button.setToolTip("Choose which columns are shown")
        self.details_button = plain_button("Details")
        self.details_button.setCheckable(True)
        self.details_button.setToolTip("Show the chosen order's details")
        self._filter.add_tool(self.columns_button)
        self._filter.add_tool(self.details_button)
        self._panel = MessagePanel(Severity.ERROR, "")
        self._panel.add_action("Try again", self._reload_soon)
        self._panel.hide()
        self._view = OrderTreeView(self._model)
        self._menu = OrderContextMenu(self._view)
        self._columns = ColumnMenu(
            self._view.header(), self._preferences, _LAYOUT, self._view.set_first_widths, self
        )
        self.columns_button.setMenu(self._columns)
        self._stack = OrderStack(self._view)
        self._detail = OrderDetailPane()

    def _lay_out(self) -> None:
        self._splitter = DetailSplitter(self._stack, self._detail, self._preferences, _DETAILS)
        self.details_button.setChecked(self._splitter.detail_wanted)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, GROUPS, EDGE, GROUPS)
        column.setSpacing(RELATED)
        column.addWidget(self._header)
        column.addWidget(self._filter)
        column.addWidget(self._panel)
        column.addWidget(self._splitter, 1)

    def _connect(self) -> None:
        self.preview_button.clicked.connect(lambda: self._resolve(self.preview_requested))
        self.push_button.clicked.connect(lambda: self._resolve(self.push_requested))
        self.prepare_button.clicked.connect(self.prepare_requested)
        self._filter.changed.connect(self._filter_changed)
        self._stack.reload_wanted.connect(self._reload_soon)
        self._stack.everything_wanted.connect(self._filter.show_everything)
        self._view.order_looked_at.connect(self._look_at)
        self._view.order_opened.connect(self._open_detail)
        self._model.rows_wanted.connect(self._read_rows)
        self._model.checks_changed.connect(self._show_totals)
        self._model.narrowed_check_wanted.connect(self._check_shown)
        self.details_button.toggled.connect(self._show_details)
        self._detail.close_wanted.connect(lambda: self.details_button.setChecked(False))
        self._detail.turn_wanted.connect(self._splitter.turn)
        for source in (self._detail, self._menu):
            source.board_wanted.connect(self._open_on_board)
            source.hold_wanted.connect(self._hold)
            source.release_wanted.connect(self._release)
        self._menu.detail_wanted.connect(self._open_detail)

    def _view_of_model(self, display_columns: Sequence[str]) -> None:
        """Begin anew with a profile's columns."""
        self._model.begin(display_columns)
        self._columns.restore()

    # Reading

    def _start(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        self._tasks.replace(name, work, problem=self._tell)

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, DeltaDeskError):
            self.problem.emit(error.problem)

    def _reload_soon(self) -> None:
        self._start("read orders", self.reload())

    def _filter_changed(self, _wanted: OrderFilter) -> None:
        self._reload_soon()

    async def _read_again(
        self, workspace: Workspace, wanted: OrderFilter, shown: Sequence[CustomerSummary]
    ) -> dict[str, Sequence[OrderRow]]:
        """Read the orders of the unfolded customers: as many as were read, or a page of another filter's."""
        same = wanted == self._model.shown_filter
        unfolded = set(self._view.expanded_customers())
        if wanted.text and len(shown) <= _UNFOLDED_BY_SEARCH:
            unfolded |= {summary.customer for summary in shown}
        return {
            name: await workspace.order_rows(
                name, wanted, offset=0, limit=max(ROWS_AT_ONCE, self._model.read_count(name) if same else 0)
            )
            for name in (summary.customer for summary in shown)
            if name in unfolded
        }

    def _take(
        self,
        wanted: OrderFilter,
        shown: Sequence[CustomerSummary],
        in_all: int,
        rows: Mapping[str, Sequence[OrderRow]],
    ) -> None:
        """Show what was read. Nothing is awaited here, so that no half of it is ever seen."""
        anchor = QPersistentModelIndex(self._view.indexAt(QPoint(0, 0)))
        self._model.shown_filter = wanted
        self._model.set_customers(shown)
        for name in self._model.customers:
            self._model.replace_rows(name, rows.get(name, ()))
        self._unfold_found(wanted, rows)
        if anchor.isValid():
            self._view.scrollTo(anchor, OrderTreeView.ScrollHint.PositionAtTop)
        self._panel.hide()
        self._filter.set_counts(sum(summary.orders for summary in shown), in_all)
        if shown:
            self._stack.show_tree()
        else:
            self._stack.explain(wanted, anything=bool(in_all))
        self._show_details(self.details_button.isChecked())
        self._model.tell_checks()
        self._show_totals()

    def _unfold_found(self, wanted: OrderFilter, rows: Mapping[str, Sequence[OrderRow]]) -> None:
        """Unfold what a search found, and fold it again when the search is over."""
        found = set(rows) - set(self._view.expanded_customers()) if wanted.text else set()
        if not wanted.text:
            for name in self._unfolded:
                self._view.collapse(self._model.customer_index(name))
            self._unfolded.clear()
        for name in found:
            self._view.expand(self._model.customer_index(name))
        self._unfolded |= found

    def _show_unread(self, problem: Problem) -> None:
        self._panel.set_message(Severity.ERROR, problem.title, f"{problem.subject}\n{problem.remedy}")
        self._panel.show()
        self._filter.set_unread()

    def _read_rows(self, customer: str, offset: int, limit: int) -> None:
        workspace, wanted = self._workspace, self._model.shown_filter
        if workspace is None:
            return

        def take(rows: Sequence[OrderRow]) -> None:
            if workspace is self._workspace and wanted == self._model.shown_filter:
                self._model.add_rows(customer, offset, rows)

        def fail(error: BaseException) -> None:
            self._model.rows_failed(customer)
            self._tell(error)

        self._tasks.start(
            f"read orders of {customer} from {offset}",
            workspace.order_rows(customer, wanted, offset=offset, limit=limit),
            done=take,
            problem=fail,
        )

    # Checking and pushing

    def _show_totals(self) -> None:
        totals = self._selection.totals
        count = totals.orders
        self.push_button.setText(f"Push {orders_words(count)}" if count else "Push")
        reason = self._blocked or ("" if count else "Check the orders to push first")
        for button in (self.push_button, self.preview_button):
            # A preview sends nothing: only the push waits for a run to end.
            why = reason if button is self.push_button or not count else ""
            if why:
                disable_because(button, why)
            else:
                enable(button)
        self._view.show_check_of_all()
        if totals != self._totals:
            self._totals = totals
            self.selection_changed.emit(totals)

    def _check_shown(self, customers: Sequence[str]) -> None:
        self._start("check orders", self._check_matching(customers))

    async def _check_matching(self, customers: Sequence[str]) -> None:
        """Check the pending orders that the filter shows, or clear them where all are checked."""
        workspace, wanted = self._workspace, self._model.shown_filter
        if workspace is None:
            return
        rows = [row for name in customers for row in await load_pending(workspace.order_rows, name, wanted)]
        if workspace is self._workspace:
            every = all(self._selection.is_checked(row) for row in rows)
            self._selection.check_rows(rows, checked=not every)
            self._model.tell_checks()
            self._show_totals()

    def _resolve(self, wanted: Any) -> None:
        if self._workspace is not None:
            self._tasks.start(
                "gather the checked orders",
                self._selection.resolve(self._workspace.order_rows),
                done=lambda selection: self._emit_selection(wanted, selection),
                problem=self._tell,
            )

    @staticmethod
    def _emit_selection(wanted: Any, selection: Selection) -> None:
        wanted.emit(selection)

    # Details

    def _show_details(self, shown: bool) -> None:  # noqa: FBT001  # Qt's signal hands a bool
        self._splitter.want_detail(wanted=shown)
        # Without an order there is nothing to tell: one empty state is enough.
        self._detail.setVisible(shown and self._stack.tree_shown)
        self._look_at_current()

    def _open_detail(self) -> None:
        self.details_button.setChecked(True)
        self._detail.focus_fields()

    def _look_at_current(self) -> None:
        self._look_at(self._view.looked_at())

    def _look_at(self, row: OrderRow | None) -> None:
        if row is None or self._workspace is None or not self.details_button.isChecked():
            self._detail.show_nothing()
            return
        self._tasks.replace(
            "read an order",
            self._workspace.order_detail(row.key),
            done=self._show_detail,
            problem=self._no_detail,
        )

    def _show_detail(self, detail: OrderDetail) -> None:
        self._detail.show_detail(detail, self._findings.get(detail.row.key, ()))

    def _no_detail(self, error: BaseException) -> None:
        if isinstance(error, DeltaDeskError):
            self._detail.show_nothing(f"{error.problem.title}. {error.problem.remedy}")

    # What is done with orders

    def _hold(self, keys: Sequence[str]) -> None:
        if self._workspace is not None:
            self._start("hold orders", self._then_reload(self._workspace.hold(keys)))

    def _release(self, keys: Sequence[str]) -> None:
        if self._workspace is not None:
            self._start("release orders", self._then_reload(self._workspace.release(keys)))

    async def _then_reload(self, work: Coroutine[Any, Any, None]) -> None:
        await work
        await self.reload()

    def _open_on_board(self, item_id: str) -> None:
        if self._workspace is not None:
            self._start("open the board", self._open_item(self._workspace, item_id))

    async def _open_item(self, workspace: Workspace, item_id: str) -> None:
        board = (await workspace.board()).items
        QDesktopServices.openUrl(QUrl(f"{board.url}/pulses/{item_id}"))
