"""One writer a board, and the order of things."""

import threading
from dataclasses import replace

from core.sandbox.testing import running_board

CREATE = 'mutation { create_item(board_id: 7000000001, item_name: "A") { id } }'
ELSEWHERE = 'mutation { create_item(board_id: 7000000005, item_name: "B") { id } }'


class Background:
    """A request sent from a thread of its own."""

    def __init__(self, caller, document: str) -> None:
        self._answers = []
        arrived = len(caller.running.requests)
        self._thread = threading.Thread(target=lambda: self._answers.append(caller.send(document)))
        self._thread.start()
        caller.running.wait_until(lambda requests: len(requests) == arrived + 1)

    def status(self) -> int:
        """Wait for the answer and return its status."""
        self._thread.join()
        return self._answers[0].status_code


def test_that_mutations_on_one_board_queue_and_others_pass_them(caller) -> None:
    released = threading.Event()
    caller.running.faults.add("delay", until=released)
    first, second = Background(caller, CREATE), Background(caller, CREATE)
    assert caller.send(ELSEWHERE).status_code == 200
    assert caller.send("{ me { id } }").status_code == 200
    assert [request.finished for request in caller.running.requests] == [None, None, 1, 2]
    released.set()
    assert (first.status(), second.status()) == (200, 200)
    assert [request.finished for request in caller.running.requests[:2]] == [3, 4]


def test_that_a_board_being_written_answers_423_when_so_configured(options, caller_of) -> None:
    with running_board(replace(options, lock_conflicts=True)) as board:
        caller, released = caller_of(board), threading.Event()
        board.faults.add("delay", until=released)
        first = Background(caller, CREATE)
        assert [caller.send(document).status_code for document in (CREATE, ELSEWHERE)] == [423, 200]
        released.set()
        assert first.status() == 200
        assert len(board.items("7000000001")) == 1


def test_that_items_and_subitems_are_two_boards_to_write(options, caller_of) -> None:
    with running_board(replace(options, lock_conflicts=True)) as board:
        caller, released = caller_of(board), threading.Event()
        item = caller.make_item()
        board.faults.add("delay", until=released)
        first = Background(caller, CREATE)
        assert caller.send(
            f'mutation {{ create_subitem(parent_item_id: {item}, item_name: "XL") {{ id }} }}'
        ).is_success
        assert caller.send(f"mutation {{ delete_item(item_id: {item}) {{ id }} }}").status_code == 423
        released.set()
        assert first.status() == 200
