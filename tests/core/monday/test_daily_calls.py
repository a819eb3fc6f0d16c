"""The account's calls of the day, asked of the API and counted as they leave."""

from datetime import date
from typing import Any

import pytest

from core.monday.client import CallFailedError
from core.monday.daily_calls import DailyCalls
from core.monday.documents import DAILY_CALLS_QUERY, DAILY_CONSUMPTION_QUERY

TODAY = date(2026, 11, 22)
BODY = b'{"query": "{ me { id } }"}'


@pytest.fixture
def client(api, make_client):
    """A client of the server."""
    return make_client(api.url)


def asked(api) -> list[str]:
    return [each.body["query"] for each in api.asked]


def platform(**parts: Any) -> dict[str, Any]:
    return {"data": {"platform_api": parts}}


def refusal(code: str) -> dict[str, Any]:
    return {"errors": [{"message": f"{code} happened", "extensions": {"code": code}}]}


@pytest.mark.parametrize(
    ("by_day", "used"),
    [
        ([{"day": "2026-11-21", "usage": 900}, {"day": "2026-11-22", "usage": 588}], 588),
        ([{"day": "2026-11-22T00:00:00Z", "usage": 12}], 12),
        ([{"day": "2026-11-21", "usage": 900}], 0),
        ([], 0),
    ],
)
async def test_one_call_tells_the_limit_and_what_is_used_of_today(api, client, by_day, used):
    api.answer(platform(daily_limit={"base": 9_000, "total": 10_000}, daily_analytics={"by_day": by_day}))
    assert await client.daily_calls(TODAY) == DailyCalls(10_000, used)
    assert asked(api) == [DAILY_CALLS_QUERY]


async def test_where_the_days_figures_are_not_for_everyone_the_consumption_is_asked_for(api, client):
    told = platform(daily_limit={"base": 1_000, "total": 1_000}, daily_analytics=None)
    denied = {"message": "not allowed", "path": ["platform_api", "daily_analytics"]}
    api.answer(told | {"errors": [denied]})
    api.answer(platform(daily_limit={"total": 1_000, "consumption": 77}))
    assert await client.daily_calls(TODAY) == DailyCalls(1_000, 77)
    assert asked(api) == [DAILY_CALLS_QUERY, DAILY_CONSUMPTION_QUERY]


async def test_a_limit_without_any_figure_of_its_use_is_still_told(api, client):
    api.answer(platform(daily_limit={"base": 1_000, "total": 1_000}, daily_analytics=None))
    api.answer(refusal("GRAPHQL_VALIDATION_FAILED"))
    assert await client.daily_calls(TODAY) == DailyCalls(1_000, None)


@pytest.mark.parametrize("code", ["GRAPHQL_VALIDATION_FAILED", "UserUnauthorizedException"])
async def test_what_is_refused_is_not_told_and_fails_nothing(api, client, code):
    api.answer(refusal(code))
    assert await client.daily_calls(TODAY) == DailyCalls(None, None)
    assert len(api.asked) == 2


@pytest.mark.parametrize("raw", [{"status": 503}, {"silent": True}, {"body": b"<html>"}])
async def test_an_api_that_does_not_answer_is_not_asked_twice(api, client, raw):
    api.answer(**raw)
    assert await client.daily_calls(TODAY) == DailyCalls(None, None)
    assert len(api.asked) == 1


# --- Counting


async def test_every_call_that_leaves_counts_whatever_it_asks_for(api, client):
    spent: list[float] = []
    client.on_call = spent.append
    api.answer({"data": {"me": {"id": "1"}, "boards": []}})
    await client.execute(BODY)
    await client.query("{ me { id } }")
    await client.boards()
    assert spent == [1.0, 1.0, 1.0]


async def test_a_call_that_a_rate_limit_refuses_costs_a_tenth(api, client):
    spent: list[float] = []
    client.on_call = spent.append
    api.answer(refusal("COMPLEXITY_BUDGET_EXHAUSTED"), status=429)
    with pytest.raises(CallFailedError):
        await client.execute(BODY)
    assert sum(spent) == pytest.approx(0.1)


async def test_a_call_whose_answer_is_lost_costs_a_whole_one(api, client):
    spent: list[float] = []
    client.on_call = spent.append
    api.answer(silent=True)
    with pytest.raises(CallFailedError):
        await client.execute(BODY)
    assert spent == [1.0]
