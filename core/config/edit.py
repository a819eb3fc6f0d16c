"""Edits to the mapping, written back into the file: only what changed moves, comments and order stay."""

import difflib
import tomllib
from dataclasses import dataclass
from pathlib import Path

from core.config.load import parse_configuration, read_text, with_column_ids
from core.config.lookups_text import write_lookups
from core.config.model import MappingSet, Profile
from core.config.positions import TableSpan, key_lines, table_spans
from core.config.replace_file import replace_file
from core.config.rules_text import TextEdit, edit_table, write_rules
from core.config.toml_values import update_keys
from core.errors import ConfigurationError, Problem

_TABLES = {"items", "subitems", "lookups"}
"""Keys of a mapping set that are tables in the file."""


@dataclass(frozen=True, slots=True)
class SavePreview:
    """What a save would do to the file."""

    new_text: str
    diff: str
    """A unified diff of the file's lines with three lines around each change; empty when nothing changes."""


def preview_save(profile: Profile, mapping: MappingSet, *, path: Path, loaded_text: str) -> SavePreview:
    """What `save_mapping` would write, without writing. Raises ConfigurationError as it would."""
    current = _unchanged_text(path, loaded_text)
    text = _checked_text(current, profile, mapping, path)
    lines = difflib.unified_diff(
        current.splitlines(), text.splitlines(), path.name, f"{path.name} as it would be saved", lineterm=""
    )
    return SavePreview(text, "\n".join(lines))


def save_mapping(profile: Profile, mapping: MappingSet, *, path: Path, loaded_text: str) -> str:
    """Write a profile's mapping set into its file and return the new text.

    `loaded_text` is the text that the mapping was read from. The whole new text is checked before it replaces
    the old file atomically; the old one stays beside it with a time stamp. Raises ConfigurationError when the
    file was changed on disk meanwhile, or when the result would not be valid; the file is then untouched.
    """
    current = _unchanged_text(path, loaded_text)
    text = _checked_text(current, profile, mapping, path)
    if text != current and not replace_file(path.resolve(), text, expected=current):
        raise _changed_on_disk(path)
    return text


def _unchanged_text(path: Path, loaded_text: str) -> str:
    if read_text(path) != loaded_text:
        raise _changed_on_disk(path)
    return loaded_text


def _changed_on_disk(path: Path) -> ConfigurationError:
    return ConfigurationError(
        Problem(
            "configuration_changed_on_disk",
            "The configuration was changed by somebody else since it was opened",
            str(path),
            "Reload the configuration (F5) and make the change again.",
        )
    )


def _checked_text(text: str, profile: Profile, mapping: MappingSet, path: Path) -> str:
    """Raises ConfigurationError unless the new text is valid and gives back exactly this mapping."""
    edited = edited_text(text, profile, mapping)
    if edited != text and parse_configuration(edited, path).profiles[profile.name].mapping_set != mapping:
        raise _ambiguous_ids(profile)
    return edited


def edited_text(text: str, profile: Profile, mapping: MappingSet) -> str:
    """The file's text with the profile's mapping set changed; byte for byte the same when nothing differs.

    Column ids go back to those of the set where the profile has others. Raises ConfigurationError for a set
    that is not written as tables of its own, since its comments could not be kept.
    """
    before = MappingSet.model_validate(tomllib.loads(text)["mappings"][profile.mapping])
    if _with_ids_of_set(with_column_ids(before, profile.column_ids), profile) != before:
        raise _ambiguous_ids(profile)
    after = _with_ids_of_set(mapping, profile)
    if before == after:
        return text
    where = ("mappings", profile.mapping)
    spans = [span for span in table_spans(text) if span.path[:2] == where]
    edit = TextEdit.of(text)
    names = after.model_dump(exclude=_TABLES)
    if names != before.model_dump(exclude=_TABLES):
        (table,) = _written_as_tables([span for span in spans if span.path == where], 1, profile)
        block = edit_table(
            edit.block(table.first, table.last), where, lambda found: update_keys(found, names)
        )
        edit.replace(table.first, table.last, block)
    behind = max((span.last for span in spans if span.path == where), default=len(edit.lines))
    lookups = [span for span in spans if span.path[2:3] == ("lookups",)]
    if before.lookups != after.lookups:
        if not lookups and (*where, "lookups") in key_lines(text):
            raise _not_editable(profile)
        write_lookups(edit, (*where, "lookups"), lookups, before.lookups, after.lookups, behind=behind)
    behind = max((behind, *(span.last for span in lookups)))
    for key, old, new in (
        ("items", before.items, after.items),
        ("subitems", before.subitems, after.subitems),
    ):
        rules = [span for span in spans if span.path[2:3] == (key,)]
        if old != new:
            written = _written_as_tables(rules, len(old), profile)
            write_rules(edit, (*where, key), written, old, new, behind=behind)
        behind = max((behind, *(span.last for span in rules)))
    return edit.text()


def _with_ids_of_set(mapping: MappingSet, profile: Profile) -> MappingSet:
    """The mapping set with the board's column ids turned back into those that the file's set has."""
    back = {on_board: in_set for in_set, on_board in profile.column_ids.items()}
    return with_column_ids(mapping, back)


def _written_as_tables(spans: list[TableSpan], wanted: int, profile: Profile) -> list[TableSpan]:
    if len(spans) != wanted:
        raise _not_editable(profile)
    return spans


def _not_editable(profile: Profile) -> ConfigurationError:
    table = f"mappings.{profile.mapping}"
    return ConfigurationError(
        Problem(
            "configuration_not_editable",
            "The mapping is not written as tables of its own, so its comments could not be kept",
            f"mapping {profile.mapping}",
            f"Write it as [{table}] with [[{table}.items]] and [{table}.lookups.NAME], "
            "or make this change in an editor.",
        )
    )


def _ambiguous_ids(profile: Profile) -> ConfigurationError:
    return ConfigurationError(
        Problem(
            "configuration_not_saved",
            "The profile's column_ids do not tell which column of the mapping is meant",
            f"profile {profile.name}",
            "Let each id stand for one column, and map to the board's own ids; the file is unchanged.",
        )
    )
