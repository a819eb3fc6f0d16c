"""What a board lacks, and how it would be made."""

import pytest

from core.config.model import ColumnMapping, Profile
from core.config.transforms import Lookup
from core.monday.board import Board, BoardSchema, Column
from core.workspace.board_setup import BoardSetupPlan, column_ids_lines, plan_from_mapping, plan_like

NAME = Column("name", "Name", "name")
SUBTASKS = Column("subtasks", "Subitems", "subtasks", {"boardIds": ["2"]})


def schema(*columns: Column, subitems: tuple[Column, ...] | None = ()) -> BoardSchema:
    if subitems is None:
        return BoardSchema(Board("1", "Orders", (NAME, *columns)), None)
    return BoardSchema(
        Board("1", "Orders", (NAME, SUBTASKS, *columns)), Board("2", "Subitems", (NAME, *subitems))
    )


def rule(column: str, source: str, column_type: str = "text", **more: object) -> ColumnMapping:
    return ColumnMapping(column=column, source=source, type=column_type, **more)


@pytest.fixture
def profile_with(desk):
    """The desk's profile with these rules and no key columns."""

    def make(
        *items: ColumnMapping, subitems: tuple[ColumnMapping, ...] = (), keys=None, lookups=None, **more
    ) -> Profile:
        own = desk.configuration.profiles["practice"]
        mapping = own.mapping_set.model_copy(
            update={
                "items": items,
                "subitems": subitems,
                "item_key_column": keys,
                "subitem_key_column": None,
                "lookups": lookups or {},
            }
        )
        return own.model_copy(update={"mapping_set": mapping, **more})

    return make


def created(plan: BoardSetupPlan) -> list[tuple[str, str, str, str | None]]:
    return [(step.side, step.column.title, step.column.type, step.column.id) for step in plan.steps]


# --- From the mapping


def test_a_missing_column_is_titled_like_its_source_and_keeps_its_id(profile_with):
    plan = plan_from_mapping(profile_with(rule("text_po", "PO NUMBER")), schema())
    assert created(plan) == [("items", "PO NUMBER", "text", "text_po")]
    assert not plan.complete


def test_what_the_board_has_is_not_made(profile_with):
    plan = plan_from_mapping(profile_with(rule("po", "PO NUMBER")), schema(Column("po", "Purchase", "text")))
    assert plan.complete
    assert plan.by_hand == ()


def test_an_id_that_may_not_be_asked_for_is_left_to_the_service(profile_with):
    plan = plan_from_mapping(profile_with(rule("long_text_style_description", "STYLE")), schema())
    assert created(plan) == [("items", "STYLE", "text", None)]


def test_a_template_s_column_is_titled_by_its_id(profile_with):
    match = ColumnMapping(column="text_match_alias", template="{STYLE}_{COLOR}", type="text")
    plan = plan_from_mapping(profile_with(match), schema())
    assert created(plan) == [("items", "MATCH ALIAS", "text", "text_match_alias")]


def test_a_key_column_without_a_rule_is_made_too(profile_with):
    plan = plan_from_mapping(profile_with(keys="record_uuid"), schema())
    assert created(plan) == [("items", "record_uuid", "text", "record_uuid")]


def test_a_column_of_another_type_is_a_person_s_to_settle(profile_with):
    plan = plan_from_mapping(profile_with(rule("po", "PO")), schema(Column("po", "PO", "numbers")))
    (told,) = plan.by_hand
    assert plan.complete
    assert "po is a numbers column on the board, the mapping says text" in told.what


def test_an_archived_column_is_restored_not_made_again(profile_with):
    archived = Column("po", "PO", "text", archived=True)
    plan = plan_from_mapping(profile_with(rule("po", "PO")), schema(archived))
    assert plan.complete
    assert "Restore it" in plan.by_hand[0].remedy


def test_a_column_under_another_id_is_taken_over_by_its_title(profile_with):
    present = Column("text_mkx1", "Po-Number", "text")
    plan = plan_from_mapping(profile_with(rule("po", "PO NUMBER")), schema(present))
    assert plan.complete
    assert column_ids_lines(plan) == ('po = "text_mkx1"',)


def test_a_similar_column_is_pointed_out_before_another_is_made(profile_with):
    present = Column("text_mkx1", "CUSTOMER STYLE", "text")
    plan = plan_from_mapping(profile_with(rule("style", "STYLE")), schema(present))
    (step,) = plan.steps
    assert 'put style = "text_mkx1" into column_ids instead' in step.note


def test_a_read_only_type_is_a_person_s_to_make(profile_with):
    plan = plan_from_mapping(profile_with(rule("total", "TOTAL", "formula")), schema())
    assert plan.complete
    assert "formula column cannot be made" in plan.by_hand[0].what


def test_labels_are_those_that_the_rule_names(profile_with):
    unit = rule(
        "unit",
        "UNIT",
        "status",
        default="EACH",
        on_unknown_label="map",
        unknown_label="OTHER",
        transforms=(Lookup(lookup="units"),),
    )
    plan = plan_from_mapping(profile_with(unit, lookups={"units": {"E": "EACH", "S": "SET"}}), schema())
    assert [label.text for label in plan.steps[0].column.labels] == ["EACH", "OTHER", "SET"]


def test_labels_that_nobody_names_are_said_to_be_missing(profile_with):
    plan = plan_from_mapping(profile_with(rule("unit", "UNIT", "dropdown")), schema())
    assert "--like" in plan.steps[0].note


