"""Everything about one order: its fields, its lines, what was found, and what happened to it."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QHBoxLayout,
    QSizePolicy,
    QStackedWidget,
    QTableView,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from core.config.model import EngineColumns, Profile
from core.mapping.findings import Finding
from core.mapping.source_values import as_text
from core.orders.model import OrderDetail, OrderRow, RecordKind, SyncState
from gui.icons import set_icon
from gui.models.finding_table import finding_table
from gui.models.lines_table import lines_table
from gui.models.order_columns import STATE_WORDS, customer_name
from gui.theme import INSIDE, RELATED
from gui.widgets.buttons import icon_button, plain_button
from gui.widgets.clipboard import copy_text
from gui.widgets.labels import muted_label, section_label
from gui.widgets.messages import EmptyState
from gui.widgets.search import SearchField
from gui.widgets.states import StateLabel
from gui.widgets.tables import KeyValueTable, prepare_table

_NOTHING, _DETAIL = 0, 1


class OrderDetailPane(QWidget):
    """The pane under or beside the orders. It reads nothing itself: `show_detail` gives it what it shows."""

    board_wanted = Signal(str)
    """The item id to open on the board."""
    hold_wanted = Signal(list)
    """Keys of orders to hold."""
    release_wanted = Signal(list)
    """Keys of orders to release."""
    close_wanted = Signal()
    turn_wanted = Signal()
    """Under the table instead of beside it, or the other way round."""

    def __init__(self) -> None:
        super().__init__()
        self._detail: OrderDetail | None = None
        self._columns = EngineColumns()
        self._title = section_label("")
        self._customer = muted_label("")
        self._state = StateLabel()
        self.hold_button = plain_button("Hold", "hold")
        self.board_button = icon_button("link-out", "Open on the board")
        self.json_button = icon_button("copy", "Copy the whole order as JSON")
        self.turn_button = icon_button("columns", "Show the details beside or under the orders")
        self.close_button = icon_button("close", "Hide the details")
        self.board_button.clicked.connect(self._open_on_board)
        self.hold_button.clicked.connect(self._hold_or_release)
        self.json_button.clicked.connect(self.copy_json)
        self.turn_button.clicked.connect(self.turn_wanted)
        self.close_button.clicked.connect(self.close_wanted)
        self._make_tabs()
        self._lay_out()

    @property
    def order_key(self) -> str | None:
        """The key of the order shown."""
        return self._detail.row.key if self._detail else None

    def set_profile(self, profile: Profile | None) -> None:
        """Take the names of the columns that the engine owns; shows nothing until the next order."""
        self._columns = profile.columns if profile else EngineColumns()
        self._lines = lines_table(self._columns)
        self._line_view.setModel(self._lines)
        self._line_view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        for section, width in enumerate((96, 96, 128, 128)):
            self._line_view.setColumnWidth(section, width)
        self.show_nothing()

    def show_nothing(self, sentence: str = "Choose an order to see its fields, lines and findings.") -> None:
        """Say what would be here."""
        self._detail = None
        self._nothing.set_words("orders", "No order chosen", sentence)
        self._show(detail=False)

    def show_detail(self, detail: OrderDetail, findings: Sequence[Finding] = ()) -> None:
        """Show an order with the findings of the last preview, else what the last attempt left behind."""
        self._detail = detail
        row = detail.row
        self._title.setText(row.label)
        self._customer.setText(customer_name(row.customer))
        self._customer.setToolTip(customer_name(row.customer))
        self._state.set_state(STATE_WORDS[row.state])
        self._show(detail=True)
        self.board_button.setVisible(row.item_id is not None)
        held = row.state is SyncState.HELD
        self.hold_button.setText("Release" if held else "Hold")
        set_icon(self.hold_button, "play" if held else "hold")
        self.hold_button.setToolTip(
            "Let runs send this order again"
            if held
            else "Keep runs from sending this order until it is released"
        )
        self.hold_button.setVisible(row.state is not SyncState.SYNCED)
        self._show_fields()
        self._lines.set_records(detail.lines)
        told = tuple(findings) or stored_findings(row)
        self._findings.set_records(told)
        self._history.set_rows(history_rows(detail, self._columns))
        self._tabs.setTabText(1, f"&Lines {len(detail.lines)}")
        self._tabs.setTabText(2, f"F&indings {len(told)}" if told else "F&indings")

    def focus_fields(self) -> None:
        """Put the cursor where the fields are filtered."""
        self._tabs.setCurrentIndex(0)
        self._field_search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def copy_json(self) -> None:
        """Put the whole order on the clipboard as JSON."""
        if self._detail:
            copy_text(detail_json(self._detail))

    def _make_tabs(self) -> None:
        self._fields = KeyValueTable(("Column", "Value"), name="Fields of the order")
        self._field_search = SearchField("Filter fields")
        self._field_search.searched.connect(self._show_fields)
        self._field_count = muted_label("")
        self._lines = lines_table(self._columns)
        self._line_view = _table(self._lines, "Lines of the order")
        self._findings = finding_table()
        self._finding_view = _table(self._findings, "Findings of the order")
        for section, width in enumerate((200, 200, 320)):
            self._finding_view.setColumnWidth(section, width)
        self._history = KeyValueTable(("What", "When or which"), name="History of the order")
        # Beside the tabs, so that the fields have the height.
        self._filter = QWidget()
        row = QHBoxLayout(self._filter)
        row.setContentsMargins(0, 0, 0, INSIDE)
        row.setSpacing(RELATED)
        row.addWidget(self._field_count)
        row.addWidget(self._field_search)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.setCornerWidget(self._filter)
        self._tabs.currentChanged.connect(lambda tab: self._filter.setVisible(tab == 0))
        self._tabs.addTab(self._fields, "Fiel&ds")
        self._tabs.addTab(self._line_view, "&Lines")
        self._tabs.addTab(self._finding_view, "F&indings")
        self._tabs.addTab(self._history, "Hi&story")

    def _lay_out(self) -> None:
        self._nothing = EmptyState("orders", "", "")
        head = QHBoxLayout()
        head.setSpacing(RELATED)
        head.addWidget(self._title)
        head.addSpacing(RELATED)
        head.addWidget(self._state)
        head.addSpacing(RELATED)
        # Where room is short, the customer's name is what gives way.
        self._customer.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        head.addWidget(self._customer, 1)
        head.addStretch()
        for button in (
            self.hold_button,
            self.board_button,
            self.json_button,
            self.turn_button,
            self.close_button,
        ):
            head.addWidget(button)
        self._stack = QStackedWidget()
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self._tabs)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, RELATED, 0, 0)
        column.setSpacing(RELATED)
        column.addLayout(head)
        column.addWidget(self._stack, 1)
        self.setMinimumSize(400, 160)

    def _show(self, *, detail: bool) -> None:
        for widget in (
            self._title,
            self._customer,
            self._state,
            self.hold_button,
            self.board_button,
            self.json_button,
        ):
            widget.setVisible(detail)
        self._stack.setCurrentIndex(_DETAIL if detail else _NOTHING)

    def _show_fields(self, *_text: object) -> None:
        if self._detail is None:
            return
        every = [(name, as_text(value)) for name, value in self._detail.fields]
        text = self._field_search.text().strip().casefold()
        shown = [field for field in every if text in field[0].casefold() or text in field[1].casefold()]
        self._fields.set_rows(shown)
        self._field_count.setText(f"{len(shown)} of {len(every)}")

    def _open_on_board(self) -> None:
        if self._detail and self._detail.row.item_id:
            self.board_wanted.emit(self._detail.row.item_id)

    def _hold_or_release(self) -> None:
        if self._detail:
            held = self._detail.row.state is SyncState.HELD
            (self.release_wanted if held else self.hold_wanted).emit([self._detail.row.key])


def _table(model: Any, name: str) -> QTableView:
    view = QTableView()
    view.setModel(model)
    prepare_table(view, name)
    view.setSortingEnabled(True)
    view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
    return view


def stored_findings(row: OrderRow) -> tuple[Finding, ...]:
    """Return what the last attempt left behind, as a finding; nothing for an order that did not fail."""
    if row.state is not SyncState.ERROR:
        return ()
    message = row.error or "The order failed, and no message was stored"
    remedy = "Correct the cause and send the order again from Failures."
    return (Finding(RecordKind.ORDER, row.key, row.label, "stored_error", message, remedy),)


def history_rows(detail: OrderDetail, columns: EngineColumns) -> list[tuple[str, str]]:
    """Return the order's stored past: what happened and when; only what the table tells."""
    values = dict(detail.fields)
    wanted = (
        ("Arrived", columns.created_at),
        ("Last changed", columns.updated_at),
        ("Last attempt", columns.sync_attempted_at),
        ("Synced", columns.sync_completed_at),
        ("Failed attempts", columns.retry_count),
        ("Action", columns.action_type),
        ("Item on the board", columns.monday_item_id),
        ("Last message", columns.sync_error_message),
        ("Key", columns.record_uuid),
    )
    told = [(words, values[name]) for words, name in wanted if values.get(name) is not None]
    return [(words, _moment_or_text(value)) for words, value in told]


def _moment_or_text(value: Any) -> str:
    # The tables hold UTC without a zone; the words say so, and History shows the exact time.
    if isinstance(value, datetime):
        return f"{value.isoformat(sep=' ', timespec='seconds')} UTC"
    return as_text(value)


def detail_json(detail: OrderDetail) -> str:
    """Return the order's fields and lines as indented JSON."""
    lines = [{**line.values, "sync_state": line.state.value} for line in detail.lines]
    return json.dumps(
        {"fields": dict(detail.fields), "lines": lines}, ensure_ascii=False, indent=2, default=as_text
    )


def row_json(record: Any) -> str:
    """Return a record of the table (a dataclass) as indented JSON."""
    return json.dumps(asdict(record), ensure_ascii=False, indent=2, default=as_text)
