"""One request of a plan: the fields of each record in it, its GraphQL, its variables, its exact bytes."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QTableView, QTabWidget, QVBoxLayout, QWidget

from core.sync.plan import Operation, PlannedRequest, Step
from gui.models.field_table import field_rows, field_table, first_of
from gui.models.plan_outline import counted
from gui.theme import RELATED
from gui.widgets.buttons import disable_because, enable, icon_button, plain_button
from gui.widgets.clipboard import copy_text
from gui.widgets.code import CodeView
from gui.widgets.labels import muted_label, small_label
from gui.widgets.tables import prepare_table

FIELDS, GRAPHQL, VARIABLES = range(3)
_REFERENCES = (
    'A reference such as {"$ref": "order:…"} stands for an id that only the board can give. '
    "The engine puts the id in once that item or group is there, and changes nothing else."
)
_STEPS = {
    Step.GROUPS: "groups",
    Step.ITEMS: "items, pass 1",
    Step.SUBITEMS: "subitems, pass 2",
    Step.IMPORT: "items and subitems, as one file",
}


class RequestView(QTabWidget):
    """Shows one request: Fields, GraphQL, Variables. Only the tab that is open is filled."""

    def __init__(self) -> None:
        super().__init__()
        self.setDocumentMode(True)
        self._request: PlannedRequest | None = None
        self._stale = {FIELDS, GRAPHQL, VARIABLES}
        self._make_widgets()
        self.addTab(self._fields_tab(), "Fiel&ds")
        self.addTab(self._code_tab(self.document, "Copy document", self.copy_document), "Graph&QL")
        self.addTab(
            self._code_tab(self.variables, "Copy variables", self.copy_variables, _REFERENCES), "V&ariables"
        )
        self.currentChanged.connect(self._fill)
        self.show_request(None)

    @property
    def request(self) -> PlannedRequest | None:
        """The request shown."""
        return self._request

    @property
    def operation(self) -> Operation | None:
        """The operation whose fields are shown."""
        place = self.records.currentIndex()
        return self._request.operations[place] if self._request and place >= 0 else None

    def show_request(self, request: PlannedRequest | None) -> None:
        """Show another request, or none."""
        self._request = request
        self._stale = {FIELDS, GRAPHQL, VARIABLES}
        for button in self._copy_buttons:
            if request:
                enable(button)
            else:
                disable_because(button, "Choose a request first")
        self._fill(self.currentIndex())

    def show_record(self, key: str) -> None:
        """Show the fields of the record with this key, if the request has it."""
        self.setCurrentIndex(FIELDS)
        place = first_of(self._request.operations, key) if self._request else None
        if place is not None:
            self.records.setCurrentIndex(place)

    def copy_document(self) -> None:
        """Put the GraphQL text on the clipboard."""
        if self._request:
            copy_text(self._request.document)

    def copy_variables(self) -> None:
        """Put the variables on the clipboard, indented."""
        if self._request:
            copy_text(self._request.variables_text)

    def copy_body(self) -> None:
        """Put the whole body on the clipboard: the bytes that will be sent, references unresolved."""
        if self._request:
            copy_text(self._request.body.decode())

    def _make_widgets(self) -> None:
        self._copy_buttons: list[QWidget] = []
        self._facts = muted_label("")
        self._facts.setWordWrap(True)
        self.records = QComboBox()
        self.records.setMinimumContentsLength(12)
        self.records.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.records.setAccessibleName("Record of the request")
        self.records.setToolTip("The record whose fields are shown")
        self.records.currentIndexChanged.connect(self._show_fields)
        self.previous_button = icon_button("chevron-up", "Previous record")
        self.next_button = icon_button("chevron-down", "Next record")
        self.previous_button.clicked.connect(lambda: self._step(-1))
        self.next_button.clicked.connect(lambda: self._step(1))
        self._fields = field_table()
        self._field_view = QTableView()
        self._field_view.setModel(self._fields)
        prepare_table(self._field_view, "Fields of the record")
        self._field_view.setSortingEnabled(True)
        self._field_view.horizontalHeader().setSortIndicator(-1, Qt.SortOrder.AscendingOrder)
        for section, width in enumerate((180, 130, 160, 170)):
            self._field_view.setColumnWidth(section, width)
        self.document = CodeView("graphql", "GraphQL document")
        self.variables = CodeView("json", "Variables")

    def _fields_tab(self) -> QWidget:
        row = QHBoxLayout()
        row.setSpacing(RELATED)
        row.addWidget(self.records, 1)
        row.addWidget(self.previous_button)
        row.addWidget(self.next_button)
        tab, column = _column()
        column.addWidget(self._facts)
        column.addLayout(row)
        column.addWidget(self._field_view, 1)
        return tab

    def _code_tab(self, view: CodeView, words: str, copy: Callable[[], None], hint: str = "") -> QWidget:
        # Said in words above the text instead, where it covers nothing.
        view.copy_button.hide()
        part = plain_button(words, "copy")
        part.clicked.connect(copy)
        whole = plain_button("Copy whole body", "copy")
        whole.setToolTip("The exact bytes of the request, references unresolved")
        whole.clicked.connect(self.copy_body)
        self._copy_buttons += [part, whole]
        row = QHBoxLayout()
        row.setSpacing(RELATED)
        row.addWidget(part)
        row.addWidget(whole)
        row.addStretch(1)
        tab, column = _column()
        column.addLayout(row)
        if hint:
            label = small_label(hint)
            label.setWordWrap(True)
            column.addWidget(label)
        column.addWidget(view, 1)
        return tab

    def _fill(self, tab: int) -> None:
        """Fill the tab that is open, once a request."""
        if tab not in self._stale:
            return
        self._stale.discard(tab)
        request = self._request
        if tab == FIELDS:
            self._fill_fields(request)
        elif tab == GRAPHQL:
            self.document.set_code(request.document if request else "")
        else:
            self.variables.set_code(request.variables_text if request else "")

    def _fill_fields(self, request: PlannedRequest | None) -> None:
        operations = request.operations if request else ()
        self._facts.setText(
            f"{request.customer or 'Several customers'} · {_STEPS[request.step]} · "
            f"{counted(len(operations), 'record')} · board {request.board_id}"
            if request
            else ""
        )
        self.records.clear()
        self.records.addItems([f"{operation.label} · {operation.kind.value}" for operation in operations])
        self._show_fields()

    def _show_fields(self, *_place: object) -> None:
        operation = self.operation
        self._fields.set_records(field_rows(operation) if operation else ())
        place, count = self.records.currentIndex(), self.records.count()
        self.previous_button.setEnabled(place > 0)
        self.next_button.setEnabled(0 <= place < count - 1)

    def _step(self, by: int) -> None:
        self.records.setCurrentIndex(self.records.currentIndex() + by)


def _column() -> tuple[QWidget, QVBoxLayout]:
    tab = QWidget()
    column = QVBoxLayout(tab)
    column.setContentsMargins(0, RELATED, 0, 0)
    column.setSpacing(RELATED)
    return tab, column
