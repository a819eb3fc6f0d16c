"""The Mappings page: which source column becomes which board column, tried on a real order as one edits."""

from collections import Counter
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.config.model import ColumnMapping, MappingSet
from core.errors import ConfigurationError, DeltaDeskError, Problem
from core.mapping.findings import Severity as FindingSeverity
from core.workspace import MappingFinding, Workspace
from core.workspace.mapping import Side
from gui.models.board_columns import ColumnChoice, column_choices, unmapped
from gui.models.mapping_draft import MappingDraft, rules_of
from gui.models.mapping_findings import (
    NameSamples,
    all_findings,
    beside_form,
    form_findings,
    new_errors,
    with_places,
)
from gui.models.mapping_lines import FreeLine, RuleLine, free_lines, rule_lines, set_findings
from gui.models.mapping_suggestions import still_open
from gui.models.mapping_words import SIDES, mapping_changes
from gui.models.source_columns import SourceColumn, orders_own, used_sources
from gui.pages.mapping_checker import Known, MappingChecker
from gui.pages.mapping_edits import MappingEdits
from gui.pages.mapping_lookup import LookupDialog
from gui.pages.mapping_save import counted
from gui.pages.mapping_saving import CHANGED_ON_DISK, MappingSaving
from gui.pages.mapping_suggestions import SuggestionsDialog
from gui.pages.mapping_versions import VersionsDialog
from gui.pages.mapping_view import MappingView
from gui.preferences import Preferences
from gui.task_owner import TaskOwner
from gui.widgets.buttons import disable_because, enable

