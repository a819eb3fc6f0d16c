"""What the Mappings page is made of, and how its parts stand."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent, QUndoStack
from PySide6.QtWidgets import QHBoxLayout, QTabBar, QVBoxLayout, QWidget

from core.workspace import Workspace
from core.workspace.mapping import Side
from gui.models.mapping_words import SIDES, listed, profile_words, side_word
from gui.pages.mapping_layout import Workbench
from gui.pages.mapping_names import NamesForm
from gui.pages.mapping_rule import RuleEditor
from gui.pages.mapping_rules import RulesView
from gui.pages.mapping_save import counted
from gui.pages.mapping_sources import SourceList
from gui.pages.sample_order import SampleOrderPicker
from gui.pages.scroll_column import HighEnough, ScrollColumn
from gui.preferences import Preferences
from gui.theme import EDGE, GROUPS, RELATED
from gui.widgets.buttons import disable_because, plain_button, primary_button, with_shortcut
from gui.widgets.labels import muted_label
from gui.widgets.messages import EmptyState, MessagePanel, Severity
from gui.widgets.page_stack import PageStack
from gui.widgets.toolbar import PageHeader

_CONTENT, _EMPTY = 0, 1
_PICKER_WIDTH = 420
_SHORT = 600
"""Below this height, in pixels, form and list do not both have room."""


class MappingView(QWidget):
    """Head, sides, sample order; names, rules, the form of one rule, and the source columns."""

    def __init__(self, undo_stack: QUndoStack, preferences: Preferences) -> None:
        super().__init__()
        self.header = PageHeader("Mappings")
        self.versions_button = plain_button("Versions…", "history")
        self.versions_button.setToolTip("See, compare and restore what was saved before")
        self.discard_button = plain_button("Discard changes")
        self.save_button = with_shortcut(primary_button("Save", "save"), "Ctrl+S")
        for button in (self.versions_button, self.discard_button, self.save_button):
            self.header.add(button)
        self.panel = MessagePanel(Severity.ERROR, "", closable=True)
        self.panel.hide()
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Side of the board")
        for side in SIDES:
            self.tabs.addTab(side_word(side))
        self.picker = SampleOrderPicker()
        self.picker.setMaximumWidth(_PICKER_WIDTH)
        self.names = NamesForm(preferences)
        self.rules = RulesView(undo_stack, preferences)
        self.editor = RuleEditor()
        self.sources = SourceList(preferences)
        self._lay_out(preferences)

    @property
    def side(self) -> Side:
        """The side of the board that is shown."""
        return SIDES[self.tabs.currentIndex()]

    def show_nothing(self) -> None:
        """Show that no profile is open."""
        self.header.set_subtitle("")
        self.panel.hide()
        self._stack.setCurrentIndex(_EMPTY)
        for button in (self.versions_button, self.discard_button, self.save_button):
            disable_because(button, "No profile is open")

    def show_head(self, workspace: Workspace, board_name: str) -> None:
        """Name the mapping, the board, and the other profiles that use the mapping."""
        self._stack.setCurrentIndex(_CONTENT)
        profile, profiles = workspace.profile, workspace.configuration.profiles
        named = dict(zip(profiles, profile_words(profiles.values()), strict=True))
        others = [
            named[name]
            for name, each in profiles.items()
            if each.mapping == profile.mapping and name != profile.name
        ]
        shared = f", shared with {listed(others)}" if others else ""
        self.header.set_subtitle(f"{profile.mapping} for board {board_name or profile.board_id}{shared}")

    def show_tabs(self, rules: Mapping[Side, int], findings: Mapping[Side, int]) -> None:
        """Say on each tab how many rules it has and how many findings."""
        for place, side in enumerate(SIDES):
            text = f"{side_word(side)}  {rules[side]}"
            count = findings[side]
            self.tabs.setTabText(place, f"{text} · {counted(count, 'finding')}" if count else text)

    def show_problem(
        self, title: str, text: str, action: str, slot: Callable[[], object], severity: str = Severity.ERROR
    ) -> None:
        """Show a failure with its one action until it is dismissed."""
        self.panel.clear_actions()
        self.panel.add_action(action, slot)
        self.panel.set_message(severity, title, text)
        self.panel.show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the form of the rule the room where it is short."""
        super().resizeEvent(event)
        self.sources.fit(room_is_short=event.size().height() < _SHORT)

    def _lay_out(self, preferences: Preferences) -> None:
        sample = muted_label("Sample &order")
        sample.setTextFormat(Qt.TextFormat.AutoText)
        sample.setBuddy(self.picker)
        top = QHBoxLayout()
        top.setSpacing(RELATED)
        top.addWidget(self.tabs)
        top.addStretch(1)
        top.addWidget(sample)
        top.addWidget(self.picker, 1)
        left = HighEnough()
        rows = QVBoxLayout(left)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(RELATED)
        rows.addWidget(self.names)
        rows.addWidget(self.rules, 1)
        content = ScrollColumn()
        inner = content.column
        inner.addLayout(top)
        workbench = Workbench(left, self.editor, self.sources, preferences)
        self.sources.folded.connect(lambda folded: workbench.give_form_the_room(all_of_it=folded))
        inner.addWidget(workbench, 1)
        self._stack = PageStack()
        self._stack.addWidget(content)
        self._stack.addWidget(
            EmptyState("mappings", "No profile is open", "Open a profile to see which column goes where.")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, GROUPS, EDGE, GROUPS)
        column.setSpacing(RELATED)
        column.addWidget(self.header)
        column.addWidget(self.panel)
        column.addWidget(self._stack, 1)
