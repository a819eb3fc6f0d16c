"""What a preparation needs to know from the configuration."""

from dataclasses import dataclass

from core.orders.tables import EngineColumnNames


@dataclass(frozen=True, slots=True)
class PrepareSettings:
    """Names of one profile's staging table and what it is prepared by."""

    staging_table: str
    headers_table: str
    lines_table: str
    customer_column: str
    columns: EngineColumnNames
    key_columns: tuple[str, ...]
    """Together they name an order for life."""
    sizes_after: str
    """The last column before the sizes."""
    sizes_before: str
    """The first column after the sizes."""
    size_columns: tuple[str, ...] = ()
    """An explicit list instead of the two markers."""
    hash_columns: tuple[str, ...] = ()
    """A change in one of these is a change of the order; empty: every business column."""
