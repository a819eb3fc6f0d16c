"""Two boards side by side: columns, their types, titles, ids and labels. Pure; groups are not compared."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.config.model import Profile
from core.monday.board import Board, BoardSchema, Column
from core.workspace.mapping import Side

NO_IDS: Mapping[str, str] = {}


class DifferenceKind(StrEnum):
    """What differs."""

    ONLY_LEFT = "only_left"
    ONLY_RIGHT = "only_right"
    TYPE = "type"
    ID = "id"
    TITLE = "title"
    LABELS = "labels"
    SUBITEMS = "subitems"
    """One of the boards has no subitems."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference between two boards."""

    side: Side
    kind: DifferenceKind
    title: str
    """The column's title; empty when the board as a whole is meant."""
    left: str
    """What the left board has, as an operator reads it; empty where it has nothing."""
    right: str
    missing_left: tuple[str, ...] = ()
    """Labels that only the right board has."""
    missing_right: tuple[str, ...] = ()
    """Labels that only the left board has."""


@dataclass(frozen=True, slots=True)
class BoardDiff:
    """How two boards differ."""

    left: str
    """The left board's name and id."""
    right: str
    differences: tuple[Difference, ...]

    @property
    def same(self) -> bool:
        """Whether nothing that was compared differs."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class ColumnPair:
    """The column that two boards share, or one that only one of them has."""

    left: Column | None
    right: Column | None


def expected_ids(left: Profile | None, right: Profile | None) -> Mapping[str, str]:
    """Column id on the left board -> id on the right, where the profiles' `column_ids` say that they differ.

    Both must use one mapping set: the ids of two sets have nothing to do with each other.
    """
    if left is not None and right is not None and left.mapping != right.mapping:
        return NO_IDS
    of_left = left.column_ids if left else NO_IDS
    of_right = right.column_ids if right else NO_IDS
    ids = {
        in_set: (of_left.get(in_set, in_set), of_right.get(in_set, in_set))
        for in_set in {*of_left, *of_right}
    }
    return dict(ids.values())


def named(board: Board) -> str:
    """A board as messages name it."""
    return f"{board.name} ({board.id})"


def diff_boards(left: BoardSchema, right: BoardSchema, ids: Mapping[str, str] = NO_IDS) -> BoardDiff:
    """Every difference, items first. `ids` are column ids that are meant to differ, left -> right."""
    differences = [*_sides("items", left.items, right.items, ids)]
    if left.subitems is not None and right.subitems is not None:
        differences += _sides("subitems", left.subitems, right.subitems, ids)
    elif left.subitems is not None or right.subitems is not None:
        differences.append(
            Difference(
                "subitems",
                DifferenceKind.SUBITEMS,
                "",
                "has subitems" if left.subitems else "",
                "has subitems" if right.subitems else "",
            )
        )
    return BoardDiff(named(left.items), named(right.items), tuple(differences))


def match_columns(left: Board, right: Board, ids: Mapping[str, str] = NO_IDS) -> tuple[ColumnPair, ...]:
    """Pairs the columns of two boards: by id, by title and type, by title; archived ones are left out.

    In the order of the left board, then what only the right one has.
    """
    rest = {column.id: column for column in right.columns if not column.archived}
    partner: dict[str, Column] = {}
    own = [column for column in left.columns if not column.archived]

    def by_id(column: Column) -> Column | None:
        return rest.get(ids.get(column.id, column.id))

    def by_title_and_type(column: Column) -> Column | None:
        return next((each for each in rest.values() if _key(each) == _key(column)), None)

    def by_title(column: Column) -> Column | None:
        return next((each for each in rest.values() if _key(each)[0] == _key(column)[0]), None)

    for find in (by_id, by_title_and_type, by_title):
        for column in own:
            if column.id not in partner and (found := find(column)) is not None:
                partner[column.id] = rest.pop(found.id)
    return (
        *(ColumnPair(column, partner.get(column.id)) for column in own),
        *(ColumnPair(None, column) for column in rest.values()),
    )


def _key(column: Column) -> tuple[str, str]:
    return " ".join(column.title.casefold().split()), column.type


def _sides(side: Side, left: Board, right: Board, ids: Mapping[str, str]) -> Iterator[Difference]:
    for pair in match_columns(left, right, ids):
        if pair.left is None or pair.right is None:
            column = pair.left or pair.right
            assert column is not None
            kind = DifferenceKind.ONLY_LEFT if pair.left else DifferenceKind.ONLY_RIGHT
            yield Difference(side, kind, column.title, _described(pair.left), _described(pair.right))
        else:
            yield from _columns(side, pair.left, pair.right, ids)


def _columns(side: Side, left: Column, right: Column, ids: Mapping[str, str]) -> Iterator[Difference]:
    if left.type != right.type:
        yield Difference(side, DifferenceKind.TYPE, left.title, left.type, right.type)
    # No rule names a column that cannot be written, so its id matters to nobody.
    if left.writable and ids.get(left.id, left.id) != right.id:
        yield Difference(side, DifferenceKind.ID, left.title, left.id, right.id)
    if left.title != right.title:
        yield Difference(side, DifferenceKind.TITLE, left.title, left.title, right.title)
    if left.type == right.type:
        missing_right = _without(left.label_ids, right.label_ids)
        missing_left = _without(right.label_ids, left.label_ids)
        if missing_left or missing_right:
            yield Difference(
                side,
                DifferenceKind.LABELS,
                left.title,
                f"lacks {', '.join(missing_left)}" if missing_left else "",
                f"lacks {', '.join(missing_right)}" if missing_right else "",
                missing_left,
                missing_right,
            )


def _without(labels: Mapping[str, int], others: Mapping[str, int]) -> tuple[str, ...]:
    return tuple(label for label in labels if label and label not in others)


def _described(column: Column | None) -> str:
    return f"{column.type}, {column.id}" if column else ""
