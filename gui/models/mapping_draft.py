"""The mapping set under the operator's hands: every change is a named step that can be undone."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from core.config.model import ColumnMapping, MappingSet
from core.workspace.mapping import Side
from gui.models.mapping_words import SIDES

_TYPING = 1
"""Steps with this id may merge with the one before: the letters of one word are one step."""
_NAME_FIELDS = ("group_name", "item_name", "subitem_name", "item_key_column", "subitem_key_column", "lookups")


def rules_of(mapping: MappingSet, side: Side) -> tuple[ColumnMapping, ...]:
    """Return the rules of the items or of the subitems."""
    return mapping.items if side == "items" else mapping.subitems


def with_rules(mapping: MappingSet, side: Side, rules: Sequence[ColumnMapping]) -> MappingSet:
    """Return the mapping set with the rules of one side replaced."""
    return mapping.model_copy(update={side: tuple(rules)})


def empty_rule() -> ColumnMapping:
    """Return a rule that is still to be filled: neither a source nor a board column."""
    # The model refuses an empty board column, rightly: no such rule can be saved.
    return ColumnMapping(source="", column="to come", type="text").model_copy(update={"column": ""})


def rebased(base: MappingSet, edited: MappingSet, now: MappingSet) -> MappingSet:
    """Return `now` with what was changed from `base` to `edited`: edits survive a file changed meanwhile.

    Rules are the same where their board column is. What both changed is as edited.
    """
    updates = {
        field: getattr(edited, field)
        for field in _NAME_FIELDS
        if getattr(edited, field) != getattr(base, field)
    }
    result = now.model_copy(update=updates)
    for side in SIDES:
        before = {rule.column: rule for rule in rules_of(base, side)}
        after = {rule.column: rule for rule in rules_of(edited, side)}
        present = {rule.column for rule in rules_of(now, side)}
        rules = [
            after[rule.column] if after.get(rule.column) != before.get(rule.column) else rule
            for rule in rules_of(now, side)
            if rule.column in after or rule.column not in before
        ]
        rules += [
            rule for column, rule in after.items() if column not in present and before.get(column) != rule
        ]
        result = with_rules(result, side, rules)
    return result


@dataclass(frozen=True, slots=True)
class _Typing:
    """What one uninterrupted stretch of typing changes."""

    stretch: int
    place: object


class _Step(QUndoCommand):
    """From one mapping set to another; both are kept whole, which costs a few kilobytes."""

    def __init__(
        self, draft: "MappingDraft", after: MappingSet, words: str, typing: _Typing | None = None
    ) -> None:
        super().__init__(words)
        self._draft = draft
        self._before = draft.current
        self.after = after
        self.typing = typing

    def id(self) -> int:
        """Say whether the step may merge with its neighbour."""
        return -1 if self.typing is None else _TYPING

    def mergeWith(self, other: QUndoCommand) -> bool:
        """Take over a step of the same stretch of typing."""
        if not isinstance(other, _Step) or other.typing != self.typing:
            return False
        self.after = other.after
        self.setText(other.text())
        self.setObsolete(self.after == self._before)
        return True

    def redo(self) -> None:
        """Put the later mapping set into force."""
        self._draft.put(self.after)

    def undo(self) -> None:
        """Put the earlier mapping set into force."""
        self._draft.put(self._before)


class MappingDraft(QObject):
    """The mapping set that is saved, the one being edited, and the steps between them."""

    changed = Signal()
    """The edited or the saved mapping set is another one."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.undo_stack = QUndoStack(self)
        self._saved: MappingSet | None = None
        self._current: MappingSet | None = None
        self._stretches = count()
        self._stretch = next(self._stretches)

    @property
    def is_loaded(self) -> bool:
        """Whether there is a mapping set at all."""
        return self._current is not None

    @property
    def saved(self) -> MappingSet:
        """The mapping set of the file."""
        assert self._saved is not None
        return self._saved

    @property
    def current(self) -> MappingSet:
        """The mapping set as edited."""
        assert self._current is not None
        return self._current

    @property
    def has_changes(self) -> bool:
        """Whether saving would change anything."""
        return self._current != self._saved

    def load(self, mapping: MappingSet | None) -> None:
        """Begin anew from the mapping set of a file; nothing can be undone then."""
        self._saved = self._current = mapping
        self.undo_stack.clear()
        self.changed.emit()

    def reload(self, mapping: MappingSet) -> None:
        """Take the file's mapping set as it is now, and make the unsaved changes again on it, as one step."""
        edited = rebased(self.saved, self.current, mapping)
        self.load(mapping)
        if edited != mapping:
            self._push(edited, "change what was not saved")

    def mark_saved(self, mapping: MappingSet) -> None:
        """Take over what was written; the steps before can still be undone."""
        self._saved = mapping
        self.changed.emit()

    def set_rule(
        self, side: Side, index: int, rule: ColumnMapping, words: str, *, typing: bool = False
    ) -> None:
        """Replace a rule. Steps of one stretch of `typing` in the same rule become one."""
        rules = list(rules_of(self.current, side))
        rules[index] = rule
        self._push(with_rules(self.current, side, rules), words, (side, index) if typing else None)

    def add_rule(self, side: Side, rule: ColumnMapping, words: str) -> int:
        """Add a rule at the end and return its place."""
        rules = rules_of(self.current, side)
        self._push(with_rules(self.current, side, (*rules, rule)), words)
        return len(rules)

    def add_rules(self, side: Side, added: Sequence[ColumnMapping], words: str) -> None:
        """Add several rules at the end, in one step."""
        self._push(with_rules(self.current, side, (*rules_of(self.current, side), *added)), words)

    def move_rule(self, side: Side, index: int, place: int, words: str) -> None:
        """Put a rule to another place; those between move up or down."""
        rules = list(rules_of(self.current, side))
        rules.insert(place, rules.pop(index))
        self._push(with_rules(self.current, side, rules), words)

    def replace(self, mapping: MappingSet, words: str) -> None:
        """Put a whole mapping set in the place of the present one; this too can be undone."""
        self._push(mapping, words)

    def remove_rules(self, side: Side, indexes: Sequence[int], words: str) -> None:
        """Remove the rules at these places."""
        gone = set(indexes)
        rules = [rule for index, rule in enumerate(rules_of(self.current, side)) if index not in gone]
        self._push(with_rules(self.current, side, rules), words)

    def set_name(self, field: str, value: object, words: str, *, typing: bool = False) -> None:
        """Set a name template, a key column or the look-up tables: a field of `MappingSet`."""
        self._push(self.current.model_copy(update={field: value}), words, field if typing else None)

    def discard(self) -> None:
        """Go back to what is saved; this too can be undone."""
        self._push(self.saved, "discard changes")

    def end_typing(self) -> None:
        """Let what is typed next be a step of its own: the cursor left the field."""
        self._stretch = next(self._stretches)

    def put(self, mapping: MappingSet) -> None:
        """Put a mapping set into force; only steps do this."""
        self._current = mapping
        self.changed.emit()

    def _push(self, after: MappingSet, words: str, typing_at: object = None) -> None:
        if after != self.current:
            typing = _Typing(self._stretch, typing_at) if typing_at is not None else None
            self.undo_stack.push(_Step(self, after, words, typing))
