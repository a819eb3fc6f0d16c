"""The words of orders."""

import pytest

from core.orders.model import PENDING_STATES, ActionType, RecordKind, Selection, SyncState


@pytest.mark.parametrize("words", [SyncState, ActionType, RecordKind])
def test_words_are_written_as_they_are_stored(words):
    assert [f"{word}" for word in words] == [word.value for word in words]


def test_a_selection_is_everything_pending_unless_it_says_otherwise():
    selection = Selection()
    assert selection.states == PENDING_STATES == (SyncState.NEW, SyncState.PENDING)
    assert (selection.customers, selection.order_keys, selection.limit) == (None, None, None)
