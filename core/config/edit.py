"""Edits to the mapping, written back into the file: only what changed moves, comments and order stay."""

import os
import tempfile
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from core.config.load import parse_configuration, read_text, with_column_ids
from core.config.model import MappingSet, Profile
from core.config.positions import TableSpan, table_spans
from core.config.rules_text import TextEdit, edit_table, update_keys, write_rules
from core.errors import ConfigurationError, Problem


def save_mapping(profile: Profile, mapping: MappingSet, *, path: Path, loaded_text: str) -> str:
    """Write a profile's mapping set into its file and return the new text.

    `loaded_text` is the text that the mapping was read from. The whole new text is checked before it replaces
    the old file atomically; the old one stays beside it with a time stamp. Raises ConfigurationError when the
    file was changed on disk meanwhile, or when the result would not be valid; the file is then untouched.
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
        _check(text, profile, mapping, path)
        _replace(path.resolve(), text)
    return text


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
    if before.model_copy(update={"items": after.items, "subitems": after.subitems}) != after:
        names = after.model_dump(exclude={"items", "subitems"})
        (table,) = _written_as_tables([span for span in spans if span.path == where], 1, profile)
        block = edit_table(
            edit.block(table.first, table.last), where, lambda found: update_keys(found, names)
        )
        edit.replace(table.first, table.last, block)
    behind = max((span.last for span in spans if span.path == where), default=len(edit.lines))
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
    if len(spans) == wanted:
        return spans
    raise ConfigurationError(
        Problem(
            "configuration_not_editable",
            "The mapping is not written as tables of its own, so its comments could not be kept",
            f"mapping {profile.mapping}",
            f"Write it as [mappings.{profile.mapping}] with [[mappings.{profile.mapping}.items]], "
            "or make this change in an editor.",
        )
    )


def _check(text: str, profile: Profile, mapping: MappingSet, path: Path) -> None:
    """Raises ConfigurationError unless the new text is valid and gives back exactly this mapping."""
    if parse_configuration(text, path).profiles[profile.name].mapping_set != mapping:
        raise _ambiguous_ids(profile)


def _ambiguous_ids(profile: Profile) -> ConfigurationError:
    return ConfigurationError(
        Problem(
            "configuration_not_saved",
            "The profile's column_ids do not tell which column of the mapping is meant",
            f"profile {profile.name}",
            "Let each id stand for one column, and map to the board's own ids; the file is unchanged.",
        )
    )


def _replace(path: Path, text: str) -> None:
    """Keep the present file beside the new one, which takes its place in one step."""
    new: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".deltadesk.", suffix=".new")
        new = Path(name)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text.encode("utf-8"))
            file.flush()
            os.fsync(file.fileno())
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        path.with_name(f"{path.name}.{stamp}.bak").write_bytes(path.read_bytes())
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
        if new is not None:
            new.unlink(missing_ok=True)
