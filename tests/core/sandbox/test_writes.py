"""Creating and changing groups, items and subitems."""

import json
from dataclasses import replace

import pytest

from core.sandbox.testing import running_board

BOARD = "7000000001"
CREATE = (
    "mutation ($board: ID!, $name: String!, $values: JSON, $group: String, $labels: Boolean) {"
    " create_item(board_id: $board, item_name: $name, column_values: $values, group_id: $group,"
    " create_labels_if_missing: $labels) { id name group { id } } }"
)
CHANGE = (
    "mutation ($board: ID!, $item: ID!, $values: JSON!) {"
    " change_multiple_column_values(board_id: $board, item_id: $item, column_values: $values) { id name } }"
)


def code(error: dict) -> str:
    return error["extensions"]["code"]


def create(caller, name="AAG-1001", board=BOARD, group=None, labels=False, **values):
    return caller.ask(CREATE, board=board, name=name, values=json.dumps(values), group=group, labels=labels)


# Groups


def test_that_a_group_title_may_be_created_twice_and_gives_two_groups(caller) -> None:
    document = 'mutation { create_group(board_id: 7000000001, group_name: "ACME") { id title color } }'
    first, second = (caller.data(document)["create_group"] for _ in range(2))
    assert first["id"] != second["id"]
    assert [group["title"] for group in caller.running.groups(BOARD)] == [
        "ACME",
        "ACME",
        "New orders",
        "Later",
    ]


@pytest.mark.parametrize(
    ("place", "titles"),
    [
        ("", ["ACME", "New orders", "Later"]),
        ("position_relative_method: after_at", ["ACME", "New orders", "Later"]),
        ("position_relative_method: before_at", ["New orders", "Later", "ACME"]),
        ('relative_to: "topics", position_relative_method: after_at', ["New orders", "ACME", "Later"]),
        ('relative_to: "later", position_relative_method: before_at', ["New orders", "ACME", "Later"]),
    ],
)
def test_that_a_group_goes_where_it_is_told(caller, place, titles) -> None:
    caller.data(f'mutation {{ create_group(board_id: 7000000001, group_name: "ACME", {place}) {{ id }} }}')
    assert [group["title"] for group in caller.running.groups(BOARD)] == titles


@pytest.mark.parametrize(
    "arguments", ['group_name: ""', f'group_name: "{"x" * 256}"', 'group_name: "A", group_color: "#123456"']
)
def test_that_a_group_needs_a_title_of_255_characters_and_a_palette_colour(caller, arguments) -> None:
    error = caller.error(f"mutation {{ create_group(board_id: 7000000001, {arguments}) {{ id }} }}")
    assert code(error) == "InvalidArgumentException"


def test_that_a_group_is_updated_and_archived_with_its_items(caller) -> None:
    item = caller.make_item()
    caller.make_subitem(item)
    document = (
        'mutation { a: update_group(board_id: 7000000001, group_id: "topics", group_attribute: title,'
        ' new_value: "Sent") { title } b: update_group(board_id: 7000000001, group_id: "topics",'
        ' group_attribute: relative_position_after, new_value: "later") { id }'
        ' c: archive_group(board_id: 7000000001, group_id: "topics") { archived } }'
    )
    assert caller.data(document) == {"a": {"title": "Sent"}, "b": {"id": "topics"}, "c": {"archived": True}}
    assert caller.running.items(BOARD) == []
    assert caller.running.subitems(item) == []


def test_that_the_last_group_cannot_be_deleted(caller) -> None:
    error = caller.error('mutation { delete_group(board_id: 7000000003, group_id: "topics") { id } }')
    assert (code(error), error["extensions"]["status_code"]) == ("DeleteLastGroupException", 409)


def test_that_a_deleted_group_takes_no_items(caller) -> None:
    caller.data('mutation { delete_group(board_id: 7000000001, group_id: "later") { id } }')
    (error,) = create(caller, group="later")["errors"]
    assert code(error) == "ResourceNotFoundException"


# Items


