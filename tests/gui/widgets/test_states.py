import pytest
from PySide6.QtCore import QSize

from gui.widgets.states import State, StateLabel, state_color, state_icon, state_tone

WORDS = [
    *("New", "Pending", "Waiting for parent", "Sending", "Synced", "Failed", "Outcome unknown", "Held"),
    "Cancelled",
]


def test_that_the_states_have_the_words_of_the_house():
    assert [str(state) for state in State] == WORDS


@pytest.mark.parametrize("word", WORDS)
def test_that_every_state_is_an_icon_and_a_word_in_its_tone(qtbot, theme, word):
    label = StateLabel(word)
    qtbot.addWidget(label)
    assert label.accessibleName() == word
    assert state_color(word) == theme.tokens.color(state_tone(word))
    assert not state_icon(word).pixmap(QSize(16, 16)).isNull()


def test_that_no_two_states_share_an_icon(theme):
    images = [state_icon(word).pixmap(QSize(32, 32)).toImage() for word in WORDS]
    assert all(one != other for i, one in enumerate(images) for other in images[i + 1 :])


def test_that_unknown_is_neither_failed_nor_done():
    tones = {state_tone(State.UNKNOWN), state_tone(State.FAILED), state_tone(State.SYNCED)}
    assert len(tones) == 3


def test_that_a_detail_stands_behind_the_word(qtbot, theme):
    label = StateLabel()
    qtbot.addWidget(label)
    label.set_state(State.FAILED, "label 'Cut & Sew'")
    assert label.accessibleName() == "Failed · label 'Cut & Sew'"


def test_that_a_word_that_is_no_state_is_refused(theme):
    with pytest.raises(ValueError, match="Done"):
        state_icon("Done")
