"""How a run ended: every record accounted for, per customer and per error, and what to do next."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from datetime import datetime
from typing import Any

from core.errors import ExitCode, Problem
from core.sync.outcome import Outcome
from core.sync.plan import TargetKind


@dataclass(frozen=True, slots=True)
class Counts:
    """How the records of one kind ended. The parts always sum up to `selected`."""

    selected: int = 0
    created: int = 0
    changed: int = 0
    archived: int = 0
    failed: int = 0
    skipped: int = 0
    unknown: int = 0
    not_started: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(mine + theirs for mine, theirs in zip(astuple(self), astuple(other), strict=True)))

    @property
    def synced(self) -> int:
        """Records that are on the board as they should be."""
        return self.created + self.changed + self.archived

    @property
    def balanced(self) -> bool:
        """selected = synced + failed + skipped + unknown + not started."""
        return self.selected == self.synced + self.failed + self.skipped + self.unknown + self.not_started

    @classmethod
    def of(cls, outcomes: Counter[Outcome], selected: int) -> "Counts":
        """Counts from a tally of outcomes."""
        return cls(
            selected=selected,
            created=outcomes[Outcome.CREATED],
            changed=outcomes[Outcome.CHANGED],
            archived=outcomes[Outcome.ARCHIVED],
            failed=outcomes[Outcome.FAILED],
            skipped=outcomes[Outcome.SKIPPED],
            unknown=outcomes[Outcome.UNKNOWN],
            not_started=outcomes[Outcome.NOT_STARTED],
        )

    def to_json(self) -> dict[str, int]:
        """Every part, and `synced`."""
        return {**asdict(self), "synced": self.synced}


@dataclass(frozen=True, slots=True)
class CustomerReport:
    """One customer's records."""

    customer: str
    """Empty for lines without a header."""
    orders: Counts
    lines: Counts


@dataclass(frozen=True, slots=True)
class Failure:
    """One record that is not on the board as it should be, and what to do about it."""

    kind: TargetKind
    key: str
    label: str
    customer: str
    outcome: Outcome
    """FAILED or UNKNOWN."""
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Withheld:
    """How many orders a run did not touch for one reason: another run has them, or they changed meanwhile."""

    orders: int
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class KeptOrder:
    """One order whose item an undo left on the board, and why."""

    key: str
    label: str
    customer: str
    code: str
    message: str
    remedy: str

    @classmethod
    def of(cls, key: str, label: str, customer: str, problem: Problem) -> "KeptOrder":
        """An order that is kept because of a problem."""
        return cls(key, label, customer, problem.code, problem.title, problem.remedy)


@dataclass(frozen=True, slots=True)
class ApiUse:
    """What the run asked of the board's API."""

    calls: int = 0
    """All that were made for it, `calls_before` among them."""
    rejected: int = 0
    """Calls that a rate limit refused."""
    complexity: int = 0
    """Points, as the answers reported them."""
    calls_left_today: int | None = None
    """Of the account, when the run ended; None where the API did not tell."""
    calls_a_day: int | None = None
    """The account's limit; None where the API did not tell."""
    binding: str = ""
    """The limit that held the run's last minute back, in words; empty where nothing was sent."""
    calls_before: int = 0
    """Calls that looked before anything was sent: at the board, the account, what became of requests before,
    and the items that an undo would archive. 0 in reports of versions that did not count them."""


@dataclass(frozen=True, slots=True)
class UndoneBy:
    """What one undo has archived of a run."""

    run_id: str
    """The undo's own."""
    at: datetime
    """When it began."""
    items: int

    def to_json(self) -> dict[str, Any]:
        """Id, moment and count."""
        return {**asdict(self), "at": self.at.isoformat()}


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of a run's items by undos; runs that resumed one another count as one."""

    made: int
    """Items that they had made."""
    by: tuple[UndoneBy, ...]
    """Oldest first; each has archived something."""
    together_with: tuple[str, ...] = ()
    """The other runs of which this one is a part: it resumed them, or they resumed it. Oldest first."""

    @property
    def archived(self) -> int:
        """How many of the items were archived."""
        return min(self.made, sum(each.items for each in self.by))

    @property
    def left(self) -> int:
        """How many were not: they were kept, or their turn did not come."""
        return self.made - self.archived

    def to_json(self) -> dict[str, Any]:
        """Every part, and the counts that follow from them."""
        return {
            "made": self.made,
            "archived": self.archived,
            "left": self.left,
            "by": [each.to_json() for each in self.by],
            "together_with": list(self.together_with),
        }


