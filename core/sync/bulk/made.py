"""What an ended job made: its report, and its rows looked for on the board until the counts agree."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from core.errors import BoardError, ConfigurationError
from core.monday.client import CallFailedError
from core.sync.bulk.calls import CountedApi, EndsEarlyError
from core.sync.bulk.file import ImportRequest, order_key_of
from core.sync.bulk.reading import Found, GroupReading
from core.sync.bulk.status import JobState, JobStatus, refusals
from core.sync.bulk.verdicts import judge_rows, subject_of_job
from core.sync.events import Waiting
from core.sync.lookup import (
    ASK_AGAIN_FIRST_SECONDS,
    ASK_AGAIN_LONGEST_SECONDS,
    EXECUTION,
    Lookup,
)
from core.sync.plan import Operation
from core.sync.retries import Retries
from core.sync.run_context import RunContext
from core.sync.verdicts import Judged, Verdict

_SEARCHES = 2
"""How often a search that fails is tried before the group is read page by page."""


class RowFinder:
    """Finds out what became of the rows of one run's jobs."""

    def __init__(self, context: RunContext, calls: CountedApi) -> None:
        self._api = context.ports.api
        self._clock = context.ports.clock
        self._limits = context.ports.limits
        self._emit = context.emit
        self._keys = context.keys
        self._calls = calls
        self._retries = Retries(context.ports.limits, context.ports.jitter)

    async def judged(self, request: ImportRequest, group_id: str, status: JobStatus) -> list[Judged]:
        """Judge each row of an ended job. Raises EndsEarlyError where the board cannot be asked."""
        found: Found = {}
        whole = True
        if status.state is not JobState.REJECTED:
            found, whole = await self._find(request, group_id, status)
        refused = await self._refused(status)
        return judge_rows(request, status, found, refused, whole=whole)

    async def _refused(self, status: JobStatus) -> dict[int, str]:
        if status.report_url is None:
            return {}
        for attempt in range(1, self._limits.attempts + 1):
            try:
                return refusals(await self._api.import_report(status.report_url))
            except CallFailedError as failure:
                pause = self._retries.pause(failure.fault, attempt)
            except ConfigurationError:
                break
            if pause is None:
                break
            await self._clock.sleep(pause)
        return {}  # the rows that are missing are told without a reason

    async def _find(self, request: ImportRequest, group_id: str, status: JobStatus) -> tuple[Found, bool]:
        """What the board has of the file, and whether that is all that the job made."""
        # How many a job made that broke off is not to be relied on.
        counted = status.state is JobState.COMPLETED and status.created is not None
        lag = self._limits.search_lag_seconds
        found: Found = {}
        missing: Sequence[Operation] = request.operations
        began = self._clock.monotonic()
        waited, pause = 0.0, ASK_AGAIN_FIRST_SECONDS
        while True:
            # Only against a count it shows that the search does not know all yet.
            on_board = await self._search(missing, group_id) if counted and waited < lag else None
            if on_board is None:
                on_board = await self._whole(group_id)
            if on_board is None:
                on_board = await self._by_key(missing, request)
            found |= _of(missing, on_board)
            missing = [each for each in missing if (each.target, each.key) not in found]
            enough = len(found) >= (status.created or 0)
            waited = self._clock.monotonic() - began
            if not missing or (enough and (counted or waited >= lag)):
                return found, True
            if waited >= EXECUTION.total_seconds():
                break
            self._emit(Waiting("looking for what was imported on the board", pause, request.key))
            await self._clock.sleep(pause)
            pause = min(2 * pause, ASK_AGAIN_LONGEST_SECONDS)
        # It may have been moved out of the group meanwhile.
        found |= await self._by_key(missing, request)
        return found, len(found) >= (status.created or 0)

    async def _search(self, operations: Sequence[Operation], group_id: str) -> Found | None:
        """What the search finds of these orders in the group; None where it cannot be asked so."""
        orders = list(dict.fromkeys(map(order_key_of, operations)))
        reading = GroupReading(self._calls, self._keys, group_id)
        return await self._tried(lambda: reading.search(orders), _SEARCHES)

    async def _whole(self, group_id: str) -> Found | None:
        """What the group holds; None where it cannot be read so."""
        reading = GroupReading(self._calls, self._keys, group_id)
        return await self._tried(reading.whole, self._limits.attempts)

    async def _tried(self, read: Callable[[], Awaitable[Found]], attempts: int) -> Found | None:
        for attempt in range(1, attempts + 1):
            try:
                return await read()
            except CallFailedError as failure:
                pause = self._retries.pause(failure.fault, attempt)
            if pause is None:
                break
            await self._clock.sleep(pause)
        return None

    async def _by_key(self, operations: Sequence[Operation], request: ImportRequest) -> Found:
        """What the board finds by the keys; ends where it cannot be asked at all."""
        lookup = Lookup(self._calls, self._keys)
        try:
            await lookup.look_for(operations)
        except BoardError as error:
            problem = replace(error.problem, subject=subject_of_job(request))
            raise EndsEarlyError(Verdict.UNKNOWN, problem) from error
        found = {(each.target, each.key): lookup.found(each) for each in operations}
        return {key: item.item_id for key, item in found.items() if item is not None}


def _of(operations: Sequence[Operation], on_board: Found) -> Found:
    """The part of what is on the board that these operations made."""
    keys = ((operation.target, operation.key) for operation in operations)
    return {key: on_board[key] for key in keys if key in on_board}
