import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester

from core.config.model import ColumnMapping, Profile, ProfileKind
from gui.models.source_columns import (
    SourceColumn,
    SourceColumnsModel,
    dragged_source,
    orders_own,
    used_sources,
)

COLUMNS = (
    SourceColumn("STYLE", "Parka", ("Style", "matchAlias")),
    SourceColumn("SEASON", "SS27"),
    SourceColumn("NOTES"),
)


@pytest.fixture
def model(qapp):
    model = SourceColumnsModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    model.set_columns(COLUMNS)
    model.narrow("", unmapped_only=False)
    return model


def shown(model):
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def test_that_a_row_tells_name_sample_and_the_board_columns_made_from_it(model):
    assert [model.index(0, column).data() for column in range(2)] == ["STYLE", "Parka"]
    words = model.index(0, 0).data(Qt.ItemDataRole.ToolTipRole)
    assert words == "STYLE: Parka in the sample order; mapped to Style, matchAlias"
    assert "empty in the sample order; not mapped" in model.index(2, 0).data(Qt.ItemDataRole.ToolTipRole)


def test_that_other_samples_leave_the_rows_where_they_are(model, qtbot):
    with qtbot.assertNotEmitted(model.rowsRemoved), qtbot.waitSignal(model.dataChanged):
        model.set_columns([SourceColumn(each.name, "new", each.used_by) for each in COLUMNS])
    assert model.index(2, 1).data() == "new"


def test_that_the_filter_searches_names_and_samples_of_what_is_not_mapped(model):
    model.narrow("", unmapped_only=True)
    assert shown(model) == ["SEASON", "NOTES"]
    model.narrow("ss2", unmapped_only=True)
    assert shown(model) == ["SEASON"]
    model.narrow("parka", unmapped_only=True)
    assert shown(model) == []
    model.narrow("parka", unmapped_only=False)
    assert shown(model) == ["STYLE"]
    assert len(model.columns) == 3


def test_that_a_dragged_column_travels_by_its_name_whatever_its_letters(model):
    data = model.mimeData([model.index(1, 0)])
    assert dragged_source.name_in(data) == "SEASON"
    assert data.text() == "{SEASON}"
    assert dragged_source.name_in(dragged_source.data("Größe ∆")) == "Größe ∆"


def test_that_rules_and_templates_use_their_sources_once_each():
    rules = (
        ColumnMapping(column="style", type="text", source="STYLE"),
        ColumnMapping(column="alias", type="text", template="{STYLE}_{PO}_{STYLE}"),
        ColumnMapping(column="new", type="text", source="PO").model_copy(update={"column": ""}),
    )
    assert used_sources(rules, {"style": "Style"}) == {
        "STYLE": ("Style", "alias"),
        "PO": ("alias", "a new rule"),
    }


def test_that_columns_in_which_the_engine_keeps_its_state_are_not_the_order_s_own():
    profile = Profile.model_validate(
        {
            "name": "demo",
            "kind": ProfileKind.DEMO,
            "api_url": "practice-board",
            "token_source": "practice-board",
            "board_id": "1",
            "database_url": "sqlite://",
            "mapping": "m",
            "mapping_set": {"group_name": "{A}", "item_name": "{A}", "subitem_name": "{A}"},
        }
    )
    names = ("record_uuid", "sync_state", "STYLE", "monday_item_id", "row_hash", "size_code")
    assert orders_own(profile, names) == ("record_uuid", "STYLE", "size_code")
