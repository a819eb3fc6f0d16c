"""A mapping as a text that names its content, and its rules as the file has them."""

from core.config.load import parse_configuration
from core.config.mapping_text import mapping_from_json, mapping_hash, mapping_json, rules_text
from core.config.model import ColumnMapping, MappingSet
from core.config.transforms import Lookup, Replace, Round, Split
from core.resources import shipped_configuration


def a_mapping(**update) -> MappingSet:
    rule = ColumnMapping(
        column="text_one",
        type="text",
        source="ONE",
        transforms=("trim", Split(split="-", part=2), Replace(replace="A", by="B"), Lookup(lookup="colours")),
    )
    other = ColumnMapping(column="two", type="numbers", template="{ONE|TWO}", transforms=(Round(decimals=2),))
    made = MappingSet(
        group_name="{CUSTOMER}",
        item_name="{ONE} Ω",
        subitem_name="{SIZE}",
        lookups={"colours": {"BLK": "Black", "WHT": "White"}},
        items=(rule, other),
    )
    return made.model_copy(update=update)


def test_a_mapping_reads_back_as_it_was_written():
    assert mapping_from_json(mapping_json(a_mapping())) == a_mapping()


def test_the_shipped_mapping_reads_back_as_it_was_written():
    path = shipped_configuration()
    for profile in parse_configuration(path.read_text(encoding="utf-8"), path).profiles.values():
        assert mapping_from_json(mapping_json(profile.mapping_set)) == profile.mapping_set


def test_a_default_that_is_written_out_and_the_order_of_lookups_change_no_hash():
    one = ColumnMapping(column="c", type="text", source="S")
    spelled_out = ColumnMapping(column="c", type="text", source="S", required=False, on_too_long="refuse")
    assert mapping_hash(a_mapping(items=(one,))) == mapping_hash(a_mapping(items=(spelled_out,)))
    turned = {"colours": {"WHT": "White", "BLK": "Black"}}
    assert mapping_hash(a_mapping(lookups=turned)) == mapping_hash(a_mapping())


def test_another_value_and_another_order_of_rules_change_the_hash():
    digests = {
        mapping_hash(a_mapping()),
        mapping_hash(a_mapping(item_name="{TWO}")),
        mapping_hash(a_mapping(items=tuple(reversed(a_mapping().items)))),
        mapping_hash(a_mapping(lookups={"colours": {"BLK": "black"}})),
    }
    assert len(digests) == 4


def test_the_rules_text_is_the_set_s_part_of_the_file_with_its_comments():
    text = shipped_configuration().read_text(encoding="utf-8")
    rules = rules_text(text, "order_list")
    assert rules.startswith("[mappings.order_list]\n")
    assert "# A fixed list on the board" in rules
    assert rules.rstrip() in text
    assert "[profiles" not in rules
    assert rules.count("[[mappings.order_list.items]]") == text.count("[[mappings.order_list.items]]")
    assert rules_text(text, "another") == ""
