"""Rules, order and look-ups by value."""

import pytest

PAGE = (
    "query ($query: ItemsQuery) { boards(ids: [7000000001]) {"
    " items_page(query_params: $query) { cursor items { name } } } }"
)


@pytest.fixture(scope="module")
def orders(shared_caller):
    """Three orders that differ in every column the rules are about."""
    shared_caller.make_item(
        "alpha",
        key="PO-1",
        qty="5",
        state={"index": 1},
        season={"ids": [1]},
        due={"date": "2026-11-22"},
        people={"personsAndTeams": [{"id": 5100001, "kind": "person"}]},
        rush={"checked": "true"},
        window={"from": "2026-11-01", "to": "2026-11-10"},
    )
    first = shared_caller.make_item(
        "beta",
        key="po-2",
        qty="50",
        state={"index": 0},
        season={"ids": [1, 2]},
        due={"date": "2026-12-01"},
        email={"email": "a@b.nl", "text": "Sales"},
        country={"countryCode": "NL", "countryName": "Netherlands"},
        link={"url": "https://example.invalid", "text": "Portal"},
        phone={"phone": "+31201234567", "countryShortName": "NL"},
    )
    shared_caller.make_subitem(first)
    shared_caller.make_item("gamma")
    return shared_caller


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        ({"column_id": "key", "compare_value": ["PO-1"]}, ["alpha"]),
        ({"column_id": "key", "compare_value": ["PO-1"], "operator": "not_any_of"}, ["beta", "gamma"]),
        ({"column_id": "key", "compare_value": ["PO"], "operator": "contains_text"}, ["alpha", "beta"]),
        ({"column_id": "key", "compare_value": ["PO"], "operator": "not_contains_text"}, ["gamma"]),
        ({"column_id": "key", "compare_value": ["po-"], "operator": "starts_with"}, ["alpha", "beta"]),
        ({"column_id": "key", "compare_value": ["2"], "operator": "ends_with"}, ["beta"]),
        ({"column_id": "key", "compare_value": [], "operator": "is_empty"}, ["gamma"]),
        ({"column_id": "key", "compare_value": [], "operator": "is_not_empty"}, ["alpha", "beta"]),
        ({"column_id": "name", "compare_value": ["alpha", "gamma"]}, ["alpha", "gamma"]),
        ({"column_id": "group", "compare_value": ["topics"]}, ["alpha", "beta", "gamma"]),
        ({"column_id": "qty", "compare_value": [5]}, ["alpha"]),
        ({"column_id": "qty", "compare_value": ["$$$blank$$$"]}, ["gamma"]),
        ({"column_id": "qty", "compare_value": [5], "operator": "greater_than"}, ["beta"]),
        ({"column_id": "qty", "compare_value": [5], "operator": "greater_than_or_equals"}, ["alpha", "beta"]),
        ({"column_id": "qty", "compare_value": [50], "operator": "lower_than"}, ["alpha"]),
        ({"column_id": "qty", "compare_value": [50], "operator": "lower_than_or_equal"}, ["alpha", "beta"]),
        ({"column_id": "qty", "compare_value": [1, 10], "operator": "between"}, ["alpha"]),
        ({"column_id": "state", "compare_value": [1]}, ["alpha"]),
        ({"column_id": "state", "compare_value": ["working it"], "operator": "contains_terms"}, ["beta"]),
        ({"column_id": "season", "compare_value": [2]}, ["beta"]),
        ({"column_id": "due", "compare_value": ["EXACT", "2026-11-22"]}, ["alpha"]),
        ({"column_id": "due", "compare_value": ["TODAY"]}, ["alpha"]),
        ({"column_id": "due", "compare_value": ["THIS_WEEK"]}, ["alpha"]),
        (
            {"column_id": "due", "compare_value": ["2026-11-30", "2026-12-02"], "operator": "between"},
            ["beta"],
        ),
        (
            {
                "column_id": "window",
                "compare_value": ["2026-11-09"],
                "operator": "greater_than",
                "compare_attribute": "END_DATE",
            },
            ["alpha"],
        ),
        ({"column_id": "people", "compare_value": ["person-5100001"]}, ["alpha"]),
        ({"column_id": "people", "compare_value": ["assigned_to_me"]}, ["alpha"]),
        ({"column_id": "phone", "compare_value": ["NL"]}, ["beta"]),
        ({"column_id": "email", "compare_value": ["Sales"]}, ["beta"]),
        ({"column_id": "rush", "compare_value": [], "operator": "is_not_empty"}, ["alpha"]),
        ({"column_id": "subtasks_1", "compare_value": [], "operator": "is_not_empty"}, ["beta"]),
    ],
)
def test_that_a_rule_selects(orders, rule, names) -> None:
    assert page_names(orders, {"rules": [rule]}) == names


