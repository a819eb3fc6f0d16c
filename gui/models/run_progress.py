"""What the Run page shows, reduced from the events of a run. Pure: the caller gives the time."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import assert_never

from core.sync.events import (
    BudgetRead,
    CustomerEnded,
    CustomerTotals,
    RecordEnded,
    RequestAnswered,
    RequestSent,
    RunEvent,
    RunFinished,
    RunPaused,
    RunResumed,
    RunStarted,
    RunStopping,
    Waiting,
)
from core.sync.outcome import Outcome
from core.sync.plan import Step, TargetKind
from core.sync.report import Counts, RunReport
from gui.models.durations import clock_text
from gui.models.run_pace import Pace

WORTH_SAYING_SECONDS = 1.5
"""A shorter wait is over before it is read."""


class RunPhase(Enum):
    """Where a run stands."""

    IDLE = "idle"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPING = "stopping"
    FINISHED = "finished"


class CustomerState(Enum):
    """Where one customer's records stand."""

    WAITING = "Waiting"
    ITEMS = "Sending items"
    SUBITEMS = "Sending subitems"
    DONE = "Done"
    NOT_STARTED = "Not started"
    """The run ended before the turn of any of its records."""
    STOPPED = "Not finished"
    """The run ended first."""


@dataclass(slots=True)
class Tally:
    """How many of some records have ended, and how."""

    total: int = 0
    synced: int = 0
    failed: int = 0
    unknown: int = 0
    skipped: int = 0

    @property
    def ended(self) -> int:
        """Records with an outcome."""
        return self.synced + self.failed + self.unknown + self.skipped

    def add(self, outcome: Outcome, change: int) -> None:
        """Count one record more, or with -1 one less."""
        if outcome.synced:
            self.synced += change
        elif outcome is Outcome.FAILED:
            self.failed += change
        elif outcome is Outcome.UNKNOWN:
            self.unknown += change
        elif outcome is Outcome.SKIPPED:
            self.skipped += change


def tally_of(*parts: Counts) -> Tally:
    """Return the sum of a report's counts."""
    return Tally(
        total=sum(counts.selected for counts in parts),
        synced=sum(counts.synced for counts in parts),
        failed=sum(counts.failed for counts in parts),
        unknown=sum(counts.unknown for counts in parts),
        skipped=sum(counts.skipped for counts in parts),
    )


@dataclass(slots=True)
class CustomerProgress:
    """One row of the customers: orders and lines together."""

    customer: str
    """Empty for lines without an order."""
    tally: Tally = field(default_factory=Tally)
    state: CustomerState = CustomerState.WAITING
    started_at: float | None = None
    seconds: float | None = None
    """How long it took; None while it goes on."""

    @property
    def final_state(self) -> CustomerState:
        """The state when nothing more comes, by the records that have ended."""
        if self.tally.ended >= self.tally.total:
            return CustomerState.DONE
        began = self.tally.ended or self.started_at is not None
        return CustomerState.STOPPED if began else CustomerState.NOT_STARTED

    def elapsed(self, now: float) -> float | None:
        """Seconds since its first request; None before."""
        if self.seconds is not None or self.started_at is None:
            return self.seconds
        return now - self.started_at


@dataclass(frozen=True, slots=True)
class Changes:
    """What a delivery of events touched."""

    customers: frozenset[str]
    records: tuple[RecordEnded, ...]
    budget: BudgetRead | None
    """The last reading, None when there was no new one."""


@dataclass(frozen=True, slots=True)
class _Wait:
    reason: str
    until: float


