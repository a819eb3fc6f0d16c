"""Form fields in the house look, and saying what is wrong with one."""

from PySide6.QtWidgets import QSpinBox, QWidget

from gui.theme import RELATED
from gui.widgets.labels import set_style_property


def number_field(name: str, minimum: int, maximum: int, *, value: int = 0, unit: str = "") -> QSpinBox:
    """Make a field for a whole number; `unit` stands behind it, `name` is what a screen reader says."""
    field = QSpinBox()
    field.setRange(minimum, maximum)
    field.setValue(value)
    field.setAccessibleName(name)
    field.setGroupSeparatorShown(True)
    if unit:
        field.setSuffix(f" {unit}")
    # A style sheet's left padding does not reach the text of a spin box.
    field.lineEdit().setTextMargins(RELATED - 2, 0, 0, 0)
    return field


def set_invalid(field: QWidget, reason: str) -> None:
    """Mark a field as wrong and say why in its tooltip; an empty reason clears the mark."""
    set_style_property(field, "invalid", "true" if reason else "false")
    field.setToolTip(reason)
    field.setAccessibleDescription(reason)
