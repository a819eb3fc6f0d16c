"""The demo's orders, made once in a process, and a desk of its own for each test that asks for one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.demo.data import create_orders_database
from core.demo.testing import DemoDesk, demo_desk
from core.orders import schema
from core.orders.database import connect
from tests.prepared_files import copy_board


@pytest.fixture(scope="session")
def demo_orders_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's orders database with the application's own tables, to be copied."""
    path = tmp_path_factory.mktemp("demo") / "orders.db"
    create_orders_database(path)
    engine = connect(f"sqlite:///{path.as_posix()}")
    schema.upgrade(engine)
    engine.dispose()
    return path


@pytest.fixture
def desk(tmp_path: Path, demo_orders_database: Path) -> Iterator[DemoDesk]:
    """Demo orders, a practice board and a profile that leads from one to the other."""
    copy_board(tmp_path / "board.db")
    with demo_desk(tmp_path, demo_orders_database) as made:
        yield made
