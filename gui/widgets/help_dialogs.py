"""The list of keyboard shortcuts, and what this build is made of."""

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import Qt, qVersion
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from gui.theme import EDGE, GROUPS, RELATED
from gui.widgets.buttons import plain_button
from gui.widgets.clipboard import copy_text
from gui.widgets.labels import IconLabel, muted_label, title_label
from gui.widgets.tables import KeyValueTable


def build_facts() -> list[tuple[str, str]]:
    """Return the versions of this build and of what it stands on."""
    try:
        own = version("deltadesk")
    except PackageNotFoundError:
        own = "not installed"
    return [
        ("DeltaDesk", own),
        ("Python", platform.python_version()),
        ("Qt", str(qVersion())),
        ("PySide6", version("PySide6_Essentials")),
        ("System", platform.platform()),
    ]


class _TableDialog(QDialog):
    """A titled table with Copy and Close."""

    def __init__(self, parent: QWidget | None, title: str, table: KeyValueTable) -> None:
        super().__init__(parent)
        self.table = table
        self.setWindowTitle(title)
        self.setWindowModality(Qt.WindowModality.WindowModal)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(560, 480)
        self.copy_button = plain_button("Copy", "copy")
        self.close_button = plain_button("Close")
        self.close_button.setDefault(True)
        self.copy_button.clicked.connect(lambda: copy_text(self.words()))
        self.close_button.clicked.connect(self.accept)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(EDGE, EDGE, EDGE, GROUPS)
        self.column.setSpacing(GROUPS)
        self.column.addWidget(table, 1)
        row = QHBoxLayout()
        row.setSpacing(RELATED)
        row.addStretch(1)
        row.addWidget(self.copy_button)
        row.addWidget(self.close_button)
        self.column.addLayout(row)

    def words(self) -> str:
        """Return the table as it is copied, a line a row."""
        return "\n".join(f"{field}: {value}" for field, value in self.table.rows())


class ShortcutsDialog(_TableDialog):
    """Every key of the window and what it does."""

    def __init__(self, parent: QWidget | None, shortcuts: Sequence[tuple[str, str]]) -> None:
        table = KeyValueTable(("Keys", "What they do"), name="Keyboard shortcuts")
        table.set_rows(shortcuts)
        super().__init__(parent, "Keyboard shortcuts", table)
        self.column.insertWidget(0, title_label("Keyboard shortcuts"))


class AboutDialog(_TableDialog):
    """Versions of the application and of what it stands on."""

    def __init__(self, parent: QWidget | None, facts: Sequence[tuple[str, str]]) -> None:
        table = KeyValueTable(("What", "Version"), name="Versions")
        table.set_rows(facts)
        super().__init__(parent, "About DeltaDesk", table)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(title_label("DeltaDesk"))
        words.addWidget(muted_label("Pending order deltas onto a monday.com board."))
        row = QHBoxLayout()
        row.setSpacing(GROUPS)
        row.addWidget(IconLabel("deltadesk", "accent", 40))
        row.addLayout(words, 1)
        self.column.insertLayout(0, row)
