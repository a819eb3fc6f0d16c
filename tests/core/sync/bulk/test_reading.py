"""What reading ids back costs."""

import json

from core.monday.documents import alias, keys_query
from core.sandbox.complexity import cost
from core.sandbox.plans import PLANS
from core.sandbox.requests import ReceivedRequest
from core.sync.bulk.file import KEYS_PER_PAGE, PAGES_PER_CALL


def test_the_largest_search_costs_less_than_the_smallest_account_has_in_a_minute():
    rule = {"column_id": "key", "compare_value": ["a"] * KEYS_PER_PAGE}
    variables = {
        "ids": ["1"],
        "group": ["g"],
        "limit": KEYS_PER_PAGE * 11 // 10,
        "key": ["k"],
        "subitem_key": ["k"],
        **{alias(page): {"rules": [rule]} for page in range(PAGES_PER_CALL)},
    }
    body = json.dumps({"query": keys_query(PAGES_PER_CALL), "variables": variables}).encode()
    request = ReceivedRequest("POST", "/v2", {"content-type": "application/json"}, body)
    assert request.read_body() is None
    request.read_document()
    assert 100_000 < cost(request) < PLANS["free"].complexity_per_minute
