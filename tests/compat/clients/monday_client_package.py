"""PyPI `monday-client`: takes the address as an option. Prints what it read back."""

import asyncio
import json
import os
import sys

from monday import MondayClient

url, board_id = sys.argv[1:3]


async def main() -> None:
    client = MondayClient(api_key=os.environ["PRACTICE_TOKEN"], url=url)
    group = await client.groups.create(board_id=board_id, group_name="GREYSON CLOTHIERS")
    item = await client.items.create(
        board_id=board_id,
        item_name="GRE-10442",
        group_id=group.id,
        column_values={"key": "PO 8812", "state": {"label": "Done"}},
    )
    # Its own `subitems.create` names a type JSONString that the official schema lacks, so ask through it.
    answer = await client.post_request(
        "mutation ($item: ID!, $values: JSON) {"
        ' create_subitem(parent_item_id: $item, item_name: "XL", column_values: $values) { id } }',
        {"item": item.id, "values": json.dumps({"size": "XL", "pieces": "12"})},
    )
    subitem_id = answer["data"]["create_subitem"]["id"]
    (lines,) = await client.subitems.query(item_ids=item.id, fields="id name")
    await client.items.change_column_values(
        item_id=item.id,
        column_values={"qty": "12", "due": {"date": "2026-11-22"}, "season": {"labels": ["SS26"]}},
        fields="id name",
    )
    values = await client.items.get_column_values(item_id=item.id, fields="id text")
    read = await client.items.query(item_ids=item.id, fields="id name")
    boards = await client.boards.query(board_ids=board_id, fields="id name columns { id title type }")
    print(
        json.dumps(
            {
                "group_id": group.id,
                "item_id": item.id,
                "subitem_id": subitem_id,
                "subitem_names": [line.name for line in lines.subitems],
                "names": [entry.name for entry in read],
                "values": {value.id: value.text for value in values},
                "column_count": len(boards[0].columns),
            }
        )
    )


asyncio.run(main())
