"""Where the files that travel with the application are found."""

import sys

from core.resources import resource_path, shipped_configuration


def test_resources_and_the_shipped_configuration_are_there():
    assert resource_path("orders", "order_list_columns.tsv").is_file()
    assert resource_path().is_dir()
    assert shipped_configuration().is_file()


def test_an_installed_build_finds_them_where_it_was_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resource_path("icons") == tmp_path / "resources" / "icons"
    assert shipped_configuration().parent == tmp_path / "configs"
