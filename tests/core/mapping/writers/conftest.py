"""One value through one writer: a test names only what it is about."""

from collections.abc import Callable

import pytest

from core.config.model import ColumnMapping
from core.mapping.writers import RefusedValueError, Written, writer_for
from core.monday.board import Column

Write = Callable[..., Written]


def _rule(**keys: object) -> ColumnMapping:
    return ColumnMapping.model_validate({"source": "VALUE", "column": "cell", "type": "text"} | keys)


@pytest.fixture(scope="session")
def write() -> Write:
    """Write a value to the column `cell` with these settings, by a rule with these keys."""

    def call(
        column_type: str, value: object, settings: dict[str, object] | None = None, **keys: object
    ) -> Written:
        writer = writer_for(column_type)
        assert writer is not None
        return writer(value, Column("cell", "Cell", column_type, settings or {}), _rule(**keys))

    return call


@pytest.fixture(scope="session")
def refused(write: Write) -> Callable[..., RefusedValueError]:
    """Why a value is refused; takes what `write` takes."""

    def call(*arguments: object, **keys: object) -> RefusedValueError:
        with pytest.raises(RefusedValueError) as caught:
            write(*arguments, **keys)
        assert caught.value.remedy
        return caught.value

    return call
