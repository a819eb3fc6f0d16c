"""Column values of every type: what the practice board accepts, keeps and returns."""

from core.sandbox.column_values import (
    contacts,
    dates,
    labels,
    marks,
    numeric,
    places,
    read_only,
    relations,
    text,
)
from core.sandbox.column_values.registry import COLUMN_TYPES, ColumnType, ReadContext, WriteContext
from core.sandbox.column_values.writing import write_json, write_simple

__all__ = [
    "COLUMN_TYPES",
    "ColumnType",
    "ReadContext",
    "WriteContext",
    "contacts",
    "dates",
    "labels",
    "marks",
    "numeric",
    "places",
    "read_only",
    "relations",
    "text",
    "write_json",
    "write_simple",
]
