"""The steps a value takes on its way to the board: added, set, put into order and taken out."""

from collections.abc import Callable, Sequence
from typing import Any, cast, get_args

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.config.transforms import Lookup, Replace, Round, Split, TextChange, Transform
from gui.pages.search_combo import ChoiceCombo
from gui.theme import INSIDE, RELATED
from gui.widgets.buttons import disable_because, enable, icon_button, plain_button
from gui.widgets.fields import number_field, set_invalid
from gui.widgets.labels import muted_label

_TEXT_CHANGES: dict[TextChange, tuple[str, str]] = {
    "trim": ("Trim", "Take blanks at both ends away"),
    "upper": ("UPPER", "Write everything in capitals"),
    "lower": ("lower", "Write everything in small letters"),
    "title": ("Title", "Begin each word with a capital"),
}
_LARGEST_PART = 99


class StepsEditor(QWidget):
    """The transforms of one rule, in the order in which they are applied. Every change is told at once."""

    edited = Signal(object, bool)
    """The steps as they are now, a tuple of `Transform`, and whether one is being typed."""
    typing_ended = Signal()
    table_wanted = Signal(str)
    """The look-up table of this name is to be seen and changed."""

    def __init__(self) -> None:
        super().__init__()
        self._steps: list[Transform] = []
        self._lookups: tuple[str, ...] = ()
        self.rows: list[StepRow] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(INSIDE)
        self.add_button = plain_button("Add &step", "add")
        self.add_button.setAccessibleName("Add a step to the transforms")
        self.add_button.setMenu(self._menu())
        self.heading = QLabel("Transforms")
        row = QHBoxLayout()
        row.setSpacing(RELATED)
        row.addWidget(self.heading)
        row.addWidget(self.add_button)
        row.addStretch(1)
        self._column.addLayout(row)

    def show_steps(self, steps: Sequence[Transform], lookups: Sequence[str]) -> None:
        """Show these steps; fields stay where they are when only their values differ."""
        same = [_kind(step) for step in steps] == [_kind(step) for step in self._steps]
        same = same and tuple(lookups) == self._lookups
        self._steps, self._lookups = list(steps), tuple(lookups)
        if not same:
            self._rebuild()
        for row, step in zip(self.rows, self._steps, strict=True):
            row.show_step(step)

    # Changing

    def _menu(self) -> QMenu:
        menu = QMenu(self)
        menu.setToolTipsVisible(True)
        for name in get_args(TextChange):
            words, explained = _TEXT_CHANGES[name]
            action = menu.addAction(words)
            action.setToolTip(explained)
            action.triggered.connect(lambda _checked=False, step=name: self._add(step))
        menu.addSeparator()
        for words, explained, make in self._makers():
            action = menu.addAction(words)
            action.setToolTip(explained)
            action.triggered.connect(lambda _checked=False, make=make: self._add(make()))
        return menu

    def _makers(self) -> tuple[tuple[str, str, Callable[[], Transform]], ...]:
        return (
            ("&Split", "Keep one part of a text", lambda: Split(split="-", part=1)),
            ("&Replace", "Put one text in the place of another", _first_replace),
            ("&Look up", "Translate a value by a table", self._first_lookup),
            ("R&ound", "Round a number, halves away from zero", lambda: Round(decimals=0)),
        )

    def _first_lookup(self) -> Lookup:
        return Lookup(lookup=self._lookups[0] if self._lookups else "table")

    def _add(self, step: Transform) -> None:
        self._tell([*self._steps, step])
        if self.rows:
            self.rows[-1].focus()

    def _set(self, row: "StepRow", step: Transform, *, typing: bool) -> None:
        place = self.rows.index(row)
        self._steps[place] = step
        self.edited.emit(tuple(self._steps), typing)

    def _remove(self, row: "StepRow") -> None:
        place = self.rows.index(row)
        self._tell(self._steps[:place] + self._steps[place + 1 :])
        (self.rows[min(place, len(self.rows) - 1)].remove_button if self.rows else self.add_button).setFocus()

    def _move(self, row: "StepRow", by: int) -> None:
        place = self.rows.index(row)
        if not 0 <= place + by < len(self._steps):
            return
        steps = list(self._steps)
        steps.insert(place + by, steps.pop(place))
        self._tell(steps)
        moved = self.rows[place + by]
        button = moved.up_button if by < 0 else moved.down_button
        (button if button.isEnabled() else moved.remove_button).setFocus()

    def _tell(self, steps: Sequence[Transform]) -> None:
        self.show_steps(steps, self._lookups)
        self.edited.emit(tuple(steps), False)

    def _rebuild(self) -> None:
        for row in self.rows:
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
        self.rows = [StepRow(step, self._lookups) for step in self._steps]
        for place, row in enumerate(self.rows):
            self._column.addWidget(row)
            row.set_place(place, len(self.rows))
            row.edited.connect(lambda step, typing, row=row: self._set(row, step, typing=typing))
            row.typing_ended.connect(self.typing_ended)
            row.table_wanted.connect(self.table_wanted)
            row.remove_button.clicked.connect(lambda *_, row=row: self._remove(row))
            row.moved.connect(lambda by, row=row: self._move(row, by))


