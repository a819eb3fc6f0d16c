"""A governor and its clock."""

import pytest

from core.monday.limits import Governor
from tests.core.monday.limits.governing import Clock


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def governor(clock: Clock) -> Governor:
    return Governor(clock)
