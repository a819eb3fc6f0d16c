"""A mapping that is being edited, against itself and the columns of the delta tables."""

from core.config.model import ColumnMapping, MappingSet
from core.config.transforms import Lookup
from core.mapping.findings import Severity
from core.workspace.check_sources import check_sources

HEADERS = ("CUSTOMER NAME", "PO NUMBER", "STYLE")
LINES = ("size_code", "qty")
SOUND = MappingSet(group_name="{CUSTOMER NAME}", item_name="{STYLE}", subitem_name="{size_code}")


def found(**update) -> list[tuple[str, int | None, str, tuple]]:
    mapping = SOUND.model_copy(update=update)
    return [
        (each.board, each.index, each.code, each.field) for each in check_sources(mapping, HEADERS, LINES)
    ]


def unfinished(**values) -> ColumnMapping:
    """A rule as the form has it before it is complete."""
    rule = ColumnMapping(column="text_po", type="text", source="PO NUMBER")
    return rule.model_copy(update=values)


def test_a_sound_mapping_has_no_finding():
    assert found(items=(unfinished(),)) == []


def test_an_empty_name_is_told_with_its_key():
    assert found(item_name=" ") == [("items", None, "name_missing", ("item_name",))]


def test_a_rule_without_source_or_without_board_column_is_told_as_unfinished():
    rules = (unfinished(), unfinished(source=None, template=""), unfinished(column=""))
    assert found(items=rules) == [
        ("items", 1, "source_missing", ()),
        ("items", 2, "column_missing", ("column",)),
    ]


def test_both_columns_of_a_fallback_must_be_there():
    rule = unfinished(source=None, template="{CUSTOMER ALT PO|PO NUMBER}")
    assert found(items=(rule,)) == [("items", 0, "source_not_in_table", ("template",))]


def test_a_column_of_the_other_table_is_told_as_such():
    mapping = SOUND.model_copy(update={"items": (unfinished(source="qty"),)})
    (finding,) = check_sources(mapping, HEADERS, LINES)
    assert finding.remedy.startswith("'qty' is a column of the lines table")


def test_a_lookup_without_its_table_and_a_table_without_a_lookup_are_told():
    rule = unfinished(transforms=("trim", Lookup(lookup="colors")))
    mapping = SOUND.model_copy(update={"items": (rule,), "lookups": {"colours": {"BLK": "Black"}}})
    missing, unused = check_sources(mapping, HEADERS, LINES)
    assert (missing.code, missing.index, missing.field) == ("lookup_missing", 0, ("transforms", 1))
    assert "Did you mean 'colours'?" in missing.remedy
    assert (unused.code, unused.severity) == ("lookup_unused", Severity.WARNING)
