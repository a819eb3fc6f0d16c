"""The Preview page: the plan, request by request, byte for byte, before anything is sent."""

import asyncio
from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QHeaderView,
    QSplitter,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from core.errors import DeltaDeskError
from core.mapping.findings import Finding
from core.orders.model import Selection
from core.sync.plan import Plan, PlannedRequest, Step
from core.workspace import Workspace
from gui.models.plan_outline import NodeKind, PlanNode, PlanOutline, outline_of
from gui.models.request_tree import NODE_ROLE, RequestTreeModel
from gui.pages.finding_list import FindingList
from gui.pages.orders import orders_words
from gui.pages.request_view import RequestView
from gui.preferences import Preferences
from gui.task_owner import TaskOwner
from gui.theme import EDGE, GROUPS, RELATED
from gui.widgets.buttons import disable_because, enable, primary_button
from gui.widgets.labels import muted_label
from gui.widgets.messages import EmptyState, MessagePanel, Severity
from gui.widgets.page_stack import PageStack
from gui.widgets.tables import prepare_table
from gui.widgets.toolbar import PageHeader

_EMPTY, _PLAN = 0, 1
_REQUEST, _REASONS = 0, 1
_NAMED = 3
"""New groups and labels named in the page's head; the rest is counted, and named in the tooltip."""
_SPLITTER = "preview/splitter"


