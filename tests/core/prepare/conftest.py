"""The databases that preparations are tested on."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.prepare.desk import Desk, open_desk
from tests.database_servers import database_url, mariadb  # noqa: F401  fixtures


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:  # noqa: F811
    opened = open_desk(database_url)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def sqlite_desk(tmp_path: Path) -> Iterator[Desk]:
    """For what is the same on every database."""
    path = tmp_path / "orders.db"
    path.touch()
    opened = open_desk(f"sqlite:///{path}")
    yield opened
    opened.engine.dispose()
