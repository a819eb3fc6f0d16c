"""The `RateLimit` headers, also in forms that nobody has seen yet."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.monday.rate_headers import Budget, parse_rate_headers

POLICY = (
    '"minuteRate";q=1000;w=60, "concurrency";q=40;qu="concurrent-requests", '
    '"complexityMinute";q=10000000;w=60;qu="content-bytes"'
)
STATE = '"minuteRate";r=997, "concurrency";r=39, "complexityMinute";r=9988000;t=41'


def test_quota_window_rest_and_reset_are_read_by_name():
    assert parse_rate_headers(POLICY, STATE) == {
        "minuteRate": Budget(1000, 60, 997, None),
        "concurrency": Budget(40, None, 39, None),
        "complexityMinute": Budget(10_000_000, 60, 9_988_000, 41.0),
    }


def test_absent_headers_tell_nothing():
    assert parse_rate_headers(None, None) == {}
    assert parse_rate_headers("", "") == {}


def test_one_header_alone_tells_its_half():
    assert parse_rate_headers(POLICY, None)["minuteRate"] == Budget(quota=1000, window_seconds=60)
    assert parse_rate_headers(None, STATE)["minuteRate"] == Budget(left=997)


@pytest.mark.parametrize(
    ("state", "budgets"),
    [
        ('"a, b;c";r=1', {"a, b;c": Budget(left=1)}),
        ('"a";x="1;r=9, \\"b\\";r=8";r=2', {"a": Budget(left=2)}),
        ('"a";partial;r=3', {"a": Budget(left=3)}),
        ('"a";pk=:YWJj=:;r=4', {"a": Budget(left=4)}),
        ('"a";x-1.y*=5;r=5', {"a": Budget(left=5)}),
        ('"a" ; r=6 ;t=1 , "b";r=7', {"a": Budget(left=6, reset_seconds=1.0), "b": Budget(left=7)}),
        ('"a";r="8"', {"a": Budget(left=8)}),
        ('"a";r=many;t=-', {"a": Budget()}),
        ('"a";r=1e400;t=nan', {"a": Budget()}),
        ("a;r=1", {}),
        ('"a";r=1;;;, ,"b"', {"a": Budget(left=1), "b": Budget()}),
    ],
)
def test_quotes_commas_and_unknown_parameters_confuse_nothing(state, budgets):
    assert parse_rate_headers(None, state) == budgets


@given(st.text(st.sampled_from('ab";=,r1t \\:?*')), st.text(st.sampled_from('ab";=,q1w \\')))
def test_any_header_gives_budgets_or_nothing(state, policy):
    assert all(isinstance(budget, Budget) for budget in parse_rate_headers(policy, state).values())
