"""A mapping against the live board: columns, their types and labels, what the board requires. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from core.config.model import ColumnMapping, MappingSet
from core.config.positions import KeyPath
from core.config.transforms import Lookup
from core.mapping.findings import Severity
from core.mapping.source_values import is_empty
from core.mapping.writers import RefusedValueError, read_only_reason, writer_for
from core.monday.board import Board, BoardSchema, Column
from core.monday.structure import DROPDOWN_LABELS, STATUS_LABELS
from core.workspace.mapping_findings import MappingFinding, Side, did_you_mean

_EMPTY_STATUS = 5
"""The id of the label that means "nothing chosen"; it takes a colour of a status column, listed or not."""
_LABEL_LIMITS: Mapping[str, int] = {"status": STATUS_LABELS - 1, "dropdown": DROPDOWN_LABELS}
_NEARLY_FULL = 0.9
_NAMED_LABELS = 3


@dataclass(frozen=True, slots=True)
class RequiredColumns:
    """Ids of the columns that each board refuses to leave empty (docs/validation-rules-guide)."""

    items: frozenset[str] = field(default_factory=frozenset)
    subitems: frozenset[str] = field(default_factory=frozenset)


def check_columns(
    mapping: MappingSet, schema: BoardSchema, required: RequiredColumns | None = None
) -> tuple[MappingFinding, ...]:
    """Every rule and key column against the board's columns, and required columns without a rule."""
    needed = required or RequiredColumns()
    sides: tuple[tuple[Side, str | None, Board | None, frozenset[str]], ...] = (
        ("items", mapping.item_key_column, schema.items, needed.items),
        ("subitems", mapping.subitem_key_column, schema.subitems, needed.subitems),
    )
    return tuple(
        finding
        for side, key_column, board, needed_here in sides
        for finding in _SideCheck(side, mapping, board).findings(key_column, needed_here)
    )


