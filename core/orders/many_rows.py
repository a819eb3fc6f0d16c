"""One statement carried out for many rows, as fast as the driver takes them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import BindTyping


class ManyRows:
    """An insert, update or delete whose parameters come as tuples, for one database.

    SQLAlchemy walks through the parameters of each row once more than the driver does, which costs more than
    what SQLite does with them. So its text and its conversions are taken once. Drivers that have to be told
    the parameters' types before (`setinputsizes`) get their rows from SQLAlchemy.
    """

    def __init__(
        self, dialect: sa.Dialect, statement: sa.UpdateBase, of_row: Sequence[str], of_all: Sequence[str] = ()
    ) -> None:
        """`of_row` names the parameters that stand in each row, `of_all` those that all rows have alike."""
        self._statement = statement
        self._of_row = tuple(of_row)
        self._text: str | None = None
        self._sources: list[_Source] = []
        if dialect.bind_typing is BindTyping.NONE and dialect.positional:
            self._prepare(dialect, (*of_row, *of_all))

    def _prepare(self, dialect: sa.Dialect, names: Sequence[str]) -> None:
        compiled = self._statement.compile(dialect=dialect, column_keys=list(names))
        assert isinstance(compiled, sa.sql.compiler.SQLCompiler)
        places = {name: place for place, name in enumerate(self._of_row)}
        for name in compiled.positiontup or ():
            parameter = compiled.binds[name]
            convert = parameter.type.dialect_impl(dialect).bind_processor(dialect)
            constant = None if name in names else parameter.effective_value
            self._sources.append(_Source(name, places.get(name), constant, convert))
        self._text = str(compiled)

    def execute(
        self,
        connection: sa.Connection,
        rows: Sequence[tuple[Any, ...]],
        of_all: Mapping[str, Any] | None = None,
    ) -> None:
        """Carry it out for each row; `rows` in the order of `of_row`, and at least one."""
        of_all = of_all or {}
        if self._text is None:
            each = [{**of_all, **dict(zip(self._of_row, row, strict=True))} for row in rows]
            connection.execute(self._statement, each)
            return
        columns = list(zip(*rows, strict=True))
        connection.exec_driver_sql(
            self._text, list(zip(*[source.values(columns, of_all) for source in self._sources], strict=False))
        )


class _Source:
    """Where the values of one of the driver's parameters come from."""

    __slots__ = ("_constant", "_convert", "_name", "_place")

    def __init__(
        self, name: str, place: int | None, constant: Any, convert: Callable[[Any], Any] | None
    ) -> None:
        self._name = name
        self._place = place
        self._constant = constant
        self._convert = convert

    def values(self, columns: Sequence[tuple[Any, ...]], of_all: Mapping[str, Any]) -> Iterable[Any]:
        """One for each row, or one without end for all of them."""
        if self._place is None:
            value = of_all.get(self._name, self._constant)
            return repeat(self._convert(value) if self._convert else value)
        values = columns[self._place]
        return map(self._convert, values) if self._convert else values
