"""What a check of a mapping found: which rule, what is wrong, where in the file it stands, what to do."""

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from core.config.positions import KeyPath
from core.errors import Problem
from core.mapping.findings import Severity

Side = Literal["items", "subitems"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a setting stands in the configuration file."""

    file: str
    line: int | None
    """From 1: the key's own line, or that of the nearest table around it."""
    key: str
    """The dotted key, rules counted from 0: `mappings.order_list.items.3.column`."""

    def __str__(self) -> str:
        """`configs/sync_order_list.toml:97`, as terminals and editors open it."""
        return self.file if self.line is None else f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True)
class MappingFinding:
    """One thing wrong with a mapping set, or worth knowing."""

    board: Side
    index: int | None
    """The rule's place in its set, from 0; None when the set as a whole is meant."""
    severity: Severity
    code: str
    message: str
    remedy: str
    field: KeyPath = ()
    """The key inside the rule, or inside the set when `index` is None; empty for the table as such."""
    of_profile: bool = False
    """Whether `field` is a key of the profile instead of the mapping set."""
    place: Place | None = None
    """Known for what stands in the file, not for a rule that is being edited."""

    @property
    def problem(self) -> Problem:
        """The finding as a failure message."""
        subject = f"{self.place}, {self.place.key}" if self.place else f"{self.board} mapping"
        return Problem(self.code, self.message, subject, self.remedy)


def did_you_mean(wanted: str, known: Iterable[str]) -> str:
    """`Did you mean 'PO NUMBER'? ` where something known is spelled nearly so, else an empty text.

    Letter case alone never tells two names apart here.
    """
    by_folded = {name.casefold(): name for name in known}
    near = difflib.get_close_matches(wanted.strip().casefold(), by_folded, n=1, cutoff=0.7)
    return f"Did you mean '{by_folded[near[0]]}'? " if near else ""