def test_that_an_item_without_a_group_goes_to_the_top_one(caller) -> None:
    assert create(caller)["data"]["create_item"]["group"] == {"id": "topics"}


def test_that_a_name_among_the_values_wins(caller) -> None:
    answer = caller.data(CREATE, board=BOARD, name="argument", values='{"name": "value"}')
    assert answer["create_item"]["name"] == "value"


@pytest.mark.parametrize("name", ["", " ", "x" * 256])
def test_that_an_item_name_has_1_to_255_characters(caller, name) -> None:
    (error,) = create(caller, name)["errors"]
    assert code(error) == "ItemNameTooLongException"
    assert caller.running.items(BOARD) == []


def test_that_a_bad_value_leaves_no_item_behind(caller) -> None:
    (error,) = create(caller, key="K1", state={"label": "Unheard of"})["errors"]
    assert code(error) == "ColumnValueException"
    assert error["extensions"]["error_data"]["column_type"] == "color"
    assert caller.running.items(BOARD) == []


def test_that_a_label_added_by_a_failing_item_is_taken_back(caller) -> None:
    create(caller, labels=True, season={"labels": ["SS99"]}, qty="no number")
    assert caller.running.labels(BOARD, "season") == ["SS26", "FW26", "Gone"]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"nowhere": "x"}, "InvalidColumnIdException"),
        ({"mirror": "x"}, "ColumnValueException"),
        ({"subtasks_1": "x"}, "ColumnValueException"),
    ],
)
def test_that_unknown_and_read_only_columns_are_refused(caller, values, expected) -> None:
    (error,) = create(caller, **values)["errors"]
    assert code(error) == expected


@pytest.mark.parametrize("text", ["{", '["a list"]', '"text"'])
def test_that_column_values_must_be_json_text_of_an_object(caller, text) -> None:
    error = caller.error(CREATE, board=BOARD, name="A", values=text)
    assert (code(error), error["extensions"]["status_code"]) == ("JsonParseException", 400)


def test_that_column_values_given_as_an_object_instead_of_text_are_refused(caller) -> None:
    assert code(caller.error(CREATE, board=BOARD, name="A", values={"key": "K"})) == "JsonParseException"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("1", "InvalidBoardIdException"),
        ("7000000002", "InvalidArgumentException"),
        ("7000000004", "UserUnauthorizedException"),
    ],
)
def test_that_boards_nobody_may_write_items_to_are_refused(caller, target, expected) -> None:
    (error,) = create(caller, board=target)["errors"]
    assert code(error) == expected


def test_that_a_full_board_takes_no_more_items(caller) -> None:
    for number in range(2):
        assert "errors" not in create(caller, f"order {number}", board="7000000005")
    (error,) = create(caller, board="7000000005")["errors"]
    assert code(error) == "ItemsLimitationException"


def test_that_a_missing_required_column_is_named(caller) -> None:
    (error,) = create(caller, board="7000000003")["errors"]
    assert (code(error), error["extensions"]["status_code"]) == ("DATA_VALIDATIONS_ERROR", 422)
    assert error["extensions"]["error_data"][0]["columnIds"] == ["must"]
    assert "errors" not in create(caller, board="7000000003", must="Ruffle")


def test_that_structure_rights_are_needed_for_groups_and_labels(caller) -> None:
    error = caller.error('mutation { create_group(board_id: 7000000005, group_name: "A") { id } }')
    assert code(error) == "UserUnauthorizedException"
    (error,) = create(caller, board="7000000005", labels=True, kind={"labels": ["New"]})["errors"]
    assert code(error) == "UserUnauthorizedException"


def test_that_the_values_of_one_item_hold_64_kilobytes(caller) -> None:
    (error,) = create(caller, key="x" * 70_000)["errors"]
    assert code(error) == "ColumnValueException"


def test_that_an_item_is_placed_beside_another(caller) -> None:
    first, last = caller.make_item("first"), caller.make_item("last")
    document = (
        'mutation ($id: ID!) { create_item(board_id: 7000000001, item_name: "between", relative_to: $id,'
        " position_relative_method: before_at) { id } }"
    )
    caller.data(document, id=last)
    assert [item["name"] for item in caller.running.items(BOARD)] == ["first", "between", "last"]
    assert first < last


