"""A practice board inside a test: a real server in a thread, on a free port."""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from core.sandbox.clock import ShiftedClock, StoppedClock, SystemClock
from core.sandbox.faults import Faults
from core.sandbox.options import SandboxOptions
from core.sandbox.requests import ReceivedRequest
from core.sandbox.server import bind, make_server, root_url
from core.sandbox.service import PracticeBoard
from core.sandbox.session import Session
from core.sandbox.structure import Item

START_SECONDS = 20
STOP_SECONDS = 20
REMEMBERED_REQUESTS = 10_000


@dataclass(frozen=True)
class RunningBoard:
    """A practice board that is being served."""

    url: str  # of the API
    page_url: str
    token: str
    board: PracticeBoard

    @property
    def faults(self) -> Faults:
        """Where to order faults."""
        return self.board.faults

    @property
    def requests(self) -> list[ReceivedRequest]:
        """Every request received so far, in the order of arrival."""
        return self.board.requests.all()

    def forget_requests(self) -> None:
        """Empty the list of received requests."""
        self.board.requests.clear()

    def wait_until(self, is_met: Callable[[list[ReceivedRequest]], bool], seconds: float = 120.0) -> None:
        """Wait until the received requests meet a condition. Raises TimeoutError after `seconds`."""
        self.board.requests.wait_until(is_met, seconds)

    def groups(self, board_id: str) -> list[dict[str, Any]]:
        """Return a board's active groups, top first: id, title, color."""

        def read(session: Session) -> list[dict[str, Any]]:
            groups = session.board(board_id).active_groups
            return [{"id": group.id, "title": group.title, "color": group.color} for group in groups]

        return self.board.read(read).result()

    def items(self, board_id: str, group_ids: Collection[str] | None = None) -> list[dict[str, Any]]:
        """Return a board's active items in board order: id, name, group_id, parent_id, state, column_values.

        `column_values` holds the raw value of each filled cell by column id. `group_ids`: only these groups'.
        """

        def read(session: Session) -> list[dict[str, Any]]:
            items = session.store.board_items(board_id)
            return _as_dicts(
                session, [item for item in items if group_ids is None or item.group_id in group_ids]
            )

        return self.board.read(read).result()

    def subitems(self, parent_item_id: str) -> list[dict[str, Any]]:
        """Return an item's active subitems, oldest first, in the form of `items`."""
        return self.board.read(
            lambda session: _as_dicts(session, session.store.subitems(int(parent_item_id)))
        ).result()

    def labels(self, board_id: str, column_id: str) -> list[str]:
        """Return the texts of a column's labels in the order of the settings."""
        return self.board.read(
            lambda session: [
                label["label"]
                for label in session.board(board_id).columns[column_id].settings.get("labels", [])
            ]
        ).result()

    def set_items_limit(self, board_id: str, limit: int) -> None:
        """Let a board hold so many items from now on."""
        self.board.read(lambda session: session.store.set_items_limit(board_id, limit)).result()

    def advance(self, seconds: float) -> None:
        """Move the board's clock forward."""
        clock = self.board.options.clock
        if not isinstance(clock, ShiftedClock | StoppedClock):
            raise TypeError("Only a ShiftedClock or StoppedClock can be advanced")
        clock.advance(seconds)

    def spend_daily_calls(self, calls: float) -> None:
        """Use up calls of the day, as other integrations of the account would."""
        self.board.limits.spend_daily_calls(calls)


def _as_dicts(session: Session, items: list[Item]) -> list[dict[str, Any]]:
    return [
        {
            "id": str(item.id),
            "name": item.name,
            "group_id": item.group_id,
            "parent_id": None if item.parent_id is None else str(item.parent_id),
            "state": item.state,
            "column_values": session.store.cells(item.id),
        }
        for item in items
    ]


@contextmanager
def running_board(options: SandboxOptions) -> Iterator[RunningBoard]:
    """Serve a practice board in a thread for as long as the context lasts.

    Without a clock of the test's own it runs on the machine's time, which `advance` moves; requests are kept.
    """
    if isinstance(options.clock, SystemClock):
        options = replace(options, clock=ShiftedClock())
    options = replace(options, record_requests=options.record_requests or REMEMBERED_REQUESTS)
    listener = bind(options)
    url = root_url(options, listener)
    board = PracticeBoard(options, url)
    try:
        board.open()
    except BaseException:
        listener.close()
        raise
    listening = threading.Event()
    server = make_server(board, listening.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="practice-server")
    thread.start()
    try:
        if not listening.wait(START_SECONDS):
            raise TimeoutError("The practice board did not start; its log says why")
        yield RunningBoard(f"{url}v2", url, options.token, board)
    finally:
        server.should_exit = True
        thread.join(STOP_SECONDS)
        listener.close()
        if thread.is_alive():
            raise TimeoutError("The practice board did not stop")
        board.close()
