"""LIKE patterns that mean the very signs a person typed, on every dialect."""

import sqlalchemy as sa

ESCAPE = "/"
"""The sign before a sign that LIKE would take for one of its own."""
# In T-SQL a bracket begins a set of characters
# (learn.microsoft.com/sql/t-sql/language-elements/like-transact-sql).
_ESCAPED = str.maketrans({sign: ESCAPE + sign for sign in (ESCAPE, "%", "_", "[")})


def literal_pattern(text: str) -> str:
    """`text` as a part of a LIKE pattern whose escape is `ESCAPE`."""
    return text.translate(_ESCAPED)


def contains(column: sa.ColumnElement[str], text: str) -> sa.ColumnElement[bool]:
    """Whether a text column contains `text`, whatever the case."""
    return column.ilike(f"%{literal_pattern(text)}%", escape=ESCAPE)