# Subitems


def test_that_a_subitem_is_created_under_its_item_on_the_hidden_board(caller) -> None:
    item = caller.make_item()
    line = caller.make_subitem(item, "XL", size="XL")
    (subitem,) = caller.running.subitems(item)
    assert subitem == {
        "id": line,
        "name": "XL",
        "group_id": "topics",
        "parent_id": item,
        "state": "active",
        "column_values": {"size": "XL"},
    }
    assert [entry["id"] for entry in caller.running.items("7000000002")] == [line]


def test_that_an_item_takes_100_subitems(caller) -> None:
    item = caller.make_item()
    document = "mutation {" + "".join(
        f'a{number}: create_subitem(parent_item_id: {item}, item_name: "{number}") {{ id }}'
        for number in range(101)
    )
    answer = caller.ask(document + "}")
    assert [error["path"] for error in answer["errors"]] == [["a100"]]
    assert code(answer["errors"][0]) == "ItemsLimitationException"
    assert len(caller.running.subitems(item)) == 100


def test_that_a_board_may_be_started_with_fewer_subitems_an_item(options, caller_of) -> None:
    with running_board(replace(options, subitems_per_item=2)) as running:
        caller = caller_of(running)
        full, other = caller.make_item(), caller.make_item()
        for name in ("S", "M"):
            caller.make_subitem(full, name)
        document = 'mutation ($id: ID!) { create_subitem(parent_item_id: $id, item_name: "L") { id } }'
        error = caller.error(document, id=full)
        assert code(error) == "ItemsLimitationException"
        assert error["extensions"]["error_data"] == {"item_id": full, "limit": 2}
        caller.make_subitem(other, "S")
        assert [len(running.subitems(item)) for item in (full, other)] == [2, 1]


def test_that_an_archived_subitem_makes_room_under_its_item(options, caller_of) -> None:
    with running_board(replace(options, subitems_per_item=1)) as running:
        caller = caller_of(running)
        item = caller.make_item()
        line = caller.make_subitem(item, "S")
        caller.data("mutation ($id: ID!) { archive_item(item_id: $id) { id } }", id=line)
        caller.make_subitem(item, "M")
        assert [subitem["name"] for subitem in running.subitems(item)] == ["M"]


def test_that_a_full_board_tells_its_count_and_its_limit(caller) -> None:
    caller.make_item()
    caller.running.set_items_limit("7000000001", 1)
    read = "{ boards(ids: [7000000001]) { items_count items_limit } }"
    assert caller.data(read)["boards"] == [{"items_count": 1, "items_limit": 1}]
    error = caller.error('mutation { create_item(board_id: 7000000001, item_name: "B") { id } }')
    assert code(error) == "ItemsLimitationException"
    assert error["extensions"]["error_data"] == {"board_id": "7000000001", "limit": 1}


def test_that_a_full_board_of_subitems_takes_no_more_of_any_item(caller) -> None:
    first, second = caller.make_item(), caller.make_item()
    caller.make_subitem(first)
    caller.running.set_items_limit("7000000002", 1)
    document = 'mutation ($id: ID!) { create_subitem(parent_item_id: $id, item_name: "A") { id } }'
    error = caller.error(document, id=second)
    assert code(error) == "ItemsLimitationException"
    assert error["extensions"]["error_data"] == {"board_id": "7000000002", "limit": 1}


def test_that_a_subitem_has_no_subitems(caller) -> None:
    line = caller.make_subitem(caller.make_item())
    document = 'mutation ($id: ID!) { create_subitem(parent_item_id: $id, item_name: "A") { id } }'
    assert code(caller.error(document, id=line)) == "InvalidArgumentException"


