"""PyPI `monday-client` with asyncio.gather: every order at once, then the order's lines at once.

Its own retries and waits do what they can. Runs in an environment of its own.

Called with the board's address, its id and a file of records; the token is in THROUGHPUT_TOKEN.
"""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from monday import MondayClient

# Its own `subitems.create` names a type that the official schema lacks, so ask through it.
CREATE_SUBITEM = (
    "mutation ($item: ID!, $name: String!, $values: JSON) {"
    " create_subitem(parent_item_id: $item, item_name: $name, column_values: $values) { id } }"
)


async def main(url: str, board_id: str, orders: list[dict[str, Any]]) -> None:
    client = MondayClient(api_key=os.environ["THROUGHPUT_TOKEN"], url=url)
    groups = {}
    for title in dict.fromkeys(order["group"] for order in orders):
        groups[title] = (await client.groups.create(board_id=board_id, group_name=title)).id

    async def send(order: dict[str, Any]) -> None:
        item = await client.items.create(
            board_id=board_id,
            item_name=order["name"],
            group_id=groups[order["group"]],
            column_values=order["values"],
        )
        await asyncio.gather(
            *(
                client.post_request(
                    CREATE_SUBITEM,
                    {"item": item.id, "name": line["name"], "values": json.dumps(line["values"])},
                )
                for line in order["lines"]
            ),
            return_exceptions=True,
        )

    await asyncio.gather(*map(send, orders), return_exceptions=True)


url, board_id, records = sys.argv[1:4]
asyncio.run(main(url, board_id, json.loads(Path(records).read_text(encoding="utf-8"))))
