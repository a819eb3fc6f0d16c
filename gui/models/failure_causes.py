"""Failed records grouped by their cause, or by customer. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum

from core.orders.model import FailedRecord, RecordKind

Codes = Mapping[tuple[str, str], str]
"""(record kind, key) -> the rule that the record broke."""

NO_CUSTOMER = "Lines without an order"

_TITLES = {
    "column_not_on_board": "Column not on the board",
    "column_not_writable": "Column that no program can write",
    "label_not_on_board": "Label not on the board",
    "label_too_long": "Label too long",
    "line_without_header": "Line without an order",
    "lines_failed": "Order with failed lines",
    "name_empty": "No name for the board",
    "name_too_long": "Name too long",
    "no_subitems_board": "Board without subitems",
    "not_a_boolean": "Neither yes nor no",
    "not_a_date": "Not a date",
    "not_a_link": "Not a web address",
    "not_a_number": "Not a number",
    "not_a_rating": "Not a rating",
    "not_an_email": "Not an e-mail address",
    "required_value_missing": "Required value missing",
    "too_long": "Value too long",
}
# What differs between two messages of one cause: quoted values and figures.
_PARTICULARS = re.compile(r"'[^']*'|\"[^\"]*\"|\d[\d,.]*")


class Grouping(Enum):
    """What the list on the left is made of."""

    CAUSE = "cause"
    CUSTOMER = "customer"


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """One entry of the list: its words and its records."""

    key: str
    title: str
    records: tuple[FailedRecord, ...]

    @property
    def count(self) -> int:
        """How many records it has."""
        return len(self.records)


def cause_title(code: str) -> str:
    """Return a cause in words; a code of the board's API is parted into its words."""
    if known := _TITLES.get(code):
        return known
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", code.removesuffix("Exception")).replace("_", " ").lower()
    words = " ".join(parted.split())
    return words[:1].upper() + words[1:] if words else "Other"


def cause_of(record: FailedRecord, codes: Codes) -> tuple[str, str]:
    """Return the key and the title of a record's cause.

    A record that another program marked has no code; its message, without values and figures, stands for it.
    """
    if code := codes.get((record.kind.value, record.key)):
        return code, cause_title(code)
    first = record.message.partition(". ")[0].strip().rstrip(".")
    general = _PARTICULARS.sub("…", first)
    return f"message:{general.casefold()}", general or "No reason given"


def group_failures(
    records: Iterable[FailedRecord], grouping: Grouping, codes: Codes
) -> tuple[FailureGroup, ...]:
    """Return the groups, the largest first, equal ones by title; each keeps the order of its records."""
    titles: dict[str, str] = {}
    members: dict[str, list[FailedRecord]] = {}
    for record in records:
        key, title = (
            cause_of(record, codes)
            if grouping is Grouping.CAUSE
            else (record.customer, record.customer or NO_CUSTOMER)
        )
        titles.setdefault(key, title)
        members.setdefault(key, []).append(record)
    groups = [FailureGroup(key, titles[key], tuple(members[key])) for key in members]
    return tuple(sorted(groups, key=lambda group: (-group.count, group.title.casefold())))


def resend_keys(records: Sequence[FailedRecord]) -> tuple[str, ...]:
    """Return the keys that send these records again, each once.

    A line goes with its order. A line that has no order is named by itself: once its `record_uuid` is mended,
    its order comes along.
    """
    return tuple(dict.fromkeys(_resend_key(record) for record in records))


def _resend_key(record: FailedRecord) -> str:
    is_orphan = record.kind is RecordKind.LINE and not record.customer
    return record.key if is_orphan else record.order_key
