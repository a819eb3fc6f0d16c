"""Taking a past run back: look at its items on the board, ask with all that stays, and hand the plan on."""

from collections.abc import Callable
from datetime import datetime
from enum import Enum

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QMainWindow, QTableView, QVBoxLayout, QWidget

from core.config.model import ProfileKind
from core.monday.board import BoardSchema
from core.sync.plan import Plan
from core.sync.report import KeptOrder, RunReport
from core.sync.undo import UndoPlan, archived_items, archived_orders, kept_orders
from core.workspace import Workspace
from gui.models.record_table import RecordTable, TableColumn
from gui.models.report_table import when_text
from gui.prepare_panel import NARROW, WIDE, fit_table
from gui.push import count_words, some
from gui.theme import EDGE, GROUPS, RELATED
from gui.widgets.buttons import danger_button, plain_button
from gui.widgets.dialogs import facts_grid, fit_height, result_of
from gui.widgets.labels import body_label, rule, section_label, title_label
from gui.widgets.messages import MessagePanel, Severity
from gui.widgets.tables import prepare_table

WIDEST_REASON = 420
"""Pixels of the column that says why an order is kept, at first."""
_WHY = 2


class NoUndo(Enum):
    """Why a run cannot be undone, as the button says it."""

    DRY_RUN = "A dry run has put nothing on the board."
    UNDO = "This is an undo itself. Push the orders to have them on the board again."
    NOTHING_MADE = "This run has made no items."
    UNDONE = "This run is undone already: all its items are archived."


def why_not_undone(report: RunReport) -> NoUndo | None:
    """Return why there is nothing to undo of a run; None where an undo can be tried."""
    if report.dry_run:
        return NoUndo.DRY_RUN
    if report.undoes:
        return NoUndo.UNDO
    if report.undone is not None and not report.undone.left:
        return NoUndo.UNDONE
    if report.resumes:
        return None  # what it resumed is undone with it
    # An order whose item was made may have failed for its lines, or its outcome be unknown.
    made = report.orders.created + report.orders.failed + report.orders.unknown + report.orders.not_started
    return None if made else NoUndo.NOTHING_MADE


async def undo_run(
    window: QMainWindow, workspace: Workspace, report: RunReport, start: Callable[[Plan], object]
) -> None:
    """Look at what the run made, ask, and call `start` with the plan of the undo where the answer is yes.

    Raises ConfigurationError for a run that cannot be undone, BoardError or StoreError.
    """
    window.statusBar().showMessage("Looking at the run's items on the board …")
    try:
        plan = await workspace.plan_undo(report.run_id)
        schema = await workspace.board()
    finally:
        window.statusBar().clearMessage()
    panel = UndoPanel(
        window, plan, schema, report, production=workspace.profile.kind is ProfileKind.PRODUCTION
    )
    if await panel.ask():
        start(plan)


def undo_facts(plan: UndoPlan, schema: BoardSchema) -> list[tuple[str, str]]:
    """Board, account, customers, how much is archived and kept; of several runs first which they are."""
    orders, kept = archived_orders(plan), kept_orders(plan)
    customers = [
        batch.customer for batch in plan.batches if any(order.operation is not None for order in batch.orders)
    ]
    lines = sum(len(order.lines) for order in orders)
    facts = [
        *([("Runs", runs_words(plan))] if len(plan.runs) > 1 else []),
        ("Board", plan.board_name),
        ("Account", schema.account or "unnamed"),
        ("Customers", some(customers) or "none"),
        (
            "To be archived",
            f"{count_words(archived_items(plan), 'item')} with {count_words(lines, 'line')}"
            if orders
            else "nothing",
        ),
        ("Kept", count_words(len(kept), "order") if kept else "none"),
    ]
    if plan.undone_before:
        facts.append(("Archived before", f"{count_words(plan.undone_before, 'item')}, by an earlier undo"))
    return facts