class RunProgress:
    """The state of one run, brought forward by its events.

    A record counts once, with its last outcome; a run's number of ended records never falls.
    """

    def __init__(self, undoes_also: tuple[str, ...] = ()) -> None:
        """`undoes_also` are the runs, oldest first, that an undo takes back with the one that it names."""
        self.phase = RunPhase.IDLE
        self.run_id = ""
        self.profile = ""
        self.dry_run = False
        self.undoes = ""
        """The run that is undone; empty where orders are sent."""
        self.undoes_also = undoes_also
        self.items = Tally()
        self.subitems = Tally()
        self.customers: dict[str, CustomerProgress] = {}
        self.requests = 0
        self.requests_answered = 0
        self.budget: BudgetRead | None = None
        self.stop_reason = ""
        self.report: RunReport | None = None
        self._outcomes: dict[tuple[TargetKind, str], Outcome] = {}
        self._waits: dict[str, _Wait] = {}
        self._pace = Pace()
        self._started_at = 0.0
        self._ended_at: float | None = None

    @property
    def total(self) -> int:
        """Selected orders and lines."""
        return self.items.total + self.subitems.total

    @property
    def ended(self) -> int:
        """Orders and lines with an outcome."""
        return self.items.ended + self.subitems.ended

    def apply(self, events: Iterable[RunEvent], now: float) -> Changes:
        """Bring the state forward by events, oldest first, arrived at `now`, seconds of a steady clock."""
        delivered = tuple(events)
        touched: set[str] = set()
        for event in delivered:
            touched |= self._apply(event, now)
        self._pace.record(self.ended, now)
        return Changes(
            frozenset(touched),
            tuple(event for event in delivered if isinstance(event, RecordEnded)),
            self.budget if any(isinstance(event, BudgetRead) for event in delivered) else None,
        )

    def abandon(self, now: float) -> None:
        """End a run that told no report: it never began, or it broke."""
        if self.phase is not RunPhase.FINISHED:
            self._close(now)

    def elapsed(self, now: float) -> float:
        """Seconds from the start to the end, or to `now`."""
        if self.phase is RunPhase.IDLE:
            return 0.0
        return (self._ended_at if self._ended_at is not None else now) - self._started_at

    def per_minute(self, now: float) -> float | None:
        """Records a minute; None before that can be said."""
        return self._pace.per_minute(now)

    def seconds_left(self, now: float) -> float | None:
        """Seconds until the end; None while that is not steady, and when the run does not go on."""
        if self.phase is not RunPhase.RUNNING or self.waiting(now) is not None:
            return None
        return self._pace.seconds_left(self.total, now)

    def waiting(self, now: float) -> tuple[str, float] | None:
        """Why the engine holds a request back and for how many seconds: the wait that is over first."""
        open_waits = [wait for wait in self._waits.values() if wait.until > now]
        if not open_waits or self.phase is RunPhase.FINISHED:
            return None
        first = min(open_waits, key=lambda wait: wait.until)
        return first.reason, first.until - now

    def activity(self, now: float) -> str:
        """What the run is doing, as half a sentence."""
        match self.phase:
            case RunPhase.IDLE:
                return "starting"
            case RunPhase.PAUSED:
                return "paused; nothing more leaves until you resume"
            case RunPhase.STOPPING:
                return "stopping; waiting for the answers that are under way"
            case RunPhase.FINISHED:
                return "ended"
            case RunPhase.RUNNING:
                if (wait := self.waiting(now)) is not None:
                    return f"{wait[0]}, {clock_text(wait[1])}"
                return self._sending()
            case _:
                assert_never(self.phase)

    def skipped_text(self) -> str:
        """Return what the bar's own words leave out: records that were not tried. Empty without any."""
        skipped = self.items.skipped + self.subitems.skipped
        return f"{skipped:,} skipped" if skipped else ""

    def _sending(self) -> str:
        def customers(state: CustomerState) -> str:
            names = [name for name, row in self.customers.items() if row.state is state]
            return ", ".join(names[:2]) + (f" and {len(names) - 2} more" if len(names) > 2 else "")

        items, subitems = customers(CustomerState.ITEMS), customers(CustomerState.SUBITEMS)
        parts = [f"items of {items}"] if items else []
        parts += [f"subitems of {subitems}"] if subitems else []
        return f"sending {' and '.join(parts)}" if parts else "preparing the next request"

    def _apply(self, event: RunEvent, now: float) -> set[str]:  # noqa: C901, PLR0912  # one arm an event
        """Apply one event; return the customers it touched."""
        match event:
            case RunStarted():
                return self._start(event, now)
            case RequestSent():
                self._waits.pop(event.request_key, None)
                return self._sent(event, now)
            case RequestAnswered():
                self._waits.pop(event.request_key, None)
                self.requests_answered += 1
            case RecordEnded():
                return self._record_ended(event)
            case Waiting():
                if event.seconds >= WORTH_SAYING_SECONDS:
                    self._waits[event.request_key] = _Wait(event.reason, now + event.seconds)
            case BudgetRead():
                self.budget = event
            case CustomerEnded():
                self._customer_ended(event)
                return {event.customer}
            case RunPaused():
                self.phase = RunPhase.PAUSED
                self._pace.pause(now)
            case RunResumed():
                self.phase = RunPhase.RUNNING
                self._pace.resume(now)
            case RunStopping():
                self.phase, self.stop_reason = RunPhase.STOPPING, event.reason
                self._pace.resume(now)
            case RunFinished():
                return self._finish(event.report, now)
            case _:
                assert_never(event)
        return set()

    def _start(self, event: RunStarted, now: float) -> set[str]:
        self.phase = RunPhase.RUNNING
        self.run_id, self.profile, self.dry_run = event.run_id, event.profile, event.dry_run
        self.undoes = event.undoes
        self.items.total, self.subitems.total = event.orders, event.lines
        self.requests = event.requests
        self.customers = {totals.customer: _waiting_row(totals) for totals in event.customers}
        self._started_at = now
        self._pace.record(0, now)
        return set(self.customers)

    def _sent(self, event: RequestSent, now: float) -> set[str]:
        if event.step is Step.GROUPS:
            # One request makes the groups of several customers; none of them is under way by that.
            return set()
        row = self._customer(event.customer)
        row.state = CustomerState.SUBITEMS if event.step is Step.SUBITEMS else CustomerState.ITEMS
        row.started_at = now if row.started_at is None else row.started_at
        return {event.customer}

    def _record_ended(self, event: RecordEnded) -> set[str]:
        if event.target is TargetKind.GROUP or event.outcome is Outcome.NOT_STARTED:
            return set()
        before = self._outcomes.get((event.target, event.key))
        self._outcomes[event.target, event.key] = event.outcome
        whole = self.items if event.target is TargetKind.ORDER else self.subitems
        for tally in (whole, self._customer(event.customer).tally):
            if before is not None:
                tally.add(before, -1)
            tally.add(event.outcome, +1)
        return {event.customer}

    def _customer_ended(self, event: CustomerEnded) -> None:
        row = self._customer(event.customer)
        # No event tells of a line that needed nothing: only a stop leaves records. A rehearsal has none.
        stopped = self.phase is RunPhase.STOPPING and not self.dry_run
        row.state = row.final_state if stopped else CustomerState.DONE
        # Before its first request a customer only waits; a rehearsal sends none.
        waited = row.state is not CustomerState.DONE and row.started_at is None
        row.seconds = None if waited else event.seconds

    def _finish(self, report: RunReport, now: float) -> set[str]:
        self.report = report
        # The report is the last word: it knows lines that needed nothing, which no event tells, and that an
        # order is done only with all its lines.
        for part in report.customers:
            self._customer(part.customer).tally = tally_of(part.orders, part.lines)
        # The bar never goes back: after a stop it shows what was sent, the summary below what is done.
        self.items = _further(self.items, tally_of(report.orders))
        self.subitems = _further(self.subitems, tally_of(report.lines))
        self._close(now)
        return set(self.customers)

    def _close(self, now: float) -> None:
        self.phase = RunPhase.FINISHED
        self._ended_at = now
        self._waits.clear()
        for row in self.customers.values():
            row.seconds = row.elapsed(now)
            row.state = row.final_state

    def _customer(self, customer: str) -> CustomerProgress:
        return self.customers.setdefault(customer, CustomerProgress(customer))


def _further(before: Tally, after: Tally) -> Tally:
    return after if after.ended >= before.ended else before


def _waiting_row(totals: CustomerTotals) -> CustomerProgress:
    return CustomerProgress(totals.customer, Tally(total=totals.orders + totals.lines))
