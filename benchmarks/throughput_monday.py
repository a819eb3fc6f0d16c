"""PyPI `monday` in a loop: one order after the other, one record a call. Runs in an environment of its own.

python throughput_monday.py URL BOARD RECORDS.json      # token in THROUGHPUT_TOKEN
"""

import json
import os
import sys
from pathlib import Path

from monday import MondayClient
from monday.resources import base

url, board_id, records = sys.argv[1:4]
base._URLS["prod"] = url  # noqa: SLF001  it has no option for the address
client = MondayClient(os.environ["THROUGHPUT_TOKEN"])
groups: dict[str, str] = {}
for order in json.loads(Path(records).read_text(encoding="utf-8")):
    title = order["group"]
    if title not in groups:
        groups[title] = client.groups.create_group(board_id, title)["data"]["create_group"]["id"]
    answer = client.items.create_item(board_id, groups[title], order["name"], order["values"])
    item_id = answer["data"]["create_item"]["id"]
    for line in order["lines"]:
        client.items.create_subitem(item_id, line["name"], line["values"])