def test_the_subitems_column_comes_before_the_columns_of_the_subitems(profile_with):
    plan = plan_from_mapping(profile_with(subitems=(rule("size", "size_code"),)), schema(subitems=None))
    assert created(plan) == [
        ("items", "Subitems", "subtasks", None),
        ("subitems", "size_code", "text", "size"),
    ]


def test_ids_are_written_by_their_name_in_the_mapping_set(profile_with):
    # The set says po, this profile's board was said to have text_old.
    profile = profile_with(rule("text_old", "PO"), column_ids={"po": "text_old"})
    plan = plan_from_mapping(profile, schema(Column("text_mkx1", "PO", "text")))
    assert column_ids_lines(plan) == ('po = "text_mkx1"',)


def test_an_id_with_odd_signs_is_quoted(profile_with):
    plan = plan_from_mapping(profile_with(rule("p.o", "PO")), schema(Column("text_mkx1", "PO", "text")))
    assert column_ids_lines(plan) == ('"p.o" = "text_mkx1"',)


# --- Like another board


def test_what_the_other_board_has_is_made_with_its_labels_and_settings(profile_with):
    model = schema(
        Column("unit", "UNIT", "dropdown", {"labels": [{"id": 1, "label": "EACH"}], "limit_select": True}),
        Column("price", "PRICE", "numbers", {"unit": {"symbol": "$", "custom_unit": None}}),
        subitems=(Column("size", "Size", "text"),),
    )
    plan = plan_like(model, None, profile_with(), schema())
    assert created(plan) == [
        ("items", "UNIT", "dropdown", "unit"),
        ("items", "PRICE", "numbers", "price"),
        ("subitems", "Size", "text", "size"),
    ]
    assert [label.text for label in plan.steps[0].column.labels] == ["EACH"]
    assert plan.steps[1].column.settings == {"unit": {"symbol": "$"}}


def test_a_board_that_has_everything_needs_nothing(profile_with):
    model = schema(Column("price", "PRICE", "numbers"))
    plan = plan_like(model, None, profile_with(), model)
    assert plan.complete
    assert plan.by_hand == ()


@pytest.mark.parametrize("column_type", ["mirror", "formula", "button", "progress"])
def test_what_the_api_does_not_make_is_told_with_what_to_do(profile_with, column_type):
    plan = plan_like(schema(Column("x", "TOTAL", column_type)), None, profile_with(), schema())
    (told,) = plan.by_hand
    assert plan.complete
    assert column_type in told.what
    assert "on the board" in told.remedy


def test_a_connection_is_made_and_left_to_be_chosen(profile_with):
    model = schema(Column("r", "PLANNING", "board_relation", {"boardIds": ["3"]}))
    (step,) = plan_like(model, None, profile_with(), schema()).steps
    assert dict(step.column.settings) == {}
    assert "which boards it connects" in step.note


def test_labels_that_a_present_column_lacks_are_a_person_s_to_add(profile_with):
    def unit(*labels: str) -> Column:
        entries = [{"id": number, "label": label} for number, label in enumerate(labels)]
        return Column("unit", "UNIT", "status", {"labels": entries})

    plan = plan_like(schema(unit("A", "B", "C")), None, profile_with(), schema(unit("B")))
    assert plan.complete
    assert "it lacks 2 labels: A, C" in plan.by_hand[0].what


def test_too_many_labels_are_told_before_anything_is_sent(profile_with):
    labels = [{"id": number, "label": "x" * 31} for number in range(1)]
    model = schema(Column("unit", "UNIT", "status", {"labels": labels}))
    plan = plan_like(model, None, profile_with(), schema())
    assert plan.complete
    assert "30 characters" in plan.by_hand[0].what


def test_a_mapped_column_under_another_id_becomes_a_line_of_column_ids(profile_with):
    profile = profile_with(rule("price", "PRICE", "numbers"))
    board = schema(Column("numeric_mkx1", "PRICE", "numbers"), Column("text_mkx2", "NOTES", "text"))
    model = schema(Column("price", "PRICE", "numbers"), Column("notes", "NOTES", "text"))
    plan = plan_like(model, None, profile, board)
    assert column_ids_lines(plan) == ('price = "numeric_mkx1"',)  # no rule names NOTES


def test_the_ids_of_both_profiles_are_taken_into_account(profile_with):
    price = rule("price", "PRICE", "numbers")
    development = profile_with(
        price.model_copy(update={"column": "numeric_dev"}), column_ids={"price": "numeric_dev"}
    )
    production = profile_with(
        price.model_copy(update={"column": "price_prod"}), column_ids={"price": "price_prod"}
    )
    model = schema(Column("numeric_dev", "PRICE", "numbers"))
    plan = plan_like(model, development, production, schema())
    assert created(plan) == [("items", "PRICE", "numbers", "price_prod")]
    assert plan.steps[0].in_set == "price"
    assert plan_like(
        model, development, production, schema(Column("price_prod", "PRICE", "numbers"))
    ).complete


def test_a_type_that_differs_is_told_and_not_made_twice(profile_with):
    model = schema(Column("price", "PRICE", "numbers"))
    plan = plan_like(model, None, profile_with(), schema(Column("price", "PRICE", "text")))
    assert plan.complete
    assert "it is a text column, on the other board a numbers column" in plan.by_hand[0].what