_SAVE = "save the mapping"


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
        self._workspace: Workspace | None = None
        self._shown = ("", "")
        self._restored: tuple[int, MappingSet] | None = None
        self._findings: tuple[MappingFinding, ...] = ()
        self.draft = MappingDraft(self)
        self.undo_stack = self.draft.undo_stack
        self.view = MappingView(self.undo_stack, preferences)
        self.checker = MappingChecker(tasks, self.view.picker, self)
        self._saving = MappingSaving(self, tasks)
        self.edits = MappingEdits(self.draft, self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.view)
        self.view.names.show_side(self.side)
        self._connect()
        self._connect_parts()
        self.first_focus: QWidget = self.view.rules.view
        self._show()

    # What the application calls

    @property
    def has_unsaved_changes(self) -> bool:
        """Whether something was edited and not saved: ask before another profile is opened."""
        return self.draft.has_changes

    def forget_changes(self) -> None:
        """Throw away what was not saved; it cannot be had back."""
        if self.has_unsaved_changes:
            self.draft.load(self.draft.saved)

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Show the mapping of another profile.

        The same profile of the same file opened again keeps what was not saved.
        """
        self._workspace = workspace
        self.checker.set_workspace(workspace)
        self._saving.file.set_workspace(workspace)
        self.view.panel.hide()
        if workspace is None:
            self._show()
            return
        shown = (str(Path(workspace.configuration.path).resolve()), workspace.profile.name)
        if self.draft.is_loaded and shown == self._shown:
            self.draft.reload(workspace.profile.mapping_set)
        else:
            self.draft.load(workspace.profile.mapping_set)
            self.view.rules.select(0)
        self._shown = shown
        self._show()

    async def reload(self) -> None:
        """Read the board again and try the mapping on the sample order again.

        Where somebody changed the file, the profile is to be opened anew.
        """
        if self._workspace is None:
            return
        try:
            is_same = await self._saving.file.read_again()
        except ConfigurationError as error:
            self.problem.emit(error.problem)
            return
        if not is_same:
            self.reload_requested.emit()
            return
        self.checker.settle(self.draft.current)
        await self.checker.reload()

    def focus_search(self) -> None:
        """Put the cursor into the search of the source columns while it is among them, else of the rules."""
        sources = self.view.sources
        beside = sources.isAncestorOf(self.focusWidget() or self)
        search = sources.search if beside else self.view.rules.tools.search
        search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        search.selectAll()

    def copy(self) -> str:
        """Copy the selected rows."""
        return self.view.rules.copy()

    # What the acts on the draft need

    @property
    def side(self) -> Side:
        """The side that is shown."""
        return self.view.side

    @property
    def known(self) -> Known:
        """What is known of board and sample."""
        return self.checker.known

    @property
    def findings(self) -> tuple[MappingFinding, ...]:
        """What is wrong with the draft, as far as it is known."""
        return self._findings

    def show_rule_at(self, index: int, *, begin: str) -> None:
        """Show a rule and put the cursor into its "source", its "column", or leave it ("")."""
        rules = self.view.rules
        if rules.model.row_of(index) < 0:
            if not begin:  # nothing is to be filled: the operator goes on where they were
                rules.select_next_free()
                return
            rules.clear_filter()
        rules.select(index)
        if begin == "source":
            self.view.editor.focus_source()
        elif begin == "column":
            self.view.editor.focus_column()

    # Wiring

    def _connect(self) -> None:
        view, checker = self.view, self.checker
        self.draft.changed.connect(self._draft_changed)
        checker.changed.connect(self._show)
        checker.read.connect(view.panel.hide)
        checker.unread.connect(self._show_unread)
        checker.problem.connect(self.problem)
        self._saving.refused.connect(self._show_refused)
        view.tabs.currentChanged.connect(self._side_chosen)
        view.discard_button.clicked.connect(self.draft.discard)
        view.save_button.clicked.connect(self._save_clicked)
        view.versions_button.clicked.connect(self._show_versions)

    def _connect_parts(self) -> None:
        view, edits = self.view, self.edits
        view.names.edited.connect(lambda field, value, typing: edits.edit_name(field, value, typing=typing))
        rules = view.rules
        rules.selected.connect(self._show_selected)
        rules.add_wanted.connect(edits.add_empty)
        rules.remove_wanted.connect(edits.remove)
        rules.move_wanted.connect(edits.move)
        rules.map_wanted.connect(edits.map_free)
        rules.edit_wanted.connect(self._edit_selected)
        rules.suggestions_wanted.connect(self._show_suggestions)
        rules.source_dropped.connect(self._source_dropped)
        view.editor.edited.connect(self._rule_edited)
        view.editor.map_wanted.connect(edits.map_free)
        view.editor.steps.table_wanted.connect(self._show_lookup)
        view.sources.chosen.connect(lambda source: edits.map_source(source, rules.current_line))
        for part in (view.names, view.editor):
            part.typing_ended.connect(self.draft.end_typing)

    # Showing

    def _draft_changed(self) -> None:
        self._show()
        if self._workspace is not None:
            self.checker.settle(self.draft.current)

    def _show(self) -> None:
        """Show the draft with everything known about it."""
        workspace = self._workspace
        if workspace is None or not self.draft.is_loaded:
            self.view.show_nothing()
            return
        mapping, side, known = self.draft.current, self.side, self.known
        checked, board = known.checked, known.board(side)
        form = form_findings(mapping, workspace.source_columns())
        found = all_findings(form, checked.findings if checked else (), mapping)
        self._findings = with_places(found, mapping, known.located, self.draft.saved)
        view = self.view
        view.show_head(workspace, known.schema.items.name if known.schema else "")
        enable(view.versions_button)
        view.names.show_mapping(mapping, board)
        view.names.show_samples(checked.names if checked else NameSamples())
        self._show_sources(workspace, mapping)
        rules = rules_of(mapping, side)
        suggestions = still_open(known.suggestions.get(side, ()), rules)
        free = free_lines(
            unmapped(self._choices()),
            {each.column_id: each for each in suggestions},
            known.samples.get(side, {}),
        )
        lines = rule_lines(side, mapping, board, checked, self._findings)
        view.rules.show_rules(lines, set_findings(side, self._findings), free)
        counts = Counter(finding.board for finding in self._findings)
        view.show_tabs({each: len(rules_of(mapping, each)) for each in SIDES}, counts)
        self._show_buttons(mapping)

    def _show_sources(self, workspace: Workspace, mapping: MappingSet) -> None:
        side, known = self.side, self.known
        names = workspace.source_columns()[SIDES.index(side)]
        board = known.board(side)
        titles = {column.id: column.title for column in board.columns} if board else {}
        used, samples = used_sources(rules_of(mapping, side), titles), known.samples.get(side, {})
        self.view.editor.set_sources(names)
        self.view.sources.set_columns(
            [
                SourceColumn(name, samples.get(name, ""), used.get(name, ()))
                for name in orders_own(workspace.profile, names)
            ]
        )

    def _choices(self, but: int | None = None) -> tuple[ColumnChoice, ...]:
        """Return the board's columns; that of the rule at `but` counts as free, for it may stay."""
        rules = enumerate(rules_of(self.draft.current, self.side))
        mapped = {rule.column: rule.origin for index, rule in rules if index != but}
        return column_choices(self.known.board(self.side), mapped)

    def _show_buttons(self, mapping: MappingSet) -> None:
        known, view = self.known, self.view
        before = beside_form(known.located)
        errors = new_errors(self._findings, mapping, before, self.draft.saved)
        if not self.draft.has_changes:
            disable_because(view.discard_button, "Nothing was changed")
            disable_because(view.save_button, "Nothing was changed")
            return
        enable(view.discard_button)
        if known.schema is None:
            disable_because(view.save_button, "The board was not read yet, so the mapping cannot be checked")
        elif errors:
            words = f"Correct {counted(len(errors), 'error')} first: {errors[0].message}"
            disable_because(view.save_button, words)
        else:
            enable(view.save_button)

    def _show_selected(self, line: RuleLine | FreeLine | None) -> None:
        editor = self.view.editor
        if isinstance(line, RuleLine):
            board = self.known.board(self.side)
            column = board.column(line.rule.column) if board else None
            editor.set_columns(self._choices(but=line.index))
            labels = tuple(column.label_ids) if column else ()
            editor.show_line(line, labels, tuple(self.draft.current.lookups))
        elif line is not None:
            editor.show_free(line)
        else:
            editor.show_nothing()

    def _show_unread(self, problem: Problem) -> None:
        words = f"{problem.subject}\n{problem.remedy}"
        self.view.show_problem(problem.title, words, "Try again", self.checker.reload_soon)

    def _show_refused(self, problem: Problem) -> None:
        action, slot = "Try again", self.view.save_button.click
        if problem.code == CHANGED_ON_DISK:
            action, slot = "Reload", self.reload_requested.emit
        self.view.show_problem(problem.title, f"{problem.subject}\n{problem.remedy}", action, slot)

    # Acting

    def _side_chosen(self, _place: int) -> None:
        self.view.names.show_side(self.side)
        self.view.rules.select(0)
        self._show()

    def _edit_selected(self) -> None:
        if self.view.rules.current_index is None:
            self.view.names.focus_first()
        else:
            self.view.editor.focus_source()

    def _rule_edited(self, rule: ColumnMapping, typing: bool) -> None:  # noqa: FBT001  # Qt's signal
        index = self.view.rules.current_index
        if index is not None:
            self.edits.edit_rule(index, rule, typing=typing)

    def _source_dropped(self, source: str, onto: RuleLine | FreeLine) -> None:
        if isinstance(onto, RuleLine):
            self.edits.read_in_rule(source, onto)
        else:
            self.edits.map_source(source, onto)

    def _show_suggestions(self) -> None:
        rules = rules_of(self.draft.current, self.side)
        suggestions = still_open(self.known.suggestions.get(self.side, ()), rules)
        dialog = SuggestionsDialog(self.window(), suggestions, self.side)
        dialog.accepted.connect(lambda: self.edits.accept(dialog.accepted_suggestions))
        dialog.open()

    def _show_lookup(self, name: str) -> None:
        dialog = LookupDialog(self.window(), name, self.draft.current.lookups.get(name, {}))
        dialog.kept.connect(self.edits.keep_lookup)
        dialog.open()

    def _show_versions(self) -> None:
        if self._workspace is not None:
            dialog = VersionsDialog(self.window(), self._workspace, self._tasks, self.known.title_of)
            dialog.restore_wanted.connect(self._restore)
            dialog.open()

    def _restore(self, number: int, mapping: MappingSet) -> None:
        self._restored = (number, mapping)
        self.edits.restore(number, mapping)

    # Saving

    def _save_clicked(self) -> None:
        self._tasks.start(_SAVE, self._save(), problem=self._tell)

    def _tell(self, error: BaseException) -> None:
        if isinstance(error, DeltaDeskError):
            self.problem.emit(error.problem)

    async def _save(self) -> None:
        """Say what would change, write it when the operator agrees, and say so where it can't be written."""
        workspace = self._workspace
        if workspace is None or not await self.checker.check() or not self.view.save_button.isEnabled():
            return
        wanted = self.draft.current
        changes = mapping_changes(self.draft.saved, wanted, self.known.title_of)
        errors = sum(each.severity is FindingSeverity.ERROR for each in self._findings)
        note = f"version {self._restored[0]} restored" if self._is_restored(wanted) and self._restored else ""
        if not await self._saving.save(workspace, wanted, changes, errors=errors, note=note):
            return
        if workspace is self._workspace:
            await self.checker.note_saved()
            self.draft.mark_saved(workspace.profile.mapping_set)
            self.view.panel.hide()
            self.saved.emit()

    def _is_restored(self, mapping: MappingSet) -> bool:
        return self._restored is not None and self._restored[1] == mapping
