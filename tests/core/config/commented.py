"""A commented configuration that tests edit, and the lines that an edit changed."""

import difflib
from pathlib import Path

from hypothesis import strategies as st

from core.config.edit import edited_text
from core.config.load import parse_configuration
from core.config.model import ColumnMapping, Configuration, Profile

COMMENTED = """\
default_profile = "demo"   # the one for training

[profiles.demo]
kind = "demo"
api_url = "practice-board"
token_source = "practice-board"
board_id = "7000000001"
database_url = "sqlite:///orders.db"
mapping = "orders"

[profiles.production]
inherits = "demo"
[profiles.production.column_ids]
style = "style_mkx1"
po_key = "po_key_mkx1"

[mappings.orders]
group_name = "{CUSTOMER NAME}"   # a group a customer
item_name = "{STYLE}"
subitem_name = "{size_code}"
item_key_column = "po_key"

# Short names of the seasons.
[mappings.orders.lookups.seasons]
"S 26" = "SUMMER 26"   # as on the board
W26 = "WINTER 26"

# --- What is ordered

# The key, first of all.
[[mappings.orders.items]]
source = "record_uuid"   # ours
column = "po_key"
type = "text"
required = true
on_empty = "leave"       # spelt out on purpose

# New styles come every season,
# so they are made.
[[mappings.orders.items]]
source = "STYLE"
column = "style"
type = "dropdown"
transforms = [
    "trim",   # blanks from pasting
]

# --- Prices

# In USD.
[[mappings.orders.items]]
source = "PRICE"
column = "price"
type = "numbers"

# --- Lines

# The size.
[[mappings.orders.subitems]]
source = "size_code"
column = "size"
type = "dropdown"
# the end
"""

NEW = ColumnMapping(
    source="NOTES", column="notes", type="long_text", on_too_long="truncate", transforms=("trim",)
)


def parse(text: str) -> Configuration:
    return parse_configuration(text, Path("orders.toml"))


def profile(text: str = COMMENTED, name: str = "demo") -> Profile:
    return parse(text).profiles[name]


def with_items(text: str, *items: ColumnMapping) -> str:
    """The text with the demo profile's item rules replaced; checked to give back exactly these."""
    return with_mapping(text, items=items)


def with_mapping(text: str, **update: object) -> str:
    """The text with keys of the demo profile's mapping replaced; checked to give back exactly these."""
    before = profile(text)
    wanted = before.mapping_set.model_copy(update=update)
    edited = edited_text(text, before, wanted)
    assert profile(edited).mapping_set == wanted
    return edited


def changes(before: str, after: str) -> list[str]:
    """The lines that differ, marked by - and +."""
    difference = difflib.ndiff(before.splitlines(), after.splitlines())
    return [line for line in difference if line.startswith(("- ", "+ "))]


def rules() -> tuple[ColumnMapping, ColumnMapping, ColumnMapping]:
    key, style, price = profile().mapping_set.items
    return key, style, price


def edit(rule: ColumnMapping, **update: object) -> ColumnMapping:
    return rule.model_copy(update=update)


words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=6)
"""Any text of one character or more."""
