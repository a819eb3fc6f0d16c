"""One pure function per writable column type: the mapped text or value in, the API's JSON out.

The JSON shapes are those of reference/column-types-reference. A writer raises `RefusedValueError` for a value
that the board would refuse, or would not keep as it is. A newcomer adds a type by one function with `@writes`
in the file of its family; the registry is what the planner, the checks and the mapping form ask.
"""

from core.mapping.writers import contacts, dates, labels, marks, numbers, places, relations, text
from core.mapping.writers.read_only import read_only_reason
from core.mapping.writers.registry import (
    RefusedValueError,
    Writer,
    Written,
    clears,
    column_values_text,
    is_sendable,
    writable_types,
    writer_for,
    writes,
)
from core.mapping.writers.text import LONG_TEXT_LIMIT, NAME_LIMIT, TRUNCATION_MARK

__all__ = [
    "LONG_TEXT_LIMIT",
    "NAME_LIMIT",
    "TRUNCATION_MARK",
    "RefusedValueError",
    "Writer",
    "Written",
    "clears",
    "column_values_text",
    "contacts",
    "dates",
    "is_sendable",
    "labels",
    "marks",
    "numbers",
    "places",
    "read_only_reason",
    "relations",
    "text",
    "writable_types",
    "writer_for",
    "writes",
]
