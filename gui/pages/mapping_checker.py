"""Reads what a mapping needs to be judged: board, sample order, findings and suggestions; the newest wins."""

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal

from core.config.model import ColumnMapping, MappingSet
from core.errors import DeltaDeskError, Problem
from core.mapping.suggestions import Suggestion
from core.monday.board import Board, BoardSchema
from core.workspace import MappingFinding, Workspace
from core.workspace.mapping import Side
from gui.models.mapping_draft import rules_of, with_rules
from gui.models.mapping_findings import CheckedMapping, checked_mapping, with_name_rules
from gui.models.mapping_words import SIDES
from gui.pages.sample_order import SampleOrderPicker, find_orders
from gui.task_owner import TaskOwner

SETTLED_MS = 300
_CHECK, _FIND, _READ = "check the mapping", "find sample orders", "read the mapping"
_SAMPLE, _SUGGEST = "read the sample order", "look for suggestions"


@dataclass(slots=True)
class Known:
    """What is known of the open profile's mapping; replaced as a whole when another profile is opened."""

    schema: BoardSchema | None = None
    checked: CheckedMapping | None = None
    samples: dict[Side, Mapping[str, str]] = field(default_factory=dict)
    """What each source column holds in the sample order."""
    suggestions: dict[Side, tuple[Suggestion, ...]] = field(default_factory=dict)
    located: tuple[MappingFinding, ...] = ()
    """Everything that is wrong in the file, with its lines."""

    def board(self, side: Side) -> Board | None:
        """Return the board of a side, None where it was not read or there is none."""
        schema = self.schema
        return None if schema is None else schema.items if side == "items" else schema.subitems

    def title_of(self, side: Side, column_id: str) -> str:
        """Return the title of a board column; its id where the board has no such column."""
        board = self.board(side)
        column = board.column(column_id) if board else None
        return column.title if column else column_id


class MappingChecker(QObject):
    """Tries the edited mapping once the typing settles. Databases and long loops are in worker threads."""

    changed = Signal()
    """More is known."""
    unread = Signal(object)
    """A `Problem`: the board or the orders could not be read."""
    read = Signal()
    """What could not be read before is read now."""
    problem = Signal(object)
    """A `Problem` of something that was asked for beside the check."""

    def __init__(self, tasks: TaskOwner, picker: SampleOrderPicker, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._tasks = tasks
        self._picker = picker
        self._workspace: Workspace | None = None
        self._mapping: MappingSet | None = None
        self._suggested_for: object = None
        self._unread = False
        self.known = Known()
        self.timer = QTimer(self, interval=SETTLED_MS, singleShot=True)
        self.timer.timeout.connect(lambda: self._start(_CHECK, self.check()))
        picker.chosen.connect(self._sample_chosen)
        picker.searched.connect(lambda text: self._start(_FIND, self._find(text)))

    def set_workspace(self, workspace: Workspace | None) -> None:
        """Forget everything and read from another profile."""
        self._workspace = workspace
        self.known = Known()
        self._suggested_for = None
        self.timer.stop()
        self._picker.forget()

    def settle(self, mapping: MappingSet) -> None:
        """Check this mapping soon; another one that comes before takes its place."""
        self._mapping = mapping
        if self._workspace is not None:
            self.timer.start()

    def reload_soon(self) -> None:
        """Read everything again, as a task of its own."""
        self._start(_READ, self.reload())

    async def reload(self) -> None:
        """Read the board and the sample orders again, then check."""
        workspace = self._workspace
        if workspace is None:
            return
        try:
            schema = await workspace.board(refresh=True)
            located = await workspace.check_configuration()
            found = await find_orders(workspace, "")
        except DeltaDeskError as error:
            self._tell_unread(error.problem)
            return
        if workspace is self._workspace:
            self.known.schema, self.known.located = schema, located
            self._suggested_for = None
            self._picker.set_found(found)
            if await self.check():
                await self._read_sample_or_tell()

    async def check(self) -> bool:
        """Try the mapping on the sample order, and against the board; False where that can't be done."""
        workspace, mapping = self._workspace, self._mapping
        if workspace is None or mapping is None:
            return False
        try:
            preview = await workspace.preview_mapping(with_name_rules(mapping), self._picker.key)
            findings = await workspace.check_mapping(mapping)
        except DeltaDeskError as error:
            self._tell_unread(error.problem)
            return False
        if workspace is not self._workspace:
            return False
        if self._unread:
            self._unread = False
            self.read.emit()
        self.known.checked = checked_mapping(mapping, preview, findings)
        self._picker.show_order(preview.order_label)
        self.changed.emit()
        self._suggest_soon(mapping)
        return True

    async def note_saved(self) -> None:
        """Take over what was saved: its errors are those of before."""
        workspace = self._workspace
        if workspace is not None:
            self.known.located = await workspace.check_configuration()

    # Beside the check

    def _suggest_soon(self, mapping: MappingSet) -> None:
        """Look for suggestions again where a source or a board column became free or was taken."""
        pairs = [[(rule.source, rule.column) for rule in rules_of(mapping, side)] for side in SIDES]
        if pairs != self._suggested_for:
            self._start(_SUGGEST, self._suggest(mapping, pairs))

    async def _suggest(self, mapping: MappingSet, basis: object) -> None:
        workspace = self._workspace
        if workspace is None:
            return
        found = await workspace.suggest_mapping(mapping)
        if workspace is self._workspace:
            self._suggested_for = basis
            self.known.suggestions = {"items": found.items, "subitems": found.subitems}
            self.changed.emit()

    async def _read_sample_or_tell(self) -> None:
        try:
            await self._read_sample()
        except DeltaDeskError as error:
            self._tell(error)

    async def _read_sample(self) -> None:
        """Read what every source column holds in the sample order."""
        workspace = self._workspace
        if workspace is None:
            return
        probes = workspace.profile.mapping_set
        for side, columns in zip(SIDES, workspace.source_columns(), strict=True):
            # Rules without a board column only read: each tells the text of its source.
            rules = [ColumnMapping(source=name, column=_NOWHERE, type="text") for name in columns]
            probes = with_rules(probes, side, rules)
        preview = await workspace.preview_mapping(probes, self._picker.key)
        if workspace is self._workspace:
            self.known.samples = {
                "items": {value.origin: value.source_text for value in preview.items},
                "subitems": {value.origin: value.source_text for value in preview.subitems},
            }
            self.changed.emit()

    async def _find(self, text: str) -> None:
        workspace = self._workspace
        if workspace is not None:
            found = await find_orders(workspace, text)
            if workspace is self._workspace:
                self._picker.set_found(found)

    def _sample_chosen(self, _key: object) -> None:
        self.timer.start(0)
        self._start(_SAMPLE, self._read_sample())

    def _start(self, name: str, work: Coroutine[Any, Any, Any]) -> None:
        self._tasks.replace(name, work, problem=self._tell)

    def _tell(self, error: BaseException) -> None:
        # What a profile that was left still had to say concerns nobody.
        if isinstance(error, DeltaDeskError) and self._workspace is not None:
            self.problem.emit(error.problem)

    def _tell_unread(self, problem: Problem) -> None:
        if self._workspace is not None:
            self._unread = True
            self.unread.emit(problem)


_NOWHERE = "-"
