"""A small configuration that tests change, and its faults as data."""

from collections.abc import Callable
from pathlib import Path

import pytest

from core.config.load import parse_configuration
from core.errors import ConfigurationError

SMALL = """\
default_profile = "demo"

[profiles.demo]
kind = "demo"
api_url = "practice-board"
token_source = "practice-board"
board_id = "7000000001"
database_url = "sqlite:///{data}/orders.db"
mapping = "orders"

[mappings.orders]
group_name = "{CUSTOMER NAME}"
item_name = "{AAG ORDER NUMBER}"
subitem_name = "{size_code}"

[[mappings.orders.items]]
source = "PO NUMBER"
column = "text_po"
type = "text"
"""

Fault = tuple[int | None, str]


@pytest.fixture
def small() -> str:
    """A complete configuration with one profile and one rule."""
    return SMALL


@pytest.fixture
def faults_of() -> Callable[[str], list[Fault]]:
    """The faults of a configuration as (line, sentence), in the order they are reported."""

    def faults(text: str) -> list[Fault]:
        with pytest.raises(ConfigurationError) as caught:
            parse_configuration(text, Path("orders.toml"))
        found: list[Fault] = []
        for problem in caught.value.problems:
            file, _, line = problem.subject.partition(", line ")
            assert file == "orders.toml"
            assert problem.remedy
            found.append((int(line) if line else None, problem.title))
        return found

    return faults