def runs_words(plan: UndoPlan) -> str:
    """Return which runs are undone together, and why."""
    first, *rest = (_moment(run.started_at) for run in plan.runs)
    resumed = "which resumed it" if len(rest) == 1 else "which resumed it one after the other"
    return f"{first}, which was interrupted, and {' and '.join(rest)}, {resumed}"


def kept_table(parent: QWidget) -> RecordTable[KeptOrder]:
    """An empty table of orders whose items stay."""
    return RecordTable(
        (
            TableColumn("Order", lambda order: order.label),
            TableColumn("Customer", lambda order: order.customer or "not known"),
            TableColumn("Why it is kept", lambda order: order.message),
            TableColumn("What to do", lambda order: order.remedy),
        ),
        parent,
    )


class UndoPanel(QDialog):
    """Says what an undo archives and what it keeps and why, and asks once; the safe answer is the default."""

    def __init__(
        self,
        parent: QWidget | None,
        plan: UndoPlan,
        schema: BoardSchema,
        report: RunReport,
        *,
        production: bool,
    ) -> None:
        super().__init__(parent)
        count, kept = archived_items(plan), kept_orders(plan)
        heading = _heading(plan, report)
        self.setWindowTitle(heading)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setMinimumWidth(WIDE if kept else NARROW)
        self.archive_button = danger_button(f"Archive {count_words(count, 'item')}")
        self.close_button = plain_button("Don't undo" if count else "Close")
        self.kept = QTableView()
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, EDGE, EDGE, GROUPS)
        column.setSpacing(GROUPS)
        column.addWidget(title_label(heading))
        column.addLayout(facts_grid(undo_facts(plan, schema)))
        if count:
            column.addWidget(body_label(_what_happens(plan)))
        if count and production:
            column.addWidget(
                MessagePanel(
                    Severity.WARN, "This is the Production board", "The items leave it for everybody."
                )
            )
        if kept:
            column.addWidget(section_label("Kept, with the reason"))
            column.addWidget(self._table(kept), 1)
        column.addWidget(rule())
        column.addLayout(self._buttons(archives=bool(count)))

    def showEvent(self, event: QShowEvent) -> None:
        """Take the height the words need."""
        super().showEvent(event)
        fit_height(self)
        self.close_button.setFocus()

    async def ask(self) -> bool:
        """Show the panel and return whether to archive; the event loop goes on meanwhile."""
        return await result_of(self) == QDialog.DialogCode.Accepted

    def _table(self, kept: list[KeptOrder]) -> QTableView:
        model = kept_table(self)
        model.set_records(kept)
        self.kept.setModel(model)
        prepare_table(self.kept, "Orders that are kept")
        fit_table(self.kept)
        header = self.kept.horizontalHeader()
        header.resizeSection(_WHY, min(self.kept.sizeHintForColumn(_WHY) + GROUPS, WIDEST_REASON))
        return self.kept

    def _buttons(self, *, archives: bool) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(RELATED)
        row.addStretch(1)
        row.addWidget(self.close_button)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)
        if archives:
            row.addWidget(self.archive_button)
            self.archive_button.clicked.connect(self.accept)
        return row


def _what_happens(plan: UndoPlan) -> str:
    if len(plan.runs) > 1:
        begin = (
            "These runs are one piece of work: only what they made and nobody changed since is archived. The"
        )
    else:
        begin = "Only what the run made and nobody changed since is archived. Its"
    return f"{begin} orders are new again: the next push makes them afresh. Groups stay."


def _heading(plan: UndoPlan, report: RunReport) -> str:
    several = len(plan.runs) > 1
    if archived_orders(plan):
        if several:
            first, others = _moment(plan.runs[0].started_at), len(plan.runs) - 1
            return f"Undo the run of {first} and {'its resumption' if others == 1 else 'its resumptions'}?"
        return f"Undo the run of {when_text(report)}?"
    if kept_orders(plan):
        return f"Nothing of {'these runs' if several else 'this run'} can be undone"
    if plan.undone_before:
        return "These runs are undone already" if several else "This run is undone already"
    return "These runs have made no items" if several else "This run has made no items"


def _moment(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"
