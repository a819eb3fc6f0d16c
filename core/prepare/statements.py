"""The preparation's SQL, rendered for one dialect: identifiers quoted by the dialect, values only bound."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import jinja2
import sqlalchemy as sa

from core.prepare.settings import PrepareSettings
from core.prepare.structure import Structure
from core.resources import resource_path

LONGEST_KEY = 600
"""Characters in a business key; more cannot be indexed on every dialect."""
SEPARATOR = "\x1f"
"""Between the parts of a business key; the dialects' own words have the same one."""
LONGEST_QUANTITY = 100
"""Characters of a quantity that are kept, for the report on it."""
_SIZES_PER_STATEMENT = 50
"""SQLite's functions take 127 arguments (sqlite.org/limits.html); MariaDB reads fastest in such portions."""

_UNPIVOT = "04_unpivot"


@dataclass(frozen=True, slots=True)
class Statement:
    """One rendered statement."""

    name: str
    sql: str
    """As `sqlalchemy.text` takes it: values are named after a colon, a colon of an identifier is escaped."""
    values: Mapping[str, Any] = field(default_factory=dict)
    """What it binds beside the common values."""

    @property
    def shown(self) -> str:
        """The SQL for reading."""
        return self.sql.replace("\\:", ":")

    def bound(self, common: Mapping[str, Any]) -> sa.TextClause:
        """The statement with the values that its text names, of the common ones and its own."""
        clause = sa.text(self.sql)
        known = {**common, **self.values}
        return clause.bindparams(**{name: known[name] for name in clause.compile().params})


def dialect_name(dialect: sa.Dialect) -> str:
    """`sqlite`, `mssql` or `mariadb`: the name of the dialect's SQL files."""
    return "mariadb" if dialect.name in {"mysql", "mariadb"} else dialect.name


def quoted(dialect: sa.Dialect, name: str) -> str:
    """One identifier, quoted for the dialect whatever characters it has; a colon in it is no parameter."""
    preparer = dialect.identifier_preparer
    # Not `escape_quote`: for SQL Server that is a quotation mark, where only a closing bracket ends a name.
    inner = name.replace(preparer.final_quote, preparer.final_quote * 2)
    return f"{preparer.initial_quote}{inner}{preparer.final_quote}".replace(":", "\\:")


def quoted_table(dialect: sa.Dialect, name: str) -> str:
    """A table's name, its schema in front where there is one, quoted for the dialect."""
    return ".".join(quoted(dialect, part) for part in name.split("."))


def environment(dialect: sa.Dialect, names_with_dot: Collection[str] = ()) -> jinja2.Environment:
    """Templates whose only way to an identifier is the dialect's own quoting."""
    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(resource_path("sql")),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        autoescape=False,  # noqa: S701  SQL, not HTML; identifiers pass the quoting filter, values are bound
        keep_trailing_newline=False,
    )
    made.filters["identifier"] = lambda name: quoted(dialect, str(name))
    made.filters["table"] = lambda name: (
        quoted(dialect, name) if name in names_with_dot else quoted_table(dialect, name)
    )
    return made


def render_statements(
    dialect: sa.Dialect, settings: PrepareSettings, structure: Structure
) -> Iterator[Statement]:
    """Every statement of a preparation, in order."""
    made, common = _rendering(dialect, settings, structure)
    for file in sorted(Path(resource_path("sql", "prepare")).glob("[0-9]*.sql.j2")):
        step = file.name.removesuffix(".sql.j2")
        template = made.get_template(f"prepare/{file.name}")
        if step == _UNPIVOT:
            yield from _unpivot(template, step, common, structure.size_columns)
        else:
            yield Statement(step, template.render(common).strip())


def render_refused_values(
    dialect: sa.Dialect, settings: PrepareSettings, structure: Structure
) -> Iterator[tuple[str, int | None, Statement]]:
    """For each column that can refuse a row: its name, its limit (None: it wants a value), and a query.

    The query gives staging row, business key and value of the rows refused.
    """
    made, common = _rendering(dialect, settings, structure)
    template = made.get_template("prepare/refused_values.sql.j2")
    checks: list[tuple[str, int | None]] = [*structure.limits, *((name, None) for name in structure.required)]
    for name, limit in checks:
        text = _StagingText(dialect, common["d"], structure.kinds).text(name)
        sql = template.render({**common, "text": text, "limit": limit, "column": name})
        yield name, limit, Statement("refused_values", sql.strip())


def _rendering(
    dialect: sa.Dialect, settings: PrepareSettings, structure: Structure
) -> tuple[jinja2.Environment, dict[str, Any]]:
    made = environment(dialect, structure.names_with_dot)
    words: Any = made.get_template(f"dialects/{dialect_name(dialect)}.sql.j2").module
    staged = _StagingText(dialect, words, structure.kinds)
    common: dict[str, Any] = {
        "d": words,
        "staging_table": settings.staging_table,
        "headers_table": settings.headers_table,
        "lines_table": settings.lines_table,
        "customer_text": staged.text(settings.customer_column),
        "customer_header": structure.customer_header,
        "key_parts": [staged.text(name) for name in settings.key_columns],
        "hashed": staged.hashed(structure.hash_columns, settings.customer_column),
        "limits": [(staged.text(name), limit) for name, limit in structure.limits],
        "required": [staged.column(name) for name in structure.required],
        "row_order": [staged.column(name) for name in structure.row_order],
        "business_columns": structure.business_columns,
        "row_hash_column": structure.row_hash_column,
        "c": settings.columns,
        "longest_key": LONGEST_KEY,
        "longest_customer": structure.longest_customer,
        "longest_quantity": LONGEST_QUANTITY,
    }
    return made, common


def _unpivot(
    template: jinja2.Template, step: str, common: Mapping[str, Any], sizes: Sequence[str]
) -> Iterator[Statement]:
    columns = iter(sizes)
    while chunk := list(islice(columns, _SIZES_PER_STATEMENT)):
        labels = {f"size_{index}": column for index, column in enumerate(chunk)}
        pairs = [(column, label) for label, column in labels.items()]
        yield Statement(step, template.render({**common, "sizes": pairs}).strip(), labels)


@dataclass(frozen=True, slots=True)
class _StagingText:
    """Expressions over the staging table, which the templates call `st`."""

    dialect: sa.Dialect
    words: Any
    kinds: Mapping[str, str]

    def column(self, name: str) -> str:
        return f"st.{quoted(self.dialect, name)}"

    def text(self, name: str) -> str:
        return str(self.words.text(self.column(name), self.kinds.get(name, "text")))

    def hashed(self, columns: Sequence[str], customer: str) -> str:
        """One text of a whole row; NULL and empty text differ in it, and columns cannot run together."""
        name = f"COALESCE(n.canonical_name, TRIM({self.text(customer)}))"
        values = [*((self.column(column), self.text(column)) for column in columns), (name, name)]
        return str(self.words.row_text(values))
