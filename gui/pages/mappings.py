"""The Mappings page: which source column becomes which board column, tried on a real order as one edits."""

from collections.abc import Coroutine
from typing import Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabBar, QVBoxLayout, QWidget

from core.config.model import ColumnMapping, MappingSet
from core.errors import ConfigurationError, DeltaDeskError, Problem
from core.mapping.findings import Severity as FindingSeverity
from core.monday.board import Board, BoardSchema
from core.workspace import MappingFinding, Workspace
from core.workspace.mapping import Side
from gui.models.board_columns import ColumnChoice, column_choices, suggested_source
from gui.models.mapping_draft import MappingDraft, empty_rule, rules_of
from gui.models.mapping_findings import (
    CheckedMapping,
    NameSamples,
    all_findings,
    checked_mapping,
    form_findings,
    new_errors,
    with_name_rules,
)
from gui.models.mapping_table import RuleLine, rule_lines, set_findings
from gui.models.mapping_words import SIDES, map_words, mapping_changes, name_step_words, side_word, step_words
from gui.pages.mapping_columns import UnmappedColumns
from gui.pages.mapping_layout import Workbench
from gui.pages.mapping_names import NamesForm
from gui.pages.mapping_rule import RuleEditor
from gui.pages.mapping_rules import RulesView
from gui.pages.mapping_save import SaveQuestion, counted
from gui.pages.sample_order import SampleOrderPicker, find_orders
from gui.preferences import Preferences
from gui.task_owner import TaskOwner
from gui.theme import EDGE, GROUPS, RELATED
from gui.widgets.buttons import disable_because, enable, plain_button, primary_button, with_shortcut
from gui.widgets.labels import muted_label
from gui.widgets.messages import EmptyState, MessagePanel, Severity
from gui.widgets.toolbar import PageHeader

_SETTLED_MS = 300
_CHECK, _SAVE, _FIND = "check the mapping", "save the mapping", "find sample orders"
_CONTENT, _EMPTY = 0, 1


