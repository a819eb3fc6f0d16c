"""Suggested pairs of source and board columns, on the demo's orders and board and on made-up ones."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import pytest

from core.config.load import load_configuration
from core.config.model import ColumnMapping
from core.demo.data import create_orders_database
from core.demo.data_schema import HEADERS_TABLE
from core.mapping.suggestions import (
    BULK_CONFIDENCE,
    Suggestion,
    propose_columns,
    suggest,
    title_words,
)
from core.monday.board import Board, Column, parse_board
from core.resources import resource_path, shipped_configuration

LEAST_SHARE = 0.9
LEAST_SHARE_OF_TITLES_ALONE = 0.8


def board(*columns: Column) -> Board:
    return Board("1", "Orders", columns)


def text(title: str, column_type: str = "text", **more: Any) -> Column:
    return Column(title.lower().replace(" ", "_"), title, column_type, **more)


def labelled(title: str, *labels: str) -> Column:
    settings = {"labels": [{"id": number, "label": label} for number, label in enumerate(labels, 1)]}
    return Column(title.lower(), title, "dropdown", settings)


def pairs(suggestions: Sequence[Suggestion]) -> dict[str, str]:
    return {suggestion.source: suggestion.column_title for suggestion in suggestions}


# --- The demo


@pytest.fixture(scope="module")
def demo_board() -> Board:
    fixture = json.loads(resource_path("boards", "orders.json").read_text(encoding="utf-8"))
    return parse_board(fixture["boards"][0])


@pytest.fixture(scope="module")
def demo_samples(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Sequence[Any]]:
    """Values of every eighth order of the demo, by column."""
    path = tmp_path_factory.mktemp("demo") / "orders.db"
    create_orders_database(path)
    with closing(sqlite3.connect(path)) as connection:
        answer = connection.execute(f'SELECT * FROM "{HEADERS_TABLE}"')
        names = [description[0] for description in answer.description]
        rows = answer.fetchall()[::8]
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


@pytest.fixture(scope="module")
def demo_truth(demo_board: Board, demo_samples: Mapping[str, Sequence[Any]]) -> set[tuple[str, str]]:
    """Source column and board column id: the demo's own rules, and every pair of equal titles."""
    mapping = load_configuration(shipped_configuration()).profiles["demo"].mapping_set
    by_title = {column.title: column.id for column in demo_board.columns if column.writable}
    evident = {(name, by_title[name]) for name in demo_samples if name in by_title}
    return evident | {(rule.source, rule.column) for rule in mapping.items if rule.source is not None}


def test_accepting_the_suggestions_of_the_unmapped_demo_maps_nine_in_ten_pairs(
    demo_board, demo_samples, demo_truth
):
    accepted = {
        (found.source, found.column_id)
        for found in suggest(list(demo_samples), demo_board, (), samples=demo_samples)
        if found.acceptable
    }
    right, wrong = accepted & demo_truth, accepted - demo_truth
    share = len(right) / len(demo_truth)
    print(f"{len(right)} of {len(demo_truth)} pairs = {share:.1%}; accepted beside them: {wrong}")
    assert len(demo_truth) >= 45
    assert share >= LEAST_SHARE
    assert len(wrong) <= len(accepted) * (1 - LEAST_SHARE)


def test_titles_alone_still_find_most_pairs_and_accept_no_wrong_one(demo_board, demo_samples, demo_truth):
    accepted = {
        (found.source, found.column_id)
        for found in suggest(list(demo_samples), demo_board, ())
        if found.acceptable
    }
    right = accepted & demo_truth
    print(f"titles alone: {len(right)} of {len(demo_truth)} pairs = {len(right) / len(demo_truth):.1%}")
    assert len(right) / len(demo_truth) >= LEAST_SHARE_OF_TITLES_ALONE
    assert accepted == right


def test_no_read_only_column_of_the_demo_is_ever_suggested(demo_board, demo_samples):
    # Every board title is a source column too, so that each read-only one would be an equal title.
    sources = [*demo_samples, *(column.title for column in demo_board.columns)]
    suggested = {found.column_id for found in suggest(sources, demo_board, ())}
    read_only = {column.id for column in demo_board.columns if not column.writable}
    assert read_only
    assert suggested
    assert not suggested & read_only


def test_each_column_of_the_demo_is_in_one_pair_at_most(demo_board, demo_samples):
    found = suggest(list(demo_samples), demo_board, (), samples=demo_samples)
    assert len({each.source for each in found}) == len(found)
    assert len({each.column_id for each in found}) == len(found)
    assert [each.confidence for each in found] == sorted((each.confidence for each in found), reverse=True)


def test_what_the_demo_maps_already_is_left_alone(demo_board, demo_samples):
    rules = load_configuration(shipped_configuration()).profiles["demo"].mapping_set.items
    found = suggest(list(demo_samples), demo_board, rules, samples=demo_samples)
    assert not {each.column_id for each in found} & {rule.column for rule in rules}
    assert not {each.source for each in found} & {rule.source for rule in rules}


