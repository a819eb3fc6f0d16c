"""The fewest row insertions and removals that turn one list of keys into another. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Removed:
    """Rows `first` to `last` go."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Inserted:
    """Rows of the new list come to stand at `first` to `last`."""

    first: int
    last: int


def row_changes(old: Sequence[str], new: Sequence[str]) -> Iterator[Removed | Inserted]:
    """Yield the changes in the order in which they are to be made.

    Each one counts rows as they stand after those before it. Keys of a list are distinct. A key that changed
    its place among the others is removed and inserted again.
    """
    places = {key: place for place, key in enumerate(new)}
    kept: list[str] = []
    gone: list[int] = []
    last_place = -1
    for row, key in enumerate(old):
        place = places.get(key, -1)
        if place > last_place:
            kept.append(key)
            last_place = place
        else:
            gone.append(row)
    yield from (Removed(first, last) for first, last in reversed(list(_runs(gone))))
    staying = set(kept)
    added = [row for row, key in enumerate(new) if key not in staying]
    yield from (Inserted(first, last) for first, last in _runs(added))


def _runs(rows: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yield the first and last of each stretch of consecutive rows."""
    start = 0
    for end in range(1, len(rows) + 1):
        if end == len(rows) or rows[end] != rows[end - 1] + 1:
            yield rows[start], rows[end - 1]
            start = end
