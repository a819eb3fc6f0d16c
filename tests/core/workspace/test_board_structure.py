"""Boards found by name, compared and matched with the orders' columns, at the practice board."""

import pytest

from core.demo.testing import ITEMS_BOARD, SUBITEMS_BOARD
from core.errors import ConfigurationError
from core.monday.client import MondayClient
from core.monday.structure import BoardSummary
from core.workspace.board_structure import matching


@pytest.fixture
async def mapless(workspace):
    """The desk's mapping without a rule."""
    return workspace.profile.mapping_set.model_copy(update={"items": (), "subitems": ()})


# --- Finding


def test_a_search_finds_words_in_name_workspace_and_id_whatever_their_case():
    boards = [
        BoardSummary("11", "Orders 2026", "Sales"),
        BoardSummary("12", "ORDERS 2027", "Sales"),
        BoardSummary("13", "Stock", "Warehouse"),
    ]
    assert [board.id for board in matching(boards, "orders")] == ["11", "12"]
    assert [board.id for board in matching(boards, "2027 sales")] == ["12"]
    assert [board.id for board in matching(boards, "13")] == ["13"]
    assert [board.id for board in matching(boards, "")] == ["11", "12", "13"]
    assert matching(boards, "orders warehouse") == ()


async def test_the_boards_of_the_account_are_listed_without_subitems_boards(workspace, bare_board):
    assert [board.id for board in await workspace.list_boards()] == [ITEMS_BOARD, bare_board]
    (found,) = await workspace.list_boards("2027")
    assert (found.name, found.workspace) == ("Orders 2027", "Main workspace")


async def test_a_list_of_several_pages_is_read_to_its_end(workspace, bare_board, desk, monkeypatch):
    monkeypatch.setattr("core.monday.client._PAGE_BOARDS", 1)
    desk.board.forget_requests()
    assert [board.id for board in await workspace.list_boards()] == [ITEMS_BOARD, bare_board]
    assert len(desk.board.requests) == 4  # two boards, a hidden one, and an empty page


@pytest.mark.parametrize("name", ["practice", ITEMS_BOARD, "Order list", "order LIST", "list"])
async def test_a_board_goes_by_profile_id_or_name(workspace, bare_board, name):
    assert (await workspace.diff(bare_board, name)).left == f"Order list ({ITEMS_BOARD})"


async def test_a_name_that_no_board_has_is_told(workspace):
    with pytest.raises(ConfigurationError, match=r"No board is called 'Odrers'.*deltadesk board list"):
        await workspace.diff("Odrers")


async def test_a_name_that_several_boards_share_is_told_with_their_ids(workspace, bare_board):
    with pytest.raises(ConfigurationError, match=rf"Several boards .* \({bare_board}\)"):
        await workspace.diff("order")


async def test_a_profile_with_another_account_is_asked_with_its_own_token(
    workspace, add_profile, bare_board, desk, monkeypatch
):
    monkeypatch.setenv("OTHER_TOKEN", desk.board.token)
    add_profile("other", f'board_id = "{bare_board}"', 'token_source = "env:OTHER_TOKEN"')
    async with desk.opened() as opened:
        assert (await opened.diff("other")).right == f"Orders 2027 ({bare_board})"
        monkeypatch.delenv("OTHER_TOKEN")
        with pytest.raises(ConfigurationError, match="OTHER_TOKEN is not set"):
            await opened.diff("other")


async def test_the_practice_board_of_another_profile_is_not_guessed_at(workspace):
    with pytest.raises(ConfigurationError, match="practice board is not open here"):
        await workspace.diff("demo")


# --- Comparing


async def test_a_board_is_the_same_as_itself(workspace):
    assert (await workspace.diff(ITEMS_BOARD)).same


async def test_an_empty_board_lacks_every_column_and_the_subitems(workspace, bare_board):
    found = await workspace.diff(bare_board)
    columns = len((await workspace.board()).items.columns) - 1
    assert len(found.differences) == columns + 1
    assert {each.kind.value for each in found.differences} == {"only_left", "subitems"}


# --- Suggesting


async def test_suggestions_leave_nothing_of_the_demo_s_own_pairs_to_be_mapped_twice(workspace):
    mapping = workspace.profile.mapping_set
    found = await workspace.suggest_mapping()
    assert not {each.column_id for each in found.items} & {rule.column for rule in mapping.items}
    assert not {each.column_id for each in found.subitems} & {rule.column for rule in mapping.subitems}


async def test_an_empty_mapping_gets_the_demo_s_rules_back(workspace, mapless):
    mapping = workspace.profile.mapping_set
    found = await workspace.suggest_mapping(mapless)
    accepted = {(each.source, each.column_id) for each in found.items if each.acceptable}
    rules = {(rule.source, rule.column) for rule in mapping.items if rule.source is not None}
    print(f"{len(accepted & rules)} of {len(rules)} item rules suggested")
    assert len(accepted & rules) >= 0.9 * len(rules)


async def test_an_empty_mapping_gets_the_lines_keys_and_sizes_back(workspace, mapless):
    found = {each.source: each.column_id for each in (await workspace.suggest_mapping(mapless)).subitems}
    assert found["line_uuid"] == "line_uuid"
    assert found["size_code"] == "dropdown_size"


async def test_the_engine_s_own_columns_are_neither_suggested_nor_proposed(workspace, mapless):
    found = await workspace.suggest_mapping(mapless)
    every = (*found.items, *found.subitems, *found.missing_items, *found.missing_subitems)
    own = {"sync_state", "action_type", "monday_item_id", "row_hash", "retry_count", "updated_at"}
    assert not {each.source for each in every} & own


async def test_every_source_column_is_suggested_or_proposed(workspace, mapless):
    found = await workspace.suggest_mapping(mapless)
    headers, _lines = workspace.source_columns()
    named = {each.source for each in (*found.items, *found.missing_items)}
    assert set(headers) - named == {
        "sync_state",
        "action_type",
        "monday_item_id",
        "sync_attempted_at",
        "sync_completed_at",
        "sync_error_message",
        "retry_count",
        "row_hash",
        "created_at",
        "updated_at",
    }


async def test_a_board_without_subitems_suggests_none(workspace, add_profile, bare_board, desk):
    add_profile("other", f'board_id = "{bare_board}"')
    other = desk.configuration.profiles["other"]
    workspace.profile = other
    found = await workspace.suggest_mapping()
    assert found.items == ()
    assert found.subitems == ()
    assert SUBITEMS_BOARD not in str(found)


async def test_a_client_of_a_profile_is_closed_after_the_comparison(
    workspace, add_profile, desk, monkeypatch
):
    closed: list[MondayClient] = []
    close = MondayClient.close

    async def closing(client: MondayClient) -> None:
        closed.append(client)
        await close(client)

    monkeypatch.setattr(MondayClient, "close", closing)
    monkeypatch.setenv("OTHER_TOKEN", desk.board.token)
    add_profile("other", 'token_source = "env:OTHER_TOKEN"')
    async with desk.opened() as opened:
        assert (await opened.diff("other")).same
        assert len(closed) == 1
