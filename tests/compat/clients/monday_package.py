"""PyPI `monday`: its address is a constant, replaced before a client is made. Prints what it read back."""

import json
import os
import sys

from monday import MondayClient
from monday.resources import base

url, board_id = sys.argv[1:3]
base._URLS["prod"] = url
client = MondayClient(os.environ["PRACTICE_TOKEN"])

group = client.groups.create_group(board_id, "GREYSON CLOTHIERS")["data"]["create_group"]["id"]
item = client.items.create_item(board_id, group, "GRE-10442", {"key": "PO 8812", "state": {"label": "Done"}})
item_id = item["data"]["create_item"]["id"]
subitem = client.items.create_subitem(item_id, "XL", {"size": "XL", "pieces": "12"})["data"]["create_subitem"]
client.items.change_multiple_column_values(board_id, item_id, {"qty": "12", "due": {"date": "2026-11-22"}})
client.items.change_item_value(board_id, item_id, "season", {"labels": ["SS26"]})
client.updates.create_update(item_id, "Sent by the order desk")

found = client.items.fetch_items_by_column_value(board_id, "key", "PO 8812")
read = found["data"]["items_page_by_column_values"]["items"]
page = client.boards.fetch_items_by_board_id(board_id)["data"]["boards"][0]["items_page"]["items"]
columns = client.boards.fetch_columns_by_board_id(board_id)["data"]["boards"][0]["columns"]
print(
    json.dumps(
        {
            "group_id": group,
            "item_id": item_id,
            "subitem_id": subitem["id"],
            "names": [entry["name"] for entry in read],
            "updates": [update["body"] for update in read[0]["updates"]],
            "values": {value["id"]: value["text"] for value in page[0]["column_values"]},
            "column_count": len(columns),
        }
    )
)
