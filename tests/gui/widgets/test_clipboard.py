"""Nothing secret is shown in an account of an error, and nothing secret is put on the clipboard."""

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QLabel

from core.redaction import MASK, remember_secret
from gui.widgets.clipboard import copy_text
from gui.widgets.dialogs import ProblemDialog

SECRET = "sentinel-7f3a91c2"


@pytest.fixture(autouse=True)
def _remembered() -> None:
    remember_secret(SECRET)


def test_that_a_copied_text_is_masked(qtbot):
    copy_text(f"token {SECRET}, PWD=hunter2;")
    assert QGuiApplication.clipboard().text() == f"token {MASK}, PWD={MASK};"


def test_that_an_account_of_an_error_shows_and_copies_no_secret(qtbot):
    dialog = ProblemDialog(None, f"Title {SECRET}", f"Subject {SECRET}", f"Do {SECRET}", f"Details {SECRET}")
    qtbot.addWidget(dialog)
    dialog.copy_button.click()
    shown = [label.text() for label in dialog.findChildren(QLabel)] + [dialog.words()]
    assert any(MASK in text for text in shown)
    assert not any(SECRET in text for text in shown)
    assert QGuiApplication.clipboard().text() == dialog.words()
    assert f"Details {MASK}" in dialog.words()
