import asyncio

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QLabel
from shiboken6 import isValid

from gui.widgets.dialogs import ConfirmPanel, ProblemDialog, problem_dialog

FACTS = [("Board", "Customer Master Schedule"), ("Orders", "69"), ("Order lines", "317")]


@pytest.fixture
def panel(qapp, theme):
    kept = []

    def make(**more):
        panel = ConfirmPanel(
            None, "Push 69 orders to Production?", FACTS, "Push 69 orders to Production", "Don't push", **more
        )
        kept.append(panel)
        return panel

    yield make
    for panel in kept:
        if isValid(panel):  # `ask` deletes its panel
            panel.deleteLater()


def test_that_the_facts_are_all_there(panel):
    shown = [label.text() for label in panel().findChildren(QLabel)]
    assert {word for fact in FACTS for word in fact} <= set(shown)


def test_that_the_safe_answer_is_the_default(panel):
    opened = panel()
    assert opened.refuse_button.isDefault()
    assert not opened.confirm_button.isDefault()


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Escape])
def test_that_enter_and_escape_never_push(qtbot, panel, key):
    opened = panel()
    opened.open()
    with qtbot.waitSignal(opened.rejected):
        qtbot.keyClick(opened, key)


def test_that_production_wants_the_boards_name_typed(qtbot, panel):
    opened = panel(type_to_confirm="Customer Master Schedule")
    opened.open()
    assert not opened.confirm_button.isEnabled()
    assert "Customer Master Schedule" in opened.confirm_button.toolTip()
    qtbot.keyClicks(opened.typed, "Customer Master")
    assert not opened.confirm_button.isEnabled()
    qtbot.keyClicks(opened.typed, " Schedule")
    assert opened.confirm_button.isEnabled()
    with qtbot.waitSignal(opened.accepted):
        opened.confirm_button.click()


def test_that_enter_in_the_name_field_does_not_push_either(qtbot, panel):
    opened = panel(type_to_confirm="Board")
    opened.open()
    qtbot.keyClicks(opened.typed, "Board")
    with qtbot.assertNotEmitted(opened.accepted):
        qtbot.keyClick(opened.typed, Qt.Key.Key_Return)


@pytest.mark.parametrize(("button", "answer"), [("confirm_button", True), ("refuse_button", False)])
def test_that_a_coroutine_gets_the_answer(panel, run_async, button, answer):
    opened = panel()

    async def ask() -> bool:
        asyncio.get_running_loop().call_soon(getattr(opened, button).click)
        return await opened.ask()

    assert run_async(ask()) is answer


def test_that_cancelling_the_question_closes_the_panel(panel, run_async):
    opened = panel()

    async def give_up() -> bool:
        try:
            await asyncio.wait_for(opened.ask(), 0.01)
        except TimeoutError:
            return not isValid(opened) or not opened.isVisible()
        return False

    assert run_async(give_up())


def test_that_a_warning_can_be_read_in_the_panel(panel):
    shown = [label.text() for label in panel(warning="People see these items at once.").findChildren(QLabel)]
    assert "People see these items at once." in shown


@pytest.fixture
def problem(qtbot, theme):
    dialog = ProblemDialog(None, "The board has no label", "order 1", "Add the label.", "request 1f3a")
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def test_that_a_problem_is_copied_with_its_details(problem):
    problem.copy_button.click()
    assert QApplication.clipboard().text() == "The board has no label\norder 1\nAdd the label.\nrequest 1f3a"


def test_that_details_are_folded_until_asked_for(problem):
    assert not problem.details_view.isVisible()
    low = problem.height()
    problem.details_button.click()
    assert problem.details_view.isVisible()
    assert problem.height() > low
    problem.details_button.click()
    assert not problem.details_view.isVisible()
    assert problem.height() == low


def test_that_enter_closes_a_problem(qtbot, problem):
    with qtbot.waitSignal(problem.finished):
        qtbot.keyClick(problem, Qt.Key.Key_Return)


def test_that_a_problem_dialog_does_not_hold_its_caller(qtbot, theme):
    dialog = problem_dialog(None, "The database cannot be reached", "", "Check the network, then reload.")
    qtbot.addWidget(dialog)
    assert dialog.isVisible()
    assert not dialog.details_button.isVisible()
    assert dialog.words() == "The database cannot be reached\nCheck the network, then reload."
