"""What is wrong with the layout of a page that is shown."""

from PySide6.QtWidgets import QLabel, QWidget


def cut_labels(page: QWidget) -> list[str]:
    """The texts of the labels that are lower than their words, wherever they are scrolled to."""
    return [
        label.text()
        for label in page.findChildren(QLabel)
        if label.isVisibleTo(page) and label.text() and label.height() < _needed(label)
    ]


def narrow_labels(page: QWidget) -> list[str]:
    """The texts of the labels that are narrower than their words, though they neither wrap nor elide them."""
    return [
        label.text()
        for label in page.findChildren(QLabel)
        if label.isVisibleTo(page) and label.width() < label.minimumSizeHint().width()
    ]


def _needed(label: QLabel) -> int:
    if label.wordWrap():
        return label.heightForWidth(label.width())
    return label.minimumSizeHint().height()
