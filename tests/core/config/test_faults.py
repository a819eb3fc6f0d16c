"""Faults of rules, lookup tables and templates, each with its line, its key and what was expected."""

from pathlib import Path

import pytest

from core.config.load import parse_configuration
from core.config.transforms import Lookup


@pytest.mark.parametrize(
    ("key", "what"),
    [
        ("transforms = [3]", "transforms.0: expected 'trim', 'upper', 'lower', 'title' or a table such as"),
        ('transforms = [{ spilt = "-" }]', "transforms.0: expected 'trim', 'upper', 'lower', 'title' or a"),
        ('transforms = [{ split = "-", prt = 2 }]', "transforms.0.prt: unknown key; did you mean 'part'?"),
        (
            'transforms = ["trim", { split = "-", part = 0 }]',
            "transforms.1.part: expected 1 for the first part, or -1 for the last one, found 0",
        ),
        (
            'transforms = [{ split = "-", part = "2" }]',
            "transforms.0.part: expected a whole number, found '2'",
        ),
        ('transforms = [{ split = "" }]', "transforms.0.split: expected at least one character"),
        ('transforms = [{ replace = "BLK" }]', "transforms.0.with: expected this key, it is missing"),
        (
            'transforms = [{ replace = "BLK", with = "BLACK", wiht = "x" }]',
            "transforms.0.wiht: unknown key; did you mean 'with'?",
        ),
        (
            'transforms = [{ lookup = "seasons" }]',
            "transforms.0.lookup: expected a table [mappings.orders.lookups.seasons], there is none",
        ),
        (
            'transforms = [{ lookup = "x", otherwise = "drop" }]',
            "transforms.0.otherwise: expected 'refuse' or 'keep', found 'drop'",
        ),
        (
            "transforms = [{ decimals = 11 }]",
            "transforms.0.decimals: expected less than or equal to 10, found 11",
        ),
        ("transforms = [{ decimals = 1.5 }]", "transforms.0.decimals: expected a whole number, found 1.5"),
        (
            'time_zone = "Europe/Amsterdm"',
            "time_zone: expected a time zone's IANA name such as Europe/Amsterdam, found 'Europe/Amsterdm'",
        ),
        ('time_zone = "../etc/passwd"', "time_zone: expected a time zone's IANA name"),
        ('date_format = "%Q"', "date_format: expected a date format of % and the letters of strptime"),
        ('date_format = "%d %"', "date_format: expected a date format of % and the letters of strptime"),
        ('date_format = "%d %d"', "date_format: expected a date format that names each part once"),
        ('country = "nl"', "country: expected a country's two capital letters such as NL, found 'nl'"),
        (
            'number_format = "1.234.5"',
            "number_format: expected '1234.5', '1,234.5', '1.234,5', '1 234,5' or '1234,5', found '1.234.5'",
        ),
        ('true_words = "ja"', "true_words: expected a list, found 'ja'"),
        ('true_words = ["ja", ""]', "true_words.1: expected at least one character"),
        ('week_start = "saturday"', "week_start: expected 'monday' or 'sunday', found 'saturday'"),
        ('date_only = "yes"', "date_only: expected true or false, found 'yes'"),
        (
            'on_unknown_label = "keep"',
            "on_unknown_label: expected 'refuse', 'create' or 'map', found 'keep'",
        ),
        ('unknown_lable = "X"', "unknown_lable: unknown key; did you mean 'unknown_label'?"),
    ],
)
def test_a_fault_of_a_rule_s_key_is_told_on_its_line(key, what, small, faults_of):
    ((line, title),) = faults_of(small.replace('type = "text"', f'type = "text"\n{key}'))
    assert line == 20
    assert title.startswith(f"mappings.orders.items.0.{what}")


