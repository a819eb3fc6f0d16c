"""What a board lacks, and how it would be made. Pure.

The columns come from a profile's mapping, which knows ids and types, or from another board, which knows
titles, labels and settings too.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.config.model import ColumnMapping, MappingSet, Profile
from core.config.transforms import Lookup
from core.mapping.suggestions import suggest, title_words
from core.monday.board import Board, BoardSchema, Column
from core.monday.structure import NewColumn, NewLabel, by_hand, label_fault, may_ask_for, new_column_like
from core.workspace.board_diff import NO_IDS, expected_ids, match_columns
from core.workspace.mapping import Side

SUBITEMS_COLUMN = NewColumn("Subitems", "subtasks")


@dataclass(frozen=True)
class SetupStep:
    """One column that would be made."""

    side: Side
    column: NewColumn
    in_set: str | None = None
    """The id by which the mapping set names it; None where no rule does."""
    note: str = ""
    """What to know or to do beside it."""


@dataclass(frozen=True, slots=True)
class OtherId:
    """A column of the mapping that the board has under another id."""

    side: Side
    title: str
    in_set: str
    on_board: str


@dataclass(frozen=True, slots=True)
class ByHand:
    """Something that the API does not do, and what a person does instead."""

    side: Side
    title: str
    what: str
    remedy: str


@dataclass(frozen=True)
class BoardSetupPlan:
    """Everything that `deltadesk board setup` would do to one board."""

    profile: str
    board_id: str
    board_name: str
    subitems_board_id: str | None
    steps: tuple[SetupStep, ...]
    """In the order in which they are made; the subitems column before the columns of the subitems."""
    other_ids: tuple[OtherId, ...] = ()
    by_hand: tuple[ByHand, ...] = ()
    mapped_ids: frozenset[str] = frozenset()
    """Column ids that the mapping set names."""

    @property
    def complete(self) -> bool:
        """Whether the board lacks nothing that the API can make."""
        return not self.steps


@dataclass
class _Draft:
    steps: list[SetupStep]
    other_ids: list[OtherId]
    by_hand: list[ByHand]

    @classmethod
    def empty(cls) -> "_Draft":
        return cls([], [], [])

    def plan(self, profile: Profile, schema: BoardSchema) -> BoardSetupPlan:
        subitems = [step for step in self.steps if step.side == "subitems"]
        items = [step for step in self.steps if step.side == "items"]
        return BoardSetupPlan(
            profile.name,
            schema.items.id,
            schema.items.name,
            schema.subitems.id if schema.subitems else None,
            (*items, *subitems),
            tuple(self.other_ids),
            tuple(self.by_hand),
            frozenset(_ids_in_set(profile).values()),
        )


def plan_from_mapping(profile: Profile, schema: BoardSchema) -> BoardSetupPlan:
    """The columns that the profile's mapping names and the board lacks.

    A mapping knows no titles: a new column is titled like its source column. Labels are those that the rules
    name; others are created by pushes where a rule says so, or copied with `plan_like`.
    """
    draft = _Draft.empty()
    mapping = profile.mapping_set
    in_set = _ids_in_set(profile)
    if schema.subitems is None and mapping.subitems:
        draft.steps.append(SetupStep("items", SUBITEMS_COLUMN))
    sides: tuple[tuple[Side, Sequence[ColumnMapping], str | None, Board | None], ...] = (
        ("items", mapping.items, mapping.item_key_column, schema.items),
        ("subitems", mapping.subitems, mapping.subitem_key_column, schema.subitems),
    )
    for side, rules, key_column, board in sides:
        wanted = {rule.column: rule for rule in rules}
        if key_column is not None and key_column not in wanted:
            wanted[key_column] = ColumnMapping(source=key_column, column=key_column, type="text")
        for rule in wanted.values():
            _plan_rule(draft, side, rule, mapping, board or _no_board(), in_set[rule.column])
    return draft.plan(profile, schema)


def _plan_rule(
    draft: _Draft, side: Side, rule: ColumnMapping, mapping: MappingSet, board: Board, in_set: str
) -> None:
    title = rule.source if rule.source is not None else _title_of_id(in_set, rule.type)
    found = board.column(rule.column)
    if found is not None:
        if found.archived:
            draft.by_hand.append(_archived(side, found))
        elif found.type != rule.type:
            draft.by_hand.append(
                ByHand(
                    side,
                    found.title,
                    f"{found.id} is a {found.type} column on the board, the mapping says {rule.type}",
                    f'Set type = "{found.type}" in the mapping, or map to another column.',
                )
            )
        return
    mapped = {each.column for each in (*mapping.items, *mapping.subitems)}
    free = [column for column in board.columns if column.id not in mapped and not column.archived]
    same = [column for column in free if title_words(column.title) == title_words(title)]
    if (twin := next((column for column in same if column.type == rule.type), None)) is not None:
        draft.other_ids.append(OtherId(side, twin.title, in_set, twin.id))
        return
    if (remedy := by_hand(rule.type)) is not None:
        draft.by_hand.append(ByHand(side, title, f"a {rule.type} column cannot be made by the API", remedy))
        return
    new = NewColumn(title, rule.type, _asked_for(rule.column, board), _labels_of(rule, mapping))
    note = _similar(title, board, (*mapping.items, *mapping.subitems), in_set) or _labels_note(new)
    draft.steps.append(SetupStep(side, new, in_set, note))


def plan_like(
    like: BoardSchema, like_profile: Profile | None, profile: Profile, schema: BoardSchema
) -> BoardSetupPlan:
    """The columns that another board has and this profile's board lacks, with labels and settings."""
    draft = _Draft.empty()
    ids = expected_ids(like_profile, profile)
    in_set_by_board = _ids_in_set(profile)
    if schema.subitems is None and like.subitems is not None:
        title = next(column.title for column in like.items.columns if column.type == "subtasks")
        draft.steps.append(SetupStep("items", NewColumn(title, "subtasks")))
    sides: tuple[tuple[Side, Board | None, Board | None], ...] = (
        ("items", like.items, schema.items),
        ("subitems", like.subitems, schema.subitems),
    )
    for side, model, board in sides:
        for pair in match_columns(model, board or _no_board(), ids) if model else ():
            if pair.left is None or pair.left.type in {"name", "subtasks"}:
                continue
            wanted = ids.get(pair.left.id, pair.left.id)
            in_set = in_set_by_board.get(wanted)
            if pair.right is None:
                _plan_copy(draft, side, pair.left, wanted, in_set, board or _no_board())
            else:
                draft.by_hand.extend(_differs(side, pair.left, pair.right))
                if in_set is not None and pair.right.id != wanted and pair.right.type == pair.left.type:
                    draft.other_ids.append(OtherId(side, pair.right.title, in_set, pair.right.id))
    return draft.plan(profile, schema)


