"""Neither SQL nor GraphQL is ever pasted together from values: they travel as parameters and variables.

The source is searched for texts that are put together where a database or the API gets them. What may stand
in such a text: a constant of the module, and an identifier that a function has quoted.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import core

ROOT = Path(core.__file__).parents[1]
SENDING = {
    *("text", "execute", "executemany", "executescript", "exec_driver_sql", "scalar", "scalars"),
    *("all", "run"),  # the practice board's
}
QUOTING = {"quoted", "quoted_table", "quoted_name"}
CONSTANT = re.compile(r"_?[A-Z][A-Z0-9_]*")
DOCUMENT = re.compile(r"^\s*(query|mutation)\b|\(\w+: ?\$|\{ id \}")
SEEN = {
    # One of two names of key columns, which stand three lines above.
    ("core/demo/staging.py", "key"),
    # One of three tables of our own, named in the line above.
    ("core/prepare/pipeline.py", "table"),
    # The practice board's own file: question marks, and conditions that are written out around them.
    ("core/sandbox/state.py", "marks"),
    ("core/sandbox/state.py", "sql"),
    ("core/sandbox/state.py", "condition"),
    ("core/sandbox/bulk_jobs.py", "condition"),
    # The alias is a letter and a number, the field one of MUTATIONS, what is passed `name: $name`.
    ("core/monday/documents.py", "alias(index)"),
    ("core/monday/documents.py", "field"),
    ("core/monday/documents.py", "', '.join(passed)"),
    # Such an alias, by itself.
    ("core/monday/documents.py", "name"),
}
"""What else is put into such texts: (file, expression). Each was looked at; a new one has to be."""


def modules() -> list[Path]:
    return sorted((ROOT / "core").rglob("*.py"))


def put_in(text: ast.expr) -> list[ast.expr]:
    """What a text is put together from, its fixed parts left out; empty for a fixed text or a name."""
    if isinstance(text, ast.JoinedStr):
        return [part.value for part in text.values if isinstance(part, ast.FormattedValue)]
    if isinstance(text, ast.BinOp) and isinstance(text.op, ast.Add | ast.Mod):
        return [*_operand(text.left), *_operand(text.right)]
    if isinstance(text, ast.Call) and isinstance(text.func, ast.Attribute):
        if text.func.attr in {"format", "format_map"}:
            return [*text.args, *(keyword.value for keyword in text.keywords)]
        if text.func.attr in {"join", "replace"}:
            return list(text.args)
    return []


def _operand(part: ast.expr) -> list[ast.expr]:
    return put_in(part) or ([] if isinstance(part, ast.Constant) else [part])


def is_safe(part: ast.expr) -> bool:
    if isinstance(part, ast.Call):
        return (getattr(part.func, "attr", None) or getattr(part.func, "id", None)) in QUOTING
    name = getattr(part, "attr", None) or getattr(part, "id", None)
    return isinstance(part, ast.Constant) or (name is not None and CONSTANT.fullmatch(name) is not None)


def pasted(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and expression of everything that is put into a statement or a document."""
    for node in ast.walk(tree):
        texts: list[ast.expr] = []
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "attr", None) or getattr(node.func, "id", None)
            texts = [node.args[0]] if name in SENDING else []
        elif isinstance(node, ast.JoinedStr):
            fixed = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
            texts = [node] if DOCUMENT.search(fixed) else []
        for text in texts:
            yield from ((text.lineno, ast.unparse(part)) for part in put_in(text) if not is_safe(part))


def test_no_value_is_pasted_into_a_statement_or_a_document():
    found = []
    for path in modules():
        file = path.relative_to(ROOT).as_posix()
        for line, expression in pasted(ast.parse(path.read_text(encoding="utf-8"))):
            if (file, expression) not in SEEN:
                found.append(f"{file}:{line}: {expression}")
    assert found == []


@pytest.mark.parametrize(
    "source",
    [
        'connection.execute(f"SELECT * FROM t WHERE name = {value}")',
        'sa.text("SELECT 1 WHERE name = \'" + value + "\'")',
        'cursor.execute("SELECT 1 WHERE name = %s" % value)',
        'text("SELECT {}".format(value))',
        'connection.exec_driver_sql(", ".join(values))',
        'document = f"mutation {{ create_item(item_name: {value}) {{ id }} }}"',
        'document = f"query Items {{ items(ids: [{value}]) {{ name }} }}"',
    ],
)
def test_the_search_finds_a_pasted_value(source):
    assert [expression for _, expression in pasted(ast.parse(source))] in (["value"], ["values"])


@pytest.mark.parametrize(
    "source",
    [
        'connection.execute(f"SELECT * FROM {quoted(table)}")',
        'connection.execute(text("SELECT 1 WHERE name = :name"), {"name": value})',
        'cursor.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")',
        'document = f"query Board($ids: [ID!]!) {{ boards(ids: $ids) {{ {BOARD_FIELDS} }} }}"',
    ],
)
def test_the_search_lets_constants_quoted_names_and_parameters_pass(source):
    assert list(pasted(ast.parse(source))) == []