@pytest.mark.parametrize(
    ("keys", "what"),
    [
        (
            'on_unknown_label = "map"',
            "expected on_unknown_label = \"map\" and the key 'unknown_label' together, or neither",
        ),
        ('unknown_label = "OTHER"', 'expected on_unknown_label = "map" and the key'),
        (
            'true_words = ["Ja"]\nfalse_words = ["nee", "JA"]',
            "expected 'Ja' in 'true_words' or in 'false_words', not in both",
        ),
    ],
)
def test_keys_that_do_not_agree_are_told_at_the_rule(keys, what, small, faults_of):
    ((line, title),) = faults_of(small.replace('type = "text"', f'type = "text"\n{keys}'))
    assert line == 16
    assert title.startswith(f"mappings.orders.items.0: {what}")


def test_a_misspelt_step_is_answered_with_a_near_one(small, faults_of):
    text = small.replace(
        'type = "text"', 'type = "text"\ntransforms = [\n"trim",\n{ spilt = "-", part = 2 }]'
    )
    ((line, title),) = faults_of(text)
    assert line == 22
    assert title.endswith("{decimals = 2}; did you mean 'split'?")


def test_an_empty_source_is_told_on_its_line(small, faults_of):
    assert faults_of(small.replace('source = "PO NUMBER"', 'source = ""')) == [
        (17, "mappings.orders.items.0.source: expected at least one character")
    ]


def test_a_lookup_is_found_in_the_tables_of_its_own_mapping(small, faults_of):
    text = small.replace('type = "text"', 'type = "text"\ntransforms = [{ lookup = "sesons" }]')
    tables = '[mappings.orders.lookups.seasons]\n"26" = "SUMMER 26"\n'
    ((line, title),) = faults_of(text + tables)
    assert line == 20
    assert title.startswith(
        "mappings.orders.items.0.transforms.0.lookup: expected a table [mappings.orders.look"
    )
    assert title.endswith("lookups.sesons], there is none; did you mean 'seasons'?")
    configuration = parse_configuration(text.replace("sesons", "seasons") + tables, Path("orders.toml"))
    mapping = configuration.profiles["demo"].mapping_set
    assert mapping.lookups == {"seasons": {"26": "SUMMER 26"}}
    assert mapping.items[0].transforms == (Lookup(lookup="seasons"),)


@pytest.mark.parametrize(
    ("tables", "line", "what"),
    [
        ("[mappings.orders.lookups]\nx = 3\n", 21, "x: expected a table, found 3"),
        ("[mappings.orders.lookups.x]\na = 'b'\nb = 3\n", 22, "x.b: expected text, found 3"),
        ("[[mappings.orders.lookups.x]]\na = 'b'\n", 20, "x: expected a table"),
    ],
)
def test_a_fault_in_a_lookup_table_is_told_with_its_line(tables, line, what, small, faults_of):
    assert faults_of(small + tables) == [(line, f"mappings.orders.lookups.{what}")]


@pytest.mark.parametrize(
    ("template", "what"),
    [
        ("{A", "expected '}' behind '{A'"),
        ("{A} {B", "expected '}' behind '{B'"),
        ("A}", "expected '{' before 'A}'"),
        ("{A} {}", "expected a source column between the braces in '{}'"),
        ("{A|}", "expected a source column on both sides of '|' in '{A|}'"),
    ],
)
def test_a_malformed_template_is_told_with_its_line_wherever_it_stands(template, what, small, faults_of):
    text = (
        small.replace('"{CUSTOMER NAME}"', f'"{template}"')
        .replace('"{AAG ORDER NUMBER}"', f'"{template}"')
        .replace('"{size_code}"', f'"{template}"')
        .replace('source = "PO NUMBER"', f'template = "{template}"')
        .replace('mapping = "orders"', f'mapping = "orders"\norder_label = "{template}"')
    )
    assert faults_of(text) == [
        (line, f"{key}: {what}, found '{template}'")
        for line, key in (
            (10, "profiles.demo.order_label"),
            (13, "mappings.orders.group_name"),
            (14, "mappings.orders.item_name"),
            (15, "mappings.orders.subitem_name"),
            (18, "mappings.orders.items.0.template"),
        )
    ]
