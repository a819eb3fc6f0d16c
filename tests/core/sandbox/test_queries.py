"""What can be read from the practice board."""

import json

import pytest

BOARD = "7000000001"
SUBITEMS = "7000000002"


def test_that_a_board_tells_its_structure(caller) -> None:
    (board,) = caller.data(
        "query ($ids: [ID!]) { boards(ids: $ids) { id name state board_kind hierarchy_type type"
        " items_count items_limit"
        " permissions access_level url workspace { id name } top_group { id } owners { id }"
        " groups { id title color position archived deleted }"
        ' columns(ids: ["state"]) { id title type settings settings_str revision archived width description }'
        " } }",
        ids=[BOARD],
    )["boards"]
    assert (board["name"], board["items_limit"], board["items_count"]) == ("Orders", 10_000, 0)
    assert (board["hierarchy_type"], board["type"], board["access_level"]) == ("classic", "board", "edit")
    assert [group["title"] for group in board["groups"]] == ["New orders", "Later"]
    assert board["top_group"] == {"id": "topics"}
    (column,) = board["columns"]
    assert column["settings"]["labels"][1]["label"] == "Done"
    assert json.loads(column["settings_str"])["labels"]["1"] == "Done"


def test_that_the_subtasks_column_leads_to_the_hidden_subitems_board(caller) -> None:
    (board,) = caller.data("{ boards(ids: [7000000001]) { columns(types: [subtasks]) { settings } } }")[
        "boards"
    ]
    hidden = board["columns"][0]["settings"]["boardIds"]
    assert hidden == [SUBITEMS]
    (subitems,) = caller.data(
        "query ($ids: [ID!]) { boards(ids: $ids) { name type columns { id } } }", ids=hidden
    )["boards"]
    assert subitems["type"] == "sub_items_board"
    assert [column["id"] for column in subitems["columns"]] == ["name", "size", "pieces"]


def test_that_unknown_board_ids_are_left_out(caller) -> None:
    assert caller.data("{ boards(ids: [1, 7000000001]) { id } }")["boards"] == [{"id": BOARD}]


def test_that_items_returns_25_unless_told_100_and_refuses_more_than_100_ids(caller) -> None:
    document = "mutation {" + "".join(
        f'a{number}: create_item(board_id: 7000000001, item_name: "{number}") {{ id }}'
        for number in range(30)
    )
    ids = [entry["id"] for entry in caller.data(document + "}").values()]
    assert len(caller.data("query ($ids: [ID!]) { items(ids: $ids) { id } }", ids=ids)["items"]) == 25
    assert (
        len(caller.data("query ($ids: [ID!]) { items(ids: $ids, limit: 100) { id } }", ids=ids)["items"])
        == 30
    )
    many = [str(number) for number in range(101)]
    error = caller.error("query ($ids: [ID!]) { items(ids: $ids, limit: 100) { id } }", ids=many)
    assert error["extensions"]["code"] == "InvalidArgumentException"


def test_that_a_deleted_item_still_comes_back_by_id_unless_excluded(caller) -> None:
    item = caller.make_item()
    caller.data("mutation ($id: ID!) { delete_item(item_id: $id) { id } }", id=item)
    assert caller.data("query ($id: [ID!]) { items(ids: $id) { state } }", id=[item])["items"] == [
        {"state": "deleted"}
    ]
    query = "query ($id: [ID!]) { items(ids: $id, exclude_nonactive: true) { state } }"
    assert caller.data(query, id=[item])["items"] == []


def test_that_an_item_reads_its_place_and_its_subitems(caller) -> None:
    item = caller.make_item("AAG-1001", key="K1")
    line = caller.make_subitem(item, "XL", size="XL", pieces="12")
    (read,) = caller.data(
        "query ($ids: [ID!]) { items(ids: $ids) { name state group { id } board { id } parent_item { id }"
        " url relative_link email creator_id creator { name } created_at updated_at"
        " subitems { id name parent_item { id } board { id } column_values { id text value } } } }",
        ids=[item],
    )["items"]
    assert (read["group"], read["board"], read["parent_item"]) == ({"id": "topics"}, {"id": BOARD}, None)
    assert read["created_at"] == "2026-11-22T12:00:00Z"
    assert read["url"] == f"{caller.running.page_url}#item-{item}"
    assert read["subitems"] == [
        {
            "id": line,
            "name": "XL",
            "parent_item": {"id": item},
            "board": {"id": SUBITEMS},
            "column_values": [
                {"id": "size", "text": "XL", "value": '"XL"'},
                {"id": "pieces", "text": "12", "value": '"12"'},
            ],
        }
    ]


