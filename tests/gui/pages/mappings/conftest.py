"""A Mappings page over a small profile: a real file, the engine's own checks, two orders in memory."""

import asyncio
import gc
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog

from core.config.edit import save_mapping
from core.config.load import load_configuration, profile_of
from core.config.model import MappingSet
from core.errors import BoardError, ConfigurationError, Problem
from core.mapping.suggestions import suggest
from core.monday.board import Board, BoardSchema, Column
from core.orders.model import (
    ActionType,
    CustomerSummary,
    LoadedOrders,
    Order,
    OrderLine,
    OrderRow,
    SyncState,
)
from core.workspace.board_structure import MappingSuggestions
from core.workspace.check_sources import check_column_ids, check_sources
from core.workspace.impact import impact
from core.workspace.mapping import check_mapping, preview_mapping
from core.workspace.mapping_versions import MappingVersion
from core.workspace.places import Places
from gui.models.mapping_lines import FreeLine, RuleLine
from gui.models.mapping_table import Show
from gui.pages.mappings import MappingsPage
from gui.task_owner import TaskOwner

LABELS = {"labels": [{"id": 1, "label": "DENIM"}, {"id": 2, "label": "OTHER"}]}
SCHEMA = BoardSchema(
    Board(
        "1",
        "Order list",
        (
            Column("name", "Name", "name"),
            Column("key", "Record UUID", "text"),
            Column("category", "CATEGORY", "dropdown", LABELS),
            Column("season", "SEASON", "text"),
            Column("due", "DUE DATE", "date"),
            Column("packed", "QTY PACKED", "mirror"),
        ),
    ),
    Board("2", "Subitems", (Column("name", "Name", "name"), Column("line", "Line UUID", "text"))),
)
TOML = """# The only profile there is.
default_profile = "demo"

[profiles.demo]
kind = "demo"
api_url = "practice-board"
token_source = "practice-board"
board_id = "1"
database_url = "sqlite://"
mapping = "order_list"

[profiles.production]
inherits = "demo"
kind = "production"

[profiles.live]
inherits = "demo"
kind = "production"
title = "Production"

[mappings.order_list]
group_name = "{CUSTOMER}"
item_name = "{STYLE}"
subitem_name = "{size}"
item_key_column = "key"
subitem_key_column = "line"

[[mappings.order_list.items]]
source = "record_uuid"
column = "key"
type = "text"
required = true

# A fixed list on the board.
[[mappings.order_list.items]]
source = "CATEGORY"
column = "category"
type = "dropdown"

[[mappings.order_list.subitems]]
source = "line_uuid"
column = "line"
type = "text"
"""
ORDERS = {
    key: Order(
        key,
        "ACME",
        label,
        {
            "record_uuid": key,
            "CUSTOMER": "ACME",
            "STYLE": "Parka",
            "CATEGORY": category,
            "SEASON": "SS27",
            "DUE": "2027-03-01",
        },
        SyncState.NEW,
        ActionType.INSERT,
        lines=(OrderLine("l1", key, {"line_uuid": "l1", "size": "XL"}, SyncState.NEW, ActionType.INSERT),),
    )
    for key, label, category in (("o1", "AAG-1", "DENIM"), ("o2", "AAG-2", "Cut & Sew"))
}
NOW = datetime(2026, 11, 19, tzinfo=UTC)
Dialog = TypeVar("Dialog", bound=QDialog)