class StepRow(QWidget):
    """One step: its name, its settings, and buttons to move it and to take it out."""

    edited = Signal(object, bool)
    """The step as it is now, and whether it is being typed."""
    typing_ended = Signal()
    moved = Signal(int)
    """Up by -1, down by 1."""
    table_wanted = Signal(str)

    def __init__(self, step: Transform, lookups: Sequence[str]) -> None:
        super().__init__()
        self._step = step
        self.fields: dict[str, QWidget] = {}
        name = _name(step)
        self.up_button = icon_button("chevron-up", f"Move {name} up (Alt+Up)")
        self.down_button = icon_button("chevron-down", f"Move {name} down (Alt+Down)")
        self.remove_button = icon_button("close", f"Remove {name}")
        self.up_button.clicked.connect(lambda: self.moved.emit(-1))
        self.down_button.clicked.connect(lambda: self.moved.emit(1))
        for keys, by in (("Alt+Up", -1), ("Alt+Down", 1)):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda by=by: self.moved.emit(by))
        lines = QVBoxLayout(self)
        lines.setContentsMargins(RELATED, 0, 0, 0)
        lines.setSpacing(INSIDE)
        self._row, self._second = QHBoxLayout(), QHBoxLayout()
        for line in (self._row, self._second):
            line.setSpacing(INSIDE)
            lines.addLayout(line)
        self._row.addWidget(muted_label(name))
        self._make_fields(step, lookups)
        if not any(isinstance(field, QLineEdit | ChoiceCombo) for field in self.fields.values()):
            self._row.addStretch(1)
        for button in (self.up_button, self.down_button, self.remove_button):
            self._row.addWidget(button)

    def set_place(self, place: int, count: int) -> None:
        """Say where among the steps this one stands."""
        ends = ((self.up_button, place == 0, "first"), (self.down_button, place == count - 1, "last"))
        for button, at_end, word in ends:
            if at_end:
                disable_because(button, f"It is the {word} step")
            else:
                enable(button)

    def show_step(self, step: Transform) -> None:
        """Show other settings of the same kind of step."""
        self._step = step
        for key, field in self.fields.items():
            value = getattr(step, key)
            with QSignalBlocker(field):
                match field:
                    case QLineEdit() if field.text() != value:
                        field.setText(value)
                    case QSpinBox():
                        field.setValue(value)
                    case ChoiceCombo():
                        field.setCurrentIndex(field.findData(value))
                    case _:
                        pass

    def focus(self) -> None:
        """Put the cursor where the step is set."""
        (next(iter(self.fields.values()), None) or self.remove_button).setFocus()

    def _make_fields(self, step: Transform, lookups: Sequence[str]) -> None:
        match step:
            case Split():
                self._add_text("split", "What stands between the parts", needed=True)
                self._row.addWidget(muted_label("part"))
                self._add_number("part", "Part, negative from the end", -_LARGEST_PART, _LARGEST_PART)
            case Replace():
                self._add_text("replace", "Text to replace", needed=True)
                self._row.addWidget(muted_label("by"))
                self._add_text("by", "Text in its place")
            case Lookup():
                names = dict.fromkeys((*lookups, step.lookup))
                self._add_choice("lookup", "Look-up table", [(name, name) for name in names])
                self._add_table_button()
                otherwise = [("refuse", "Refuse other values"), ("keep", "Keep other values")]
                self._add_choice("otherwise", "A value that the table does not have", otherwise, self._second)
            case Round():
                self._add_number("decimals", "Decimals", 0, 10)
                self._row.addWidget(muted_label("decimals"))
            case _:
                pass

    def _add_text(self, key: str, name: str, *, needed: bool = False) -> None:
        field = QLineEdit()
        field.setAccessibleName(name)
        field.setToolTip(name)
        field.setMinimumWidth(3 * RELATED)

        def typed(text: str) -> None:
            if needed and not text:
                set_invalid(field, f"{name}: it can't be empty")
                return
            set_invalid(field, "")
            self._change(key, text, typing=True)

        field.textEdited.connect(typed)
        field.editingFinished.connect(self.typing_ended)
        self._add(key, field, 1)

    def _add_number(self, key: str, name: str, least: int, most: int) -> None:
        field = number_field(name, least, most)
        field.setToolTip(name)

        def changed(value: int) -> None:
            if value or key != "part":  # there is no part 0: the last one is -1
                self._change(key, value, typing=True)

        field.valueChanged.connect(changed)
        field.editingFinished.connect(self.typing_ended)
        self._add(key, field, 0)

    def _add_choice(
        self, key: str, name: str, choices: Sequence[tuple[str, str]], line: QHBoxLayout | None = None
    ) -> None:
        field = ChoiceCombo(name)
        field.setMinimumContentsLength(4)
        field.setToolTip(name)
        for value, words in choices:
            field.addItem(words, value)
        field.activated.connect(lambda _row: self._change(key, field.currentData()))
        self.fields[key] = field
        (line or self._row).addWidget(field, 1)

    def _add_table_button(self) -> None:
        self.table_button: QToolButton = icon_button("edit", "See and change the look-up table")
        self.table_button.clicked.connect(lambda: self.table_wanted.emit(cast("Lookup", self._step).lookup))
        self._row.addWidget(self.table_button)

    def _add(self, key: str, field: QWidget, stretch: int) -> None:
        self.fields[key] = field
        self._row.addWidget(field, stretch)

    def _change(self, key: str, value: Any, *, typing: bool = False) -> None:
        step = self._step
        assert not isinstance(step, str)
        changed = step.model_copy(update={key: value})
        if changed != step:
            self._step = changed
            self.edited.emit(changed, typing)


_NAMES: dict[type, Callable[[Any], str]] = {
    Split: lambda _step: "Split at",
    Replace: lambda _step: "Replace",
    Lookup: lambda _step: "Look up",
    Round: lambda _step: "Round to",
    str: lambda step: _TEXT_CHANGES[step][0],
}


def _first_replace() -> Replace:
    return Replace.model_validate({"replace": " ", "with": ""})


def _name(step: Transform) -> str:
    return _NAMES[type(step)](step)


def _kind(step: Transform) -> object:
    return step if isinstance(step, str) else type(step)