# --- Titles


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("CUSTOMER PRICE", "customer price"),
        ("ALIAS/RELATED ITEM", "ALIAS RELATED ITEM"),
        ("EX WORKS (USD)", "Ex-Works USD"),
        ("record_uuid", "Record UUID"),
        ("ORDER QTY", "Order Quantity"),
        ("CUSTOMER COLOUR", "Customer Color"),
        ("∆ PRICE", "Delta price"),
        ("CAFÉ", "Cafe"),
        ("matchAlias", "MATCH ALIAS"),
        ("PO NO", "PO Number"),
        ("DISCOUNT %", "Discount percent"),
    ],
)
def test_titles_that_differ_in_spelling_alone_are_the_same(source, title):
    assert title_words(source) == title_words(title)
    (found,) = suggest((source,), board(text(title)), ())
    assert found.acceptable
    assert "the titles are the same" in found.reason


def test_an_equal_title_wins_over_a_similar_one():
    found = suggest(("US DUTY RATE", "US DUTY", "UK DUTY"), board(text("US DUTY"), text("US DUTY RATE")), ())
    assert {("US DUTY", "US DUTY"), ("US DUTY RATE", "US DUTY RATE")} <= set(pairs(found).items())


def test_numbers_in_titles_do_not_stand_for_each_other():
    found = suggest(("VALIDATION2",), board(text("VALIDATION3"), text("ADDRESS LINE 12")), ())
    assert not any(each.acceptable for each in found)


def test_titles_that_share_nothing_are_not_paired():
    assert suggest(("FREIGHT",), board(text("CATEGORY")), ()) == ()


def test_a_title_without_words_is_paired_with_nothing():
    assert suggest(("---", ""), board(text("..."), text("A")), ()) == ()


@pytest.mark.parametrize(
    "column",
    [
        text("NOTES", "mirror"),
        text("NOTES", "formula"),
        text("NOTES", "file"),
        text("NOTES", "name"),
        text("NOTES", archived=True),
    ],
)
def test_a_column_that_cannot_be_written_is_not_suggested(column):
    assert suggest(("NOTES",), board(column), ()) == ()


def test_a_mapped_board_column_and_a_mapped_source_are_not_suggested_again():
    rule = ColumnMapping(source="NOTES", column="notes", type="text")
    columns = board(text("NOTES"), text("NOTES 2"))
    assert suggest(("REMARKS", "NOTES"), columns, (rule,)) == ()


# --- Values


def test_values_of_another_kind_speak_against_a_pair():
    columns = board(text("SHIP DATE", "date"))
    (dates,) = suggest(("SHIP DATE",), columns, (), samples={"SHIP DATE": ["2026-11-22", "2026-11-23"]})
    refused = suggest(("SHIP DATE",), columns, (), samples={"SHIP DATE": ["soon", "later"]})
    assert dates.confidence == 1.0
    assert "all 2 sample values are dates" in dates.reason
    assert not any(each.acceptable for each in refused)


def test_values_that_are_labels_speak_for_a_pair():
    columns = board(labelled("CUSTOMER", "GREYSON", "WHITE FOX"))
    samples = {"CUSTOMER NAME": ["GREYSON", "white fox", "GREYSON"], "CUSTOMER CODE": ["GR1", "WF1", "GR1"]}
    (found,) = suggest(tuple(samples), columns, (), samples=samples)
    assert found.source == "CUSTOMER NAME"
    assert found.acceptable
    assert "all 3 sample values are labels of the column" in found.reason


def test_without_values_similar_titles_are_left_to_the_operator():
    (found,) = suggest(("CUSTOMER CODE",), board(labelled("CUSTOMER", "A")), ())
    assert found.confidence < BULK_CONFIDENCE
    assert "no sample value" in found.reason


def test_empty_values_count_as_none():
    (found,) = suggest(("NOTES",), board(text("NOTES", "numbers")), (), samples={"NOTES": [None, "", "  "]})
    assert "no sample value" in found.reason


def test_an_accepted_suggestion_is_a_rule():
    (found,) = suggest(("NOTES",), board(text("NOTES", "long_text")), ())
    assert found.rule == ColumnMapping(source="NOTES", column="notes", type="long_text")


# --- The rest


def test_a_source_column_without_a_counterpart_becomes_a_proposed_column():
    rules = (
        ColumnMapping(source="PRICE", column="a", type="numbers"),
        ColumnMapping(template="{STYLE}_{COLOR}", column="b", type="text"),
    )
    suggestions = suggest(("NOTES",), board(text("NOTES")), ())
    sources = ("PRICE", "STYLE", "COLOR", "NOTES", "ETA ", "WEIGHT", "ETA ")
    samples = {"ETA ": ["2026-11-22"], "WEIGHT": [1.5, "2"]}
    proposed = propose_columns(sources, rules, suggestions, samples=samples)
    assert [(each.source, each.title, each.type) for each in proposed] == [
        ("ETA ", "ETA", "date"),
        ("WEIGHT", "WEIGHT", "numbers"),
    ]


def test_a_column_proposed_without_values_is_text():
    (proposed,) = propose_columns(("∆",), ())
    assert (proposed.title, proposed.type) == ("∆", "text")
    assert "no sample value" in proposed.reason
