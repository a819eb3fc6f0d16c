"""Whatever a source may hold: it arrives on the board as it was, or is refused before anything is sent.

Source value -> RecordFormatter -> HTTP -> practice board -> HTTP -> the same value, by its type. Many values
go in one request. Which ids an account has only the board knows, so ids are of those that it has.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from core.config.model import ColumnMapping
from core.mapping.formatting import RecordFormatter
from core.mapping.source_values import is_empty
from core.mapping.writers import writable_types
from core.monday.documents import alias
from core.orders.model import RecordKind
from tests.core.mapping.round_trip.conftest import Desk
from tests.core.mapping.round_trip.kinds import BATCH, Kind, kinds

KINDS = sorted(kinds(["1"], ["1"]))


def test_every_writable_type_is_tried(desk):
    assert {kind.type for kind in desk.kinds.values()} == writable_types()
    columns = {column.id: column.type for column in desk.board().columns}
    assert {kind.column: kind.type for kind in desk.kinds.values()}.items() <= columns.items()


@pytest.mark.parametrize("name", KINDS)
def test_a_value_arrives_as_it_was_or_is_refused_before_anything_is_sent(desk: Desk, name: str):
    kind = desk.kinds[name]
    rule = ColumnMapping(source="VALUE", column=kind.column, type=kind.type, on_empty="clear", **kind.keys)
    seen: Counter[str] = Counter()

    @settings(
        max_examples=5,
        deadline=None,
        database=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(kind.values, min_size=BATCH // 2, max_size=BATCH))
    def trip(values: list[Any]) -> None:
        formatter = RecordFormatter(RecordKind.ORDER, [rule], "{NAME}", desk.board())
        records = [formatter.format("1", "1", {"VALUE": value, "NAME": "An order"}) for value in values]
        written = [
            (item, value, record)
            for item, value, record in zip(desk.items, values, records, strict=False)
            if not record.blocked
        ]
        refused = [value for value, record in zip(values, records, strict=True) if record.blocked]
        for value, record in zip(values, records, strict=True):
            assert record.blocked == bool(record.findings) == (not record.column_values), value
        if written:
            answer = desk.write(
                [
                    desk.change(item, record.column_values, creates_labels=record.creates_labels)
                    for item, _, record in written
                ]
            )
            assert "errors" not in answer, answer["errors"]
            held = desk.read(kind, [item for item, _, _ in written])
            for (_, value, _), cell in zip(written, held, strict=True):
                if is_empty(value):
                    assert not cell, value
                else:
                    assert cell == kind.expected(value), value
        if refused and kind.bare is not None:
            _require_refusals(desk, kind, refused)
        seen.update(written=len(written), refused=len(refused))

    trip()
    assert seen["written"], "no value reached the board"


def _require_refusals(desk: Desk, kind: Kind, values: Sequence[Any]) -> None:
    """The board refuses these values too when nobody looks first, or does not keep them as they are."""
    assert kind.bare is not None
    items = desk.items[: len(values)]
    answer = desk.write(
        [
            desk.change(item, {kind.column: kind.bare(value)}, creates_labels=False)
            for item, value in zip(items, values, strict=True)
        ]
    )
    taken = [
        (item, value)
        for place, (item, value) in enumerate(zip(items, values, strict=True))
        if (answer.get("data") or {}).get(alias(place)) is not None
    ]
    if taken:
        held = desk.read(kind, [item for item, _ in taken])
        kept = [value for (_, value), cell in zip(taken, held, strict=True) if cell == kind.expected(value)]
        assert not kept, "refused without need"