def test_that_column_values_leave_out_the_name_and_the_auto_number(caller) -> None:
    item = caller.make_item()
    (read,) = caller.data("query ($ids: [ID!]) { items(ids: $ids) { column_values { id } } }", ids=[item])[
        "items"
    ]
    ids = {value["id"] for value in read["column_values"]}
    assert "name" not in ids
    assert "number" not in ids
    assert "made" in ids


def test_that_pages_follow_the_cursor_to_the_end(caller) -> None:
    for number in range(5):
        caller.make_item(f"order {number}")
    query = "{ boards(ids: [7000000001]) { items_page(limit: 2) { cursor items { name } } } }"
    page = caller.data(query)["boards"][0]["items_page"]
    names = [item["name"] for item in page["items"]]
    while page["cursor"]:
        query = (
            "query ($cursor: String!) {"
            " next_items_page(cursor: $cursor, limit: 2) { cursor items { name } } }"
        )
        page = caller.data(query, cursor=page["cursor"])["next_items_page"]
        names += [item["name"] for item in page["items"]]
    assert names == [f"order {number}" for number in range(5)]


def test_that_a_cursor_expires_60_minutes_after_the_first_page(caller) -> None:
    for number in range(3):
        caller.make_item(f"order {number}")
    query = "{ boards(ids: [7000000001]) { items_page(limit: 1) { cursor } } }"
    cursor = caller.data(query)["boards"][0]["items_page"]["cursor"]
    caller.running.advance(60 * 60 + 1)
    error = caller.error(
        "query ($cursor: String!) { next_items_page(cursor: $cursor) { cursor } }", cursor=cursor
    )
    assert error["extensions"]["code"] == "CursorException"


@pytest.mark.parametrize("limit", [0, 501])
def test_that_a_page_holds_1_to_500_items(caller, limit) -> None:
    error = caller.error(f"{{ boards(ids: [7000000001]) {{ items_page(limit: {limit}) {{ cursor }} }} }}")
    assert error["extensions"]["code"] == "InvalidArgumentException"


def test_that_a_group_pages_its_own_items_only(caller) -> None:
    caller.make_item("here")
    caller.data(
        'mutation { create_item(board_id: 7000000001, group_id: "later", item_name: "there") { id } }'
    )
    groups = caller.data("{ boards(ids: [7000000001]) { groups { id items_page { items { name } } } } }")[
        "boards"
    ][0]
    assert [[item["name"] for item in group["items_page"]["items"]] for group in groups["groups"]] == [
        ["here"],
        ["there"],
    ]


def test_that_account_me_versions_and_limits_can_be_read(caller) -> None:
    read = caller.data(
        "{ me { id name email kind status } account { id name slug tier plan { tier } first_day_of_the_week }"
        " version { kind value display_name } versions { value } platform_api { daily_limit { base total } }"
        " users { id } teams { id name } tags { id name } workspaces { id } }"
    )
    assert read["me"]["name"] == "Practice Operator"
    assert read["version"] == {"kind": "current", "value": "2026-10", "display_name": "Current"}
    assert read["platform_api"]["daily_limit"] == {"base": 10_000, "total": 10_000}
    assert read["account"]["tier"] == "pro"
    assert read["tags"] == [{"id": "295026", "name": "rush"}]


def test_that_required_columns_can_be_read_before_writing(caller) -> None:
    assert caller.data("{ validations(id: 7000000003) { required_column_ids rules } }")["validations"] == {
        "required_column_ids": ["must"],
        "rules": None,
    }
