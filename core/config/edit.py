"""Edits to the mapping, written back into the file: only what changed moves, comments and order stay."""

import os
import tempfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.items import AoT, Table

from core.config.load import load_configuration, read_text
from core.config.model import ColumnMapping, MappingSet, Profile
from core.errors import ConfigurationError, Problem

_ORDER = ("source", "template", "column", "type")


def save_mapping(profile: Profile, mapping: MappingSet, *, path: Path, loaded_text: str) -> str:
    """Write a profile's mapping set into its file and return the new text.

    `loaded_text` is the text that the mapping was read from. The whole new file is checked before it replaces the
    old one atomically; the old one stays beside it with a time stamp. Raises ConfigurationError when the file was
    changed on disk meanwhile, or when the result would not be valid; the file is then untouched.
    """
    current = read_text(path)
    if current != loaded_text:
        raise ConfigurationError(
            Problem(
                "configuration_changed_on_disk",
                "The configuration was changed by somebody else since it was opened",
                str(path),
                "Reload the configuration (F5) and make the change again.",
            )
        )
    text = edited_text(current, profile, mapping)
    if text != current:
        _replace(path, text)
    return text


def edited_text(text: str, profile: Profile, mapping: MappingSet) -> str:
    """The file's text with the profile's mapping set changed; byte for byte the same when nothing differs."""
    document = tomlkit.parse(text)
    tables = document["mappings"]
    table = tables[profile.mapping]
    back = {on_board: in_set for in_set, on_board in profile.column_ids.items()}

    def in_set(column: str | None) -> str | None:
        return None if column is None else back.get(column, column)

    names = {
        "group_name": mapping.group_name,
        "item_name": mapping.item_name,
        "subitem_name": mapping.subitem_name,
        "item_key_column": in_set(mapping.item_key_column),
        "subitem_key_column": in_set(mapping.subitem_key_column),
    }
    _update(table, names)
    for key, rules in (("items", mapping.items), ("subitems", mapping.subitems)):
        wanted = [rule.model_copy(update={"column": back.get(rule.column, rule.column)}) for rule in rules]
        _update_rules(table, key, wanted)
    return document.as_string()


def rule_table(rule: ColumnMapping) -> dict[str, Any]:
    """A rule as the file holds it: only what differs from the defaults, in the usual order."""
    values = rule.model_dump(exclude_defaults=True)
    if "transforms" in values:
        values["transforms"] = list(values["transforms"])
    first = {key: values.pop(key) for key in _ORDER if key in values}
    return first | values


def _update(table: Any, values: Mapping[str, Any]) -> None:
    for key, value in values.items():
        if value is None:
            table.pop(key, None)
        elif key not in table or table[key] != value:
            table[key] = value


def _update_rules(table: Any, key: str, rules: Sequence[ColumnMapping]) -> None:
    """Match the file's rules with the wanted ones by board column: matched ones keep their place and comments."""
    present: AoT = table.get(key) if key in table else tomlkit.aot()
    left: dict[str, list[Table]] = {}
    for entry in present:
        left.setdefault(str(entry["column"]), []).append(entry)
    kept: list[Table] = []
    for rule in rules:
        same_column = left.get(rule.column)
        entry = same_column.pop(0) if same_column else tomlkit.table()
        wanted = rule_table(rule)
        for gone in [name for name in entry if name not in wanted]:
            entry.remove(gone)
        _update(entry, wanted)
        kept.append(entry)
    if [id(entry) for entry in kept] == [id(entry) for entry in present]:
        return
    rebuilt = tomlkit.aot()
    for entry in kept:
        rebuilt.append(entry)
    table[key] = rebuilt


def _replace(path: Path, text: str) -> None:
    """Check the text as a whole, then put it in the file's place in one step."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    new = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        load_configuration(new)
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        backup = path.with_name(f"{path.name}.{stamp}.bak")
        backup.write_bytes(path.read_bytes())
        new.chmod(path.stat().st_mode & 0o777)
        new.replace(path)
    except OSError as error:
        raise ConfigurationError(
            Problem(
                "configuration_not_saved",
                f"The configuration could not be saved: {error.strerror}",
                str(path),
                "Check that the folder may be written and has room; the file is unchanged.",
            )
        ) from error
    finally:
        new.unlink(missing_ok=True)
