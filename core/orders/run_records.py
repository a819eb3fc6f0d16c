"""What runs did on the board, and others did to the same records, by the journal. Synchronous."""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from core.errors import ConfigurationError, Problem
from core.orders import own_tables
from core.orders.database import reading
from core.orders.journal_rows import OperationState
from core.orders.moments import plain
from core.orders.record_keys import record_key
from core.orders.search import ESCAPE, literal_pattern
from core.orders.source import chunks

_REPORT_HEAD = 120
"""So many characters of a report tell its kind, which comes second in it, after the run's id."""
_ROWS_AT_ONCE = 1_000
_KIND_OF_UNDO = '"kind": "undo"'


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run that was begun."""

    run_id: str
    board_id: str
    dry_run: bool
    worker: str
    started_at: datetime
    finished: bool


@dataclass(frozen=True, slots=True)
class SentOperation:
    """One operation that left, and where it stands."""

    run_id: str
    request_uuid: str
    index: int
    """Its place in its request."""
    target: str
    key: str
    kind: str
    state: OperationState
    board_id: str | None
    """What the board has made or changed; None where that is not known."""
    sent_at: datetime

    @property
    def record_key(self) -> str:
        """Of the group, order or line that it belongs to: a continuation item belongs to its order."""
        return record_key(self.target, self.key)

    @property
    def may_have_applied(self) -> bool:
        """Whether the board has carried it out, or may have."""
        return self.state not in {OperationState.REJECTED, OperationState.NOT_APPLIED}


@dataclass(frozen=True, slots=True)
class UndoneItems:
    """How many of the items that one run made one undo has archived."""

    run_id: str
    """The run that made them."""
    by: str
    """The undo."""
    at: datetime
    """When the undo began."""
    items: int


class RunTies:
    """Which run was settled by which other one: by a resumption that took up its rest, or by an undo.

    Built from triples: a run, the run that settled it, and whether that one is an undo.
    """

    def __init__(self, settled: Collection[tuple[str, str, bool]] = ()) -> None:
        self._undone = frozenset(run_id for run_id, _, by_undo in settled if by_undo)
        self._resumed_by = {run_id: by for run_id, by, by_undo in settled if not by_undo}
        self._resumes = {by: run_id for run_id, by in self._resumed_by.items()}

    def chain(self, run_id: str) -> tuple[str, ...]:
        """The run, those whose rest it took up and those that took up its own, oldest first."""
        chain = [run_id]
        while (earlier := self._resumes.get(chain[0])) is not None and earlier not in chain:
            chain.insert(0, earlier)
        while (later := self._resumed_by.get(chain[-1])) is not None and later not in chain:
            chain.append(later)
        return tuple(chain)

    def has_undo(self, run_id: str) -> bool:
        """Whether somebody began to undo the run, or one of its chain; not whether anything came of it."""
        return any(each in self._undone for each in self.chain(run_id))


def find_run(engine: sa.Engine, run_id: str) -> PastRun:
    """The run with this id, or the one whose id begins so. Raises ConfigurationError, or StoreError."""
    run = own_tables.run
    begins_so = run.c.run_id.like(f"{literal_pattern(run_id)}%", escape=ESCAPE)
    with reading(engine) as connection:
        rows = connection.execute(_past_runs().where(begins_so).limit(2)).all()
    if len(rows) != 1 or not run_id:
        raise run_not_found(run_id, several=bool(rows))
    return _past_run(rows[0])


def chain_of(engine: sa.Engine, run: PastRun) -> tuple[PastRun, ...]:
    """A run with those whose rest it took up and those that took up its own, oldest first.

    Raises StoreError.
    """
    ids = run_ties(engine).chain(run.run_id)
    if len(ids) == 1:
        return (run,)
    with reading(engine) as connection:
        rows = connection.execute(_past_runs().where(own_tables.run.c.run_id.in_(ids))).all()
    found = {row.run_id: _past_run(row) for row in rows}
    return tuple(found[each] for each in ids if each in found)


def run_ties(engine: sa.Engine) -> RunTies:
    """Which runs resumed or undid which. Raises StoreError."""
    settled, by = own_tables.run.alias("settled"), own_tables.run.alias("settling")
    query = sa.select(
        settled.c.run_id,
        by.c.run_id,
        sa.func.substring(by.c.report, 1, _REPORT_HEAD),
        sa.func.substring(by.c.scope, 1, 1),
    ).join(by, by.c.run_id == settled.c.settled_by)
    with reading(engine) as connection:
        return RunTies(
            [
                (run_id, by_id, _is_undo(report, scope))
                for run_id, by_id, report, scope in connection.execute(query)
            ]
        )


def _is_undo(report: str | None, scope: str | None) -> bool:
    """An undo that was cut off has left no report, and it never had a rest that could be resumed."""
    return scope is None if report is None else _KIND_OF_UNDO in report


def run_not_found(run_id: str, *, several: bool) -> ConfigurationError:
    """The error for an id, or the beginning of one, that names no run or several."""
    return ConfigurationError(
        Problem(
            "run_not_found",
            "Several runs begin with this id" if several else "There is no run with this id",
            f"run {run_id}",
            "deltadesk report lists the recent runs.",
        )
    )


def operations_of(engine: sa.Engine, *run_ids: str) -> list[SentOperation]:
    """Every operation that these runs sent, oldest first. Raises StoreError."""
    query = _sent_operations().where(own_tables.request.c.run_id.in_(run_ids))
    with reading(engine) as connection:
        return [_sent(row) for row in connection.execute(query)]


def operations_of_others(
    engine: sa.Engine, run_ids: Sequence[str], keys: Collection[str], since: datetime
) -> list[SentOperation]:
    """What runs beside these sent for some orders and lines from a moment on, oldest first.

    Everything that was sent since then is looked at: operations are found by their requests alone
    (docs/decisions/0013). Raises StoreError.
    """
    request = own_tables.request
    query = _sent_operations().where(request.c.run_id.not_in(run_ids), request.c.sent_at >= plain(since))
    wanted = frozenset(keys)
    with reading(engine) as connection:
        rows = connection.execution_options(yield_per=_ROWS_AT_ONCE).execute(query)
        return [_sent(row) for row in rows if row.record_key in wanted]


def bodies_of(engine: sa.Engine, *run_ids: str) -> dict[str, str]:
    """Request -> its body as it was sent, secrets removed, of these runs. Raises StoreError."""
    request = own_tables.request
    query = sa.select(request.c.request_uuid, request.c.body).where(request.c.run_id.in_(run_ids))
    with reading(engine) as connection:
        return {row[0]: row[1] for row in connection.execute(query)}


def made_items(engine: sa.Engine, run_ids: Collection[str], kind: str) -> dict[str, int]:
    """Run -> how many items it made, for those that made any: operations of this `kind` that gave an item.

    Raises StoreError.
    """
    operation, request = own_tables.operation, own_tables.request
    found: dict[str, int] = {}
    with reading(engine) as connection:
        for chunk in chunks(sorted(run_ids)):
            query = (
                sa.select(request.c.run_id, sa.func.count())
                .join(operation, operation.c.request_uuid == request.c.request_uuid)
                .where(
                    request.c.run_id.in_(chunk), operation.c.kind == kind, operation.c.board_id.is_not(None)
                )
                .group_by(request.c.run_id)
            )
            found.update((run_id, count) for run_id, count in connection.execute(query))
    return found


def undone_items(
    engine: sa.Engine, run_ids: Collection[str], made_by: str, undone_by: str
) -> list[UndoneItems]:
    """What undos have archived of the items that these runs made, oldest undo first.

    `made_by` and `undone_by` are the kinds of the operations. Raises StoreError.
    """
    operation, request = own_tables.operation, own_tables.request
    with reading(engine) as connection:
        undos = _undos(connection)
        archived = _archived(connection, undos, undone_by)
        found: Counter[tuple[str, str]] = Counter()
        for runs in chunks(sorted(run_ids)):
            for items in chunks(sorted(archived)):
                made = (
                    sa.select(request.c.run_id, operation.c.board_id)
                    .join(operation, operation.c.request_uuid == request.c.request_uuid)
                    .where(
                        request.c.run_id.in_(runs),
                        operation.c.kind == made_by,
                        operation.c.board_id.in_(items),
                    )
                )
                for run_id, item in set(connection.execute(made)):
                    found.update((run_id, by) for by in archived[item])
    each = (UndoneItems(run_id, by, undos[by], items) for (run_id, by), items in found.items())
    return sorted(each, key=lambda undone: (undone.at, undone.by, undone.run_id))


def _undos(connection: sa.Connection) -> dict[str, datetime]:
    """Every undo that was begun, and when."""
    run = own_tables.run
    head = sa.func.substring(run.c.report, 1, _REPORT_HEAD)
    scope = sa.func.substring(run.c.scope, 1, 1)
    rows = connection.execute(sa.select(run.c.run_id, run.c.started_at, head, scope))
    return {
        run_id: started_at.replace(tzinfo=UTC)
        for run_id, started_at, report, scope in rows
        if _is_undo(report, scope)
    }


def _archived(connection: sa.Connection, undos: Collection[str], kind: str) -> dict[str, set[str]]:
    """Item -> the undos that archived it."""
    operation, request = own_tables.operation, own_tables.request
    found: defaultdict[str, set[str]] = defaultdict(set)
    for chunk in chunks(sorted(undos)):
        query = (
            sa.select(operation.c.board_id, request.c.run_id)
            .join(request, request.c.request_uuid == operation.c.request_uuid)
            .where(
                request.c.run_id.in_(chunk),
                operation.c.kind == kind,
                operation.c.state == OperationState.CONFIRMED.value,
                operation.c.board_id.is_not(None),
            )
        )
        for item, by in connection.execute(query):
            found[item].add(by)
    return found


def _past_runs() -> sa.Select[Any]:
    run = own_tables.run
    return sa.select(
        run.c.run_id, run.c.board_id, run.c.dry_run, run.c.worker, run.c.started_at, run.c.finished_at
    )


def _past_run(row: sa.Row[Any]) -> PastRun:
    return PastRun(
        row.run_id,
        row.board_id,
        bool(row.dry_run),
        row.worker,
        row.started_at.replace(tzinfo=UTC),
        row.finished_at is not None,
    )


def _sent_operations() -> sa.Select[Any]:
    operation, request = own_tables.operation, own_tables.request
    return (
        sa.select(
            request.c.run_id,
            operation.c.request_uuid,
            operation.c.alias_index,
            operation.c.target,
            operation.c.record_key,
            operation.c.kind,
            operation.c.state,
            operation.c.board_id,
            request.c.sent_at,
        )
        .join(request, request.c.request_uuid == operation.c.request_uuid)
        .order_by(request.c.sent_at, operation.c.request_uuid, operation.c.alias_index)
    )


def _sent(row: sa.Row[Any]) -> SentOperation:
    return SentOperation(
        row.run_id,
        row.request_uuid,
        row.alias_index,
        row.target,
        row.record_key,
        row.kind,
        OperationState(row.state),
        row.board_id,
        row.sent_at.replace(tzinfo=UTC),
    )
