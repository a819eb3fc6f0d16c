"""A board's missing columns, made over the API.

A change of structure needs no journal: the board is looked at before each request, and only what is missing
is asked for. A request whose answer was lost therefore makes nothing twice.
"""

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.errors import BoardError, Problem
from core.monday.board import Board, BoardSchema
from core.monday.client import Answer, CallFailedError, MondayClient
from core.monday.documents import alias, mutation_document
from core.monday.errors import ApiFault, FaultKind, classify
from core.monday.limits import Governor, Hold
from core.monday.structure import creation
from core.redaction import redact
from core.sync.ports import Clock
from core.workspace.board_setup import BoardSetupPlan, SetupStep, column_ids_lines
from core.workspace.mapping import Side

COLUMNS_PER_REQUEST = 20
"""Calls per day are scarce; a column is no cheaper to make alone."""
ATTEMPTS = 6
"""How often in a row a request may fail for a passing reason."""
_BACKOFF_FIRST_SECONDS = 1.0

_AGAIN = frozenset({FaultKind.TRANSIENT, FaultKind.LOCKED, FaultKind.BUDGET})
_SET_UP_AGAIN = "Then run deltadesk board setup again: it makes only what is still missing."


@dataclass(frozen=True, slots=True)
class MadeColumn:
    """A column that was made."""

    side: Side
    title: str
    type: str
    column_id: str


@dataclass(frozen=True, slots=True)
class NotMade:
    """A column that was not made, and why."""

    side: Side
    title: str
    problem: Problem


@dataclass(frozen=True)
class BoardSetupReport:
    """What became of a plan, as the board itself shows it afterwards."""

    plan: BoardSetupPlan
    made: tuple[MadeColumn, ...]
    failed: tuple[NotMade, ...]
    not_tried: tuple[SetupStep, ...]
    column_ids: tuple[str, ...]
    """Lines for `[profiles.<name>.column_ids]`."""
    calls: int
    stopped: Problem | None = None
    """Why it ended early."""

    @property
    def complete(self) -> bool:
        """Whether everything that was planned is on the board."""
        return not self.failed and not self.not_tried


Progress = Callable[[int, int], None]
"""Gets how many columns are made, and of how many."""


@dataclass
class _State:
    """What is known while columns are made; steps go by their place in the plan."""

    waiting: dict[int, SetupStep]
    before: Mapping[Side, frozenset[str]]
    """Ids that each board had before the first request."""
    made: dict[int, MadeColumn] = field(default_factory=dict)
    failed: list[NotMade] = field(default_factory=list)
    stopped: Problem | None = None
    batch: int = COLUMNS_PER_REQUEST
    failures_in_a_row: int = 0

    def fail(self, place: int, problem: Problem) -> None:
        step = self.waiting.pop(place)
        self.failed.append(NotMade(step.side, step.column.title, problem))

    def refused(self, place: int, fault: ApiFault, request_id: str | None) -> None:
        """The board does not make this column as it was asked for."""
        step = self.waiting[place]
        if step.column.id is None:
            self.fail(place, _problem(step, fault, request_id))
        else:
            # The id of a deleted column is never given again (reference/columns): the service chooses one.
            self.waiting[place] = replace(step, column=replace(step.column, id=None))

    def take_over(self, schema: BoardSchema) -> None:
        """Whatever the board shows is made, whether or not an answer said so."""
        taken = {(made.side, made.column_id) for made in self.made.values()}
        for place, step in list(self.waiting.items()):
            found = _found(step, schema, self.before[step.side], taken)
            if found is not None:
                taken.add((found.side, found.column_id))
                self.made[place] = found
                del self.waiting[place]

    def portion(self, schema: BoardSchema) -> tuple[list[int], str | None]:
        """The next steps that go into one request, and the board they are for; None without such a board."""
        first = next(iter(self.waiting.values()))
        if first.column.type == "subtasks":
            return [next(iter(self.waiting))], schema.items.id
        board = schema.items if first.side == "items" else schema.subitems
        places = [
            place
            for place, step in self.waiting.items()
            if step.side == first.side and step.column.type != "subtasks"
        ]
        return places[: self.batch], board.id if board else None


