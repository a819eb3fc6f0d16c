import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QWidget

from gui.turns import Turns


@pytest.fixture
def turns(qapp):
    return Turns()


class Painted(QWidget):
    """Notes when it paints, and what is done to it in between."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def paintEvent(self, _event: QPaintEvent) -> None:
        self.seen.append("painted")

    def piece(self) -> None:
        self.seen.append("piece")
        self.update()


@pytest.fixture
def painted(qtbot):
    """Shown, and painted once."""
    widget = Painted()
    qtbot.addWidget(widget)
    widget.show()
    qtbot.waitUntil(lambda: bool(widget.seen))
    widget.seen.clear()
    return widget


def test_that_pieces_are_done_in_the_order_in_which_they_came(qtbot, turns):
    done: list[int] = []
    turns.add(lambda: done.append(1), lambda: done.append(2))
    turns.add(lambda: done.append(3))
    assert done == []
    qtbot.waitUntil(lambda: turns.waiting == 0)
    assert done == [1, 2, 3]


def test_that_the_window_paints_what_a_piece_changed_before_the_next_one(qtbot, turns, painted):
    turns.add(*[painted.piece] * 3)
    qtbot.waitUntil(lambda: len(painted.seen) == 6)
    assert painted.seen == ["piece", "painted"] * 3


def test_that_an_event_gets_its_turn_between_two_pieces(qtbot, turns):
    seen: list[str] = []

    def first() -> None:
        QTimer.singleShot(0, lambda: seen.append("event"))
        seen.append("first")

    turns.add(first, lambda: seen.append("second"), lambda: seen.append("third"))
    qtbot.waitUntil(lambda: turns.waiting == 0 and len(seen) == 4)
    assert seen.index("event") < seen.index("third")


def test_that_everything_can_be_done_at_once(turns):
    done: list[int] = []
    turns.add(*(lambda number=number: done.append(number) for number in range(3)))
    turns.finish()
    assert done == [0, 1, 2]
    assert turns.waiting == 0


def test_that_the_end_of_what_waits_can_be_awaited(turns, run_async):
    done: list[int] = []
    turns.add(*(lambda number=number: done.append(number) for number in range(3)))
    run_async(turns.over())
    assert done == [0, 1, 2]
    run_async(turns.over())


def test_that_the_window_paints_between_two_pieces_that_are_awaited(turns, painted, run_async):
    async def job() -> None:
        turns.add(*[painted.piece] * 2)
        await turns.over()

    run_async(job())
    assert painted.seen == ["piece", "painted"] * 2


def test_that_a_piece_that_fails_keeps_the_others_from_nothing(qtbot, turns):
    done: list[str] = []
    with qtbot.captureExceptions() as failures:
        turns.add(lambda: 1 / 0, lambda: done.append("later"))
        qtbot.waitUntil(lambda: turns.waiting == 0)
    assert done == ["later"]
    assert [kind for kind, *_ in failures] == [ZeroDivisionError]


def test_that_a_piece_that_fails_fails_nobody_who_awaits_the_end(qtbot, turns, run_async):
    done: list[str] = []
    with qtbot.captureExceptions() as failures:
        turns.add(lambda: 1 / 0, lambda: done.append("later"))
        run_async(turns.over())
    assert done == ["later"]
    assert [kind for kind, *_ in failures] == [ZeroDivisionError]
