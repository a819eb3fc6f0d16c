"""The saved versions of a mapping: listed, compared, and brought back into the form."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from PySide6.QtCore import QDateTime, QLocale, Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.config.model import MappingSet
from core.errors import DeltaDeskError
from core.workspace import Workspace
from core.workspace.mapping_versions import MappingVersion
from gui.models.mapping_words import Change, TitleOf, mapping_changes
from gui.models.record_table import RECORD_ROLE, RecordTable, TableColumn
from gui.task_owner import TaskOwner
from gui.theme import EDGE, GROUPS, RELATED
from gui.widgets.buttons import disable_because, enable, plain_button, primary_button
from gui.widgets.labels import muted_label, rule, section_label, title_label
from gui.widgets.messages import EmptyState, MessagePanel, Severity
from gui.widgets.tables import prepare_table

_LIST, _COMPARE = "list the mapping's versions", "compare the mapping's versions"
_NONE, _SOME = 0, 1


def _when(version: MappingVersion) -> str:
    moment = QDateTime.fromSecsSinceEpoch(int(version.saved_at.timestamp()))
    return QLocale().toString(moment, QLocale.FormatType.ShortFormat)


def _what(version: MappingVersion) -> str:
    return ", ".join(part for part in ("in use" if version.current else "", version.note) if part)


class VersionsDialog(QDialog):
    """One version chosen is compared with the one in use, two with each other."""

    restore_wanted = Signal(int, object)
    """The number of a version, and its `MappingSet`: it is to come into the form."""

    def __init__(self, parent: QWidget, workspace: Workspace, tasks: TaskOwner, title_of: TitleOf) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._tasks = tasks
        self._title_of = title_of
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setWindowTitle("Versions of the mapping")
        self.setMinimumSize(560, 360)
        self.resize(900, 520)
        self._make_tables()
        self._problem = MessagePanel(Severity.ERROR, "")
        self._problem.hide()
        self._heading = section_label("")
        self.restore_button = primary_button("Restore")
        self.close_button = plain_button("Close")
        self._lay_out()
        self.view.selectionModel().selectionChanged.connect(lambda *_: self._compare())
        self.restore_button.clicked.connect(self._restore)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)
        self._compare()
        self._work(_LIST, workspace.mapping_versions(), self._show_versions)

    def done(self, result: int) -> None:
        """Close; nothing that was still being read arrives any more."""
        for name in (_LIST, _COMPARE):
            if self._tasks.is_running(name):
                self._tasks.replace(name, _nothing())
        super().done(result)

    # Building

    def _make_tables(self) -> None:
        self.versions = RecordTable[MappingVersion](
            (
                TableColumn("Version", lambda version: str(version.number), number=True),
                TableColumn("Saved", _when, lambda version: version.saved_at),
                TableColumn("Note", _what),
                TableColumn("By", lambda version: version.worker),
            ),
            self,
        )
        self.view = QTableView()
        self.view.setModel(self.versions)
        prepare_table(self.view, "Versions")
        self.view.horizontalHeader().setSectionsClickable(False)
        for section, width in enumerate((72, 124, 124)):
            self.view.setColumnWidth(section, width)
        self.changes = RecordTable[Change](
            (
                TableColumn("What", lambda change: change.what),
                TableColumn("Change", lambda change: change.how),
            ),
            self,
        )
        self.changes_view = QTableView()
        self.changes_view.setModel(self.changes)
        prepare_table(self.changes_view, "What differs")
        self.changes_view.horizontalHeader().setSectionsClickable(False)
        self.changes_view.setColumnWidth(0, 180)
        self._same = EmptyState("mappings", "", "")
        self._right = QStackedWidget()
        self._right.addWidget(self._same)
        self._right.addWidget(self.changes_view)

    def _lay_out(self) -> None:
        right = QWidget()
        column = QVBoxLayout(right)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(RELATED)
        column.addWidget(self._heading)
        column.addWidget(self._right, 1)
        left = QWidget()
        listed = QVBoxLayout(left)
        listed.setContentsMargins(0, 0, 0, 0)
        listed.setSpacing(RELATED)
        listed.addWidget(section_label("Saved versions"))
        listed.addWidget(self.view, 1)
        split = QSplitter()
        split.setChildrenCollapsible(False)
        split.addWidget(left)
        split.addWidget(right)
        split.setSizes([430, 420])
        buttons = QHBoxLayout()
        buttons.setSpacing(RELATED)
        buttons.addWidget(muted_label("Select two versions with Ctrl to compare them."), 1)
        buttons.addWidget(self.close_button)
        buttons.addWidget(self.restore_button)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(EDGE, EDGE, EDGE, GROUPS)
        outer.setSpacing(RELATED)
        outer.addWidget(title_label(f"Versions of {self._workspace.profile.mapping}"))
        outer.addWidget(self._problem)
        outer.addWidget(split, 1)
        outer.addWidget(rule())
        outer.addLayout(buttons)

    # Showing

    def _work(self, name: str, work: Coroutine[Any, Any, Any], done: Callable[[Any], object]) -> None:
        self._tasks.replace(name, work, done=done, problem=self._show_problem)

    def _show_versions(self, versions: Sequence[MappingVersion]) -> None:
        self.versions.set_records(versions)
        if len(versions) > 1:
            self.view.selectRow(1)
        elif versions:
            self.view.selectRow(0)
        else:
            self._compare()

    def _chosen(self) -> list[MappingVersion]:
        rows = self.view.selectionModel().selectedRows()
        return sorted((row.data(RECORD_ROLE) for row in rows), key=lambda version: version.number)

    def _compare(self) -> None:
        chosen = self._chosen()
        current = next((each for each in self.versions.records if each.current), None)
        self._show_restore(chosen)
        if not self.versions.records:
            self._say("No version yet", "Each saved mapping is kept as a version, and so is what a run sent.")
        elif not 1 <= len(chosen) <= 2:
            self._say("Nothing to compare", "Select one version, or two.")
        elif len(chosen) == 1 and (current is None or chosen[0] == current):
            self._say("This version is in use", "Select another one to compare it with this one.")
        else:
            before = chosen[0]
            after = chosen[1] if len(chosen) == 2 else current
            assert after is not None
            if after.number < before.number:
                before, after = after, before
            self._heading.setText(f"From version {before.number} to version {after.number}")
            self._work(_COMPARE, self._differences(before.number, after.number), self._show_differences)

    async def _differences(self, before: int, after: int) -> tuple[Change, ...]:
        old = await self._workspace.mapping_of_version(before)
        new = await self._workspace.mapping_of_version(after)
        return mapping_changes(old, new, self._title_of)

    def _show_differences(self, changes: Sequence[Change]) -> None:
        self._problem.hide()
        self.changes.set_records(changes)
        self._right.setCurrentIndex(_SOME)
        if not changes:
            self._same.set_words("synced", "No difference", "Both versions write the same.")
            self._right.setCurrentIndex(_NONE)

    def _say(self, title: str, sentence: str) -> None:
        self._heading.setText("What differs")
        self._same.set_words("mappings", title, sentence)
        self._right.setCurrentIndex(_NONE)

    def _show_restore(self, chosen: Sequence[MappingVersion]) -> None:
        one = chosen[0] if len(chosen) == 1 else None
        self.restore_button.setText(f"Restore version {one.number}" if one else "Restore")
        if one is None:
            disable_because(self.restore_button, "Select one version")
        elif one.current:
            disable_because(self.restore_button, "This version is in use")
        else:
            enable(self.restore_button)
            self.restore_button.setToolTip("Bring it into the form; Save then says what changes")

    def _show_problem(self, error: BaseException) -> None:
        if isinstance(error, DeltaDeskError):
            problem = error.problem
            self._problem.set_message(Severity.ERROR, problem.title, f"{problem.subject}\n{problem.remedy}")
            self._problem.show()

    def _restore(self) -> None:
        (version,) = self._chosen()

        def bring(mapping: MappingSet) -> None:
            self.restore_wanted.emit(version.number, mapping)
            self.accept()

        self._work(_COMPARE, self._workspace.mapping_of_version(version.number), bring)


async def _nothing() -> None:
    """Take the place of a task whose answer nobody waits for."""