def _plan_copy(
    draft: _Draft, side: Side, model: Column, wanted: str, in_set: str | None, board: Board
) -> None:
    present = board.column(wanted)
    if present is not None and present.archived:
        draft.by_hand.append(_archived(side, present))
        return
    if (remedy := by_hand(model.type)) is not None:
        draft.by_hand.append(
            ByHand(side, model.title, f"a {model.type} column cannot be made by the API", remedy)
        )
        return
    new = new_column_like(model, _asked_for(wanted, board))
    if (fault := label_fault(new)) is not None:
        draft.by_hand.append(
            ByHand(side, model.title, f"it cannot be made with its labels: {fault}", "Add it on the board.")
        )
        return
    draft.steps.append(SetupStep(side, new, in_set, _connection_note(model)))


def _differs(side: Side, model: Column, column: Column) -> Iterator[ByHand]:
    if model.type != column.type:
        yield ByHand(
            side,
            column.title,
            f"it is a {column.type} column, on the other board a {model.type} column",
            "A column's type never changes: rename this one on the board, then run board setup again.",
        )
        return
    missing = [label for label in model.label_ids if label and label not in column.label_ids]
    if missing:
        # Labels can only be replaced as a whole list (reference/status), which loses what was left out.
        yield ByHand(
            side,
            column.title,
            f"it lacks {len(missing)} labels: {', '.join(missing)}",
            'Add them on the board, or let pushes do it with on_unknown_label = "create" in the rule.',
        )