class Mappings:
    """A workspace with two orders in memory. It saves into its file as the real one does."""

    def __init__(self, path: Path, profile: str = "demo") -> None:
        self.path = path
        self._text = path.read_text(encoding="utf-8")
        self.configuration = load_configuration(path)
        self.profile = profile_of(self.configuration, profile)
        self.saved: list[tuple[MappingSet, str]] = []
        self.versions: list[MappingSet] = []
        self.board_problem: Problem | None = None
        self.impact_problem: Problem | None = None
        self.checks = 0

    def source_columns(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        headers = ("record_uuid", "CUSTOMER", "STYLE", "CATEGORY", "SEASON", "DUE", "sync_state")
        return headers, ("line_uuid", "size")

    async def board(self, *, refresh: bool = False) -> BoardSchema:
        if self.board_problem:
            raise BoardError(self.board_problem)
        return SCHEMA

    async def check_mapping(self, mapping: MappingSet) -> Any:
        self.checks += 1
        return check_mapping(mapping, await self.board())

    async def check_configuration(self) -> Any:
        places = Places(self._text, self.path.name, self.profile)
        mapping = self.profile.mapping_set
        sources = check_sources(mapping, *self.source_columns())
        ids = check_column_ids(self.profile, places.column_ids_of_set())
        return places.located((*sources, *ids, *check_mapping(mapping, await self.board())))

    async def preview_mapping(self, mapping: MappingSet, order_key: str | None = None) -> Any:
        return preview_mapping(mapping, await self.board(), ORDERS[order_key or "o1"])

    async def mapping_impact(self, mapping: MappingSet, progress: Any = None) -> Any:
        if self.impact_problem:
            raise BoardError(self.impact_problem)
        loaded = LoadedOrders(tuple(ORDERS.values()), ())
        return impact(self.profile.mapping_set, mapping, SCHEMA, [loaded])

    async def suggest_mapping(self, mapping: MappingSet | None = None) -> MappingSuggestions:
        headers, lines = (columns[:6] for columns in self.source_columns())
        samples = {name: [order.values[name] for order in ORDERS.values()] for name in headers}
        chosen = mapping or self.profile.mapping_set
        items = suggest(headers, SCHEMA.items, chosen.items, samples=samples)
        assert SCHEMA.subitems is not None
        return MappingSuggestions(items, suggest(lines, SCHEMA.subitems, chosen.subitems), (), ())

    async def customers(self, wanted: Any = None) -> list[CustomerSummary]:
        return [CustomerSummary("ACME", 2, 2, 20, 2, 0, NOW)]

    async def order_rows(
        self, customer: str, wanted: Any = None, *, offset: int = 0, limit: int = 200
    ) -> list[OrderRow]:
        return [
            OrderRow(key, "ACME", order.label, (), 1, 10, SyncState.NEW, ActionType.INSERT, None, None)
            for key, order in ORDERS.items()
        ][:limit]

    async def save_mapping(self, mapping: MappingSet, note: str = "") -> None:
        if not self.versions:
            self.versions.append(self.profile.mapping_set)
        self._text = save_mapping(self.profile, mapping, path=self.path, loaded_text=self._text)
        self.configuration = load_configuration(self.path)
        self.profile = profile_of(self.configuration, self.profile.name)
        self.saved.append((mapping, note))
        self.versions.append(mapping)

    async def mapping_versions(self) -> list[MappingVersion]:
        return [
            MappingVersion("order_list", number, "", NOW, "desk:1", "", mapping == self.profile.mapping_set)
            for number, mapping in reversed(list(enumerate(self.versions, start=1)))
        ]

    async def mapping_of_version(self, number: int) -> MappingSet:
        if not 0 < number <= len(self.versions):
            raise ConfigurationError(Problem("mapping_version_missing", "No such version", "", ""))
        return self.versions[number - 1]


@dataclass
class Desk:
    """The page with hands and eyes: what is clicked and typed, and what can be read."""

    page: MappingsPage
    tasks: TaskOwner
    workspace: Any

    async def settle(self) -> None:
        """Wait until what was edited has been tried."""
        await asyncio.sleep(0)
        while self.page.checker.timer.isActive() or any(not _waits(name) for name in self.tasks.running):
            await asyncio.sleep(0.01)

    async def open(self) -> None:
        """Open the workspace and wait until everything about it is known."""
        self.page.set_workspace(self.workspace)
        await self.page.reload()
        await self.settle()

    @property
    def model(self) -> Any:
        return self.page.view.rules.model

    @property
    def table(self) -> Any:
        return self.page.view.rules.view

    def row(self, source: str) -> int:
        """The row of a rule by its source column."""
        return next(
            row
            for row in range(self.model.rowCount())
            if isinstance(self.model.line_at(row), RuleLine)
            and self.model.finding_at(row) is None
            and self.model.index(row, 0).data() == source
        )

    def free_row(self, title: str) -> int:
        """The row of a board column without a rule, by its title."""
        return next(
            row
            for row in range(self.model.rowCount())
            if isinstance(free := self.model.free_at(row), FreeLine) and free.choice.title == title
        )

    def cells(self, source: str) -> list[Any]:
        row = self.row(source)
        return [self.model.index(row, column).data() for column in range(self.model.columnCount())]

    def select(self, source: str) -> None:
        self.table.selectRow(self.row(source))

    def show(self, show: Show) -> None:
        """Press one of the filters above the table."""
        QTest.mouseClick(self.page.view.rules.tools.filters[show], Qt.MouseButton.LeftButton)

    def press(self, key: Any, modifier: Any = Qt.KeyboardModifier.NoModifier) -> None:
        """Press a key while the table has the focus."""
        self.table.setFocus()
        QTest.keyClick(self.table, key, modifier)

    def choose(self, field: str, value: str) -> None:
        """Choose an entry of one of the form's combo boxes, by its value."""
        combo: Any = self.page.view.editor.values.fields[field]
        combo.setCurrentIndex(combo.findData(value))
        combo.activated.emit(combo.currentIndex())

    async def dialog(self, kind: type[Dialog]) -> Dialog:
        """Wait for a dialog of this kind."""
        while True:
            for widget in QApplication.topLevelWidgets():
                if isinstance(widget, kind) and widget.isVisible():
                    return widget
            await asyncio.sleep(0.01)

    async def until(self, condition: Any) -> None:
        while not condition():
            await asyncio.sleep(0.01)


def _waits(name: str) -> bool:
    """Whether a task waits for the operator."""
    return name == "save the mapping" and any(
        isinstance(widget, QDialog) and widget.isVisible() for widget in QApplication.topLevelWidgets()
    )


@pytest.fixture(autouse=True)
def _garbage_is_collected_on_this_thread() -> Iterator[None]:
    """A page that ends in one of the workspace's worker threads, as garbage, takes Qt down with it."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "orders.toml"
    path.write_text(TOML, encoding="utf-8", newline="")
    return path


@pytest.fixture
def desk(qtbot: Any, theme: Any, preferences: Any, file: Path) -> Desk:
    def fail(_name: str, error: BaseException) -> None:
        raise error

    tasks = TaskOwner(on_problem=fail, on_bug=fail)
    page = MappingsPage(tasks, preferences)
    page.resize(1280, 800)
    page.checker.timer.setInterval(0)
    qtbot.addWidget(page)
    page.show()
    page.activateWindow()
    return Desk(page, tasks, Mappings(file))
