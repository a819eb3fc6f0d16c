"""What an operator does to the draft of a mapping: each act is one named step that can be undone."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from core.config.model import ColumnMapping, MappingSet
from core.mapping.suggestions import Suggestion
from core.workspace.mapping import Side
from gui.models.mapping_draft import MappingDraft, empty_rule, rules_of
from gui.models.mapping_lines import FreeLine, RuleLine
from gui.models.mapping_words import map_words, name_step_words, step_words
from gui.pages.mapping_checker import Known


class Shown(Protocol):
    """What the acts need of the page: the side they act on, what is known, and where the cursor goes."""

    @property
    def side(self) -> Side:
        """The side that is shown."""

    @property
    def known(self) -> Known:
        """What is known of board and sample."""

    def show_rule_at(self, index: int, *, begin: str) -> None:
        """Show a rule and put the cursor into its "source", its "column", or leave it ("")."""


class MappingEdits:
    """Acts on the side of the draft that is shown."""

    def __init__(self, draft: MappingDraft, shown: Shown) -> None:
        self._draft = draft
        self._shown = shown

    @property
    def _rules(self) -> tuple[ColumnMapping, ...]:
        return rules_of(self._draft.current, self._shown.side)

    def _title(self, column_id: str) -> str:
        return self._shown.known.title_of(self._shown.side, column_id)

    def edit_rule(self, index: int, rule: ColumnMapping, *, typing: bool) -> None:
        """Replace a rule by another form of it."""
        words = step_words(self._rules[index], rule, self._title(rule.column))
        self._draft.set_rule(self._shown.side, index, rule, words, typing=typing)

    def edit_name(self, field: str, value: str | None, *, typing: bool) -> None:
        """Change a name template or a key column."""
        self._draft.set_name(field, value, name_step_words(field), typing=typing)

    def keep_lookup(self, name: str, entries: Mapping[str, str]) -> None:
        """Give a look-up table these entries; a new one comes into being."""
        tables = {**self._draft.current.lookups, name: dict(entries)}
        self._draft.set_name("lookups", tables, f"change the look-up table {name}")

    def add_empty(self) -> None:
        """Add a rule that is still to be filled."""
        self.add(empty_rule())

    def add(self, rule: ColumnMapping, *, begin: str = "source") -> None:
        """Add a rule at the end."""
        words = map_words(rule, self._title(rule.column))
        index = self._draft.add_rule(self._shown.side, rule, words)
        self._shown.show_rule_at(index, begin=begin)

    def map_free(self, line: FreeLine) -> None:
        """Make a rule for a free column: as suggested, or with a source that is still to be chosen."""
        if line.suggested is not None:
            self.add(line.suggested.rule, begin="")
        else:
            choice = line.choice
            self.add(ColumnMapping(column=choice.id, type=choice.type, source=""))

    def map_source(self, source: str, onto: RuleLine | FreeLine | None) -> None:
        """Map a source column to a free column, or read it in a rule; onto nothing, make a rule for it.

        A rule that has a source already keeps it: a new rule is made, for the column that is suggested.
        """
        if isinstance(onto, FreeLine) and not onto.choice.reason:
            choice = onto.choice
            self.add(ColumnMapping(column=choice.id, type=choice.type, source=source), begin="")
        elif isinstance(onto, RuleLine) and not onto.rule.origin:
            self.read_in_rule(source, onto)
        else:
            self._add_from(source)

    def read_in_rule(self, source: str, line: RuleLine) -> None:
        """Let a rule read this source column instead of what it reads now."""
        rule = line.rule.model_copy(update={"source": source, "template": None})
        self.edit_rule(line.index, rule, typing=False)
        self._shown.show_rule_at(line.index, begin="")

    def _add_from(self, source: str) -> None:
        taken = {rule.column for rule in self._rules}
        offered: Sequence[Suggestion] = self._shown.known.suggestions.get(self._shown.side, ())
        best = next((each for each in offered if each.source == source and each.column_id not in taken), None)
        if best is not None:
            self.add(best.rule, begin="")
        else:
            self.add(empty_rule().model_copy(update={"source": source}), begin="column")

    def accept(self, suggestions: Sequence[Suggestion]) -> None:
        """Make a rule of each suggestion, in one step."""
        if suggestions:
            count = len(suggestions)
            words = f"accept {count} suggestion" + ("" if count == 1 else "s")
            first = len(self._rules)
            self._draft.add_rules(self._shown.side, [each.rule for each in suggestions], words)
            self._shown.show_rule_at(first, begin="")

    def remove(self, indexes: Sequence[int]) -> None:
        """Remove rules."""
        title = self._title(self._rules[indexes[0]].column) or "no column"
        words = f"remove the rule for {title}" if len(indexes) == 1 else f"remove {len(indexes)} rules"
        self._draft.remove_rules(self._shown.side, indexes, words)

    def move(self, index: int, place: int) -> None:
        """Put a rule to another place."""
        if 0 <= place < len(self._rules):
            way = "up" if place < index else "down"
            words = f"move the rule for {self._title(self._rules[index].column)} {way}"
            self._draft.move_rule(self._shown.side, index, place, words)
            self._shown.show_rule_at(place, begin="")

    def restore(self, number: int, mapping: MappingSet) -> None:
        """Bring a saved version into the form."""
        self._draft.replace(mapping, f"restore version {number}")
