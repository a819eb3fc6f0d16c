"""The practice board's memory: one SQLite file.

A connection belongs to the thread that opened it, so everything here runs on the board's one worker thread.
"""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.sandbox.structure import Account, Board, Cell, Column, Group, Item, Update

TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS board (
    id TEXT PRIMARY KEY, position INTEGER NOT NULL, attributes TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS board_column (
    board_id TEXT NOT NULL, id TEXT NOT NULL, position INTEGER NOT NULL, attributes TEXT NOT NULL,
    PRIMARY KEY (board_id, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS board_group (
    board_id TEXT NOT NULL, id TEXT NOT NULL, title TEXT NOT NULL, color TEXT NOT NULL,
    position REAL NOT NULL, state TEXT NOT NULL,
    PRIMARY KEY (board_id, id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS item (
    id INTEGER PRIMARY KEY, board_id TEXT NOT NULL, group_id TEXT NOT NULL, parent_id INTEGER,
    name TEXT NOT NULL, state TEXT NOT NULL, creator_id TEXT NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL, position REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS item_by_board ON item (board_id, state, group_id, position);
CREATE INDEX IF NOT EXISTS item_by_parent ON item (parent_id, state, position) WHERE parent_id IS NOT NULL;
CREATE TABLE IF NOT EXISTS cell (
    item_id INTEGER NOT NULL, column_id TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (item_id, column_id)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS item_update (
    id INTEGER PRIMARY KEY, item_id INTEGER NOT NULL, parent_id INTEGER, body TEXT NOT NULL,
    creator_id TEXT NOT NULL, created_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS tag (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, color TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS idempotency (
    key TEXT PRIMARY KEY, created_at REAL NOT NULL, status INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS bulk_job (
    id TEXT PRIMARY KEY, started_at REAL NOT NULL, is_running INTEGER NOT NULL, attributes TEXT NOT NULL,
    file BLOB
);
CREATE INDEX IF NOT EXISTS bulk_job_running ON bulk_job (started_at) WHERE is_running;
CREATE TABLE IF NOT EXISTS bulk_row (
    job_id TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, parent INTEGER, name TEXT NOT NULL,
    cells TEXT NOT NULL, outcome TEXT, message TEXT, item_id INTEGER, PRIMARY KEY (job_id, number)
) WITHOUT ROWID;
"""
ITEM = "id, board_id, group_id, parent_id, name, state, creator_id, created_at, updated_at, position"
UPDATE = "id, item_id, parent_id, body, creator_id, created_at"
FIRST_ID = 9_000_000_001  # beyond 32 bits, as real ids are
SPACING = 65_536.0  # between neighbours in an order, so that another fits between them


def dump(value: Any) -> str:
    """Return the JSON text the state and the API share."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


class Store:
    """Boards, items and values in SQLite. The parsed structure of a board is kept until it changes."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.executescript(TABLES)
        self._boards: dict[str, Board] = {}

    def close(self) -> None:
        """Close the file; the store cannot be used again."""
        self._connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Write everything inside at once, or nothing when it raises."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            self._boards.clear()
            raise
        self._connection.execute("COMMIT")

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what happened inside when it raises; the transaction around it goes on."""
        self._connection.execute("SAVEPOINT step")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK TO step")
            self._connection.execute("RELEASE step")
            self._boards.clear()
            raise
        self._connection.execute("RELEASE step")

    def all(self, sql: str, parameters: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return every row of a query."""
        return self._connection.execute(sql, parameters).fetchall()

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Carry out one statement and return how many rows it touched."""
        return self._connection.execute(sql, parameters).rowcount

    # Account and counters

    def meta(self, key: str) -> Any:
        """Return a remembered JSON value, or None."""
        rows = self.all("SELECT value FROM meta WHERE key = ?", (key,))
        return json.loads(rows[0][0]) if rows else None

    def set_meta(self, key: str, value: Any) -> None:
        """Remember a JSON value."""
        self.run("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, dump(value)))

    def next_id(self) -> int:
        """Return an id that nothing on this account has had before."""
        identifier = self.meta("next_id") or FIRST_ID
        self.set_meta("next_id", identifier + 1)
        return int(identifier)

    def account(self) -> Account:
        """Return the account and its users."""
        return Account(**self.meta("account"))

    # Boards

    def board_ids(self) -> list[str]:
        """Return the ids of all boards, oldest first, hidden and deleted ones too."""
        return [row[0] for row in self.all("SELECT id FROM board ORDER BY position")]

    def board(self, board_id: object) -> Board | None:
        """Return a board with its columns and groups, or None."""
        key = str(board_id)
        if (board := self._boards.get(key)) is None:
            rows = self.all("SELECT attributes FROM board WHERE id = ?", (key,))
            if not rows:
                return None
            attributes = json.loads(rows[0][0])
            attributes["required_column_ids"] = tuple(attributes.get("required_column_ids", ()))
            columns = self.all(
                "SELECT id, attributes FROM board_column WHERE board_id = ? ORDER BY position", (key,)
            )
            groups = self.all(
                "SELECT id, title, color, position, state, board_id FROM board_group WHERE board_id = ?"
                " ORDER BY position",
                (key,),
            )
            board = self._boards[key] = Board(
                id=key,
                **attributes,
                columns={name: Column(id=name, **json.loads(text)) for name, text in columns},
                groups={row[0]: Group(*row) for row in groups},
            )
        return board

    def add_board(self, board: Board) -> None:
        """Add a board with its columns and groups."""
        apart = {"id", "columns", "groups"}
        attributes = {name: value for name, value in vars(board).items() if name not in apart}
        self.run(
            "INSERT INTO board (id, position, attributes) VALUES (?, (SELECT count(*) FROM board), ?)",
            (board.id, dump(attributes)),
        )
        for column in board.columns.values():
            self.put_column(board.id, column)
        for group in board.groups.values():
            self.put_group(board.id, group)

    def set_items_limit(self, board_id: str, limit: int) -> None:
        """Let a board hold so many items; what is beyond stays."""
        self.run(
            "UPDATE board SET attributes = json_set(attributes, '$.items_limit', ?) WHERE id = ?",
            (limit, board_id),
        )
        self._boards.pop(board_id, None)

    def put_column(self, board_id: str, column: Column) -> None:
        """Add a column or replace the one of the same id."""
        attributes = {name: value for name, value in vars(column).items() if name != "id"}
        self.run(
            "INSERT OR REPLACE INTO board_column (board_id, id, position, attributes) VALUES (?, ?, ?, ?)",
            (board_id, column.id, column.position, dump(attributes)),
        )
        self._boards.pop(board_id, None)

    def drop_column(self, board_id: str, column_id: str) -> None:
        """Remove a column with every value in it."""
        self.run("DELETE FROM board_column WHERE board_id = ? AND id = ?", (board_id, column_id))
        self.run(
            "DELETE FROM cell WHERE column_id = ? AND item_id IN (SELECT id FROM item WHERE board_id = ?)",
            (column_id, board_id),
        )
        self._boards.pop(board_id, None)

    def put_group(self, board_id: str, group: Group) -> None:
        """Add a group or replace the one of the same id."""
        self.run(
            "INSERT OR REPLACE INTO board_group (board_id, id, title, color, position, state)"
            " VALUES (?, ?, ?, ?, ?, ?)",
            (board_id, group.id, group.title, group.color, group.position, group.state),
        )
        self._boards.pop(board_id, None)

    def end_group(self, board_id: str, group: Group, state: str) -> Group:
        """Archive or delete a group; its items and their subitems go along."""
        ended = replace(group, state=state)
        self.put_group(board_id, ended)
        members = self.all(
            "SELECT id FROM item WHERE board_id = ? AND group_id = ? AND state = 'active'",
            (board_id, group.id),
        )
        for (item_id,) in members:
            self.end_item(item_id, state)
        return ended

    # Items

    def item(self, item_id: object) -> Item | None:
        """Return an item or subitem in whatever state, or None."""
        if not str(item_id).isdecimal():
            return None
        rows = self.all(f"SELECT {ITEM} FROM item WHERE id = ?", (int(str(item_id)),))  # noqa: S608 - own constant
        return Item(*rows[0]) if rows else None

    def items(self, item_ids: Iterable[int]) -> list[Item]:
        """Return those items that exist, lowest id first."""
        wanted = list(item_ids)
        marks = ",".join("?" * len(wanted))
        return [
            Item(*row)
            for row in self.all(f"SELECT {ITEM} FROM item WHERE id IN ({marks}) ORDER BY id", wanted)  # noqa: S608
        ]

    def board_items(self, board_id: str, group_id: str | None = None) -> list[Item]:
        """Return the active items of a board or of one group, as the board shows them."""
        columns = ", ".join(f"item.{name.strip()}" for name in ITEM.split(","))
        sql = (
            f"SELECT {columns} FROM item JOIN board_group ON board_group.board_id = item.board_id"  # noqa: S608
            " AND board_group.id = item.group_id WHERE item.board_id = ? AND item.state = 'active'"
        )
        parameters = [board_id]
        if group_id is not None:
            sql += " AND item.group_id = ?"
            parameters.append(group_id)
        return [
            Item(*row) for row in self.all(f"{sql} ORDER BY board_group.position, item.position", parameters)
        ]

    def subitems(self, parent_id: int) -> list[Item]:
        """Return the active subitems of an item, oldest first."""
        sql = f"SELECT {ITEM} FROM item WHERE parent_id = ? AND state = 'active' ORDER BY position"  # noqa: S608
        return [Item(*row) for row in self.all(sql, (parent_id,))]

    def count_items(self, board_id: str) -> int:
        """Return how many active items (or subitems) a board holds."""
        rows = self.all("SELECT count(*) FROM item WHERE board_id = ? AND state = 'active'", (board_id,))
        return int(rows[0][0])

    def count_subitems(self, parent_id: int) -> int:
        """Return how many active subitems an item has."""
        rows = self.all("SELECT count(*) FROM item WHERE parent_id = ? AND state = 'active'", (parent_id,))
        return int(rows[0][0])

    def last_position(self, board_id: str, group_id: str) -> float:
        """Return the position of a group's lowest item, 0 for an empty group."""
        rows = self.all(
            "SELECT max(position) FROM item WHERE board_id = ? AND state = 'active' AND group_id = ?",
            (board_id, group_id),
        )
        return float(rows[0][0] or 0.0)

    def add_item(self, item: Item) -> None:
        """Add an item under the id it carries."""
        self.run(
            f"INSERT INTO item ({ITEM}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - own constant
            tuple(vars(item).values()),
        )

    def change_item(self, item: Item) -> None:
        """Write an item's name, group, position and time stamp."""
        self.run(
            "UPDATE item SET name = ?, group_id = ?, position = ?, updated_at = ? WHERE id = ?",
            (item.name, item.group_id, item.position, item.updated_at, item.id),
        )

    def end_item(self, item_id: int, state: str) -> None:
        """Archive or delete an item; its subitems go along."""
        self.run(
            "UPDATE item SET state = ? WHERE state = 'active' AND (id = ? OR parent_id = ?)",
            (state, item_id, item_id),
        )

    # Values

    def cells(self, item_id: int) -> dict[str, Cell]:
        """Return the filled cells of an item by column id."""
        rows = self.all("SELECT column_id, value FROM cell WHERE item_id = ?", (item_id,))
        return {column_id: json.loads(value) for column_id, value in rows}

    def board_cells(self, board_id: str) -> dict[int, dict[str, Cell]]:
        """Return the filled cells of all active items of a board by item id and column id."""
        rows = self.all(
            "SELECT item_id, column_id, value FROM item JOIN cell ON item_id = id"
            " WHERE board_id = ? AND state = 'active'",
            (board_id,),
        )
        found: dict[int, dict[str, Cell]] = {}
        for item_id, column_id, value in rows:
            found.setdefault(item_id, {})[column_id] = json.loads(value)
        return found

    def column_cells(self, board_id: str, column_id: str) -> dict[int, Cell]:
        """Return one column's filled cells by item id, for the active items of a board."""
        rows = self.all(
            "SELECT item_id, value FROM item JOIN cell ON item_id = id"
            " WHERE board_id = ? AND state = 'active' AND column_id = ?",
            (board_id, column_id),
        )
        return {item_id: json.loads(value) for item_id, value in rows}

    def put_cell(self, item_id: int, column_id: str, cell: Cell | None) -> None:
        """Fill a cell, or empty it with None."""
        if cell is None:
            self.run("DELETE FROM cell WHERE item_id = ? AND column_id = ?", (item_id, column_id))
        else:
            self.run(
                "INSERT OR REPLACE INTO cell (item_id, column_id, value) VALUES (?, ?, ?)",
                (item_id, column_id, dump(cell)),
            )

    # Updates and tags

    def add_update(self, update: Update) -> None:
        """Add a comment or reply."""
        self.run(
            f"INSERT INTO item_update ({UPDATE}) VALUES (?, ?, ?, ?, ?, ?)",  # noqa: S608 - own constant
            tuple(vars(update).values()),
        )

    def updates(self, item_id: int | None = None, parent_id: int | None = None) -> list[Update]:
        """Return comments, newest first: of an item, the replies to one, or all of the account."""
        condition, parameters = "parent_id IS NULL", []
        if parent_id is not None:
            condition, parameters = "parent_id = ?", [parent_id]
        elif item_id is not None:
            condition, parameters = "parent_id IS NULL AND item_id = ?", [item_id]
        sql = f"SELECT {UPDATE} FROM item_update"  # noqa: S608 - own constant
        return [Update(*row) for row in self.all(f"{sql} WHERE {condition} ORDER BY id DESC", parameters)]

    def tags(self) -> dict[int, tuple[str, str]]:
        """Return the account's tags: name and colour by id."""
        return {row[0]: (row[1], row[2]) for row in self.all("SELECT id, name, color FROM tag ORDER BY id")}

    def add_tag(self, tag_id: int, name: str, color: str) -> None:
        """Add a tag to the account."""
        self.run("INSERT INTO tag (id, name, color) VALUES (?, ?, ?)", (tag_id, name, color))