@dataclass(frozen=True, slots=True)
class RunReport:
    """The end of a run, whole."""

    run_id: str
    profile: str
    dry_run: bool
    started_at: datetime
    finished_at: datetime
    orders: Counts
    lines: Counts
    customers: tuple[CustomerReport, ...]
    failures: tuple[Failure, ...]
    api: ApiUse
    seconds: float
    groups_created: int = 0
    stopped: Problem | None = None
    """Why the run ended early; None when it came to its end."""
    cancelled: bool = False
    """Ended early because a person asked for it."""
    unresolved: int = 0
    """Records of the same customers that an earlier run left in ERROR."""
    left_alone: int = 0
    """Orders and lines that were asked for and left out: a request with them may still be under way."""
    withheld: tuple[Withheld, ...] = ()
    """Orders that were planned and not touched, by reason; they count as skipped."""
    mapping: str = ""
    """The mapping set's name; empty in reports of earlier versions."""
    mapping_version: int | None = None
    """The version of the mapping set that the values came from, None when it was not kept."""
    resumes: str | None = None
    """The interrupted run whose rest this one took up."""
    undoes: str = ""
    """The run that this one undid; empty for a run that sent orders."""
    kept: tuple[KeptOrder, ...] = ()
    """Of an undo: the orders whose items it left on the board."""
    undoes_also: tuple[str, ...] = ()
    """Of an undo: the runs whose rest the one that it undid had taken up, oldest first; they are undone too.
    As `undone`, the journal's runs tell it, not the report that it keeps: see `Workspace.report`."""
    undone: Undone | None = None
    """What later undos archived of what this run made; None where they archived nothing."""

    @property
    def mapping_label(self) -> str:
        """As in `mapping order_list version 3`; empty where the report does not tell."""
        if not self.mapping:
            return ""
        version = "an unknown version" if self.mapping_version is None else f"version {self.mapping_version}"
        return f"mapping {self.mapping} {version}"

    @property
    def balanced(self) -> bool:
        """Whether every selected record is accounted for, in total and per customer."""
        every = [
            self.orders,
            self.lines,
            *(c.orders for c in self.customers),
            *(c.lines for c in self.customers),
        ]
        return all(counts.balanced for counts in every)

    @property
    def records_per_minute(self) -> float | None:
        """Orders and lines that reached the board, over the whole time of the run; None where none did."""
        synced = self.orders.synced + self.lines.synced
        return None if self.dry_run or not synced or self.seconds <= 0 else synced * 60.0 / self.seconds

    @property
    def resumable(self) -> bool:
        """Whether it ended before the turn of some records, or without having heard what became of them."""
        open_ends = (self.orders.unknown, self.lines.unknown, self.orders.not_started, self.lines.not_started)
        return not self.dry_run and not self.undoes and any(open_ends)

    @property
    def exit_code(self) -> ExitCode:
        """How a command that ran it ends: what became of the records that it was to send.

        Not what earlier runs left in ERROR: their own exit codes told of it, and a schedule that alerts would
        never again tell what is new.
        """
        if self.stopped is not None:
            return ExitCode.UNREACHABLE
        open_ends = (
            self.orders.failed
            + self.lines.failed
            + self.orders.unknown
            + self.lines.unknown
            + self.orders.not_started
            + self.lines.not_started
            + self.left_alone
            + len(self.withheld)
            + len(self.kept)
        )
        return ExitCode.RECORDS_FAILED if open_ends or not self.balanced else ExitCode.SYNCED

    def to_json(self) -> dict[str, Any]:
        """The documented JSON object of a run."""
        return {
            "run_id": self.run_id,
            "kind": "undo" if self.undoes else "run",
            "undoes": self.undoes or None,
            "undoes_also": list(self.undoes_also),
            "undone": self.undone.to_json() if self.undone else None,
            "profile": self.profile,
            "dry_run": self.dry_run,
            "started_at": self.started_at.isoformat(),
            "finished_at": self.finished_at.isoformat(),
            "orders": self.orders.to_json(),
            "lines": self.lines.to_json(),
            "customers": [
                {"customer": c.customer, "orders": c.orders.to_json(), "lines": c.lines.to_json()}
                for c in self.customers
            ],
            "failures": [
                {
                    "kind": f.kind.value,
                    "key": f.key,
                    "label": f.label,
                    "customer": f.customer,
                    "outcome": f.outcome.value,
                    "code": f.code,
                    "message": f.message,
                    "remedy": f.remedy,
                }
                for f in self.failures
            ],
            "api": asdict(self.api),
            "seconds": round(self.seconds, 3),
            "records_per_minute": None if self.records_per_minute is None else round(self.records_per_minute),
            "groups_created": self.groups_created,
            "balanced": self.balanced,
            "cancelled": self.cancelled,
            "unresolved": self.unresolved,
            "left_alone": self.left_alone,
            "withheld": [asdict(reason) for reason in self.withheld],
            "mapping": self.mapping,
            "mapping_version": self.mapping_version,
            "resumes": self.resumes,
            "kept": [asdict(order) for order in self.kept],
            "stopped": asdict(self.stopped) if self.stopped else None,
        }