def page_names(caller, query: dict) -> list[str]:
    (board,) = caller.data(
        PAGE,
        query=query,
    )["boards"]
    return [item["name"] for item in board["items_page"]["items"]]


def test_that_groups_of_rules_combine_with_and_and_or(orders) -> None:
    alpha = {"column_id": "name", "compare_value": ["alpha"]}
    late = {"column_id": "due", "compare_value": ["2026-11-30"], "operator": "greater_than"}
    assert page_names(orders, {"rules": [alpha, late]}) == []
    assert page_names(orders, {"rules": [alpha, late], "operator": "or"}) == ["alpha", "beta"]
    assert page_names(orders, {"groups": [{"rules": [alpha]}, {"rules": [late]}], "operator": "or"}) == [
        "alpha",
        "beta",
    ]


def test_that_items_come_in_the_order_asked_for_with_empty_cells_last(orders) -> None:
    assert page_names(orders, {"order_by": [{"column_id": "qty"}]}) == ["alpha", "beta", "gamma"]
    assert page_names(orders, {"order_by": [{"column_id": "name", "direction": "desc"}]}) == [
        "gamma",
        "beta",
        "alpha",
    ]
    assert page_names(orders, {"order_by": [{"column_id": "__creation_log__"}]}) == ["alpha", "beta", "gamma"]


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"rules": [{"column_id": "nowhere", "compare_value": ["x"]}]}, "InvalidColumnIdException"),
        (
            {"rules": [{"column_id": "name", "compare_value": [], "operator": "is_empty"}]},
            "InvalidArgumentException",
        ),
        ({"rules": [{"column_id": "due", "compare_value": ["WHENEVER"]}]}, "InvalidArgumentException"),
        ({"ids": [str(number) for number in range(101)]}, "InvalidArgumentException"),
    ],
)
def test_that_a_query_the_api_does_not_know_is_refused(orders, query, code) -> None:
    error = orders.error(
        PAGE,
        query=query,
    )
    assert error["extensions"]["code"] == code


LOOK_UP = (
    "query ($columns: [ItemsPageByColumnValuesQuery!]) {"
    " items_page_by_column_values(board_id: 7000000001, columns: $columns) { cursor items { name } } }"
)


@pytest.mark.parametrize(
    ("column", "values", "names"),
    [
        ("key", ["po-1"], ["alpha"]),  # text matches whatever the case
        ("key", ["PO-1", "PO-2"], ["alpha", "beta"]),
        ("key", [""], ["gamma"]),
        ("key", [None], ["gamma"]),
        ("key", ["PO"], []),  # but the whole value only
        ("name", ["gamma"], ["gamma"]),
        ("qty", ["5.0"], ["alpha"]),
        ("state", ["Done"], ["alpha"]),
        ("season", ["FW"], ["beta"]),
        ("due", ["2026-11-22"], ["alpha"]),
        ("window", ["2026-11-01"], ["alpha"]),
        ("people", ["Practice Operator"], ["alpha"]),
        ("people", ["5100001"], ["alpha"]),
        ("email", ["Sales"], ["beta"]),
        ("country", ["Netherlands"], ["beta"]),
        ("link", ["Portal"], ["beta"]),
        ("link", ["https://example.invalid"], ["beta"]),
        ("rush", ["v"], ["alpha"]),
    ],
)
def test_that_items_are_found_by_value(orders, column, values, names) -> None:
    found = orders.data(LOOK_UP, columns=[{"column_id": column, "column_values": values}])
    assert [item["name"] for item in found["items_page_by_column_values"]["items"]] == names


def test_that_every_column_of_a_look_up_must_match(orders) -> None:
    columns = [
        {"column_id": "key", "column_values": ["PO-1", "PO-2"]},
        {"column_id": "qty", "column_values": ["50"]},
    ]
    found = orders.data(LOOK_UP, columns=columns)["items_page_by_column_values"]
    assert found == {"cursor": None, "items": [{"name": "beta"}]}


@pytest.mark.parametrize("column", ["stars", "tags", "place", "files", "mirror", "sum", "item_id", "related"])
def test_that_columns_without_search_are_refused(orders, column) -> None:
    error = orders.error(LOOK_UP, columns=[{"column_id": column, "column_values": ["x"]}])
    assert error["extensions"]["code"] == "InvalidArgumentException"


def test_that_subitems_are_found_on_their_hidden_board(caller) -> None:
    line = caller.make_subitem(caller.make_item(), "XL", size="L-1")
    found = caller.data(
        "{ items_page_by_column_values(board_id: 7000000002,"
        ' columns: [{column_id: "size", column_values: ["L-1"]}]) { items { id } } }'
    )
    assert found["items_page_by_column_values"]["items"] == [{"id": line}]
