"""Works off the jobs of bulk import by the board's clock, a short step at a time.

A job's rows are read and checked as soon as it begins, then created one after the other at the settings'
speed. Each step is one transaction: what it created and how far the job has come are stored together, so that
a board that was killed goes on where it stood.

Left open by the provider, and read strictly: items and subitems both count in the hour's budget, which is one
of any 60 minutes; a job that would overfill a board is rejected as a whole; a board that fills up meanwhile
ends the job as failed; required columns hold, and a row that lacks one is invalid; lines of an invalid item
row are invalid, lines of a failed one failed.
"""

import math
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

from core.sandbox.bulk_cells import cell_values
from core.sandbox.bulk_csv import UploadError, read_file
from core.sandbox.bulk_jobs import BulkJobs, Job, Outcome, Row, RowKind, Stage
from core.sandbox.clock import StoppedClock
from core.sandbox.errors import FieldError
from core.sandbox.mutations import active_group, add_item
from core.sandbox.session import Session
from core.sandbox.state import SPACING
from core.sandbox.structure import Board, Item
from core.sandbox.writes import Changes, ItemWriter, check_name, require_columns

STEP_ROWS = 250  # that one step checks or creates
FIRST_BUT = 1  # the row before the first one


class BulkRunner:
    """Brings the running jobs to where the clock says they are; runs on the store's worker thread."""

    def __init__(self, jobs: BulkJobs, session: Callable[[], Session]) -> None:
        self._jobs = jobs
        self._session = session

    def step(self, until: datetime) -> bool:
        """Do a part of what was due at a moment; return whether there was anything to do.

        The moment is fixed by the caller: chasing the clock would end with the last job only.
        """
        return any(self._step(job, until.timestamp()) for job in self._jobs.running())

    def _step(self, job: Job, until: float) -> bool:
        if until < job.begins_at:
            return False
        session = self._session()
        with session.store.transaction():
            if job.stage is Stage.WAITING:
                self._read(job, session)
            elif job.stage is Stage.CHECKING:
                self._check(job, session)
            else:
                return self._create(job, session, until)
        return True

    # Reading and checking

    def _read(self, job: Job, session: Session) -> None:
        settings = self._jobs.settings
        if job.size > settings.file_bytes:
            message = f"The file has {job.size} bytes; the maximum is {settings.file_bytes}"
            self._reject(job, "FILE_TOO_LARGE", message)
            return
        board = session.board(job.board_id)
        lines_board = session.board(board.subitems_board_id) if board.subitems_board_id else None
        try:
            layout, rows = read_file(self._jobs.file(job), board, lines_board, settings.rows_per_file)
        except UploadError as error:
            self._reject(job, "INVALID_UPLOAD", str(error))
            return
        self._jobs.add_rows(job, rows)
        self._jobs.drop_file(job)
        self._jobs.put(replace(job, stage=Stage.CHECKING, columns=layout.header, cursor=FIRST_BUT))

    def _check(self, job: Job, session: Session) -> None:
        rows = self._jobs.rows(job, "AND number > ? ORDER BY number LIMIT ?", (job.cursor, STEP_ROWS))
        for row in rows:
            if row.outcome is None:
                self._check_row(job, row, session)
        if rows:
            self._jobs.put(replace(job, cursor=rows[-1].number))
            return
        self._admit(job, session)

    def _check_row(self, job: Job, row: Row, session: Session) -> None:
        outcome, message = Outcome.VALID, None
        if row.parent is not None and self._jobs.outcome_of(job, row.parent)[0] is not Outcome.VALID:
            outcome, message = Outcome.INVALID, f"The item in row {row.parent} is invalid"
        else:
            try:
                check_name(row.name)
                board = _board_of(row, job, session)
                require_columns(board, "", _changes(row, board, session).cells)
            except FieldError as error:
                outcome, message = Outcome.INVALID, str(error)
        self._jobs.settle_row(job, row.number, outcome, message)

    def _admit(self, job: Job, session: Session) -> None:
        """Let a checked job create its rows, or reject it."""
        for parent in self._jobs.crowded_parents(job, session.subitems_per_item):
            message = f"An item has at most {session.subitems_per_item} subitems"
            self._jobs.settle_row(job, parent, Outcome.INVALID, message)
            self._jobs.settle_lines(job, parent, Outcome.INVALID, f"The item in row {parent} is invalid")
        items = self._jobs.valid_by_kind(job, RowKind.ITEM)
        lines = self._jobs.valid_by_kind(job, RowKind.LINE)
        board = session.board(job.board_id)
        if job.fault.is_rejected:
            self._reject(job, job.fault.reason, job.fault.message)
        elif items + lines > (left := self._jobs.items_left()):
            message = f"The import would create {items + lines} items; {left} are left of this hour's budget"
            self._reject(job, "ACCOUNT_CAPACITY_EXCEEDED", message)
        elif not _has_room(session, board, items) or (
            board.subitems_board_id and not _has_room(session, session.board(board.subitems_board_id), lines)
        ):
            self._reject(job, "BOARD_CAPACITY_EXCEEDED", "The import would overfill the board")
        else:
            self._jobs.put(
                replace(
                    job,
                    stage=Stage.CREATING,
                    cursor=FIRST_BUT,
                    valid=items + lines,
                    reserved=items + lines,
                    reserved_at=job.begins_at,
                    created_from=job.begins_at,
                )
            )

    def _reject(self, job: Job, reason: str, message: str | None) -> None:
        self._jobs.drop_file(job)
        self._jobs.put(
            replace(job, stage=Stage.REJECTED, ended_at=self._jobs.now, reason=reason, message=message)
        )

    # Creating

    def _create(self, job: Job, session: Session, until: float) -> bool:
        """Create the rows that were due, a step's worth; return whether there were any or the job ended."""
        ends_at = job.valid if job.fault.fails_after is None else min(job.valid, job.fault.fails_after)
        due = (
            min(ends_at, math.floor((until - job.created_from) * self._jobs.settings.rows_per_second))
            - job.worked
        )
        rows = self._jobs.rows(
            job,
            "AND number > ? AND outcome = 'valid' ORDER BY number LIMIT ?",
            (job.cursor, max(0, min(due, STEP_ROWS))),
        )
        room = _Room(session)
        for row in rows:
            if row.parent is not None and self._jobs.outcome_of(job, row.parent)[0] is Outcome.FAILED:
                continue  # it failed with its item, in this very step
            board = _board_of(row, job, session)
            if not room.take(board):
                self._end(job, Stage.FAILED, "BOARD_CAPACITY_EXCEEDED", f"Board {board.id} is full")
                return True
            session.clock = StoppedClock(datetime.fromtimestamp(self._moment_of(job), UTC))
            failed = self._create_row(job, row, board, session)
            job = replace(
                job, cursor=row.number, worked=job.worked + max(1, failed), reserved=job.reserved - failed
            )
        if job.worked < ends_at:
            if rows:
                self._jobs.put(job)
            return bool(rows)
        if job.fault.fails_after is None:
            self._end(job, Stage.COMPLETED)
        else:
            self._end(job, Stage.FAILED, job.fault.reason, job.fault.message)
        return True

    def _create_row(self, job: Job, row: Row, board: Board, session: Session) -> int:
        """Create one row's item or subitem; return how many rows failed with it, 0 when it was created."""
        try:
            with session.store.savepoint():
                item = _add(job, row, board, session, self._parent_of(job, row))
        except FieldError as error:
            self._jobs.settle_row(job, row.number, Outcome.FAILED, str(error))
            message = f"The item in row {row.number} failed"
            return 1 + self._jobs.settle_lines(job, row.number, Outcome.FAILED, message)
        self._jobs.settle_row(job, row.number, Outcome.CREATED, item_id=item.id)
        return 0

    def _parent_of(self, job: Job, row: Row) -> int | None:
        return None if row.parent is None else self._jobs.outcome_of(job, row.parent)[1]

    def _moment_of(self, job: Job) -> float:
        return job.created_from + (job.worked + 1) / self._jobs.settings.rows_per_second

    def _end(self, job: Job, stage: Stage, reason: str | None = None, message: str | None = None) -> None:
        outcomes = self._jobs.counts(job)
        created = outcomes.get(Outcome.CREATED, 0)
        has_report = (
            stage is Stage.COMPLETED and created < sum(outcomes.values()) and not job.fault.has_no_report
        )
        self._jobs.put(
            replace(
                job,
                stage=stage,
                ended_at=job.created_from + job.worked / self._jobs.settings.rows_per_second,
                reserved=created,
                reason=reason,
                message=message,
                report_key=secrets.token_urlsafe(24) if has_report else "",
            )
        )