class _SideCheck:
    """The rules of one board."""

    def __init__(self, side: Side, mapping: MappingSet, board: Board | None) -> None:
        self._side = side
        self._mapping = mapping
        self._rules: Sequence[ColumnMapping] = mapping.items if side == "items" else mapping.subitems
        self._board = board
        self._first: dict[str, int] = {}
        for index, rule in enumerate(self._rules):
            self._first.setdefault(rule.column, index)

    def findings(self, key_column: str | None, required: Collection[str]) -> Iterator[MappingFinding]:
        if self._board is None and self._rules:
            yield self._found(
                None,
                "no_subitems_board",
                "The board has no subitems column",
                "Add a subitems column to the board (a first subitem made by hand does it).",
                (self._side,),
            )
        for index, rule in enumerate(self._rules):
            yield from self._twice(index, rule)
            if self._board is not None:
                yield from self._against_board(index, rule, self._board)
        yield from self._key_column(key_column)
        if self._board is not None:
            yield from self._required(required, self._board)

    def _found(
        self,
        index: int | None,
        code: str,
        message: str,
        remedy: str,
        at: KeyPath = (),
        severity: Severity = Severity.ERROR,
    ) -> MappingFinding:
        return MappingFinding(self._side, index, severity, code, message, remedy, at)

    def _twice(self, index: int, rule: ColumnMapping) -> Iterator[MappingFinding]:
        first = self._first[rule.column]
        if first != index:
            yield self._found(
                index,
                "column_mapped_twice",
                f"Two rules write {rule.column}: number {first + 1} and number {index + 1}",
                "Remove one of them.",
                ("column",),
            )

    def _against_board(self, index: int, rule: ColumnMapping, board: Board) -> Iterator[MappingFinding]:
        column = board.column(rule.column)
        if column is None:
            yield self._found(
                index,
                "column_not_on_board",
                f"The board {board.name} has no column '{rule.column}' (from {rule.origin})",
                f"{_column_meant(rule, board)}"
                "Choose another board column in Mappings, or add the column to the board.",
                ("column",),
            )
            return
        if column.archived:
            yield self._found(
                index,
                "column_archived",
                f"{column.title} is archived on the board, and an archived column cannot be written",
                "Restore the column on the board, choose another one, or remove the rule.",
                ("column",),
            )
            return
        if column.type != rule.type:
            yield self._found(
                index,
                "column_type_differs",
                f"{column.title} is a {column.type} column on the board, the mapping says {rule.type}",
                f'Set type = "{column.type}" in the mapping, or choose another column.',
                ("type",),
            )
        if not column.writable or writer_for(column.type) is None:
            yield self._found(
                index,
                "column_not_writable",
                f"{column.title} is a {column.type} column, which cannot be written",
                f"{read_only_reason(column.type) or 'The board fills it.'} "
                "Choose another board column in Mappings, or remove the rule.",
                ("column",),
            )
        elif column.type == rule.type:
            yield from self._labels(index, rule, column)
            yield from self._default(index, rule, column)

    def _labels(self, index: int, rule: ColumnMapping, column: Column) -> Iterator[MappingFinding]:
        limit = _LABEL_LIMITS.get(column.type)
        if limit is None:
            return
        if rule.unknown_label is not None and rule.unknown_label not in column.label_ids:
            yield self._found(
                index,
                "unknown_label_not_on_board",
                f"{column.title} has no label '{rule.unknown_label}', which stands for every unknown one",
                f"{did_you_mean(rule.unknown_label, column.label_ids)}"
                "Choose a label of the board, or add this one to the column there.",
                ("unknown_label",),
            )
        empty = column.type == "status"
        present = sum(not (empty and label.id == _EMPTY_STATUS) for label in column.labels)
        if rule.on_unknown_label == "create" and present >= limit * _NEARLY_FULL:
            full = present >= limit
            yield self._found(
                index,
                "labels_full" if full else "labels_nearly_full",
                f"{column.title} has {present} of the {limit} labels that a {column.type} column can have"
                f"{', so no label can be created' if full else ''}",
                "Remove labels that are not used from the column on the board, "
                'or set on_unknown_label to "refuse" or "map".',
                ("on_unknown_label",),
                Severity.ERROR if full else Severity.WARNING,
            )
        yield from self._looked_up(index, rule, column)

    def _looked_up(self, index: int, rule: ColumnMapping, column: Column) -> Iterator[MappingFinding]:
        """Labels that a lookup table gives and the board lacks."""
        last = rule.transforms[-1] if rule.transforms else None
        if not isinstance(last, Lookup) or rule.on_unknown_label != "refuse":
            return
        values = self._mapping.lookups.get(last.lookup, {}).values()
        missing = [value for value in dict.fromkeys(values) if value and value not in column.label_ids]
        if missing:
            named = ", ".join(f"'{value}'" for value in missing[:_NAMED_LABELS])
            more = f" and {len(missing) - _NAMED_LABELS} more" if len(missing) > _NAMED_LABELS else ""
            yield self._found(
                index,
                "lookup_label_not_on_board",
                f"The lookup table '{last.lookup}' gives labels that {column.title} lacks: {named}{more}",
                f"{did_you_mean(missing[0], column.label_ids)}"
                "Correct the table, or add the labels to the column on the board.",
                ("transforms", len(rule.transforms) - 1),
            )

    def _default(self, index: int, rule: ColumnMapping, column: Column) -> Iterator[MappingFinding]:
        """A default that the board would refuse, whenever it is used."""
        write = writer_for(column.type)
        if write is None or is_empty(rule.default) or rule.transforms:
            return
        try:
            write(rule.default, column, rule)
        except RefusedValueError as refusal:
            yield self._found(
                index,
                "default_refused",
                f"The default would be refused: {refusal}",
                f"{did_you_mean(rule.default or '', column.label_ids)}Correct the default. {refusal.remedy}",
                ("default",),
            )

    def _key_column(self, key_column: str | None) -> Iterator[MappingFinding]:
        items = self._side == "items"
        at: KeyPath = ("item_key_column" if items else "subitem_key_column",)
        key = "record_uuid" if items else "line_uuid"
        if key_column is None:
            yield self._found(
                None,
                "no_key_column",
                f"No key column is named for {self._side}: after a lost answer nobody can tell what arrived",
                "Add a text column to the board, map the key to it and name it as key column.",
                at,
                Severity.WARNING,
            )
            return
        index = self._first.get(key_column)
        if index is None:
            yield self._found(
                None,
                "key_column_not_mapped",
                f"The key column {key_column} has no rule, so keys would never reach the board",
                f"{did_you_mean(key_column, self._first)}Map {key} to it.",
                at,
            )
            return
        rule = self._rules[index]
        if rule.transforms or rule.source is None:
            yield self._found(
                index,
                "key_column_changed",
                f"The key column {key_column} would not hold the key as it is",
                f'Write source = "{key}" without transforms: look-ups compare the whole key.',
                ("transforms",) if rule.transforms else ("template",),
            )
        column = self._board.column(key_column) if self._board else None
        if column is not None and column.type != "text":
            yield self._found(
                None,
                "key_column_not_text",
                f"The key column {column.title} is a {column.type} column, by which items are not looked up",
                "Name a text column of the board as key column, and map the key to it.",
                at,
            )

    def _required(self, required: Collection[str], board: Board) -> Iterator[MappingFinding]:
        for column in board.columns:
            if column.id not in required or column.archived or column.type == "name":
                continue
            index = self._first.get(column.id)
            if index is None:
                yield self._found(
                    None,
                    "required_column_without_rule",
                    f"The board requires a value in {column.title}, and no rule writes it: "
                    "it would refuse every record",
                    f'Add a rule with column = "{column.id}", or make the column optional on the board.',
                    (self._side,),
                )
            elif not self._rules[index].required and is_empty(self._rules[index].default):
                yield self._found(
                    index,
                    "required_column_may_be_empty",
                    f"The board requires a value in {column.title}, and the rule lets it be empty",
                    "Set required = true, or give the rule a default.",
                    ("required",),
                    Severity.WARNING,
                )


def _column_meant(rule: ColumnMapping, board: Board) -> str:
    """The column that is probably meant: by its id, by its title written as an id, by the source's name."""
    titles = {column.title.casefold(): column for column in board.columns if not column.archived}
    for words in (rule.column, rule.source or ""):
        if same := titles.get(words.strip().casefold()):
            return f"Did you mean '{same.id}' ({same.title})? "
    columns = {column.id: column.title for column in board.columns if not column.archived}
    near = did_you_mean(rule.column, columns)
    if not near:
        return ""
    found = near.split("'")[1]
    return f"Did you mean '{found}' ({columns[found]})? "