class BoardSetup:
    """Carries out one plan: look, ask for a portion of what is missing, look again."""

    def __init__(
        self,
        client: MondayClient,
        governor: Governor,
        clock: Clock,
        *,
        progress: Progress = lambda _made, _total: None,
    ) -> None:
        self._client = client
        self._governor = governor
        self._clock = clock
        self._progress = progress

    async def apply(self, plan: BoardSetupPlan) -> BoardSetupReport:
        """Make what the plan names and the board still lacks.

        A column that the board refuses does not hold the others up; what stops everything is in the report.
        Raises BoardError when the board cannot be looked at before the first request.
        """
        calls = self._client.calls
        schema = await self._client.board_schema(plan.board_id)
        before: dict[Side, frozenset[str]] = {
            "items": _ids(schema.items),
            "subitems": _ids(schema.subitems),
        }
        state = _State(dict(enumerate(plan.steps)), before)
        state.take_over(schema)
        while state.waiting and state.stopped is None:
            await self._next_request(state, schema)
            try:
                schema = await self._client.board_schema(plan.board_id)
            except BoardError as error:
                state.stopped = state.stopped or error.problem
                break
            state.take_over(schema)
            self._progress(len(state.made), len(plan.steps))
        in_set = {
            step.in_set: state.made[place].column_id
            for place, step in enumerate(plan.steps)
            if step.in_set is not None and place in state.made
        }
        return BoardSetupReport(
            plan,
            tuple(state.made[place] for place in sorted(state.made)),
            tuple(state.failed),
            tuple(state.waiting.values()),
            column_ids_lines(plan, in_set),
            self._client.calls - calls,
            state.stopped,
        )

    async def _next_request(self, state: _State, schema: BoardSchema) -> None:
        places, board_id = state.portion(schema)
        if board_id is None:
            for place in places:
                state.fail(place, _no_subitems(state.waiting[place]))
            return
        document, variables = mutation_document(
            [creation(board_id, state.waiting[place].column) for place in places]
        )
        body = json.dumps({"query": document, "variables": variables}).encode()
        async with self._governor.writer(board_id):
            fields = ["create_column"] * len(places)
            while isinstance(ticket := self._governor.admit(board_id, fields), Hold):
                await self._clock.sleep(ticket.seconds)
            left_at = self._clock.monotonic()
            try:
                answer = await self._client.execute(body, idempotency_key=str(uuid.uuid4()))
            except CallFailedError as failure:
                self._governor.observe(failure.budgets, sent_at=left_at)
                await self._after_failure(state, places, failure)
            else:
                self._governor.answered(ticket, answer.budgets, answer.complexity, left_at)
                await self._after_answer(state, places, answer)
            finally:
                self._governor.release(ticket)

    async def _after_failure(self, state: _State, places: Sequence[int], failure: CallFailedError) -> None:
        fault = failure.fault
        refused = fault.kind in {FaultKind.DATA, FaultKind.REQUEST}
        if refused and len(places) > 1:
            state.batch = len(places) // 2  # down to the one that the board does not take
        elif refused:
            state.refused(places[0], fault, failure.request_id)
        else:
            await self._wait_or_stop(state, fault, failure.request_id)

    async def _after_answer(self, state: _State, places: Sequence[int], answer: Answer) -> None:
        errors = {error.alias: error for error in answer.errors}
        passing: ApiFault | None = None
        made = 0
        for index, place in enumerate(places):
            result = answer.data.get(alias(index))
            error = errors.get(alias(index)) or errors.get(None)
            if result is not None:
                made += 1
                step = state.waiting.pop(place)
                state.made[place] = MadeColumn(
                    step.side, step.column.title, step.column.type, str(result["id"])
                )
            elif error is not None:
                fault = classify(error.code, error.message, error.status, error.retry_after)
                if fault.kind in _AGAIN:
                    passing = fault
                elif fault.kind in {FaultKind.DATA, FaultKind.REQUEST}:
                    state.refused(place, fault, answer.request_id)
                else:
                    state.stopped = _stopping(fault, answer.request_id)
        if made:
            state.failures_in_a_row = 0
        elif not errors:
            passing = ApiFault(FaultKind.TRANSIENT, "NO_RESULT", "The answer holds no result", _SET_UP_AGAIN)
        if passing is not None and state.stopped is None:
            await self._wait_or_stop(state, passing, answer.request_id)

    async def _wait_or_stop(self, state: _State, fault: ApiFault, request_id: str | None) -> None:
        """Wait as the server asks, or a little longer each time; stop when that is in vain."""
        state.failures_in_a_row += 1
        if fault.kind not in _AGAIN or state.failures_in_a_row >= ATTEMPTS:
            state.stopped = _stopping(fault, request_id)
            return
        backoff = _BACKOFF_FIRST_SECONDS * 2 ** (state.failures_in_a_row - 1)
        await self._clock.sleep(backoff if fault.retry_after is None else fault.retry_after)


def _ids(board: Board | None) -> frozenset[str]:
    return frozenset(column.id for column in board.columns) if board else frozenset()


def _found(
    step: SetupStep, schema: BoardSchema, before: frozenset[str], taken: set[tuple[Side, str]]
) -> MadeColumn | None:
    """The column on the board that this step asks for: by its id, or a new one of its title and type."""
    board = schema.items if step.side == "items" else schema.subitems
    new = step.column
    for column in board.columns if board else ():
        if column.archived or column.type != new.type or (step.side, column.id) in taken:
            continue
        is_new = column.id not in before and column.title == new.title
        if column.id == new.id or is_new or new.type == "subtasks":
            return MadeColumn(step.side, column.title, column.type, column.id)
    return None


def _subject(step: SetupStep) -> str:
    return f"{step.side}, column {step.column.title}"


def _problem(step: SetupStep, fault: ApiFault, request_id: str | None) -> Problem:
    return Problem(
        fault.code,
        f"The board did not make the column: {redact(fault.message)}",
        _subject(step),
        f"Add the column on the board by hand. {_SET_UP_AGAIN}",
        request_id,
    )


def _no_subitems(step: SetupStep) -> Problem:
    return Problem(
        "no_subitems_board",
        "The board has no subitems column",
        _subject(step),
        f"Add a subitems column to the board (a first subitem made by hand does it). {_SET_UP_AGAIN}",
    )


def _stopping(fault: ApiFault, request_id: str | None) -> Problem:
    remedy = fault.remedy if fault.kind not in _AGAIN else "Wait until the board's API answers again."
    return Problem(
        fault.code,
        f"The setup ended early: {redact(fault.message) or fault.code}",
        "the board's API",
        f"{remedy} {_SET_UP_AGAIN}",
        request_id,
    )
