"""The account's calls of the day: every call is counted, and now and then the API is asked."""

from datetime import date

from core.monday.client import MondayClient
from core.monday.limits import DayCalls, Governor
from core.sync.ports import Clock
from core.workspace.call_count import count_call

ASKED_AGAIN_SECONDS = 600.0
"""The account's other integrations use calls too; what the API tells of them is some minutes old anyway."""


class CallsOfTheDay:
    """Tells the governor of one profile about the day's calls."""

    def __init__(self, client: MondayClient, governor: Governor, clock: Clock) -> None:
        """From now on every call of the client counts."""
        self._client = client
        self._daily = governor.daily
        self._clock = clock
        self._asked: tuple[date, float] | None = None
        client.on_call = self._note

    def _note(self, calls: float) -> None:
        self._daily.spend(calls, self._clock.now())
        if calls > 0:  # otherwise something is given back of one that was counted when it left
            count_call()

    async def read(self) -> DayCalls | None:
        """What is left today; None where the API does not tell the account's limit, which is no failure.

        The API is asked once, and again on another day in UTC or when the answer is ten minutes old.
        """
        today, at = self._clock.now().date(), self._clock.monotonic()
        if self._asked is None or self._asked[0] != today or at - self._asked[1] >= ASKED_AGAIN_SECONDS:
            self._asked = (today, at)
            told = await self._client.daily_calls(today)
            if told.total is not None:
                self._daily.begin(told.total, told.used, self._clock.now())
        return self._daily.today(self._clock.now())