def report_from_json(data: Mapping[str, Any]) -> RunReport:
    """Read back what `to_json` wrote, but for what other runs of the journal tell."""

    def counts(part: Mapping[str, int]) -> Counts:
        return Counts(**{name: value for name, value in part.items() if name != "synced"})

    return RunReport(
        run_id=data["run_id"],
        profile=data["profile"],
        dry_run=data["dry_run"],
        started_at=datetime.fromisoformat(data["started_at"]),
        finished_at=datetime.fromisoformat(data["finished_at"]),
        orders=counts(data["orders"]),
        lines=counts(data["lines"]),
        customers=tuple(
            CustomerReport(c["customer"], counts(c["orders"]), counts(c["lines"])) for c in data["customers"]
        ),
        failures=tuple(
            Failure(
                TargetKind(f["kind"]),
                f["key"],
                f["label"],
                f["customer"],
                Outcome(f["outcome"]),
                f["code"],
                f["message"],
                f["remedy"],
            )
            for f in data["failures"]
        ),
        api=ApiUse(**data["api"]),
        seconds=data["seconds"],
        groups_created=data["groups_created"],
        stopped=Problem(**data["stopped"]) if data["stopped"] else None,
        cancelled=data["cancelled"],
        unresolved=data["unresolved"],
        left_alone=data.get("left_alone", 0),
        withheld=tuple(Withheld(**reason) for reason in data.get("withheld", ())),
        mapping=data.get("mapping", ""),
        mapping_version=data.get("mapping_version"),
        resumes=data.get("resumes"),
        undoes=data.get("undoes") or "",
        kept=tuple(KeptOrder(**order) for order in data.get("kept", ())),
    )


def merged(reports: Sequence[RunReport]) -> RunReport:
    """Several runs of one worker as one; the last one's id stands for all. Raises ValueError without any."""
    if not reports:
        raise ValueError("there is no report to merge")
    customers: dict[str, tuple[Counts, Counts]] = {}
    for report in reports:
        for part in report.customers:
            orders, lines = customers.get(part.customer, (Counts(), Counts()))
            customers[part.customer] = orders + part.orders, lines + part.lines
    return replace(
        reports[-1],
        started_at=reports[0].started_at,
        orders=sum((report.orders for report in reports), Counts()),
        lines=sum((report.lines for report in reports), Counts()),
        customers=tuple(CustomerReport(name, *counts) for name, counts in customers.items()),
        failures=tuple(failure for report in reports for failure in report.failures),
        api=replace(
            reports[-1].api,
            calls=sum(report.api.calls for report in reports),
            rejected=sum(report.api.rejected for report in reports),
            complexity=sum(report.api.complexity for report in reports),
            calls_before=sum(report.api.calls_before for report in reports),
        ),
        seconds=sum(report.seconds for report in reports),
        groups_created=sum(report.groups_created for report in reports),
        left_alone=sum(report.left_alone for report in reports),
        withheld=tuple(reason for report in reports for reason in report.withheld),
    )