def column_ids_lines(plan: BoardSetupPlan, made: Mapping[str, str] = NO_IDS) -> tuple[str, ...]:
    """The lines of `[profiles.<name>.column_ids]` that the configuration needs, sorted.

    `made` are the columns that were made: id in the mapping set -> id on the board.
    """
    ids = {other.in_set: other.on_board for other in plan.other_ids} | dict(made)
    return tuple(
        f'{_toml_key(in_set)} = "{on_board}"'
        for in_set, on_board in sorted(ids.items())
        if in_set in plan.mapped_ids and in_set != on_board
    )


def _toml_key(name: str) -> str:
    bare = name.replace("_", "").replace("-", "")
    return name if bare.isascii() and bare.isalnum() else '"' + name.replace('"', '\\"') + '"'


def _ids_in_set(profile: Profile) -> dict[str, str]:
    """Column id on the profile's board -> id in the mapping set, of every column that the mapping names."""
    back = {on_board: in_set for in_set, on_board in profile.column_ids.items()}
    mapping = profile.mapping_set
    keys = (mapping.item_key_column, mapping.subitem_key_column)
    used = [*(rule.column for rule in (*mapping.items, *mapping.subitems)), *(key for key in keys if key)]
    return {column: back.get(column, column) for column in used}


def _no_board() -> Board:
    """The subitems board before it is made."""
    return Board("", "", ())


def _archived(side: Side, column: Column) -> ByHand:
    return ByHand(side, column.title, f"{column.id} is archived on the board", "Restore it on the board.")


def _asked_for(column_id: str, board: Board) -> str | None:
    return column_id if may_ask_for(column_id) and board.column(column_id) is None else None


def _title_of_id(column_id: str, column_type: str) -> str:
    """A title for a column of which only the id is known: `text_matchalias` -> MATCHALIAS."""
    prefixes = (column_type, {"numbers": "numeric", "status": "color"}.get(column_type, column_type))
    short = next(
        (column_id.removeprefix(f"{each}_") for each in prefixes if column_id.startswith(f"{each}_")), ""
    )
    return (short or column_id).replace("_", " ").upper()


def _labels_of(rule: ColumnMapping, mapping: MappingSet) -> tuple[NewLabel, ...]:
    """The labels that the rule names: its default, the one for unknown ones, its lookup's words."""
    if rule.type not in {"status", "dropdown"}:
        return ()
    texts = [rule.default, rule.unknown_label]
    for step in rule.transforms:
        if isinstance(step, Lookup):
            texts += mapping.lookups.get(step.lookup, {}).values()
    return tuple(NewLabel(text) for text in dict.fromkeys(text for text in texts if text))


def _labels_note(new: NewColumn) -> str:
    if new.type not in {"status", "dropdown"}:
        return ""
    return "its labels are not in the mapping: add them on the board, or copy them with --like"


def _connection_note(model: Column) -> str:
    if model.type == "board_relation":
        return "choose on the board which boards it connects"
    return ""


def _similar(title: str, board: Board, rules: Sequence[ColumnMapping], in_set: str) -> str:
    """A warning where the board has a column that may be the one that is missing."""
    found = suggest((title,), board, [rule for rule in rules if board.column(rule.column) is not None])
    if not found:
        return ""
    first = found[0]
    return (
        f"the board has {first.column_title}; if that is the column meant, put "
        f'{_toml_key(in_set)} = "{first.column_id}" into column_ids instead'
    )
