"""How one run's imports ask the board, with each call counted."""

from collections.abc import Mapping

from core.errors import Problem
from core.monday.client import Answer, CallFailedError
from core.monday.errors import FaultKind
from core.sync.run_context import RunContext
from core.sync.verdicts import Verdict


class EndsEarlyError(Exception):
    """The job does not come to its end here."""

    def __init__(self, verdict: Verdict, problem: Problem | None, *, taken: bool = False) -> None:
        super().__init__(verdict.value)
        self.verdict = verdict
        """Of every row."""
        self.problem = problem
        self.taken = taken
        """Another worker has the records by now, and says what becomes of them."""


class CountedApi:
    """The board's API; the run's account and the governor learn of each call."""

    def __init__(self, context: RunContext) -> None:
        self._api = context.ports.api
        self._governor = context.ports.governor
        self._tally = context.tally

    async def execute(self, body: bytes, *, idempotency_key: str | None = None) -> Answer:
        """As the API's."""
        self._tally.calls += 1
        try:
            answer = await self._api.execute(body, idempotency_key=idempotency_key)
        except CallFailedError as failure:
            self._tally.rejected += failure.fault.kind in {FaultKind.BUDGET, FaultKind.DAILY}
            if idempotency_key is not None:
                self._governor.observe(failure.budgets)
            raise
        if idempotency_key is not None:
            # Of readings it learns from the client.
            self._governor.observe(answer.budgets, answer.complexity)
        return answer

    async def group_ids(self, board_id: str) -> Mapping[str, str]:
        """As the API's."""
        self._tally.calls += 1
        return await self._api.group_ids(board_id)
