"""What a preparation found and did."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class StagingProblem:
    """One staging row, or one cell of it, that was left out; or the rows that an import left out."""

    row: int
    """The row's number in the staging table, from 1: in the order of loading where the database keeps one,
    else in the order it gave. 0 for an order that is no longer there, and for rows that never came there."""
    key: str
    """The business key, its parts joined by ` / `; what there is of it when a part is missing. For rows that
    an import left out: `the last import`."""
    column: str
    """The column concerned; the key columns when the key is meant."""
    value: str
    code: str
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class CustomerPrepared:
    """What was written for one customer."""

    orders: int
    lines: int


@dataclass(frozen=True, slots=True)
class PrepareSummary:
    """Counts of one preparation."""

    prepare_id: str
    dry_run: bool
    staging_rows: int
    """Rows of the order list; those that stand for others, which an import left out, are not among them."""
    new: int
    changed: int
    unchanged: int
    cancelled: int
    revived: int
    """Orders that were cancelled once and are back."""
    claimed: int
    """Orders that a run has just claimed: left for the next time."""
    refused: int
    """Staging rows left out, each with its problem, and the rows that an import left out."""
    lines_inserted: int
    lines_updated: int
    lines_deleted: int
    seconds: float
    customers: Mapping[str, CustomerPrepared] = field(default_factory=dict)
    problems: tuple[StagingProblem, ...] = ()
    statements: tuple[str, ...] = ()
    """The SQL, of a dry run."""
    withheld: int = 0
    """Orders that are gone, and not cancelled: a row without a usable key may be one of them."""

    @property
    def orders_written(self) -> int:
        """Orders that a run will find pending because of this preparation."""
        return self.new + self.changed + self.cancelled + self.revived

    def to_json(self) -> dict[str, Any]:
        """One JSON object; the statements only where there are some."""
        whole = asdict(self)
        whole["orders_written"] = self.orders_written
        whole["problems"] = [asdict(problem) for problem in self.problems]
        if not self.statements:
            del whole["statements"]
        return whole
