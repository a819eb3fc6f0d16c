"""What a cell of a demo row may hold, and how often a cell is filled."""

import random

Value = str | int | float | None
Row = dict[str, Value]
"""One row as the database returns it: every column of its table, in the table's order."""


def sometimes(rng: random.Random, chance: float, value: Value) -> Value:
    """`value` with the given chance (0 to 1), else NULL."""
    return value if rng.random() < chance else None
