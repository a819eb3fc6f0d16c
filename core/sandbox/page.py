"""The read-only page that shows the boards: groups, items and subitems with their most used columns."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from core.resources import resource_path
from core.sandbox.cells import CellView
from core.sandbox.session import Session
from core.sandbox.structure import Board, Cell, Column, Item

ITEM_COLUMNS = SUBITEM_COLUMNS = 6  # that fit beside the name
# Types that say little to a reader of the page.
UNSHOWN = {
    "name",
    "subtasks",
    "auto_number",
    "board_relation",
    "dependency",
    "mirror",
    "formula",
    "file",
    "button",
}
RIGHT_ALIGNED = {"numbers", "rating"}


@dataclass(frozen=True)
class PageColumn:
    """One column's title on the page."""

    title: str
    is_number: bool


@dataclass(frozen=True)
class PageCell:
    """One value on the page."""

    text: str
    color: str | None = None  # of a status label, as CSS
    is_number: bool = False


@dataclass(frozen=True)
class PageItem:
    """One item or subitem on the page."""

    id: int
    name: str
    cells: tuple[PageCell, ...]
    subitems: tuple["PageItem", ...] = ()


@dataclass(frozen=True)
class PageGroup:
    """One group on the page."""

    id: str
    title: str
    color: str
    items: tuple[PageItem, ...]

    @property
    def subitem_count(self) -> int:
        """How many subitems its items have."""
        return sum(len(item.subitems) for item in self.items)


@dataclass(frozen=True)
class PageBoard:
    """One board on the page, its hidden subitems board folded in."""

    id: str
    name: str
    columns: tuple[PageColumn, ...]
    subitem_columns: tuple[PageColumn, ...]
    groups: tuple[PageGroup, ...]

    @property
    def item_count(self) -> int:
        """How many items it holds."""
        return sum(len(group.items) for group in self.groups)

    @property
    def subitem_count(self) -> int:
        """How many subitems its items have."""
        return sum(group.subitem_count for group in self.groups)


def render_page(session: Session) -> str:
    """Return the page as HTML; it needs no token and shows none."""
    boards = [session.store.board(board_id) for board_id in session.store.board_ids()]
    shown = [
        page_board(session, board)
        for board in boards
        if board is not None and board.subitems_of is None and board.state == "active"
    ]
    return _template().render(account=session.account.name, boards=shown)


@cache
def _template() -> Template:
    loader = FileSystemLoader(resource_path("sandbox"))
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["counted"] = counted
    return environment.get_template("page.html.j2")


def counted(number: int, noun: str) -> str:
    """Return a number with its noun: `1 item`, `1,317 subitems`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def page_board(session: Session, board: Board) -> PageBoard:
    """Return what the page shows of a board."""
    store = session.store
    hidden = store.board(board.subitems_board_id) if board.subitems_board_id else None
    cells = store.board_cells(board.id)
    columns = _most_used(board, cells.values(), ITEM_COLUMNS)
    lines: dict[int, list[PageItem]] = {}
    line_columns: Sequence[Column] = ()
    if hidden is not None:
        line_cells = store.board_cells(hidden.id)
        line_columns = _most_used(hidden, line_cells.values(), SUBITEM_COLUMNS)
        for item in store.board_items(hidden.id):
            line = PageItem(
                item.id, item.name, _cells(session, item, line_columns, line_cells.get(item.id, {}))
            )
            lines.setdefault(item.parent_id or 0, []).append(line)
    items: dict[str, list[PageItem]] = {}
    for item in store.board_items(board.id):
        row = _cells(session, item, columns, cells.get(item.id, {}))
        items.setdefault(item.group_id, []).append(
            PageItem(item.id, item.name, row, tuple(lines.get(item.id, ())))
        )
    return PageBoard(
        id=board.id,
        name=board.name,
        columns=_titles(columns),
        subitem_columns=_titles(line_columns),
        groups=tuple(
            PageGroup(group.id, group.title, group.color, tuple(items.get(group.id, ())))
            for group in board.active_groups
        ),
    )


def _most_used(board: Board, rows: Iterable[dict[str, Cell]], most: int) -> list[Column]:
    """Return the columns that are filled most often, in board order."""
    filled = Counter(column_id for row in rows for column_id in row)
    shown = [column for column in board.columns.values() if column.type not in UNSHOWN and filled[column.id]]
    chosen = {column.id for column in sorted(shown, key=lambda column: -filled[column.id])[:most]}
    return [column for column in shown if column.id in chosen]


def _titles(columns: Sequence[Column]) -> tuple[PageColumn, ...]:
    return tuple(PageColumn(column.title, column.type in RIGHT_ALIGNED) for column in columns)


def _cells(
    session: Session, item: Item, columns: Sequence[Column], cells: dict[str, Cell]
) -> tuple[PageCell, ...]:
    return tuple(_cell(CellView(item, column, cells.get(column.id), session.account)) for column in columns)


def _cell(view: CellView) -> PageCell:
    color = None
    if view.type == "status" and view.cell is not None:
        color = str(view.fields["label_style"]["color"])
    elif view.type == "color_picker":
        color = view.text
    return PageCell(view.text or "", color, view.type in RIGHT_ALIGNED)
