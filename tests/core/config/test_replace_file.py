"""A save: what it would change is told first, and no save can damage the file."""

import os
import tempfile
from pathlib import Path

import pytest

from core.config.edit import preview_save, save_mapping
from core.config.load import load_configuration
from core.config.model import MappingSet
from core.config.transforms import Lookup
from core.errors import ConfigurationError
from tests.core.config.commented import COMMENTED, edit, profile, rules

# --- What a save would do


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "orders.toml"
    path.write_text(COMMENTED, encoding="utf-8")
    return path


def renamed(name: str = "{BRAND}") -> MappingSet:
    return profile().mapping_set.model_copy(update={"group_name": name})


def test_the_difference_that_a_save_would_make_is_told_and_nothing_is_written(path):
    shown = preview_save(profile(), renamed(), path=path, loaded_text=COMMENTED)
    assert path.read_text(encoding="utf-8") == COMMENTED
    assert list(path.parent.iterdir()) == [path]
    assert shown.diff.splitlines()[:2] == ["--- orders.toml", "+++ orders.toml as it would be saved"]
    assert [line for line in shown.diff.splitlines()[2:] if line[0] in "+-"] == [
        '-group_name = "{CUSTOMER NAME}"   # a group a customer',
        '+group_name = "{BRAND}"   # a group a customer',
    ]
    assert save_mapping(profile(), renamed(), path=path, loaded_text=COMMENTED) == shown.new_text


def test_without_a_change_there_is_no_difference(path):
    shown = preview_save(profile(), profile().mapping_set, path=path, loaded_text=COMMENTED)
    assert (shown.diff, shown.new_text) == ("", COMMENTED)


def test_what_a_save_would_refuse_is_refused_before_it(path):
    with pytest.raises(ConfigurationError, match="expected at least one character"):
        preview_save(profile(), renamed(""), path=path, loaded_text=COMMENTED)
    path.write_text(COMMENTED + "# theirs\n", encoding="utf-8")
    with pytest.raises(ConfigurationError, match="changed by somebody else"):
        preview_save(profile(), renamed(), path=path, loaded_text=COMMENTED)


def test_a_rule_without_its_lookup_table_is_refused_on_its_line(path):
    key, style, price = rules()
    items = (key, edit(style, transforms=(Lookup(lookup="colors"),)), price)
    mapping = profile().mapping_set.model_copy(update={"items": items})
    with pytest.raises(ConfigurationError) as caught:
        save_mapping(profile(), mapping, path=path, loaded_text=COMMENTED)
    assert "items.1.transforms.0.lookup: expected a table" in caught.value.problem.title
    assert path.read_text(encoding="utf-8") == COMMENTED


# --- The file


def test_saving_replaces_the_file_keeps_its_mode_and_a_copy_of_the_old_one(path):
    path.chmod(0o640)
    text = save_mapping(profile(), renamed(), path=path, loaded_text=COMMENTED)
    assert path.read_text(encoding="utf-8") == text != COMMENTED
    assert load_configuration(path).profiles["demo"].mapping_set.group_name == "{BRAND}"
    assert path.stat().st_mode & 0o777 == 0o640
    (backup,) = path.parent.glob("orders.toml.*.bak")
    assert backup.stat().st_mode & 0o777 == 0o600
    assert backup.read_text(encoding="utf-8") == COMMENTED
    assert set(path.parent.iterdir()) == {path, backup}


def test_saving_through_a_link_changes_the_file_behind_it(path):
    link = path.with_name("link.toml")
    link.symlink_to(path)
    save_mapping(profile(), renamed(), path=link, loaded_text=COMMENTED)
    assert link.is_symlink()
    assert "{BRAND}" in path.read_text(encoding="utf-8")


def test_a_file_changed_on_disk_is_not_touched(path):
    path.write_text(COMMENTED + "# theirs\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        save_mapping(profile(), renamed(), path=path, loaded_text=COMMENTED)
    assert caught.value.problem.code == "configuration_changed_on_disk"
    assert "F5" in caught.value.problem.remedy
    assert path.read_text(encoding="utf-8") == COMMENTED + "# theirs\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_change_between_the_check_and_the_replacement_is_not_overwritten(path, monkeypatch):
    make = tempfile.mkstemp

    def disturbed(**options: object) -> tuple[int, str]:
        path.write_text(COMMENTED + "# theirs\n", encoding="utf-8")
        return make(**options)

    monkeypatch.setattr(tempfile, "mkstemp", disturbed)
    with pytest.raises(ConfigurationError, match="changed by somebody else"):
        save_mapping(profile(), renamed(), path=path, loaded_text=COMMENTED)
    assert path.read_text(encoding="utf-8") == COMMENTED + "# theirs\n"
    assert list(path.parent.iterdir()) == [path]


def test_an_invalid_result_never_replaces_the_file_and_names_it(path):
    with pytest.raises(ConfigurationError) as caught:
        save_mapping(profile(), renamed(""), path=path, loaded_text=COMMENTED)
    assert caught.value.problem.title == "mappings.orders.group_name: expected at least one character"
    assert caught.value.problem.subject == f"{path}, line 18"
    assert list(path.parent.iterdir()) == [path]
    assert path.read_text(encoding="utf-8") == COMMENTED


@pytest.mark.parametrize(
    ("ids", "column"),
    [
        ('price = "style_mkx1"', "price"),  # two columns, one id
        ('price = "po_key"', "price"),  # the id of another column
        ('po_key = "po_key_mkx1"', "style"),  # an id that this profile replaces
    ],
)
def test_column_ids_that_do_not_tell_columns_apart_never_change_the_file(ids, column, path):
    text = COMMENTED.replace('po_key = "po_key_mkx1"', ids)
    path.write_text(text, encoding="utf-8")
    production = profile(text, "production")
    items = (*production.mapping_set.items[:2], edit(production.mapping_set.items[2], column=column))
    mapping = production.mapping_set.model_copy(update={"group_name": "{BRAND}", "items": items})
    with pytest.raises(ConfigurationError) as caught:
        save_mapping(production, mapping, path=path, loaded_text=text)
    assert caught.value.problem.code == "configuration_not_saved"
    assert path.read_text(encoding="utf-8") == text
    assert list(path.parent.iterdir()) == [path]


def test_a_folder_that_may_not_be_written_gives_a_message(path, monkeypatch):
    def refused(**_options: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "mkstemp", refused)
    with pytest.raises(ConfigurationError) as caught:
        save_mapping(profile(), renamed(), path=path, loaded_text=COMMENTED)
    assert caught.value.problem.title == "The configuration could not be saved: Permission denied"
    assert path.read_text(encoding="utf-8") == COMMENTED


@pytest.mark.parametrize("copies", [0, 1])
def test_a_disk_that_is_full_leaves_the_file_and_no_half_one(copies, path, monkeypatch):
    flush, done = os.fsync, iter(range(copies))

    def full(descriptor: int) -> None:
        if next(done, None) is None:
            raise OSError(28, "No space left on device")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigurationError, match="No space left on device"):
        save_mapping(profile(), renamed(), path=path, loaded_text=COMMENTED)
    assert list(path.parent.iterdir()) == [path]
    assert path.read_text(encoding="utf-8") == COMMENTED