class PreviewPage(QWidget):
    """Shows what a push would send. The plan shown is the plan that `push_requested` hands on."""

    problem = Signal(object)
    """A `Problem` for the window to show."""
    push_requested = Signal(object)
    """The `Plan` to run."""
    orders_requested = Signal()
    """The operator wants to choose orders."""
    plan_changed = Signal(object)
    """The `Plan` now shown, or None."""

    def __init__(self, tasks: TaskOwner, preferences: Preferences) -> None:
        super().__init__()
        self._tasks = tasks
        self._preferences = preferences
        self._workspace: Workspace | None = None
        self._selection: Selection | None = None
        self._plan: Plan | None = None
        self._outline: PlanOutline | None = None
        self._blocked = ""
        self._make_widgets()
        self._lay_out()
        self._connect()
        self.forget()

    # What the application calls

    @property
    def plan(self) -> Plan | None:
        """The plan shown."""
        return self._plan

    @property
    def first_focus(self) -> QWidget:
        """The plan's requests, or what to do as long as there is no plan."""
        return self._tree if self._stack.currentIndex() == _PLAN else self._empty.button

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Take another profile; its plan is made by `show_selection`."""
        self._workspace = workspace
        self.forget()

    def forget(self) -> None:
        """Show no plan: none was made yet, or it has been pushed."""
        self._selection = self._plan = self._outline = None
        self._say(
            "preview", "Choose orders and press Preview", "Every request is shown here before it is sent."
        )
        self._empty.button.setText("Choose orders")
        self._show_head()
        self.plan_changed.emit(None)

    async def show_selection(self, selection: Selection) -> None:
        """Make the plan of a selection and show it. What cannot be planned is said in the page."""
        workspace = self._workspace
        if workspace is None:
            return
        self._selection = selection
        self._plan = self._outline = None
        self._say("preview", "Planning …", "The orders and the board are being read.", button=False)
        self._show_head()
        try:
            plan = await workspace.plan(selection)
        except DeltaDeskError as error:
            problem = error.problem
            self._say("error", problem.title, f"{problem.subject}\n{problem.remedy}")
            self._empty.button.setText("Try again")
            return
        outline = await asyncio.to_thread(outline_of, plan)
        if workspace is self._workspace and selection is self._selection:
            self._take(plan, outline)

    async def reload(self) -> None:
        """Plan the same selection again: the orders or the board may be others now."""
        if self._selection is not None:
            await self.show_selection(self._selection)

    def set_push_blocked(self, reason: str) -> None:
        """Keep the operator from pushing, and say why; an empty reason allows it again."""
        self._blocked = reason
        self._show_head()

    def focus_search(self) -> None:
        """Put the cursor into the tree: its rows are found by typing."""
        self._tree.setFocus(Qt.FocusReason.ShortcutFocusReason)

    # Building

    def _make_widgets(self) -> None:
        self._header = PageHeader("Preview")
        self.push_button = primary_button("Push", "arrow-right")
        self._header.add(self.push_button)
        self.calls_warning = MessagePanel(Severity.WARN, "")
        self.calls_warning.hide()
        self._new = muted_label("")
        self._new.setWordWrap(True)
        self._requests = RequestTreeModel(self)
        self._tree = QTreeView()
        self._tree.setModel(self._requests)
        prepare_table(self._tree, "Requests of the plan")
        self._tree.header().setStretchLastSection(False)
        self._tree.header().setSectionsClickable(False)
        self._tree.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self._tree.header().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        self._tree.setMinimumWidth(220)
        self._tree.setSelectionMode(QTreeView.SelectionMode.SingleSelection)
        self.request_view = RequestView()
        self.finding_list = FindingList()
        self._finding_tab = self.request_view.addTab(self.finding_list, "F&indings")
        self._reasons = MessagePanel(Severity.WARN, "")
        self._empty = EmptyState("preview", "", "", "")

    def _lay_out(self) -> None:
        reasons = QWidget()
        above = QVBoxLayout(reasons)
        above.setContentsMargins(0, 0, 0, 0)
        above.addWidget(self._reasons)
        above.addStretch(1)
        self._right = QStackedWidget()
        self._right.addWidget(self.request_view)
        self._right.addWidget(reasons)
        self._splitter = QSplitter()
        self._splitter.setChildrenCollapsible(False)
        self._splitter.addWidget(self._tree)
        self._splitter.addWidget(self._right)
        self._splitter.setStretchFactor(1, 1)
        if not self._preferences.restore_state(_SPLITTER, self._splitter):
            self._splitter.setSizes([270, 730])
        self._stack = PageStack()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._splitter)
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, GROUPS, EDGE, GROUPS)
        column.setSpacing(RELATED)
        column.addWidget(self._header)
        column.addWidget(self._new)
        column.addWidget(self.calls_warning)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self.push_button.clicked.connect(lambda: self.push_requested.emit(self._plan))
        self._empty.activated.connect(self._empty_activated)
        self._tree.selectionModel().currentChanged.connect(self._node_chosen)
        self.finding_list.record_wanted.connect(self._go_to_finding)
        self._splitter.splitterMoved.connect(
            lambda *_: self._preferences.remember_state(_SPLITTER, self._splitter)
        )

    # Showing

    def _say(self, icon_name: str, title: str, sentence: str, *, button: bool = True) -> None:
        self._empty.set_words(icon_name, title, sentence)
        self._empty.button.setVisible(button)
        self._stack.setCurrentIndex(_EMPTY)

    def _empty_activated(self) -> None:
        if self._selection is None:
            self.orders_requested.emit()
        else:
            self._tasks.replace("preview", self.show_selection(self._selection))

    def _take(self, plan: Plan, outline: PlanOutline) -> None:
        self._plan, self._outline = plan, outline
        self._requests.set_nodes(outline.nodes)
        self._tree.expandToDepth(1 if len(outline.nodes) <= 3 else 0)
        self.finding_list.set_findings(outline.findings)
        count = len(outline.findings)
        self.request_view.setTabText(self._finding_tab, f"F&indings {count}" if count else "F&indings")
        self._stack.setCurrentIndex(_PLAN)
        # Orders are what a person checks first, not the groups they go to.
        first = self._requests.find(NodeKind.REQUEST, _first_items(plan))
        if first.isValid():
            self._tree.setCurrentIndex(first)
        else:
            self.request_view.show_request(None)
            self.request_view.setCurrentIndex(self._finding_tab)
        self._show_head()
        self.plan_changed.emit(plan)

    def _show_head(self) -> None:
        outline, workspace = self._outline, self._workspace
        self._header.set_subtitle(outline.forecast if outline else "")
        warning = outline.warning if outline else ""
        self.calls_warning.set_message(Severity.WARN, "Today's calls do not suffice for this run", warning)
        self.calls_warning.setVisible(bool(warning))
        groups = outline.new_groups if outline else ()
        labels = [f"{title} \u201c{label}\u201d" for title, label in outline.new_labels] if outline else []
        lists = [("New groups: ", groups), ("New labels: ", labels)]
        self._new.setText("   ".join(words + _some(names) for words, names in lists if names))
        self._new.setToolTip("\n".join(words + ", ".join(names) for words, names in lists if names))
        self._new.setVisible(bool(groups or labels))
        if outline is None or workspace is None:
            self.push_button.setText("Push")
            disable_because(self.push_button, "Preview some orders first")
            return
        badge = workspace.profile.badge
        # A plan may hold nothing but archived or changed lines of orders that stay as they are.
        self.push_button.setText(f"Push {orders_words(outline.orders_sent)} to {badge}")
        if self._blocked:
            disable_because(self.push_button, self._blocked)
        elif not outline.requests:
            disable_because(self.push_button, "Nothing of this selection can be sent: see the findings")
        else:
            enable(self.push_button)

    def _node_chosen(self, current: QModelIndex, _before: QModelIndex) -> None:
        node = current.data(NODE_ROLE)
        if not isinstance(node, PlanNode):
            return
        if node.kind is NodeKind.UNSENT_RECORD:
            self._reasons.set_message(Severity.WARN, f"{node.title} is not sent", "\n".join(node.reasons))
            self._right.setCurrentIndex(_REASONS)
            return
        self._right.setCurrentIndex(_REQUEST)
        if node.request is not None:
            if node.request is not self.request_view.request:
                self.request_view.show_request(node.request)
            if self.request_view.currentIndex() == self._finding_tab:
                self.request_view.setCurrentIndex(0)
        elif node.kind is NodeKind.FINDINGS:
            self.request_view.setCurrentIndex(self._finding_tab)
            self._choose_finding_of(node.customer)

    def _choose_finding_of(self, customer: str) -> None:
        """Choose the first finding of a customer."""
        batches = self._plan.batches if self._plan else ()
        self.finding_list.choose(next(batch.findings[0] for batch in batches if batch.customer == customer))

    def _go_to_finding(self, finding: Finding) -> None:
        """Go to the record: its fields where it is sent, else why it is not."""
        if self._plan is None:
            return
        for key in _keys_of(self._plan, finding):
            if (request := _request_with(self._plan, key)) is not None:
                self._tree.setCurrentIndex(self._requests.find(NodeKind.REQUEST, request.key))
                self.request_view.show_record(key)
                return
            if (unsent := self._requests.find(NodeKind.UNSENT_RECORD, key)).isValid():
                self._tree.setCurrentIndex(unsent)
                return


def _first_items(plan: Plan) -> str | None:
    """Return the key of the first request of pass 1, or None."""
    return next((request.key for request in plan.requests if request.step is Step.ITEMS), None)


def _keys_of(plan: Plan, finding: Finding) -> tuple[str, ...]:
    """Return the key of the finding's record and, of a line, that of its order."""
    for batch in plan.batches:
        for order in batch.orders:
            if any(line.key == finding.key for line in order.lines):
                return finding.key, order.key
    return (finding.key,)


def _request_with(plan: Plan, key: str) -> PlannedRequest | None:
    """Return the request that sends a record, or None."""
    for request in plan.requests:
        if any(operation.key == key for operation in request.operations):
            return request
    return None


def _some(names: Sequence[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")