class MappingsPage(QWidget):
    """Edits the mapping set of the open profile. Nothing is written before Save; every step can be undone."""

    problem = Signal(object)
    """A `Problem` for the window to show."""
    saved = Signal()
    """The mapping was written and is in use: plans made before are out of date."""
    reload_requested = Signal()
    """The profile is to be opened anew from the file; what was not saved is then changed again."""

    def __init__(self, tasks: TaskOwner, preferences: Preferences) -> None:
        super().__init__()
        self._tasks = tasks
        self._preferences = preferences
        self._workspace: Workspace | None = None
        self._profile = ""
        self._schema: BoardSchema | None = None
        self._checked: CheckedMapping | None = None
        self._side: Side = "items"
        self._unread = False
        self._findings: tuple[MappingFinding, ...] = ()
        self._saved_findings: tuple[MappingFinding, ...] = ()
        self._draft = MappingDraft(self)
        self.undo_stack = self._draft.undo_stack
        self._timer = QTimer(self, interval=_SETTLED_MS, singleShot=True)
        self._make_widgets()
        self._lay_out()
        self._connect()
        self.setFocusProxy(self.rules.view)
        self._show()

    # What the application calls

    @property
    def has_unsaved_changes(self) -> bool:
        """Whether something was edited and not saved: ask before another profile is opened."""
        return self._draft.has_changes

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Show the mapping of another profile. The same profile opened again keeps what was not saved."""
        self._workspace = workspace
        self._schema, self._checked, self._saved_findings = None, None, ()
        self._picker.forget()
        self._panel.hide()
        if workspace is None:
            self._timer.stop()
            self._show()
            return
        if self._draft.is_loaded and workspace.profile.name == self._profile:
            self._draft.reload(workspace.profile.mapping_set)
        else:
            self._draft.load(workspace.profile.mapping_set)
            self.rules.select(0)
        self._profile = workspace.profile.name
        self._show()

    async def reload(self) -> None:
        """Read the board again and try the mapping on the sample order again."""
        workspace = self._workspace
        if workspace is None:
            return
        try:
            schema = await workspace.board(refresh=True)
            saved_findings = await workspace.check_mapping(self._draft.saved)
            found = await find_orders(workspace, "")
        except DeltaDeskError as error:
            self._show_unread(error.problem)
            return
        if workspace is self._workspace:
            self._schema, self._saved_findings = schema, saved_findings
            self._picker.set_found(found)
            await self._check()

    def focus_search(self) -> None:
        """Put the cursor into the filter."""
        self.rules.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.rules.search.selectAll()

    # Building

    def _make_widgets(self) -> None:
        self._header = PageHeader("Mappings")
        self.discard_button = plain_button("Discard changes")
        self.save_button = with_shortcut(primary_button("Save", "save"), "Ctrl+S")
        self._header.add(self.discard_button)
        self._header.add(self.save_button)
        self._panel = MessagePanel(Severity.ERROR, "", closable=True)
        self._panel.hide()
        self.tabs = QTabBar()
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setAccessibleName("Side of the board")
        for side in SIDES:
            self.tabs.addTab(side_word(side))
        self._picker = SampleOrderPicker()
        self._picker.setMaximumWidth(420)
        self.names = NamesForm()
        self.names.show_side(self._side)
        self.rules = RulesView(self.undo_stack, self._preferences)
        self.editor = RuleEditor()
        self.unmapped = UnmappedColumns()

    def _lay_out(self) -> None:
        sample = muted_label("Sample &order")
        sample.setTextFormat(Qt.TextFormat.AutoText)
        sample.setBuddy(self._picker)
        top = QHBoxLayout()
        top.setSpacing(RELATED)
        top.addWidget(self.tabs)
        top.addStretch(1)
        top.addWidget(sample)
        top.addWidget(self._picker, 1)
        left = QWidget()
        rows = QVBoxLayout(left)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(RELATED)
        rows.addWidget(self.names)
        rows.addWidget(self.rules, 1)
        content = QWidget()
        inner = QVBoxLayout(content)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(RELATED)
        inner.addLayout(top)
        inner.addWidget(Workbench(left, self.editor, self.unmapped, self._preferences), 1)
        self._stack = QStackedWidget()
        self._stack.addWidget(content)
        self._stack.addWidget(
            EmptyState("mappings", "No profile is open", "Open a profile to see which column goes where.")
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(EDGE, GROUPS, EDGE, GROUPS)
        column.setSpacing(RELATED)
        column.addWidget(self._header)
        column.addWidget(self._panel)
        column.addWidget(self._stack, 1)

    def _connect(self) -> None:
        self._draft.changed.connect(self._draft_changed)
        self._timer.timeout.connect(lambda: self._start(_CHECK, self._check()))
        self.tabs.currentChanged.connect(self._side_chosen)
        self._picker.chosen.connect(lambda _key: self._timer.start(0))
        self._picker.searched.connect(lambda text: self._start(_FIND, self._find(text)))
        self.names.edited.connect(self._name_edited)
        self.names.typing_ended.connect(self._draft.end_typing)
        self.rules.selected.connect(self._show_rule)
        self.rules.add_wanted.connect(lambda: self._add(empty_rule()))
        self.rules.remove_wanted.connect(self._remove)
        self.rules.edit_wanted.connect(self.editor.focus_column)
        self.editor.edited.connect(self._rule_edited)
        self.editor.typing_ended.connect(self._draft.end_typing)
        self.unmapped.chosen.connect(self._map_column)
        self.discard_button.clicked.connect(self._draft.discard)
        self.save_button.clicked.connect(lambda: self._tasks.start(_SAVE, self._save(), problem=self._tell))

    # Reading

    def _start(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        self._tasks.replace(name, work, problem=self._tell)

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, DeltaDeskError):
            self.problem.emit(error.problem)

    def _reload_soon(self) -> None:
        self._start("read the mapping", self.reload())

    async def _find(self, text: str) -> None:
        workspace = self._workspace
        if workspace is not None:
            found = await find_orders(workspace, text)
            if workspace is self._workspace:
                self._picker.set_found(found)

    async def _check(self) -> bool:
        """Try the draft on the sample order and hold it against the board; False where that can't be done."""
        workspace = self._workspace
        if workspace is None:
            return False
        mapping = self._draft.current
        try:
            preview = await workspace.preview_mapping(with_name_rules(mapping), self._picker.key)
            findings = await workspace.check_mapping(mapping)
        except DeltaDeskError as error:
            self._show_unread(error.problem)
            return False
        if workspace is self._workspace:
            if self._unread:
                self._unread = False
                self._panel.hide()
            self._checked = checked_mapping(mapping, preview, findings)
            self._picker.show_order(preview.order_label)
            self._show()
        return workspace is self._workspace

    # Showing

    def _draft_changed(self) -> None:
        self._show()
        if self._workspace is not None:
            self._timer.start()

    def _board(self, side: Side) -> Board | None:
        schema = self._schema
        return None if schema is None else schema.items if side == "items" else schema.subitems

    def _title_of(self, side: Side, column_id: str) -> str:
        board = self._board(side)
        column = board.column(column_id) if board else None
        return column.title if column else column_id

    def _show(self) -> None:
        """Show the draft with everything known about it."""
        workspace = self._workspace
        if workspace is None or not self._draft.is_loaded:
            self._header.set_subtitle("")
            self._stack.setCurrentIndex(_EMPTY)
            for button in (self.discard_button, self.save_button):
                disable_because(button, "No profile is open")
            return
        self._stack.setCurrentIndex(_CONTENT)
        mapping, side, checked = self._draft.current, self._side, self._checked
        board = self._board(side)
        form = form_findings(mapping, workspace.source_columns())
        self._findings = all_findings(form, checked.findings if checked else (), mapping)
        self._show_head(workspace)
        self.names.show_mapping(mapping, board)
        self.names.show_samples(checked.names if checked else NameSamples())
        self.editor.set_sources(workspace.source_columns()[SIDES.index(side)])
        self.unmapped.set_choices(self._choices())
        lines = rule_lines(side, mapping, board, checked, self._findings)
        self.rules.show_rules(lines, set_findings(side, self._findings))
        self._show_tabs(mapping)
        self._show_buttons(mapping)

    def _choices(self, but: int | None = None) -> tuple[ColumnChoice, ...]:
        """Return the board's columns; that of the rule at `but` counts as free, for it may stay."""
        rules = enumerate(rules_of(self._draft.current, self._side))
        mapped = {rule.column: rule.origin for index, rule in rules if index != but}
        return column_choices(self._board(self._side), mapped)

    def _show_head(self, workspace: Workspace) -> None:
        profile = workspace.profile
        board = f"board {self._schema.items.name}" if self._schema else f"board {profile.board_id}"
        others = [
            each.badge
            for each in workspace.configuration.profiles.values()
            if each.mapping == profile.mapping and each.name != profile.name
        ]
        shared = f", shared with {' and '.join(others)}" if others else ""
        self._header.set_subtitle(f"{profile.mapping} for {board}{shared}")

    def _show_tabs(self, mapping: MappingSet) -> None:
        for place, side in enumerate(SIDES):
            text = f"{side_word(side)}  {len(rules_of(mapping, side))}"
            count = sum(finding.board == side for finding in self._findings)
            self.tabs.setTabText(place, f"{text} · {counted(count, 'finding')}" if count else text)

    def _show_buttons(self, mapping: MappingSet) -> None:
        errors = new_errors(self._findings, mapping, self._saved_findings, self._draft.saved)
        if not self._draft.has_changes:
            disable_because(self.discard_button, "Nothing was changed")
            disable_because(self.save_button, "Nothing was changed")
            return
        enable(self.discard_button)
        if self._schema is None:
            disable_because(self.save_button, "The board was not read yet, so the mapping cannot be checked")
        elif errors:
            disable_because(
                self.save_button, f"Correct {counted(len(errors), 'error')} first: {errors[0].message}"
            )
        else:
            enable(self.save_button)

    def _show_rule(self, line: RuleLine | None) -> None:
        if line is None:
            self.editor.show_nothing()
        else:
            self.editor.set_columns(self._choices(but=line.index))
            self.editor.show_line(line)

    def _show_unread(self, problem: Problem) -> None:
        self._unread = True
        self._show_problem(problem, "Try again", self._reload_soon)

    def _show_problem(self, problem: Problem, action: str, slot: Any) -> None:
        self._panel.clear_actions()
        self._panel.add_action(action, slot)
        self._panel.set_message(Severity.ERROR, problem.title, f"{problem.subject}\n{problem.remedy}")
        self._panel.show()

    # Editing

    def _side_chosen(self, place: int) -> None:
        self._side = SIDES[place]
        self.names.show_side(self._side)
        self.rules.select(0)
        self._show()

    def _name_edited(self, field: str, value: str | None, typing: bool) -> None:  # noqa: FBT001  # Qt's signal
        self._draft.set_name(field, value, name_step_words(field), typing=typing)

    def _rule_edited(self, rule: ColumnMapping, typing: bool) -> None:  # noqa: FBT001  # Qt's signal
        index = self.rules.current_index
        if index is None:
            return
        before = rules_of(self._draft.current, self._side)[index]
        words = step_words(before, rule, self._title_of(self._side, rule.column))
        self._draft.set_rule(self._side, index, rule, words, typing=typing)

    def _add(self, rule: ColumnMapping) -> None:
        self.rules.clear_filter()
        title = self._title_of(self._side, rule.column)
        index = self._draft.add_rule(self._side, rule, map_words(rule, title))
        self.rules.select(index)
        self.editor.focus_source()

    def _map_column(self, choice: ColumnChoice) -> None:
        sources = self._workspace.source_columns()[SIDES.index(self._side)] if self._workspace else ()
        source = suggested_source(choice.title, sources) or ""
        self._add(ColumnMapping(column=choice.id, type=choice.type, source=source))

    def _remove(self, indexes: list[int]) -> None:
        rules = rules_of(self._draft.current, self._side)
        title = self._title_of(self._side, rules[indexes[0]].column)
        words = f"remove the rule for {title}" if len(indexes) == 1 else f"remove {len(indexes)} rules"
        self._draft.remove_rules(self._side, indexes, words)

    # Saving

    async def _save(self) -> None:
        """Say what would change, write it when the operator agrees, and say so where it can't be written."""
        workspace = self._workspace
        if workspace is None or not await self._check() or not self.save_button.isEnabled():
            return
        wanted = self._draft.current
        changes = mapping_changes(self._draft.saved, wanted, self._title_of)
        errors = [each for each in self._findings if each.severity is FindingSeverity.ERROR]
        if not await SaveQuestion(self, changes, workspace, errors=len(errors)).ask():
            return
        try:
            await workspace.save_mapping(wanted)
        except ConfigurationError as error:
            if error.problem.code == "configuration_changed_on_disk":
                self._show_problem(error.problem, "Reload", self.reload_requested.emit)
            else:
                self._show_problem(error.problem, "Try again", self.save_button.click)
            return
        if workspace is self._workspace:
            self._saved_findings = await workspace.check_mapping(wanted)
            self._draft.mark_saved(workspace.profile.mapping_set)
            self._panel.hide()
            self.saved.emit()