def test_that_a_subitem_under_a_deleted_item_is_refused(caller) -> None:
    item = caller.make_item()
    caller.data("mutation ($id: ID!) { delete_item(item_id: $id) { id state } }", id=item)
    document = 'mutation ($id: ID!) { create_subitem(parent_item_id: $id, item_name: "A") { id } }'
    assert code(caller.error(document, id=item)) == "ResourceNotFoundException"


def test_that_the_first_subitem_of_a_board_makes_its_hidden_board(caller) -> None:
    item = caller.make_item(board_id="7000000003", must="Ruffle")
    document = (
        'mutation ($id: ID!) { create_subitem(parent_item_id: $id, item_name: "A") { board { id name } } }'
    )
    hidden = caller.data(document, id=item)["create_subitem"]["board"]
    assert hidden["name"] == "Subitems of Garments"
    (board,) = caller.data("{ boards(ids: [7000000003]) { columns(types: [subtasks]) { settings } } }")[
        "boards"
    ]
    assert board["columns"][0]["settings"] == {"boardIds": [hidden["id"]]}


def test_that_a_subitem_is_changed_through_its_own_board(caller) -> None:
    item = caller.make_item()
    line = caller.make_subitem(item)
    caller.data(CHANGE, board="7000000002", item=line, values='{"pieces": "7"}')
    assert caller.running.subitems(item)[0]["column_values"] == {"pieces": "7"}
    assert (
        code(caller.error(CHANGE, board=BOARD, item=line, values='{"key": "K"}'))
        == "ResourceNotFoundException"
    )


# Changes


def test_that_several_values_change_together_or_not_at_all(caller) -> None:
    item = caller.make_item(key="K1")
    error = caller.error(CHANGE, board=BOARD, item=item, values='{"key": "K2", "qty": "many"}')
    assert code(error) == "ColumnValueException"
    assert caller.running.items(BOARD)[0]["column_values"] == {"key": "K1"}
    caller.data(CHANGE, board=BOARD, item=item, values='{"key": "K2", "qty": "3", "name": "renamed"}')
    (read,) = caller.running.items(BOARD)
    assert (read["name"], read["column_values"]) == ("renamed", {"key": "K2", "qty": "3"})


def test_that_one_value_changes_in_its_json_form_and_as_a_plain_string(caller) -> None:
    item = caller.make_item()
    document = (
        "mutation ($item: ID!, $value: JSON!) {"
        " a: change_column_value(board_id: 7000000001, item_id: $item,"
        ' column_id: "due", value: $value) { id }'
        " b: change_simple_column_value(board_id: 7000000001, item_id: $item,"
        ' column_id: "qty", value: "4") { id }'
        " c: change_simple_column_value(board_id: 7000000001, item_id: $item,"
        ' column_id: "name", value: "new") { id } }'
    )
    caller.data(document, item=item, value='{"date": "2026-11-22"}')
    (read,) = caller.running.items(BOARD)
    assert read["name"] == "new"
    assert read["column_values"]["qty"] == "4"
    assert read["column_values"]["due"]["date"] == "2026-11-22"


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        ("window", '"2026-11-22"', "CorrectedValueException"),
        ("name", '""', "ItemNameTooLongException"),
        ("nowhere", '"x"', "InvalidColumnIdException"),
    ],
)
def test_that_simple_values_are_refused_where_the_type_has_none(caller, column, value, expected) -> None:
    item = caller.make_item()
    document = (
        f"mutation {{ change_simple_column_value(board_id: 7000000001, item_id: {item},"
        f' column_id: "{column}", value: {value}) {{ id }} }}'
    )
    assert code(caller.error(document)) == expected


def test_that_a_moved_item_lands_at_the_end_of_its_new_group(caller) -> None:
    item = caller.make_item("moved")
    caller.data(
        'mutation { create_item(board_id: 7000000001, group_id: "later", item_name: "there") { id } }'
    )
    caller.data('mutation ($id: ID!) { move_item_to_group(item_id: $id, group_id: "later") { id } }', id=item)
    assert [(entry["name"], entry["group_id"]) for entry in caller.running.items(BOARD)] == [
        ("there", "later"),
        ("moved", "later"),
    ]


