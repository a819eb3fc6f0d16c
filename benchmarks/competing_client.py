"""A plain client that spends half of the account's complexity budget on items of its own, until it is ended.

It has a board of its own, so what it takes from a push is budget alone. What is refused it sends again when
the API says, and not before.

python competing_client.py steady|burst URL POINTS_A_MINUTE      # token in THROUGHPUT_TOKEN
"""

import asyncio
import os
import sys
from time import monotonic
from typing import Any

import httpx

POINTS_A_MUTATION = 10_000
"""What a change of an item costs on the practice board."""
MUTATIONS = 10
"""A call."""
MINUTE = 60.0
RETRY_SECONDS = 1.0
"""Where the answer does not say how long to wait."""


class Client:
    """Changes one item again and again."""

    def __init__(self, url: str) -> None:
        headers = {"Authorization": os.environ["THROUGHPUT_TOKEN"], "API-Version": "2026-10"}
        headers["User-Agent"] = "Competitor"
        self._url = url
        self._http = httpx.AsyncClient(headers=headers, timeout=65)
        self._change = ""

    async def prepare(self) -> None:
        """Make the board and the item."""
        board = await self.ask(
            'mutation { made: create_board(board_name: "Theirs", board_kind: public) { id } }'
        )
        item = await self.ask(
            f'mutation {{ made: create_item(board_id: {board}, item_name: "Theirs") {{ id }} }}'
        )
        change = f'change_multiple_column_values(board_id: {board}, item_id: {item}, column_values: "{{}}")'
        fields = [f"{'made' if place == 0 else f'a{place}'}: {change} {{ id }}" for place in range(MUTATIONS)]
        self._change = f"mutation {{ {' '.join(fields)} }}"

    async def ask(self, query: str) -> str:
        """The id of what was `made`; asked until the API takes it."""
        while True:
            answer = await self._http.post(self._url, json={"query": query})
            told: dict[str, Any] = answer.json()
            if answer.status_code == httpx.codes.OK and not told.get("errors"):
                return str(told["data"]["made"]["id"])
            asked = told["errors"][0].get("extensions", {}).get("retry_in_seconds")
            await asyncio.sleep(RETRY_SECONDS if asked is None else asked)

    async def spend(self, calls: int, every: float) -> None:
        """Send so many calls every so many seconds, each on its own."""
        due = monotonic()
        async with asyncio.TaskGroup() as under_way:
            while True:
                for _ in range(calls):
                    under_way.create_task(self.ask(self._change))
                due += every
                await asyncio.sleep(max(0.0, due - monotonic()))


async def main() -> None:
    """Spend until somebody ends the process."""
    pattern, url, points = sys.argv[1:4]
    client = Client(url)
    await client.prepare()
    calls = int(points) // (POINTS_A_MUTATION * MUTATIONS)
    if pattern == "burst":
        await client.spend(calls, MINUTE)
    else:
        await client.spend(1, MINUTE / calls)


if __name__ == "__main__":
    asyncio.run(main())
