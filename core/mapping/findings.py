"""What validation found out about one record: which column, which rule, and what to do."""

from dataclasses import dataclass
from enum import Enum

from core.errors import Problem
from core.orders.model import RecordKind


class Severity(Enum):
    """Whether the record can still be sent."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, or worth knowing, about one value of one record."""

    kind: RecordKind
    key: str
    label: str
    """The record as an operator names it."""
    code: str
    """The rule, e.g. `label_not_on_board`."""
    message: str
    remedy: str
    source: str = ""
    """The source column or template; empty when the record as a whole is meant."""
    column_title: str = ""
    """The board column's title."""
    severity: Severity = Severity.ERROR

    @property
    def blocks(self) -> bool:
        """Whether the record cannot be sent."""
        return self.severity is Severity.ERROR

    @property
    def problem(self) -> Problem:
        """The finding as a failure message."""
        where = f", column {self.source}" if self.source else ""
        return Problem(self.code, self.message, f"{self.kind.value} {self.label}{where}", self.remedy)
