"""The fields of a rule beside its source, column and steps: only those that matter for the column's type."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from PySide6.QtCore import QSignalBlocker, QStringListModel, QTimeZone, Signal
from PySide6.QtWidgets import QCheckBox, QFormLayout, QLineEdit, QWidget

from core.config.model import ColumnMapping, NumberFormat
from gui.models.mapping_keys import matters
from gui.pages.search_combo import ChoiceCombo, SearchCombo
from gui.theme import RELATED
from gui.widgets.fields import set_invalid

_NO_ZONE = "As written"
_CHOICES: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    # field -> its label, and the words of its values
    "on_empty": ("When empt&y", (("leave", "Leave the cell as it is"), ("clear", "Clear the cell"))),
    "on_too_long": ("When too &long", (("refuse", "Refuse the record"), ("truncate", "Cut to what fits"))),
    "on_unknown_label": (
        "&Unknown label",
        (
            ("refuse", "Refuse the record"),
            ("create", "Create the label on the board"),
            ("map", "Use another label"),
        ),
    ),
    "number_format": (
        "Number format",
        tuple((each, f"Written like {each}") for each in get_args(NumberFormat)),
    ),
    "week_start": ("Week begins on", (("monday", "Monday"), ("sunday", "Sunday"))),
}


@dataclass(frozen=True, slots=True)
class _Text:
    """A field that is typed: what it shows, and what its text means; None for a text that means nothing."""

    label: str
    placeholder: str
    hint: str
    text_of: Callable[[Any], str]
    value_of: Callable[[str], Any]


_WRONG = object()


def _optional(text: str) -> str | None:
    return text or None


def _words_of(text: str) -> tuple[str, ...]:
    return tuple(word for word in (part.strip() for part in text.split(",")) if word)


def _country_of(text: str) -> Any:
    code = text.strip().upper()
    return (code or None) if re.fullmatch(r"[A-Z]{2}|", code) else _WRONG


_TEXTS: dict[str, _Text] = {
    "default": _Text(
        "&Default",
        "Nothing is written instead",
        "Written when the source is empty",
        lambda v: v or "",
        _optional,
    ),
    "date_format": _Text(
        "Date format",
        "2026-11-22",
        "How text dates are written in the table: %d day, %m month, %Y year, such as %d/%m/%Y.\n"
        "Empty: year, month, day, such as 2026-11-22.",
        lambda v: v or "",
        _optional,
    ),
    "true_words": _Text(
        "Checked for",
        "yes, y, true, x, v, 1",
        "Words that check the box, with commas between them; letter case does not count",
        ", ".join,
        _words_of,
    ),
    "false_words": _Text(
        "Unchecked for",
        "no, n, false, 0",
        "Words that clear the box, with commas between them; letter case does not count",
        ", ".join,
        _words_of,
    ),
    "country": _Text(
        "Country",
        "NL",
        "The two letters of the country of a phone number that names none, such as NL",
        lambda v: v or "",
        _country_of,
    ),
}
_ORDER = (
    "number_format",
    "date_format",
    "date_only",
    "time_zone",
    "week_start",
    "true_words",
    "false_words",
    "country",
    "default",
    "required",
    "on_empty",
    "on_too_long",
    "on_unknown_label",
    "unknown_label",
)


class RuleValues(QWidget):
    """How values are read and what happens to unusual ones. Every change is told at once."""

    edited = Signal(dict, bool)
    """The fields of the rule that are other ones now, and whether they are being typed."""
    typing_ended = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._labels = QStringListModel(self)
        self._zones = QStringListModel(_zones(), self)
        self.fields: dict[str, QWidget] = {}
        for field, (label, choices) in _CHOICES.items():
            self.fields[field] = self._choice(field, label, choices)
        for field, text in _TEXTS.items():
            self.fields[field] = self._text(field, text)
        self.fields["required"] = self._check("required", "Refuse the record if empty")
        self.fields["date_only"] = self._check("date_only", "Leave the time of day out")
        self.fields["unknown_label"] = self._search(
            "unknown_label", "Label to use", self._labels, lambda words: words
        )
        self.fields["time_zone"] = self._search(
            "time_zone", "Time zone", self._zones, lambda words: None if words == _NO_ZONE else words
        )
        self._lay_out()

    def set_labels(self, labels: Sequence[str]) -> None:
        """Offer these labels of the board column for unknown ones."""
        if self._labels.stringList() != list(labels):
            self._labels.setStringList(list(labels))

    def show_rule(self, rule: ColumnMapping) -> None:
        """Show the fields that matter for the rule's type; what is being typed stays as it is typed."""
        for key, field in self.fields.items():
            value = getattr(rule, key)
            with QSignalBlocker(field):
                match field:
                    case QCheckBox():
                        field.setChecked(value)
                    case SearchCombo():
                        entries = self._zones if key == "time_zone" else self._labels
                        shown = value or (_NO_ZONE if key == "time_zone" else "")
                        names = entries.stringList()
                        field.show_choice(names.index(shown) if shown in names else -1, shown)
                    case ChoiceCombo():
                        field.setCurrentIndex(field.findData(value))
                    case QLineEdit():
                        _write(field, _TEXTS[key], value)
                    case _:
                        pass
            self._form.setRowVisible(field, matters(rule, key))
        missing = "Choose the label" if rule.on_unknown_label == "map" and not rule.unknown_label else ""
        set_invalid(self.fields["unknown_label"], missing)

    # Building

    def _choice(self, key: str, label: str, choices: Sequence[tuple[str, str]]) -> ChoiceCombo:
        combo = ChoiceCombo(label.replace("&", ""))
        for value, words in choices:
            combo.addItem(words, value)
        combo.activated.connect(lambda _row: self._chosen(key, combo.currentData()))
        return combo

    def _text(self, key: str, text: _Text) -> QLineEdit:
        field = QLineEdit()
        field.setAccessibleName(text.label.replace("&", ""))
        field.setPlaceholderText(text.placeholder)
        field.setToolTip(text.hint)

        def typed(words: str) -> None:
            value = text.value_of(words)
            set_invalid(field, text.hint if value is _WRONG else "")
            if value is not _WRONG:
                field.setToolTip(text.hint)
                self.edited.emit({key: value}, True)

        field.textEdited.connect(typed)
        field.editingFinished.connect(self.typing_ended)
        return field

    def _check(self, key: str, words: str) -> QCheckBox:
        box = QCheckBox(words)
        box.setAccessibleName(words)
        box.clicked.connect(lambda wanted: self.edited.emit({key: wanted}, False))
        return box

    def _search(
        self, key: str, name: str, entries: QStringListModel, value_of: Callable[[str], str | None]
    ) -> SearchCombo:
        combo = SearchCombo(name, entries)
        combo.chosen.connect(lambda row: self.edited.emit({key: value_of(entries.stringList()[row])}, False))
        return combo

    def _chosen(self, key: str, value: str) -> None:
        if key == "on_unknown_label" and value != "map":
            self.edited.emit({key: value, "unknown_label": None}, False)
        else:
            self.edited.emit({key: value}, False)

    def _lay_out(self) -> None:
        labels = {
            "required": "Required",
            "date_only": "Day alone",
            "unknown_label": "Label to use",
            "time_zone": "Time zone",
            **{key: label for key, (label, _choices) in _CHOICES.items()},
            **{key: text.label for key, text in _TEXTS.items()},
        }
        self._form = QFormLayout(self)
        self._form.setContentsMargins(0, 0, 0, 0)
        self._form.setHorizontalSpacing(RELATED)
        self._form.setVerticalSpacing(RELATED)
        self._form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.DontWrapRows)
        self._form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        for key in _ORDER:
            self._form.addRow(labels[key], self.fields[key])
        self.form = self._form


def _zones() -> list[str]:
    names = (bytes(each.data()).decode() for each in QTimeZone.availableTimeZoneIds())
    return [_NO_ZONE, *sorted(name for name in names if "/" in name or name == "UTC")]


def _write(field: QLineEdit, text: _Text, value: Any) -> None:
    """Show a value, unless what stands there means it already: the cursor and a comma just typed stay."""
    if text.value_of(field.text()) != value:
        field.setText(text.text_of(value))
        field.setCursorPosition(0)
        set_invalid(field, "")
        field.setToolTip(text.hint)
