"""A practice board with the demo's columns, its items, and a caller over HTTP."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import httpx
import pytest

from core.demo.board_fixture import board_fixture
from core.demo.board_settings import PLANNING_BOARD_ID
from core.monday.board import Board, parse_board
from core.monday.documents import BOARD_QUERY, Mutation, alias, mutation_document
from core.sandbox.options import SandboxOptions
from core.sandbox.plans import Plan
from core.sandbox.testing import running_board
from tests.core.mapping.round_trip.kinds import BATCH, TAGS, TEAMS, USERS, Kind, kinds

BOARD = "7000000001"
TOKEN = "round-trip"
UNLIMITED = Plan("tests", 10**6, 10**6, 100, 2 * 10**9, 2 * 10**9)


class Desk:
    """A practice board with items to write to, and one caller."""

    def __init__(self, url: str, http: httpx.Client) -> None:
        self._url = url
        self._http = http
        self.items = [self._item(BOARD) for _ in range(BATCH)]
        self.planned = [self._item(PLANNING_BOARD_ID) for _ in range(3)]
        self.kinds = kinds(self.items[:4], self.planned)

    def _item(self, board: str) -> str:
        arguments = {"board_id": board, "item_name": "An order", "column_values": "{}"}
        return self.write([Mutation("create_item", arguments)])["data"][alias(0)]["id"]

    def ask(self, query: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        sent = {"Authorization": TOKEN, "API-Version": "2026-10"}
        answer = self._http.post(self._url, json={"query": query, "variables": variables}, headers=sent)
        return answer.json()

    def write(self, mutations: Sequence[Mutation]) -> dict[str, Any]:
        return self.ask(*mutation_document(mutations))

    def board(self) -> Board:
        """The board as it is now: a label that was created is known from then on."""
        return parse_board(self.ask(BOARD_QUERY, {"ids": [BOARD]})["data"]["boards"][0])

    def change(self, item: str, values: Mapping[str, Any], *, creates_labels: bool) -> Mutation:
        arguments = {
            "board_id": BOARD,
            "item_id": item,
            "column_values": json.dumps(values),
            "create_labels_if_missing": creates_labels,
        }
        return Mutation("change_multiple_column_values", arguments)

    def read(self, kind: Kind, items: Sequence[str], columns: Sequence[str] = ()) -> list[Any]:
        """What the board holds item by item: in the kind's column, or in these others of its type."""
        query = (
            "query ($ids: [ID!], $columns: [String!]) { items(ids: $ids, limit: 100) {"
            f" id name column_values(ids: $columns) {{ id text value {kind.fields} }} }} }}"
        )
        answer = self.ask(query, {"ids": list(items), "columns": list(columns or [kind.column])})
        found = {item["id"]: item for item in answer["data"]["items"]}
        if kind.type == "name":
            return [kind.read(found[item]) for item in items]
        if not columns:
            return [kind.read(found[item]["column_values"][0]) for item in items]
        return [{cell["id"]: kind.read(cell) for cell in found[item]["column_values"]} for item in items]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    folder = tmp_path_factory.mktemp("round trip")
    fixture = board_fixture()
    fixture["users"] = [{"id": user, "name": f"User {user}", "email": ""} for user in USERS[1:]]
    fixture["teams"] = [{"id": team, "name": f"Team {team}"} for team in TEAMS]
    fixture["tags"] = [{"id": tag, "name": f"tag{tag}"} for tag in TAGS]
    fixture["boards"].append(
        {
            "id": PLANNING_BOARD_ID,
            "name": "Planning",
            "columns": [{"id": "name", "title": "Name", "type": "name"}],
            "groups": [{"id": "topics", "title": "Planned"}],
        }
    )
    file = folder / "fixture.json"
    file.write_text(json.dumps(fixture), encoding="utf-8")
    options = SandboxOptions(state=folder / "board.db", fixture=file, token=TOKEN, limits=UNLIMITED)
    with running_board(options) as board, httpx.Client(timeout=60) as http:
        yield Desk(board.url, http)
