"""The preparation's SQL, rendered for one dialect: identifiers quoted by the dialect, values only bound."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import jinja2
import sqlalchemy as sa

from core.prepare.settings import PrepareSettings, Structure
from core.resources import resource_path

LONGEST_KEY = 600
"""Characters in a business key; more cannot be indexed on every dialect."""
_SIZES_PER_STATEMENT = 50

_UNPIVOT = "02_unpivot"


@dataclass(frozen=True, slots=True)
class Statement:
    """One rendered statement and the values it binds beside the common ones."""

    name: str
    sql: str
    values: dict[str, Any]


def dialect_name(dialect: sa.Dialect) -> str:
    """`sqlite`, `mssql` or `mariadb`: the name of the dialect's SQL files."""
    return "mariadb" if dialect.name in {"mysql", "mariadb"} else dialect.name


def environment(dialect: sa.Dialect) -> jinja2.Environment:
    """Templates whose only way to an identifier is the dialect's own quoting."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource_path("sql")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        autoescape=False,  # noqa: S701  SQL, not HTML; identifiers pass the quoting filter, values are bound
        keep_trailing_newline=False,
    )
    made.filters["identifier"] = lambda name: quoted(dialect, str(name))
    return made


def quoted(dialect: sa.Dialect, name: str) -> str:
    """An identifier, schema and all, quoted for the dialect; a colon in it is no parameter."""
    preparer = dialect.identifier_preparer
    schema, _, plain = name.rpartition(".") if _is_qualified(name) else ("", "", name)
    parts = [preparer.quote_identifier(part) for part in (schema, plain) if part]
    return ".".join(parts).replace(":", "\\:")


def _is_qualified(name: str) -> bool:
    """`dbo.ORDER_LIST` names a schema; a column such as `CUSTOMER PRICE (ex. VAT)` does not."""
    schema, _, plain = name.rpartition(".")
    return schema.isidentifier() and plain.replace("_", "a").isalnum()


def render_statements(
    dialect: sa.Dialect, settings: PrepareSettings, structure: Structure
) -> Iterator[Statement]:
    """Every statement of a preparation, in order."""
    made = environment(dialect)
    name = dialect_name(dialect)
    common: dict[str, Any] = {
        "staging_table": settings.staging_table,
        "headers_table": settings.headers_table,
        "lines_table": settings.lines_table,
        "customer_column": settings.customer_column,
        "key_columns": settings.key_columns,
        "business_columns": structure.business_columns,
        "row_hash_column": structure.row_hash_column,
        "c": settings.columns,
        "longest_key": LONGEST_KEY,
        "d": made.get_template(f"dialects/{name}.sql.j2").module,
    }
    common["hashed"] = _hashed(common["d"], dialect, settings, structure)
    for file in sorted(Path(resource_path("sql", "prepare")).glob("[0-9]*.sql.j2")):
        step = file.name.removesuffix(".sql.j2")
        if step.startswith(_UNPIVOT):
            if step == (f"{_UNPIVOT}_apply" if name == "mssql" else f"{_UNPIVOT}_union"):
                yield from _unpivot(made, file.name, common, structure.size_columns)
            continue
        sql = made.get_template(f"prepare/{file.name}").render(common)
        yield Statement(step, sql.strip(), {})


def _unpivot(
    made: jinja2.Environment, file: str, common: dict[str, Any], sizes: Sequence[str]
) -> Iterator[Statement]:
    template = made.get_template(f"prepare/{file}")
    columns = iter(sizes)
    while chunk := list(islice(columns, _SIZES_PER_STATEMENT)):
        labels = {f"size_{index}": column for index, column in enumerate(chunk)}
        pairs = [(column, label) for label, column in labels.items()]
        sql = template.render({**common, "sizes": pairs})
        yield Statement(file.removesuffix(".sql.j2"), sql.strip(), labels)


def _hashed(d: Any, dialect: sa.Dialect, settings: PrepareSettings, structure: Structure) -> list[str]:
    """The expressions that the row hash is made over; NULL and empty text differ, and columns cannot run together."""
    parts: list[str] = []
    columns = [f"st.{quoted(dialect, name)}" for name in structure.hash_columns]
    customer = f"TRIM({d.text('st.' + quoted(dialect, settings.customer_column))})"
    for expression in [*columns, f"COALESCE(n.canonical_name, {customer})"]:
        marked = d.concat(["'='", d.text(expression)])
        # Not COALESCE: CONCAT makes an empty text of NULL on one dialect and NULL on another.
        parts.extend((f"CASE WHEN {expression} IS NULL THEN '-' ELSE {marked} END", str(d.separator())))
    return parts
