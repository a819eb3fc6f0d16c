"""Database files that tests begin with, made once in a process: making tables costs more than most tests.

That the tables are made from nothing is the subject of `tests/core/orders/test_schema.py`, and part of every
test that starts the command on a database of its own.
"""

import tempfile
from functools import cache
from pathlib import Path

import sqlalchemy as sa

from core.config.token import PRACTICE_TOKEN
from core.orders import schema
from core.orders.database import connect
from core.resources import resource_path
from core.sandbox.options import SandboxOptions
from core.sandbox.service import PracticeBoard


def make_own_tables(engine: sa.Engine) -> None:
    """The application's own tables in a database that is still empty, as `schema.upgrade` makes them."""
    if engine.dialect.name == "sqlite":
        assert engine.url.database is not None
        file = Path(engine.url.database)
        assert file.stat().st_size == 0, "what the file holds would be lost"
        file.write_bytes(_own_tables())
    else:
        schema.upgrade(engine)


def copy_board(state: Path) -> None:
    """The state of a practice board with the demo's columns that nobody has used."""
    state.write_bytes(_unused_board())


@cache
def _own_tables() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "orders.db"
        file.touch()
        engine = connect(f"sqlite:///{file.as_posix()}")
        schema.upgrade(engine)
        engine.dispose()
        return file.read_bytes()


@cache
def _unused_board() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "board.db"
        fixture = resource_path("boards", "orders.json")
        board = PracticeBoard(
            SandboxOptions(state=state, fixture=fixture, token=PRACTICE_TOKEN), "http://127.0.0.1/"
        )
        board.open()
        board.close()
        return state.read_bytes()