def test_that_an_archived_item_takes_its_subitems_along(caller) -> None:
    item = caller.make_item()
    caller.make_subitem(item)
    answer = caller.data("mutation ($id: ID!) { archive_item(item_id: $id) { state } }", id=item)
    assert answer["archive_item"] == {"state": "archived"}
    assert caller.running.items("7000000002") == []
    assert (
        code(caller.error(CHANGE, board=BOARD, item=item, values='{"key": "K"}'))
        == "ResourceNotFoundException"
    )


# Boards, columns, updates, tags


def test_that_boards_and_columns_can_be_made_and_changed(caller) -> None:
    made = caller.data(
        'mutation { create_board(board_name: "New", board_kind: public) { id columns { id } } }'
    )
    board = made["create_board"]["id"]
    assert [column["id"] for column in made["create_board"]["columns"]] == [
        "name",
        "person",
        "status",
        "date4",
    ]
    document = (
        "mutation ($board: ID!, $defaults: JSON) {"
        ' a: create_column(board_id: $board, title: "Key", column_type: text, id: "order_key",'
        ' after_column_id: "name") { id }'
        ' b: create_column(board_id: $board, title: "Size", column_type: dropdown,'
        " defaults: $defaults) { settings }"
        ' c: change_column_title(board_id: $board, column_id: "order_key", title: "Order key") { title }'
        ' d: delete_column(board_id: $board, column_id: "status") { id }'
        ' e: create_column(board_id: $board, title: "Lines", column_type: subtasks) { settings } }'
    )
    settings = {"labels": [{"id": 1, "label": "XL"}]}
    answer = caller.data(document, board=board, defaults=settings)
    assert answer["a"] == {"id": "order_key"}
    assert answer["b"] == {"settings": settings}
    assert answer["c"] == {"title": "Order key"}
    (read,) = caller.data("query ($ids: [ID!]) { boards(ids: $ids) { columns { title } } }", ids=[board])[
        "boards"
    ]
    assert [column["title"] for column in read["columns"]] == [
        "Name",
        "Order key",
        "Owner",
        "Date",
        "Size",
        "Lines",
    ]


@pytest.mark.parametrize(
    "arguments",
    [
        'title: "A", column_type: text, id: "Capital"',
        'title: "A", column_type: text, id: "key"',
        'title: "A", column_type: subtasks',
    ],
)
def test_that_a_column_needs_a_free_id_and_a_board_has_one_subitems_column(caller, arguments) -> None:
    error = caller.error(f"mutation {{ create_column(board_id: 7000000001, {arguments}) {{ id }} }}")
    assert code(error) == "InvalidArgumentException"


def test_that_updates_and_replies_are_read_newest_first(caller) -> None:
    item = caller.make_item()
    document = 'mutation ($id: ID!) { create_update(item_id: $id, body: "<b>Sent</b>") { id } }'
    update = caller.data(document, id=item)["create_update"]["id"]
    caller.data('mutation ($id: ID!) { create_update(parent_id: $id, body: "Thanks") { id } }', id=update)
    caller.data(document, id=item)
    query = (
        "query ($ids: [ID!]) {"
        " items(ids: $ids) { updates { id text_body replies { body creator { id } } } } }"
    )
    updates = caller.data(query, ids=[item])["items"][0]["updates"]
    assert [entry["text_body"] for entry in updates] == ["Sent", "Sent"]
    assert updates[1]["replies"] == [{"body": "Thanks", "creator": {"id": "5100001"}}]
    caller.data("mutation ($id: ID!) { delete_update(id: $id) { id } }", id=update)
    assert len(caller.data(query, ids=[item])["items"][0]["updates"]) == 1


def test_that_a_tag_of_the_same_name_is_returned_again(caller) -> None:
    document = (
        'mutation { a: create_or_get_tag(tag_name: "Ru sh") { id }'
        ' b: create_or_get_tag(tag_name: "new") { id } }'
    )
    answer = caller.data(document)
    assert answer["a"] == {"id": "295026"}
    assert answer["b"] != answer["a"]
