"""Two ways to push without a client library: five records a call with a pause, and a naive gather.

python throughput_plain.py fives|gather URL BOARD RECORDS.json      # token in THROUGHPUT_TOKEN
"""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

import httpx

RECORDS_A_CALL = 5
PAUSE_SECONDS = 2.0
CONNECTIONS = 100
"""As many as HTTP clients open by default; the other calls of a gather wait for one of them."""
RETRY_SECONDS = 1.0
"""Where the answer does not say how long to wait."""

Mutation = tuple[str, dict[str, Any]]
"""A field, and its arguments."""
TYPES = {
    "board_id": "ID!",
    "group_id": "String",
    "group_name": "String!",
    "parent_item_id": "ID!",
    "item_name": "String!",
    "column_values": "JSON",
}


class Api:
    """The API, with no more care than a script takes."""

    def __init__(self, url: str, board_id: str) -> None:
        self.board_id = board_id
        self._url = url
        headers = {"Authorization": os.environ["THROUGHPUT_TOKEN"], "API-Version": "2026-10"}
        limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
        self._http = httpx.AsyncClient(headers=headers, timeout=65, limits=limits)
        # The client's own queue costs more time the longer it is.
        self._turns = asyncio.Semaphore(CONNECTIONS)

    async def send(self, mutations: Sequence[Mutation]) -> list[str]:
        """The ids that the mutations made; tried until the API takes them."""
        body = _body(mutations)
        while True:
            async with self._turns:
                answer = await self._http.post(self._url, json=body)
            told = answer.json()
            data = told.get("data") or {}
            if answer.status_code == httpx.codes.OK and not told.get("errors"):
                return [data[f"a{place}"]["id"] for place in range(len(mutations))]
            asked = told["errors"][0].get("extensions", {}).get("retry_in_seconds")
            await asyncio.sleep(RETRY_SECONDS if asked is None else asked)

    async def group(self, title: str) -> str:
        """A new group's id."""
        return (await self.send([("create_group", {"board_id": self.board_id, "group_name": title})]))[0]

    def item(self, order: dict[str, Any], group_id: str) -> Mutation:
        """An order's creation."""
        return (
            "create_item",
            {
                "board_id": self.board_id,
                "group_id": group_id,
                "item_name": order["name"],
                "column_values": json.dumps(order["values"]),
            },
        )


def subitem(line: dict[str, Any], item_id: str) -> Mutation:
    """A line's creation."""
    return (
        "create_subitem",
        {
            "parent_item_id": item_id,
            "item_name": line["name"],
            "column_values": json.dumps(line["values"]),
        },
    )


def _body(mutations: Sequence[Mutation]) -> dict[str, Any]:
    heads, fields, variables = [], [], {}
    for place, (field, arguments) in enumerate(mutations):
        given = []
        for name, value in arguments.items():
            heads.append(f"${name}{place}: {TYPES[name]}")
            given.append(f"{name}: ${name}{place}")
            variables[f"{name}{place}"] = value
        fields.append(f"a{place}: {field}({', '.join(given)}) {{ id }}")
    return {"query": f"mutation ({', '.join(heads)}) {{ {' '.join(fields)} }}", "variables": variables}


async def fives(api: Api, orders: Sequence[dict[str, Any]]) -> None:
    """Five records a call and a pause of two seconds: items of a customer, then their subitems."""
    for title, its_orders in groupby(orders, key=lambda order: order["group"]):
        group_id = await api.group(title)
        customer = list(its_orders)
        item_ids = await _in_fives(api, [api.item(order, group_id) for order in customer])
        parents = zip(customer, item_ids, strict=True)
        await _in_fives(
            api, [subitem(line, item_id) for order, item_id in parents for line in order["lines"]]
        )


async def _in_fives(api: Api, mutations: Sequence[Mutation]) -> list[str]:
    ids: list[str] = []
    for start in range(0, len(mutations), RECORDS_A_CALL):
        ids += await api.send(mutations[start : start + RECORDS_A_CALL])
        await asyncio.sleep(PAUSE_SECONDS)
    return ids


async def gather(api: Api, orders: Sequence[dict[str, Any]]) -> None:
    """Every order at once, one record a call, then each order's lines at once; tried again when refused."""
    groups = {title: await api.group(title) for title in dict.fromkeys(order["group"] for order in orders)}

    async def send(order: dict[str, Any]) -> None:
        (item_id,) = await api.send([api.item(order, groups[order["group"]])])
        await asyncio.gather(*(api.send([subitem(line, item_id)]) for line in order["lines"]))

    await asyncio.gather(*map(send, orders))


if __name__ == "__main__":
    way, url, board_id, records = sys.argv[1:5]
    push = {"fives": fives, "gather": gather}[way]
    asyncio.run(push(Api(url, board_id), json.loads(Path(records).read_text(encoding="utf-8"))))
