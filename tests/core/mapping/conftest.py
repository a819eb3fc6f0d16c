"""Rules and columns: a test names only what it is about."""

from collections.abc import Callable

import pytest

from core.config.model import ColumnMapping
from core.monday.board import Column


@pytest.fixture
def make_rule() -> Callable[..., ColumnMapping]:
    """A rule from the source column VALUE to the board column `cell`."""

    def make(**more: object) -> ColumnMapping:
        values = {"column": "cell", "type": "text", **({} if "template" in more else {"source": "VALUE"})}
        return ColumnMapping.model_validate(values | more)

    return make


@pytest.fixture
def make_column() -> Callable[..., Column]:
    """The board column `cell`, called Cell."""

    def make(column_type: str = "text", **settings: object) -> Column:
        return Column("cell", "Cell", column_type, settings)

    return make
