"""What the tests of the governor share: a clock that they move, requests, and answers."""

from datetime import UTC, datetime, timedelta

from core.monday.limits import Governor, Ticket

BOARD = "1"


class Clock:
    """Monotonic seconds and a wall clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0
        self.noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return self.noon + timedelta(seconds=self.seconds - 1000.0)


def items(number: int) -> list[str]:
    return ["create_item"] * number


def complexity(after: int, *, reset: float = 40, query: int = 0) -> dict[str, float]:
    return {"before": after + query, "query": query, "after": after, "reset_in_x_seconds": reset}


def admitted(governor: Governor, number: int) -> Ticket:
    ticket = governor.admit(BOARD, items(number))
    assert isinstance(ticket, Ticket)
    return ticket
