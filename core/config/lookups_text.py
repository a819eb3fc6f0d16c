"""Lookup tables written back into the text they were read from: unchanged entries keep their bytes."""

from collections.abc import Mapping, Sequence
from typing import Any

import tomlkit

from core.config.positions import KeyPath, TableSpan
from core.config.rules_text import TextEdit, dotted, edit_table
from core.config.toml_values import replace_keys

Tables = Mapping[str, Mapping[str, str]]


def write_lookups(
    edit: TextEdit, where: KeyPath, spans: Sequence[TableSpan], before: Tables, after: Tables, *, behind: int
) -> None:
    """Turn the lookup tables `before`, which stand on `spans`, into those `after`.

    `where` is the path of all lookup tables, `spans` are the tables at and under it. New ones go behind the
    last of them, or else behind line `behind`.
    """
    own = {span.path[-1]: span for span in spans if len(span.path) == len(where) + 1}
    common = next((span for span in spans if span.path == where), None)
    changed = [name for name in before if before[name] != after.get(name)]
    for name in changed:
        if span := own.get(name):
            _write(edit, span, after.get(name))
    inline = [name for name in changed if name not in own]
    if common is not None and inline:

        def change(tables: Any) -> None:
            for name in inline:
                if name in after:
                    replace_keys(tables[name], after[name])
                else:
                    tables.pop(name)

        block = edit_table(edit.block(common.first, common.last), where, change)
        edit.replace(common.first, common.last, block)
    last = max((span.last for span in spans), default=behind)
    for name, table in after.items():
        if name not in before:
            entries = tomlkit.dumps(dict(table)).rstrip("\n")
            edit.add_behind(last, f"[{dotted((*where, name))}]\n{entries}".rstrip("\n"))


def _write(edit: TextEdit, span: TableSpan, table: Mapping[str, str] | None) -> None:
    first = edit.comments_above(span.first)
    if table is None:
        edit.remove(first, span.last)
    else:
        block = edit.block(first, span.last)
        edit.replace(first, span.last, edit_table(block, span.path, lambda found: replace_keys(found, table)))