class _Room:
    """How many more items each board takes, counted once a step."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._left: dict[str, int] = {}

    def take(self, board: Board) -> bool:
        left = self._left.get(board.id)
        if left is None:
            left = board.items_limit - self._session.store.count_items(board.id)
        self._left[board.id] = left - 1
        return left > 0


def _board_of(row: Row, job: Job, session: Session) -> Board:
    board = session.board(job.board_id)
    return board if row.kind is RowKind.ITEM else session.board(board.subitems_board_id)


def _has_room(session: Session, board: Board, rows: int) -> bool:
    return session.store.count_items(board.id) + rows <= board.items_limit


def _changes(row: Row, board: Board, session: Session) -> Changes:
    values = cell_values(row.cells, board.columns, session)
    return ItemWriter(board, session, create_labels=False).several(values, {})


def _add(job: Job, row: Row, board: Board, session: Session, parent_id: int | None) -> Item:
    if row.number in job.fault.failing_rows:
        raise FieldError("INTERNAL_SERVER_ERROR", "The row could not be created")
    group = active_group(board, job.group_id if row.kind is RowKind.ITEM else None)
    if parent_id is not None:
        session.item(parent_id)  # it may have been archived meanwhile
    position = session.store.last_position(board.id, group.id) + SPACING
    changes = _changes(row, board, session)
    return add_item(session, board, group, row.name, changes, position=position, parent_id=parent_id)
